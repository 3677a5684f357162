"""Beats of real music with known ground truth; skipped where the media are not.

The bounds lie a little under what was measured (docs/engines/beats.md); they are no wishes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import mir_eval
import numpy as np
import pytest

from actors.beats.tcn import TcnBeats
from actors.beats.tracking import BeatTrack, track_beats
from actors.sound_chunks import heard_whole
from pipelines.media.speech_audio import speech_blocks


@pytest.fixture(scope="module")
def engine() -> Iterator[TcnBeats]:
    engine = TcnBeats()
    engine.load()
    yield engine
    engine.close()


def heard(engine: TcnBeats, path: Path) -> BeatTrack:
    return track_beats(heard_whole(engine, (block.pcm for block in speech_blocks(path))))


def times(track: BeatTrack) -> np.ndarray:
    return np.array([beat.time_s for beat in track.beats])


@pytest.mark.parametrize("name", ["jfk.flac", "meeting_dev.wav", "reader_a.ogg", "two_channels.wav"])
def test_people_who_talk_have_no_beat(engine, shared_media, name):
    track = heard(engine, shared_media / "speech" / name)
    assert (track.stable, track.beats) == (False, ()), track.confidence


@pytest.mark.parametrize(("name", "bound"), [("music/steady.flac", 0.95), ("music/short.wav", 0.65)])
def test_beats_are_where_people_marked_them(engine, shared_media, name, bound):
    known = json.loads((shared_media / "ground_truth.json").read_text())[name]["beats"]
    found = times(heard(engine, shared_media / name))
    assert mir_eval.beat.f_measure(np.array(known)[:, 0], found) > bound
