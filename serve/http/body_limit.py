"""How large the body of a request may be. Larger ones are refused before they are held in memory.

Starlette's own limit answers in plain text where the length was announced, and outside the log; this one answers as
every other error does.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serve.http.problems import too_large

BODY_BYTES = 16 << 20
"""Of a body that is read whole, as JSON is: the documents of an hour's film are a tenth of it."""


class BodyLimit:
    """Counts what comes. `larger` names the paths that take more than `most` bytes, and how many."""

    def __init__(self, app: ASGIApp, larger: Mapping[str, int], most: int = BODY_BYTES) -> None:
        self._app, self._larger, self._most = app, larger, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._larger.get(scope["path"], self._most)
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > most:
            await too_large(most)(scope, receive, send)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > most:
                raise HTTPException(413, f"the body is larger than {most} bytes")  # FastAPI lets this kind through
            return message

        await self._app(scope, counted, send)
