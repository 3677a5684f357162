"""Which frames leave the picture for a moment and come back to it? Flashes, lightning, strobes, damaged frames, jerks.

    A A A F F A A     the frames before and after are the same picture, those between are not: [3, 5)

One or two such frames may show anything. Three to six must be the same picture in another light, or washed out, since
a cut to another shot and back looks the same otherwise. Nothing on either edge of an excursion is a cut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.analysis.grids import Rows, Signals, Values, alike, apart, steps

LONGEST = 6
"""Frames of an excursion. Photo flashes last 1 to 3 frames, lightning up to 6; shots of 5 frames and more must be
found, so that longer excursions are cuts there and back."""

BRIEF = 2
"""Frames that may show anything: nobody cuts to a picture for less than a tenth of a second."""

DARK = 3
"""Frames that may be dark or plain: strobes. Longer black is a cut to black."""

LEAST_STEP = 4.0
"""Levels that the picture must leap by, there and back. Noise and motion of a still camera stay below 2."""

RETURN = 0.35
"""Most that the picture after may differ from the one before, as a share of the leap. Half of the leap is what a
dissolve or a pan through three frames leaves; flashes leave 0.1 and less."""

MOVING_RETURN, MOVING = 0.7, 1.5
"""In a moving picture such a share of the leap will do when it is at most so many times what the
picture moves in as many frames elsewhere."""

SAME_STRUCTURE = 0.6
"""Correlation from which two frames show the same picture in another light."""

WASHED_OUT = 0.45
"""Share of the contrast before, below which a frame is washed out or blacked out."""

GLARE, GLARE_RISE = 190, 30
"""Mean levels of a frame that is burnt out, and how much brighter than before it must be."""


FLASH_RISE = 12.0
"""Levels by which an excursion is brighter than the frames around it to be called a flash."""


@dataclass(frozen=True)
class Excursion:
    """Frames [first_frame, end_frame) that left the picture and came back."""

    first_frame: int
    end_frame: int

    rise: float
    """How much brighter the brightest of them is than the frame before, levels."""

    @property
    def is_flash(self) -> bool:
        """Whether light made it."""
        return self.rise >= FLASH_RISE


def find_excursions(signals: Signals) -> tuple[Excursion, ...]:
    """The excursions of a film in order, overlapping ones merged."""
    leaps = steps(signals)
    spans: list[tuple[int, int]] = []
    for length in range(1, LONGEST + 1):
        firsts = _excursions(signals, leaps, length)
        spans += [(int(first), int(first) + length) for first in firsts]
    merged: list[tuple[int, int]] = []
    for first, end in sorted(spans):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((first, end))
    return tuple(Excursion(first, end, _rise(signals, first, end)) for first, end in merged)


def edges(excursions: tuple[Excursion, ...], count: int) -> NDArray[np.bool_]:
    """bool (count,): frames that belong to an excursion or are the first after one, where no cut can be."""
    mask = np.zeros(count, np.bool_)
    for one in excursions:
        mask[one.first_frame : one.end_frame + 1] = True
    return mask


def _rise(signals: Signals, first: int, end: int) -> float:
    means = signals["luma"][first - 1 : end].mean(axis=(1, 2))
    return float(means[1:].max() - means[0])


def _excursions(signals: Signals, leaps: Values, length: int) -> Rows:
    """First frames of the excursions of one length."""
    rows = np.arange(1, max(1, len(leaps) - length))
    rows = rows[np.minimum(leaps[rows], leaps[rows + length]) > LEAST_STEP]
    before, after = rows - 1, rows + length
    leap = np.minimum(leaps[rows], leaps[after])
    left = apart(signals, before, after)
    moves = np.minimum(
        apart(signals, np.maximum(before - length - 1, 0), before),
        apart(signals, after, np.minimum(after + length + 1, len(signals) - 1)),
    )
    returns = (left <= RETURN * leap) | ((left <= MOVING * moves) & (left <= MOVING_RETURN * leap))
    if length <= BRIEF:
        return rows[returns]
    for step in range(length):
        returns &= _same_in_another_light(signals, before, rows + step, dark=length <= DARK)
    return rows[returns]


def _same_in_another_light(signals: Signals, before: Rows, inside: Rows, *, dark: bool) -> NDArray[np.bool_]:
    """Whether each frame inside is the picture before it, lit otherwise or burnt out; `dark` allows black, too."""
    means, were = (signals["luma"][rows].mean(axis=(1, 2)) for rows in (inside, before))
    washed = signals["contrast"][inside] < WASHED_OUT * signals["contrast"][before]
    if not dark:
        washed &= means > were
    glaring = (means > GLARE) & (means > were + GLARE_RISE)
    lit: NDArray[np.bool_] = (alike(signals, before, inside) > SAME_STRUCTURE) | washed | glaring
    return lit
