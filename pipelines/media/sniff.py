"""Which format a file is, by its first bytes alone. Its name is not believed, and nothing is opened.

Playlists, session descriptions, manifests and drawings can make a media library read other files or the network: they
are refused by name here, before any demuxer sees them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from schemas.errors import MediaUnreadable

HEAD_BYTES = 4096

Form = Literal["image", "stream"]
"""`image`: one picture. `stream`: moving picture, sound, or both; the probe tells which."""


@dataclass(frozen=True)
class MediaFormat:
    """A format that is accepted."""

    name: str
    demuxer: str
    """FFmpeg's name of the one demuxer that may read it."""

    media_type: str
    form: Form


_MP4 = MediaFormat("mp4", "mov", "video/mp4", "stream")
_MOV = MediaFormat("mov", "mov", "video/quicktime", "stream")
_M4A = MediaFormat("m4a", "mov", "audio/mp4", "stream")
_MKV = MediaFormat("mkv", "matroska", "video/x-matroska", "stream")
_WEBM = MediaFormat("webm", "matroska", "video/webm", "stream")
_WAV = MediaFormat("wav", "wav", "audio/wav", "stream")
_FLAC = MediaFormat("flac", "flac", "audio/flac", "stream")
_OGG = MediaFormat("ogg", "ogg", "audio/ogg", "stream")
_MP3 = MediaFormat("mp3", "mp3", "audio/mpeg", "stream")
_JPEG = MediaFormat("jpeg", "jpeg_pipe", "image/jpeg", "image")
_PNG = MediaFormat("png", "png_pipe", "image/png", "image")
_WEBP = MediaFormat("webp", "webp_pipe", "image/webp", "image")

ACCEPTED = "mp4, mov, m4a, mkv, webm, wav, flac, ogg, mp3, jpeg, png, webp"

_REFUSED: tuple[tuple[bytes, str], ...] = (
    (rb"#EXTM3U", "an HLS playlist"),
    (rb"ffconcat", "a concat script"),
    (rb"v=0\s", "an SDP session description"),
    (rb"<MPD", "a DASH manifest"),
    (rb"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE[^>]*>\s*)?<svg", "an SVG drawing"),
    (rb"(<\?xml[^>]*>\s*)?<MPD", "a DASH manifest"),
    (rb"<", "an XML or HTML text"),
    (rb"%PDF", "a PDF document"),
    (rb"%!PS", "a PostScript document"),
    (rb"GIF8", "a GIF"),
    (rb"BM", "a BMP image"),
    (rb"PK\x03\x04", "a ZIP archive"),
    (rb"\x1f\x8b", "a gzip archive"),
    (rb"\[playlist\]", "a playlist"),
)
"""What a file starts with, after white space and a byte order mark, and what to call it."""


def sniff(path: Path) -> MediaFormat:
    """The format of a file.

    Raises:
        MediaUnreadable: missing, no plain file, empty, refused or unknown; the message says which.
    """
    head = _head(path)
    found = _by_magic(head)
    if found is not None:
        return found
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for pattern, what in _REFUSED:
        if re.match(pattern, text, re.DOTALL | re.IGNORECASE):
            raise MediaUnreadable(f"{path.name!r} is {what}, which is not accepted; accepted are {ACCEPTED}")
    what = "text" if _is_text(head) else f"unknown ({head[:12]!r})"
    raise MediaUnreadable(f"{path.name!r} is no media file that is accepted: {what}; accepted are {ACCEPTED}")


def _is_text(head: bytes) -> bool:
    """Whether it reads as UTF-8 without control characters; the last character may be cut off."""
    try:
        head[:-3].decode()
    except UnicodeDecodeError:
        return False
    return len(head) > 3 and all(byte >= 32 or byte in b"\t\r\n\f" for byte in head)


def _head(path: Path) -> bytes:
    if not path.is_file():
        raise MediaUnreadable(f"{path.name!r} is not a file")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as exc:
        raise MediaUnreadable(f"{path.name!r} cannot be read: {exc.strerror}") from exc
    if not head:
        raise MediaUnreadable(f"{path.name!r} is empty")
    return head


def _by_magic(head: bytes) -> MediaFormat | None:
    if head.startswith(b"\xff\xd8\xff"):
        return _JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _PNG
    if head[:4] in (b"RIFF", b"RF64"):
        return {b"WAVE": _WAV, b"WEBP": _WEBP}.get(head[8:12])
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _WEBM if b"webm" in head[:64] else _MKV
    if head.startswith(b"fLaC"):
        return _FLAC
    if head.startswith(b"OggS"):
        return _OGG
    if head.startswith(b"ID3") or (head[0] == 0xFF and len(head) > 1 and head[1] & 0xE6 == 0xE2):
        return _MP3
    return _by_first_box(head)


def _by_first_box(head: bytes) -> MediaFormat | None:
    """MP4 and QuickTime, whose second four bytes name the first box."""
    box, brand = head[4:8], head[8:12]
    if box == b"ftyp":
        if brand in (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1"):
            return None
        return {b"qt  ": _MOV, b"M4A ": _M4A, b"M4B ": _M4A}.get(brand, _MP4)
    return _MOV if box in (b"moov", b"mdat", b"wide") else None
