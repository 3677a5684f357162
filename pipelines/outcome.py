"""How a run can end before its film is there: a person is asked, or policy says no. Both are values, not accidents."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.errors import ReelwrightError


@dataclass(frozen=True)
class Waiting:
    """A checkpoint that a person has not decided yet."""

    checkpoint: str
    artifact_id: str
    """What is to be approved; an approval is bound to it and void for any other."""

    question: str


class Paused(Exception):
    """Unwinds the flow to the caller, who reports `waiting`."""

    def __init__(self, waiting: Waiting) -> None:
        super().__init__(waiting.question)
        self.waiting = waiting


@dataclass(frozen=True)
class ItemFailure:
    """One item of a fan-out that failed while the others went on."""

    item: str
    error: ReelwrightError
