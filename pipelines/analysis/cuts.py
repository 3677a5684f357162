"""Where does one shot end and the next begin from one frame to the other?

A frame begins a shot when its picture cannot be had from the one before by light or motion, when it stands out from
the frames around it, which a whip pan or a strobe does not, and when most of the picture changes, which it does not
when a title appears. The three add up to a log-odds score; no single threshold decides.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pipelines.analysis.grids import Signals, Values, changed, steps

WEIGHT_NEW, WEIGHT_SHIFT, WEIGHT_STEP, WEIGHT_AREA, BIAS = 5.0, 1.5, 3.5, 9.0, -15.0
"""Logistic regression over 70 generated films (633 cuts against 44,000 other frames with flashes, strobes, whip pans,
shakes, titles, objects crossing, damage, fades), rounded. See docs/engines/visual-meta.md for what it reaches."""

LEAST_AREA = 0.3
"""Share of the picture that must change. Titles of one line change a fifth, cuts between like pictures a third."""

PLAIN = 10.0
"""Levels of contrast below which a picture is so plain that a new brightness is a new picture."""

LIT, LIT_LEFT = 0.02, 0.25
"""Light alone made a frame whose `change` is below the first and whose `shift` is below this share of its
`difference`: a lamp that is switched on, a flash in a moving picture. It is no cut, unless the picture is plain."""

REACH, RANK = 5, 3
"""A frame is held against the RANK-highest of the REACH frames on each side: the third, so that the cuts at both ends
of a shot of five frames do not hide each other."""

SMALL_STEP, SMALL_SHIFT = 1.0, 0.3
"""Levels added before comparing with the frames around: rounding and noise are no context."""


def cut_scores(signals: Signals) -> Values:
    """float32 (N,): log-odds that a shot begins at each frame; the first frame of a film is none, at -50."""
    area = changed(signals, np.maximum(np.arange(len(signals)) - 1, 0), np.arange(len(signals)))
    scores = (
        WEIGHT_NEW * np.clip(signals["change"], 0, 1.2)
        + WEIGHT_SHIFT * _stands_out(signals["shift"], SMALL_SHIFT)
        + WEIGHT_STEP * _stands_out(steps(signals), SMALL_STEP)
        + WEIGHT_AREA * area
        + BIAS
    )
    scores[(area < LEAST_AREA) | _only_relit(signals)] = -50
    scores[0] = -50
    return np.asarray(scores, np.float32)


def _only_relit(signals: Signals) -> NDArray[np.bool_]:
    """bool (N,): frames that differ from the one before in their light alone."""
    relit = (signals["change"] < LIT) & (signals["shift"] < LIT_LEFT * signals["difference"])
    return np.asarray(relit & (_plainest(signals) >= PLAIN), np.bool_)


def _plainest(signals: Signals) -> Values:
    """The smaller contrast of each frame and the one before."""
    contrast = signals["contrast"]
    return np.asarray(np.minimum(contrast, np.concatenate([contrast[:1], contrast[:-1]])), np.float32)


def _stands_out(values: Values, small: float) -> Values:
    """Logarithm of each value over the third highest around it."""
    padded = np.pad(values, REACH, mode="reflect")
    around = np.delete(sliding_window_view(padded, 2 * REACH + 1), REACH, axis=1)
    context = np.partition(around, -RANK, axis=1)[:, -RANK]
    return np.asarray(np.log((values + small) / (context + small)), np.float32)
