"""AnonymiseReport: what was covered in a film, what was covered on a guess, and where somebody should look again.

A second detector of another kind looks over the finished film. What it finds is listed, the riskiest first: a face
outside of everything that was altered before one inside, whose blur may only still look like a face.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from schemas.backend import Backend
from schemas.document import Document, Identifier
from schemas.media_request import Effect, Strength
from schemas.regions import Box, FrameSpan, Verdict

RiskReason = Literal["uncovered_detection", "detection_under_effect", "unjudged"]
"""`uncovered_detection`: the second detector sees a face where nothing was altered. `detection_under_effect`: it still
sees one where the effect is. `unjudged`: frames that nobody could judge; the whole picture was altered."""


class CoveredTrack(FrameSpan):
    """One region of the summary and what became of it."""

    track_id: Identifier
    """Its name in the summary."""

    verdict: Verdict
    """As the summary has it."""

    kept: bool = False
    """Whether it was left visible on request."""

    guessed_frames: int = Field(ge=0)
    """Frames on which it was covered though nobody saw it there: gaps, and where it was last or first seen."""


class RiskSpan(FrameSpan):
    """Frames that somebody should look at."""

    reason: RiskReason
    """Why."""

    confidence: float = Field(ge=0, le=1)
    """Of the second detector's best detection; 1 for frames that nobody could judge."""

    box: Box | None = None
    """Where, on the frame of that detection; None for the whole picture."""


class AnonymiseReport(Document):
    """What was done to a film so that nobody in it can be recognised."""

    @classmethod
    def name(cls) -> str:
        return "anonymise_report"

    asset_id: Identifier
    """The film."""

    region_summary_id: Identifier
    """Artifact of the summary that was used."""

    video_id: Identifier
    """Artifact of the finished film; the asset itself when there was nothing to cover."""

    outcome: Literal["covered", "skipped"]
    """`skipped`: there was no face to cover, and nothing but a picture and its sound; the film is as it was."""

    effect: Effect
    """What was done to faces."""

    strength: Strength
    """How far."""

    frame_count: int = Field(ge=1)
    """Frames of the film."""

    covered_frames: int = Field(ge=0)
    """Frames on which something was altered."""

    tracks: tuple[CoveredTrack, ...] = ()
    left_out: tuple[str, ...] = ()
    """Parts of the source that are not in the finished film, in words: data streams, positions, device names."""

    detector: Backend
    """Who found the faces."""

    auditor: Backend
    """Who looked over the finished film."""

    audited_frames: int = Field(ge=0)
    """Frames of the finished film that it looked at."""

    audit_interval_ms: int = Field(ge=1)
    """Longest time between two of them, milliseconds."""

    at_risk: tuple[RiskSpan, ...] = ()
    """The riskiest first."""
