"""`serve deploy serve.yaml`: the file that is checked in, on a Ray with a job API, down to an answer of its engine."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from actors.hosting import CLUSTER
from cluster.jobs.records import QUEUES
from cluster.ray_session import local_ray
from cluster.registry.database import Database
from cluster.settings import Settings
from cluster.tenancy.roles import Role
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.tokens import TokenBook
from schemas.errors import Unavailable
from serve.server import HOSTED
from tests.clips import face_film
from tests.ray_noise import NOISE
from tests.served_store import free_port, until

pytestmark = [pytest.mark.timeout(600), *(pytest.mark.filterwarnings(rule) for rule in NOISE)]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "serve.yaml").read_text()))


@pytest.fixture(scope="module")
def deployed(config: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str, Settings]]:
    """One worker a queue, on a port that is free; the rest is the file."""
    folder = tmp_path_factory.mktemp("cluster")
    small = copy.deepcopy(config)
    small["http_options"]["port"] = port = free_port()
    for one in small["applications"]:
        if one["import_path"].endswith(":workers"):
            one["args"]["workers"] = 1
    (folder / "serve.yaml").write_text(yaml.safe_dump(small))
    settings = Settings.load(store=folder / "store")
    with pytest.MonkeyPatch.context() as nodes:
        nodes.setenv("REELWRIGHT_STORE", str(settings.store))
        nodes.setenv("VIDEO_REGION_BACKEND", "opencv_face_detector")
        nodes.setenv("PYTHONPATH", str(ROOT))
        with local_ray(12, dashboard=True, resources=dict.fromkeys(QUEUES, 1.0)) as ray:
            dashboard = f"http://{ray._private.worker._global_node.webui_url}"
            command = [sys.executable, "-m", "ray.serve.scripts", "deploy", "serve.yaml", "--address", dashboard]
            done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, done.stdout + done.stderr
            from ray import serve as ray_serve

            def running() -> bool:
                found = ray_serve.status().applications
                assert not (failed := [one.message for one in found.values() if one.status == "DEPLOY_FAILED"]), failed
                states = [found[one["name"]].status for one in small["applications"] if one["name"] in found]
                return states == ["RUNNING"] * len(small["applications"])

            until(running, "every application runs", pause_s=1)
            yield ray_serve, f"http://127.0.0.1:{port}", settings
            ray_serve.shutdown()


def test_the_file_is_what_serve_deploys(config):
    from ray.serve.schema import ServeDeploySchema  # it warns while it is imported

    checked = ServeDeploySchema.model_validate(config)
    names = {one.name for one in checked.applications}
    assert names == {"api"} | {f"engine-{family}" for family in HOSTED} | {f"workers-{queue}" for queue in QUEUES}
    assert checked.http_options.host == "127.0.0.1"


def test_every_argument_of_the_file_is_known_and_engines_stay_warm(config):
    from serve import cluster_app

    for one in config["applications"]:
        builder = getattr(cluster_app, one["import_path"].partition(":")[2])
        parsed = builder.__annotations__["args"].model_validate(one["args"])
        if one["name"].startswith(("engine-", "api")):
            assert parsed.min_replicas >= CLUSTER.min_replicas >= 1
    with pytest.raises(ValueError, match="quque"):
        cluster_app.WorkerArgs.model_validate({"quque": "cpu_queue"})
    with pytest.raises(ValueError, match="above max_replicas"):
        cluster_app.EngineArgs.model_validate({"family": "faces", "min_replicas": 5})


def test_an_engine_of_which_only_a_stub_is_here_is_not_deployed(monkeypatch):
    from serve.cluster_app import EngineArgs, engine

    monkeypatch.setenv("VIDEO_REGION_BACKEND", "stub_face_detector")
    with pytest.raises(Unavailable, match="only a stub"):
        engine(EngineArgs(family="faces"))


def test_a_film_is_looked_at_by_the_engine_that_is_deployed(deployed, tmp_path):
    ray_serve, address, settings = deployed
    database = Database.open(settings.registry_url())
    book = TokenBook(database, TenantScope("t1", "dev", "root", "admin"), settings.site_id)
    headers = {"Authorization": f"Bearer {book.create('u1', Role.OPERATOR, timedelta(hours=1)).text}"}
    database.close()
    handle = ray_serve.get_deployment_handle("faces", "engine-faces")
    assert handle.stats.remote().result().calls == 0
    path = tmp_path / "clip.mp4"
    face_film(path, seconds=2, width_px=320, height_px=180, rate=12, bars=False, lines=())
    with httpx2.Client(base_url=address, headers=headers, timeout=90) as client:
        uploaded = client.post("/media/v2/assets/upload?name=clip.mp4", content=path.read_bytes())
        body = {"tenant_id": "t1", "env": "dev", "asset_id": uploaded.json()["artifact_id"]}
        answer = client.post("/video/regions", json=body, headers={"Prefer": "wait=60"})
        assert answer.status_code == 200, answer.text
        assert answer.json()["meta"]["backend"] == "opencv_face_detector"
    assert handle.stats.remote().result().calls > 0, "the worker asked the deployment, not a copy of its own"


def test_a_worker_of_each_queue_takes_its_place_and_no_more(deployed):
    ray_serve, _, _ = deployed
    import ray

    left = ray.available_resources()
    assert all(0 < left[queue] < 0.02 for queue in QUEUES), left
    states = ray_serve.status().applications
    assert {queue: states[f"workers-{queue}"].deployments[queue].status for queue in QUEUES} == dict.fromkeys(
        QUEUES, "HEALTHY"
    )
