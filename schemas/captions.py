"""CaptionTrack: what is shown as text, when, and which rules of the delivery profile it breaks."""

from __future__ import annotations

from pydantic import Field

from schemas.document import Document, Identifier, Part
from schemas.timing import EditRate


class CaptionProfile(Part):
    """Limits of a delivery (defaults: Netflix English template)."""

    max_line_characters: int = 42
    max_lines: int = 2
    max_characters_per_s: float = 17.0
    min_duration_s: float = 5 / 6
    max_duration_s: float = 7.0
    min_gap_ticks: int = 2


class Cue(Part):
    """One caption, [start, end) in ticks of the film."""

    start_ticks: int = Field(ge=0)
    end_ticks: int = Field(ge=1)
    element_id: Identifier
    speaker_id: Identifier
    lines: tuple[str, ...] = Field(min_length=1)


class CaptionViolation(Part):
    """A rule that a cue breaks."""

    rule: str
    cue_index: int
    measured: float
    limit: float


class CaptionTrack(Document):
    """Cues in order, and the violations that could not be avoided."""

    language: str = "en"
    edit_rate: EditRate
    profile: CaptionProfile = CaptionProfile()
    cues: tuple[Cue, ...] = ()
    violations: tuple[CaptionViolation, ...] = ()
