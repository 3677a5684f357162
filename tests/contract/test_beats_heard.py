"""What the beat network hears: clicks to the frame, tempo changes, meters, and no beat where there is none."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from actors.beats import tcn
from actors.beats.tcn import TcnBeats
from actors.beats.tracking import BeatTrack, track_beats
from actors.sound_chunks import heard_whole
from schemas.errors import Unavailable
from tools.annotated_music import Recipe, rendered
from tools.beatless_sounds import BEATLESS, beatless

RATE_HZ = 16_000
SEED = 71_000
"""No piece of training or validation has a seed from here on (`tools/train_beats.py`)."""


@pytest.fixture(scope="module")
def engine() -> Iterator[TcnBeats]:
    engine = TcnBeats()
    engine.load()
    yield engine
    engine.close()


def heard(engine: TcnBeats, pcm: np.ndarray, block_s: float = 30.72) -> BeatTrack:
    samples = int(block_s * RATE_HZ)
    return track_beats(heard_whole(engine, (pcm[at : at + samples] for at in range(0, len(pcm), samples))))


def times(track: BeatTrack) -> np.ndarray:
    return np.array([beat.time_s for beat in track.beats])


def clicks(beats_s: np.ndarray, length_s: float, accent: int = 0) -> np.ndarray:
    """Woodblock clicks; every `accent`-th is higher and louder."""
    pcm = np.zeros(int(length_s * RATE_HZ), np.float32)
    t = np.arange(int(0.06 * RATE_HZ)) / RATE_HZ
    for number, beat_s in enumerate(beats_s):
        strong = bool(accent) and number % accent == 0
        click = np.sin(2 * np.pi * (1600 if strong else 1000) * t) * np.exp(-t / 0.012)
        at = round(beat_s * RATE_HZ)
        pcm[at : at + len(click)] += (0.7 if strong else 0.4) * click.astype(np.float32)[: len(pcm) - at]
    return pcm


@pytest.mark.parametrize("tempo_bpm", [64, 90, 120, 151.3, 178])
def test_clicks_are_found_within_20_ms(engine, tempo_bpm):
    beats = np.arange(0.7, 38.5, 60 / tempo_bpm)
    track = heard(engine, clicks(beats, 40))
    assert track.tempo_bpm == pytest.approx(tempo_bpm, rel=0.01)
    assert len(track.beats) == pytest.approx(len(beats), abs=1)
    assert np.abs(times(track)[:, None] - beats[None]).min(axis=1).max() < 0.02


def test_change_of_tempo_is_followed(engine):
    beats = np.concatenate([np.arange(1, 20, 0.6), np.arange(19.6 + 0.48, 39.5, 0.48)])
    found = times(heard(engine, clicks(beats, 40)))
    assert np.median(np.diff(found[found < 18])) == pytest.approx(0.6, abs=0.01)
    assert np.median(np.diff(found[found > 22])) == pytest.approx(0.48, abs=0.01)


@pytest.mark.parametrize(("meter", "drums"), [("3/4", "waltz"), ("4/4", "rock")])
def test_bars_are_counted(engine, meter, drums):
    music = rendered(Recipe.drawn(SEED, length_s=30.0, meter=meter, drums=drums, tempo_bpm=112.0, curve="human"))
    track = heard(engine, music.pcm)
    assert track.beats_per_bar == int(meter[0])
    found = np.array([beat.time_s for beat in track.beats if beat.position == 1])
    known = music.beats_s[music.positions == 1]
    assert np.mean(np.abs(found[:, None] - known[None]).min(axis=1) < 0.07) > 0.9


@pytest.mark.parametrize("block_s", [0.9, 100.0])
def test_size_of_the_windows_moves_no_beat(engine, block_s):
    music = rendered(Recipe.drawn(SEED + 1, length_s=70.0, meter="4/4", drums="rock", curve="breathing"))
    assert heard(engine, music.pcm, block_s) == heard(engine, music.pcm)


def test_start_of_the_sound_moves_the_beats_with_it(engine):
    """Cut off at a place that is on no frame."""
    music = rendered(Recipe.drawn(SEED + 2, length_s=40.0, meter="4/4", drums="floor", curve="steady", tempo_bpm=124.0))
    cut = 10 * RATE_HZ + 137
    whole, rest = times(heard(engine, music.pcm)), times(heard(engine, music.pcm[cut:])) + cut / RATE_HZ
    common = rest[rest > 16]
    assert np.abs(common[:, None] - whole[None]).min(axis=1).max() < 0.025


@pytest.mark.parametrize("kind", BEATLESS)
@pytest.mark.parametrize("number", range(2))
def test_no_beat_is_made_up(engine, kind, number):
    track = heard(engine, beatless(kind, SEED + number, length_s=30.0))
    assert (track.stable, track.beats, track.tempo_bpm) == (False, (), None), track.confidence


def test_music_after_talk_is_found_where_it_is(engine):
    music = rendered(Recipe.drawn(SEED + 3, length_s=25.0, meter="4/4", drums="floor", tempo_bpm=122.0, lead_in_s=0.0))
    talk = beatless("talk", SEED + 3, length_s=30.0)
    track = heard(engine, np.concatenate([talk, music.pcm, talk]))
    found = times(track)
    assert track.stable
    assert np.mean((found > 29.5) & (found < 56)) > 0.95
    assert len(found) == pytest.approx(len(music.beats_s), abs=4)


def test_weights_of_something_else_are_refused(monkeypatch, tmp_path):
    (tmp_path / "beats.safetensors").write_bytes(b"weights")
    monkeypatch.setattr(tcn, "WEIGHTS", tmp_path / "beats.safetensors")
    with pytest.raises(Unavailable, match="does not hold the weights"):
        TcnBeats().load()
