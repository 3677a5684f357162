"""The timing leg: lines are spoken, measured, and the shots get their locked durations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from actors.catalogue import VoicesEngine
from pipelines.adaptation.shot_list import shot_list, voice_requests
from pipelines.adaptation.shot_planner import plan_shots
from pipelines.flow.maker import Flow
from pipelines.flow.story import Story
from pipelines.media.wave_file import write_wave
from pipelines.outcome import ItemFailure
from pipelines.runner import Artifact, Made
from pipelines.sound.casting import cast_voices
from pipelines.stage import Output, Outputs, Stage, Work, document_output
from schemas.render_output import Shortfall
from schemas.shotlist import ShotList
from schemas.speech import Speech, SpeechRequest, Voice

VOICE_LINE = Stage("voice_line", "1", natives=("numpy",))
SHOT_LIST = Stage("shot_list", "2")


@dataclass(frozen=True)
class SpokenArtifacts:
    """One spoken line: when each sound falls, and the sound."""

    speech: Speech
    timing: Artifact
    audio: Artifact


@dataclass(frozen=True)
class Timing:
    """The locked timeline and the lines that it was measured from."""

    shotlist: ShotList
    artifact: Artifact
    spoken: Mapping[str, SpokenArtifacts]
    """element_id -> spoken line."""

    voices: Mapping[str, Voice]
    """character_id -> voice."""


def lock(flow: Flow, story: Story) -> Timing:
    """The shot list of a story.

    Raises:
        SafetyViolation: a shot may not be drawn.
        Paused: a person has to accept the timing before it is locked.
    """
    known = {one.character_id: one.voice for one in story.canon.characters}
    voices = cast_voices(known | {one.character_id: one.voice for one in story.script.characters})
    spoken = speak(flow, voice_requests(story.script, voices))
    speech = {element_id: line.speech for element_id, line in spoken.items()}
    drafts = plan_shots(story.script, story.project)
    shotlist, artifact = flow.document(
        SHOT_LIST,
        lambda: shot_list(story.script, drafts, speech, story.project.edit_rate),
        ShotList,
        {"script": story.script_artifact, "project": story.project_artifact}
        | {f"speech.{element_id}": line.timing for element_id, line in spoken.items()},
        file_name="ShotList.json",
    )
    flow.findings += flow.guards.shot_list(shotlist, artifact, story.project)
    return Timing(shotlist, artifact, spoken, voices)


def speak(flow: Flow, requests: Mapping[str, SpeechRequest]) -> dict[str, SpokenArtifacts]:
    """element_id -> spoken line."""
    spec = flow.parts.voices.spec
    backend = {"name": spec.name, "version": spec.version, "type": spec.backend_type, "digest": spec.digest}
    works = [
        Work(
            VOICE_LINE,
            item=element_id,
            make=partial(_speak_line, flow.parts.voices, request),
            parameters={"request": request.model_dump(mode="json")},
            backend=backend,
        )
        for element_id, request in requests.items()
    ]
    if spec.degraded:
        flow.shortfalls.append(Shortfall(kind="fallback_backend", subject=f"voices: {spec.name}", reason=spec.degraded))
    spoken = {}
    for element_id, made in zip(requests, flow.maker.make_all(works), strict=True):
        if isinstance(made, ItemFailure):
            raise made.error
        spoken[element_id] = _spoken(flow, made)
    return spoken


def _spoken(flow: Flow, made: Made) -> SpokenArtifacts:
    timing = made.outputs["timing"]
    return SpokenArtifacts(flow.maker.document(Speech, timing), timing, made.outputs["audio"])


def _speak_line(voices: VoicesEngine, request: SpeechRequest, folder: Path) -> Outputs:
    (line,) = voices.infer([request])
    write_wave(folder / "line.wav", line.pcm, line.speech.sample_rate_hz)
    return {
        "timing": document_output(line.speech),
        "audio": Output("voice_line", folder / "line.wav", "audio/wav"),
    }
