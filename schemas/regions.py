"""VideoRegionSummary: where faces are in a film, frame by frame, who counts as a person, and what nobody could judge.

Frames are numbered from 0 in presentation order, so a number means the same on film of variable frame rate; times are
those of the film's own timestamps, from its first frame. Boxes are in pixels of the upright picture, as it is shown.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.backend import Backend
from schemas.document import Document, Identifier, Part

RegionType = Literal["face"]
"""What a region holds."""

Verdict = Literal["person", "uncertain"]
"""`person`: seen clearly, for long enough. `uncertain`: seen weakly or seldom, for example a printed face; it is
covered when a film is anonymised and is not counted as a person."""

Box = Annotated[tuple[int, int, int, int], Field(min_length=4, max_length=4)]
"""Left, top, width and height in pixels of the upright picture; it may reach beyond its edges."""


class FrameSpan(Part):
    """Frames [first_frame, end_frame) and the time they are shown."""

    first_frame: int = Field(ge=0)
    """First frame."""

    end_frame: int = Field(ge=1)
    """First frame after them."""

    start_ms: int = Field(ge=0)
    """When the first is shown, milliseconds from the first frame of the film, rounded."""

    end_ms: int = Field(ge=0)
    """When the last is over, milliseconds, rounded."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end_frame <= self.first_frame or self.end_ms < self.start_ms:
            raise ValueError(f"frames [{self.first_frame}, {self.end_frame}) or their times are out of order")
        return self


class RegionTrack(FrameSpan):
    """One region through time: a box for each of its frames."""

    track_id: Identifier
    """Name within this summary; tracks are in order of their first frames."""

    region_type: RegionType = "face"
    """What it holds."""

    verdict: Verdict
    """Whether it counts as a person."""

    confidence: float = Field(ge=0, le=1)
    """Mean confidence of its detections."""

    detections: int = Field(ge=0)
    """Frames at which a detector saw it; the other boxes are carried from these."""

    best_frame: int = Field(ge=0)
    """The frame at which it was seen best: its mask is of this frame."""

    origins: str = Field(pattern=r"^[dth]+$")
    """One letter a frame. `d`: detected there. `t`: tracked between detections. `h`: held where it was last seen,
    because nobody saw it leave."""

    boxes: tuple[Box, ...]
    """One box a frame."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        frames = self.end_frame - self.first_frame
        if not len(self.boxes) == len(self.origins) == frames:
            raise ValueError(f"{frames} frames, but {len(self.boxes)} boxes and {len(self.origins)} origins")
        if not self.first_frame <= self.best_frame < self.end_frame:
            raise ValueError(f"best_frame {self.best_frame} lies outside [{self.first_frame}, {self.end_frame})")
        return self


class VideoRegionSummary(Document):
    """The regions of one film."""

    @classmethod
    def name(cls) -> str:
        return "video_region_summary"

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
    """Longest time between two detections, milliseconds."""

    smallest_face_px: int = Field(ge=1)
    """Faces narrower than this were not looked for, pixels of the upright picture."""

    min_confidence: float = Field(ge=0, le=1)
    """Below this a detection does not make a person; it still makes an uncertain track."""

    include_regions: tuple[RegionType, ...] = ("face",)
    """Which regions were asked for."""

    tracks: tuple[RegionTrack, ...] = ()
    unjudged: tuple[FrameSpan, ...] = ()
    """Frames that nobody could judge, because they are damaged."""

    backend: Backend

    @model_validator(mode="after")
    def _inside(self) -> Self:
        late = [span for span in (*self.tracks, *self.unjudged) if span.end_frame > self.frame_count]
        if late:
            raise ValueError(f"[{late[0].first_frame}, {late[0].end_frame}) ends after frame {self.frame_count}")
        return self

    @property
    def people(self) -> tuple[RegionTrack, ...]:
        """The tracks that are taken for persons."""
        return tuple(track for track in self.tracks if track.verdict == "person")
