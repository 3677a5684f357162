"""Secrets taken out of what is about to be written down: logs, error texts, audit details.

Two layers, since each misses what the other catches: the exact values of the secrets this process was given, in the
forms in which they travel (plain, URL-quoted, Base64, hexadecimal, JSON-escaped), and the shapes of secrets that
nobody told us about (tokens, `Authorization`, presigned URLs, passwords inside URLs, private keys).
"""

from __future__ import annotations

import base64
import json
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

MARK = "[redacted]"

FAILED = "[redaction failed]"
"""Stands for the whole text when it could not be checked: never the text itself."""

_SECRET_NAME = re.compile(
    r"(^|[_\-.])(password|passwd|pwd|secret|token|api[_\-]?key|authorization|cookie|credentials?|private[_\-]?key)$",
    re.IGNORECASE,
)
"""Names whose values are secret whatever they look like. `token_count` is not one, `access_token` is."""

_WHOLE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\beyJ[\w\-]{8,}\.[\w\-]{8,}\.[\w\-]*"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bwhsec_[\w+/=\-]+|\bsk-[\w\-]{16,}|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bhf_\w{20,}|\bxox[abprs]-[\w\-]{10,}"
    r"|\brw_[0-9a-f]{16}_[\w\-]{16,}",
    re.DOTALL,
)
"""Shapes that are secret from end to end: PEM keys, JSON web tokens, AWS and others' keys, our tokens."""

_WHOLE_PARTS = ("PRIVATE KEY", "eyJ", "AKIA", "ASIA", "whsec_", "sk-", "gh", "github_pat_", "hf_", "xox", "rw_")
"""At least one of them stands in whatever `_WHOLE` matches."""

_BEARER = re.compile(r"\b((?i:bearer|basic))\s+(?=[a-z.\-]*[A-Z0-9_~+/=])[\w.~+/=\-]{8,}")
"""Credentials, and not the words after "basic": they hold more than small letters."""

_NAMED = re.compile(
    r"""\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|x-amz-[a-z0-9\-]+)(["']?\s*[:=]\s*["']?)"""
    r"""(?!\s)(?:(?:bearer|basic|digest|token|aws4-hmac-sha256)\s+)?[^\s"',;&]+""",
    re.IGNORECASE,
)
"""A header or parameter and its value: the name stays."""

_PARAMETER = re.compile(
    r"""((?:^|[?&;\s"'])(?:[\w\-]*(?:token|secret|password|passwd|signature)|sig|key|api[_\-]?key)["']?[=:]\s*["']?)"""
    r"""[^\s&"',;]+""",
    re.IGNORECASE,
)

_USERINFO = re.compile(r"(://)[^/\s?#\"'<>]*@")
"""`user:password@` of a URL."""


class Redactor:
    """Takes the given secrets, and everything shaped like one, out of values."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        # Longest first, so that a secret that contains another is taken out whole.
        self._forms = sorted(forms, key=lambda form: (-len(form), form))
        self._shortest = min(map(len, forms), default=sys.maxsize)

    def text(self, text: str) -> str:
        """`text` without secrets. Each pattern is tried only where a literal part of it occurs: 7 times faster."""
        if len(text) >= self._shortest:
            for form in self._forms:
                if form in text:
                    text = text.replace(form, MARK)
        if any(part in text for part in _WHOLE_PARTS):
            text = _WHOLE.sub(MARK, text)
        if "=" in text or ":" in text:
            text = _USERINFO.sub(rf"\1{MARK}@", _PARAMETER.sub(rf"\1{MARK}", _NAMED.sub(rf"\1\2{MARK}", text)))
        if " " in text:
            text = _BEARER.sub(rf"\1 {MARK}", text)
        return text

    def value(self, value: Any) -> Any:
        """`value` as plain JSON without secrets; what JSON does not know becomes its redacted `repr`."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self._member(str(key), member) for key, member in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(member) for member in value]
        return self.text(repr(value))

    def _member(self, name: str, value: Any) -> Any:
        return MARK if value and _SECRET_NAME.search(name) else self.value(value)


def url_secrets(url: str) -> tuple[str, ...]:
    """Whatever in an address may be secret, for those who know that it is one: the whole, its user and password, its
    path, the longer parts of that, and what its query says. A webhook's address is a password as a rule.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return (url,)  # no address, and it may be a password all the same
    credentials = parts.netloc.rpartition("@")[0]
    segments = [unquote(one) for one in parts.path.split("/")]
    said = [value for _, value in parse_qsl(parts.query)] + [one.partition("=")[2] for one in parts.query.split("&")]
    pieces = [*credentials.split(":", 1), *segments, *said]
    return tuple({url, parts.path + f"?{parts.query}", *(one for one in (parts.path, *pieces) if len(one) >= _TELLING)})


_TELLING = 8
"""Characters of a part of an address below which it is a word like `hooks` rather than a secret."""


def _forms(secret: str) -> Iterator[str]:
    encoded = secret.encode()
    yield secret
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield json.dumps(secret)[1:-1]
    yield repr(secret)[1:-1]
    yield encoded.hex()
    yield from _base64_forms(encoded)


def _base64_forms(encoded: bytes) -> Iterator[str]:
    """What of the secret's Base64 form does not depend on its neighbours, for each of the three possible offsets."""
    for offset in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(b"\0" * offset + encoded).decode().rstrip("=")
            first, last = -(-offset * 8 // 6), (offset + len(encoded)) * 8 // 6
            if last - first >= 8:  # a shorter piece would match by chance
                yield whole[first:last]
