"""Whole sounds from files: WAV, FLAC, Ogg, MP3, and the sound track of a clip."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from pipelines.media.limits import DEFAULT_LIMITS, MediaLimits
from pipelines.media.source import decodable, open_media
from schemas.errors import MediaUnreadable


def read_audio(path: Path, *, limits: MediaLimits = DEFAULT_LIMITS) -> tuple[NDArray[np.float32], int]:
    """float32 (N, channels) with full scale at 1.0, and the sample rate in Hz. Cover art is not looked at.

    Raises:
        MediaUnreadable: no sound, damaged, or longer than `limits.audio_duration_s`.
    """
    blocks: list[NDArray[np.float32]] = []
    samples = 0
    with open_media(path, limits) as (container, _):
        if not container.streams.audio:
            raise MediaUnreadable(f"{path.name!r} holds no sound")
        stream = container.streams.audio[0]
        decodable(path, stream)
        resampler = av.AudioResampler(format="fltp", layout=stream.layout, rate=stream.rate)
        for decoded in container.decode(stream):
            if decoded.rate != stream.rate or decoded.layout.nb_channels != stream.channels:
                raise MediaUnreadable(f"{path.name!r} changes its sample rate or channels on the way")
            for frame in resampler.resample(decoded):
                blocks.append(frame.to_ndarray().astype(np.float32, copy=False))
                samples += frame.samples
            if samples > limits.audio_duration_s * stream.rate:
                raise MediaUnreadable(f"{path.name!r} sounds longer than {limits.audio_duration_s:.0f} s")
    if not samples:
        raise MediaUnreadable(f"{path.name!r} is damaged (it holds no samples)")
    return np.ascontiguousarray(np.concatenate(blocks, axis=1).T), stream.rate
