"""Thumbs: the same picture whatever the format, depth, range or size; stored orientation; frames are only read."""

from __future__ import annotations

import av
import cv2
import numpy as np
import pytest
from av.video.reformatter import ColorRange, VideoReformatter

from actors.visual.signals import Thumb
from pipelines.media.thumbs import ThumbMaker

FORMATS = (
    "yuv420p", "yuvj420p", "yuv422p", "yuv444p", "yuv440p", "yuv420p10le", "yuv422p10le", "yuv444p12le", "yuv420p10be",
    "nv12", "p010le", "yuva420p", "rgb24", "bgra", "gbrp", "gbrp10le", "yuyv422",
)  # fmt: skip


def scene(width: int, height: int) -> np.ndarray:
    """uint8 (H, W, 3) RGB: a slope from black to white, a red and a blue patch, all of shares of the size."""
    across = np.linspace(0, 255, width)[None, :, None]
    picture = np.broadcast_to(across, (height, width, 3)).astype(np.uint8).copy()
    picture[: height // 2, : width // 4] = (200, 30, 30)
    picture[height // 2 :, 3 * width // 4 :] = (30, 30, 200)
    return picture


def frame(width: int, height: int, pixel_format: str = "yuv420p", *, full: bool = False) -> av.VideoFrame:
    """The scene as a decoder would give it."""
    rgb = av.VideoFrame.from_ndarray(scene(width, height), "rgb24")
    wanted = ColorRange.JPEG if full else ColorRange.MPEG
    return VideoReformatter().reformat(rgb, format=pixel_format, dst_color_range=wanted)


def plain(width: int, height: int, pixel_format: str, *planes: int) -> av.VideoFrame:
    """A frame of one colour, given as the 8-bit level of each plane."""
    made = av.VideoFrame(width, height, pixel_format)
    for plane, level in zip(made.planes, planes, strict=True):
        plane.update(bytes([level]) * plane.buffer_size)
    return made


def thumb(made: av.VideoFrame) -> Thumb:
    return ThumbMaker().thumb(made)


def levels_apart(one: Thumb, other: Thumb) -> float:
    return float(np.abs(one.pixels.astype(int) - other.pixels).max())


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_thumb_of_any_format_is_the_thumb_of_the_picture(pixel_format):
    assert levels_apart(thumb(frame(320, 180, pixel_format)), thumb(frame(320, 180, "yuv444p"))) <= 8


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv420p10le", "rgb24"])
def test_thumb_holds_the_picture_by_means(pixel_format):
    expected = cv2.cvtColor(cv2.resize(scene(640, 360), (64, 36), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2YCrCb)
    made = thumb(frame(640, 360, pixel_format))
    off = np.abs(made.luma.astype(int) - cv2.blur(expected[..., 0], (3, 3)))
    assert off.mean() <= 2
    assert off[:, 18:46].max() <= 4, "away from the edges of the patches"
    assert np.abs(made.chroma[1, 3:6, 2:6].astype(int) - expected[8, 8, 1]).max() <= 12


@pytest.mark.parametrize("pixel_format", ["gray", "gray10le"])
def test_thumb_of_grey_has_its_luma_and_neutral_chroma(pixel_format):
    made = thumb(frame(320, 180, pixel_format, full=True))
    assert np.abs(made.luma.astype(int) - thumb(frame(320, 180)).luma).max() <= 8
    assert (made.chroma == 128).all()


@pytest.mark.parametrize(
    ("width", "height"), [(175, 143), (1279, 719), (17, 9), (1, 1), (63, 1080), (720, 1280), (3, 700)]
)
def test_thumb_of_any_size_fills_its_cells(width, height):
    made = thumb(frame(width, height, "yuv444p"))
    if width > 60 and height > 30:
        assert levels_apart(made, thumb(frame(640, 360, "yuv444p"))) <= 24
    else:
        assert made.luma.max() <= 255


def test_limited_and_full_range_black_and_white_are_0_and_255():
    for made, level in (
        (plain(64, 36, "yuv420p", 16, 128, 128), 0),
        (plain(64, 36, "yuv420p", 235, 128, 128), 255),
        (plain(64, 36, "yuvj420p", 0, 128, 128), 0),
        (plain(64, 36, "yuvj420p", 255, 128, 128), 255),
        (plain(64, 36, "yuvj420p", 16, 128, 128), 16),
    ):
        assert (thumb(made).luma == level).all()
        assert (thumb(made).chroma == 128).all()


def test_range_that_the_stream_declares_is_believed():
    declared = plain(64, 36, "yuv420p", 16, 128, 128)
    declared.color_range = ColorRange.JPEG
    assert (thumb(declared).luma == 16).all()


def test_thumb_keeps_the_stored_orientation():
    made = thumb(frame(320, 180))
    assert made.luma[30, 50] > made.luma[30, 5]
    assert made.chroma[1, 3, 3] > 150
    assert made.chroma[0, 14, 29] > 150


def test_padding_of_rows_is_not_read():
    made = av.VideoFrame(130, 72, "gray")
    (plane,) = made.planes
    assert plane.line_size > 130
    rows = np.full((plane.buffer_size // plane.line_size, plane.line_size), 255, np.uint8)
    rows[:72, :130] = 60
    plane.update(rows.tobytes())
    made.color_range = ColorRange.JPEG
    assert (thumb(made).luma == 60).all()


def test_thumb_neither_writes_to_the_frame_nor_keeps_hold_of_its_memory():
    made = frame(320, 180)
    before = [bytes(plane) for plane in made.planes]
    kept = thumb(made)
    pixels = kept.pixels.copy()
    assert [bytes(plane) for plane in made.planes] == before
    for plane in made.planes:
        plane.update(bytes(plane.buffer_size))
    assert (kept.pixels == pixels).all()


def test_one_maker_gives_the_same_for_frames_of_changing_format_and_size():
    maker = ThumbMaker()
    frames = [frame(320, 180), frame(320, 180, "rgb24"), frame(200, 300), frame(320, 180, "yuv422p10le")]
    assert [maker.thumb(one).pixels.tobytes() for one in frames] == [thumb(one).pixels.tobytes() for one in frames]


def test_noise_of_the_camera_averages_out():
    random = np.random.default_rng(1)
    noisy = np.clip(128 + random.normal(0, 8, (720, 1280)), 0, 255).astype(np.uint8)
    made = av.VideoFrame.from_ndarray(noisy, "gray")
    made.color_range = ColorRange.JPEG
    assert thumb(made).luma.std() < 0.6
