"""Hears sounds in this process, one after the other, with engines that are loaded once."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from actors import catalogue
from actors.catalogue import Build, EngineChoice
from actors.engine import Engine
from pipelines.stage import Outputs
from pipelines.streams.sound_pass import SoundTask, evidence, heard_parts


class SoundListener:
    """A function from a SoundTask to its outputs, with the engines that it takes. For one thread."""

    def __init__(self, build: Build = catalogue.build) -> None:
        """Loads nothing yet.

        Args:
            build: makes the engines: here, or as ways to where they are hosted.
        """
        self._build = build
        self._loaded: dict[tuple[str, str], Engine[Any, Any]] = {}

    def __call__(self, task: SoundTask) -> Outputs:
        """What was heard.

        Raises:
            MediaUnreadable: the file has no sound, or is damaged from its first sample on.
            Unavailable: the engine does not load.
        """
        return evidence(heard_parts(task, self._engine(task.engine)))

    def close(self) -> None:
        """Frees the engines."""
        for engine in self._loaded.values():
            engine.close()
        self._loaded.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _engine(self, choice: EngineChoice | None) -> Engine[Any, Any] | None:
        if choice is None:
            return None
        key = (choice.family, choice.backend)
        if key not in self._loaded:
            engine = self._build(choice)
            engine.load()
            self._loaded[key] = engine
        return self._loaded[key]
