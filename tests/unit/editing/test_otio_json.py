"""Files that are none, or that would crash or mislead the library, are refused by name before it sees them."""

from __future__ import annotations

import copy
import json
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.editing import otio_import, otio_json, otio_schema
from pipelines.editing.otio_export import export_otio
from pipelines.editing.otio_import import import_otio
from schemas.errors import InvalidInput
from tests.otio_files import clip, edit, gap, marker, span, stack, text, time, track, transition, warp

REF = {"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "r"}


def deep(levels: int) -> dict[str, object]:
    inner = stack(track(clip("a")))
    for _ in range(levels):
        inner = stack(inner)
    return edit(inner)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "not valid JSON"),
        (text(edit(track(clip("a"))))[:-40], "not valid JSON"),
        (b"\xff\xfe\xfd", "not valid JSON"),
        (b'{"OTIO_SCHEMA": "Timeline.1", "tracks": NaN}', "not valid JSON: NaN is not JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"PK\x03\x04...", "an .otioz bundle; unpack it and bring its content.otio"),
        (b"[]", "no OTIO_SCHEMA in '\\[\\]'"),
        (b'{"tracks": {}}', "no OTIO_SCHEMA"),
        (b'{"OTIO_SCHEMA": "Timeline"}', "OTIO_SCHEMA 'Timeline', which is not NAME.VERSION"),
        (b'{"OTIO_SCHEMA": "Timeline.1", "tracks": 4}', "tracks must be an object, got 4"),
        (b'{"OTIO_SCHEMA": "Timeline.9"}', "the file is a Timeline.9; the newest known here is Timeline.1"),
        (b'{"OTIO_SCHEMA": "UnknownSchema.1"}', "in which there is no Timeline, Stack or Track"),
        (text(edit(track(clip("a", source_range={"OTIO_SCHEMA": "UnknownSchema.1"})))), "must be a TimeRange, got a UnknownS"),
        (text({"OTIO_SCHEMA": "SerializableCollection.1", "children": [{"OTIO_SCHEMA": "UnknownSchema.1"}]}), "in which"),
        (text(clip("a")), "the file holds a Clip"),
        (text({"OTIO_SCHEMA": "SerializableCollection.1", "children": []}), "holds a SerializableCollection"),
        (text(edit(track({"OTIO_SCHEMA": "UnknownSchema.1"}))), r"tracks\.children\[0\]\.children\[0\] is a UnknownSchema"),
        (text(edit(track({"OTIO_SCHEMA": "Test.1"}))), "is a Test, whose length nobody here knows"),
        (text(edit(track(marker(0)))), "is a Marker, whose length nobody here knows"),
        (text(deep(300)), "nested more than 200 levels deep"),
        (text(deep(40)), "sequences are nested more than 16 deep"),
        (text(edit(track(clip("a", rate=0)))), r"start_time\.rate is 0; it must be 1e-06 to 1"),
        (text(edit(track(clip("a", rate=-24)))), r"rate is -24;"),
        (text(edit(track(clip("a", rate="24")))), r"rate must be a number up to 1e\+18, got '24'"),
        (text(edit(track(clip("a", start=True)))), r"value must be a number up to 1e\+18, got True"),
        (text(edit(track(clip("a")))).replace(b'"value": 0', b'"value": 1e999'), "a number beyond what floating point can"),
        (text(edit(metadata={"a": [1]})).replace(b"[1]", b"[-1e999]"), "a number beyond what floating point can"),
        (text(edit(track(clip("a", start=1e19)))), "got 1e\\+19"),
        (text(edit(track(clip("a", start=2**57)))), "source_in_ticks: Input should be less than or equal to"),
        (text(edit(track(clip("a", length=-3)))), r"duration is -3 ticks; a length is not negative"),
        (text(edit(track(clip("a", source_range=None)))), "has neither a source range nor an available range, so no length"),
        (text(edit(track(clip("a", effects=[warp(1e-300)])))), "has the speed 1e-300, which is beyond"),
        (text(edit(track(clip("a\0b")))), "children\\[0\\].name holds a NUL"),
        (text(edit(track(clip("a", metadata=[1])))), r"metadata must be an object, got \[1\]"),
        (text(edit(stack(REF, OTIO_REF_ID="r"))), r"tracks\.children\[0\]\.children\[0\] contains itself: 'r'"),
        (text(edit(track(gap(3, effects="x")))), r"effects must be a list, got 'x'"),
        (text(edit(track(gap(3, enabled=1)))), r"enabled must be true or false, got 1"),
        (text(edit(track(name=["x"]))), r"tracks\.children\[0\]\.name must be a text, got \['x'\]"),
        (text(edit(track(clip("a", media_references={"DEFAULT_MEDIA": {"OTIO_SCHEMA": "ImageSequenceReference.1", "missing_frame_policy": "skip"}})))), "one of error, hold, black, got 'skip'"),
        (text(edit({**REF, "OTIO_REF_ID": "r"})), r"tracks\.children\[0\] refers to itself"),
        (text(edit(track(REF))), r"refers to 'r', which is not in the file"),
    ],
    ids=lambda value: repr(value[-30:]) if isinstance(value, bytes) else None,
)  # fmt: skip
def test_file_that_cannot_be_read_is_refused_and_says_where(raw, message):
    with pytest.raises(InvalidInput, match=message):
        import_otio(raw)


def test_fields_that_are_let_through_are_those_that_the_library_has():
    for name, fields in otio_schema.FIELDS.items():
        fresh = json.loads(otio.core.serialize_json_to_string(getattr(otio.schema, name)(), {}, -1))
        assert set(fields) == set(fresh) - {"OTIO_SCHEMA"}, name


JUNK: list[object] = [
    None, True, -1, 3.5, 2**70, "", "x", "a\0", [], {}, [1], {"a": 1}, {"OTIO_SCHEMA": "UnknownSchema.1"}, time(1), span(0, 1),
    {"OTIO_SCHEMA": "Box2d.1"}, {"OTIO_SCHEMA": "TimeRange.1"}, {"OTIO_SCHEMA": "Test.1"}, {"OTIO_SCHEMA": "Item.1"},
    clip("z"), gap(3), track(clip("q")), stack(track()), warp(2), marker(1), transition(1, 1), edit(), REF,
]  # fmt: skip


def places(value: object) -> list[tuple[Any, Any]]:
    """Every field and element within a JSON value, as its holder and its key."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    return [place for key in keys for place in ((value, key), *places(value[key]))]


@given(st.data())
def test_file_in_which_anything_was_exchanged_is_read_or_refused_and_never_ends_the_process(data):
    media = {"OTIO_SCHEMA": "ImageSequenceReference.1", "OTIO_REF_ID": "r", "available_range": span(0, 9)}
    scene = stack(track(clip("x", markers=[marker(2)])), source_range=span(0, 5), effects=[warp(-0.5)])
    value = edit(track(clip("a"), transition(1, 1), gap(3), clip("b", media_references={"m": media}), scene),
                 global_start_time=time(5))  # fmt: skip
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(places(value)))
        holder[key] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
    try:
        timeline = import_otio(text(value)).timeline
    except InvalidInput:
        return
    assert import_otio(export_otio(timeline)).timeline == timeline


def test_file_beyond_the_limits_is_refused(monkeypatch):
    raw = text(edit(track(*(clip(f"c{index}") for index in range(20)))))
    for module, limit, message in (
        (otio_json, "MOST_BYTES", "bytes; 10 are the most"),
        (otio_schema, "MOST_NODES", "more than 10 objects"),
        (otio_import, "MOST_ITEMS", "more than 10 items"),
    ):
        with monkeypatch.context() as patch, pytest.raises(InvalidInput, match=message):
            patch.setattr(module, limit, 10)
            import_otio(raw)


def test_references_that_multiply_are_counted_where_they_lead(monkeypatch):
    monkeypatch.setattr(otio_schema, "MOST_NODES", 10_000)
    inner: dict[str, object] = track(clip("a"), OTIO_REF_ID="r0")
    for level in range(1, 40):
        ref = {"OTIO_SCHEMA": "SerializableObjectRef.1", "id": f"r{level - 1}"}
        inner = stack(inner, ref, ref, OTIO_REF_ID=f"r{level}")
    with pytest.raises(InvalidInput, match="more than 10000 objects"):
        import_otio(text(edit(inner)))


def test_object_that_is_shared_is_read_wherever_it_is_named():
    medium = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "OTIO_REF_ID": "r",
        "target_url": "file:///a.mov",
        "metadata": {"x": 1},
    }
    made = edit(track(clip("a", media_references={"m": medium}, active_media_reference_key="m"), gap(2),
                      clip("b", media_references={"m": REF}, active_media_reference_key="m")))  # fmt: skip
    imported = import_otio(text(made))
    first, second = imported.timeline.sequences[0].tracks[0].clips
    assert first.external == second.external
    assert (first.external and first.external.url, second.media_metadata) == ("file:///a.mov", {"x": 1})
    assert imported.report.findings == ()


@pytest.mark.parametrize("value", [-9007199254740991.0, 0.8545454551724138, 1 / 3, 7 / 24])
def test_numbers_are_read_as_they_stand_and_not_as_the_library_reads_them(value):
    """The first of them comes out of opentimelineio 0.18.1 as -9007199254740990.0."""
    made = import_otio(text(edit(track(clip("a", effects=[warp(value)])))))
    speed = made.timeline.sequences[0].tracks[0].clips[0].speed
    assert float(speed.fraction) == value
    start = import_otio(text(edit(global_start_time=time(-9007199254740991.0)))).timeline.sequences[0].start_ticks
    assert start == -9007199254740991


def test_metadata_are_kept_as_they_are_whatever_they_hold():
    odd = {"big": 2**70, "OTIO_SCHEMA": "Nonsense", "r": REF, "nul": "a\0b", "t": time(1, 24), "f": 1.0, "": [None]}
    made = import_otio(text(edit(track(clip("a", metadata=odd))))).timeline
    kept = made.sequences[0].tracks[0].clips[0].metadata
    assert json.dumps(kept) == json.dumps(odd)


def test_nothing_is_left_out_without_a_word():
    generator = {"OTIO_SCHEMA": "GeneratorReference.1", "generator_kind": "bars", "parameters": {}, "available_image_bounds": {
        "OTIO_SCHEMA": "Box2d.1", "min": {"OTIO_SCHEMA": "V2d.1", "x": 0.0, "y": 0.0},
        "max": {"OTIO_SCHEMA": "V2d.1", "x": 1.0, "y": 1.0}}}  # fmt: skip
    blur = {"OTIO_SCHEMA": "Effect.1", "name": "soft", "effect_name": "Blur"}
    curve = {"OTIO_SCHEMA": "TimeEffect.1", "effect_name": "Curve"}
    made = edit(
        track(
            clip("a", my_field=1, effects=[blur, curve, warp(2, enabled=False), {"OTIO_SCHEMA": "Glow.1"}],
                 color={"OTIO_SCHEMA": "Color.1", "r": 1.0, "g": 0.0, "b": 0.0, "a": 1.0, "name": "Red"}),
            gap(3, name="filler", effects=[blur], markers=[marker(0)], metadata={"x": 1}),
            clip("b", media_references={"x": generator, "y": {"OTIO_SCHEMA": "Cloud.1"}, "z": generator},
                 active_media_reference_key="x", markers=[{"OTIO_SCHEMA": "Flag.1"}]),
            clip("c", length=0),
        ),
        track(kind="Subtitle"),
        transition(1, 1, name="stray"),
    )  # fmt: skip
    made["tracks"] |= {"name": "other", "metadata": {"x": 1}, "enabled": False, "effects": [blur]}
    found = {(one.path.removeprefix("tracks."), one.outcome) for one in import_otio(text(made)).report.findings}
    first = "children[0].children[0]."
    gap_at = "children[0].children[1]."
    assert found == {
        (first + "my_field", "dropped"), (first + "effects[0]", "dropped"), (first + "effects[1]", "dropped"),
        (first + "effects[2]", "dropped"), (first + "effects[3]", "dropped"), (first + "color", "dropped"),
        (gap_at + "name", "dropped"), (gap_at + "metadata", "dropped"), (gap_at + "effects[0]", "dropped"),
        (gap_at + "markers[0]", "dropped"),
        ("children[0].children[2].media_references.y", "dropped"),
        ("children[0].children[2].media_references.z", "dropped"),
        ("children[0].children[2].media_references.x.available_image_bounds", "dropped"),
        ("children[0].children[2].media_references.z.available_image_bounds", "dropped"),
        ("children[0].children[2].markers[0]", "dropped"), ("children[0].children[3]", "dropped"),
        ("children[1]", "dropped"), ("children[2]", "dropped"),
        ("name", "dropped"), ("metadata", "dropped"), ("enabled", "dropped"), ("effects[0]", "dropped"),
    }  # fmt: skip


def test_older_and_newer_versions_of_a_schema_are_read():
    older = {"OTIO_SCHEMA": "Clip.1", "source_range": span(0, 5), "media_reference": {
        "OTIO_SCHEMA": "ExternalReference.1", "target_url": "file:///old.mov"}}  # fmt: skip
    colour = {"OTIO_SCHEMA": "Color.1", "r": 1.0, "g": 0.0, "b": 0.0, "a": 1.0, "name": "PINK"}
    newer = marker(3, OTIO_SCHEMA="Marker.3", color=colour)
    made = import_otio(text(edit(track({**older, "markers": [newer]}))))
    [one] = made.timeline.sequences[0].tracks[0].clips
    assert one.external is not None
    assert (one.external.url, one.markers[0].colour, one.markers[0].span.start_ticks) == ("file:///old.mov", "PINK", 3)
    assert [(found.what, found.outcome) for found in made.report.findings] == [("Color 'PINK'", "changed")]


def test_object_of_which_the_file_says_little_is_completed():
    """At the image sequence, opentimelineio 0.18.1 crashes."""
    few = {"OTIO_SCHEMA": "ImageSequenceReference.1"}
    spare = {"OTIO_SCHEMA": "Clip.2", "source_range": span(0, 5), "media_references": {"DEFAULT_MEDIA": few}}
    made = edit(track(spare, {"OTIO_SCHEMA": "Clip.2", "source_range": span(0, 5)}, {"OTIO_SCHEMA": "Transition.1"},
                      {"OTIO_SCHEMA": "Gap.1"}))  # fmt: skip
    one, other = import_otio(text(made)).timeline.sequences[0].tracks[0].clips
    assert one.frames is not None
    assert (one.frames.start_frame, one.frames.edit_rate.numerator, other.frames, other.enabled) == (1, 1, None, True)


def test_clip_whose_active_medium_nobody_knows_has_missing_media():
    cloud = {"media_references": {"y": {"OTIO_SCHEMA": "Cloud.1"}}, "active_media_reference_key": "y"}
    imported = import_otio(text(edit(track(clip("a", **cloud)))))
    [one] = imported.timeline.sequences[0].tracks[0].clips
    assert (one.external, one.generated, len(imported.report.findings)) == (None, None, 1)


def test_byte_order_mark_is_passed_over():
    made = import_otio(b"\xef\xbb\xbf" + text(edit(track(clip("a", length=5)))))
    assert made.timeline.sequences[0].tracks[0].clips[0].duration_ticks == 5
