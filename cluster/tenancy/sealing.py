"""Secrets that must be read again, kept so that the database alone does not give them away.

Signing secrets and callback addresses are needed in plain to send a callback, so a hash will not do. They are sealed
with AES-256-GCM under a key that lies outside the database: a dump, a backup or a foreign SQL console holds nothing
that lets anybody forge our signature. Each seal is bound to what it is for, so that a row moved to another tenant
does not open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.errors import Defect, InvalidInput

SEALING_KEYS = "sealing.keys"
"""File of the store with the keys that callback addresses and signing secrets are sealed with."""

_KEY_BYTES = 32
_NONCE_BYTES = 12


class Sealer:
    """Seals with the first key, opens with any: put a new key in front to rotate."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take the keys.

        Raises:
            InvalidInput: there is none, or one is not 32 bytes long.
        """
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise InvalidInput(f"sealing keys are {_KEY_BYTES} bytes each and there is at least one")
        self._keys = tuple(keys)

    @classmethod
    def from_file(cls, path: Path) -> Sealer:
        """The keys in the file at `path`, one a line in Base64, newest first; a new one when there is no file.

        Raises:
            InvalidInput: the file holds something else.
        """
        if not path.exists():
            _create(path)
        try:
            keys = [base64.b64decode(line, validate=True) for line in path.read_bytes().split()]
        except ValueError as exc:
            raise InvalidInput(f"the sealing keys in {path.name!r} are not Base64, one a line") from exc
        return cls(keys)

    def seal(self, text: str, purpose: str) -> str:
        """`text`, which only `open` of the same `purpose` gives back. Sealing twice gives two values."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = AESGCM(self._keys[0]).encrypt(nonce, text.encode(), purpose.encode())
        return base64.b64encode(nonce + sealed).decode()

    def open(self, sealed: str, purpose: str) -> str:
        """What was sealed for this purpose.

        Raises:
            Defect: the key is gone, or the value was changed or belongs elsewhere.
        """
        content = base64.b64decode(sealed)
        for key in self._keys:
            try:
                return AESGCM(key).decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], purpose.encode()).decode()
            except InvalidTag:
                continue
        raise Defect(f"what was sealed for {purpose!r} does not open: its key is gone, or it was changed")

    def texts(self) -> tuple[str, ...]:
        """The keys as their file has them, to be kept out of whatever is written down."""
        return tuple(base64.b64encode(key).decode() for key in self._keys)

    def digest(self, text: str) -> str:
        """A name for `text` that tells nothing about it without the key: 64 hexadecimal digits."""
        return hmac.new(self._keys[0], b"digest\0" + text.encode(), hashlib.sha256).hexdigest()


def _create(path: Path) -> None:
    """A file with a fresh key, readable by its owner alone; whoever comes second keeps the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(_KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            return
    finally:
        temporary.unlink()
