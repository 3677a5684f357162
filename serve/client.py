"""A Python client of the HTTP API, of nothing but HTTP: it needs neither engines nor a store.

    with Client("http://127.0.0.1:8000", token) as client:
        asset = client.upload(Path("interview.mp4"))
        captions = client.engine("captions", asset["artifact_id"])
        film = client.engine("render", asset["artifact_id"], cover_faces="blur", captions="track")
        client.download(film["video_artifact_id"], Path("covered.mp4"))

Operations are those of the server's own OpenAPI document, by `operationId`: none is written down here. A call that
takes longer becomes a job, which is followed until it has ended. What the server refuses is raised as the error that it
is inside the server (`schemas.errors`).
"""

from __future__ import annotations

import hashlib
import json
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx2
import tenacity

from schemas.errors import Defect, InvalidInput, NotFound, ReelwrightError, TokenRejected, Unavailable, from_code

T = TypeVar("T")

WAIT_S = 60
"""How long the server holds a call before it answers with a job; the most that it takes."""

PATIENCE_S = 120.0
"""How long a server that is away, or says that it is busy, is asked again."""

_METHODS = ("get", "post", "put", "patch", "delete")

_REFUSED = {"unauthenticated": TokenRejected, "too_large": InvalidInput, "method_not_allowed": InvalidInput}
"""Codes of the framework, which are none of our errors."""


@dataclass(frozen=True)
class Operation:
    """One operation of the server."""

    method: str
    path: str
    """Template, for example `/jobs/{job_id}`."""

    repeatable: bool
    """Whether asking twice is asking once: it only reads, or it knows the request by a key."""


class Client:
    """One caller. Any number of threads may use it."""

    def __init__(
        self, address: str, token: str, *, patience_s: float = PATIENCE_S, http: httpx2.Client | None = None
    ) -> None:
        """Nothing is asked yet. `http` is for those who need a proxy or their own certificates."""
        self._http = http or httpx2.Client(base_url=address, timeout=httpx2.Timeout(30.0, read=WAIT_S + 30.0))
        self._headers = {"Authorization": f"Bearer {token}"}
        self._patience_s = patience_s

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the connections."""
        self._http.close()

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """Operations by `operationId`, as the server says."""
        paths = self._again(lambda: self._sent("GET", "/openapi.json")).json()["paths"]
        return {
            one["operationId"]: Operation(method.upper(), path, method == "get" or _takes_key(one))
            for path, ways in paths.items()
            for method, one in ways.items()
            if method in _METHODS
        }

    @cached_property
    def caller(self) -> Mapping[str, str]:
        """Who the token is: `tenant_id`, `env`, `user_id`, `role`."""
        return dict(self.call("get_caller"))

    def call(self, operation: str, body: Any = None, *, key: str | None = None, **parameters: Any) -> Any:
        """What an operation answers: JSON as Python, text as text. `parameters` go into the path or the query.

        A POST carries an idempotency key, `key` or one of its own: where the server takes one, a try whose answer got
        lost is the same job when it is sent again. Elsewhere a lost answer is an error.

        Raises:
            NotFound: the server has no such operation, or no such thing for this caller.
            InvalidInput: a parameter of the path is missing.
            Unavailable: the server stayed away, or busy, for `patience_s`.
            ReelwrightError: whatever else the server said, or the job's own error.
        """
        if operation not in self.operations:
            raise NotFound(f"the server has no operation {operation!r}")
        known = self.operations[operation]
        path = known.path
        for name in re.findall(r"\{(\w+)\}", known.path):
            if name not in parameters:
                raise InvalidInput(f"the operation {operation!r} needs {name!r}")
            path = path.replace(f"{{{name}}}", quote(str(parameters.pop(name)), safe=""))
        headers = {}
        if known.method == "POST":
            headers = {"Prefer": f"wait={WAIT_S}", "Idempotency-Key": key or str(uuid.uuid4())}
        keyed = known.repeatable or (isinstance(body, Mapping) and "idempotency_key" in body)
        given = {"json": body, "params": parameters or None}
        answer = self._again(lambda: self._sent(known.method, path, headers, **given), repeatable=keyed)
        if answer.status_code == 202 and answer.headers.get("location", "").startswith("/jobs/"):
            return self._result(answer.headers["location"].rpartition("/")[2])
        json_like = answer.headers.get("content-type", "").partition(";")[0].endswith("json")
        return answer.json() if json_like else answer.text

    def engine(self, operation: str, asset_id: str, *, key: str | None = None, **fields: Any) -> Any:
        """The document of a media engine (`video_regions`, `captions`, `render`, …) for an asset of the caller's.

        Raises:
            ReelwrightError: as `call` does.
        """
        own = {name: self.caller[name] for name in ("tenant_id", "env")}
        return self.call(operation, {**own, "asset_id": asset_id, **fields}, key=key)

    def upload(self, path: Path, name: str | None = None) -> Any:
        """The asset that a film, sound or picture is now; the same bytes are the same asset.

        Raises:
            InvalidInput: there is no such file, or the server cannot read it as media.
        """
        if not path.is_file():
            raise InvalidInput(f"there is no file {str(path)!r}")

        def sent() -> httpx2.Response:
            with path.open("rb") as file:
                return self._sent("POST", route, content=file, params={"name": name or path.name})

        route = self.operations["upload_asset"].path
        return self._again(sent).json()

    def download(self, artifact_id: str, path: Path) -> Path:
        """Writes the bytes of an artifact to `path`, which appears when they are whole. A download that broke off goes
        on where it was.

        Raises:
            Unavailable: the bytes that came are not the artifact's.
        """
        record = self.call("get_artifact", artifact_id=artifact_id)
        template = self.operations["download_artifact"].path
        part = path.with_name(f"{path.name}.{record['content_hash'][:16]}.part")
        self._again(lambda: self._fetched(template.format(artifact_id=quote(artifact_id, safe="")), part, record))
        part.replace(path)
        return path

    def events(self, job_id: str, after: int = 0) -> Iterator[Mapping[str, Any]]:
        """What happens to a job, from the event after number `after` on, until it has ended: `number`, `event` and what
        belongs to it. A connection that breaks is taken up again where it was.

        Raises:
            NotFound: the caller has no such job.
            Unavailable: the server stayed away for `patience_s`.
        """
        template = self.operations["job_events"].path
        path, until = template.format(job_id=quote(job_id, safe="")), time.monotonic() + self._patience_s
        while True:
            try:
                with self._http.sse(path, headers={**self._headers, "Last-Event-ID": str(after)}) as source:
                    if source.response.is_error:
                        source.response.read()
                        raise _error(source.response)
                    for one in source:
                        after, until = int(one.id), time.monotonic() + self._patience_s
                        yield {"number": after, "event": one.event, **json.loads(one.data)}
                return
            except (httpx2.TransportError, Unavailable) as exc:
                if time.monotonic() > until:
                    raise Unavailable(f"the events of job {job_id!r} broke off: {type(exc).__name__}") from exc
                time.sleep(0.5)

    def wait(self, job_id: str) -> Any:
        """The job when it has ended, however it did.

        Raises:
            NotFound: the caller has no such job.
        """
        for _ in self.events(job_id):
            pass
        return self.call("get_job", job_id=job_id)

    def render_package(self, package: Mapping[str, Any]) -> Any:
        """The answer to a RenderPackage when it has ended: `completed`, `degraded` or `failed`, with its errors.

        Raises:
            ReelwrightError: it was refused.
        """
        answer = self.call("create_render_package", dict(package))
        if answer["status"] not in ("queued", "in_progress"):
            return answer
        self.wait(answer["job_id"])
        return self.call("get_render_package", request_id=answer["request_id"])

    def _result(self, job_id: str) -> Any:
        job = self.wait(job_id)
        if job["error"] is not None:
            raise from_code(job["error"]["code"], job["error"]["message"], job["error"]["detail"])
        if job["result"] is None:
            raise from_code("cancelled", f"job {job_id!r} was {job['status']}")
        return job["result"]

    def _sent(self, method: str, path: str, headers: Mapping[str, str] | None = None, **given: Any) -> httpx2.Response:
        answer = self._http.request(method, path, headers={**self._headers, **(headers or {})}, **given)
        if answer.is_error:
            raise _error(answer)
        return answer

    def _fetched(self, path: str, part: Path, record: Mapping[str, Any]) -> None:
        """Fetches what `part` lacks.

        Raises:
            Unavailable: its bytes are wrong; it is gone then.
        """
        have = part.stat().st_size if part.exists() else 0
        if have < record["size_bytes"]:
            headers = {**self._headers, "Range": f"bytes={have}-", "Accept-Encoding": "identity"}
            with self._http.stream("GET", path, headers=headers) as answer, part.open("ab") as file:
                if answer.is_error:
                    answer.read()
                    raise _error(answer)
                if answer.status_code != 206:
                    file.truncate(0)
                for content in answer.iter_bytes():
                    file.write(content)
        with part.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != record["content_hash"]:
            part.unlink()
            raise Unavailable(f"artifact {record['artifact_id']!r} came with other bytes than its own")

    def _again(self, attempt: Callable[[], T], *, repeatable: bool = True) -> T:
        """What `attempt` gives, tried until it does; unless `repeatable`, no more once it may have come through."""
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: _passing(error, repeatable)),
            stop=tenacity.stop_after_delay(self._patience_s),
            wait=_pause_s,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except httpx2.TransportError as exc:
            raise Unavailable(f"the server could not be reached: {type(exc).__name__}: {exc}") from exc


def _takes_key(operation: Mapping[str, Any]) -> bool:
    return any(one.get("name") == "Idempotency-Key" for one in operation.get("parameters", ()))


def _passing(error: BaseException, repeatable: bool) -> bool:
    """Whether the same request may be served later: the server is away or busy, or the tenant has too much at once."""
    if isinstance(error, httpx2.TransportError):
        return repeatable or isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout)
    return isinstance(error, Unavailable) or _asked_s(error) is not None


def _asked_s(error: BaseException | None) -> float | None:
    """Seconds that the server asks to wait."""
    detail = error.detail if isinstance(error, ReelwrightError) else {}
    return detail.get("retry_after_s")


def _pause_s(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    grown_s = tenacity.wait_random_exponential(multiplier=0.2, max=5.0)(state)
    return max(grown_s, _asked_s(error) or 0.0)


def _error(answer: httpx2.Response) -> ReelwrightError:
    """The error behind an answer."""
    try:
        problem = answer.json()
        code, message, evidence = problem["code"], problem["detail"], dict(problem["evidence"])
    except (ValueError, KeyError, TypeError):  # not of this server: a gateway's page
        text = f"{answer.request.url.path} answered {answer.status_code}: {answer.text[:200]!r}"
        return Unavailable(text) if answer.status_code >= 500 else InvalidInput(text)
    if (asked := answer.headers.get("retry-after", "")).isdecimal():
        evidence.setdefault("retry_after_s", int(asked))
    if code in _REFUSED:
        return _REFUSED[code](message, **evidence)
    error = from_code(code, message, evidence)
    if isinstance(error, Defect) and answer.status_code < 500:
        return InvalidInput(message, **evidence)
    return error
