"""An engine of the catalogue whose process is killed once, in the middle of its work."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from actors import catalogue
from actors.catalogue import EngineChoice
from actors.engine import Engine, EngineSpec


class DeadlyEngine:
    """Answers as the engine within does, and ends its process at its `nth` call, unless `marker` says it was done."""

    def __init__(self, within: Engine[Any, Any], marker: Path, nth: int) -> None:
        self._within, self._marker, self._nth = within, marker, nth
        self._calls = 0

    @property
    def spec(self) -> EngineSpec:
        return self._within.spec

    def check(self) -> None:
        self._within.check()

    def load(self) -> None:
        self._within.load()

    def infer(self, batch: Sequence[Any]) -> list[Any]:
        self._calls += 1
        if self._calls == self._nth:
            self._die_once()
        return self._within.infer(batch)

    def close(self) -> None:
        self._within.close()

    def _die_once(self) -> None:
        try:
            self._marker.touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)


def build_deadly(family: str, marker: Path, nth: int, choice: EngineChoice) -> Engine[Any, Any]:
    engine = catalogue.build(choice)
    return DeadlyEngine(engine, marker, nth) if choice.family == family else engine


def killing(family: str, marker: Path, *, nth: int) -> Callable[[EngineChoice], Engine[Any, Any]]:
    """For hosts, in whatever process: the first engine of `family` that is asked for the `nth` time dies of it."""
    return partial(build_deadly, family, marker, nth)
