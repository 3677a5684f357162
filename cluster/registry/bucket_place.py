"""Which bucket, where in it, and with which keys: what is told about one, without talking to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from schemas.errors import InvalidInput

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]")
"""Source: "General purpose bucket naming rules", Amazon S3 User Guide."""

_PREFIX = re.compile(r"([A-Za-z0-9_.\-]+/)*")
"""Segments of a key that every S3 signs alike; `.` and `..` are kept out below."""

_NONE = SecretStr("")


@dataclass(frozen=True)
class BucketPlace:
    """A prefix of one bucket."""

    bucket: str
    prefix: str = ""
    """Before every key: empty, or ends with a slash."""

    endpoint: str = ""
    """`https://…` of an S3-compatible store; empty for AWS."""

    region: str = ""
    """Empty for what AWS_REGION says."""

    key_id: str = ""
    """Empty for the credentials of the machine: web identity, container, instance."""

    key: SecretStr = _NONE
    token: SecretStr = _NONE
    """Of a session."""

    def __post_init__(self) -> None:
        """Refuse half of a key.

        Raises:
            InvalidInput: its id came without its secret, or the other way about.
        """
        if bool(self.key_id) != bool(self.key.get_secret_value()):
            raise InvalidInput("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together: one of them is not set")

    @property
    def url(self) -> str:
        """`s3://bucket/prefix`, as told to people."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


def bucket_and_prefix(url: str) -> tuple[str, str]:
    """Bucket and prefix of `s3://bucket/prefix`; the prefix is empty or ends with a slash.

    Raises:
        ValueError: it is none.
    """
    parts = urlsplit(url)
    prefix = parts.path.strip("/") + "/" if parts.path.strip("/") else ""
    whole = parts.scheme == "s3" and not parts.query and not parts.fragment and _BUCKET.fullmatch(parts.netloc)
    if not whole or not _PREFIX.fullmatch(prefix) or {".", ".."} & set(prefix.split("/")):
        raise ValueError(f"must be s3://bucket or s3://bucket/prefix, got {url!r}")
    return parts.netloc, prefix
