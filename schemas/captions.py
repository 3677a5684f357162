"""CaptionTrack: what is shown as text, when, and which rules of the delivery profile it breaks."""

from __future__ import annotations

from pydantic import Field

from schemas.document import Document, Identifier, Part
from schemas.timing import EditRate


class CaptionProfile(Part):
    """Limits of a delivery (defaults: Netflix English template)."""

    max_line_characters: int = 42
    """Longest line, in characters."""

    max_lines: int = 2
    """Most lines of one cue."""

    max_characters_per_s: float = 17.0
    """Fastest reading speed, characters a second."""

    min_duration_s: float = 5 / 6
    """Shortest cue, seconds."""

    max_duration_s: float = 7.0
    """Longest cue, seconds."""

    min_gap_ticks: int = 2
    """Shortest gap between two cues, ticks."""


class Cue(Part):
    """One caption, [start, end) in ticks of the film."""

    start_ticks: int = Field(ge=0)
    """First tick that shows the cue."""

    end_ticks: int = Field(ge=1)
    """First tick that no longer shows it."""

    element_id: Identifier
    """Dialogue line that is captioned."""

    speaker_id: Identifier
    """Character who says it."""

    lines: tuple[str, ...] = Field(min_length=1)
    """Lines of text, from top to bottom."""


class CaptionViolation(Part):
    """A rule that a cue breaks."""

    rule: str
    """Name of the rule, as in CaptionProfile."""

    cue_index: int
    """Position of the cue in `cues`, from 0."""

    measured: float
    """What the cue has, in the unit of the limit."""

    limit: float
    """What the profile allows."""


class CaptionTrack(Document):
    """Cues in order, and the violations that could not be avoided."""

    language: str = "en"
    """Language of the cues (BCP 47)."""

    edit_rate: EditRate
    profile: CaptionProfile = CaptionProfile()
    cues: tuple[Cue, ...] = ()
    violations: tuple[CaptionViolation, ...] = ()
