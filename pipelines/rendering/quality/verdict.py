"""How a gate says what it found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from schemas.render_output import GateResult

Gate = Literal[
    "canon_continuity", "missing_assets", "runtime_pacing", "caption_sync", "shot_timing",
    "audio_loudness", "rights_license", "content_safety",
]  # fmt: skip

MAX_DETAILS = 20
"""A report is read by people; the count of what is left out stands at its end."""


def verdict(gate: Gate, problems: Sequence[str], *, measured: str, limit: str, notes: Sequence[str] = ()) -> GateResult:
    """Passed without problems, failed with them. Problems come first in the detail, then notes."""
    said = [*problems, *notes]
    if len(said) > MAX_DETAILS:
        said = [*said[:MAX_DETAILS], f"and {len(said) - MAX_DETAILS} more"]
    return GateResult(
        gate=gate, status="failed" if problems else "passed", measured=measured, limit=limit, detail=tuple(said)
    )


def not_applicable(gate: Gate, why: str, *, limit: str) -> GateResult:
    """There is nothing to measure."""
    return GateResult(gate=gate, status="not_applicable", measured=why, limit=limit)
