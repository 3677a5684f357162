"""What descriptions show and sound like; whatever is guessed can be drawn and heard."""

import pytest

from pipelines.imaging.props.prop import KNOWN_PROPS
from pipelines.narrative import stagecraft
from pipelines.narrative.stagecraft import mood_of, pose_in, props_in, sounds_in
from pipelines.sound.effects import KNOWN_EFFECTS
from pipelines.sound.sound_tags import sound_name


def test_everything_that_is_guessed_can_be_drawn_and_heard():
    assert stagecraft.GUESSED_PROPS <= KNOWN_PROPS
    assert set(stagecraft.PROP_NAMES.values()) <= KNOWN_PROPS
    assert {sound_name(tag) for tag, _ in stagecraft.GUESSED_SOUNDS} <= KNOWN_EFFECTS


@pytest.mark.parametrize(
    ("text", "pose"),
    [
        ("Mara runs in and sits.", "running"),
        ("Mara sits and points.", "sitting"),
        ("Tomas folds his arms.", "arms_crossed"),
        ("Mara looks up.", None),
    ],
)
def test_pose_is_the_first_movement(text, pose):
    assert pose_in(text) == pose


def test_props_are_named_once_by_their_drawable_name():
    assert props_in("She lifts the photograph, the letters and a key.") == ("photo", "letter")
    assert props_in("She waits. Gulls wheel home. A bell rings.") == ()


def test_sounds_stand_in_order_and_silence_makes_none():
    assert sounds_in("Thunder cracks. The door slams.") == ("thunder", "door")
    assert sounds_in("The bell is silent. No thunder.") == ()


def test_mood_follows_words_weather_and_hour():
    assert mood_of(["Hurry, run now!"], ["afraid"], "night", "storm") == "urgent"
    assert mood_of(["He sits."], ["neutral"], "day", "clear") == "calm"
    assert mood_of(["The sunrise is light."], ["tender"], "dawn", "clear") == "hopeful"
