"""One byte string per JSON value, and its hash: RFC 8785 canonical JSON and SHA-256.

Everything that has an identity in reelwright gets it from here. What has no stable form (a set, an object, NaN) raises
instead of being turned into text, because a silent `str()` would give a new identity on every run.
"""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785

from schemas.errors import Defect


def canonical_json(value: Any) -> bytes:
    """The RFC 8785 form of `value` (dict, list, tuple, str, int, float, bool, None; ints within 2**53).

    Raises:
        Defect: the value has no canonical form.
    """
    try:
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as exc:
        raise Defect(f"{value!r:.200} has no canonical JSON form: {exc}") from exc
    except RecursionError as exc:
        raise Defect(f"{type(value).__name__} is nested too deeply for canonical JSON") from exc


def sha256_hex(content: bytes) -> str:
    """SHA-256 of `content`, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def fingerprint(value: Any) -> str:
    """SHA-256 of the canonical JSON of `value`."""
    return sha256_hex(canonical_json(value))
