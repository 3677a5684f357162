"""ShotDrafts and measured lines -> ShotList: gapless, in whole ticks, locked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelines.adaptation.draft import ShotDraft
from pipelines.adaptation.emotional_tags import emotion_of
from pipelines.adaptation.timing import shot_timing
from schemas.errors import Defect
from schemas.script import Dialogue, Script
from schemas.shotlist import AudioIntent, Shot, ShotLine, ShotList, ShotSound, timing_lock
from schemas.speech import Speech, SpeechRequest, Voice
from schemas.timing import EditRate


def voice_requests(script: Script, voices: Mapping[str, Voice]) -> dict[str, SpeechRequest]:
    """What must be spoken before timing can be locked: a request per dialogue element_id, in script order.

    Raises:
        Defect: a speaker has no voice.
    """
    return {
        element.element_id: SpeechRequest(
            text=element.text,
            language=script.language,
            voice=voice_of(element.speaker_id, voices),
            emotion=emotion_of(element, script.language),
            pacing=element.pacing,
        )
        for scene in script.scenes
        for element in scene.elements
        if isinstance(element, Dialogue)
    }


def voice_of(speaker_id: str, voices: Mapping[str, Voice]) -> Voice:
    """The speaker's voice.

    Raises:
        Defect: there is none.
    """
    if speaker_id not in voices:
        raise Defect(f"no voice was chosen for speaker {speaker_id!r}; voices are there for {sorted(voices)!r}")
    return voices[speaker_id]


def shot_list(
    script: Script, drafts: Sequence[ShotDraft], speech: Mapping[str, Speech], rate: EditRate
) -> ShotList:  # fmt: skip
    """The locked breakdown of the film. Pure; the same arguments give the same document.

    Args:
        script: for title and language.
        drafts: all shots in order, from `plan_shots`.
        speech: the measured line of every dialogue element, by element_id.
        rate: ticks of the film.

    Raises:
        Defect: a line was not measured.
    """
    missing = [line.element_id for draft in drafts for line in draft.lines if line.element_id not in speech]
    if missing:
        raise Defect(f"{len(missing)} lines were not measured, the first is {missing[0]!r}", element_ids=missing)
    shots: list[Shot] = []
    start_ticks = 0
    for draft in drafts:
        shots.append(_timed(draft, speech, rate, start_ticks))
        start_ticks = shots[-1].end_exclusive_ticks
    return ShotList(
        title=script.title,
        language=script.language,
        edit_rate=rate,
        shots=tuple(shots),
        timing_lock_hash=timing_lock(rate, ((shot.shot_id, shot.duration_ticks) for shot in shots)),
    )


def _timed(draft: ShotDraft, speech: Mapping[str, Speech], rate: EditRate, start_ticks: int) -> Shot:
    timing = shot_timing(draft, {line.element_id: speech[line.element_id] for line in draft.lines}, rate)
    lines = tuple(
        ShotLine(
            element_id=line.element_id,
            speaker_id=line.speaker_id,
            offset_ticks=offset,
            duration_ticks=ticks,
            heard=line.heard,
        )
        for line, offset, ticks in zip(draft.lines, timing.line_offsets_ticks, timing.line_durations_ticks, strict=True)
    )
    sounds = tuple(
        ShotSound(tag=tag, offset_ticks=offset)
        for tag, offset in zip(draft.sounds, timing.sound_offsets_ticks, strict=True)
    )
    return Shot(
        shot_id=draft.shot_id,
        scene_id=draft.scene_id,
        start_ticks=start_ticks,
        duration_ticks=timing.duration_ticks,
        framing=draft.framing,
        movement=draft.movement,
        location_id=draft.location_id,
        time_of_day=draft.time_of_day,
        weather=draft.weather,
        mood=draft.mood,
        characters=draft.characters,
        focus_id=draft.focus_id,
        props=draft.props,
        action_beats=draft.action_beats,
        environment_notes=draft.environment_notes,
        card_text=draft.card_text,
        audio=AudioIntent(lines=lines, sounds=sounds, music_mood=draft.mood, ambience=draft.ambience),
    )
