"""EpisodePlan: the scenes that one episode will have, with no dialogue yet. Episode: what it left behind."""

from __future__ import annotations

from pydantic import Field

from schemas.document import Document, Hash, Identifier, Part
from schemas.facts import Fact
from schemas.vocabulary import Mood, TimeOfDay, Weather


class PlannedScene(Part):
    """One scene to be written."""

    scene_id: Identifier
    """Name of the scene, unique in the plan."""

    purpose: str = Field(min_length=1)
    """What the scene does for the story."""

    location_id: Identifier
    """Where it plays."""

    time_of_day: TimeOfDay = "day"
    """When it plays."""

    weather: Weather = "clear"
    """Weather outside."""

    mood: Mood = "calm"
    character_ids: tuple[Identifier, ...] = ()
    """Who is present."""

    beats: tuple[str, ...] = ()
    """What happens, in order."""


class EpisodePlan(Document):
    """The plan of one episode."""

    title: str = Field(min_length=1)
    """Title of the episode."""

    episode_number: int = Field(default=1, ge=1)
    """Number within the season, from 1."""

    arc_reference: Hash
    """Content hash of the StoryArc."""

    scenes: tuple[PlannedScene, ...] = Field(min_length=1)


class Episode(Document):
    """What an episode established, for the context of the next one."""

    episode_number: int = Field(default=1, ge=1)
    """Number within the season, from 1."""

    arc_reference: Hash | None = None
    """Content hash of the StoryArc, None for an episode that began as a script."""

    summary: str = ""
    """What happened, in a few sentences."""

    new_facts: tuple[Fact, ...] = ()
    unresolved_threads: tuple[str, ...] = ()
    """What a later episode has to pick up."""
