"""The door to one bucket of an S3 store. Whatever goes wrong behind it comes out as one of our errors.

A request is tried again by the client, with pauses that grow, for connections that fail and for 5xx answers, which is
how S3 throttles. Every body goes out with its SHA-256, once signed and once as `x-amz-checksum-sha256`: S3 takes none
that arrives otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from cluster.registry.bucket_place import BucketPlace
from schemas.errors import InvalidInput, NotFound, Unavailable

if TYPE_CHECKING:  # they stand in its stubs alone
    from obstore.store import ClientConfig, S3Config

RETRIES = 5
"""About 6 s of refused connections, 30 s of silent ones, before a caller hears of it."""

PART_BYTES = 16 << 20
"""A body up to here goes in one request, and a larger one in parts of this size; read in such ranges too."""

MOST_PARTS = 10_000
"""Source: "Amazon S3 multipart upload limits", Amazon S3 User Guide."""

_AT_ONCE = 4
"""Parts under way: 64 MiB of memory."""

_REQUEST_S = 120
"""For a part and its answer: 1.1 Mbit/s."""

_CONNECT_S = 5

_SILENCE_S = 20
"""Without a byte of an answer; a connection whose other end went away says nothing."""

_STATUS = re.compile(r"status code: (\d{3})")

_DENIED = frozenset({"401", "403"})


@dataclass(frozen=True)
class BucketObject:
    """One object as S3 tells of it."""

    key: str
    """Without the place's prefix."""

    size_bytes: int
    modified_s: float
    """When it was written, seconds since 1970 by the clock of S3."""


class Bucket:
    """Objects below one prefix. Safe between threads, not across `fork`."""

    def __init__(self, place: BucketPlace, *, retries: int = RETRIES) -> None:
        """Nothing is asked of S3 yet.

        Raises:
            InvalidInput: what is told of the place does not fit together.
        """
        self._place = place
        config: S3Config = {"checksum_algorithm": "SHA256"}
        if place.endpoint:  # by the name that goes before AWS_ENDPOINT_URL_S3
            config["aws_endpoint_url_s3"] = place.endpoint
        if place.region:
            config["region"] = place.region
        if place.key_id:
            config["access_key_id"] = place.key_id
            config["secret_access_key"] = place.key.get_secret_value()
        if place.token.get_secret_value():
            config["session_token"] = place.token.get_secret_value()
        client: ClientConfig = {
            "allow_http": place.endpoint.startswith("http://"),
            "timeout": timedelta(seconds=_REQUEST_S),
            "connect_timeout": timedelta(seconds=_CONNECT_S),
            "read_timeout": timedelta(seconds=_SILENCE_S),
        }
        try:
            self._store = S3Store(
                place.bucket, config=config, client_options=client, retry_config={"max_retries": retries}
            )
        except (BaseError, ValueError) as exc:
            raise InvalidInput(f"the bucket {place.url!r} cannot be opened with these settings") from exc
        self._answered = False

    @property
    def url(self) -> str:
        """`s3://bucket/prefix`, as told to people."""
        return self._place.url

    def find(self, key: str) -> BucketObject | None:
        """The object, or None. Raises Unavailable."""
        try:
            with self._errors():
                found = obstore.head(self._store, self._place.prefix + key)
        except NotFound:
            self._check_bucket()
            return None
        return BucketObject(key, found["size"], found["last_modified"].timestamp())

    def put_file(self, key: str, path: Path, size_bytes: int, *, create: bool) -> None:
        """The file's bytes as an object, for good when this returns.

        With `create` one that somebody else wrote meanwhile is left as it is; not so above `PART_BYTES`, where S3's
        answer to the condition comes after the last part, and the same bytes are written twice.

        Raises:
            Unavailable: S3 does not take it.
        """
        name = self._place.prefix + key
        with self._errors():
            if size_bytes > PART_BYTES:
                part_bytes = max(PART_BYTES, -(-size_bytes // MOST_PARTS))
                obstore.put(
                    self._store, name, path, use_multipart=True, chunk_size=part_bytes, max_concurrency=_AT_ONCE
                )
                return
            try:
                obstore.put(self._store, name, path.read_bytes(), mode="create" if create else "overwrite")
            except AlreadyExistsError:
                return

    def chunks(self, key: str, size_bytes: int) -> Iterator[bytes]:
        """The first `size_bytes` of an object in order, at most `PART_BYTES` at once.

        Raises:
            NotFound: there is none.
            Unavailable: S3 does not give it.
        """
        for start in range(0, size_bytes, PART_BYTES):
            end = min(start + PART_BYTES, size_bytes)
            with self._errors():
                content = obstore.get_range(self._store, self._place.prefix + key, start=start, end=end)
            yield content.to_bytes()

    def delete(self, key: str) -> None:
        """No object of this key any more. Raises Unavailable."""
        try:
            with self._errors():
                obstore.delete(self._store, self._place.prefix + key)
        except NotFound:
            self._check_bucket()

    def below(self, folder: str) -> Iterator[BucketObject]:
        """Every object whose key begins with `folder`, which ends with a slash; in no order. Raises Unavailable."""
        with self._errors():
            for found in (one for some in obstore.list(self._store, self._place.prefix + folder) for one in some):
                key = found["path"].removeprefix(self._place.prefix)
                yield BucketObject(key, found["size"], found["last_modified"].timestamp())

    def _check_bucket(self) -> None:
        """S3 answers a question for an object alike when it is not there and when its bucket is not."""
        if not self._answered:
            next(self.below("tenants/"), None)
            self._answered = True

    @contextmanager
    def _errors(self) -> Iterator[None]:
        name = self._place.bucket
        try:
            yield
        except FileNotFoundError as exc:
            if "NoSuchBucket" in str(exc):
                raise Unavailable(f"there is no bucket {name!r}") from exc
            raise NotFound(f"no such object in the bucket {name!r}") from exc
        except (PermissionDeniedError, UnauthenticatedError) as exc:
            raise Unavailable(self._denied()) from exc
        except BaseError as exc:
            said = str(exc)
            if "NoSuchBucket" in said:
                raise Unavailable(f"there is no bucket {name!r}") from exc
            status = _STATUS.search(said)
            if status and status[1] in _DENIED:
                raise Unavailable(self._denied()) from exc
            what = f"answers {status[1]}" if status else "does not answer"
            raise Unavailable(f"the bucket {name!r} {what}") from exc

    def _denied(self) -> str:
        return f"the bucket {self._place.bucket!r} does not let these credentials in"
