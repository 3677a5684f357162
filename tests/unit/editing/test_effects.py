"""Effects: everything in the box is changed, nothing outside the shape is, and what is gone does not come back."""

import itertools
from fractions import Fraction

import cv2
import numpy as np
import pytest

from pipelines.editing.effects import apply_region
from pipelines.editing.masks import EDGE, FULL, MARGIN_PX, region_mask
from pipelines.editing.stored_box import stored_box
from pipelines.media.clip import FrameTimes
from pipelines.media.frame_reader import FilmShape
from pipelines.media.planes import Planes
from schemas.errors import InvalidInput
from tests.clips.people import FACE_BOX, photograph

FORMATS = {
    "4:2:0": ((2, 2), 8), "4:2:2": ((2, 1), 8), "4:4:4": ((1, 1), 8), "4:1:1": ((4, 1), 8), "grey": (None, 8),
    "4:2:0 10 bit": ((2, 2), 10), "4:4:4 12 bit": ((1, 1), 12),
}  # fmt: skip
BOXES = {
    "inside": (60.0, 40.0, 50.0, 64.0), "over an edge": (-20.0, 70.0, 50.0, 60.0), "over a corner": (170.0, -30.0, 60.0, 60.0),
    "one pixel": (77.0, 33.0, 1.0, 1.0), "corner pixel": (0.0, 0.0, 1.0, 1.0), "larger than all": (-500.0, -500.0, 1200.0, 1100.0),
    "flat": (10.0, 60.0, 150.0, 3.0), "between pixels": (30.4, 20.7, 21.3, 17.9),
}  # fmt: skip
CHANGED = list(itertools.product(("blur", "mosaic", "solid"), ("ellipse", "rectangle", "frame")))
SHAPED = [(effect, outline) for effect, outline in CHANGED if outline != "frame"]


def noise(kind: str, size=(121, 203), seed: int = 0) -> Planes:
    """Random samples without black, as planes with padded rows: effects change each of them."""
    subsampling, bits = FORMATS[kind]
    dtype = np.uint8 if bits == 8 else np.uint16
    random = np.random.default_rng(seed)
    sizes = [size]
    if subsampling is not None:
        sizes += [(-(-size[0] // subsampling[1]), -(-size[1] // subsampling[0]))] * 2
    # extremes, which no mean equals
    padded = [
        (random.integers(0, 2, (high, wide + 13)) * (dtype((1 << bits) - 20)) + dtype(9)).astype(dtype)
        for high, wide in sizes
    ]
    return Planes(tuple(plane[:, :-13] for plane in padded), bits)


def copied(planes: Planes) -> list[np.ndarray]:
    return [plane.copy() for plane in planes.arrays]


def touched(planes: Planes, before: list[np.ndarray]) -> np.ndarray:
    """bool (H, W): pixels of which the luma or grey sample is another one."""
    return planes.arrays[0] != before[0]


def clipped(box, size):
    left, top = max(0, int(np.floor(box[0]))), max(0, int(np.floor(box[1])))
    return np.s_[top : min(size[0], int(np.ceil(box[1] + box[3]))), left : min(size[1], int(np.ceil(box[0] + box[2])))]


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize(("effect", "outline"), CHANGED)
def test_effect_on_a_box_changes_every_pixel_of_it(effect, outline, box):
    planes = noise("4:2:0")
    before = copied(planes)
    apply_region(planes, BOXES[box], effect, "medium", outline)
    for plane, old, step in zip(planes.arrays, before, (1, 2, 2), strict=True):
        part = clipped([side / step for side in BOXES[box]], plane.shape)
        assert old[part].size
        assert (plane[part] != old[part]).all()


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(("effect", "outline"), SHAPED)
def test_effect_outside_of_its_shape_changes_nothing(effect, outline, kind):
    planes = noise(kind)
    before = copied(planes)
    box = BOXES["inside"]
    apply_region(planes, box, effect, "strong", outline)
    reach = (1 + EDGE) * (np.sqrt(2) if outline == "ellipse" else 1)
    for plane, old in zip(planes.arrays, before, strict=True):
        across, down = round(203 / plane.shape[1]), round(121 / plane.shape[0])
        x = (np.arange(plane.shape[1]) + 0.5) * across - (box[0] + box[2] / 2)
        y = (np.arange(plane.shape[0]) + 0.5) * down - (box[1] + box[3] / 2)
        x, y = x / (box[2] / 2 + MARGIN_PX) / reach, y / (box[3] / 2 + MARGIN_PX) / reach
        inside = np.add.outer(y**2, x**2) <= 1 if outline == "ellipse" else np.maximum.outer(abs(y), abs(x)) <= 1
        assert np.array_equal(plane[~inside], old[~inside])
        assert (plane[inside] != old[inside]).mean() > 0.8


def test_effect_on_a_frame_with_padded_rows_leaves_the_padding_alone():
    memory = np.full((60, 128), 77, np.uint8)
    planes = Planes((memory[:, :100],))
    apply_region(planes, (80, 10, 40, 40), "solid")
    assert (memory[:, 100:] == 77).all()
    assert (memory[20:40, 85:100] == 16).all()


@pytest.mark.parametrize("box", [(-300.0, 10.0, 100.0, 100.0), (10.0, 5000.0, 30.0, 30.0), (500.0, -400.0, 90.0, 90.0)])
@pytest.mark.parametrize("outline", ["ellipse", "rectangle"])
def test_effect_wholly_outside_of_the_picture_changes_nothing(box, outline):
    planes = noise("4:2:0")
    before = copied(planes)
    apply_region(planes, box, "blur", "medium", outline)
    assert all(np.array_equal(plane, old) for plane, old in zip(planes.arrays, before, strict=True))


@pytest.mark.parametrize("kind", FORMATS)
def test_solid_region_is_black_in_every_format(kind):
    planes = noise(kind)
    apply_region(planes, BOXES["inside"], "solid")
    for plane, black in zip(planes.arrays, planes.black, strict=True):
        across, down = round(203 / plane.shape[1]), round(121 / plane.shape[0])
        part = clipped((60 / across, 40 / down, 50 / across, 64 / down), plane.shape)
        assert (plane[part] == black).all()


def test_black_of_rgb_and_of_full_range_is_zero():
    rgb = Planes(tuple(np.full((40, 40), 90, np.uint8) for _ in range(3)), is_rgb=True)
    full = Planes(tuple(np.full((40, 40), 90, np.uint8) for _ in range(3)), full_range=True)
    for planes in (rgb, full):
        apply_region(planes, (5, 5, 20, 20), "solid")
    assert [int(plane[15, 15]) for plane in rgb.arrays] == [0, 0, 0]
    assert [int(plane[15, 15]) for plane in full.arrays] == [0, 128, 128]


@pytest.mark.parametrize("effect", ["blur", "mosaic"])
def test_effect_on_even_colour_leaves_it(effect):
    """Means and weights are rounded so that nothing drifts: a plain wall does not show where the region was."""
    for bits, value in ((8, 255), (8, 0), (8, 131), (10, 1023), (10, 517)):
        planes = Planes((np.full((90, 90), value, np.uint8 if bits == 8 else np.uint16),), bits)
        apply_region(planes, (20, 20, 40, 40), effect)
        assert (planes.arrays[0] == value).all()


@pytest.mark.parametrize("effect", ["blur", "mosaic"])
def test_effect_on_deep_samples_is_that_on_eight_bits(effect):
    shallow = noise("4:4:4")
    deep = Planes(tuple(plane.astype(np.uint16) << 2 for plane in shallow.arrays), 10)
    apply_region(shallow, BOXES["inside"], effect)
    apply_region(deep, BOXES["inside"], effect)
    for one, other in zip(shallow.arrays, deep.arrays, strict=True):
        assert np.abs(one.astype(int) - other / 4).max() <= 1.5


@pytest.mark.parametrize("threads", [1, 4])
def test_effect_is_the_same_with_any_number_of_threads(threads):
    before, planes = cv2.getNumThreads(), [noise("4:2:0", (720, 1280)) for _ in range(2)]
    try:
        for one, count in zip(planes, (2, threads), strict=True):
            cv2.setNumThreads(count)
            apply_region(one, (300.0, 100.0, 400.0, 500.0), "blur")
    finally:
        cv2.setNumThreads(before)
    assert all(np.array_equal(*pair) for pair in zip(planes[0].arrays, planes[1].arrays, strict=True))


def test_mosaic_of_a_region_that_moves_stands_still():
    """Cells lie on a grid of the picture: two pixels further, the middle of the region shows the same squares."""
    here, there = noise("4:2:0"), noise("4:2:0")
    apply_region(here, (60, 30, 64, 64), "mosaic")
    apply_region(there, (62, 31, 64, 64), "mosaic")
    assert np.array_equal(here.arrays[0][50:80, 80:110], there.arrays[0][50:80, 80:110])


def test_mosaic_cells_of_halved_chroma_lie_under_those_of_luma():
    planes = noise("4:2:0", (200, 200))
    apply_region(planes, (50, 50, 100, 100), "mosaic")
    starts = [
        [step * (row + 1) for row in np.flatnonzero(np.diff(plane[70 // step : 130 // step, 100 // step].astype(int)))]
        for plane, step in zip(planes.arrays, (1, 2, 2), strict=True)
    ]
    cell_px = 16
    assert {row % cell_px for rows in starts for row in rows} == {-70 % cell_px}
    assert min(np.diff(starts[1])) == min(np.diff(starts[2])) == cell_px


def test_overlapping_regions_are_both_covered():
    planes = noise("4:2:0")
    before = copied(planes)
    apply_region(planes, (40, 30, 50, 50), "mosaic")
    apply_region(planes, (70, 40, 50, 50), "blur")
    assert touched(planes, before)[30:80, 40:90].all()
    assert touched(planes, before)[40:90, 70:120].all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"effect": "swirl"}, "swirl"), ({"strength": "some"}, "some"), ({"outline": "star"}, "star"),
        ({"box": (0, 0, 0, 5)}, "box"), ({"box": (0, 0, float("nan"), 5)}, "nan"),
    ],
)  # fmt: skip
def test_effect_with_a_word_or_box_that_means_nothing_is_refused(given, message):
    calm = {"box": (5, 5, 20, 20), "effect": "blur", "strength": "medium", "outline": "ellipse"} | given
    with pytest.raises(InvalidInput, match=message):
        apply_region(noise("grey"), **calm)


def test_mask_of_an_ellipse_is_full_on_the_box_and_falls_outwards():
    mask = region_mask((50, 40, 40, 60), "ellipse", (200, 200))
    weights = np.zeros((200, 200), int)
    weights[mask.part] = mask.weights
    assert (weights[40:100, 50:90] == FULL).all()
    middle = weights[70, 70:]
    assert (np.diff(middle) <= 0).all()
    assert 2 <= np.count_nonzero((middle > 0) & (middle < FULL)) <= 8


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("aspect", [1.0, 1.5])
def test_stored_box_is_where_the_upright_box_shows(turns, aspect):
    """A rectangle is marked in the stored picture, which is then shown; its bounds must lead back to it."""
    stored = np.zeros((40, 60), np.uint8)
    stored[5:17, 20:50] = 255
    shown = np.rot90(cv2.resize(stored, (round(60 * aspect), 40), interpolation=cv2.INTER_NEAREST), turns)
    rows, columns = (np.flatnonzero(shown.any(axis=axis)) for axis in (1, 0))
    upright = (columns[0], rows[0], columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0])
    shape = FilmShape(
        width_px=shown.shape[1], height_px=shown.shape[0], stored_width_px=60, stored_height_px=40,
        pixel_aspect=Fraction(aspect),
        quarter_turns=turns, times=FrameTimes((0,), (0,), 1, Fraction(1)),
    )  # fmt: skip
    assert stored_box(tuple(map(float, upright)), shape) == pytest.approx((20, 5, 30, 12))


@pytest.fixture(scope="module")
def face() -> tuple[np.ndarray, tuple[float, ...]]:
    """uint8 (H, W): a head whose face is 100 pixels wide, and the face's box."""
    scale = 100 / FACE_BOX[2]
    grey = cv2.cvtColor(photograph("astronaut.png"), cv2.COLOR_BGR2GRAY)[0:260, 90:360]
    left, top, width, height = FACE_BOX
    return cv2.resize(grey, None, fx=scale, fy=scale), tuple(scale * edge for edge in (left - 90, top, width, height))


def covered(face, effect: str, strength: str) -> np.ndarray:
    grey = face[0].copy()
    apply_region(Planes((grey,)), face[1], effect, strength)
    return grey


def likeness(face, other: np.ndarray) -> float:
    """Correlation of what lies above the coarse light of a face: eyes, nose, mouth. 1 for the face itself."""
    return float(np.corrcoef(features(*face).ravel(), features(other, face[1]).ravel())[0, 1])


def features(grey: np.ndarray, box) -> np.ndarray:
    """float (48, 48): the face without what a blur over a twelfth of it leaves."""
    left, top, width, height = (round(edge) for edge in box)
    small = cv2.resize(grey[top : top + height, left : left + width], (48, 48), interpolation=cv2.INTER_AREA)
    return small - cv2.GaussianBlur(small.astype(np.float64), (0, 0), 4)


def wiener(grey: np.ndarray, sigma_px: float, noise: float) -> np.ndarray:
    """The picture before a Gaussian blur, as well as it can be told (Wiener filter, periodic edges)."""
    gain = spectrum(grey.shape, sigma_px)
    won = np.fft.ifft2(np.fft.fft2(grey) * gain / (gain**2 + noise)).real
    return np.clip(won, 0, 255).round().astype(np.uint8)


def spectrum(shape, sigma_px: float) -> np.ndarray:
    down, across = (np.fft.fftfreq(side) for side in shape)
    return np.exp(-2 * (np.pi * sigma_px) ** 2 * np.add.outer(down**2, across**2))


@pytest.mark.parametrize("strength", ["medium", "strong"])
@pytest.mark.parametrize("effect", ["blur", "mosaic"])
def test_covered_face_is_not_like_itself(face, effect, strength):
    assert likeness(face, covered(face, effect, "light")) > 0.5, "light is cosmetic, and the measure sees a face"
    assert likeness(face, covered(face, effect, strength)) < 0.25


@pytest.mark.parametrize("strength", ["medium", "strong"])
@pytest.mark.parametrize("effect", ["blur", "mosaic"])
def test_covered_face_is_not_won_back_by_deconvolution(face, effect, strength):
    """Best of many guesses at the blur. A face that is only blurred, by as much as `medium` blurs, does come back."""
    grey, _ = face
    blurred = np.fft.ifft2(np.fft.fft2(grey) * spectrum(grey.shape, 16)).real.round()
    assert likeness(face, wiener(blurred, 16, 1e-6)) > 0.6
    seen = covered(face, effect, strength)
    guesses = itertools.product((4, 8, 12, 16, 20, 24), (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6))
    assert max(likeness(face, wiener(seen, sigma_px, noise)) for sigma_px, noise in guesses) < 0.35
