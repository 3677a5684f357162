"""Spans of classes from made-up evidence, and the sections of a programme."""

from itertools import pairwise

import numpy as np
import pytest

from actors.sound_classes.hearing import FRAME_S
from pipelines.analysis.sound_sections import Section, sections
from pipelines.analysis.sound_tracks import SoundEvidence, floor_db, sound_tracks

QUIET_DB, LOUD_DB = -90.0, -20.0


def evidence(*stretches: tuple[float, str, float]) -> SoundEvidence:
    """(seconds, what sounds, level) one after the other; a sure network, a sure voice activity."""
    rows, activity = [], []
    for seconds, what, level_db in stretches:
        row = [0.99 if name in what.split("+") else 0.01 for name in ("speech", "music", "noise")]
        if "music" in what:
            row[1] = 0.9995
        rows += [[*row, level_db]] * round(seconds / FRAME_S)
        activity += [0.95 if "speech" in what else 0.02] * round(seconds / 0.032)
    total = len(rows) * 320
    return SoundEvidence(np.array(rows, np.float32), np.array(activity, np.float32), total)


def spans(found):
    return [(round(one.start_s, 1), round(one.end_s, 1)) for one in found]


def test_talk_over_music_is_both():
    tracks = sound_tracks(
        evidence((10, "music", LOUD_DB), (8, "speech+music", LOUD_DB), (6, "music", LOUD_DB), (3, "", QUIET_DB)), 0.3
    )
    assert spans(tracks.music) == [(0.0, 24.0)] or spans(tracks.music) == [(0.0, 24.1)]
    [speech] = tracks.speech
    assert (speech.start_s, speech.end_s) == pytest.approx((10, 18), abs=0.1)
    assert tracks.noise == ()


def test_pause_is_silence_from_the_shortest_on_and_part_of_the_talk_below():
    sound = evidence((5, "speech", LOUD_DB), (1, "", QUIET_DB), (5, "speech", LOUD_DB), (3, "", QUIET_DB))
    assert len(sound_tracks(sound, 0.4).speech) == 2
    assert len(sound_tracks(sound, 0.4).silence) == 2
    assert len(sound_tracks(sound, 2.0).speech) == 1
    assert len(sound_tracks(sound, 2.0).silence) == 1


def test_silence_overlaps_nothing():
    tracks = sound_tracks(
        evidence(
            (4, "music", LOUD_DB), (0.8, "music", QUIET_DB), (4, "music", LOUD_DB), (2, "", QUIET_DB),
            (4, "noise", LOUD_DB), (2, "", QUIET_DB),
        ),
        0.3,
    )  # fmt: skip
    assert len(tracks.silence) == 3
    for silent in tracks.silence:
        for one in (*tracks.speech, *tracks.music, *tracks.noise):
            assert one.end_s <= silent.start_s + 1e-9 or one.start_s >= silent.end_s - 1e-9


def test_speech_that_the_classes_deny_is_none():
    sound = evidence((10, "music", LOUD_DB))
    fooled = SoundEvidence(sound.classes, np.full_like(sound.activity, 0.9), sound.total_samples)
    assert sound_tracks(fooled, 0.3).speech == ()


def test_quiet_noise_beside_digital_silence_is_noise():
    """A fixed gate would call it silence."""
    tracks = sound_tracks(evidence((5, "", -100.0), (10, "noise", -60.0), (5, "", -100.0)), 0.3)
    assert spans(tracks.noise) == [(5.0, 15.0)] or spans(tracks.noise)[0] == pytest.approx((5, 15), abs=0.25)


def test_recording_that_is_nothing_but_noise_is_noise():
    tracks = sound_tracks(evidence((20, "noise", -30.0)), 0.3)
    assert spans(tracks.noise) == [(0.0, 20.0)] and tracks.silence == ()


def test_flicker_of_music_is_none():
    stretches = [(0.4, "music", LOUD_DB), (2.0, "noise", LOUD_DB)] * 5
    assert sound_tracks(evidence(*stretches), 0.3).music == ()


def test_no_sound_at_all_has_no_tracks():
    empty = SoundEvidence(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), 0)
    tracks = sound_tracks(empty, 0.3)
    assert (tracks.speech, tracks.music, tracks.noise, tracks.silence) == ((), (), (), ())
    assert sections(tracks, 0.0) == ()


def test_floor_is_held_in_its_range():
    assert floor_db(np.full(1000, -20, np.float32)) == -52
    assert floor_db(np.full(1000, -100, np.float32)) == -75
    assert floor_db(np.full(1000, -60, np.float32)) == pytest.approx(-60, abs=0.01)


def test_sections_of_a_programme():
    tracks = sound_tracks(
        evidence(
            (10, "music", LOUD_DB), (4, "", QUIET_DB), (8, "speech", LOUD_DB), (2, "", QUIET_DB), (5, "speech", LOUD_DB),
            (10, "noise", LOUD_DB), (9, "speech+music", LOUD_DB),
        ),
        0.3,
    )  # fmt: skip
    found = sections(tracks, 48.0)
    assert [one.labels for one in found] == [("music",), ("silence",), ("speech",), ("noise",), ("speech", "music")]
    for one, start in zip(found, (0, 10, 14, 29, 39), strict=True):
        assert one.start_s == pytest.approx(start, abs=0.3)
    assert found[-1].end_s == 48


def test_sections_cover_the_sound_without_gaps():
    tracks = sound_tracks(evidence((3, "speech", LOUD_DB), (0.5, "", -60.0), (3, "music", LOUD_DB)), 0.3)
    found = sections(tracks, 6.5)
    assert (found[0].start_s, found[-1].end_s) == (0, 6.5)
    assert all(isinstance(one, Section) and one.labels for one in found)
    assert all(one.end_s == other.start_s for one, other in pairwise(found))
