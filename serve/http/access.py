"""Around every request: its id, its log line, its measure, and an end in order when it breaks.

The line says method, route template, status, milliseconds and tenant: never a query, a header, a body or the path
itself, which may hold names of tenants' things. What a caller sends as a credential is kept out of all its lines.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cluster.log_scope import LogScope, log_scope
from schemas.errors import Defect
from serve.http.problems import unexpected

_LOG = logging.getLogger(__name__)

Measure = Callable[[str, str, int, float], None]
"""Is told method, route template, status and seconds of each request."""

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})

NO_ROUTE = "unmatched"

CLIENT_GONE = 499
"""nginx's word for it: nobody was there any more to be answered."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{7,63}")

_CREDENTIALS = ("authorization", "cookie", "proxy-authorization", "x-amz-security-token", "x-api-key", "x-auth-token")


class Access:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, measure: Measure) -> None:
        self._app, self._measure = app, measure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        with log_scope(request_id=_request_id(headers)) as said:
            said.hide(*_credentials(headers))
            await self._served(scope, receive, send, said)

    async def _served(self, scope: Scope, receive: Receive, send: Send, said: LogScope) -> None:
        began_s, status = time.perf_counter(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # Serve's proxy sends back the id that a request came with, so that one would be there twice.
                if said.fields["request_id"] != Headers(scope=scope).get("x-request-id"):
                    MutableHeaders(scope=message)["X-Request-ID"] = said.fields["request_id"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except asyncio.CancelledError:
            status = CLIENT_GONE
            raise
        except Exception as exc:  # noqa: BLE001 - whatever broke, it is logged and answered here and goes no further
            _LOG.error("a request failed", exc_info=exc)
            if status:
                # Who serves us prints what it is given, uncleaned.
                raise Defect("an answer broke off; the log says why") from None
            await unexpected()(scope, receive, noted)
        finally:
            self._note(scope, status, time.perf_counter() - began_s, said)

    def _note(self, scope: Scope, status: int, seconds: float, said: LogScope) -> None:
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        route = str(getattr(scope.get("route"), "path", NO_ROUTE))
        said.fields |= {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        _LOG.info("request")
        self._measure(method, route, status, seconds)


def _request_id(headers: Headers) -> str:
    """The caller's own, if it is one that a log can carry. Ray Serve gives one to every request without."""
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def _credentials(headers: Headers) -> Iterable[str]:
    for name in _CREDENTIALS:
        for value in headers.getlist(name):
            yield from (value, value.partition(" ")[2].strip())
            if name == "cookie":
                yield from _cookies(value)


def _cookies(value: str) -> Iterable[str]:
    try:
        return [morsel.value for morsel in SimpleCookie(value).values()]
    except CookieError:  # the whole is hidden already
        return []
