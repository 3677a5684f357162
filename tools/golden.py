"""`make golden`: render the golden film of tests/acceptance/test_golden.py and pin its bytes for this CPU class.

Pins of other classes are dropped when any stage changed, since they can no longer be right.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from pipelines.natives import cpu_class

ACCEPTANCE = Path("tests/acceptance")


def main() -> None:
    """Writes tests/fixtures/golden/film.mp4 and pins.json."""
    conftest, golden = _module("conftest"), _module("test_golden")
    table_path = golden.GOLDEN / "pins.json"
    before = json.loads(table_path.read_text()) if table_path.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        studio = conftest.Studio(Path(folder))
        report = studio.run(studio.write(golden.SCRIPT, picture={"width_px": 320, "height_px": 180}))
        if report.status != "completed":
            sys.exit(f"the golden film is {report.status}: {report.error or report.output.shortfalls}")
        film = studio.out / "episode.mp4"
        pin = {"film": golden._sha256(film), "stages": golden.stage_hashes(studio.store)}
        mine = cpu_class()
        kept = before if before.get(mine) == pin else {}
        table_path.parent.mkdir(parents=True, exist_ok=True)
        table_path.write_text(json.dumps({**kept, mine: pin}, indent=2, sort_keys=True) + "\n")
        shutil.copyfile(film, golden.GOLDEN / "film.mp4")
    print(f"pinned {pin['film']} for {mine}")


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"golden_{name}", ACCEPTANCE / f"{name}.py")
    if spec is None or spec.loader is None:
        sys.exit(f"{ACCEPTANCE / name}.py is not there; run this from the repository root")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
