"""The worker flow over HTTP as a client sends it: a film in, a blurred and captioned film out, and nobody else's."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from cluster.settings import EngineSettings
from cluster.tenancy.roles import Role
from tests.clips import face_film
from tests.http_server import Server, served

OWN = {"tenant_id": "t1", "env": "dev"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    engines = EngineSettings.load(region_backend="opencv_face_detector")
    with served(tmp_path_factory.mktemp("site") / "store", "t1", engines) as one:
        yield one


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films") / "clip.mp4"
    face_film(path, seconds=2, width_px=320, height_px=180, rate=25, cuts=(25,), bars=False, lines=("Good morning.",))
    return path


@pytest.fixture(scope="module")
def asset(server: Server, film: Path) -> str:
    answer = server.call("POST", "/media/v2/assets/upload?name=clip.mp4", content=film.read_bytes())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["artifact_id"])


def test_worker_flow_from_regions_to_a_covered_and_captioned_film(server, asset, film):
    body = {**OWN, "asset_id": asset}
    regions = server.call("POST", "/video/regions", json=body, headers={"Prefer": "wait=60"})
    assert regions.status_code == 200, regions.text
    assert regions.json()["meta"]["backend"] == "opencv_face_detector"
    for path in ("/video/visual-meta/analyze", "/video/captions/generate", "/video/anonymise/faces"):
        answer = server.call("POST", path, json=body, headers={"Prefer": "wait=60"})
        assert answer.status_code == 200, answer.text
    wanted = {**body, "cover_faces": "solid", "captions": "track"}
    plan = server.call("POST", "/video/render/dry-run", json=wanted, headers={"Prefer": "wait=60"}).json()["plan"]
    assert {one["kind"] for one in plan["dependency_notices"]} == {"video_region_summary", "asr_transcript"}
    done = server.call("POST", "/video/render", json=wanted, headers={"Prefer": "wait=60"}).json()
    video = done["video_artifact_id"]
    content = server.call("GET", f"/media/v2/artifacts/{video}/content").content
    with av.open(io.BytesIO(content)) as rendered:
        assert [stream.type for stream in rendered.streams] == ["video", "audio", "subtitle"]
        assert sum(1 for _ in rendered.decode(video=0)) == 50
    lineage = server.call("GET", f"/media/v2/artifacts/{video}/lineage").json()
    assert {"media_asset", "video_region_summary", "asr_transcript", "video_render"} <= {one["kind"] for one in lineage}
    transcript = next(one["artifact_id"] for one in lineage if one["kind"] == "asr_transcript")
    srt = server.call("GET", f"/video/captions/{transcript}/srt")
    assert srt.text.startswith("1\n00:00:")


def test_bytes_are_served_by_range(server, asset, film):
    answer = server.call("GET", f"/media/v2/artifacts/{asset}/content", headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (206, film.read_bytes()[10:20])


def test_same_question_is_the_same_job_and_a_key_holds_its_body(server, asset):
    body = {**OWN, "asset_id": asset, "frame_sample_interval_ms": 400}
    headers = {"Prefer": "wait=60"}
    first = server.call("POST", "/video/regions", json=body, headers=headers)
    again = server.call("POST", "/video/regions", json=body, headers=headers)
    assert first.headers["X-Job-Id"] == again.headers["X-Job-Id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    keyed = headers | {"Idempotency-Key": "k1"}
    assert server.call("POST", "/video/regions", json=body, headers=keyed).status_code == 200
    other = server.call("POST", "/video/regions", json=body | {"min_confidence": 0.9}, headers=keyed)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


def test_who_does_not_wait_gets_a_job_and_follows_it_from_any_event(server, asset):
    body = {**OWN, "asset_id": asset, "frame_sample_interval_ms": 450}
    answer = server.call("POST", "/video/regions", json=body, headers={"Prefer": "wait=0"})
    assert answer.status_code == 202
    location = answer.headers["Location"]
    events = server.call("GET", f"{location}/events").text
    numbers = [int(line[4:]) for line in events.splitlines() if line.startswith("id: ")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert "event: completed" in events
    rest = server.call("GET", f"{location}/events", headers={"Last-Event-ID": "2"}).text
    assert rest == events[events.index("id: 3") :]
    assert server.call("GET", location).json()["status"] == "completed"


@pytest.mark.parametrize("path", ["/media/v2/artifacts/{}", "/media/v2/artifacts/{}/content", "/video/captions/{}/srt"])
def test_foreign_artifact_answers_as_an_unknown_one(server, asset, path):
    theirs = server.token("t2")
    foreign = server.call("GET", path.format(asset), theirs)
    unknown = server.call("GET", path.format("a_" + "0" * 32), theirs)
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.text.replace(asset, "X") == unknown.text.replace("a_" + "0" * 32, "X")


def test_body_of_another_tenant_or_without_one_is_refused(server, asset):
    for named in ({"tenant_id": "t2", "env": "dev"}, {"tenant_id": "t_unknown", "env": "dev"}, {}):
        answer = server.call("POST", "/video/regions", json={**named, "asset_id": asset})
        assert (answer.status_code, answer.json()["code"]) == (403, "tenant_mismatch")


def test_without_a_good_token_nothing_is_said(server, asset):
    answers = [
        server.client.get(f"/media/v2/artifacts/{asset}"),
        server.call("GET", f"/media/v2/artifacts/{asset}", "nonsense"),
    ]
    assert {one.status_code for one in answers} == {401}
    assert len({one.text for one in answers}) == 1
    reader = server.token(role=Role.READER)
    refused = server.call("POST", "/video/regions", reader, json={**OWN, "asset_id": asset})
    assert (refused.status_code, refused.json()["code"]) == (403, "refused")


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "media_unreadable"), (b"#EXTM3U\nfile:///etc/passwd\n", "media_unreadable")]
)
def test_upload_that_is_no_media_is_refused_and_leaves_nothing(server, content, said):
    answer = server.call("POST", "/media/v2/assets/upload?name=a.mp4", content=content)
    assert (answer.status_code, answer.json()["code"]) == (422, said)
    assert list(server.site.uploads.iterdir()) == []


def test_path_is_read_only_below_an_allowed_folder(server, film):
    for path in ("/etc/passwd", str(film), "../x", f"{film.parent}/../../etc/passwd"):
        answer = server.call("POST", "/media/v2/assets", json={"path": path})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


def test_job_that_fails_says_why_as_a_problem(server):
    answer = server.call("POST", "/media/v2/assets/upload?name=a.wav", content=_wave())
    body = {**OWN, "asset_id": answer.json()["artifact_id"]}
    failed = server.call("POST", "/video/regions", json=body, headers={"Prefer": "wait=60"})
    assert (failed.status_code, failed.json()["code"]) == (422, "media_unreadable")
    assert failed.headers["Content-Type"] == "application/problem+json"


def test_body_that_is_no_json_is_a_problem_too(server):
    headers = {"Content-Type": "application/json"}
    answer = server.call("POST", "/video/regions", content=b"\x1e\xff{", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_openapi_names_every_operation_once(server):
    document = json.loads(server.client.get("/openapi.json").text)
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names)) >= 18


def _wave() -> bytes:
    import wave

    raw = io.BytesIO()
    with wave.open(raw, "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", "NONE"))
        file.writeframes(b"\0\0" * 16_000)
    return raw.getvalue()
