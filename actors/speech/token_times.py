"""When is each token said? The path through the decoder's attention that looks least away from it.

    tokens      t0  t1  t2  t3
    frames   ...###.............      attention of chosen heads, each token's made comparable, smoothed over time;
             ......##...........      the cheapest monotonic path through it (dynamic time warping) gives every token
             ........####.......      the frame at which the path reaches its row
             ............#######

Source: openai/whisper, `timing.py`; dynamic time warping after Sakoe and Chiba (1978), along anti-diagonals, so that
numpy computes a whole one at a time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DIAGONAL, DOWN, RIGHT = 0, 1, 2

Matrix = NDArray[np.float64]
"""float64 (tokens, frames)."""


def token_frames(attention: NDArray[np.float32], smoothing: int) -> NDArray[np.int64]:
    """int64 (tokens,): the frame at which each token begins, never decreasing.

    Args:
        attention: float32 (heads, tokens, frames), rows sum to 1.
        smoothing: width of the median filter over frames, odd.
    """
    deviation = attention.std(axis=1, keepdims=True)
    comparable = (attention - attention.mean(axis=1, keepdims=True)) / np.maximum(deviation, 1e-9)
    smooth = median_filtered(comparable, smoothing).mean(axis=0).astype(np.float64)
    rows, columns = cheapest_path(-smooth)
    first = np.concatenate([[True], np.diff(rows) > 0])
    begins: NDArray[np.int64] = columns[first]
    return begins


def median_filtered(values: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """The median of `width` neighbours along the last axis, mirrored at both ends; as given when it is too short."""
    reach = width // 2
    if values.shape[-1] <= reach:
        return values
    padded = np.pad(values, [(0, 0)] * (values.ndim - 1) + [(reach, reach)], mode="reflect")
    neighbours = np.lib.stride_tricks.sliding_window_view(padded, width, -1)
    filtered: NDArray[np.float32] = np.sort(neighbours, axis=-1)[..., reach]  # three times as fast as np.median
    return filtered


def cheapest_path(costs: Matrix) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of the monotonic path from the first cell to the last whose costs add up to the least.

    Of equal ways, diagonal wins over down, and down over right.
    """
    rows, columns = costs.shape
    total = np.full((rows + 1, columns + 1), np.inf)
    total[0, 0] = 0.0
    came = np.full((rows + 1, columns + 1), RIGHT, np.int8)
    came[:, 0] = DOWN
    for diagonal in range(rows + columns - 1):
        row = np.arange(max(0, diagonal - columns + 1), min(rows, diagonal + 1))
        column = diagonal - row
        ways = np.stack([total[row, column], total[row, column + 1], total[row + 1, column]])
        way = ways.argmin(axis=0)
        came[row + 1, column + 1] = way
        total[row + 1, column + 1] = costs[row, column] + ways.min(axis=0)
    return _walked_back(came, rows, columns)


def _walked_back(came: NDArray[np.int8], row: int, column: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    came[0, :] = RIGHT
    path = []
    while row > 0 or column > 0:
        path.append((row - 1, column - 1))
        way = came[row, column]
        row -= way != RIGHT
        column -= way != DOWN
    rows, columns = np.array(path[::-1]).T
    return rows, columns
