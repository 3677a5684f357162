"""A way to a server that can be closed, cut and torn: what networks do to requests and answers."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_CHUNK_BYTES = 1 << 16


class Way:
    """Passes TCP connections on to a port of this machine, as well as it is told to."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.open = True
        """Whether connections are passed on; else they end as they begin."""

        self.cuts = 0
        """How many more answers end after `cut_bytes`."""

        self.cut_bytes = 0
        self.busy = 0
        """How many more requests are answered 503."""

        self.torn: tuple[bytes, bytes] | None = None
        """What of a request arrives as something else."""

        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """No connections any more."""
        self.open = False
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                here, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(here,), daemon=True).start()

    def _serve(self, here: socket.socket) -> None:
        with here, contextlib.suppress(OSError):
            if not self.open:
                return
            if self.busy > 0:
                self.busy -= 1
                here.recv(_CHUNK_BYTES)
                here.sendall(b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", self._target)) as there:
                threading.Thread(target=self._pass_requests, args=(here, there), daemon=True).start()
                self._pass_answers(there, here)
            here.shutdown(socket.SHUT_RDWR)  # closing does not end it while the other thread reads

    def _pass_requests(self, here: socket.socket, there: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while (content := here.recv(_CHUNK_BYTES)) and self.open:
                there.sendall(content.replace(*self.torn) if self.torn else content)
        with contextlib.suppress(OSError):
            there.shutdown(socket.SHUT_RDWR)

    def _pass_answers(self, there: socket.socket, here: socket.socket) -> None:
        passed = 0
        while (content := there.recv(_CHUNK_BYTES)) and self.open:
            passed += len(content)
            if self.cuts > 0 and passed > self.cut_bytes:
                self.cuts -= 1
                here.sendall(content[: len(content) // 2])
                return
            here.sendall(content)


@contextmanager
def way_to(port: int) -> Iterator[Way]:
    """A way that is whole until it is told otherwise."""
    way = Way(port)
    try:
        yield way
    finally:
        way.close()
