"""Pictures, clips and sounds come out as they look and sound, whatever file they came in."""

from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from pipelines.media.clip import ClipReader
from pipelines.media.image import read_image
from pipelines.media.poster import png, poster
from pipelines.media.probe import probe
from pipelines.media.sound import read_audio
from schemas.errors import InvalidInput, MediaUnreadable
from schemas.timing import EditRate

RATE = EditRate()
CORNERS = np.zeros((40, 60, 3), np.uint8)
CORNERS[:20, :30], CORNERS[:20, 30:], CORNERS[20:, :30], CORNERS[20:, 30:] = (250, 0, 0), (0, 250, 0), (0, 0, 250), 250


@pytest.mark.parametrize(
    ("name", "options"), [("a.png", {}), ("a.jpg", {"quality": 95, "subsampling": 0}), ("a.webp", {"lossless": True})]
)
def test_image_of_each_format_reads_as_it_was_written(tmp_path, name, options):
    Image.fromarray(CORNERS).save(tmp_path / name, **options)
    read = read_image(tmp_path / name)
    assert read.shape == (40, 60, 3)
    assert np.abs(read[5::10, 5::10].astype(int) - CORNERS[5::10, 5::10]).max() <= 8


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (6, -1), (3, 2), (8, 1)])
def test_image_turned_by_its_exif_orientation_stands_upright(tmp_path, orientation, turns):
    image = Image.fromarray(CORNERS)
    exif = image.getexif()
    exif[274] = orientation
    image.save(tmp_path / "a.jpg", exif=exif, quality=95)
    upright = np.rot90(CORNERS, turns)
    read = read_image(tmp_path / "a.jpg")
    assert read.shape == upright.shape
    assert np.abs(read[5::10, 5::10].astype(int) - upright[5::10, 5::10]).max() <= 12


def test_image_with_transparent_parts_is_over_white(tmp_path):
    rgba = np.full((20, 20, 4), 255, np.uint8)
    rgba[..., :3] = (10, 20, 30)
    rgba[:10, :, 3], rgba[10:, :10, 3] = 0, 128
    Image.fromarray(rgba).save(tmp_path / "a.png")
    read = read_image(tmp_path / "a.png").astype(int)
    assert (read[:10] == 255).all()
    assert np.abs(read[15, 5] - (132, 137, 142)).max() <= 1
    assert (read[15, 15] == (10, 20, 30)).all()


def test_image_larger_than_asked_for_is_reduced_in_proportion(tmp_path):
    Image.fromarray(CORNERS).save(tmp_path / "a.png")
    assert read_image(tmp_path / "a.png", max_side_px=30).shape == (20, 30, 3)
    assert read_image(tmp_path / "a.png", max_side_px=600).shape == (40, 60, 3)


@pytest.mark.parametrize("mode", ["L", "P", "1", "I;16", "LA", "CMYK"])
def test_image_of_any_pixel_kind_is_rgb(tmp_path, mode):
    grey = Image.fromarray(np.full((16, 16), 200, np.uint8))
    image = Image.fromarray(np.full((16, 16), 200 * 257, np.uint16)) if mode == "I;16" else grey.convert(mode)
    image.save(tmp_path / ("a.jpg" if mode == "CMYK" else "a.png"))
    read = read_image(next(tmp_path.iterdir()))
    assert read.shape == (16, 16, 3)
    assert read.dtype == np.uint8
    if mode != "1":
        assert np.abs(read.astype(int) - 200).max() <= 3


def variable_clip(path, times, *, rotation: int = 0, size=(64, 36)):
    """Frame k is a grey of 20 + 40 * k, shown from times[k] milliseconds."""
    with av.open(str(path), "w", format="matroska" if path.suffix == ".mkv" else "mp4") as container:
        stream = container.add_stream("libx264", rate=25, options={"crf": "1", "bf": "2", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        if rotation:
            stream.set_display_rotation(rotation)
        for number, time_ms in enumerate(times):
            picture = np.full((size[1], size[0], 3), 20 + 40 * number, np.uint8)
            picture[:, : size[0] // 4] = 255
            frame = av.VideoFrame.from_ndarray(picture)
            frame.pts, frame.time_base = time_ms, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def greys(clip, ticks):
    return [round((int(clip.frame_at(tick)[18, 50, 0]) - 20) / 40) for tick in ticks]


@pytest.mark.parametrize("name", ["a.mkv", "a.mp4"])
def test_clip_of_variable_rate_shows_the_frame_that_is_on_screen(tmp_path, name):
    path = variable_clip(tmp_path / name, [0, 50, 80, 210, 400])
    with ClipReader(path, EditRate(numerator=10), at_end="hold") as clip:
        assert greys(clip, range(7)) == [0, 2, 2, 3, 4, 4, 4]


def test_clip_read_in_any_order_gives_the_same_frames(tiny):
    path = tiny.segment("a.mp4", 100, 60)
    order = np.random.default_rng(0).permutation(100)
    with ClipReader(path, RATE) as one, ClipReader(path, RATE) as other:
        forward = [one.frame_at(tick).copy() for tick in range(100)]
        assert all(np.array_equal(other.frame_at(int(tick)), forward[tick]) for tick in order)


def test_clip_at_its_end_begins_again_or_stands_still(tiny):
    path = tiny.segment("a.mp4", 10, 60)
    with ClipReader(path, RATE) as loop, ClipReader(path, RATE, at_end="hold") as hold:
        assert loop.duration_ticks == 10
        assert np.array_equal(loop.frame_at(23), loop.frame_at(3))
        assert np.array_equal(hold.frame_at(23), hold.frame_at(9))
        assert not np.array_equal(hold.frame_at(23), hold.frame_at(3))


def test_clip_at_another_rate_keeps_its_speed(tiny):
    path = tiny.segment("a.mp4", 24, 60)
    with ClipReader(path, RATE) as own, ClipReader(path, EditRate(numerator=12)) as half:
        assert half.duration_ticks == 12
        assert all(np.array_equal(half.frame_at(tick), own.frame_at(2 * tick)) for tick in range(12))


def test_clip_filmed_upright_is_turned(tmp_path):
    path = variable_clip(tmp_path / "a.mp4", [0, 40], rotation=90)
    with ClipReader(path, RATE) as clip:
        picture = clip.frame_at(0)
    assert picture.shape == (64, 36, 3)
    edges = {"top": picture[:8], "bottom": picture[-8:]}
    assert [side for side, band in edges.items() if band.mean() > 200] == ["bottom"]


def test_clip_before_its_beginning_is_refused(tiny):
    with ClipReader(tiny.segment("a.mp4", 3, 60), RATE) as clip, pytest.raises(InvalidInput, match="-1"):
        clip.frame_at(-1)


def sound_file(path, codec, *, cover: bool = False, rate=44_100):
    tone = (0.3 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype(np.float32)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        if cover:
            picture = container.add_stream("mjpeg")
            picture.width, picture.height, picture.pix_fmt = 32, 32, "yuvj420p"
            picture.disposition = av.stream.Disposition.attached_pic
            frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 90, np.uint8)).reformat(format="yuvj420p")
            container.mux(picture.encode(frame))
            container.mux(picture.encode(None))
        frame = av.AudioFrame.from_ndarray(tone[None], format="flt", layout="mono")
        frame.rate, frame.pts = rate, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.flac", "flac", 44_100),
        ("a.mp3", "libmp3lame", 44_100),
        ("a.ogg", "libopus", 48_000),
        ("a.m4a", "aac", 44_100),
    ],
)
def test_sound_of_each_format_is_heard_at_its_level(tmp_path, name, codec, rate):
    samples, heard_rate = read_audio(sound_file(tmp_path / name, codec, rate=rate))
    assert (samples.dtype, samples.shape[1], heard_rate) == (np.float32, 1, rate)
    assert abs(len(samples) - rate) <= 1152
    # LAME writes 5 % lower on purpose.
    assert np.sqrt(np.mean(samples[5000:40_000] ** 2)) == pytest.approx(0.3 / np.sqrt(2), rel=0.06)


@pytest.mark.parametrize(("name", "codec"), [("a.mp3", "libmp3lame"), ("a.flac", "flac"), ("a.mp4", "aac")])
def test_sound_with_cover_art_is_no_clip(tmp_path, name, codec):
    path = sound_file(tmp_path / name, codec, cover=True)
    with av.open(str(path)) as container:
        assert container.streams.video, "the case needs cover art in the file"
    assert probe(path).form == "audio"
    assert len(read_audio(path)[0]) > 40_000
    with pytest.raises(MediaUnreadable, match="no moving picture"):
        ClipReader(path, RATE)


def test_probe_of_a_film_gives_its_facts(film):
    facts = probe(film)
    assert (facts.form, facts.format, facts.media_type) == ("clip", "mp4", "video/mp4")
    assert (facts.width_px, facts.height_px, facts.frame_rate) == (64, 36, 24)
    assert (facts.duration_s, facts.sample_rate_hz, facts.channels) == (1.0, 48_000, 2)


def test_poster_of_a_film_is_its_frame_and_the_same_bytes(film):
    first, again = poster(film, 20), poster(film, 20)
    assert first == again
    assert first != poster(film, 3)


def test_png_of_a_picture_reads_back_exactly(tmp_path):
    picture = np.random.default_rng(1).integers(0, 255, (30, 50, 3), dtype=np.uint8)
    (tmp_path / "a.png").write_bytes(png(picture))
    assert np.array_equal(read_image(tmp_path / "a.png"), picture)
