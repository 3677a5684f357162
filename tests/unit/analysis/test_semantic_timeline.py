"""A timeline from made-up evidence: the time divided, words where somebody speaks, loudness by windows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from pipelines.analysis.semantic_timeline import Heard, semantic_timeline
from schemas.backend import Backend
from schemas.media_request import AudioSemanticRequest
from schemas.speech_recognition import SpeechRecognition
from tests.unit.analysis.test_sound_tracks import LOUD_DB, QUIET_DB, evidence

FACTS = {"integrated_lufs": -20.0, "range_lu": 4.0, "true_peak_dbtp": -1.0, "steps": 0}

ENGINE = Backend(backend_type="real", name="x", version="1")


def said(*words: tuple[str, float, float]) -> SpeechRecognition:
    """(text, start, end) in seconds."""
    given = [
        {"text": text, "probability": 0.9, "start_samples": round(start * 16_000), "end_samples": round(end * 16_000)}
        for text, start, end in words
    ]
    segment = {"start_samples": 0, "end_samples": 10**6, "avg_logprob": -0.1, "words": given}
    window = {
        "start_samples": 0, "end_samples": 10**6, "language": "en", "language_probability": 1,
        "no_speech_probability": 0, "segments": [segment],
    }  # fmt: skip
    return SpeechRecognition.model_validate(
        {
            "asset_id": "a1", "language": "en", "language_source": "hint", "word_times": "attention",
            "sample_rate_hz": 16_000, "duration_samples": 10**6, "windows": [window], "backend": ENGINE,
            "voice_activity": ENGINE,
        }
    )  # fmt: skip


def timeline(*stretches, lufs: float = -20.0, words: SpeechRecognition | None = None, **asked):
    classes = evidence(*stretches)
    steps = round(classes.total_samples / 1_600)
    rows = np.full((steps, 1), lufs, np.float32)
    request = AudioSemanticRequest(tenant_id="t1", env="dev", asset_id="a1", **asked)
    return semantic_timeline("a1", request, Heard(rows, FACTS, classes, None, words), {"backend": "x"})


def test_events_divide_the_time_with_what_is_in_the_foreground():
    found = timeline(
        (8, "music", LOUD_DB), (6, "speech+music", LOUD_DB), (6, "music", LOUD_DB), (4, "", QUIET_DB),
        (10, "noise", LOUD_DB),
    )  # fmt: skip
    assert [one.kind for one in found.events] == ["music", "speech", "music", "silence", "other"]
    assert (found.events[0].start_ms, found.events[-1].end_ms) == (0, found.duration_ms)
    assert all(one.end_ms == other.start_ms for one, other in pairwise(found.events))
    assert found.events[1].meta["under"] == "music"
    assert found.events[4].meta == {"label": "noise"}
    overlapping = {one.label for one in found.tracks if one.start_ms <= 11_000 < one.end_ms}
    assert overlapping == {"speech", "music"}


def test_remainder_before_speech_is_the_speakers_breath():
    found = timeline((4, "", QUIET_DB), (0.5, "", LOUD_DB), (6, "speech", LOUD_DB), (3, "", QUIET_DB))
    assert [one.kind for one in found.events] == ["silence", "speech", "silence"]
    assert found.events[1].start_ms < 4_300


def test_words_are_those_said_where_somebody_speaks():
    words = said(("made", 1.0, 1.4), ("up", 2.0, 2.3), ("hello", 11.0, 11.4), ("there", 12.0, 12.5))
    found = timeline((9, "music", LOUD_DB), (6, "speech", LOUD_DB), words=words)
    assert [one.text for one in found.words] == ["hello", "there"]
    [speech] = [one for one in found.events if one.kind == "speech"]
    assert speech.transcription == "hello there"


@pytest.mark.parametrize(("window_ms", "count", "last_ms"), [(1_000, 13, 500), (100, 125, 100), (10_000, 2, 2_500)])
def test_windows_of_loudness_cover_the_sound(window_ms, count, last_ms):
    found = timeline((12.5, "noise", LOUD_DB), loudness_window_ms=window_ms, lufs=-23.0)
    windows = found.loudness.windows
    assert len(windows) == count
    assert windows[-1].end_ms - windows[-1].start_ms == last_ms
    assert {one.mean_lufs for one in windows} == {one.max_lufs for one in windows} == {-23.0}


def test_digital_silence_has_no_loudness_in_its_windows():
    found = timeline((3, "", -100.0), lufs=-120.0)
    assert {one.mean_lufs for one in found.loudness.windows} == {None}
    assert [(one.kind, one.loudness_lufs) for one in found.events] == [("silence", None)]


def test_without_classes_there_are_neither_events_nor_sections():
    rows = np.full((30, 1), -20, np.float32)
    request = AudioSemanticRequest(asset_id="a1", include_speech_music=False)
    found = semantic_timeline("a1", request, Heard(rows, FACTS, None, None, None), {})
    assert (found.events, found.sections, found.tracks, found.duration_ms) == ((), (), (), 3_000)


def test_parameters_are_held_in_their_ranges():
    held = [AudioSemanticRequest(asset_id="a1", min_silence_ms=one).min_silence_ms for one in (-5, 49, 50, 300, 9_999)]
    assert held == [50, 50, 50, 300, 5_000]
    held = [AudioSemanticRequest(asset_id="a1", loudness_window_ms=one).loudness_window_ms for one in (0, 100, 10_001)]
    assert held == [100, 100, 10_000]
