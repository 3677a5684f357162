"""`reelwright serve` as its user starts it, asked over HTTP: the worker flow on two clips, then the example episode as a
RenderPackage, to the bytes of `reelwright run`.
"""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import cv2
import httpx2
import numpy as np
import pytest
import standardwebhooks

from cluster.settings import Settings
from serve.http.site import open_site
from tests.callback_receiver import Receiver, receiving
from tests.clips import Truth
from tests.served_store import until

pytestmark = pytest.mark.timeout(600)

CLIPS = Path(__file__).resolve().parents[1] / "fixtures" / "video_clips"
EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "lighthouse" / "project.json"
INPUTS = {"shotlist_ref": "ShotList", "asset_manifest_ref": "AssetManifest", "render_plan_ref": "RenderPlan"}
OWN = {"tenant_id": "t_local", "env": "dev"}
WAIT = {"Prefer": "wait=60"}


def reelwright(*words: str, store: Path, **options: Any) -> subprocess.Popen[str]:
    environment = {**os.environ, "REELWRIGHT_STORE": str(store), "REELWRIGHT_CALLBACKS_LOOPBACK": "true"}
    return subprocess.Popen([sys.executable, "-m", "serve", *words], env=environment, text=True, **options)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site") / "store"


@pytest.fixture(scope="module")
def client(store: Path) -> Iterator[httpx2.Client]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = reelwright("serve", "--port", str(port), store=store, stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        assert "serving on" in server.stdout.readline()
        words = ("token", "create", "--tenant", "t_local", "--env", "dev", "--user", "u1", "--role", "operator")
        token = reelwright(*words, store=store, stdout=subprocess.PIPE).communicate()[0].strip()
        headers = {"Authorization": f"Bearer {token}"}
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=120) as client:
            yield client
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=120)
        assert server.returncode == 0


def finished(client: httpx2.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The document of a call, waited for as long as it takes."""
    answer = client.post(path, json=body, headers=WAIT)
    while answer.status_code == 202:
        location = answer.headers["Location"]
        with client.stream("GET", f"{location}/events") as events:
            for _ in events.iter_lines():
                pass
        answer = client.post(path, json=body, headers=WAIT)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def content(client: httpx2.Client, artifact: str) -> bytes:
    return client.get(f"/media/v2/artifacts/{artifact.rpartition('/')[2]}/content").content


def pictures(film: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(film)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def sharpness(picture: np.ndarray, left: float, top: float, width: float, height: float) -> float:
    """Mean of what a Laplacian finds in a box given in pixels."""
    box = picture[max(0, int(top)) : int(top + height), max(0, int(left)) : int(left + width)]
    return float(np.abs(cv2.Laplacian(box, cv2.CV_64F)).mean()) if box.size else 0.0


@pytest.mark.parametrize("name", ["face_clip", "broll_clip"])
def test_worker_flow_gives_a_blurred_and_captioned_film(client, name):
    path = CLIPS / f"{name}.mp4"
    asset = client.post(f"/media/v2/assets/upload?name={path.name}", content=path.read_bytes()).json()["artifact_id"]
    body = {**OWN, "asset_id": asset}
    regions = finished(client, "/video/regions", body)
    assert regions["meta"]["backend"] == "facenet_mtcnn"
    finished(client, "/video/visual-meta/analyze", body)
    captions = finished(client, "/video/captions/generate", body)
    finished(client, "/video/anonymise/faces", body)
    wanted = {**body, "cover_faces": "blur", "strength": "strong", "captions": "track"}
    notices = finished(client, "/video/render/dry-run", wanted)["plan"]["dependency_notices"]
    assert {one["kind"] for one in notices} == {"video_region_summary", "asr_transcript"}
    film = content(client, finished(client, "/video/render", wanted)["video_artifact_id"])

    with av.open(io.BytesIO(film)) as rendered:
        kinds = [stream.type for stream in rendered.streams]
    assert kinds[:1] == ["video"]
    before, after = pictures(path.read_bytes()), pictures(film)
    truth = Truth.read(path.with_suffix(".json"))
    assert len(after) == len(before) == truth.frames
    faces = [(number, face.box) for number, seen in enumerate(truth.faces) for face in seen if face.visible > 0.6][::5]
    for number, box in faces:
        assert sharpness(after[number], *box) < 0.5 * sharpness(before[number], *box), (number, box)
    if name == "broll_clip":
        assert not faces
        away = np.abs(before[40].astype(int) - after[40].astype(int)).mean()
        assert away < 6, "what shows nobody is left alone"
    else:
        assert len(faces) > 40
        assert kinds == ["video", "audio", "subtitle"]
        srt = client.get(f"/video/captions/{captions['artifact_id']}/srt").text
        assert srt.startswith("1\n00:00:")


@pytest.fixture
def signing_secret(client: httpx2.Client, store: Path) -> str:
    """The secret of the tenant that calls."""
    with open_site(Settings.load(store=store)) as site:
        return site.signing_secrets(site.settings.scope()).rotate().text


def test_render_package_of_the_example_gives_the_bytes_of_the_run_and_a_callback(client, signing_secret, tmp_path):
    out = tmp_path / "out"
    run = reelwright("run", str(EXAMPLE), "--out", str(out), store=tmp_path / "elsewhere", stdout=subprocess.DEVNULL)
    assert run.wait(300) == 0
    package = {
        "schema_version": "1.0.0", "request_id": str(uuid.uuid4()), "idempotency_key": "example", **OWN,
        "render_profile": "preview_local",
        "inputs": {field: json.loads((out / f"{kind}.json").read_text()) for field, kind in INPUTS.items()},
        "desired_outputs": ["video", "captions", "audio_stems", "run_summary"],
    }  # fmt: skip
    with receiving(Receiver()) as receiver:
        package["callbacks"] = [f"http://127.0.0.1:{receiver.port}/hook?key=c4n4ry"]
        accepted = client.post("/v1/render-packages", json=package)
        assert accepted.status_code == 202, accepted.text
        until(lambda: receiver.got, "the callback comes", 400)
        arrived = datetime.now(UTC)
        job = f"/jobs/{accepted.json()['job_id']}"
        until(lambda: client.get(f"{job}/callbacks").json()[0]["status"] == "delivered", "that is noted", 20)
    ((path, headers, told),) = receiver.got
    message = standardwebhooks.Webhook(signing_secret).verify(told, headers)
    assert (path, message["type"]) == ("/hook?key=c4n4ry", "job.completed")
    assert message["data"]["request_id"] == package["request_id"]
    assert arrived - datetime.fromisoformat(client.get(job).json()["finished_at"]) < timedelta(seconds=5)
    body = client.get(accepted.headers["Location"]).json()
    assert (body["status"], body["errors"]) == ("completed", [])
    for output, name in {
        "video": "episode.mp4", "captions": "captions.srt", "captions_vtt": "captions.vtt",
        "audio_stems.dialogue": "stems/dialogue.wav", "audio_stems.music": "stems/music.wav",
    }.items():  # fmt: skip
        assert content(client, body["artifact_uris"][output]) == (out / name).read_bytes(), output
    assert body["run_summary"]["stages"]["segment"]["misses"] > 0, "the server rendered it itself"
