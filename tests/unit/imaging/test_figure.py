"""A figure shows pose, feeling, gaze and speech in its pixels."""

from __future__ import annotations

from itertools import combinations
from typing import get_args

import numpy as np
import pytest

from pipelines.imaging import canvas as cv
from pipelines.imaging.character_design import design_character
from pipelines.imaging.expression import MOUTHS
from pipelines.imaging.face import blink
from pipelines.imaging.figure import FigureState, new_figure
from pipelines.imaging.figure_pose import Moment, skeleton
from schemas.asset_manifest import CharacterNeed
from schemas.canon import Appearance
from schemas.vocabulary import Emotion, Pose

BASE = {
    "seconds": 0.7, "pose": "standing", "expression": "neutral", "turn": 0.0, "facing": 0.0, "look_x": 0.0,
    "look_y": 0.0, "speaking": 0.0, "viseme": "rest", "back": False,
}  # fmt: skip


def design(character_id="mara", **appearance):
    need = CharacterNeed(
        asset_id="character.x", character_id=character_id, name="X", appearance=Appearance(**appearance)
    )
    return design_character(need)


def draw(who=None, **state):
    canvas = cv.PixelCanvas(160, 200)
    scene = cv.new_scene()
    canvas.add(scene)
    cv.place(scene, (0.3, 0, 80, 0, 0.3, 190))
    figure = new_figure(who or design(), scene)
    figure.pen.begin()
    figure.draw(FigureState(**{**BASE, **state}), 0, 0)
    figure.pen.end()
    pixels = np.zeros((200, 160, 4), np.uint8)
    canvas.draw(pixels, clear=True)
    canvas.close()
    return pixels


def difference(one, other):
    return int((np.abs(one.astype(int) - other).max(axis=2) > 24).sum())


@pytest.mark.parametrize("what, words", [("expression", get_args(Emotion)), ("pose", get_args(Pose))])
def test_figure_every_word_is_drawn_differently(what, words):
    drawn = {word: draw(**{what: word}) for word in words}
    for one, other in combinations(words, 2):
        assert difference(drawn[one], drawn[other]) > 25, (one, other)


@pytest.mark.parametrize("style", ["short", "long", "bun", "curly", "bald", "ponytail", "cap"])
def test_figure_seen_from_behind_hides_the_face(style):
    who = design(hair_style=style)
    front, back = draw(who), draw(who, back=True)
    assert difference(front, back) > 100
    assert difference(back, draw(who, back=True, viseme="open", expression="neutral")) == 0


def test_figure_visemes_have_distinct_mouths():
    drawn = {viseme: draw(viseme=viseme) for viseme in MOUTHS}
    for one, other in combinations(MOUTHS, 2):
        assert difference(drawn[one], drawn[other]) > 0 or np.abs(drawn[one].astype(int) - drawn[other]).sum() > 60


def test_figure_gaze_moves_the_pupils():
    assert difference(draw(look_x=-0.9), draw(look_x=0.9)) > 3


def test_figure_same_state_same_bytes_whatever_was_drawn_before():
    canvas = cv.PixelCanvas(160, 200)
    scene = cv.new_scene()
    canvas.add(scene)
    cv.place(scene, (0.3, 0, 80, 0, 0.3, 190))
    figure = new_figure(design(), scene)
    pixels = np.zeros((200, 160, 4), np.uint8)
    for state in ({"pose": "running", "facing": 1.0, "viseme": "open"}, {"back": True}, {}):
        figure.pen.begin()
        figure.draw(FigureState(**{**BASE, **state}), 0, 0)
        figure.pen.end()
        canvas.draw(pixels, clear=True)
    assert np.array_equal(pixels, draw())


def test_figure_child_is_smaller_than_an_adult():
    adult, child = (np.flatnonzero((draw(who)[:, :, 3] > 200).any(axis=1)) for who in (design(), design(build="child")))
    assert child[0] > adult[0] + 30


def test_skeleton_walk_swaps_its_feet_in_half_a_cycle():
    def feet(seconds):
        return [foot[0] for foot in skeleton(design(), "walking", "neutral", Moment(seconds, 1.0, 0.0, 0.0)).feet]

    first, second = feet(0.0), feet(0.5 / 0.88)
    assert first[0] > first[1]
    assert second[0] < second[1]


def test_blink_is_short_and_comes_back():
    shut = [blink(tick / 48, 0.3) for tick in range(48 * 12)]
    assert max(shut) > 0.9
    assert 0.02 < sum(one > 0.1 for one in shut) / len(shut) < 0.12
