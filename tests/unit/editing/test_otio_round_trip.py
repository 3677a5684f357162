"""A timeline survives the way through a file exactly, and a file means the same to the library."""

from __future__ import annotations

import opentimelineio as otio
import pytest
from hypothesis import given

from pipelines.editing import otio_export
from pipelines.editing.otio_export import export_otio
from pipelines.editing.otio_import import import_otio
from pipelines.editing.timeline import duration_s
from schemas.errors import InvalidInput
from schemas.timeline import Timeline
from tests.random_timelines import timelines


@given(timelines())
def test_timeline_through_a_file_is_the_same_and_as_long_to_the_library(timeline):
    raw = export_otio(timeline)
    imported = import_otio(raw)
    assert imported.timeline == timeline
    assert imported.report.findings == ()
    assert export_otio(imported.timeline) == raw
    root = otio.core.deserialize_json_from_string(raw.decode())
    tops = [root] if isinstance(root, otio.schema.Timeline) else list(root)
    for top, sequence in zip(tops, timeline.roots(), strict=True):
        assert (top.name, top.duration().to_seconds()) == (sequence.name, pytest.approx(float(duration_s(sequence))))


def nested(**fields: object) -> Timeline:
    def showing(name: str, below: str, count: int) -> dict[str, object]:
        clips = [
            {"clip_id": f"{name}.{n}", "start_ticks": n, "duration_ticks": 1, "sequence_id": below}
            for n in range(count)
        ]
        return {"sequence_id": name, "tracks": [{"track_id": name, "kind": "video", "clips": clips}]}

    levels = [showing(f"s{level}", f"s{level + 1}", 10) for level in range(6)]
    return Timeline(timeline_id="t", sequences=[*levels, {"sequence_id": "s6", **fields}])


def test_nesting_that_multiplies_beyond_reason_is_not_written(monkeypatch):
    monkeypatch.setattr(otio_export, "MOST_CLIPS", 1000)
    with pytest.raises(InvalidInput, match="more than 1000 clips"):
        export_otio(nested())


def test_metadata_that_would_end_the_librarys_process_go_through_unseen_by_it():
    odd = {"x": {"OTIO_SCHEMA": "UnknownSchema.1"}, "y": {"OTIO_SCHEMA": "Clip.2"}}
    timeline = Timeline(timeline_id="t", sequences=[{"sequence_id": "s", "metadata": odd}])
    assert import_otio(export_otio(timeline)).timeline == timeline


def test_file_names_what_it_shows_as_other_programs_expect_it():
    clips = [
        {"clip_id": "c1", "start_ticks": 12, "duration_ticks": 24, "source_in_ticks": 7, "asset_id": "a_1",
         "speed": {"numerator": -1, "denominator": 2}},
        {"clip_id": "c2", "start_ticks": 36, "duration_ticks": 24, "speed": {"numerator": 0}, "enabled": False},
    ]  # fmt: skip
    track = {
        "track_id": "v",
        "kind": "video",
        "clips": clips,
        "transitions": [{"at_ticks": 36, "in_ticks": 3, "out_ticks": 2}],
    }
    sequence = {"sequence_id": "s", "name": "Reel", "start_ticks": 86_400, "tracks": [track]}
    top = otio.core.deserialize_json_from_string(export_otio(Timeline(timeline_id="t", sequences=[sequence])).decode())
    gap, first, cut, second = top.tracks[0]
    assert (top.name, top.global_start_time, gap.duration().value) == (
        "Reel",
        otio.opentime.RationalTime(86_400, 24),
        12,
    )
    assert first.media_reference.target_url == "urn:reelwright:asset:a_1"
    assert first.source_range == otio.opentime.TimeRange(
        otio.opentime.RationalTime(7, 24), otio.opentime.RationalTime(24, 24)
    )
    assert [(type(one).__name__, one.time_scalar) for one in first.effects] == [("LinearTimeWarp", -0.5)]
    assert (cut.in_offset.value, cut.out_offset.value, cut.transition_type) == (3, 2, "SMPTE_Dissolve")
    assert (type(second.effects[0]).__name__, second.enabled) == ("FreezeFrame", False)
    assert type(second.media_reference).__name__ == "MissingReference"
