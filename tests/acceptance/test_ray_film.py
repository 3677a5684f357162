"""The film rendered by Ray tasks is the film rendered here, byte for byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.mark.timeout(300)
# Ray itself leaves sockets and file handles to the garbage collector when it shuts down.
@pytest.mark.filterwarnings("ignore")
def test_film_rendered_on_ray_has_the_same_hashes(
    tmp_path: Path, studio_at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = studio_at(tmp_path / "here"), studio_at(tmp_path / "there")
    here.run(here.write())
    monkeypatch.setattr("pipelines.executors.RAY_START_S", -1.0)
    report = there.run(there.write(), in_process=False)
    assert report.status == "completed", report.error
    assert here.hashes() == there.hashes()
