"""Speech, music, noise and silence of real programmes with known borders; skipped where the media are not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors import catalogue
from actors.placement import HostFacts
from pipelines.analysis.sound_sections import Section, sections
from pipelines.analysis.sound_tracks import ClassSpan, SoundEvidence, SoundTracks, sound_tracks
from pipelines.streams.sound_listener import SoundListener
from pipelines.streams.sound_pass import SoundTask, rows_of

HOST = HostFacts(2, 16_000)

PAUSE_S = 0.3
"""What `reelwright listen` takes for the shortest silence unless told."""


@pytest.fixture(scope="module")
def truth(shared_media: Path) -> dict[str, Any]:
    return dict(json.loads((shared_media / "ground_truth.json").read_text()))


@pytest.fixture(scope="module")
def heard(shared_media: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[SoundTracks, float]]:
    """The tracks of each file and its length, seconds."""
    folder = tmp_path_factory.mktemp("rows")
    found = {}
    with SoundListener() as listener:
        for name in ("mixed/programme.flac", "mixed/musanmix.mp3", "speech/meeting_dev.wav", "music/steady.flac",
                     "speech/reader_a.ogg", "speech/jfk.flac"):  # fmt: skip
            rows, total = {}, 0
            for kind in ("voice_activity", "sound_classes"):
                out = listener(SoundTask(str(shared_media / name), name, kind, catalogue.choose(kind, HOST)))["result"]
                (folder / "rows.npy").write_bytes(out.content)
                rows[kind], total = rows_of(folder / "rows.npy"), int(out.meta["total_samples"])
            evidence = SoundEvidence(rows["sound_classes"], rows["voice_activity"], total)
            found[name] = sound_tracks(evidence, PAUSE_S), total / 16_000
    return found


def frames(spans: Sequence[Any], length_s: float) -> np.ndarray:
    """bool a frame of 10 ms."""
    mask = np.zeros(round(length_s * 100), bool)
    for start_s, end_s in spans:
        mask[round(start_s * 100) : round(end_s * 100)] = True
    return mask


def f1(known: np.ndarray, found: np.ndarray) -> float:
    return float(2 * (known & found).sum() / (known.sum() + found.sum()))


def spans(found: Sequence[ClassSpan]) -> list[tuple[float, float]]:
    return [(one.start_s, one.end_s) for one in found]


@pytest.mark.parametrize(("name", "bound"), [("mixed/programme.flac", 0.95), ("mixed/musanmix.mp3", 0.94)])
def test_speech_of_programmes(heard, truth, name, bound):
    tracks, length_s = heard[name]
    known = frames([(a, b) for label, a, b in truth[name]["sections"] if "speech" in label], length_s)
    assert f1(known, frames(spans(tracks.speech), length_s)) > bound


def test_speech_of_the_meeting(heard, truth):
    """People who marked it did not mark pauses of less than about a second."""
    tracks, length_s = heard["speech/meeting_dev.wav"]
    known = frames([(a, b) for _, a, b in truth["speech/meeting_dev.wav"]["speech"]], length_s)
    assert f1(known, frames(spans(tracks.speech), length_s)) > 0.87


@pytest.mark.parametrize(("name", "tolerance_s"), [("mixed/programme.flac", 0.5), ("mixed/musanmix.mp3", 1.0)])
def test_sections_are_labelled_with_their_borders(heard, truth, name, tolerance_s):
    found = [one for one in sections(*heard[name]) if one.labels != ("silence",)]
    known = [(set(label.split("+")), a, b) for label, a, b in truth[name]["sections"] if label != "silence"]
    assert [set(one.labels) for one in found] == [labels for labels, _, _ in known]
    for one, (_, start_s, end_s) in zip(found, known, strict=True):
        assert (one.start_s, one.end_s) == pytest.approx((start_s, end_s), abs=tolerance_s), one


def test_silence_of_the_programme_is_a_section(heard):
    tracks, length_s = heard["mixed/programme.flac"]
    silent = [one for one in sections(tracks, length_s) if one.labels == ("silence",)]
    assert silent == [Section(pytest.approx(10, abs=0.5), pytest.approx(12, abs=0.5), ("silence",))]


@pytest.mark.parametrize("name", ["speech/reader_a.ogg", "speech/jfk.flac", "speech/meeting_dev.wav"])
def test_people_who_talk_make_no_music(heard, name):
    assert heard[name][0].music == ()


def test_band_makes_no_speech(heard):
    tracks, length_s = heard["music/steady.flac"]
    assert tracks.speech == ()
    assert frames(spans(tracks.music), length_s).mean() > 0.9
