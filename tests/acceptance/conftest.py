"""A studio of its own for each test: an empty store or one in which the small film is made, and a way to run a project as
a user does.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cluster.settings import Settings
from pipelines.flow.maker import Options
from pipelines.narrative.project_source import read_project
from pipelines.progress import Silent
from pipelines.wiring import Parts
from schemas.render_output import RenderOutput
from serve.desk import open_desk
from serve.episode_run import RunReport, run_episode

TWO_LINES = """\
Title: Small Hours

INT. KITCHEN - NIGHT

ANNA
Is anybody there?

BEN
Only the wind.
"""


def write_project(folder: Path, script: str = TWO_LINES, canon: Mapping[str, Any] | None = None, **fields: Any) -> Path:
    """A project with small pictures and no checkpoints; `fields` change it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "script.fountain").write_text(script, encoding="utf-8")
    sources = {"script": "script.fountain"}
    if canon is not None:
        (folder / "canon.json").write_text(json.dumps(canon), encoding="utf-8")
        sources["canon"] = "canon.json"
    project = {
        "schema_version": "1.0.0",
        "id": "small",
        "title": "Small Hours",
        "picture": {"width_px": 160, "height_px": 90},
        "edit_rate": {"numerator": 12, "denominator": 1},
        "human_checkpoints": {"approve_canon_diff": False, "approve_shotlist_timing_lock": False},
        "sources": sources | fields.pop("sources", {}),
        **fields,
    }
    (folder / "project.json").write_text(json.dumps(project), encoding="utf-8")
    return folder / "project.json"


@dataclass
class Studio:
    """One store and what runs in it."""

    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def write(self, script: str = TWO_LINES, **fields: Any) -> Path:
        return write_project(self.folder / "project", script, **fields)

    def run(
        self, source: Path, *, approve: bool = False, parts: Parts | None = None, progress: Any = None, **options: Any
    ) -> RunReport:
        """Runs without Ray unless told otherwise."""
        chosen = Options(**{"in_process": True, **options})
        with open_desk(Settings.load(store=self.store)) as desk:
            return run_episode(
                desk,
                read_project(source),
                chosen,
                self.out,
                approve=approve,
                progress=progress or Silent(),
                parts=parts,
            )

    def output(self) -> RenderOutput:
        return RenderOutput.read((self.out / "RenderOutput.json").read_bytes())

    def hashes(self) -> dict[tuple[str, str, str], str]:
        """(kind, identity, output) -> content hash of everything in the store."""
        with open_desk(Settings.load(store=self.store)) as desk:
            return {(one.kind, one.identity, one.output): one.content_hash for one in desk.registry.list(limit=100_000)}


@pytest.fixture(scope="session")
def studio_at() -> Callable[[Path], Studio]:
    return Studio


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


@pytest.fixture
def make_studio(tmp_path: Path) -> Callable[[str], Studio]:
    return lambda name: Studio(tmp_path / name)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """The small film, made once in a session; to be read and not to be run again."""
    studio = Studio(tmp_path_factory.mktemp("finished"))
    report = studio.run(studio.write())
    assert report.status == "completed", report.error
    return studio


@pytest.fixture
def finished_copy(finished: Studio, tmp_path: Path) -> Studio:
    """A studio whose store is as that of `finished`, with nothing in its output folder."""
    studio = Studio(tmp_path / "copy")
    shutil.copytree(finished.store, studio.store)
    studio.write()
    return studio
