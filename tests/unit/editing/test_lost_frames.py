"""Frames that a finished film lacks do not shift what the second look says of the others."""

from __future__ import annotations

from tests.unit.editing.test_cover_plan import FRAMES, track
from tests.unit.editing.test_leak_audit import COVERED, look, piece, report

LOST = (3, 4, 50)


def test_second_look_at_a_film_with_lost_frames_speaks_of_the_frames_that_were_brought():
    covered = track("a", 40, (COVERED,) * 2)
    found = report(tracks=(covered,), lost_frames=LOST, look=look(
        piece(38, COVERED, [0.9]), piece(40, COVERED, [0.8]), piece(46, COVERED, [0.7, 0.6]), frames=FRAMES - len(LOST)
    ))  # fmt: skip
    assert [(risk.reason, risk.first_frame, risk.end_frame) for risk in found.at_risk] == [
        ("uncovered_detection", 42, 43), ("uncovered_detection", 48, 50), ("detection_under_effect", 40, 41),
    ]  # fmt: skip
