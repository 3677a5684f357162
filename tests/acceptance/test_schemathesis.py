"""schemathesis asks every operation of the OpenAPI document, with all its checks: no failure, and nothing answers 500."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn

from cluster.jobs.records import QUEUES
from cluster.settings import Settings
from cluster.tenancy.roles import Role
from cluster.tenancy.scope import TenantScope
from pipelines.analysis.asset import register
from pipelines.progress import Silent
from serve.http.app import build_api
from serve.http.site import open_site
from serve.media_run import media_flow
from serve.workers import Worker
from tests.clips import face_film
from tests.served_store import free_port

CONFIG = Path(__file__).with_name("schemathesis.toml")

CLEAN = re.compile(r"Selected: (\d+)/\1\s+Tested: \1\b")
"""Every operation was asked."""


@dataclass(frozen=True)
class Asked:
    """A site that is asked."""

    address: str
    token: str
    asset_id: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("site")
    film = folder / "clip.mp4"
    face_film(film, seconds=1, width_px=160, height_px=96, rate=25, cuts=(), bars=False)
    with open_site(Settings.load(store=folder / "store", queue_waiting={})) as opened:
        site, owner = opened, TenantScope("t1", "dev", "root", "admin")
        with media_flow(site.desk(owner), site.engines, Silent()) as flow:
            asset = register(flow, film)
        worker = Worker(site, "w1", QUEUES)
        token = site.tokens(owner).create("ann", Role.ADMIN, timedelta(hours=1)).text
        server = uvicorn.Server(uvicorn.Config(build_api(site), port=free_port(), log_level="critical"))
        threads = [threading.Thread(target=one.run) for one in (worker, server)]
        for thread in threads:
            thread.start()
        while not server.started:
            time.sleep(0.05)
        yield Asked(f"http://127.0.0.1:{server.config.port}", token, asset.asset_id)
        server.should_exit = True
        worker.stop()
        for thread in threads:
            thread.join()


def asked(site: Asked, *words: str) -> None:
    """Fails with the report unless schemathesis found nothing."""
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", f"{site.address}/openapi.json",
        *words,
    ]  # fmt: skip
    surroundings = {**os.environ, "TOKEN": site.token, "ASSET": site.asset_id, "PYTHONPATH": str(Path.cwd())}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert CLEAN.search(done.stdout), done.stdout[-3000:]


@pytest.mark.timeout(400)
def test_api_is_what_its_document_says(site):
    asked(site, "--max-examples", "2")


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_api_is_what_its_document_says_on_many_more_examples(site):
    asked(site, "--max-examples", "60")
