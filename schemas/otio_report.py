"""OtioReport: what of an OpenTimelineIO file a timeline does not hold, item by item."""

from __future__ import annotations

from typing import Literal

from schemas.document import Document, Part


class OtioFinding(Part):
    """One thing that is not in the timeline as it was in the file."""

    path: str
    """Where in the file, for example `tracks.children[2].children[0].effects[1]`."""

    what: str
    """Which object."""

    outcome: Literal["dropped", "changed"]
    """`dropped`: it is gone. `changed`: what it means is kept, how it was written is not."""

    why: str
    """The reason."""


class OtioReport(Document):
    """Everything that an import did not take over as it was; empty when nothing was lost."""

    findings: tuple[OtioFinding, ...] = ()
    """In the order of the file."""

    @classmethod
    def name(cls) -> str:
        return "otio_report"
