"""The sound of a film as a recogniser wants it: mono, 16 kHz, in blocks, on the film's own clock.

    picture        |0 1 2 3 4 ...                      sample 0 is heard when the first frame is shown,
    sound      ~~~~~~~|      |~~~~~~~~~~               in a file without picture it is the first sample
    blocks         |~~~~0000000~~~~|~~~~~~|            what is missing is silence, and named as missing

Only one block is in memory, however long the film is. Channels are mixed by libswresample's matrix, scaled so that
full scale on all of them is full scale of the mix.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from pipelines.media.limits import DEFAULT_LIMITS, MediaLimits
from pipelines.media.source import best_picture, decodable, decoded, open_media, pictures
from schemas.errors import MediaUnreadable

SAMPLE_RATE_HZ = 16_000

BLOCK_SAMPLES = 491_520
"""30.72 s: a whole number of the chunks that voice activity is computed in."""

JITTER_S = Fraction(1, 50)
"""Timestamps off by less are rounding: Matroska writes whole milliseconds, and muxers round frames."""

REORDERED_PACKETS = 64
"""The first frame that is shown is among so many packets: no codec reorders over more than 16 frames."""

Pcm = NDArray[np.float32]
"""float32 (N,), mono at 16 kHz in [-1, 1]."""


@dataclass(frozen=True, eq=False)
class SoundBlock:
    """A stretch of the sound."""

    start_samples: int
    """Its place, in samples since the first frame of the film."""

    pcm: Pcm

    missing: tuple[tuple[int, int], ...] = ()
    """[start, end) in samples of the film: the file has no sound there, or damaged sound; silence stands for it."""


def speech_blocks(path: Path, *, limits: MediaLimits = DEFAULT_LIMITS) -> Iterator[SoundBlock]:
    """The blocks of a file's first sound stream, in order and without gaps, each BLOCK_SAMPLES long but for the last.

    There is at least one. Sound before the first frame of the picture is left out. Damaged packets are passed over and
    stand in `missing`.

    Raises:
        MediaUnreadable: no sound, nothing in it can be decoded, or longer than `limits.duration_s`.
    """
    zero_s = first_shown_s(path, limits)
    gathered = _Gathered(path, limits)
    heard = False
    with open_media(path, limits) as (container, _):
        if not container.streams.audio:
            raise MediaUnreadable(f"{path.name!r} holds no sound")
        decodable(path, container.streams.audio[0])
        for start_s, pcm in _runs(container):
            zero_s = start_s if zero_s is None else zero_s
            yield from gathered.put(round((start_s - zero_s) * SAMPLE_RATE_HZ), pcm, is_first=not heard)
            heard = True
    if not heard:
        raise MediaUnreadable(f"{path.name!r} is damaged (its sound cannot be decoded)")
    yield from gathered.rest()


def cut_out(blocks: Iterable[SoundBlock], ranges: Sequence[tuple[int, int]]) -> Iterator[Pcm]:
    """The sound of each [start, end) range, in order; what lies beyond the sound's end is left out.

    Args:
        blocks: of a sound, in order.
        ranges: in samples, by their start; they may overlap.
    """
    held: list[SoundBlock] = []
    source = iter(blocks)
    for start, end in ranges:
        held = [block for block in held if block.start_samples + len(block.pcm) > start]
        while not held or held[-1].start_samples + len(held[-1].pcm) < end:
            block = next(source, None)
            if block is None:
                break
            if block.start_samples + len(block.pcm) > start:
                held.append(block)
        parts = [block.pcm[max(0, start - block.start_samples) : max(0, end - block.start_samples)] for block in held]
        yield np.concatenate(parts) if parts else np.zeros(0, np.float32)


def first_shown_s(path: Path, limits: MediaLimits) -> Fraction | None:
    """When the first frame of the picture is shown, on the file's clock; None without a picture."""
    with open_media(path, limits) as (container, _):
        if not pictures(container):
            return None
        stream = best_picture(path, container)
        shown: list[int] = []
        for packet in container.demux(stream):
            if packet.pts is not None and not packet.is_discard and packet.size:
                shown.append(packet.pts)
            if len(shown) >= REORDERED_PACKETS:
                break
        return min(shown) * stream.time_base if shown and stream.time_base is not None else None


def _runs(container: InputContainer) -> Iterator[tuple[Fraction, Pcm]]:
    """(time of the first sample on the file's clock in seconds, sound) of pieces in order.

    A piece follows the one before without a break unless their times say that sound is missing. Timestamps that jump
    back are not believed: the sound goes on where it was.
    """
    mixer, mixed_from = _mixer(), None
    start_s = expected_s = Fraction(0)
    shift_s = Fraction(0)
    for frame in _frames(container):
        at_s = expected_s if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base + shift_s
        shape = (frame.sample_rate, frame.layout.name, frame.format.name)
        if mixed_from is not None and at_s < expected_s - JITTER_S:
            shift_s, at_s = shift_s + expected_s - at_s, expected_s
        if shape != mixed_from or at_s > expected_s + JITTER_S:
            tail = _mixed(mixer, None)
            if len(tail):
                yield start_s, tail
            mixer, mixed_from = _mixer(), shape
            start_s = expected_s = at_s
        expected_s += Fraction(frame.samples, frame.sample_rate)
        frame.pts = None  # the mixer would stretch time by it
        pcm = _mixed(mixer, frame)
        if len(pcm):
            yield start_s, pcm
            start_s += Fraction(len(pcm), SAMPLE_RATE_HZ)
    tail = _mixed(mixer, None)
    if len(tail):
        yield start_s, tail


def _frames(container: InputContainer) -> Iterator[av.AudioFrame]:
    """What the decoder makes of each packet; a damaged packet makes nothing."""
    for frame in decoded(container, container.streams.audio[0]):
        if isinstance(frame, av.AudioFrame):
            yield frame


def _mixer() -> av.AudioResampler:
    return av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE_HZ, options={"rematrix_maxval": "1.0"})


def _mixed(mixer: av.AudioResampler, frame: av.AudioFrame | None) -> Pcm:
    parts = [mixed.to_ndarray().reshape(-1) for mixed in mixer.resample(frame)]
    return np.concatenate(parts).astype(np.float32, copy=False) if parts else np.zeros(0, np.float32)


class _Gathered:
    """Pieces at their places, made into blocks."""

    def __init__(self, path: Path, limits: MediaLimits) -> None:
        self._path, self._limits = path, limits
        self._parts: list[Pcm] = [np.zeros(0, np.float32)]
        self._missing: list[tuple[int, int]] = []
        self._start = 0
        self._end = 0

    def put(self, at: int, pcm: Pcm, *, is_first: bool) -> Iterator[SoundBlock]:
        """Adds a piece that begins at sample `at`; what was heard already is left out, what is missing is silence."""
        if at + len(pcm) > self._limits.duration_s * SAMPLE_RATE_HZ:
            raise MediaUnreadable(f"{self._path.name!r} sounds longer than {self._limits.duration_s:.0f} s")
        if at > self._end + 1:  # one sample is the rounding of `at`
            if not is_first:
                self._missing.append((self._end, at))
            while self._end < at:
                yield from self._append(np.zeros(min(at - self._end, BLOCK_SAMPLES), np.float32))
        yield from self._append(pcm[max(0, self._end - at) :] if at < self._end - 1 else pcm)

    def rest(self) -> Iterator[SoundBlock]:
        """What does not fill a block; of a sound that is over before the picture begins, an empty one."""
        if self._end > self._start or self._end == 0:
            yield self._block(self._end - self._start)

    def _append(self, pcm: Pcm) -> Iterator[SoundBlock]:
        self._parts.append(pcm)
        self._end += len(pcm)
        while self._end - self._start >= BLOCK_SAMPLES:
            yield self._block(BLOCK_SAMPLES)

    def _block(self, samples: int) -> SoundBlock:
        gathered = np.concatenate(self._parts)
        block = SoundBlock(self._start, gathered[:samples], tuple(self._missing))
        self._parts, self._missing = [gathered[samples:]], []
        self._start += samples
        return block
