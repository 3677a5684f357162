"""An engine that does as it is told, for tests of the hosts: it takes its time, refuses, fails, hangs or dies on demand."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from actors.catalogue import EngineChoice
from actors.engine import EngineSpec
from actors.placement import Placement
from schemas.errors import InvalidInput, Unavailable

SPEC = EngineSpec(name="scripted", version="1", backend_type="stub", memory_mb=1, vram_mb=1000)


@dataclass(frozen=True)
class Script:
    """One request: a number to double, and what else happens in the call that takes it."""

    number: int
    does: str = ""
    """`refuse`, `fail`, `hang`, `die`, `wait` for a second, or `pid` for the process id instead of the double."""


class ScriptedEngine:
    """Doubles numbers. Every call takes `call_s` and `item_s` for each request in it; `close` makes the file `marker`."""

    def __init__(
        self,
        placement: Placement | None = None,
        *,
        degraded: str = "",
        batch: int = 16,
        call_s: float = 0.0,
        item_s: float = 0.0,
        load: str = "",
        marker: str = "",
    ) -> None:
        self._spec = replace(SPEC, batch=batch, degraded=degraded)
        self._call_s, self._item_s, self._load, self._marker = call_s, item_s, load, marker
        self.thread_names: list[str] = []
        self.closed = False

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Nothing to look for."""

    def load(self) -> None:
        self.thread_names.append(threading.current_thread().name)
        if self._load == "refuse":
            raise Unavailable("the script says that it does not load")
        if self._load == "fail":
            raise OSError("the script says that it fails to load")
        if self._load == "hang":
            threading.Event().wait()

    def infer(self, batch: Sequence[Script]) -> list[int]:
        self.thread_names.append(threading.current_thread().name)
        time.sleep(self._call_s + self._item_s * len(batch))
        return [self._one(script) for script in batch]

    def close(self) -> None:
        self.closed = True
        if self._marker:
            Path(self._marker).touch()
        self.thread_names.append(threading.current_thread().name)

    def _one(self, script: Script) -> int:
        if script.does == "refuse":
            raise InvalidInput(f"{script.number} is refused", number=script.number)
        if script.does == "fail":
            raise ValueError(f"{script.number} fails")
        if script.does == "hang":
            threading.Event().wait()
        if script.does == "wait":
            time.sleep(1.0)
        if script.does == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        return os.getpid() if script.does == "pid" else 2 * script.number


def build_scripted(choice: EngineChoice) -> ScriptedEngine:
    """For hosts, in whatever process."""
    return ScriptedEngine(choice.placement, degraded=choice.degraded, **choice.options)


def scripted_choice(**options: object) -> EngineChoice:
    return EngineChoice("scripts", "scripted", options=options)
