"""The media commands as a user types them, in this process and on a store of their own."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from cluster.registry.records import ArtifactRecord
from cluster.settings import Settings
from serve.cli import main
from serve.desk import open_desk


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    exit_code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass(frozen=True)
class MediaDesk:
    """One store, and the commands on it."""

    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "store"

    def call(self, *words: str | Path) -> Said:
        """What `reelwright WORDS` answers, from its own entry point."""
        out, err = io.StringIO(), io.StringIO()
        argv = ["reelwright", *map(str, words), "--store", str(self.store)]
        code: Any = 0
        with patch.object(sys, "argv", argv), redirect_stdout(out), redirect_stderr(err):
            try:
                main()
            except SystemExit as ended:
                code = ended.code
        return Said(0 if code is None else code, out.getvalue(), err.getvalue())

    def answer(self, *words: str | Path) -> Any:
        """The documents that it prints with `--json`; it must end well."""
        said = self.call(*words, "--json")
        assert said.exit_code == 0, said.text
        return json.loads(said.out)

    def artifacts(self) -> Sequence[ArtifactRecord]:
        """Everything in the store."""
        with open_desk(Settings.load(store=self.store)) as desk:
            return desk.registry.list(limit=10_000)

    def records(self) -> dict[str, str]:
        """artifact_id -> content hash of everything in the store."""
        return {one.artifact_id: one.content_hash for one in self.artifacts()}

    def film(self, artifact_id: str) -> Path:
        """Where the bytes of an artifact lie."""
        with open_desk(Settings.load(store=self.store)) as desk:
            return desk.blobs.path(desk.registry.get(artifact_id).content_hash)

    def unfinished(self) -> list[Path]:
        """Files that are neither the database nor whole blobs: whatever a command left behind half-written."""
        whole = {self.store / f"registry.sqlite3{ending}" for ending in ("", "-wal", "-shm", "-journal", ".lock")}
        files = (path for path in self.store.rglob("*") if path.is_file() and path not in whole)
        return [path for path in files if "sha256" not in path.parts or path.name.startswith(".")]
