"""No secret gets out: a canary in every setting, header, callback and address, and then a look at every byte that was
written or answered, in the forms in which secrets travel.
"""

from __future__ import annotations

import base64
import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from cluster.jobs.outbox import Outbox
from cluster.jobs.records import QUEUES, JobRecord, JobRequest
from cluster.jobs.webhook_sender import WebhookSender
from cluster.settings import EngineSettings, Settings
from cluster.tenancy.roles import Role
from cluster.tenancy.scope import TenantScope
from cluster.tenancy.sealing import SEALING_KEYS
from cluster.tenancy.signing_secrets import SigningSecrets
from cluster.tenancy.tokens import TokenBook
from schemas.errors import InvalidInput, Unavailable
from serve.callbacks import webhook_sender
from serve.http.app import build_api
from serve.http.site import Site, open_site
from serve.process_logs import start_logging
from serve.workers import Watched, Worker, perform
from tests.callback_receiver import Receiver, receiving
from tests.clips import face_film
from tests.operated_server import logging_as_before

CALLER = TenantScope("t1", "dev", "u1", "operator")
OWN = {"tenant_id": "t1", "env": "dev"}


@dataclass
class Canaries:
    """Secrets by what they were put into."""

    by_place: dict[str, bytes] = field(default_factory=dict)

    def new(self, place: str) -> str:
        """A secret that nobody has seen."""
        return self.known(place, f"canary+{secrets.token_hex(12)}/x")

    def known(self, place: str, secret: str) -> str:
        self.by_place[place] = secret.encode()
        return secret

    def found_in(self, content: bytes) -> set[str]:
        """The places whose secrets stand in `content`."""
        return {place for place, one in self.by_place.items() if any(form in content for form in forms(one))}


def forms(secret: bytes) -> Iterator[bytes]:
    """Written out here, not taken from the redactor: it is what is tested."""
    text = secret.decode()
    yield secret
    yield quote(text, safe="").encode()
    yield text.replace("/", "\\/").encode()
    yield secret.hex().encode()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + secret + b"\0" * 3)
        inner = encoded[-(-offset * 8 // 6) : (offset + len(secret)) * 8 // 6]
        yield from (inner, inner.translate(bytes.maketrans(b"+/", b"-_")))


@dataclass
class Nest:
    """A site with canaries in it, and everything that it wrote and answered."""

    canaries: Canaries
    site: Site
    client: TestClient
    token: str
    answers: list[bytes] = field(default_factory=list)

    def call(self, method: str, path: str, headers: dict[str, str] | None = None, **given: Any) -> Any:
        """An answer, kept; its credentials are canaries."""
        sent = {"Authorization": f"Bearer {self.token}"} | (headers or {})
        answer = self.client.request(method, path, headers=sent, **given)
        self.answers.append(answer.content + repr(sorted(answer.headers.items())).encode())
        return answer

    def work(self, do: Any = perform) -> None:
        """Does every job that waits."""
        worker = Worker(self.site, "w1", QUEUES, do)
        while worker.work_once():
            pass

    def written(self) -> dict[str, bytes]:
        """Every file of the store but that of the sealing keys, which is where they live."""
        store = self.site.settings.store
        files = [path for path in store.rglob("*") if path.is_file() and path.name != SEALING_KEYS]
        return {str(path.relative_to(store)): path.read_bytes() for path in files}

    def log(self) -> bytes:
        return (self.site.settings.log_folder() / "canary.jsonl").read_bytes()


@pytest.fixture
def nest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Nest]:
    canaries, store = Canaries(), tmp_path / "store"
    store.mkdir()
    key = secrets.token_bytes(32)
    (store / SEALING_KEYS).write_bytes(base64.b64encode(key) + b"\n")
    canaries.known("sealing key", base64.b64encode(key).decode())
    password = canaries.known("database password", f"canary{secrets.token_hex(12)}")
    monkeypatch.setattr(Settings, "registry_url", lambda self: f"sqlite:///{store / 'registry.sqlite3'}")
    settings = Settings.load(
        store=store, site_id="s1", log_level="DEBUG", database_url=f"postgresql://ann:{password}@db.example.org/x",
        callbacks_loopback=True,
    )  # fmt: skip
    with logging_as_before():
        start_logging(settings, "canary")
        with open_site(settings, EngineSettings.load(region_backend="opencv_face_detector")) as site:
            book = TokenBook(site.database, CALLER, "s1")
            token = book.create("u1", Role.OPERATOR, timedelta(hours=1)).text
            canaries.known("token", token.split("_", 2)[2])  # which may hold more of them
            signing = SigningSecrets(site.database, CALLER, "s1", site.sealer).rotate().text
            canaries.known("signing secret", signing.removeprefix("whsec_"))
            client = TestClient(build_api(site), raise_server_exceptions=False)
            yield Nest(canaries, site, client, token)


def worker_flow(nest: Nest, folder: Path) -> None:
    """Everything that goes well."""
    film = folder / "clip.mp4"
    face_film(film, seconds=1, width_px=160, height_px=90, rate=25, cuts=(), bars=False, lines=("Good morning.",))
    headers = {
        "X-Api-Key": nest.canaries.new("X-Api-Key"),
        "Cookie": f"session={nest.canaries.new('Cookie')}",
        "Prefer": "wait=0",
    }
    upload = {"headers": headers, "content": film.read_bytes()}
    asset = nest.call("POST", "/media/v2/assets/upload?name=clip.mp4", **upload).json()["artifact_id"]
    wanted = {**OWN, "asset_id": asset}
    paths = ("/video/regions", "/video/visual-meta/analyze", "/video/captions/generate", "/video/render")
    for path in paths:
        body = wanted | ({"cover_faces": "solid", "captions": "track"} if path.endswith("render") else {})
        job = nest.call("POST", path, headers=headers, json=body).json()
        nest.work()
        assert nest.call("GET", f"/jobs/{job['job_id']}").json()["status"] in ("completed", "degraded")
        for more in ("summary", "events"):
            assert nest.call("GET", f"/jobs/{job['job_id']}/{more}").status_code == 200
    for path in ("/jobs", "/media/v2/artifacts", "/metrics", "/ready", "/openapi.json"):
        nest.call("GET", path)


def refused_calls(nest: Nest) -> None:
    """What is answered with a problem, some of which repeats what it was sent."""
    new = nest.canaries.new
    basic = base64.b64encode(f"ann:{new('Basic')}".encode()).decode()
    for credentials in (f"Bearer {new('wrong token')}", f"Basic {basic}", f"Bearer rw_{'0' * 16}_{'c' * 43}"):
        assert nest.call("GET", "/jobs", headers={"Authorization": credentials}).status_code == 401
    signed = "https://bucket.example.org/clip.mp4?X-Amz-Credential=a&X-Amz-Signature=" + new("presigned asset")
    with_user = f"https://ann:{new('asset userinfo').replace('/', '')}@files.example.org/clip.mp4"
    nest.canaries.known("asset userinfo", with_user.split(":")[2].partition("@")[0])
    for path in (signed, with_user):
        assert nest.call("POST", "/media/v2/assets", json={"path": path}).status_code == 422
        body = {**OWN, "asset_id": path}
        assert nest.call("POST", "/video/regions", json=body).status_code in (404, 422)
    nest.call("GET", f"/media/v2/artifacts/{quote(signed, safe='')}")
    nest.call("GET", "/jobs?before=" + quote(signed, safe=""))
    nest.call("GET", f"/jobs?api_key={new('query').replace('/', '').replace('+', '')}")
    name = quote("clip.mp4?X-Amz-Signature=" + new("presigned name").replace("/", ""), safe="")
    nest.call("POST", f"/media/v2/assets/upload?name={name}", content=b"no media")


def package(nest: Nest, callback: str) -> dict[str, Any]:
    refs = ("shotlist_ref", "asset_manifest_ref", "render_plan_ref")
    return {
        "schema_version": "1.0.0", "request_id": "5b0c1a1e-1d3f-4c59-8a53-1f0f6a9a5c11", "idempotency_key": "k",
        "tenant_id": "t1", "render_profile": "preview_local", "callbacks": [callback],
        "inputs": dict.fromkeys(refs, "artifact://t1/dev/a_0?X-Amz-Signature=" + nest.canaries.new(f"presigned ref {secrets.token_hex(2)}")),
    }  # fmt: skip


def callbacks(nest: Nest) -> None:
    """Addresses that are refused, and one that is kept, called in vain and given up."""
    new = nest.canaries.new
    user = f"canary{secrets.token_hex(12)}"
    for address in (
        f"https://ann:{nest.canaries.known('callback userinfo', user)}@hooks.example.org/x",
        f"https://hooks.example.org/{new('callback path')}?secret={new('callback query')}",
        f"ftp://hooks.example.org/{new('callback of another scheme')}",
    ):
        assert nest.call("POST", "/v1/render-packages", json=package(nest, address)).status_code == 422
        assert nest.call("POST", "/v1/render-packages/plan", json=package(nest, address)).status_code < 500
    kept = f"https://hooks.example.org/{new('kept path')}?secret={new('kept query')}"
    assert nest.call("POST", "/v1/render-packages", json=package(nest, kept)).status_code == 422
    nest.call("POST", "/v1/render-packages/plan", headers={"Prefer": "wait=0"}, json=package(nest, kept))
    jobs = nest.site.jobs(CALLER)
    job_id = jobs.submit(JobRequest("cpu_queue", "unknown", {}, callbacks=(kept,))).job.job_id
    nest.work()
    assert jobs.get(job_id).status == "failed"
    outbox = Outbox(nest.site.database, "s1", nest.site.sealer, redactor=nest.site.redactor)
    valid = SigningSecrets(nest.site.database, CALLER, "s1", nest.site.sealer).valid

    def nowhere(*_: object, **__: object) -> Any:
        logging.getLogger("some.resolver").debug("asked for %s, signed by %s", kept, valid())
        raise OSError(f"no way to {kept}")

    sender = WebhookSender(outbox, lambda *_: valid(), resolve=nowhere)
    assert sender.send_next("s") is not None
    for more in ("", "/callbacks"):
        assert nest.call("GET", f"/jobs/{job_id}{more}").status_code == 200
    sent_callbacks(nest)


def sent_callbacks(nest: Nest) -> None:
    """One that arrives and one that is given up, by receivers that repeat the address, with the client's own log on."""
    logging.getLogger("httpcore2").setLevel(logging.DEBUG)
    for answer in (200, 410):
        with receiving(Receiver(answer)) as receiver:
            said = f"{nest.canaries.new(f'sent path {answer}')}?secret={nest.canaries.new(f'sent query {answer}')}"
            url = f"http://127.0.0.1:{receiver.port}/{said}"
            receiver.headers, receiver.body = {"X-Was-Asked": url, "Location": url}, url.encode()
            jobs = nest.site.jobs(CALLER)
            job_id = jobs.submit(JobRequest("cpu_queue", "unknown", {}, callbacks=(url,))).job.job_id
            nest.work()
            assert webhook_sender(nest.site).send_next("s") is not None
        assert [path for path, _, _ in receiver.got] == [f"/{said}"]
        (record,) = nest.call("GET", f"/jobs/{job_id}/callbacks").json()
        assert (record["status"], record["answer"]) == ("delivered" if answer == 200 else "dead", answer)
        replayed = nest.call("POST", f"/callbacks/{record['delivery_id']}/replay")
        assert replayed.status_code == (409 if answer == 200 else 200)
    logging.getLogger("httpcore2").setLevel(logging.WARNING)


def indiscreet_code(nest: Nest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a careless line would say: everything that it knows, in requests and in jobs."""
    settings = nest.site.settings
    known = [settings.database_url.get_secret_value(), *nest.site.sealer.texts()]
    sent = {name: nest.canaries.new(f"spilled {name}") for name in ("X-Api-Key", "Cookie")}
    sent["Authorization"] = f"Bearer {nest.canaries.new('spilled Authorization')}"

    def spilling(*_: object, **__: object) -> Any:
        logging.getLogger("ours").debug("headers %s, settings %s, %s", sent, known, nest.token)
        raise KeyError(*known, *sent.values())

    with monkeypatch.context() as patch:
        patch.setattr("serve.http.job_routes.JobView.of", spilling)
        patch.setattr("serve.http.callers.verify_token", lambda *_: CALLER)
        job_id = nest.site.jobs(CALLER).submit(JobRequest("cpu_queue", "x", {})).job.job_id
        assert nest.call("GET", f"/jobs/{job_id}", headers=sent).status_code == 500

    def failing(error: Callable[[str], Exception]) -> Any:
        def fails(_site: Site, _job: JobRecord, progress: Watched) -> Any:
            logging.getLogger("ours").debug("%s %r", known, settings)
            progress.summed({"run_id": str(known)})
            raise error(f"{known} {nest.token}")

        return fails

    for error in (KeyError, InvalidInput, Unavailable):
        nest.site.jobs(CALLER).submit(JobRequest("cpu_queue", "x", {}, max_attempts=1))
        nest.work(failing(error))
    ledger = nest.site.desk(CALLER).ledger
    ledger.start("run_1", "media")
    ledger.finish("run_1", "failed", error=InvalidInput(known[0]))
    thread = threading.Thread(target=failing(KeyError), args=(nest.site, None, Watched(None, None, None)))  # type: ignore[arg-type]
    thread.start()
    thread.join()
    nest.call("GET", "/jobs")


def everything(nest: Nest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker_flow(nest, folder)
    refused_calls(nest)
    callbacks(nest)
    indiscreet_code(nest, monkeypatch)


def escaped(nest: Nest) -> dict[str, set[str]]:
    """Where canaries were seen -> which."""
    seen = {name: nest.canaries.found_in(content) for name, content in nest.written().items()}
    seen["answers"] = nest.canaries.found_in(b"\n".join(nest.answers))
    return {place: found for place, found in seen.items() if found}


def test_no_canary_is_in_logs_answers_database_or_store(nest, tmp_path, monkeypatch, capfd):
    everything(nest, tmp_path, monkeypatch)
    assert len(nest.canaries.by_place) > 20
    assert nest.log().count(b"[redacted]") > 20  # it was said, and taken out
    assert any(name.startswith("registry.sqlite3") for name in nest.written())
    assert escaped(nest) == {}
    assert nest.canaries.found_in("".join(capfd.readouterr()).encode()) == set()


@pytest.mark.parametrize(
    ("removed", "seen_in", "place"),
    [
        ("cluster.redaction.Redactor.value", "logs/canary.jsonl", "database password"),
        ("cluster.log_scope.LogScope.cleaned", "logs/canary.jsonl", "kept path"),
        ("cluster.log_scope.LogScope.cleaned", "logs/canary.jsonl", "sent path 200"),
        ("cluster.log_scope.LogScope.cleaned", "logs/canary.jsonl", "spilled X-Api-Key"),
        ("cluster.redaction.Redactor.text", "registry.sqlite3", "database password"),
        ("serve.http.problems._cleaned", "answers", "presigned asset"),
    ],
)
def test_canary_escapes_when_what_holds_it_is_removed(nest, tmp_path, monkeypatch, removed, seen_in, place):
    """So that the test above can fail: each layer alone."""
    if removed.endswith("_cleaned"):
        monkeypatch.setattr(removed, lambda _request, detail, evidence: (detail, dict(evidence)))
    else:
        monkeypatch.setattr(removed, lambda _self, value: value)
    refused_calls(nest)
    callbacks(nest)
    indiscreet_code(nest, monkeypatch)
    found = escaped(nest)
    places = set().union(*(ones for name, ones in found.items() if name.startswith(seen_in)))
    assert place in places, found
