"""Where does a sound's spectrum peak? The peaks outlive noise, codecs, equalisers and other sounds on top.

After Wang, "An industrial-strength audio search algorithm" (ISMIR 2003): a landmark is a point of the spectrogram that
is higher than everything around it. The strongest of each half second are kept, so that there are about as many
everywhere.

    samples    |   64 ms   |                frame k is centred on sample 256 k; what lies outside is silence
                   |   64 ms   |            chunks of 512 frames, always at the same places of the sound
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.ndimage import maximum_filter, uniform_filter
from scipy.signal.windows import hann

from pipelines.origin.fingerprint import LEVEL_STEP_DB, LOWEST_DB, STEP_HZ, TICK_S, Fingerprint

SAMPLE_RATE_HZ = 16_000
WINDOW = 1_024
HOP = 256
CHUNK_FRAMES = 512

LOWEST_BIN, HIGHEST_BIN = 6, 320
"""94 Hz to 5 kHz: below, rooms and microphones sound; above, codecs differ most."""

REACH_FRAMES, REACH_BINS = 4, 4
"""A landmark is the highest point within 64 ms and 62 Hz."""

SLOT_FRAMES = 32
"""About half a second, of which SLOT_LANDMARKS are kept."""

SLOT_LANDMARKS = 40

BACKGROUND_FRAMES, BACKGROUND_BINS = 31, 31
"""About 0.5 s and 480 Hz: what a peak stands out from."""

STANDING_OUT = 0.25
"""How much of the background is taken off a peak's level before peaks are compared: with 0 only the loud bands have
landmarks, with 1 noise has as many as tones."""

FLOOR_DB = -95.0
"""Quieter is nothing: dither of 16 bits lies about there."""

Pcm = NDArray[np.float32]
Rows = NDArray[np.float32]
"""float32 (frames, bins): level in dB."""

_CONTEXT = 16
"""Frames before and after a chunk that decide about it."""


def fingerprint(blocks: Iterable[Pcm]) -> Fingerprint:
    """The landmarks of a sound; the same bytes wherever its blocks are cut, in the memory of a chunk and a block.

    Args:
        blocks: float32 (N,) each, mono at 16 kHz in [-1, 1], in order and without gaps.
    """
    counted = _Counted(blocks)
    found = [_landmarks(number, rows) for number, rows in _surrounded(_levels(counted))]
    ticks, steps, levels = (np.concatenate(column) for column in zip(*found, strict=True))
    inside = ticks * TICK_S <= counted.samples / SAMPLE_RATE_HZ
    return Fingerprint(counted.samples, ticks[inside], steps[inside], levels[inside])


class _Counted:
    """Blocks, and how many samples went by."""

    def __init__(self, blocks: Iterable[Pcm]) -> None:
        self._blocks = blocks
        self.samples = 0

    def __iter__(self) -> Iterator[Pcm]:
        for block in self._blocks:
            self.samples += len(block)
            yield block


def _levels(blocks: Iterable[Pcm]) -> Iterator[Rows]:
    """Levels of each chunk of frames, the last filled up with silence."""
    size = CHUNK_FRAMES * HOP
    held: list[Pcm] = [np.zeros(WINDOW // 2, np.float32)]
    count = WINDOW // 2
    for block in blocks:
        held.append(np.asarray(block, np.float32))
        count += len(block)
        if count < size + WINDOW:
            continue
        sound = np.concatenate(held)
        at = 0
        while count - at >= size + WINDOW:
            yield _chunk_levels(sound[at : at + size + WINDOW])
            at += size
        held, count = [sound[at:]], count - at
    sound = np.concatenate(held)
    while True:
        yield _chunk_levels(np.pad(sound[: size + WINDOW], (0, max(0, size + WINDOW - len(sound)))))
        sound = sound[size:]
        if len(sound) <= WINDOW // 2:
            return


def _chunk_levels(sound: Pcm) -> Rows:
    frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[: CHUNK_FRAMES * HOP : HOP]
    window = (hann(WINDOW, sym=False) * (4 / WINDOW)).astype(np.float32)
    spectrum = rfft(frames * window, axis=1)[:, LOWEST_BIN:HIGHEST_BIN]
    power = spectrum.real**2 + spectrum.imag**2
    levels: Rows = 10 * np.log10(power + np.float32(10 ** (LOWEST_DB / 10)))
    return levels


def _surrounded(chunks: Iterator[Rows]) -> Iterator[tuple[int, Rows]]:
    """(number, a chunk with _CONTEXT frames before and after it)."""
    nothing = np.full((_CONTEXT, HIGHEST_BIN - LOWEST_BIN), LOWEST_DB, np.float32)
    before, current, number = nothing, next(chunks), 0
    for following in chunks:
        yield number, np.concatenate([before, current, following[:_CONTEXT]])
        before, current, number = current[-_CONTEXT:], following, number + 1
    yield number, np.concatenate([before, current, nothing])


def _landmarks(number: int, rows: Rows) -> tuple[NDArray[np.uint32], NDArray[np.uint16], NDArray[np.uint8]]:
    """Ticks, steps and levels of a chunk's landmarks."""
    highest = maximum_filter(rows, (2 * REACH_FRAMES + 1, 2 * REACH_BINS + 1), mode="nearest")
    is_peak = (rows == highest) & (rows > FLOOR_DB)
    is_peak[:_CONTEXT], is_peak[-_CONTEXT:] = False, False
    is_peak[:, 0], is_peak[:, -1] = False, False
    frame, bin_ = np.nonzero(is_peak)
    background = uniform_filter(rows, (BACKGROUND_FRAMES, BACKGROUND_BINS), mode="nearest")
    standing = rows[frame, bin_] - STANDING_OUT * background[frame, bin_]
    kept = _strongest((frame - _CONTEXT) // SLOT_FRAMES, standing)
    frame, bin_ = frame[kept], bin_[kept]
    time = number * CHUNK_FRAMES + frame - _CONTEXT + _vertex(rows, frame, bin_, 0)
    pitch = LOWEST_BIN + bin_ + _vertex(rows, frame, bin_, 1)
    ticks = np.maximum(np.rint(time * HOP / SAMPLE_RATE_HZ / TICK_S), 0).astype(np.uint32)
    steps = np.rint(pitch * SAMPLE_RATE_HZ / WINDOW / STEP_HZ).astype(np.uint16)
    levels = np.clip(np.rint((rows[frame, bin_] - LOWEST_DB) / LEVEL_STEP_DB), 0, 255).astype(np.uint8)
    order = np.lexsort((steps, ticks))
    return ticks[order], steps[order], levels[order]


def _strongest(slot: NDArray[np.int64], strength: NDArray[np.float32]) -> NDArray[np.int64]:
    """Indices of the SLOT_LANDMARKS strongest of each slot; of equals the earlier."""
    order = np.lexsort((-strength, slot))
    first = np.searchsorted(slot[order], slot[order])
    return np.sort(order[np.arange(len(order)) - first < SLOT_LANDMARKS])


def _vertex(rows: Rows, frame: NDArray[np.int64], bin_: NDArray[np.int64], axis: int) -> NDArray[np.float64]:
    """Where between its neighbours a peak is highest, in [-0.5, 0.5]: the parabola through three points."""
    step = (1, 0) if axis == 0 else (0, 1)
    middle = rows[frame, bin_].astype(np.float64)
    before = rows[frame - step[0], bin_ - step[1]].astype(np.float64)
    after = rows[frame + step[0], bin_ + step[1]].astype(np.float64)
    curve = before - 2 * middle + after
    return np.clip(np.divide(before - after, 2 * curve, out=np.zeros_like(curve), where=curve < 0), -0.5, 0.5)
