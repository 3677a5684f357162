"""StoryArc: where a story goes, before anybody speaks."""

from __future__ import annotations

from pydantic import Field

from schemas.canon import CanonCharacter, CanonLocation
from schemas.document import Document, Identifier, Part
from schemas.vocabulary import Mood


class ArcStep(Part):
    """One turn of the story."""

    step_id: Identifier
    """Name of this turn, unique in the arc."""

    purpose: str = Field(min_length=1)
    """Its dramatic function: setup, catalyst, crisis, climax, resolution."""

    summary: str = Field(min_length=1)
    """What happens, in a sentence or two."""

    mood: Mood = "calm"


class StoryArc(Document):
    """Premise, cast, places and turns of a story."""

    title: str = Field(min_length=1)
    """Title of the story."""

    premise: str = Field(min_length=1)
    """The idea in a sentence or two."""

    theme: str = ""
    """What the story is about beneath its events."""

    characters: tuple[CanonCharacter, ...] = Field(min_length=1)
    locations: tuple[CanonLocation, ...] = Field(min_length=1)
    steps: tuple[ArcStep, ...] = Field(min_length=1)
