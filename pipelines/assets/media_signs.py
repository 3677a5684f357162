"""What kind of media a file is, from its first bytes. A name says nothing; nothing is decoded here."""

from __future__ import annotations

from typing import Literal

MediaKind = Literal["image", "clip", "audio"]

SIGN_BYTES = 16
"""How much of a file `media_sign` needs."""

_ISO_AUDIO_BRANDS = (b"M4A ", b"M4B ")
_ISO_IMAGE_BRANDS = (b"avif", b"heic", b"mif1")


def media_sign(head: bytes) -> tuple[MediaKind, str] | None:
    """(kind, media type) of a file that begins with `head`; None for what is not accepted."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image", "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image", "image/jpeg"
    if head[:4] == b"RIFF":
        return _riff(head[8:12])
    if head[4:8] == b"ftyp":
        return _iso(head[8:12])
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "clip", "video/x-matroska"
    if head.startswith(b"fLaC"):
        return "audio", "audio/flac"
    if head.startswith(b"OggS"):
        return "audio", "audio/ogg"
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "audio", "audio/mpeg"
    return None


def _riff(form: bytes) -> tuple[MediaKind, str] | None:
    forms: dict[bytes, tuple[MediaKind, str]] = {
        b"WAVE": ("audio", "audio/wav"), b"WEBP": ("image", "image/webp"), b"AVI ": ("clip", "video/x-msvideo"),
    }  # fmt: skip
    return forms.get(form)


def _iso(brand: bytes) -> tuple[MediaKind, str] | None:
    if brand in _ISO_AUDIO_BRANDS:
        return "audio", "audio/mp4"
    if brand in _ISO_IMAGE_BRANDS:
        return None
    return "clip", "video/quicktime" if brand == b"qt  " else "video/mp4"
