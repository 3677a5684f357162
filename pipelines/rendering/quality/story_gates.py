"""The gates that pass on what earlier checks found: canon and content safety."""

from __future__ import annotations

from collections.abc import Collection

from pipelines.rendering.quality.verdict import not_applicable, verdict
from schemas.canon_diff import CanonDiff
from schemas.render_output import GateResult

CANON_LIMIT = "no hard contradiction of canon"
SAFETY_LIMIT = "no blocked content at any of the four check points"


def canon_continuity(diff: CanonDiff | None) -> GateResult:
    """The verdict of the canon gate; a hard finding fails even beside an `allowed` verdict."""
    if diff is None:
        return not_applicable("canon_continuity", "the script proposes nothing", limit=CANON_LIMIT)
    hard = [finding.message for finding in diff.findings if finding.severity == "hard"]
    soft = [f"note: {finding.message}" for finding in diff.findings if finding.severity == "soft"]
    if diff.verdict == "blocked" and not hard:
        hard = ["the proposed change of canon was blocked"]
    changes = len(diff.added_facts) + len(diff.modified_facts) + len(diff.removed_facts)
    return verdict(
        "canon_continuity",
        hard,
        measured=f"{changes} facts proposed, {len(hard)} hard and {len(soft)} soft findings",
        limit=CANON_LIMIT,
        notes=soft,
    )


def content_safety(findings: Collection[str]) -> GateResult:
    """Findings that warn-only mode let through until here; they block publishing."""
    return verdict("content_safety", sorted(findings), measured=f"{len(findings)} findings", limit=SAFETY_LIMIT)
