"""A receiver of callbacks on this machine: it answers as it is told, and keeps what it got."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver(ThreadingHTTPServer):
    """Answers each POST as it was told to, and keeps what it got."""

    daemon_threads = True

    def __init__(self, answer: int = 200, headers: dict[str, str] | None = None, body: bytes = b"ok") -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answer, self.headers, self.body = answer, headers or {}, body
        self.may_answer = threading.Event()
        """Cleared by whoever wants answers to wait."""

        self.may_answer.set()
        super().__init__(("127.0.0.1", 0), _Answering)

    @property
    def port(self) -> int:
        return self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that does not trust us, or has read enough, hangs up."""


class _Answering(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.server.may_answer.wait(60)
        self.send_response(self.server.answer)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def receiving(server: Receiver) -> Iterator[Receiver]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
