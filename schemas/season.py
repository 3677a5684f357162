"""Season: the episodes that are made in one go, each from a project of its own."""

from __future__ import annotations

from collections import Counter
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.document import Document, Identifier, Part
from schemas.vocabulary import RenderProfile


class SeasonEpisode(Part):
    """One episode of a season."""

    episode_id: Identifier
    """Name of the episode within its season; its run folder is called so."""

    project: str = Field(min_length=1, max_length=1024)
    """The project file, screenplay or idea that it is made from, relative to the season's file
    and below its folder."""

    profile: RenderProfile = "preview_local"
    """Render profile."""

    captions: Literal["sidecar", "burned_in"] = "sidecar"
    """Whether captions are burned in as well; the files always come."""

    voice: Literal["spoken", "muted"] = "spoken"
    """Whether voices are heard in the mix."""


class Season(Document):
    """The episodes of a season, made as jobs."""

    title: str = Field(min_length=1, max_length=200)
    """Title of the season, for people."""

    episodes: tuple[SeasonEpisode, ...] = Field(min_length=1, max_length=1000)
    """What is made, in the order in which it is begun."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        twice = [name for name, count in Counter(one.episode_id for one in self.episodes).items() if count > 1]
        if twice:
            raise ValueError(f"episodes: episode_id {twice[0]!r} stands there twice")
        return self
