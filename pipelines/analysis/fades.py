"""Where does the picture come out of black or white, or go into it?

    distance to the plain colour        ______
                                       /      \\
                              ________/        \\______
                              plain   ^fade_in  ^fade_out

A run of plain black or white frames is found first. From either end the distance to its colour is followed outward for
as long as it goes on growing. A picture that is there from one frame to the next is a cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pipelines.analysis.grids import CHUNK, Signals, Values

PLAIN_SHARE, PLAIN_SPREAD = 0.9, 6.0
"""A frame is plain when this share of its cells lies within so many levels of their median: a line of text on black is
let through."""

SAME_COLOUR = 3.0
"""Levels within which plain frames are of one colour: a fade of a dim picture is plain long before it is black."""

BLACK, WHITE, NEUTRAL = 40, 215, 12
"""Luma at most, at least, and chroma off 128 at most, of what a picture fades into. A plain wall is none of them."""

LONGEST = 150
"""Frames of a fade: five seconds at 30 a second."""

SHORTEST = 4
"""Frames of a fade: fewer are a cut that the encoder smeared."""

RISE = 12.0
"""Levels that a picture must come out of its colour by: below it nothing can be told from noise."""

STEEPEST = 0.5
"""Most of its way that a fade goes in one step: a cut next to a short ramp goes further."""

AHEAD = 3
"""Frames over which growth is measured, so that repeated frames and noise do not end a fade."""

SLOWING = 0.2
"""A fade is over when it grows slower than this share of its fastest."""

SETBACK = 0.02
"""Share of the height reached that one step may lose."""


@dataclass(frozen=True)
class Fade:
    """Frames [first_frame, end_frame) that show a picture on its way."""

    kind: Literal["fade_in", "fade_out"]
    first_frame: int
    end_frame: int

    rise: float
    """Levels between the plain colour and the whole picture."""


@dataclass(frozen=True)
class PlainRun:
    """Frames [first_frame, end_frame) of one colour."""

    first_frame: int
    end_frame: int

    colour: NDArray[np.float32]
    """float32 (3,): luma, Cb, Cr."""


def find_fades(signals: Signals) -> tuple[Fade, ...]:
    """The fades of a film in order."""
    fades: list[Fade] = []
    runs = list(plain_runs(signals))
    starts, ends = [run.first_frame for run in runs], [run.end_frame for run in runs]
    for run, low, high in zip(runs, [0, *ends], [*starts[1:], len(signals)], strict=False):
        fades += _out_of(signals, run, max(low, run.first_frame - LONGEST), backward=True)
        fades += _out_of(signals, run, min(high, run.end_frame + LONGEST), backward=False)
    return tuple(sorted(fades, key=lambda fade: (fade.first_frame, fade.end_frame)))


def plain_runs(signals: Signals) -> Iterator[PlainRun]:
    """The runs of black or white frames, in order."""
    colours, spreads = _colours(signals)
    plain = np.concatenate([[False], spreads <= PLAIN_SPREAD, [False]])
    edges = np.flatnonzero(plain[1:] != plain[:-1])
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        luma = colours[start:end, 0]
        purest = start + int(np.argmin(luma) if luma.min() <= BLACK else np.argmax(luma))
        colour = colours[purest]
        if BLACK < colour[0] < WHITE or np.abs(colour[1:] - 128).max() > NEUTRAL:
            continue
        other = np.abs(colours[start:end] - colour).max(axis=1) > SAME_COLOUR
        before, after = np.flatnonzero(other[: purest - start]), np.flatnonzero(other[purest - start :])
        first = start + before[-1] + 1 if len(before) else start
        yield PlainRun(int(first), int(purest + after[0] if len(after) else end), colour)


def _out_of(signals: Signals, run: PlainRun, limit: int, *, backward: bool) -> Iterator[Fade]:
    """The fade next to a run, if there is one; it does not reach over `limit`."""
    rows = np.arange(run.first_frame, limit - 1, -1) if backward else np.arange(run.end_frame - 1, limit)
    heights = _heights(signals[rows], run.colour)
    length = _growth(heights)
    rise = float(heights[length] - heights[0])
    if length < SHORTEST or rise < RISE or np.diff(heights[: length + 1]).max() > STEEPEST * rise:
        return
    if backward:
        yield Fade("fade_out", run.first_frame - length + 1, run.first_frame, rise)
    else:
        yield Fade("fade_in", run.end_frame, run.end_frame - 1 + length, rise)


def _growth(heights: Values) -> int:
    """Frames for which the heights go on growing from the first."""
    fastest, length = 0.0, 0
    while length + 1 < len(heights):
        growth = float(heights[length + 1 : length + 1 + AHEAD].max() - heights[length])
        fastest = max(fastest, growth)
        loss = heights[length] - heights[length + 1]
        if growth <= max(SLOWING * fastest, 0.5) or loss > max(SETBACK * heights[length], 0.5):
            break
        length += 1
    return length


def _heights(signals: Signals, colour: NDArray[np.float32]) -> Values:
    """How far each frame is from a colour: mean absolute difference of luma plus that of both chroma, levels."""
    luma = np.abs(signals["luma"].astype(np.float32) - colour[0]).mean(axis=(1, 2))
    chroma = np.abs(signals["chroma"].astype(np.float32) - colour[1:, None, None]).mean(axis=(2, 3)).sum(axis=1)
    return np.asarray(luma + chroma, np.float32)


def _colours(signals: Signals) -> tuple[NDArray[np.float32], Values]:
    """Median colour, float32 (N, 3), and spread around it, levels, of each frame."""
    parts = [_colours_of(signals[start : start + CHUNK]) for start in range(0, len(signals), CHUNK)]
    return np.concatenate([colours for colours, _ in parts]), np.concatenate([spreads for _, spreads in parts])


def _colours_of(signals: Signals) -> tuple[NDArray[np.float32], Values]:
    luma = signals["luma"].reshape(len(signals), 1, -1).astype(np.float32)
    chroma = signals["chroma"].reshape(len(signals), 2, -1).astype(np.float32)
    medians = [np.median(part, axis=2) for part in (luma, chroma)]
    spreads = np.zeros(len(signals), np.float32)
    for part, median in zip((luma, chroma), medians, strict=True):
        off = np.abs(part - median[:, :, None]).reshape(len(signals), -1)
        place = int(off.shape[1] * PLAIN_SHARE)
        spreads = np.maximum(spreads, np.partition(off, place, axis=1)[:, place])
    return np.concatenate(medians, axis=1, dtype=np.float32), spreads
