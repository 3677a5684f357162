"""Backend: which engine gave a result, on every document that an engine's answer went into."""

from __future__ import annotations

from typing import Literal

from schemas.document import Part


class Backend(Part):
    """Which engine gave a result."""

    backend_type: Literal["real", "stub"]
    """`stub` whenever a stand-in gave the result."""

    name: str
    """Engine, for example `espeak-ng`."""

    version: str
    """Version of the engine."""

    model: str = ""
    """Model or data that the engine used; empty when it has none."""

    degraded: str = ""
    """Why a lesser backend was used; empty when it was the first choice."""
