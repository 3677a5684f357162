"""Overlapping tracks -> the sections of a programme: music, then talk over music, then a pause, ...

A section is a stretch with the same classes in it. Short pauses and remainders belong to the sections around them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipelines.analysis.sound_tracks import ClassSpan, SoundTracks

PAUSE_S = 3.0
"""A shorter silence between two sections of the same classes is a part of them."""

SHORTEST_S = 1.0
"""A shorter section goes to its neighbours."""


@dataclass(frozen=True)
class Section:
    """A stretch, [start, end) in seconds."""

    start_s: float
    end_s: float
    labels: tuple[str, ...]
    """`speech`, `music`, or both; else `noise` or `silence`."""


def sections(tracks: SoundTracks, total_s: float) -> tuple[Section, ...]:
    """Sections that cover the sound, in order."""
    named = {"speech": tracks.speech, "music": tracks.music, "noise": tracks.noise, "silence": tracks.silence}
    inner = (at for spans in named.values() for one in spans for at in (one.start_s, one.end_s))
    borders = sorted({0.0, total_s, *inner})
    found = [Section(start, end, _labels(named, (start + end) / 2)) for start, end in pairwise(borders) if end > start]
    found = _merged(found)
    while len(found) > 1 and _short(found):
        found = _merged(_without_shortest(found))
    if found and not found[0].labels:
        found = [Section(found[0].start_s, found[0].end_s, ("silence",))]
    return tuple(_bridged(found))


def _labels(named: dict[str, tuple[ClassSpan, ...]], at_s: float) -> tuple[str, ...]:
    here = [name for name, spans in named.items() if any(one.start_s <= at_s < one.end_s for one in spans)]
    return tuple(one for one in here if one != "noise") or tuple(here)


def _short(found: Sequence[Section]) -> list[int]:
    """Which are too short, or hold nothing that has a name."""
    return [at for at, one in enumerate(found) if one.end_s - one.start_s < SHORTEST_S or not one.labels]


def _merged(found: Sequence[Section]) -> list[Section]:
    merged: list[Section] = []
    for one in found:
        if merged and merged[-1].labels == one.labels:
            merged[-1] = Section(merged[-1].start_s, one.end_s, one.labels)
        else:
            merged.append(one)
    return merged


def _bridged(found: Sequence[Section]) -> list[Section]:
    """Without silences that are shorter than PAUSE_S and lie between equal sections."""
    kept = list(found)
    for index in range(1, len(kept) - 1):
        before, pause, after = kept[index - 1 : index + 2]
        if pause.labels == ("silence",) and pause.end_s - pause.start_s < PAUSE_S and before.labels == after.labels:
            kept[index] = Section(pause.start_s, pause.end_s, before.labels)
    return _merged(kept)


def _without_shortest(found: Sequence[Section]) -> list[Section]:
    """The shortest goes to the neighbour that shares a class with it, that is not silence, or that is longer."""
    index = min(_short(found), key=lambda at: found[at].end_s - found[at].start_s)
    short = found[index]
    beside = [at for at in (index - 1, index + 1) if 0 <= at < len(found)]
    taker = max(
        beside,
        key=lambda at: (
            bool(set(found[at].labels) & set(short.labels)),
            found[at].labels != ("silence",),
            found[at].end_s - found[at].start_s,
        ),
    )
    changed = list(found)
    changed[index] = Section(short.start_s, short.end_s, found[taker].labels)
    return changed
