"""Writes down sounds in this process, one after the other, with engines that are loaded once."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from actors import catalogue
from actors.catalogue import Build, EngineChoice
from actors.engine import Engine
from pipelines.stage import Outputs, document_output
from pipelines.streams.speech_pass import SpeechTask, recognise


class SpeechListener:
    """A function from a SpeechTask to its outputs, with the engines that it takes. For one thread."""

    def __init__(self, progress: Callable[[str, float], None], build: Build = catalogue.build) -> None:
        """Loads nothing yet.

        Args:
            progress: told the name of a sound, and the share of it that is written down.
            build: makes the engines: here, or as ways to where they are hosted.
        """
        self._progress, self._build = progress, build
        self._loaded: dict[tuple[str, str], Engine[Any, Any]] = {}

    def __call__(self, task: SpeechTask) -> Outputs:
        """What is said.

        Raises:
            MediaUnreadable: the file has no sound, or is damaged from its first sample on.
            InvalidInput: the engine does not know the language.
            Unavailable: an engine does not load.
        """

        def progress(share: float) -> None:
            self._progress(task.name, share)

        found = recognise(task, self._engine(task.activity), self._engine(task.speech), progress)
        return {"result": document_output(found)}

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

    def _engine(self, choice: EngineChoice) -> Engine[Any, Any]:
        key = (choice.family, choice.backend)
        if key not in self._loaded:
            engine = self._build(choice)
            engine.load()
            self._loaded[key] = engine
        return self._loaded[key]
