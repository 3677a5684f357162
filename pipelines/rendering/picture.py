"""ShotPicture: everything that is visible in one shot and nothing else, so that equal pictures share their frames.

It holds no shot id, no start and no neighbour. Whatever changes a pixel stands here, and whatever stands here may
change a pixel.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from schemas.asset_manifest import BackgroundNeed
from schemas.character_design import CharacterDesign
from schemas.document import Document, Hash, Part
from schemas.timing import EditRate
from schemas.vocabulary import CameraMovement, Emotion, Framing, Gaze, Mood, Pose, ScreenSlot, TimeOfDay


class ImageSource(Part):
    """An image or a clip of the local library that stands in for a drawing."""

    content_hash: Hash
    kind: Literal["image", "clip"] = "image"


class PictureFigure(Part):
    """A figure and all it does."""

    design: CharacterDesign
    slot: ScreenSlot = "centre"
    pose: Pose = "standing"
    expression: Emotion = "neutral"
    gaze: Gaze = "camera"
    back: bool = False
    mouth: tuple[tuple[str, int], ...] = ()
    """Runs of (viseme, ticks) from the start of the shot; `rest` after the last."""

    speaking: tuple[tuple[int, int], ...] = ()
    """Ranges [start, end) of ticks in which this figure has a line."""

    placeholder: bool = False
    """Drawn as a stand-in because the character's look is missing."""


class PictureProp(Part):
    """A thing seen close: drawn by its tag, or an image of the library."""

    tag: str
    image: ImageSource | None = None


class PictureCue(Part):
    """A burned-in caption, [start, end) in ticks of the shot."""

    start_ticks: int = Field(ge=0)
    end_ticks: int = Field(ge=1)
    lines: tuple[str, ...] = Field(min_length=1)


class ShotPicture(Document):
    """What is seen in one shot."""

    kind: Literal["scene", "card", "slate"] = "scene"
    width_px: int = Field(ge=16)
    height_px: int = Field(ge=16)
    edit_rate: EditRate
    duration_ticks: int = Field(ge=1)
    framing: Framing
    movement: CameraMovement = "static"
    mood: Mood = "calm"
    time_of_day: TimeOfDay = "day"
    focus: int | None = None
    """Index of the figure that the shot is about."""

    backdrop: BackgroundNeed | None = None
    image: ImageSource | None = None
    """Takes the place of the backdrop."""

    figures: tuple[PictureFigure, ...] = ()
    props: tuple[PictureProp, ...] = ()
    card_text: tuple[str, ...] = ()
    """Lines of a card, the largest first."""

    slate_text: tuple[str, ...] = ()
    """What a slate says: which shot, then why it is missing."""

    cues: tuple[PictureCue, ...] = ()
    flag: str = ""
    """What is a placeholder here; shown small in a corner. Empty when nothing is."""

    @model_validator(mode="after")
    def _consistent(self) -> ShotPicture:
        if self.focus is not None and not 0 <= self.focus < len(self.figures):
            raise ValueError(f"focus {self.focus} is none of the {len(self.figures)} figures")
        for figure in self.figures:
            held = sum(ticks for _, ticks in figure.mouth)
            if held > self.duration_ticks:
                raise ValueError(f"a mouth moves for {held} ticks in a shot of {self.duration_ticks}")
        return self
