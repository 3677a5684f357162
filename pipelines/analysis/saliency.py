"""Where does the eye go in a picture without faces? To what differs from its surroundings, near the middle if in doubt.

    grid 9 x 16, luma and chroma -> centre minus surround at two scales -> times a centred prior -> strongest region

Source: Itti, Koch and Niebur (1998), "A model of saliency-based visual attention for rapid scene analysis"; the prior,
Tatler (2007), "The central fixation bias in scene viewing".
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from actors.visual.signals import GRID_HEIGHT, GRID_WIDTH
from pipelines.analysis.grids import Signals

Map = NDArray[np.float32]
"""float32 (9, 16), levels."""

SCALES = ((1, 5), (3, 9))
"""Width of centre and of surround, cells: a sixteenth of the picture against a third, a fifth against half."""

COLOUR = 1.4
"""Weight of a level of chroma against one of luma: chroma spans half of its range in most pictures."""

FAINT = 6.0
"""Levels below which nothing stands out: skies, walls and black."""

REGION = 0.6
"""Share of the greatest value that belongs to the strongest region."""

PRIOR_WIDTH = 0.3
"""Standard deviation of the prior, as a share of either side."""


def salient_point(signals: Signals) -> tuple[float, float] | None:
    """The centre of what stands out in some frames of one shot, x and y as fractions of the stored picture.

    Args:
        signals: of one frame, or of several that are taken together.

    Returns:
        None when nothing stands out.
    """
    maps = [_contrasts(one) for one in signals]
    contrast = np.mean(maps, axis=0, dtype=np.float32)
    if contrast.max() < FAINT:
        return None
    return _centre(contrast * _PRIOR)


def _contrasts(frame: np.void) -> Map:
    size = (GRID_WIDTH, GRID_HEIGHT)
    chroma = [cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in frame["chroma"]]
    picture = np.stack([frame["luma"], *chroma], axis=-1).astype(np.float32) * _WEIGHTS
    total = np.zeros((GRID_HEIGHT, GRID_WIDTH), np.float32)
    for centre, surround in SCALES:
        difference = _mean_over(picture, centre) - _mean_over(picture, surround)
        total += np.square(difference).sum(axis=-1)
    return _mean_over(np.sqrt(total), 3)


def _mean_over(picture: Map, cells: int) -> Map:
    return np.asarray(cv2.blur(picture, (cells, cells), borderType=cv2.BORDER_REPLICATE), np.float32)


def _centre(weights: Map) -> tuple[float, float]:
    """Centre of mass of the heaviest region above REGION of the maximum."""
    above = (weights > REGION * weights.max()).astype(np.uint8)
    _, regions = cv2.connectedComponents(above, connectivity=4)
    masses = np.bincount(regions.ravel(), weights.ravel())
    masses[0] = 0
    inside = np.where(regions == masses.argmax(), weights, 0)
    return float((inside * _X).sum() / inside.sum()), float((inside * _Y).sum() / inside.sum())


def _axis(count: int) -> NDArray[np.float32]:
    """Centres of the cells of one side, fractions of it."""
    return np.asarray((np.arange(count) + 0.5) / count, np.float32)


_WEIGHTS = np.array([1, COLOUR, COLOUR], np.float32)
_X, _Y = _axis(GRID_WIDTH)[None, :], _axis(GRID_HEIGHT)[:, None]
_PRIOR: Map = np.exp(-(np.square(_X - 0.5) + np.square(_Y - 0.5)) / (2 * PRIOR_WIDTH**2))
