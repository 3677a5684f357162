"""EpisodePlan: the scenes that one episode will have, with no dialogue yet. Episode: what it left behind."""

from __future__ import annotations

from pydantic import Field

from schemas.document import Document, Hash, Identifier, Part
from schemas.facts import Fact
from schemas.vocabulary import Mood, TimeOfDay, Weather


class PlannedScene(Part):
    """One scene to be written."""

    scene_id: Identifier
    purpose: str = Field(min_length=1)
    location_id: Identifier
    time_of_day: TimeOfDay = "day"
    weather: Weather = "clear"
    mood: Mood = "calm"
    character_ids: tuple[Identifier, ...] = ()
    beats: tuple[str, ...] = ()
    """What happens, in order."""


class EpisodePlan(Document):
    """The plan of one episode."""

    title: str = Field(min_length=1)
    episode_number: int = Field(default=1, ge=1)
    arc_reference: Hash
    """Content hash of the StoryArc."""

    scenes: tuple[PlannedScene, ...] = Field(min_length=1)


class Episode(Document):
    """What an episode established, for the context of the next one."""

    episode_number: int = Field(default=1, ge=1)
    arc_reference: Hash | None = None
    """Content hash of the StoryArc, None for an episode that began as a script."""

    summary: str = ""
    new_facts: tuple[Fact, ...] = ()
    unresolved_threads: tuple[str, ...] = ()
