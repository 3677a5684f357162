"""VisualMeta: the shots of a film, what separates them, how much moves, and where to look, sampled through time.

Frames are numbered from 0 in presentation order; times are those of the film's own timestamps, from its first frame.
On film of variable frame rate a number does not tell a time: use the one that is written beside it. Places are
fractions of the upright picture, as it is shown.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.backend import Backend
from schemas.document import Document, Identifier, Part
from schemas.regions import FrameSpan

BoundaryKind = Literal["cut", "fade_in", "fade_out", "dissolve"]
"""How one shot becomes the next, or a shot comes out of and goes into black or white."""

ShotEdge = Literal["film", "cut", "fade_in", "fade_out", "dissolve"]
"""What a shot begins or ends with; `film` is the beginning or the end of the film itself."""

SubjectSource = Literal["face", "saliency", "none"]
"""Where the primary subject is known from: the face of a person, what stands out of the picture, or nothing does."""


class ShotBoundary(Part):
    """What separates two shots."""

    kind: BoundaryKind
    """From one frame to the next, out of black or white, into it, or by and by."""

    first_frame: int = Field(ge=0)
    """Cut: the first frame of the new shot. Others: the first frame that is on its way."""

    end_frame: int = Field(ge=0)
    """Cut: the same as `first_frame`. Others: the first frame that has arrived."""

    start_ms: int = Field(ge=0)
    """When `first_frame` is shown, milliseconds from the first frame of the film, rounded."""

    end_ms: int = Field(ge=0)
    """When `end_frame` is shown, or the film ends; milliseconds, rounded."""

    confidence: float = Field(ge=0, le=1)
    """How sure it is; at least 0.5."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_frame < self.first_frame or (self.kind == "cut") != (self.end_frame == self.first_frame):
            raise ValueError(f"a {self.kind} has no frames [{self.first_frame}, {self.end_frame})")
        return self


class Shot(FrameSpan):
    """Frames between two boundaries. Half of a dissolve belongs to either shot, a fade to the picture that it shows."""

    index: int = Field(ge=0)
    """Place among the shots of the film."""

    begins: ShotEdge
    """What it begins with."""

    ends: ShotEdge
    """What it ends with."""

    blank: bool = False
    """Whether it shows nothing but black or white."""

    motion_mean: float = Field(ge=0)
    """Mean speed in the picture, widths of the picture a second: the root mean square displacement of its parts
    between frames, over time. Frames on a boundary or in a flash do not count."""

    motion_max: float = Field(ge=0)
    """Greatest such speed between two frames, widths a second."""


class VisualSample(Part):
    """What a frame shows, and what happened since the sample before."""

    frame: int = Field(ge=0)
    """Number of the frame."""

    time_ms: int = Field(ge=0)
    """When it is shown, milliseconds from the first frame of the film, rounded."""

    subject: SubjectSource
    """Where the primary subject is known from: a person's face, what stands out of the picture, or there is none."""

    primary_subject_center_x: float | None = Field(default=None, ge=0, le=1)
    """Centre of the primary subject, fraction of the width from the left; unset when there is none."""

    primary_subject_center_y: float | None = Field(default=None, ge=0, le=1)
    """Centre of the primary subject, fraction of the height from the top; unset when there is none."""

    motion: float = Field(ge=0)
    """Mean speed since the sample before in this shot, widths of the picture a second; 0 when nothing was measured."""

    shot_boundary: bool
    """Whether a boundary begins at this frame or after the frame of the sample before."""

    shot_index: int = Field(ge=0)
    """The shot that it is part of."""

    @model_validator(mode="after")
    def _placed(self) -> Self:
        placed = self.primary_subject_center_x is not None, self.primary_subject_center_y is not None
        if placed != (self.subject != "none",) * 2:
            raise ValueError(f"a sample with subject {self.subject!r} has centre {placed}")
        return self


class VisualMeta(Document):
    """Shots, motion and primary subject of one film."""

    @classmethod
    def name(cls) -> str:
        return "visual_meta"

    asset_id: Identifier
    """The film."""

    width_px: int = Field(ge=1)
    """Width of the upright picture, with square pixels."""

    height_px: int = Field(ge=1)
    """Height of the upright picture."""

    frame_count: int = Field(ge=1)
    """Frames of the film."""

    duration_ms: int = Field(ge=0)
    """From the first frame to the end of the last, milliseconds, rounded."""

    variable_frame_rate: bool
    """Whether frames last differently long; then only times tell when a frame is shown."""

    frame_sample_interval_ms: int = Field(ge=1)
    """Time between two samples, milliseconds; a frame that is shown for longer is sampled once."""

    shots: tuple[Shot, ...] = Field(min_length=1)
    """All frames of the film, each in one shot."""

    boundaries: tuple[ShotBoundary, ...] = ()
    """What separates the shots, in order of their first frames; fades at the ends of the film are among them."""

    flashes: tuple[FrameSpan, ...] = ()
    """Frames that flared up and came back to the same picture: no boundaries."""

    samples: tuple[VisualSample, ...] = Field(min_length=1)
    """One every interval, in order, the first at the first frame."""

    backend: Backend

    @model_validator(mode="after")
    def _whole(self) -> Self:
        borders = [shot.end_frame for shot in self.shots]
        if [shot.first_frame for shot in self.shots] != [0, *borders[:-1]] or borders[-1] != self.frame_count:
            raise ValueError(f"the shots do not fill the {self.frame_count} frames of the film")
        if any(shot.index != place for place, shot in enumerate(self.shots)):
            raise ValueError("the shots are not numbered from 0")
        if any(later.frame <= sooner.frame for sooner, later in pairwise(self.samples)):
            raise ValueError("the samples are out of order")
        for one in self.samples:
            shot = self.shots[one.shot_index] if one.shot_index < len(self.shots) else None
            if shot is None or not shot.first_frame <= one.frame < shot.end_frame:
                raise ValueError(f"frame {one.frame} is not part of shot {one.shot_index}")
        return self
