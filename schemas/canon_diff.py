"""CanonDiff: the facts that a script would add, change or remove, and what the gate said of them."""

from __future__ import annotations

from typing import Literal

from schemas.document import Document, Part
from schemas.facts import Fact


class ModifiedFact(Part):
    """One fact before and after."""

    before: Fact
    after: Fact


class CanonFinding(Part):
    """One thing that the gate found, naming both facts."""

    rule: Literal["name", "age", "death", "location"]
    """Which hard fact is contradicted."""

    severity: Literal["hard", "soft"]
    """`hard` blocks; `soft` is for a person to read."""

    established: Fact
    """What canon, or an earlier part of the script, says."""

    proposed: Fact
    """What contradicts it."""

    message: str
    """Both facts and where each was stated, in one sentence."""


class CanonDiff(Document):
    """A proposed change of canon. It is applied only when `verdict` is `allowed` and a person does not refuse it."""

    added_facts: tuple[Fact, ...] = ()
    modified_facts: tuple[ModifiedFact, ...] = ()
    removed_facts: tuple[Fact, ...] = ()
    justification: str = ""
    """Why canon should change, for the person who approves it."""

    provenance: str = ""
    """Which document proposed it: title and content hash of the script."""

    findings: tuple[CanonFinding, ...] = ()
    verdict: Literal["allowed", "blocked"] = "allowed"
    """`blocked` when any finding is hard."""
