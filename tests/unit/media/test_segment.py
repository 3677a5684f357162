"""Segments: the frames that were drawn, in the format that stitching relies on, the same bytes every time."""

import hashlib
import os
import subprocess
import sys
import time

import av
import numpy as np
import pytest

from pipelines.media.segment import SegmentEncoder, encode_segment
from schemas.errors import Defect
from schemas.timing import EditRate

RATE = EditRate()

ENCODE = """
import hashlib, sys
from pathlib import Path
import numpy as np
from pipelines.media.segment import encode_segment
from schemas.timing import EditRate

def draw(tick, canvas):
    canvas[:] = np.random.default_rng(tick).integers(0, 255, canvas.shape)

encode_segment(Path(sys.argv[1]), 64, 36, EditRate(), 9, draw)
print(hashlib.sha256(Path(sys.argv[1]).read_bytes()).hexdigest())
"""


def decoded(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_segment_of_drawn_frames_holds_them_in_order(tiny):
    path = tiny.segment("a.mp4", frames=20, colour=60)
    frames = decoded(path)
    assert len(frames) == 20
    edges = [int(np.argmax(frame[18, :, 0] > 128)) for frame in frames]
    assert edges == [2 * tick for tick in range(20)]


def test_segment_stream_is_what_stitching_needs(tiny):
    path = tiny.segment("a.mp4", frames=60, colour=60)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.name, context.pix_fmt, stream.average_rate) == ("h264", "yuv420p", 24)
        assert (context.colorspace, context.color_range, context.color_primaries, context.color_trc) == (1, 1, 1, 1)
        packets = [packet for packet in container.demux(stream) if packet.size]
    assert [packet.pts for packet in packets] == [packet.dts for packet in packets]
    assert [number for number, packet in enumerate(packets) if packet.is_keyframe] == [0, 48]


def test_segment_says_that_it_was_encoded_for_the_same_bytes_everywhere(tmp_path):
    """x264 writes its settings into the stream; on pictures as small as the others here it takes one thread anyway."""
    encode_segment(tmp_path / "a.mp4", 640, 360, RATE, 1, lambda tick, canvas: canvas.fill(90))
    written = (tmp_path / "a.mp4").read_bytes()
    assert b" threads=1 " in written
    assert b" stitchable=1 " in written


def test_segment_colours_survive_the_way_to_video_and_back(tmp_path):
    bgr = np.array([[20, 40, 200], [200, 40, 20], [30, 180, 60], [128, 128, 128]], np.uint8)

    def draw(_, canvas):
        for column, colour in enumerate(bgr):
            canvas[:, 16 * column : 16 * (column + 1), :3] = colour

    encode_segment(tmp_path / "a.mp4", 64, 36, RATE, 1, draw)
    seen = decoded(tmp_path / "a.mp4")[0][18, 8::16].astype(int)
    assert np.abs(seen - bgr[:, ::-1]).max() <= 6


def test_segment_canvas_with_padded_rows_is_drawn_straight(tmp_path):
    """854 pixels a row are padded by FFmpeg; a sheared picture would show that the padding was drawn on."""

    def draw(_, canvas):
        assert canvas.shape == (36, 854, 4)
        canvas[:, :427], canvas[:, 427:] = 30, 220

    encode_segment(tmp_path / "a.mp4", 854, 36, RATE, 2, draw)
    frame = decoded(tmp_path / "a.mp4")[1].astype(int)
    assert np.abs(frame[:, :420] - 30).max() <= 4
    assert np.abs(frame[:, 434:] - 220).max() <= 4


def test_segment_in_a_process_with_other_surroundings_is_the_same_bytes(tmp_path):
    def draw(tick, canvas):
        canvas[:] = np.random.default_rng(tick).integers(0, 255, canvas.shape)

    encode_segment(tmp_path / "here.mp4", 64, 36, RATE, 9, draw)
    surroundings = {**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "77"}
    arguments = [sys.executable, "-c", ENCODE, str(tmp_path / "there.mp4")]
    there = subprocess.run(arguments, env=surroundings, capture_output=True, text=True, check=True)
    assert there.stdout.strip() == hashlib.sha256((tmp_path / "here.mp4").read_bytes()).hexdigest()


def test_segment_does_not_depend_on_how_long_drawing_takes(tmp_path):
    """Encoding runs beside drawing: a slow drawing and a quick one give the same file."""

    def drawing(pause_s):
        def draw(tick, canvas):
            canvas[:] = 20 * tick
            time.sleep(pause_s)

        return draw

    hashes = set()
    for pause_s in (0.0, 0.003):
        encode_segment(tmp_path / "a.mp4", 64, 36, RATE, 8, drawing(pause_s))
        hashes.add(hashlib.sha256((tmp_path / "a.mp4").read_bytes()).hexdigest())
    assert len(hashes) == 1


def test_segment_held_or_drawn_alike_is_the_same_bytes(tmp_path):
    def on_twos(tick, canvas):
        canvas[:] = 40 + 20 * (tick // 2)

    def held(tick, canvas):
        if tick % 2:
            canvas[:] = 250
            return False
        on_twos(tick, canvas)
        return True

    encode_segment(tmp_path / "drawn.mp4", 64, 36, RATE, 8, on_twos)
    encode_segment(tmp_path / "held.mp4", 64, 36, RATE, 8, held)
    assert (tmp_path / "drawn.mp4").read_bytes() == (tmp_path / "held.mp4").read_bytes()


def test_segment_whose_drawing_fails_leaves_nothing(tmp_path):
    def draw(tick, canvas):
        canvas[:] = 0
        if tick == 3:
            raise RuntimeError("no paint left")

    with pytest.raises(RuntimeError, match="no paint left"):
        encode_segment(tmp_path / "a.mp4", 64, 36, RATE, 8, draw)
    assert list(tmp_path.iterdir()) == []


def test_segment_appears_only_when_it_is_whole(tmp_path):
    with SegmentEncoder(tmp_path / "a.mp4", 64, 36, RATE) as segment:
        segment.canvas[:] = 0
        segment.write()
        assert not (tmp_path / "a.mp4").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


@pytest.mark.parametrize(("size", "frames"), [((64, 36), 0), ((63, 36), 3), ((64, 35), 3)])
def test_segment_without_frames_or_of_odd_size_is_refused(tmp_path, size, frames):
    with pytest.raises(Defect):
        encode_segment(tmp_path / "a.mp4", *size, RATE, frames, lambda tick, canvas: None)
    assert list(tmp_path.iterdir()) == []


def test_segment_held_before_anything_was_drawn_is_refused(tmp_path):
    with pytest.raises(Defect, match="hold"), SegmentEncoder(tmp_path / "a.mp4", 64, 36, RATE) as segment:
        segment.hold()
    assert list(tmp_path.iterdir()) == []
