"""Emotion and pace of a line."""

import pytest

from pipelines.narrative.emotion import tag_emotion, tag_pacing


@pytest.mark.parametrize(
    ("text", "parenthetical", "emotion"),
    [
        ("The lamp is dead and he is crying.", "", "sad"),
        ("Come in.", "furious", "angry"),
        ("I am so happy!", "bitterly", "angry"),
        ("I am not afraid.", "", "neutral"),
        ("We must go. I will fight!", "", "determined"),
        ("What?!", "", "surprised"),
        ("GET OUT!", "", "angry"),
        ("The yellow willow.", "", "neutral"),
        ("", "", "neutral"),
    ],
)
def test_emotion_of_a_line(text, parenthetical, emotion):
    assert tag_emotion(text, parenthetical) == emotion


@pytest.mark.parametrize(
    ("text", "parenthetical", "pacing"),
    [("Run!", "", "fast"), ("I… I do not know.", "", "slow"), ("Run!", "slowly", "slow"), ("He sits.", "", "normal")],
)
def test_pacing_of_a_line(text, parenthetical, pacing):
    assert tag_pacing(text, parenthetical) == pacing
