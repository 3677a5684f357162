"""A timeline survives the way through a file exactly, and a file keeps what a timeline holds."""

from __future__ import annotations

import json
from fractions import Fraction

import opentimelineio as otio
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.editing.otio_export import export_otio
from pipelines.editing.otio_import import import_otio
from pipelines.editing.timeline import duration_s
from tests.random_timelines import timelines


@given(timelines())
def test_timeline_through_a_file_is_the_same_timeline(timeline):
    imported = import_otio(export_otio(timeline))
    assert imported.timeline == timeline
    assert imported.report.findings == ()


@given(timelines())
def test_exported_file_is_the_same_each_time_and_means_the_same_to_the_library(timeline):
    raw = export_otio(timeline)
    assert export_otio(import_otio(raw).timeline) == raw
    root = otio.core.deserialize_json_from_string(raw.decode())
    tops = [root] if isinstance(root, otio.schema.Timeline) else list(root)
    assert [top.name for top in tops] == [one.name for one in timeline.roots()]
    for top, sequence in zip(tops, timeline.roots(), strict=True):
        assert abs(top.duration().to_seconds() - duration_s(sequence)) < Fraction(1, 1000)
