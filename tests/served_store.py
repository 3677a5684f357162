"""`reelwright serve` in a process of its own, for tests that kill parts of it or ask what it costs."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psutil

LIMIT_S = 240


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def until(done: Callable[[], Any], what: str, limit_s: float = LIMIT_S, pause_s: float = 0.2) -> Any:
    """What `done` gives once it gives something."""
    end = time.monotonic() + limit_s
    while not (found := done()):
        assert time.monotonic() < end, what
        time.sleep(pause_s)
    return found


@dataclass
class ServedStore:
    """A store and the server on it, started and killed as often as a test likes."""

    store: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    module: str = "tests.short_lease"
    """What is run; `serve` for the leases of the product."""

    port: int = field(default_factory=free_port)
    server: subprocess.Popen[str] | None = None

    def reelwright(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        environment = {**os.environ, "REELWRIGHT_STORE": str(self.store), **self.environment}
        return subprocess.Popen([sys.executable, "-m", self.module, *words], env=environment, text=True, **options)

    def said(self, *words: str) -> str:
        """What a command printed."""
        command = self.reelwright(*words, stdout=subprocess.PIPE)
        text = command.communicate(timeout=LIMIT_S)[0]
        assert command.returncode == 0, text
        return text

    def start(self) -> None:
        """Returns when it serves."""
        out = self.store.parent / f"server.{time.monotonic_ns()}.out"
        with out.open("w") as file:
            self.server = self.reelwright("serve", "--port", str(self.port), stdout=file, stderr=file)

        def serves() -> bool:
            assert self.server is not None and self.server.poll() is None, out.read_text()[-3000:]
            return "serving on" in out.read_text()

        until(serves, "the server is ready")

    def processes(self, name: str = "") -> list[psutil.Process]:
        """Those of the server with `name` in their title."""
        assert self.server is not None
        found = []
        for one in psutil.Process(self.server.pid).children(recursive=True):
            try:
                if name in one.name() or name in " ".join(one.cmdline()):
                    found.append(one)
            except psutil.Error:  # it has just gone
                continue
        return found

    def kill(self, name: str) -> list[int]:
        """Kills the processes with that title; there is one at least."""
        found = self.processes(name)
        assert found, name
        for one in found:
            one.kill()
        return [one.pid for one in found]

    def kill_all(self) -> None:
        """The server with everything that it started."""
        assert self.server is not None
        tree = [psutil.Process(self.server.pid), *self.processes()]
        for one in tree:
            one.kill()
        self.server.wait(LIMIT_S)
        psutil.wait_procs(tree, timeout=60)

    def end(self) -> None:
        """As a supervisor ends it; whatever is left is killed."""
        if self.server is None or self.server.poll() is not None:
            return
        self.server.send_signal(signal.SIGTERM)
        try:
            self.server.wait(timeout=120)
        except subprocess.TimeoutExpired:
            self.kill_all()
            raise

    def client(self) -> httpx2.Client:
        words = ("token", "create", "--tenant", "t_local", "--env", "dev", "--user", "u1", "--role", "operator")
        headers = {"Authorization": f"Bearer {self.said(*words).strip()}"}
        return httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=60)

    def jobs(self) -> dict[str, dict[str, Any]]:
        """What `reelwright jobs` says of each, by what it is about."""
        return {one["what"]: one for one in json.loads(self.said("jobs", "list", "--json", "--limit", "100"))}


def season(folder: Path, names: Sequence[str], lines: int = 6) -> Path:
    """A season of screenplays that differ, each some seconds of film."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        said = "\n\n".join(f"MARA\nThe lamp {number} of {name} is out." for number in range(lines))
        (folder / f"{name}.fountain").write_text(f"Title: {name}\n\nINT. ROOM - DAY\n\n{said}\n")
    episodes = [{"episode_id": name, "project": f"{name}.fountain"} for name in names]
    path = folder / "season.json"
    path.write_text(json.dumps({"schema_version": "1.0.0", "title": "A year", "episodes": episodes}))
    return path
