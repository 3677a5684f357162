"""A clip's timeline is exactly the trimmed timeline of its source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.analysis.semantic_slice import sliced
from pipelines.analysis.video_shots import KnownSource, video_shots
from schemas.audio_semantic_timeline import AudioSemanticTimelineSummary
from schemas.video_shot_list import ShotListRequest

LENGTH_MS = 10_000


@st.composite
def timelines(draw) -> AudioSemanticTimelineSummary:
    borders = sorted(draw(st.sets(st.integers(1, LENGTH_MS - 1), max_size=8)))
    edges = [0, *borders, LENGTH_MS]
    kinds = draw(st.lists(st.sampled_from(["speech", "music", "silence", "other"]), min_size=9, max_size=9))
    events = [
        {"kind": kind, "start_ms": start, "end_ms": end}
        for kind, start, end in zip(kinds, edges, edges[1:], strict=False)
    ]
    beats = sorted(draw(st.lists(st.integers(0, LENGTH_MS - 1), max_size=12)))
    return AudioSemanticTimelineSummary.model_validate(
        {
            "asset_id": "a1", "duration_ms": LENGTH_MS, "events": events,
            "beats": [{"time_ms": at, "beat_index": index} for index, at in enumerate(beats)],
            "loudness": {
                "integrated_lufs": -20.0, "range_lu": 3.0, "true_peak_dbtp": -1.0,
                "windows": [
                    {"start_ms": at, "end_ms": at + 1000, "mean_lufs": -20.0, "max_lufs": -19.0}
                    for at in range(0, LENGTH_MS, 1000)
                ],
            },
            "meta": {"audio_semantic_cache_key": "k", "semantic_version": "audio_semantic_v1"},
        }
    )  # fmt: skip


@given(timelines(), st.integers(0, LENGTH_MS + 2_000), st.integers(0, LENGTH_MS + 2_000))
def test_every_millisecond_of_a_clip_is_that_of_its_source(whole, one, other):
    start, end = sorted((one, other))
    cut = sliced(whole, start, end, clip_id="c1", speed=1.0)

    def kinds(summary, offset):
        return {
            at: event.kind for event in summary.events for at in range(event.start_ms + offset, event.end_ms + offset)
        }

    expected = {at: kind for at, kind in kinds(whole, 0).items() if start <= at < end}
    assert kinds(cut, start) == expected
    assert [beat.time_ms + start for beat in cut.beats] == [
        beat.time_ms for beat in whole.beats if start <= beat.time_ms < min(end, LENGTH_MS)
    ]
    assert [beat.beat_index for beat in cut.beats] == [
        beat.beat_index for beat in whole.beats if start <= beat.time_ms < min(end, LENGTH_MS)
    ]
    assert cut.duration_ms == max(0, min(end, LENGTH_MS) - min(start, LENGTH_MS))
    assert all(0 <= window.start_ms < window.end_ms <= cut.duration_ms for window in cut.loudness.windows)


@given(timelines(), st.data())
def test_slice_of_a_slice_is_the_slice(whole, data):
    start = data.draw(st.integers(0, LENGTH_MS - 2))
    end = data.draw(st.integers(start + 1, LENGTH_MS))
    inner_start = data.draw(st.integers(0, end - start - 1))
    inner_end = data.draw(st.integers(inner_start, end - start))
    twice = sliced(sliced(whole, start, end, clip_id="c", speed=1.0), inner_start, inner_end, clip_id="c", speed=1.0)
    once = sliced(whole, start + inner_start, start + inner_end, clip_id="c", speed=1.0)
    assert (twice.events, twice.beats, twice.duration_ms) == (once.events, once.beats, once.duration_ms)


@pytest.mark.parametrize(("speed", "limited"), [(1.0, False), (1.03, True), (0.5, True), (-1.0, True)])
def test_slice_says_of_which_clip_it_is_and_that_speed_limits_it(speed, limited):
    whole = AudioSemanticTimelineSummary.model_validate(
        {
            "asset_id": "a1", "duration_ms": 9_000, "meta": {"backend": "x"},
            "loudness": {"integrated_lufs": None, "range_lu": None, "true_peak_dbtp": None},
        }
    )  # fmt: skip
    meta = sliced(whole, 1_000, 4_000, clip_id="c7", speed=speed).meta
    assert meta["backend"] == "x"
    assert (meta["clip_relative"], meta["clip_window_ms"], meta["clip_id"]) == (True, [1_000, 4_000], "c7")
    assert (meta["speed_change_limit"], meta["speed_change"], meta["speed_change_limited"]) == (1.05, speed, limited)


def known(speech_ms: int | None, beats: tuple[int, ...] = ()) -> KnownSource:
    events = [] if speech_ms is None else [{"kind": "speech", "start_ms": speech_ms, "end_ms": speech_ms + 5_000}]
    return KnownSource(
        "art1",
        AudioSemanticTimelineSummary.model_validate(
            {
                "asset_id": "a1", "duration_ms": 60_000, "events": events, "beats": [{"time_ms": at} for at in beats],
                "loudness": {"integrated_lufs": None, "range_lu": None, "true_peak_dbtp": None},
                "meta": {"audio_semantic_cache_key": "key1", "semantic_version": "audio_semantic_v1"},
            }
        ),
    )  # fmt: skip


def shots(known_sources, *wanted, align=True):
    return video_shots(ShotListRequest.model_validate({"shots": wanted, "align_to_beats": align}), known_sources)


WANTED = {"source_asset_id": "a1", "target_duration_ms": 2_000}


def test_first_shot_begins_with_the_first_speech_and_the_next_goes_on():
    found = shots({"a1": known(1_500)}, WANTED, WANTED)
    assert [(one.source_start_ms, one.source_end_ms) for one in found.shots] == [(1_500, 3_500), (3_500, 5_500)]
    for one in found.shots:
        assert one.meta["semantic_offset_ms"] == 1_500
        assert (one.meta["semantic_version"], one.meta["semantic_cache_key"]) == ("audio_semantic_v1", "key1")
    assert (found.meta["semantic_cache_key"], found.meta["semantic_version"]) == ("key1", "audio_semantic_v1")


def test_shot_begins_on_the_last_beat_before_the_speech_unless_it_is_far_or_not_wanted():
    assert shots({"a1": known(1_500, (200, 800, 1_400, 2_000))}, WANTED).shots[0].source_start_ms == 1_400
    assert shots({"a1": known(1_500, (200,))}, WANTED).shots[0].source_start_ms == 1_500
    assert shots({"a1": known(1_500, (1_400,))}, WANTED, align=False).shots[0].source_start_ms == 1_500


def test_sound_without_speech_begins_with_its_first_beat():
    assert shots({"a1": known(None, (700, 1_200))}, WANTED).shots[0].source_start_ms == 700


def test_decided_start_is_kept():
    found = shots({"a1": known(1_500)}, {**WANTED, "source_start_ms": 42}, WANTED)
    assert [one.source_start_ms for one in found.shots] == [42, 2_042]


def test_source_without_a_timeline_begins_at_its_beginning_and_that_is_said():
    found = shots({}, WANTED, WANTED)
    assert [one.source_start_ms for one in found.shots] == [0, 2_000]
    assert found.shots[0].meta["semantic_missing"] is True
    assert found.meta["missing_semantics"] == ["a1"]
    assert found.meta["semantic_cache_key"] is None
