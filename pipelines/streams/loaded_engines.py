"""Engines that work in this process, each loaded when it is first asked for, and once."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from actors import catalogue
from actors.catalogue import Build, EngineChoice
from actors.engine import Engine


class LoadedEngines:
    """The engines that were asked for so far. For one thread."""

    def __init__(self, build: Build = catalogue.build) -> None:
        """Loads nothing yet.

        Args:
            build: makes the engines: here, or as ways to where they are hosted.
        """
        self._build = build
        self._loaded: dict[tuple[str, str], Engine[Any, Any]] = {}

    def of(self, choice: EngineChoice) -> Engine[Any, Any]:
        """The engine of a choice, loaded.

        Raises:
            Unavailable: it does not load.
        """
        key = (choice.family, choice.backend)
        if key not in self._loaded:
            engine = self._build(choice)
            engine.load()
            self._loaded[key] = engine
        return self._loaded[key]

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
