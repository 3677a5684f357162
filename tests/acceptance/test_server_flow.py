"""`reelwright serve` as its user starts it, asked by the client: the tour of the API as its page has it, the worker flow on
two clips, then the example episode as a RenderPackage, to the bytes of `reelwright run`.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import standardwebhooks

from cluster.settings import Settings
from serve.client import Client
from serve.http.site import open_site
from tests.callback_receiver import Receiver, receiving
from tests.clips import Truth
from tests.served_store import until
from tests.tour import Tour, agrees

pytestmark = pytest.mark.timeout(600)

ROOT = Path(__file__).resolve().parents[2]
CLIPS = ROOT / "tests" / "fixtures" / "video_clips"
EXAMPLE = ROOT / "docs" / "examples" / "lighthouse" / "project.json"
INPUTS = {"shotlist_ref": "ShotList", "asset_manifest_ref": "AssetManifest", "render_plan_ref": "RenderPlan"}
OWN = {"tenant_id": "t_local", "env": "dev"}


def reelwright(*words: str, store: Path, **options: Any) -> subprocess.Popen[str]:
    environment = {**os.environ, "REELWRIGHT_STORE": str(store), "REELWRIGHT_CALLBACKS_LOOPBACK": "true"}
    return subprocess.Popen([sys.executable, "-m", "serve", *words], env=environment, text=True, **options)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site") / "store"


@dataclass(frozen=True)
class Running:
    """A server that runs, and a token of its tenant."""

    address: str
    token: str


@pytest.fixture(scope="module")
def server(store: Path) -> Iterator[Running]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = reelwright("serve", "--port", str(port), store=store, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        assert "serving on" in process.stdout.readline()
        words = ("token", "create", "--tenant", "t_local", "--env", "dev", "--user", "ann", "--role", "operator")
        token = reelwright(*words, store=store, stdout=subprocess.PIPE).communicate()[0].strip()
        yield Running(f"http://127.0.0.1:{port}", token)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)
        assert process.returncode == 0


@pytest.fixture(scope="module")
def client(server: Running) -> Iterator[Client]:
    with Client(server.address, server.token) as client:
        yield client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder from which a page's relative paths lead into the project."""
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    return tmp_path


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="the tour is written for curl and jq")
def test_tour_of_the_api_answers_as_its_page_shows(server, folder):
    surroundings = {**os.environ, "RW": server.address, "TOKEN": server.token, "PYTHONPATH": str(ROOT)}
    for code, kind, shown, answer in Tour(ROOT / "docs" / "api-tour.md").run(folder, surroundings):
        assert agrees(kind, shown, answer), f"{code}\nshown:\n{shown}\nanswered:\n{answer[:2000]}"
    with av.open(str(folder / "covered.mp4")) as film:
        assert [stream.type for stream in film.streams] == ["video", "audio", "subtitle"]


def pictures(film: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(film)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def sharpness(picture: np.ndarray, left: float, top: float, width: float, height: float) -> float:
    """Mean of what a Laplacian finds in a box given in pixels."""
    box = picture[max(0, int(top)) : int(top + height), max(0, int(left)) : int(left + width)]
    return float(np.abs(cv2.Laplacian(box, cv2.CV_64F)).mean()) if box.size else 0.0


@pytest.mark.parametrize("name", ["face_clip", "broll_clip"])
def test_worker_flow_gives_a_blurred_and_captioned_film(client, name, tmp_path):
    path = CLIPS / f"{name}.mp4"
    asset = client.upload(path)["artifact_id"]
    assert client.engine("video_regions", asset)["meta"]["backend"] == "facenet_mtcnn"
    client.engine("visual_meta", asset)
    captions = client.engine("captions", asset)
    client.engine("anonymise", asset)
    wanted = {"cover_faces": "blur", "strength": "strong", "captions": "track"}
    notices = client.engine("render_dry_run", asset, **wanted)["plan"]["dependency_notices"]
    assert {one["kind"] for one in notices} == {"video_region_summary", "asr_transcript"}
    rendered = client.engine("render", asset, **wanted)
    film = client.download(rendered["video_artifact_id"], tmp_path / "covered.mp4").read_bytes()

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
        srt = client.call("caption_file", artifact_id=captions["artifact_id"], form="srt")
        assert srt.startswith("1\n00:00:")


@pytest.fixture
def signing_secret(server: Running, store: Path) -> str:
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
        body = client.render_package(package)
        until(lambda: receiver.got, "the callback comes", 60)
        job_id = body["job_id"]
        until(lambda: client.call("job_callbacks", job_id=job_id)[0]["status"] == "delivered", "that is noted", 20)
    ((path, headers, told),) = receiver.got
    message = standardwebhooks.Webhook(signing_secret).verify(told, headers)
    assert (path, message["type"]) == ("/hook?key=c4n4ry", "job.completed")
    assert message["data"]["request_id"] == package["request_id"]
    assert (body["status"], body["errors"]) == ("completed", [])
    for output, name in {
        "video": "episode.mp4", "captions": "captions.srt", "captions_vtt": "captions.vtt",
        "audio_stems.dialogue": "stems/dialogue.wav", "audio_stems.music": "stems/music.wav",
    }.items():  # fmt: skip
        fetched = client.download(body["artifact_uris"][output].rpartition("/")[2], tmp_path / "fetched")
        assert fetched.read_bytes() == (out / name).read_bytes(), output
    assert body["run_summary"]["stages"]["segment"]["misses"] > 0, "the server rendered it itself"
