"""What a finished film really holds, read back from the file: picture times, caption cues, loudness, level over time.

The gates measure with this. It opens our own MP4 and nothing else, and decodes no more than a question needs.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from pipelines.media.clip import FrameTimes, frame_times
from pipelines.media.soundtrack import SAMPLE_RATE_HZ
from pipelines.media.source import open_media, pictures
from pipelines.sound.hops import HOP_SAMPLES
from pipelines.sound.loudness import LoudnessMeter
from schemas.errors import MediaUnreadable

LEVEL_STEP_S = Fraction(1, 100)

GATHERED_HOPS = 300
"""A second of sound is measured at once."""


@dataclass(frozen=True)
class TrackCue:
    """A cue of the caption track, [start_s, end_s) from the start of the film."""

    start_s: Fraction
    end_s: Fraction
    text: str


@dataclass(frozen=True)
class Loudness:
    """Level of a whole sound track (ITU-R BS.1770-4, EBU R 128)."""

    integrated_lufs: float
    """-inf when every block is below the gate of -70 LUFS."""

    true_peak_dbtp: float
    """-inf for digital silence."""

    levels: NDArray[np.float32]
    """float32 (N,): root mean square over both channels of each hundredth of a second, full scale 1.0."""


def picture_times(film: Path) -> FrameTimes:
    """When each frame of the film is shown; packets alone are read."""
    with open_media(film) as (container, _):
        moving = pictures(container)
        if not moving:
            raise MediaUnreadable(f"{film.name!r} holds no moving picture")
        return frame_times(film, container, moving[0])


def track_cues(film: Path) -> tuple[TrackCue, ...]:
    """The cues of the film's first caption track, in order; empty when it has none."""
    with open_media(film) as (container, _):
        if not container.streams.subtitles:
            return ()
        stream = container.streams.subtitles[0]
        cues = []
        for packet in container.demux(stream):
            text = bytes(packet)[2:].decode()
            if text and packet.pts is not None:
                start_s = packet.pts * packet.time_base
                cues.append(TrackCue(start_s, start_s + (packet.duration or 0) * packet.time_base, text))
        return tuple(cues)


def measure_loudness(film: Path) -> Loudness | None:
    """Loudness, true peak and level of the film's sound as a player decodes it; None when it has no sound track.

    Measured by our own meter, which takes half the time of FFmpeg's ebur128 and is tested against it.

    Raises:
        MediaUnreadable: the sound is not in stereo at 48 kHz, as we write it.
    """
    with open_media(film) as (container, _):
        if not container.streams.audio:
            return None
        stream = container.streams.audio[0]
        if stream.rate != SAMPLE_RATE_HZ or stream.channels != 2:
            raise MediaUnreadable(f"{film.name!r} sounds at {stream.rate} Hz in {stream.channels} channels")
        levels, meter = _Levels(round(stream.rate * LEVEL_STEP_S)), LoudnessMeter(exact_above=math.inf)
        blocks = _Blocks(GATHERED_HOPS * HOP_SAMPLES)
        for frame in container.decode(stream):
            for block in blocks.add(frame.to_ndarray().astype(np.float32, copy=False)):
                levels.add(block)
                meter.add(block)
        levels.add(blocks.rest())
        meter.add(np.pad(blocks.rest(), ((0, 0), (0, HOP_SAMPLES))))
    envelope = meter.envelope()
    integrated_lufs, true_peak_dbtp = envelope.loudness_lufs(), envelope.true_peak_dbtp()
    return Loudness(
        integrated_lufs=-math.inf if integrated_lufs is None else integrated_lufs,
        true_peak_dbtp=-math.inf if true_peak_dbtp is None else true_peak_dbtp,
        levels=levels.array(),
    )


class _Blocks:
    """Frames of any size gathered into blocks of one: numpy's cost a call is above that of a thousand samples."""

    def __init__(self, samples: int) -> None:
        self._samples = samples
        self._waiting: list[NDArray[np.float32]] = [np.zeros((2, 0), np.float32)]
        self._held = 0

    def add(self, frame: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
        """Take float32 (2, n); give every block that is full, float32 (2, samples)."""
        self._waiting.append(frame)
        self._held += frame.shape[1]
        while self._held >= self._samples:
            whole = np.concatenate(self._waiting, axis=1)
            yield np.ascontiguousarray(whole[:, : self._samples])
            self._waiting, self._held = [whole[:, self._samples :]], self._held - self._samples

    def rest(self) -> NDArray[np.float32]:
        """What fills no block, float32 (2, fewer than samples)."""
        return np.concatenate(self._waiting, axis=1)


def measure_levels(wav: Path) -> NDArray[np.float32]:
    """Level over time of a sound file, as in `Loudness.levels`, in flat memory."""
    with open_media(wav) as (container, _):
        if not container.streams.audio:
            raise MediaUnreadable(f"{wav.name!r} holds no sound")
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp")
        levels = _Levels(round(stream.rate * LEVEL_STEP_S))
        for decoded in container.decode(stream):
            for frame in resampler.resample(decoded):
                levels.add(frame.to_ndarray().astype(np.float32, copy=False))
        return levels.array()


class _Levels:
    """Root mean square of consecutive steps of a stream of blocks, in flat memory."""

    GATHERED_SAMPLES = 48_000
    """Blocks are worked off together: numpy's cost a call is above that of a thousand samples."""

    def __init__(self, step_samples: int) -> None:
        self._step = step_samples
        self._waiting: list[NDArray[np.float32]] = []
        self._waiting_samples = 0
        self._levels: list[NDArray[np.float32]] = []

    def add(self, block: NDArray[np.float32]) -> None:
        """Take float32 (channels, n)."""
        self._waiting.append(block)
        self._waiting_samples += block.shape[1]
        if self._waiting_samples >= self.GATHERED_SAMPLES:
            self._work_off()

    def array(self) -> NDArray[np.float32]:
        """float32 (N,), one value a whole step."""
        self._work_off()
        return np.concatenate(self._levels) if self._levels else np.zeros(0, np.float32)

    def _work_off(self) -> None:
        if not self._waiting:
            return
        block = np.concatenate(self._waiting, axis=1)
        whole = block.shape[1] // self._step * self._step
        power = np.square(block[:, :whole]).reshape(len(block), -1, self._step)
        self._levels.append(np.sqrt(power.mean(axis=(0, 2))))
        self._waiting, self._waiting_samples = [block[:, whole:]], block.shape[1] - whole
