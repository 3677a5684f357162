"""The sound of a part of a film as a WAV file, on the clock of its picture: what plays while those frames are shown.

picture   |0 1 2 3 4 5 6 7 ...         sample 0 of the file is heard when `start_s` is reached
sound   ~~~~~~~~~~~|  |~~~~~~          what is missing is silence
wanted        [start      end)
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from pipelines.media.limits import DEFAULT_LIMITS, MediaLimits
from pipelines.media.soundtrack import SAMPLE_RATE_HZ
from pipelines.media.source import decodable, open_media
from pipelines.media.wave_file import WaveWriter
from schemas.errors import MediaUnreadable

JITTER_S = Fraction(1, 50)
"""Timestamps off by less are rounding."""


def write_sound(
    source: Path,
    target: Path,
    *,
    zero_s: Fraction,
    start_s: Fraction,
    samples: int,
    limits: MediaLimits = DEFAULT_LIMITS,
) -> None:
    """Writes 48 kHz stereo, 16 bits, exactly `samples` long, in flat memory.

    Args:
        source: A file with sound.
        target: The WAV file.
        zero_s: When the first frame of the picture is shown, on the file's clock.
        start_s: Where the part begins, from that frame on.
        samples: Length of the part at 48 kHz.
        limits: Bounds on the source.

    Raises:
        MediaUnreadable: no sound, or damaged from its first sample on.
    """
    first = round((zero_s + start_s) * SAMPLE_RATE_HZ)
    with (
        WaveWriter(target, sample_rate_hz=SAMPLE_RATE_HZ, channels=2) as out,
        open_media(source, limits) as (container, _),
    ):
        if not container.streams.audio:
            raise MediaUnreadable(f"{source.name!r} holds no sound")
        stream = container.streams.audio[0]
        decodable(source, stream)
        resampler, expected, written = _resampler(), first, 0
        for number, frame in enumerate(container.decode(stream)):
            at = expected
            if frame.pts is not None and frame.time_base is not None:
                at = round(frame.pts * frame.time_base * SAMPLE_RATE_HZ)
            if number == 0 or abs(at - expected) > JITTER_S * SAMPLE_RATE_HZ:
                # what the resampler still holds belongs before the hole
                for piece in resampler.resample(None) if number else ():
                    written = _placed(out, _pcm(piece), expected - first, written, samples)
                    expected += piece.samples
                resampler, expected = _resampler(), at
            frame.pts = None  # the resampler would stretch time by it
            for piece in resampler.resample(frame):
                written = _placed(out, _pcm(piece), expected - first, written, samples)
                expected += piece.samples
            if written >= samples:
                return
        for piece in resampler.resample(None):
            written = _placed(out, _pcm(piece), expected - first, written, samples)
            expected += piece.samples
        _silence(out, samples - written)


def _resampler() -> av.AudioResampler:
    return av.AudioResampler(format="s16", layout="stereo", rate=SAMPLE_RATE_HZ)


def _pcm(piece: av.AudioFrame) -> NDArray[np.int16]:
    return piece.to_ndarray().reshape(-1, 2).astype(np.int16, copy=False)


def _placed(out: WaveWriter, pcm: NDArray[np.int16], at: int, written: int, samples: int) -> int:
    """Writes the part of a piece that lies in what is wanted, after silence where sound is missing; what is written."""
    if at > written:
        _silence(out, min(at, samples) - written)
        written = min(at, samples)
    part = pcm[max(0, written - at) : max(0, samples - at)]
    if len(part):
        out.write(np.ascontiguousarray(part))
    return written + len(part)


def _silence(out: WaveWriter, samples: int) -> None:
    while samples > 0:
        out.write(np.zeros((min(samples, SAMPLE_RATE_HZ), 2), np.int16))
        samples -= SAMPLE_RATE_HZ
