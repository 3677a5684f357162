"""What a runner tells about itself while it works. The command line draws it; tests read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class Progress(Protocol):
    """Receives the moments of a run."""

    def stage_started(self, stage: str, total: int, cached: int) -> None:
        """`total` items are wanted, of which `cached` exist."""

    def item_done(self, stage: str, item: str, seconds: float) -> None:
        """An item was made."""

    def item_part(self, stage: str, item: str, share: float) -> None:
        """A long item is done to this share, 0 to 1; the last report before `item_done` may be below 1."""

    def item_failed(self, stage: str, item: str, message: str) -> None:
        """An item failed; the run goes on."""

    def note(self, message: str) -> None:
        """Something a user should know."""


@dataclass
class Silent:
    """Keeps the notes and draws nothing."""

    notes: list[str] = field(default_factory=list)

    def stage_started(self, stage: str, total: int, cached: int) -> None:
        """Nothing."""

    def item_done(self, stage: str, item: str, seconds: float) -> None:
        """Nothing."""

    def item_part(self, stage: str, item: str, share: float) -> None:
        """Nothing."""

    def item_failed(self, stage: str, item: str, message: str) -> None:
        self.notes.append(f"{stage} {item}: {message}")

    def note(self, message: str) -> None:
        self.notes.append(message)
