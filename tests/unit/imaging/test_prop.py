"""Props: each known tag is drawn, centred and to size; unknown tags are refused."""

import numpy as np
import pytest
from thorvg_python.base import Matrix

from pipelines.imaging.canvas import PixelCanvas
from pipelines.imaging.props.prop import KNOWN_PROPS, make_prop

ASKED_FOR = [
    "lantern",
    "lamp",
    "letter",
    "key",
    "map",
    "book",
    "phone",
    "radio",
    "clock",
    "knife",
    "cup",
    "bottle",
    "photo",
    "rope",
    "boat",
    "door",
    "switch",
    "candle",
    "compass",
    "telescope",
    "coin",
    "ring",
    "box",
    "flower",
    "bell",
    "wheel",
    "machine",
    "screen",
    "suitcase",
    "wrench",
    "gear",
    "lens",
]


def solid(tag: str) -> np.ndarray:
    """bool (500, 500): where the prop is nearly opaque, one pixel a world unit, (250, 250) its origin."""
    scene = make_prop(tag)
    assert scene is not None
    scene.set_transform(Matrix(1, 0, 250, 0, 1, 250, 0, 0, 1))
    canvas = PixelCanvas(500, 500)
    canvas.add(scene)
    pixels = np.zeros((500, 500, 4), np.uint8)
    canvas.draw(pixels, clear=True)
    canvas.close()
    return pixels[..., 3] > 200


def test_props_known_hold_all_that_stories_ask_for():
    assert set(ASKED_FOR) <= KNOWN_PROPS


@pytest.mark.parametrize("tag", sorted(KNOWN_PROPS))
def test_prop_known_is_centred_and_about_300_units_large(tag):
    rows, columns = np.nonzero(solid(tag))
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert 240 <= max(height, width) <= 350
    assert abs((rows.min() + rows.max()) / 2 - 250) <= 40
    assert abs((columns.min() + columns.max()) / 2 - 250) <= 60


@pytest.mark.parametrize("tag", ["zeppelin", "", "locket_of_doom"])
def test_prop_unknown_is_none(tag):
    assert make_prop(tag) is None


def test_prop_compound_tag_shows_its_last_known_word():
    assert make_prop("old-brass-key") is not None
    assert make_prop("Key") is not None


def test_props_of_different_kind_look_different():
    assert (solid("key") != solid("radio")).mean() > 0.05
