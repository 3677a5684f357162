"""Which shots of a scene the camera moves in: a third at most, where the story asks for it.

establishing   pan or tilt    the place is looked over
last shot      pull_out       the scene lets go, when the shot has room to; a closer one ranks behind the first peak
peaks          push_in        from the last one back: a scene's climax comes late

A scene of fewer than three shots stands still, and so do cards; a third of every scene is at most a third of the film.
Moves are given by rank, not by turns, so a reworded line changes none and an added one changes at most one other shot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipelines.adaptation.draft import ShotDraft
from pipelines.adaptation.framing import pick
from schemas.vocabulary import CameraMovement, LocationSetting

PUSH: CameraMovement = "push_in"
PULL: CameraMovement = "pull_out"

MOVING_SHARE = 3
"""One shot in this many may move: more reads as restless, and a still frame costs far less to draw and to encode."""

TALL: frozenset[LocationSetting] = frozenset({"lighthouse", "mountain", "forest", "cave"})
"""Places that an establishing shot looks up at."""


def with_camera(drafts: Sequence[ShotDraft], setting: LocationSetting) -> tuple[ShotDraft, ...]:
    """The shots of one scene with their movements; all others are static.

    Args:
        drafts: of the scene, in order.
        setting: of its place.
    """
    moves = dict(list(_wanted(drafts, setting))[: len(drafts) // MOVING_SHARE])
    return tuple(replace(draft, movement=moves.get(index, "static")) for index, draft in enumerate(drafts))


def _wanted(drafts: Sequence[ShotDraft], setting: LocationSetting) -> Iterator[tuple[int, CameraMovement]]:
    """Every shot that would move, the most important first."""
    last = len(drafts) - 1
    if drafts[0].role == "establishing":
        yield 0, pick(("tilt_up", "tilt_down") if setting in TALL else ("pan_right", "pan_left"), drafts[0].shot_id)
    peaks = [index for index in range(last - 1, 0, -1) if drafts[index].peak and drafts[index].framing != "wide"]
    pushes = [(index, PUSH) for index in peaks]
    pulls = [(last, PULL)] if last > 0 and drafts[last].framing != "insert" else []
    roomy = drafts[last].framing in ("wide", "two_shot")
    yield from pulls + pushes if roomy else pushes[:1] + pulls + pushes[1:]
