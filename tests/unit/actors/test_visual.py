"""What the visual meta engine measures of a pair: change beyond light and motion, motion of known speed, the grid; and
stretches that join into what one pass gives."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.visual.opencv import OpencvVisualMeta
from actors.visual.signals import SIGNALS, FrameSignals, SignalTrack, Thumb, ThumbPair, joined, measured
from schemas.errors import Defect, Unavailable
from tests.shot_films import HEIGHT, WIDTH, Frames, grain, relit, shot, thumbs_of, track_of


@pytest.fixture(scope="module")
def engine() -> OpencvVisualMeta:
    made = OpencvVisualMeta()
    made.load()
    return made


@pytest.fixture(scope="module")
def film() -> list[tuple[int, Thumb]]:
    """24 frames: a pan, a cut, a still, a flash in it."""
    still = shot("coffee.png", 10)
    still[5:6] = relit(still[5:6], [1.6], 60)
    frames = np.concatenate([shot("astronaut.png", 14, speed=(3, 1)), still])
    return [(40 * number, one) for number, one in enumerate(thumbs_of(frames))]


def last_of(frames: Frames) -> np.void:
    """Signals of the last frame."""
    return track_of(frames).signals[-1]


def speed(frames: Frames) -> tuple[float, float]:
    """Median displacement between frames, pixels to the side and up or down."""
    signals = track_of(frames).signals[1:]
    return float(np.median(signals["motion_x"])) * WIDTH, float(np.median(signals["motion_y"])) * HEIGHT


@pytest.mark.parametrize("name", ["astronaut.png", "coffee.png", "coins.png", "motorcycle_left.png"])
@pytest.mark.parametrize("pan", [0.6, 2.0, 6.0, 14.0])
def test_motion_of_a_pan_is_its_speed(name, pan):
    across, down = speed(grain(shot(name, 5, speed=(pan, 0), zoom=1.8), 3))
    assert across == pytest.approx(pan, rel=0.15, abs=0.15)
    assert down < 0.4 * pan + 0.15


def test_motion_of_a_tilt_is_its_speed():
    across, down = speed(shot("coins.png", 5, speed=(0, -2), zoom=1.8))
    assert down == pytest.approx(2, rel=0.15)
    assert across < 0.5


@pytest.mark.parametrize("sigma", [0, 3, 8])
def test_motion_of_a_still_camera_is_none_whatever_the_noise(sigma):
    assert max(speed(grain(shot("astronaut.png", 6), sigma))) < 0.05


def test_motion_is_none_when_only_the_light_changes():
    assert max(speed(relit(shot("astronaut.png", 5), [0.5, 0.9, 0.6, 1.0, 0.7]))) < 0.05


def test_motion_of_what_moves_before_a_still_background_is_seen():
    frames = shot("coffee.png", 4)
    for step in range(4):
        frames[step, 30:60, 40 + 4 * step : 80 + 4 * step] = shot("astronaut.png", 1)[0, 30:60, 40:80]
    across, _ = speed(frames)
    assert 0.5 < across < 4


@pytest.mark.parametrize(
    ("name", "other"), [("astronaut.png", "coffee.png"), ("grass.png", "brick.png"), ("camera.png", "coins.png")]
)
def test_change_at_a_cut_is_great_and_the_frame_is_suspect(name, other):
    signals = last_of(np.concatenate([shot(name, 1), shot(other, 1)]))
    assert signals["change"] > 0.15
    assert signals["suspect"]


def test_cut_between_dim_pictures_of_one_brightness_is_suspect():
    signals = last_of(relit(np.concatenate([shot("astronaut.png", 1), shot("coffee.png", 1)]), [0.22, 0.22]))
    assert signals["difference"] < 30
    assert signals["shift"] < 14
    assert signals["suspect"]


def test_change_of_a_frame_that_goes_on_is_small_and_it_is_not_suspect():
    for frames in (
        grain(shot("chelsea.png", 2), 4),
        shot("chelsea.png", 2, speed=(5, 2), zoom=1.8),
        shot("chelsea.png", 2, growth=1.03),
        relit(shot("chelsea.png", 2), [1.0, 0.85]),
    ):
        signals = last_of(frames)
        assert signals["change"] < 0.05
        assert not signals["suspect"]


def test_frame_lit_by_a_flash_is_suspect_though_its_picture_is_the_same():
    signals = last_of(relit(shot("chelsea.png", 2), [1, 1.8], 40))
    assert signals["suspect"]


def test_frame_without_a_predecessor_is_suspect(engine, film):
    (alone,) = engine.infer([ThumbPair(None, film[0][1])])
    assert alone.suspect


def test_plain_picture_of_another_brightness_is_suspect():
    colours = np.stack([np.full((HEIGHT, WIDTH, 3), level, np.uint8) for level in (60, 90)])
    assert last_of(colours)["suspect"]


def test_grid_holds_the_means_of_the_thumb(engine):
    pixels = np.random.default_rng(0).integers(0, 256, (54, 64), np.uint8)
    thumb = Thumb(pixels)
    (signals,) = engine.infer([ThumbPair(None, thumb)])
    grid = np.frombuffer(signals.record, SIGNALS)[0]
    luma = thumb.luma.reshape(9, 4, 16, 4).mean(axis=(1, 3))
    chroma = thumb.chroma.reshape(2, 6, 3, 8, 4).mean(axis=(2, 4))
    assert np.abs(grid["luma"] - luma).max() <= 0.5
    assert np.abs(grid["chroma"] - chroma).max() <= 0.5


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_signals_are_the_same_in_batches_of_any_size(engine, film, size):
    assert measured(film, engine.infer, size).signals.tobytes() == measured(film, engine.infer, 24).signals.tobytes()


@given(cuts=st.sets(st.integers(1, 23)), groups=st.data())
def test_joined_stretches_are_what_one_pass_gives(engine, film, cuts, groups):
    borders = [0, *sorted(cuts), 24]
    tracks = [measured(film[a:b], engine.infer, 5) for a, b in pairwise(borders)]
    middle = groups.draw(st.integers(0, len(tracks)))
    halves = [joined(part, engine.infer) for part in (tracks[:middle], tracks[middle:]) if part]
    whole = measured(film, engine.infer, 24)
    for track in (joined(tracks, engine.infer), joined(halves, engine.infer)):
        assert track.signals.tobytes() == whole.signals.tobytes()
        assert track.pts.tolist() == whole.pts.tolist()
        assert track.first is film[0][1]
        assert track.last is film[-1][1]


def test_joining_does_not_write_to_the_stretches(engine, film):
    tracks = [measured(film[:9], engine.infer, 9), measured(film[9:], engine.infer, 9)]
    before = [track.signals.tobytes() for track in tracks]
    joined(tracks, engine.infer)
    assert [track.signals.tobytes() for track in tracks] == before


def test_stretches_out_of_order_or_none_are_refused(engine, film):
    one, other = measured(film[:9], engine.infer, 9), measured(film[9:], engine.infer, 9)
    with pytest.raises(Defect, match="ascending"):
        joined([other, one], engine.infer)
    with pytest.raises(Defect, match="no tracks"):
        joined([], engine.infer)
    with pytest.raises(Defect, match="no frames"):
        measured([], engine.infer, 9)


def test_values_of_a_wrong_shape_are_refused():
    with pytest.raises(Defect, match=r"\(54, 64\), got uint8 \(36, 64\)"):
        Thumb(np.zeros((36, 64), np.uint8))
    with pytest.raises(Defect, match="got float32"):
        Thumb(np.zeros((54, 64), np.float32))
    with pytest.raises(Defect, match="got 3"):
        FrameSignals(b"abc")
    thumb = Thumb(np.zeros((54, 64), np.uint8))
    with pytest.raises(Defect, match="2 frames need"):
        SignalTrack(np.arange(2), np.zeros(3, SIGNALS), thumb, thumb)


def test_signals_of_a_frame_take_at_most_300_bytes():
    assert SIGNALS.itemsize <= 300


def test_engine_that_is_not_loaded_says_so():
    with pytest.raises(Unavailable, match="call load"):
        OpencvVisualMeta().infer([])


def test_engine_without_opencv_is_not_available(monkeypatch):
    def missing(_: object) -> None:
        raise Unavailable("the package 'opencv-python-headless' is not installed; run make setup")

    monkeypatch.setattr("actors.visual.opencv.installed", missing)
    with pytest.raises(Unavailable, match="not installed"):
        OpencvVisualMeta().check()
    with pytest.raises(Unavailable, match="not installed"):
        OpencvVisualMeta().load()
