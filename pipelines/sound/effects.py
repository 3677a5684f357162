"""Effects: one-shot sounds by tag. A tag that is not known gives None, and the caller says so."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipelines.sound import effects_nature as nature
from pipelines.sound import effects_things as things
from pipelines.sound.ambience import KNOWN_AMBIENCES, ambience
from pipelines.sound.loudness import clip_lufs
from pipelines.sound.sound_tags import SoundTags, sound_name
from pipelines.sound.synthesis import Mono, Stereo, band, decay, generator, samples, shaped_noise, swell
from schemas.errors import Defect

ROOM_S, ROOM_WET = 0.35, 0.18
"""A short room around every effect, so that it does not stick to the loudspeaker."""

RECIPES: dict[str, tuple[Callable[[np.random.Generator], Mono], float]] = {
    "alarm": (things.alarm, -22.0),
    "bell": (things.bell, -22.0),
    "birds": (nature.birds, -28.0),
    "boom": (things.boom, -16.0),
    "clang": (things.clang, -22.0),
    "clapping": (things.clapping, -22.0),
    "click": (things.click, -30.0),
    "crash": (things.crash, -18.0),
    "creak": (things.creak, -26.0),
    "crowd": (things.crowd, -24.0),
    "dog": (nature.dog, -22.0),
    "door": (things.door, -21.0),
    "dripping": (nature.dripping, -29.0),
    "engine": (things.engine, -23.0),
    "fire": (nature.fire, -25.0),
    "footsteps": (things.footsteps, -26.0),
    "gears": (things.gears, -25.0),
    "glass": (things.glass, -21.0),
    "gull": (nature.gull, -25.0),
    "heartbeat": (things.heartbeat, -22.0),
    "horn": (things.horn, -20.0),
    "knock": (things.knock, -22.0),
    "match": (nature.match, -25.0),
    "owl": (nature.owl, -26.0),
    "paper": (things.paper, -29.0),
    "running_steps": (things.running_steps, -25.0),
    "splash": (nature.splash, -22.0),
    "static": (things.static, -27.0),
    "switch": (things.switch, -27.0),
    "telephone": (things.telephone, -23.0),
    "thump": (things.thump, -21.0),
    "thunder": (nature.thunder, -16.0),
    "ticking": (things.ticking, -31.0),
    "whistle": (things.whistle, -25.0),
    "whoosh": (things.whoosh, -24.0),
    "wind_gust": (nature.wind_gust, -24.0),
}
"""Name -> (how it is made, its loudness in LUFS beside a spoken line at -18)."""

PEAK_LIMIT = 0.5
"""Clicks far over the rest of the film cost the limiter more than they are heard, and AAC overshoots on them."""

PLACE_S, PLACE_LUFS = 4.0, -26.0
"""A place named as an effect (`[[sfx: waves]]`) is a few seconds of its ambience."""

KNOWN_EFFECTS = frozenset(RECIPES) | KNOWN_AMBIENCES
"""Names that `effect` has a sound for; synonyms (`sound_tags`) lead here."""

EFFECT_TAGS = SoundTags(KNOWN_EFFECTS)
"""Every tag that `effect` has a sound for, synonyms included."""


def effect(tag: str) -> Stereo | None:
    """The sound of a tag: float32 (N, 2) at 48 kHz, 0.3 to 5 s, ends in silence; None for an unknown tag."""
    name = sound_name(tag)
    if name not in RECIPES:
        return _glimpse(name)
    make, level_lufs = RECIPES[name]
    random = generator(f"effect:{name}")
    dry = make(random)
    return _levelled(np.stack([_in_room(dry, random), _in_room(dry, random)], axis=1), level_lufs)


def _glimpse(name: str) -> Stereo | None:
    """The beginning of an ambience, faded in and out; None where there is none of that name."""
    place = ambience(name)
    if place is None:
        return None
    count = samples(PLACE_S)
    return _levelled(place[:count] * swell(count, 0.6, 1.2)[:, None], PLACE_LUFS)


def _levelled(sound: Stereo, level_lufs: float) -> Stereo:
    """The sound at a loudness, its peaks rounded off so that they stay under PEAK_LIMIT."""
    measured = clip_lufs(sound.T)
    if measured is None:
        raise Defect("an effect was synthesised as silence")
    loud = sound * np.float32(10 ** ((level_lufs - measured) / 20))
    rounded: Stereo = PEAK_LIMIT * np.tanh(loud / np.float32(PEAK_LIMIT))
    return rounded.astype(np.float32)


def _in_room(dry: Mono, random: np.random.Generator) -> Mono:
    """The sound with its room behind it: ROOM_S longer."""
    count = samples(ROOM_S)
    room = shaped_noise(random, count, band(200, 4000, 1.0)) * decay(count, ROOM_S) * np.float32(ROOM_WET / 60)
    room[0] = 1.0
    size = len(dry) + count
    wet: Mono = np.fft.irfft(np.fft.rfft(dry, size) * np.fft.rfft(room, size), size).astype(np.float32)
    return wet
