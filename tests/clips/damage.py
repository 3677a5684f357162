"""Films that are broken or lie, made from whole ones by changing their bytes.

Playlists under another name and pictures that claim to be huge stand in tests/unit/media/test_hostile.py.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from pathlib import Path
from random import Random

import av

CLAIMED_FRAMES = 1_000_000_000
CLAIMED_SIDE_PX = 65_535
"""The most that the headers of MP4 can say."""

CLAIMED_VP8_SIDE_PX = 16_383
"""The most that a frame of VP8 can say."""

_VP8_START = b"\x9d\x01\x2a"

_NESTED = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
_STSD_HEADER, _STSD_SIZE_AT = 8, 32
"""Bytes before the first entry of `stsd`, and before width and height in an entry of a picture."""


def cut_off(film: Path, target: Path, kept: float) -> Path:
    """The first `kept` bytes of a film, or that share of it when it is below 1."""
    whole = film.read_bytes()
    target.write_bytes(whole[: int(kept if kept >= 1 else kept * len(whole))])
    return target


def without_index(film: Path, target: Path) -> Path:
    """An MP4 without its `moov` box, as when a recording was never finished."""
    content = bytearray(film.read_bytes())
    for kind, start, _ in _boxes(content, 0, len(content)):
        if kind == b"moov":
            content[start + 4 : start + 8] = b"skip"  # FFmpeg looks for an index in boxes called `free`
    target.write_bytes(content)
    return target


def with_damaged_frames(film: Path, target: Path, *, share: float = 0.0003, seed: int = 0) -> Path:
    """An MP4 in which that share of the bytes in `mdat` is another one, from a third of it on."""
    content = bytearray(film.read_bytes())
    random = Random(seed)
    for kind, start, end in _boxes(content, 0, len(content)):
        if kind == b"mdat":
            first = start + (end - start) // 3
            for _ in range(max(1, round(share * (end - first)))):
                content[random.randrange(first, end)] ^= random.randrange(1, 256)
    target.write_bytes(content)
    return target


def with_lost_packets(film: Path, target: Path, lost: Collection[int]) -> Path:
    """A film some of whose frames, numbered by their times, have packets that no decoder takes for one of its own."""
    content = bytearray(film.read_bytes())
    with av.open(str(film)) as container:
        packets = [packet for packet in container.demux(container.streams.video[0]) if packet.size]
    packets.sort(key=lambda packet: packet.pts)
    for number in lost:
        raw = bytes(packets[number])
        start = content.index(raw, packets[number].pos)
        content[start : start + len(raw)] = b"\xff" * len(raw)
    target.write_bytes(content)
    return target


def without_tags(film: Path, target: Path) -> Path:
    """A Matroska film that does not say how long each of its streams is."""
    target.write_bytes(film.read_bytes().replace(b"DURATION", b"NOTATION"))
    return target


def without_length(film: Path, target: Path) -> Path:
    """A Matroska film whose header does not say how long it is: the element is made a void one."""
    target.write_bytes(film.read_bytes().replace(b"\x44\x89\x88", b"\xec\x89\x00", 1))
    return target


def claiming_frames(film: Path, target: Path) -> Path:
    """An MP4 whose tables say that there are CLAIMED_FRAMES frames of one size and duration."""
    content = bytearray(film.read_bytes())
    for kind, start, _ in _boxes(content, 0, len(content)):
        if kind == b"stsz":
            struct.pack_into(">II", content, start + 12, 1000, CLAIMED_FRAMES)
        if kind == b"stts":
            struct.pack_into(">II", content, start + 16, CLAIMED_FRAMES, 1)
    target.write_bytes(content)
    return target


def claiming_size(film: Path, target: Path) -> Path:
    """An MP4 whose headers say that its picture has CLAIMED_SIDE_PX pixels a side; its coding says otherwise."""
    content = bytearray(film.read_bytes())
    for kind, start, end in _boxes(content, 0, len(content)):
        if kind == b"tkhd":
            struct.pack_into(">II", content, end - 8, CLAIMED_SIDE_PX << 16, CLAIMED_SIDE_PX << 16)
        if kind in (b"avc1", b"hvc1", b"hev1"):
            struct.pack_into(">HH", content, start + _STSD_SIZE_AT, CLAIMED_SIDE_PX, CLAIMED_SIDE_PX)
    target.write_bytes(content)
    return target


def claiming_huge_frames(film: Path, target: Path) -> Path:
    """A film in VP8 whose key frames say that they are CLAIMED_VP8_SIDE_PX pixels a side."""
    size = struct.pack("<HH", CLAIMED_VP8_SIDE_PX, CLAIMED_VP8_SIDE_PX)
    pieces = film.read_bytes().split(_VP8_START)
    target.write_bytes(_VP8_START.join([pieces[0], *(size + piece[4:] for piece in pieces[1:])]))
    return target


def _boxes(content: bytearray, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of each box of an MP4, nested ones too."""
    while start + 8 <= end:
        size = struct.unpack_from(">I", content, start)[0]
        kind, header = bytes(content[start + 4 : start + 8]), 8
        if size == 1:
            size, header = struct.unpack_from(">Q", content, start + 8)[0], 16
        stop = end if size == 0 else start + size
        yield kind, start, stop
        if kind in _NESTED:
            yield from _boxes(content, start + header + (_STSD_HEADER if kind == b"stsd" else 0), stop)
        start = stop
