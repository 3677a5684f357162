"""The closed word lists that documents share. A new word is a MINOR version."""

from __future__ import annotations

from typing import Literal

Emotion = Literal["neutral", "happy", "sad", "angry", "afraid", "surprised", "tender", "worried", "determined"]
"""How somebody feels, as face, body and voice show it."""

Pacing = Literal["slow", "normal", "fast"]
"""How quickly a line is spoken."""

TimeOfDay = Literal["dawn", "day", "dusk", "night"]

Weather = Literal["clear", "cloudy", "rain", "storm", "snow", "fog"]

Mood = Literal["calm", "tense", "joyful", "sad", "mysterious", "hopeful", "urgent"]
"""The colour of a scene, for light and for music."""

Framing = Literal["wide", "medium", "close_up", "two_shot", "over_shoulder", "insert", "title_card", "end_card"]

CameraMovement = Literal["static", "pan_left", "pan_right", "tilt_up", "tilt_down", "push_in", "pull_out"]

Pose = Literal["standing", "sitting", "walking", "running", "pointing", "reaching", "crouching", "arms_crossed"]

Gaze = Literal["camera", "left", "right", "up", "down"]
"""Where the eyes look, in screen directions."""

ScreenSlot = Literal["left", "centre_left", "centre", "centre_right", "right"]
"""Where a figure stands across the frame."""

RenderProfile = Literal["preview_local", "standard_local"]

LocationSetting = Literal[
    "coast", "lighthouse", "harbour", "sea", "forest", "mountain", "field", "desert",
    "street", "rooftop", "room", "kitchen", "office", "cellar", "cave", "workshop",
]  # fmt: skip
"""What kind of place a location is; a background can be drawn for each."""
