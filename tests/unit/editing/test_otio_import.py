"""What a timeline takes from a file: positions as the library computes them, rates, speeds, nesting, ids."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction

import opentimelineio as otio
import pytest

from pipelines.editing.otio_export import export_otio
from pipelines.editing.otio_import import Imported, import_otio
from pipelines.editing.timeline import placed_clips
from schemas.timeline import Sequence
from schemas.timing import EditRate
from tests.otio_files import clip, edit, gap, marker, span, stack, text, time, track, transition, warp

FILM, NTSC = EditRate(), EditRate(numerator=30_000, denominator=1001)


def taken(*tracks: dict[str, object], **fields: object) -> Imported:
    return import_otio(text(edit(*tracks, **fields)))


def only(imported: Imported) -> Sequence:
    [sequence] = imported.timeline.sequences
    return sequence


def changes(imported: Imported) -> list[tuple[str, str]]:
    return [(one.path, one.outcome) for one in imported.report.findings]


def test_positions_are_those_that_the_library_computes():
    raw = text(edit(track(
        gap(13), clip("a", 10, 47, 30), clip("b", 3, 100, 25), gap(7, 30), transition(1, 2), clip("c", 0, 5),
        clip("d", 1, 96_000, 48_000), gap(9),
    )))  # fmt: skip
    imported = import_otio(raw)
    root = otio.core.deserialize_json_from_string(raw.decode())
    theirs = {one.name: root.tracks[0].trimmed_range_of_child(one) for one in root.find_clips()}
    assert imported.report.findings == ()
    for one in placed_clips(imported.timeline):
        their = theirs.pop(one.clip.name)
        assert float(one.start_s) == pytest.approx(their.start_time.to_seconds(), abs=1e-9)
        assert float(one.end_s) == pytest.approx(their.end_time_exclusive().to_seconds(), abs=1e-9)
    assert not theirs


def test_clip_keeps_its_media_rate_and_the_track_gets_one_in_which_all_cuts_are_whole():
    sequence = only(taken(track(clip("a", 10, 30, 30), clip("b", 5, 23, 24), clip("c", 0, 24, 24))))
    [one] = sequence.tracks
    assert (sequence.edit_rate, one.edit_rate) == (FILM, None)
    assert [(clip.start_ticks, clip.duration_ticks) for clip in one.clips] == [(0, 24), (24, 23), (47, 24)]
    assert [clip.source_rate.numerator for clip in one.clips] == [30, 24, 24]
    [one] = only(taken(track(clip("a", 10, 29, 30), clip("b", 5, 23, 24), clip("c", 0, 1, 24)))).tracks
    assert one.edit_rate == EditRate(numerator=120)
    assert [(clip.start_ticks, clip.duration_ticks) for clip in one.clips] == [(0, 116), (116, 115), (231, 5)]


def test_sound_is_cut_on_its_samples():
    sequence = only(taken(track(clip("v")), track(clip("a", 0, 44_101, 44_100), clip("b", 7, 9, 44_100), kind="Audio")))
    assert sequence.edit_rate == FILM
    sound = sequence.tracks[1]
    assert (sound.kind, sound.edit_rate) == ("audio", EditRate(numerator=44_100))
    assert [(one.start_ticks, one.source_in_ticks) for one in sound.clips] == [(0, 0), (44_101, 7)]


@pytest.mark.parametrize(
    ("written", "rate", "noted"),
    [
        (29.97, NTSC, True),
        (30_000 / 1001, NTSC, False),
        (23.976, EditRate(numerator=24_000, denominator=1001), True),
        (23.98, EditRate(numerator=24_000, denominator=1001), True),
        (23.976023976023978, EditRate(numerator=24_000, denominator=1001), False),
        (59.94, EditRate(numerator=60_000, denominator=1001), True),
        (25, EditRate(numerator=25), False),
        (12.5, EditRate(numerator=25, denominator=2), False),
        (48_000, EditRate(numerator=48_000), False),
    ],
)
def test_rate_is_the_fraction_that_was_meant(written, rate, noted):
    imported = taken(track(clip("a", 2, 30, written), clip("b", 0, 1, written)))
    sequence = only(imported)
    assert (sequence.edit_rate, sequence.tracks[0].edit_rate) == (rate, None)
    assert [one.start_ticks for one in sequence.tracks[0].clips] == [0, 30]
    assert [one.outcome for one in imported.report.findings] == (["changed"] if noted else [])


def test_hours_of_shortened_broadcast_rates_do_not_drift():
    imported = taken(track(*(clip(f"c{index}", 0, 1, 29.97) for index in range(1500))))
    assert [one.start_ticks for one in only(imported).tracks[0].clips] == list(range(1500))


def test_times_between_ticks_get_a_finer_clock_and_beyond_it_are_rounded_with_a_note():
    sequence = only(taken(track(clip("a", 0.5, 10.25), clip("b", 100.1, 3))))
    [one] = sequence.tracks
    assert one.edit_rate == EditRate(numerator=96)
    assert [(clip.source_in_ticks, clip.source_rate.numerator) for clip in one.clips] == [(1, 48), (1001, 240)]
    imported = taken(track(clip("a", 1 / 7, 1_234_567, 1e6), clip("b", 0, 1e6, 1e6)))
    assert changes(imported)[-1] == ("tracks.children[0].children[0].source_range.start_time", "changed")
    [kept] = [one for one in only(imported).tracks[0].clips if one.name == "b"]
    assert kept.duration_ticks == 240_000


def test_lengths_that_no_clock_holds_are_rounded_at_their_ends_so_that_nothing_drifts():
    imported = taken(track(*(clip(f"c{index}", 0, 333_333, 1e6) for index in range(300))))
    [one] = only(imported).tracks
    assert [clip.start_ticks for clip in one.clips] == [
        round(Fraction(index * 24 * 333_333, 100)) for index in range(300)
    ]
    assert one.end_ticks == 300 * 24 * 3333.33


def test_start_of_a_sequence_is_its_time_code():
    assert only(taken(track(clip("a")), global_start_time=time(86_400))).start_ticks == 86_400
    imported = taken(track(clip("a")), global_start_time=time(1, 48))
    assert (only(imported).start_ticks, changes(imported)) == (0, [("tracks", "changed")])


def test_speeds_of_a_clip_are_multiplied_and_the_place_in_the_record_stays():
    imported = taken(track(clip("a", 5, 10, effects=[warp(0.2), warp(-3)]), clip("b", effects=[
        {"OTIO_SCHEMA": "FreezeFrame.1", "effect_name": "FreezeFrame", "time_scalar": 0.0}])))  # fmt: skip
    first, second = only(imported).tracks[0].clips
    assert (first.speed.fraction, first.duration_ticks, first.source_in_ticks) == (Fraction(-3, 5), 10, 5)
    assert (second.speed.fraction, second.start_ticks) == (0, 10)
    assert changes(imported) == [("tracks.children[0].children[0].effects", "changed")]


def test_clip_without_a_range_is_as_long_as_its_media():
    media = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": "file:///a.mov", "available_range": span(100, 6)}
    [one] = only(taken(track(clip("a", source_range=None, media_references={"DEFAULT_MEDIA": media})))).tracks[0].clips
    assert (one.source_in_ticks, one.duration_ticks) == (100, 6)
    assert one.available is not None
    assert (one.available.start_ticks, one.available.duration_ticks) == (100, 6)


def test_markers_of_sequence_track_and_clip_stay_where_they_were():
    made = edit(track(clip("a", markers=[marker(3.5, comment="his hand")]), markers=[marker(1)]))
    made["tracks"]["markers"] = [marker(7, color="GREEN")]
    sequence = only(import_otio(text(made)))
    [of_clip] = sequence.tracks[0].clips[0].markers
    assert (of_clip.comment, of_clip.span.start_ticks, of_clip.span.edit_rate.numerator) == ("his hand", 7, 48)
    assert [one.span.start_ticks for one in sequence.tracks[0].markers] == [1]
    assert [(one.span.start_ticks, one.colour) for one in sequence.markers] == [(7, "GREEN")]


def test_transition_without_room_is_dropped_and_said_so():
    imported = taken(
        track(clip("a", 0, 5), transition(9, 1), transition(1, 1), clip("b", 0, 5), transition(2, 0), gap(3))
    )
    kept = only(imported).tracks[0].transitions
    assert [(one.at_ticks, one.in_ticks, one.out_ticks) for one in kept] == [(5, 1, 1), (10, 2, 0)]
    assert changes(imported) == [("tracks.children[0].children[1]", "dropped")]


def test_stacks_and_tracks_within_tracks_become_nested_sequences():
    inner = stack(track(clip("x", 0, 30, 30)), track(clip("y"), kind="Audio"), name="scene", source_range=span(6, 12))
    imported = taken(track(clip("a"), inner, track(clip("z", 0, 5), effects=[warp(2)], name="run")))
    top, scene, run = imported.timeline.sequences
    shown = top.tracks[0].clips
    assert [one.sequence_id for one in shown] == [None, scene.sequence_id, run.sequence_id]
    assert [(one.start_ticks, one.duration_ticks, one.source_in_ticks) for one in shown[1:]] == [
        (24, 12, 6),
        (36, 5, 0),
    ]
    assert (scene.name, [one.kind for one in scene.tracks], run.name) == ("scene", ["video", "audio"], "run")
    assert shown[2].speed.fraction == 2
    assert changes(imported) == [("tracks.children[0].children[2]", "changed")]


def test_track_or_timeline_with_a_range_of_its_own_is_kept_by_nesting():
    imported = taken(track(clip("a", 0, 50), source_range=span(10, 20)))
    top, inner = imported.timeline.sequences
    [shown] = top.tracks[0].clips
    assert (shown.source_in_ticks, shown.duration_ticks, inner.tracks[0].clips[0].duration_ticks) == (10, 20, 50)
    made = edit(track(clip("a", 0, 50)), track(clip("b", 0, 60), kind="Audio"))
    made["tracks"]["source_range"] = span(10, 20)
    top, inner = import_otio(text(made)).timeline.sequences
    assert (top.tracks[0].clips[0].duration_ticks, len(inner.tracks)) == (20, 2)


def test_items_directly_in_a_stack_get_a_track_each():
    imported = import_otio(text(edit(clip("a"), gap(9), stack(track(clip("b", 0, 7))))))
    top = imported.timeline.sequences[0]
    assert [len(one.clips) for one in top.tracks] == [1, 0, 1]
    assert [one.end_ticks for one in top.tracks] == [24, 9, 7]
    assert [outcome for _, outcome in changes(imported)] == ["changed"] * 3


def test_collection_gives_all_its_timelines_and_a_bare_stack_or_track_one():
    cuts = [edit(track(clip(name)), name=name) for name in ("one", "two")]
    many = {"OTIO_SCHEMA": "SerializableCollection.1", "name": "reels", "children": [*cuts, clip("stray")]}
    imported = import_otio(text(many))
    assert [one.name for one in imported.timeline.roots()] == ["one", "two"]
    assert (imported.timeline.title, changes(imported)) == ("reels", [("children[2]", "dropped")])
    for bare in (stack(track(clip("a"))), track(clip("a"))):
        assert only(import_otio(text(bare))).tracks[0].clips[0].name == "a"


def test_clip_of_no_length_takes_what_only_it_showed_with_it():
    imported = taken(track(clip("a"), stack(track(clip("b")), source_range=span(0, 0))))
    assert len(imported.timeline.sequences) == 1
    assert changes(imported) == [("tracks.children[0].children[1]", "dropped")]


def test_ids_come_from_the_file_and_its_places_or_from_an_export_of_ours():
    raw = text(edit(track(clip("a"), clip("a"))))
    first, again = import_otio(raw).timeline, import_otio(raw).timeline
    assert first == again
    assert import_otio(raw + b"\n").timeline.timeline_id != first.timeline_id
    assert len({one.clip.clip_id for one in placed_clips(first)}) == 2
    exported = export_otio(first)
    assert import_otio(exported + b"\n").timeline == first


def test_copy_that_an_editor_made_of_a_clip_gets_an_id_of_its_own():
    exported = json.loads(export_otio(taken(track(clip("a"))).timeline))
    exported["tracks"]["children"][0]["children"] *= 2
    imported = import_otio(text(exported))
    first, second = only(imported).tracks[0].clips
    assert first.clip_id != second.clip_id
    assert changes(imported) == [("tracks.children[0].children[1]", "changed")]


def test_what_an_editor_changes_in_an_exported_file_counts():
    timeline = taken(track(clip("a", 5, 10, effects=[warp(1 / 3)]), gap(4), clip("b"))).timeline
    exported = json.loads(export_otio(timeline))
    first, space, _ = exported["tracks"]["children"][0]["children"]
    first["source_range"] = span(7, 20, 25)
    first["effects"][0]["time_scalar"] = 1.5
    first["metadata"]["reelwright"]["speed"] = [1, 3]
    space["source_range"] = span(0, 1, 30)
    sequence = only(import_otio(text(exported)))
    one, other = sequence.tracks[0].clips
    assert (one.clip_id, one.speed.fraction) == (timeline.sequences[0].tracks[0].clips[0].clip_id, Fraction(3, 2))
    assert (one.source_in_ticks, one.source_rate, one.duration_ticks) == (7, EditRate(numerator=25), 24)
    assert (sequence.tracks[0].edit_rate, other.start_ticks) == (EditRate(numerator=30), 25)


def test_nested_sequence_that_is_shown_twice_is_one_again_unless_a_copy_was_changed():
    scene = stack(track(clip("x", 0, 9)), name="scene")
    once = taken(track(scene)).timeline
    shown = once.sequences[0].tracks[0].clips[0]
    twice = shown.model_copy(update={"clip_id": "again", "start_ticks": 9})
    tracks = (once.sequences[0].tracks[0].model_copy(update={"clips": (shown, twice)}),)
    timeline = once.model_copy(update={
        "sequences": (once.sequences[0].model_copy(update={"tracks": tracks}), once.sequences[1])})  # fmt: skip
    exported = export_otio(timeline)
    assert import_otio(exported).timeline == timeline
    changed = json.loads(exported)
    copy = changed["tracks"]["children"][0]["children"][1]["children"][0]["children"][0]
    copy["name"] = "recut"
    imported = import_otio(text(changed))
    assert [one.name for one in imported.timeline.sequences] == ["Cut", "scene", "scene"]
    clips = [[one.name for one in sequence.tracks[0].clips] for sequence in imported.timeline.sequences[1:]]
    assert clips == [["x"], ["recut"]]
    assert {outcome for _, outcome in changes(imported)} == {"changed"}


@pytest.mark.parametrize("wrong", [3, [1], "s", {"edit_rate": "x"}, {"edit_rate": [0, 0]}, {"sequence_id": "a b"}])
def test_metadata_of_ours_that_make_no_sense_are_as_if_they_were_not_there(wrong):
    for key in ("reelwright", "other"):
        imported = import_otio(text(edit(track(clip("a"), metadata={key: wrong}), metadata={"reelwright": wrong})))
        assert only(imported).tracks[0].clips[0].name == "a"


def test_sequences_are_listed_with_the_edit_itself_first():
    nested = [stack(track(clip(f"c{index}")), name=f"n{index}") for index in range(3)]
    names = [one.name for one in taken(track(*nested)).timeline.sequences]
    assert list(itertools.islice(names, 2)) == ["Cut", "n0"]
