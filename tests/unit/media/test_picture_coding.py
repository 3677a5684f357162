"""How pictures are encoded again: nothing of them is lost, and the same frames give the same bytes."""

from fractions import Fraction

import av
import numpy as np
import pytest

from pipelines.media.picture_coding import PictureLook, picture_coding


def test_coding_gives_the_same_bytes_with_and_without_assembly():
    """A processor with other instructions must not give another film."""
    coding = picture_coding(PictureLook(320, 180, "yuv420p", Fraction(25)), "mp4")
    noise = np.random.default_rng(0).integers(0, 255, (270, 320), dtype=np.uint8)
    films = []
    for more in ("", ":asm=0"):
        encoder = av.CodecContext.create(coding.encoder, "w")
        encoder.width, encoder.height, encoder.pix_fmt = 320, 180, coding.pixel_format
        encoder.time_base, encoder.framerate, encoder.thread_count = Fraction(1, 25), Fraction(25), 2
        encoder.options = {**coding.options, "x264-params": coding.options["x264-params"] + more}
        frames = [av.VideoFrame.from_ndarray(np.roll(noise, 3 * shift, axis=1), "yuv420p") for shift in range(8)]
        films.append([bytes(packet) for frame in (*frames, None) for packet in encoder.encode(frame)])
    assert films[0] == films[1]


@pytest.mark.parametrize(
    ("wanted", "container", "size", "coded"),
    [
        ("yuv420p", "mp4", (64, 36), ("libx264", "yuv420p")), ("yuv420p", "mp4", (65, 36), ("libvpx-vp9", "yuv420p")),
        ("yuv420p", "mov", (65, 36), ("libx264", "yuv444p")), ("yuvj422p", "mp4", (65, 36), ("libx264", "yuvj444p")),
        ("yuv411p", "mp4", (64, 36), ("libx264", "yuv422p")), ("yuv440p", "mp4", (64, 36), ("libx264", "yuv444p")),
        ("gray", "mp4", (65, 37), ("libx264", "gray")), ("gray", "webm", (64, 36), ("libvpx-vp9", "yuv420p")),
        ("pal8", "mp4", (64, 36), ("libx264", "yuv444p")), ("rgba", "webm", (64, 36), ("libvpx-vp9", "yuv444p")),
        ("yuva420p", "webm", (64, 36), ("libvpx-vp9", "yuv420p")), ("nv12", "mp4", (64, 36), ("libx264", "yuv420p")),
        ("yuv420p10le", "mp4", (65, 36), ("libx265", "yuv444p10le")), ("p010le", "mov", (64, 36), ("libx265", "yuv420p10le")),
        ("gbrp10le", "matroska", (64, 36), ("libx265", "yuv444p10le")), ("rgb48be", "mov", (64, 36), ("libx265", "yuv444p12le")),
        ("yuv422p12le", "mp4", (64, 36), ("libx265", "yuv422p12le")),
    ],
)  # fmt: skip
def test_coding_of_a_picture_holds_all_of_it(wanted, container, size, coded):
    coding = picture_coding(PictureLook(*size, wanted, Fraction(25)), container)
    assert (coding.encoder, coding.pixel_format) == coded
