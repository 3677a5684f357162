"""The Python client: whole calls against the application, and a network that breaks where it hurts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from cluster.settings import EngineSettings
from cluster.tenancy.roles import Role
from schemas.errors import InvalidInput, MediaUnreadable, NotFound, QuotaExceeded, TokenRejected, Unavailable
from serve.client import Client
from tests.clips import face_film
from tests.http_server import Server, served

Breaks = Callable[[httpx2.Request, httpx2.Response | None], httpx2.Response | None]
"""Is asked before a request is sent, without a response, and after it, with one: may raise, or answer instead."""


class Network(httpx2.BaseTransport):
    """The way to the application, which breaks as told."""

    def __init__(self, way: httpx2.BaseTransport) -> None:
        self._way = way
        self.breaks: list[Breaks] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        for one in list(self.breaks):
            if (instead := one(request, None)) is not None:
                return instead
        answer = self._way.handle_request(request)
        for one in list(self.breaks):
            if (instead := one(request, answer)) is not None:
                return instead
        return answer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    engines = EngineSettings.load(region_backend="opencv_face_detector")
    with served(tmp_path_factory.mktemp("site") / "store", "t1", engines) as one:
        yield one


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films") / "clip.mp4"
    face_film(path, seconds=2, width_px=160, height_px=96, rate=25, cuts=(25,), bars=False)
    return path


@pytest.fixture
def network(server: Server) -> Network:
    return Network(server.client._transport)


@pytest.fixture
def client(server: Server, network: Network) -> Iterator[Client]:
    with Client("", server.token(role=Role.ADMIN), patience_s=1.5, http=over(network)) as one:
        yield one


def over(network: Network) -> httpx2.Client:
    return httpx2.Client(base_url="http://testserver", transport=network)


def times(count: int, *, path: str, sent: bool, what: Callable[[httpx2.Request], httpx2.Response | None]) -> Breaks:
    """`what` for the first requests of a path, before they are sent or when they are answered."""
    left = [count]

    def breaks(request: httpx2.Request, answer: httpx2.Response | None) -> httpx2.Response | None:
        if left[0] and request.url.path.endswith(path) and (answer is not None) == sent:
            left[0] -= 1
            if answer is not None:
                answer.read()
            return what(request)
        return None

    return breaks


def raises(kind: type[httpx2.TransportError]) -> Callable[[httpx2.Request], httpx2.Response | None]:
    def raising(_: httpx2.Request) -> httpx2.Response | None:
        raise kind("broken")

    return raising


def jobs(client: Client, kind: str) -> int:
    return len(client.call("list_jobs", kind=kind, limit=200))


def test_film_goes_up_through_an_engine_and_comes_back(client, film, tmp_path):
    assert client.caller == {"tenant_id": "t1", "env": "dev", "user_id": "u1", "role": "admin"}
    asset = client.upload(film)
    assert asset["content_hash"] == hashlib.sha256(film.read_bytes()).hexdigest()
    assert client.upload(film)["artifact_id"] == asset["artifact_id"]
    done = client.engine("render", asset["artifact_id"], cover_faces="solid")
    path = client.download(done["video_artifact_id"], tmp_path / "covered.mp4")
    record = client.call("get_artifact", artifact_id=done["video_artifact_id"])
    assert hashlib.sha256(path.read_bytes()).hexdigest() == record["content_hash"]
    assert list(tmp_path.iterdir()) == [path]


def test_what_the_server_refuses_is_raised_as_the_error_it_is(server, client, network, tmp_path):
    with pytest.raises(NotFound, match="a_none"):
        client.engine("video_regions", "a_none")
    with pytest.raises(InvalidInput, match="min_confidence"):
        client.engine("video_regions", "a_none", min_confidence=2)
    with pytest.raises(NotFound, match="no operation 'video_faces'"):
        client.call("video_faces")
    with pytest.raises(InvalidInput, match="needs 'job_id'"):
        client.call("get_job")
    (tmp_path / "film.mp4").write_bytes(b"no film")
    with pytest.raises(MediaUnreadable):
        client.upload(tmp_path / "film.mp4")
    with pytest.raises(InvalidInput, match="no file"):
        client.upload(tmp_path / "nothing.mp4")
    with pytest.raises(TokenRejected):
        Client("", "rw_0000000000000000_" + "x" * 43, http=over(network)).call("list_jobs")
    foreign = Client("", server.token("t2"), http=over(network))
    with pytest.raises(NotFound):
        list(foreign.events(client.call("list_jobs")[0]["job_id"]))


def test_server_that_is_away_or_busy_is_asked_again(client, network):
    busy = httpx2.Response(
        503, json={"code": "unavailable", "detail": "busy", "evidence": {}}, headers={"retry-after": "1"}
    )
    network.breaks = [
        times(2, path="/jobs", sent=False, what=raises(httpx2.ConnectError)),
        times(1, path="/jobs", sent=False, what=lambda _: busy),
        times(1, path="/jobs", sent=False, what=lambda _: httpx2.Response(502, text="<html>Bad gateway</html>")),
    ]
    assert isinstance(client.call("list_jobs"), list)


def test_server_that_stays_away_is_given_up(client, network):
    assert client.operations
    network.breaks = [times(1000, path="", sent=False, what=raises(httpx2.ConnectError))]
    with pytest.raises(Unavailable, match="could not be reached"):
        client.call("list_jobs")
    network.breaks = [times(1000, path="", sent=False, what=lambda _: httpx2.Response(502, text="<html>"))]
    with pytest.raises(Unavailable, match="answered 502"):
        client.call("list_jobs")


def test_quota_that_is_used_up_is_waited_for_and_then_said(client, network):
    problem = {"code": "quota_exceeded", "detail": "too much", "evidence": {"reason": "concurrent_jobs"}}
    full = [httpx2.Response(429, json=problem, headers={"retry-after": "1"}) for _ in range(9)]
    network.breaks = [times(1, path="/quota", sent=False, what=lambda _: full.pop())]
    assert client.call("get_quota")["used"]
    network.breaks = [times(9, path="/quota", sent=False, what=lambda _: full.pop())]
    with pytest.raises(QuotaExceeded) as raised:
        client.call("get_quota")
    assert raised.value.detail["reason"] == "concurrent_jobs"


def test_call_whose_answer_got_lost_is_the_same_job(client, network, film):
    asset = client.upload(film)["artifact_id"]
    before = jobs(client, "video_regions")
    network.breaks = [times(1, path="/video/regions", sent=True, what=raises(httpx2.ReadError))]
    found = client.engine("video_regions", asset, min_confidence=0.71)
    assert found["meta"]["backend"] == "opencv_face_detector"
    assert jobs(client, "video_regions") == before + 1


def test_token_whose_answer_got_lost_is_not_made_twice(client, network):
    before = len(client.call("list_tokens"))
    network.breaks = [times(1, path="/admin/tokens", sent=True, what=raises(httpx2.ReadError))]
    with pytest.raises(Unavailable):
        client.call("create_token", {"user_id": "ann", "role": "reader"})
    assert len(client.call("list_tokens")) == before + 1


def test_download_that_broke_off_goes_on_where_it_was(client, network, film, tmp_path):
    asset = client.upload(film)["artifact_id"]
    whole, asked = film.read_bytes(), []

    class Broken(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield whole[:1000]
            raise httpx2.ReadError("broken")

    def half(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(206, stream=Broken(), request=request)

    def noted(request: httpx2.Request, answer: httpx2.Response | None) -> httpx2.Response | None:
        if answer is None and request.url.path.endswith("/content"):
            asked.append(request.headers["range"])
        return None

    network.breaks = [noted, times(1, path="/content", sent=False, what=half)]
    assert client.download(asset, tmp_path / "film.mp4").read_bytes() == whole
    assert asked == ["bytes=0-", "bytes=1000-"]


def test_download_of_other_bytes_is_refused_and_leaves_nothing(client, network, film, tmp_path):
    asset = client.upload(film)["artifact_id"]
    size = film.stat().st_size
    network.breaks = [times(99, path="/content", sent=False, what=lambda _: httpx2.Response(206, content=b"\0" * size))]
    with pytest.raises(Unavailable, match="other bytes"):
        client.download(asset, tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []


def test_events_go_on_where_they_broke_off_without_gap_or_repeat(client, network, film):
    asset = client.upload(film)["artifact_id"]
    client.engine("visual_meta", asset)
    job_id = client.call("list_jobs", kind="visual_meta")[0]["job_id"]
    whole = list(client.events(job_id))
    assert [one["number"] for one in whole] == list(range(1, len(whole) + 1)) and len(whole) > 3

    def cut(request: httpx2.Request, answer: httpx2.Response | None) -> httpx2.Response | None:
        """Lets two events through and breaks."""
        if answer is None or not request.url.path.endswith("/events"):
            return None
        parts = answer.read().split(b"\n\n")[:-1]

        class Two(httpx2.SyncByteStream):
            def __iter__(self) -> Iterator[bytes]:
                for part in parts[:2]:
                    yield part + b"\n\n"
                if len(parts) > 2:
                    raise httpx2.ReadError("broken")

        return httpx2.Response(200, stream=Two(), headers=answer.headers, request=request)

    network.breaks = [cut]
    assert list(client.events(job_id)) == whole


def test_client_takes_what_it_does_not_know_from_the_servers_own_document(client):
    some: Any = client.operations
    assert some["job_events"].path == "/jobs/{job_id}/events" and some["video_regions"].repeatable
    assert not some["create_token"].repeatable and some["get_quota"].repeatable
