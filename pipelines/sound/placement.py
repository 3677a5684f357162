"""One block of one clip: what of a sound falls into [start, end) of the film, with its fades, ducking and swell."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from pipelines.media.wave_file import resample
from pipelines.sound.loudness import SAMPLE_RATE_HZ, clip_lufs
from pipelines.sound.mix_plan import PlacedClip, Span
from schemas.errors import InvalidInput

Load = Callable[[str], tuple[NDArray[np.int16] | NDArray[np.float32], int]]
"""content_hash -> samples, (N,) or (N, channels), int16 or float32 in [-1, 1], and their rate in Hz."""

SHELF_BYTES = 64 << 20
"""Sounds kept between blocks: about six beds. A film's memory is bounded by this, not by its length."""

MATCH_LIMIT_DB = 18.0
"""Most that level matching changes a sound: near-silence is not blown up into noise."""

ATTACK_S, HOLD_S, RELEASE_S = 0.30, 0.35, 0.80
"""Ducking is down when a line begins, stays down over short gaps, and comes back slowly."""

SWELL_RAMP_S = 1.0


class SoundShelf:
    """The sounds in use, as float32 (N, 2) at 48 kHz and at their matched level; the least recently used goes first."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._sounds: OrderedDict[tuple[str, float | None], NDArray[np.float32]] = OrderedDict()
        self._bytes = 0
        self._gains: dict[tuple[str, float | None], float] = {}

    def sound(self, clip: PlacedClip) -> NDArray[np.float32]:
        """The sound of a clip."""
        key = (clip.content_hash, clip.level_lufs)
        if key in self._sounds:
            self._sounds.move_to_end(key)
            return self._sounds[key]
        pcm = stereo(*self._load(clip.content_hash))
        if clip.level_lufs is not None:
            if key not in self._gains:
                self._gains[key] = matching_gain(pcm, clip.level_lufs)
            pcm *= np.float32(self._gains[key])
        self._sounds[key] = pcm
        self._bytes += pcm.nbytes
        while self._bytes > SHELF_BYTES and len(self._sounds) > 1:
            self._bytes -= self._sounds.popitem(last=False)[1].nbytes
        return pcm


def stereo(pcm: NDArray[np.int16] | NDArray[np.float32], rate_hz: int) -> NDArray[np.float32]:
    """float32 (N, 2) at 48 kHz of mono or stereo samples at any rate; more channels than two are refused."""
    samples: NDArray[np.float32] = pcm.astype(np.float32)  # a copy, which the caller may change
    if pcm.dtype == np.int16:
        samples /= np.float32(32_768)
    if samples.ndim == 2 and samples.shape[1] == 1:
        samples = samples[:, 0]
    if samples.ndim == 2 and samples.shape[1] != 2:
        raise InvalidInput(f"a sound needs one or two channels, got {samples.shape[1]!r}")
    samples = resample(samples, rate_hz, SAMPLE_RATE_HZ)
    return np.repeat(samples[:, None], 2, axis=1) if samples.ndim == 1 else samples


def matching_gain(pcm: NDArray[np.float32], level_lufs: float) -> float:
    """The factor that brings `pcm` to a loudness, MATCH_LIMIT_DB at most; 1 for silence."""
    measured = clip_lufs(pcm)
    if measured is None:
        return 1.0
    change_db = min(max(level_lufs - measured, -MATCH_LIMIT_DB), MATCH_LIMIT_DB)
    return float(10 ** (change_db / 20))


class GainCurve:
    """1 inside the given spans, 0 away from them, smooth ramps between: where to duck and where to swell."""

    def __init__(self, spans: Sequence[Span], *, before_s: float, hold_s: float, after_s: float) -> None:
        times, values = [0.0], [0.0]
        for start, end in _joined(spans, round((before_s + hold_s + after_s) * SAMPLE_RATE_HZ)):
            held = end + hold_s * SAMPLE_RATE_HZ
            times += [start - before_s * SAMPLE_RATE_HZ, start, held, held + after_s * SAMPLE_RATE_HZ]
            values += [0.0, 1.0, 1.0, 0.0]
        self._times, self._values = np.array(times), np.array(values)
        self._times[0] = min(self._times[0], self._times.min())

    def at(self, samples: NDArray[np.int64]) -> NDArray[np.float32]:
        """float32 in [0, 1] at each sample index of the film."""
        ramp = np.interp(samples, self._times, self._values)
        smooth: NDArray[np.float32] = (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)
        return smooth


def _joined(spans: Sequence[Span], gap: int) -> list[tuple[int, int]]:
    """Spans in order, those closer than `gap` samples made one, so that ramps never overlap."""
    joined: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda one: (one.start_sample, one.end_exclusive_sample)):
        if joined and span.start_sample - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], span.end_exclusive_sample))
        else:
            joined.append((span.start_sample, span.end_exclusive_sample))
    return joined


def clip_block(
    clip: PlacedClip, sound: NDArray[np.float32], start: int, end: int, duck: GainCurve, swell: GainCurve
) -> tuple[int, NDArray[np.float32]]:
    """What of a clip falls into [start, end) of the film: offset in the block and float32 (N, 2)."""
    first, last = max(start, clip.start_sample), min(end, clip.end_exclusive_sample)
    stop = clip.end_exclusive_sample if clip.loop else min(clip.end_exclusive_sample, clip.start_sample + len(sound))
    last = min(last, stop)
    if last <= first or not len(sound):
        return 0, np.zeros((0, 2), np.float32)
    inside = np.arange(first - clip.start_sample, last - clip.start_sample)
    samples = np.take(sound, inside, axis=0, mode="wrap")
    gain = np.full(len(inside), 10 ** (clip.gain_db / 20), np.float32)
    _fade(gain, inside, clip.fade_in_samples)
    _fade(gain, stop - clip.start_sample - 1 - inside, clip.fade_out_samples)
    film = inside + clip.start_sample
    if clip.duck_db:
        gain *= 10 ** (clip.duck_db * duck.at(film) / 20)
    if clip.swell_db:
        gain *= 10 ** (clip.swell_db * swell.at(film) / 20)
    return first - start, samples * gain[:, None]


def _fade(gain: NDArray[np.float32], distance: NDArray[np.int64], fade_samples: int) -> None:
    """Equal-power fade over the first `fade_samples` of `distance` (samples from the silent end), in place."""
    if fade_samples and distance.min(initial=fade_samples) < fade_samples:
        gain *= np.sin(np.pi / 2 * np.clip((distance + 0.5) / fade_samples, 0, 1)).astype(np.float32)
