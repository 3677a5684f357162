"""Looks at segments in this process, in as many threads as call it: each has engines of its own, loaded once."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Self

from actors import catalogue
from actors.catalogue import Build, EngineChoice
from actors.engine import Engine
from pipelines.stage import Output, Outputs
from pipelines.streams.film_pass import SegmentTask, look_at

SEGMENT_SEEN = "segment_seen"
MEDIA_TYPE = "application/x-safetensors"


class SegmentLooker:
    """A function from a SegmentTask to its outputs, with the engines that it takes."""

    def __init__(self, build: Build = catalogue.build) -> None:
        """`build` makes the engines: here, or as ways to where they are hosted."""
        self._build = build
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._all: list[Engine[Any, Any]] = []

    def __call__(self, task: SegmentTask) -> Outputs:
        """What was seen of the segment.

        Raises:
            MediaUnreadable: the film is damaged so that decoding cannot go on.
            Unavailable: an engine does not load.
        """
        faces = self._engine(task.faces) if task.faces is not None else None
        return seen_outputs(look_at(task, self._engine(task.visual), faces).to_bytes())

    def close(self) -> None:
        """Frees the engines of all threads; none may be at work."""
        with self._lock:
            for engine in self._all:
                engine.close()
            self._all.clear()
        self._mine = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _engine(self, choice: EngineChoice) -> Engine[Any, Any]:
        loaded: dict[tuple[str, str], Engine[Any, Any]] = self._mine.__dict__.setdefault("engines", {})
        key = (choice.family, choice.backend)
        if key not in loaded:
            engine = self._build(choice)
            # One at a time: importing a framework in several threads at once is slower, and some do not bear it.
            with self._lock:
                engine.load()
                self._all.append(engine)
            loaded[key] = engine
        return loaded[key]


def seen_outputs(raw: bytes) -> Outputs:
    """The outputs of a work, from what was seen of its segment."""
    return {"result": Output(SEGMENT_SEEN, raw, MEDIA_TYPE, schema_version="")}
