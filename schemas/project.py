"""Project: the settings of a production, and the file a user starts a run with."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from schemas.document import Document, Identifier, Part
from schemas.timing import EditRate
from schemas.vocabulary import RenderProfile


class CostPolicy(Part):
    """What a run may spend. Nothing leaves this machine unless `external_allowed`."""

    max_run_budget_usd: float = Field(default=0.0, ge=0)
    """Most that one run may spend, US dollars."""

    external_allowed: bool = False
    """Whether a run may call providers outside this machine."""


class HumanCheckpoints(Part):
    """Where a run waits for a person (specification section 27.2)."""

    approve_canon_diff: bool = True
    """Wait before a script changes canon."""

    approve_character_packs: bool = False
    """Wait before a character's look is used."""

    approve_shotlist_timing_lock: bool = True
    """Wait before the timing is locked."""

    approve_external_spend: bool = True
    """Wait before money is spent outside."""


class PictureFormat(Part):
    """Size of the picture in pixels."""

    width_px: int = Field(default=1280, ge=64, le=3840, multiple_of=2)
    """Width, pixels."""

    height_px: int = Field(default=720, ge=64, le=3840, multiple_of=2)
    """Height, pixels."""


class TargetDuration(Part):
    """The window that the finished film should fall in, seconds."""

    min_s: float = Field(default=0, ge=0)
    """Shortest, seconds."""

    max_s: float = Field(default=5400, gt=0)
    """Longest, seconds."""

    @model_validator(mode="after")
    def _ordered(self) -> TargetDuration:
        if self.min_s > self.max_s:
            raise ValueError(f"target_duration: min_s {self.min_s} is above max_s {self.max_s}")
        return self


class Project(Document):
    """Global settings and cost policy of a production."""

    id: Identifier
    """Name of the production; part of no media identity."""

    title: str = Field(min_length=1, max_length=200)
    """Title of the production, as the title card shows it."""

    genre: str = "drama"
    """Genre in a word, for the writer."""

    visual_style: str = "storybook"
    """Style of the drawings in a word."""

    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")
    """Language of dialogue and captions (BCP 47)."""

    target_duration: TargetDuration = TargetDuration()
    edit_rate: EditRate = EditRate()
    picture: PictureFormat = PictureFormat()
    render_profiles: tuple[RenderProfile, ...] = ("preview_local",)
    """Profiles to render, the first by default."""

    continuity_mode: Literal["strict", "review"] = "strict"
    """`strict` blocks on a hard contradiction of canon; `review` lists it."""

    cost_policy: CostPolicy = CostPolicy()
    safety_mode: Literal["fail_closed", "warn_only"] = "fail_closed"
    """`fail_closed` blocks on a violation or an unreachable check; `warn_only` lists it."""

    violence_rating: Literal["none", "mild", "graphic"] = "mild"
    """The most violent content that is allowed."""

    human_checkpoints: HumanCheckpoints = HumanCheckpoints()
    premise: str = Field(default="", max_length=4000)
    """An idea in a sentence or two, from which the template writer makes arc, episode plan and script."""


class ProjectSources(Part):
    """Where a project file finds its other documents, relative to itself."""

    script: str = ""
    """A Script document (`.json`) or a Fountain screenplay (`.fountain`)."""

    canon: str = ""
    """A Canon snapshot; empty means that the script introduces everybody."""

    asset_library: str = ""
    """A folder with one metadata file per asset."""


class ProjectFile(Project):
    """What a user writes: a Project and where its other documents lie. Only the Project becomes an artifact."""

    sources: ProjectSources = ProjectSources()

    @classmethod
    def name(cls) -> str:
        return "Project"

    def project(self) -> Project:
        """The settings alone, without paths."""
        return Project.model_validate(self.model_dump(exclude={"sources"}))
