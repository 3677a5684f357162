"""MixPlan: which sound lies where in the film, at which level. Decided here, performed by `mix`.

    shots      | title |   scene, tense   |  tense  |   calm    | end |
    music      |== calm ==\\/======= tense ==========\\/=== calm ========|   crossfaded over the cut
    ambience   |       |== waves ============\\/==== harbour ====|       |
    dialogue   |       |  ██   ███    |  ████   |   ███     |     |   at the exact sample of its tick
    ducking    ‾‾‾‾‾‾‾‾\\__/‾\\___/‾‾‾‾\\____/‾‾‾‾‾\\___/‾‾‾‾‾‾‾‾‾‾‾‾‾‾

Ducking follows the places of the lines, not their sound: a muted film has the very same music as a spoken one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Literal

from pydantic import Field

from pipelines.assets.asset_ids import ambience_asset_id, music_asset_id, sound_asset_id, voice_asset_id
from pipelines.sound.loudness import SAMPLE_RATE_HZ
from schemas.document import Hash, Identifier, Part
from schemas.render_plan import RenderPlan
from schemas.shotlist import Shot, ShotList

Role = Literal["dialogue", "music", "effects"]
"""The stem that a clip belongs to; ambience is in the effects stem."""

MUSIC_CROSSFADE_S = 1.6
AMBIENCE_CROSSFADE_S = 0.8
OPENING_FADE_S = 0.4
CLOSING_FADE_S = 2.0
DIALOGUE_FADE_S = 0.003
"""Against clicks where a trimmed line begins and ends."""

DIALOGUE_LUFS, MUSIC_LUFS, AMBIENCE_LUFS = -18.0, -23.0, -33.0
"""Loudness to which a clip is brought before the mix is: speech 15 LU over the ducked music."""

MUSIC_DUCK_DB, AMBIENCE_DUCK_DB = -10.0, -4.0
SWELL_DB = 4.0
"""Music under a title or end card."""

EFFECTS_GAIN_DB = 0.0
"""Effects come at their own levels, set beside a line at DIALOGUE_LUFS."""


class PlacedClip(Part):
    """One sound in the film."""

    role: Role
    asset_id: Identifier
    content_hash: Hash
    start_sample: int = Field(ge=0)
    end_exclusive_sample: int = Field(ge=0)
    """A sound that is shorter and not looped ends by itself; a longer one is cut here."""

    gain_db: float = 0.0
    level_lufs: float | None = None
    """Loudness that the sound is brought to before `gain_db`; None leaves it as it is."""

    duck_db: float = Field(default=0.0, le=0)
    """Gain while somebody speaks."""

    swell_db: float = 0.0
    """Gain added under a card."""

    loop: bool = False
    fade_in_samples: int = Field(default=0, ge=0)
    fade_out_samples: int = Field(default=0, ge=0)


class Span(Part):
    """[start, end) in samples of the film."""

    start_sample: int = Field(ge=0)
    end_exclusive_sample: int = Field(ge=0)


class MixPlan(Part):
    """Every sound of a film, sorted by start, then asset_id."""

    sample_rate_hz: int = SAMPLE_RATE_HZ
    total_samples: int = Field(ge=1)
    clips: tuple[PlacedClip, ...] = ()
    cards: tuple[Span, ...] = ()
    """Title and end cards, under which music swells."""

    voice: Literal["spoken", "muted"] = "spoken"
    """`muted` leaves the dialogue stem out of the mix and changes nothing else in this plan."""

    missing: tuple[str, ...] = ()
    """asset_ids that a shot asks for and the plan does not hold; they are silent."""

    def speech(self) -> tuple[Span, ...]:
        """Where somebody speaks, in order."""
        return tuple(
            Span(start_sample=clip.start_sample, end_exclusive_sample=clip.end_exclusive_sample)
            for clip in self.clips
            if clip.role == "dialogue"
        )


def mix_plan(shotlist: ShotList, plan: RenderPlan) -> MixPlan:
    """Places dialogue, music, ambience and effects of a film from the assets that a RenderPlan resolved.

    An asset serves when its media type is audio; where the plan holds none, there is silence, and its asset_id is
    listed in `missing`. An empty ambience tag asks for none.
    """
    hashes = {asset.asset_id: asset.content_hash for asset in plan.assets if asset.media_type.startswith("audio/")}
    wanted = [*_dialogue(shotlist), *_music(shotlist), *_ambience(shotlist), *_effects(shotlist)]
    clips = [
        PlacedClip.model_validate({**fields, "content_hash": hashes[fields["asset_id"]]})
        for fields in wanted
        if fields["asset_id"] in hashes
    ]
    return MixPlan(
        total_samples=_sample(shotlist, shotlist.duration_ticks),
        clips=tuple(sorted(clips, key=lambda clip: (clip.start_sample, clip.asset_id))),
        cards=tuple(
            Span(
                start_sample=_sample(shotlist, shot.start_ticks),
                end_exclusive_sample=_sample(shotlist, shot.end_exclusive_ticks),
            )
            for shot in shotlist.shots
            if shot.framing in ("title_card", "end_card")
        ),
        voice=plan.voice,
        missing=tuple(sorted({str(fields["asset_id"]) for fields in wanted if fields["asset_id"] not in hashes})),
    )


_Fields = dict[str, str | int | float | bool]


def _sample(shotlist: ShotList, ticks: int) -> int:
    return shotlist.edit_rate.boundary_samples(ticks, SAMPLE_RATE_HZ)


def _dialogue(shotlist: ShotList) -> Iterator[_Fields]:
    fade = round(DIALOGUE_FADE_S * SAMPLE_RATE_HZ)
    for shot, line in shotlist.lines():
        start_ticks = shot.start_ticks + line.offset_ticks
        yield {
            "role": "dialogue",
            "asset_id": voice_asset_id(line.element_id),
            "start_sample": _sample(shotlist, start_ticks),
            "end_exclusive_sample": _sample(shotlist, start_ticks + line.duration_ticks),
            "level_lufs": DIALOGUE_LUFS,
            "fade_in_samples": fade,
            "fade_out_samples": fade,
        }


def _effects(shotlist: ShotList) -> Iterator[_Fields]:
    for shot in shotlist.shots:
        for sound in shot.audio.sounds:
            yield {
                "role": "effects",
                "asset_id": sound_asset_id(sound.tag),
                "start_sample": _sample(shotlist, shot.start_ticks + sound.offset_ticks),
                "end_exclusive_sample": _sample(shotlist, shotlist.duration_ticks),
                "gain_db": EFFECTS_GAIN_DB,
            }


def _music(shotlist: ShotList) -> Iterator[_Fields]:
    for shots, fields in _runs(shotlist, MUSIC_CROSSFADE_S, lambda shot: shot.audio.music_mood):
        yield {
            "role": "music",
            "asset_id": music_asset_id(shots[0].audio.music_mood),
            "level_lufs": MUSIC_LUFS,
            "duck_db": MUSIC_DUCK_DB,
            "swell_db": SWELL_DB,
            **fields,
        }


def _ambience(shotlist: ShotList) -> Iterator[_Fields]:
    for shots, fields in _runs(shotlist, AMBIENCE_CROSSFADE_S, lambda shot: shot.audio.ambience):
        if shots[0].audio.ambience:
            yield {
                "role": "effects",
                "asset_id": ambience_asset_id(shots[0].audio.ambience),
                "level_lufs": AMBIENCE_LUFS,
                "duck_db": AMBIENCE_DUCK_DB,
                **fields,
            }


def _runs(
    shotlist: ShotList, crossfade_s: float, wanted: Callable[[Shot], str]
) -> Iterator[tuple[list[Shot], _Fields]]:
    """Each run of shots that want the same sound, and a looped clip that reaches half a crossfade over both cuts."""
    half = round(crossfade_s * SAMPLE_RATE_HZ / 2)
    total = _sample(shotlist, shotlist.duration_ticks)
    for _, group in groupby(shotlist.shots, key=wanted):
        shots = list(group)
        first, last = _sample(shotlist, shots[0].start_ticks), _sample(shotlist, shots[-1].end_exclusive_ticks)
        start, end = max(0, first - half), min(total, last + half)
        opening = round(OPENING_FADE_S * SAMPLE_RATE_HZ) if first == 0 else 2 * half
        closing = round(CLOSING_FADE_S * SAMPLE_RATE_HZ) if last == total else 2 * half
        yield (
            shots,
            {
                "start_sample": start,
                "end_exclusive_sample": end,
                "loop": True,
                "fade_in_samples": min(opening, end - start),
                "fade_out_samples": min(closing, max(0, end - start - opening)),
            },
        )
