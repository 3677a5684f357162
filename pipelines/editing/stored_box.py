"""A box of the upright picture, as people and documents have it, in the picture as it is stored.

stored, 2 wide pixels a unit        aspect applied         turned counter-clockwise once
+----+                              +--------+             +----+
| 1  |                              | 1      |             |    |
+----+                              +--------+             |    |
                                                           | 1  |
                                                           +----+
"""

from __future__ import annotations

from pipelines.editing.masks import Box
from pipelines.media.frame_reader import FilmShape


def stored_box(upright: Box, shape: FilmShape) -> Box:
    """The same part of the picture in pixels of the stored frame.

    Args:
        upright: Left, top, width and height in pixels of the upright picture; may reach beyond it.
        shape: How the film's frames are stored and shown.
    """
    left, top, width, height = upright
    turns = shape.quarter_turns
    square_width, square_height = (shape.height_px, shape.width_px) if turns % 2 else (shape.width_px, shape.height_px)
    if turns == 1:
        left, top, width, height = square_width - top - height, left, height, width
    elif turns == 2:
        left, top = square_width - left - width, square_height - top - height
    elif turns == 3:
        left, top, width, height = top, square_height - left - width, height, width
    across, down = shape.stored_width_px / square_width, shape.stored_height_px / square_height
    return left * across, top * down, width * across, height * down
