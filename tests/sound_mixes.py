"""Mixes whose origin is known: stretches of sounds one after another, played at some speed, in noise, re-encoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from scipy.signal import resample_poly

from pipelines.media.speech_audio import SAMPLE_RATE_HZ, speech_blocks
from pipelines.origin.origin_map import OriginSpan

LEVEL = 0.05
"""Root mean square of every stretch."""

FRAME_S = 0.1
RIGHT_S = 0.1


@dataclass(frozen=True)
class Cut:
    """A stretch of a sound; `known` if that sound is offered as a source."""

    name: str
    start_s: float
    length_s: float
    known: bool = True


@dataclass(frozen=True)
class Mix:
    pcm: np.ndarray
    cuts: Sequence[Cut]
    ends_s: np.ndarray
    """Of each cut, in the mix."""

    speed: float


@dataclass(frozen=True)
class Score:
    """Shares of the mix, by tenths of a second."""

    right: float
    known: float
    """Right among what comes from a source."""

    claimed: float
    """For which a source is named, among what comes from none."""

    longest_claim_s: float
    """For which a source is named on end, within what comes from none."""


def sped(pcm: np.ndarray, speed: float) -> np.ndarray:
    """Faster and higher, or slower and lower."""
    ratio = Fraction(speed).limit_denominator(100)
    return resample_poly(pcm, ratio.denominator, ratio.numerator).astype(np.float32)


def noisy(pcm: np.ndarray, snr_db: float, seed: int = 1) -> np.ndarray:
    """With white noise so far under the mean power."""
    deviation = np.sqrt(np.mean(pcm**2)) * 10 ** (-snr_db / 20)
    return (pcm + np.random.default_rng(seed).normal(0, deviation, len(pcm))).astype(np.float32)


def mixed(sounds: Mapping[str, np.ndarray], cuts: Sequence[Cut], speed: float = 1.0) -> Mix:
    parts = []
    for cut in cuts:
        first = round(cut.start_s * SAMPLE_RATE_HZ)
        part = sounds[cut.name][first : first + round(cut.length_s * SAMPLE_RATE_HZ)]
        assert len(part) == round(cut.length_s * SAMPLE_RATE_HZ), f"{cut} is longer than its sound"
        part = part / np.sqrt(np.mean(part**2)) * LEVEL
        parts.append(part if speed == 1 else sped(part, speed))
    ends_s = np.cumsum([len(part) for part in parts]) / SAMPLE_RATE_HZ
    return Mix(np.concatenate(parts).astype(np.float32), cuts, ends_s, speed)


def reencoded(pcm: np.ndarray, path: Path, codec: str, rate_hz: int, bit_rate: int) -> np.ndarray:
    """What is left of a sound after a lossy codec, at 16 kHz again."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz)
        stream.bit_rate, stream.layout = bit_rate, "mono"
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=rate_hz)
        frame = av.AudioFrame.from_ndarray(pcm[None], format="fltp", layout="mono")
        frame.sample_rate = SAMPLE_RATE_HZ
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return np.concatenate([block.pcm for block in speech_blocks(path)])


def score(spans: Sequence[OriginSpan], mix: Mix) -> Score:
    """A tenth of a second is right with the right source within RIGHT_S, or with none where there is none."""
    right, known, claimed = [], [], []
    for number in range(int(mix.ends_s[-1] / FRAME_S)):
        at_s = (number + 0.5) * FRAME_S
        place = int(np.searchsorted(mix.ends_s, at_s, side="right"))
        cut, begun_s = mix.cuts[place], mix.ends_s[place - 1] if place else 0.0
        [span] = [one for one in spans if one.start_s <= at_s < one.end_s]
        if not cut.known:
            claimed.append(span.source_id is not None)
            right.append(span.source_id is None)
            continue
        heard_s = span.source_start_s + (at_s - span.start_s) * span.speed
        meant_s = cut.start_s + (at_s - begun_s) * mix.speed
        right.append(span.source_id == cut.name and abs(heard_s - meant_s) <= RIGHT_S)
        known.append(right[-1])
    return Score(
        float(np.mean(right)),
        float(np.mean(known or [1])),
        float(np.mean(claimed or [0])),
        _longest_claim_s(spans, mix),
    )


def _longest_claim_s(spans: Sequence[OriginSpan], mix: Mix) -> float:
    begun_s = [0.0, *mix.ends_s]
    return max(
        (
            min(span.end_s, float(end_s)) - max(span.start_s, float(start_s))
            for cut, start_s, end_s in zip(mix.cuts, begun_s, mix.ends_s, strict=False)
            for span in spans
            if span.source_id and not cut.known and span.start_s < end_s and span.end_s > start_s
        ),
        default=0.0,
    )
