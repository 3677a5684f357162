"""What a finished film really holds, read back from the file: picture times, caption cues, loudness, level over time.

The gates measure with this. It opens our own MP4 and nothing else, and decodes no more than a question needs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as EndOfStream
from numpy.typing import NDArray

from pipelines.media.clip import FrameTimes, frame_times
from pipelines.media.source import open_media, pictures
from schemas.errors import MediaUnreadable

LEVEL_STEP_S = Fraction(1, 100)


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
    """Loudness, true peak and level of the film's sound as a player decodes it; None when it has no sound track."""
    with open_media(film) as (container, _):
        if not container.streams.audio:
            return None
        stream = container.streams.audio[0]
        graph = av.filter.Graph()
        source = graph.add_abuffer(template=stream)
        meter = graph.add("ebur128", "metadata=1:peak=true")
        sink = graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        readings: dict[str, str] = {}
        levels = _Levels(round(stream.rate * LEVEL_STEP_S))
        for frame in container.decode(stream):
            levels.add(frame.to_ndarray().astype(np.float32, copy=False))
            graph.push(frame)
            readings = _last_readings(graph) or readings
        graph.push(_silence_after(stream))
        readings = _last_readings(graph) or readings
    integrated_lufs = float(readings.get("lavfi.r128.I", "-inf"))
    return Loudness(
        integrated_lufs=integrated_lufs if integrated_lufs > -70 else -math.inf,
        true_peak_dbtp=_db(float(readings.get("lavfi.r128.true_peak", "0"))),
        levels=levels.array(),
    )


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


def _silence_after(stream: av.AudioStream) -> av.AudioFrame:
    """A tenth of a second: the meter speaks once a tenth, and what comes after its last word would go unmeasured."""
    layout = stream.layout.name
    silence = np.zeros((stream.channels, stream.rate // 10), np.float32)
    frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout=layout)
    frame.rate = stream.rate
    return frame


def _last_readings(graph: av.filter.Graph) -> dict[str, str]:
    """What the meter said last, about everything up to then; empty when it said nothing new."""
    readings: dict[str, str] = {}
    while True:
        try:
            readings = graph.pull().metadata or readings
        except (NothingYet, EndOfStream):
            return readings


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


def _db(amplitude: float) -> float:
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf
