"""Sound tags: free words from scripts, brought to the names that effects and ambiences are kept under."""

from __future__ import annotations

import re
from collections.abc import Container

SYNONYMS = {
    "sea": "waves", "ocean": "waves", "surf": "waves", "wave": "waves", "thunderstorm": "storm", "crickets": "night",
    "harbor": "harbour", "port": "harbour", "city": "street", "traffic": "street", "woods": "forest",
    "lightning": "thunder", "thunderclap": "thunder", "door_slam": "door", "door_close": "door", "door_opens": "door",
    "footstep": "footsteps", "steps": "footsteps", "walking": "footsteps", "running": "running_steps",
    "knocking": "knock", "door_knock": "knock", "bells": "bell", "chime": "bell", "foghorn": "horn",
    "ship_horn": "horn", "clock": "ticking", "cheers": "crowd", "voices": "crowd",
    "water": "splash", "gulls": "gull", "seagull": "gull", "seagulls": "gull", "match_strike": "match",
    "light_switch": "switch", "lever": "switch", "motor": "engine", "boat": "engine", "boat_engine": "engine",
    "car": "engine", "machine": "engine", "glass_break": "glass", "shatter": "glass", "gust": "wind_gust",
    "heart": "heartbeat", "heart_beat": "heartbeat", "lock": "click", "key": "click", "keys": "click", "latch": "click",
    "page": "paper", "pages": "paper", "letter": "paper", "flame": "fire", "campfire": "fire", "fireplace": "fire",
    "crackle": "fire", "bang": "crash", "smash": "crash", "thud": "thump", "hinge": "creak", "floorboard": "creak",
    "bird": "birds", "birdsong": "birds", "phone": "telephone", "phone_ring": "telephone", "ring": "telephone",
    "clock_ticking": "ticking", "tick": "ticking", "explosion": "boom", "blast": "boom",
    "radio": "static", "drip": "dripping", "drops": "dripping", "applause": "clapping", "swoosh": "whoosh",
    "gear": "gears", "cog": "gears", "sword": "clang", "metal": "clang", "chain": "clang", "siren": "alarm",
}  # fmt: skip
"""Words that mean a sound kept under another name."""


def sound_name(tag: str) -> str:
    """The name of a tag: lower case, words joined by `_`, synonyms resolved. `Door Slam` is `door`."""
    name = re.sub(r"[\s_\-]+", "_", tag.strip().casefold())
    return SYNONYMS.get(name, name)


class SoundTags(Container[str]):
    """Every tag that leads to one of some names: what a script may write, not only what the sound is kept under."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def __contains__(self, tag: object) -> bool:
        return isinstance(tag, str) and sound_name(tag) in self._names
