"""The golden film: its bytes are pinned per CPU class, and every stage's bytes are pinned to its version.

Red here means: the output of a stage changed. If that was meant, bump the stage's version and run `make golden`; if it
was not, something is no longer deterministic. On a CPU class without a pin, two runs must agree with each other, and the
film must be the stored one to at least 50 dB PSNR.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from cluster.settings import Settings
from pipelines.natives import cpu_class
from serve.desk import open_desk

GOLDEN = Path(__file__).parent.parent / "fixtures" / "golden"
LOWEST_PSNR_DB = 50.0

SCRIPT = """\
Title: Golden

EXT. HARBOUR - NIGHT - STORM

Thunder rolls. [[sfx: thunder]]

ANNA (34) runs along the quay with a lantern.

ANNA
(afraid)
Is anybody out there?

BEN
(gently)
Only me.

INT. KITCHEN - DAY

Ben sets the cup down. [[prop: cup]]

ANNA
(happy)
You came back!
"""


def stage_hashes(store: Path) -> dict[str, dict[str, str]]:
    """Stage -> its version, and one hash over the content hashes of everything it made."""
    found: dict[str, list[str]] = defaultdict(list)
    versions: dict[str, str] = {}
    with open_desk(Settings.load(store=store)) as desk:
        for record in desk.registry.list(limit=100_000):
            found[record.stage].append(f"{record.output} {record.content_hash}")
            versions[record.stage] = record.stage_version
    return {
        stage: {"version": versions[stage], "hash": hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()}
        for stage, lines in sorted(found.items())
    }


@pytest.fixture(scope="module")
def golden_run(tmp_path_factory: pytest.TempPathFactory, studio_at: Callable[[Path], Any]) -> Any:
    studio = studio_at(tmp_path_factory.mktemp("golden"))
    report = studio.run(studio.write(SCRIPT, picture={"width_px": 320, "height_px": 180}))
    assert report.status == "completed", report.error or report.output.shortfalls
    assert len(json.loads((studio.out / "ShotList.json").read_text())["shots"]) <= 10
    return studio


@pytest.fixture(scope="module")
def pins() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((GOLDEN / "pins.json").read_text())
    return table


def test_golden_film_has_the_pinned_bytes(golden_run: Any, pins: dict[str, Any]) -> None:
    if cpu_class() not in pins:
        pytest.skip(f"no pin for CPU class {cpu_class()}; the next tests compare runs and pictures instead")
    assert _sha256(golden_run.out / "episode.mp4") == pins[cpu_class()]["film"], "run `make golden` if this was meant"


def test_stage_output_changes_only_with_its_version(golden_run: Any, pins: dict[str, Any]) -> None:
    if cpu_class() not in pins:
        pytest.skip(f"no pin for CPU class {cpu_class()}")
    pinned, now = pins[cpu_class()]["stages"], stage_hashes(golden_run.store)
    silent = [
        stage
        for stage in sorted(pinned.keys() & now.keys())
        if pinned[stage]["version"] == now[stage]["version"] and pinned[stage]["hash"] != now[stage]["hash"]
    ]
    assert not silent, f"the output of {silent} changed under the same version: bump it, then `make golden`"
    assert pinned == now, "stages or versions changed: run `make golden`"


def test_golden_film_is_the_same_in_a_second_store(
    golden_run: Any, tmp_path: Path, studio_at: Callable[[Path], Any]
) -> None:
    again = studio_at(tmp_path)
    again.run(again.write(SCRIPT, picture={"width_px": 320, "height_px": 180}))
    assert _sha256(again.out / "episode.mp4") == _sha256(golden_run.out / "episode.mp4")


def test_golden_film_looks_like_the_stored_one(golden_run: Any) -> None:
    with av.open(str(GOLDEN / "film.mp4")) as stored, av.open(str(golden_run.out / "episode.mp4")) as made:
        pairs = zip(stored.decode(video=0), made.decode(video=0), strict=True)
        errors = [
            float(np.mean((one.to_ndarray(format="rgb24").astype(float) - other.to_ndarray(format="rgb24")) ** 2))
            for one, other in pairs
        ]
    psnr_db = 10 * np.log10(255**2 / max(np.mean(errors), 1e-12))
    assert psnr_db >= LOWEST_PSNR_DB


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
