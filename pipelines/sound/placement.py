"""One block of one clip: what of a sound falls into [start, end) of the film, with its fades, ducking and swell.

Work is done where something changes: a level is one number unless a fade or a ramp passes through the block, and ramps
of a second are drawn as straight lines from hop to hop.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.media.wave_file import resample
from pipelines.sound.hops import HOP_SAMPLES, between_hops
from pipelines.sound.limiter import GainPlan, limiter_curve
from pipelines.sound.loudness import SAMPLE_RATE_HZ, clip_lufs
from pipelines.sound.mix_plan import PlacedClip, Span
from pipelines.sound.true_peak import OVERSHOOT, PeakMeter
from schemas.errors import InvalidInput

Load = Callable[[str], tuple[NDArray[np.int16] | NDArray[np.float32], int]]
"""content_hash -> samples, (N,) or (N, channels), int16 or float32 in [-1, 1], and their rate in Hz."""

Planes = NDArray[np.float32]
"""float32 (channels, N): one channel at a time is what numpy is fast at."""

SHELF_BYTES = 64 << 20
"""Sounds kept between blocks: about six beds. A film's memory is bounded by this, not by its length."""

MATCH_LIMIT_DB = 18.0
"""Most that level matching changes a sound: near-silence is not blown up into noise."""

LINE_CEILING = 0.55
"""Peak of a line before the gain of the mix: room for 5 dB of it."""

ATTACK_S, HOLD_S, RELEASE_S = 0.30, 0.35, 0.80
"""Ducking is down when a line begins, stays down over short gaps, and comes back slowly."""

SWELL_RAMP_S = 1.0


class SoundShelf:
    """The sounds in use, as float32 (1 or 2, N) at 48 kHz and at their matched level; the least recently used goes
    first."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._sounds: OrderedDict[tuple[str, float | None], Planes] = OrderedDict()
        self._bytes = 0
        self._gains: dict[tuple[str, float | None], GainPlan] = {}

    def sound(self, clip: PlacedClip) -> Planes:
        """The sound of a clip."""
        key = (clip.content_hash, clip.level_lufs)
        if key in self._sounds:
            self._sounds.move_to_end(key)
            return self._sounds[key]
        sound = planes(*self._load(clip.content_hash))
        if clip.level_lufs is not None:
            if key not in self._gains:
                find = line_gain if clip.role == "dialogue" else bed_gain
                self._gains[key] = find(sound, clip.level_lufs)
            sound *= np.float32(self._gains[key].gain)
            sound = self._gains[key].limited(sound, 0)
        self._sounds[key] = sound
        self._bytes += sound.nbytes
        while self._bytes > SHELF_BYTES and len(self._sounds) > 1:
            self._bytes -= self._sounds.popitem(last=False)[1].nbytes
        return sound


def planes(pcm: NDArray[np.int16] | NDArray[np.float32], rate_hz: int) -> Planes:
    """float32 (1 or 2, N) at 48 kHz of mono or stereo samples at any rate; more channels than two are refused.

    A copy, which the caller may change.
    """
    if pcm.ndim == 2 and pcm.shape[1] not in (1, 2):
        raise InvalidInput(f"a sound needs one or two channels, got {pcm.shape[1]!r}")
    samples = np.array(pcm.T if pcm.ndim == 2 else pcm[None], np.float32, order="C")
    if pcm.dtype == np.int16:
        samples *= np.float32(1 / 32_768)
    return resample(samples, rate_hz, SAMPLE_RATE_HZ)


def bed_gain(sound: Planes, level_lufs: float) -> GainPlan:
    """The gain that brings `sound` to a loudness, MATCH_LIMIT_DB at most; 1 for silence."""
    measured = clip_lufs(sound)
    change_db = 0.0 if measured is None else min(max(level_lufs - measured, -MATCH_LIMIT_DB), MATCH_LIMIT_DB)
    return GainPlan(10 ** (change_db / 20), np.ones(_hops(sound) + 1))


def line_gain(line: Planes, level_lufs: float) -> GainPlan:
    """As `bed_gain`, with peaks held under LINE_CEILING: a voice has peaks 18 dB over its loudness, which would clip
    its stem and make the limiter of the mix pull the music down with every syllable."""
    gain = bed_gain(line, level_lufs).gain
    whole = np.pad(line, ((0, 0), (0, _hops(line) * HOP_SAMPLES - line.shape[1])))
    peaks = PeakMeter(len(line), LINE_CEILING / (gain * OVERSHOOT)).peaks(whole) * np.float32(gain)
    return GainPlan(gain, limiter_curve(peaks, LINE_CEILING))


def _hops(sound: Planes) -> int:
    count: int = sound.shape[1]
    return -(-count // HOP_SAMPLES)


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

    def at(self, samples: NDArray[np.int64]) -> NDArray[np.float64]:
        """float64 in [0, 1] at each sample index of the film."""
        ramp: NDArray[np.float64] = np.interp(samples, self._times, self._values)
        return ramp * ramp * (3 - 2 * ramp)


def _joined(spans: Sequence[Span], gap: int) -> list[tuple[int, int]]:
    """Spans in order, those closer than `gap` samples made one, so that ramps never overlap."""
    joined: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda one: (one.start_sample, one.end_exclusive_sample)):
        if joined and span.start_sample - joined[-1][1] <= gap:
            joined[-1] = (joined[-1][0], max(joined[-1][1], span.end_exclusive_sample))
        else:
            joined.append((span.start_sample, span.end_exclusive_sample))
    return joined


@dataclass(frozen=True)
class Block:
    """[start, end) of the film, and how far ducking and swell have come at its hop boundaries, float64 (H + 1,)."""

    start: int
    end: int
    duck: NDArray[np.float64]
    swell: NDArray[np.float64]

    @classmethod
    def between(cls, start: int, end: int, duck: GainCurve, swell: GainCurve) -> Block:
        """The block that begins at the whole hop `start`."""
        hops = start + HOP_SAMPLES * np.arange(-(-(end - start) // HOP_SAMPLES) + 1)
        return cls(start, end, duck.at(hops), swell.at(hops))


def add_clip(stem: Planes, clip: PlacedClip, sound: Planes, block: Block) -> bool:
    """Adds what of a clip falls into a block to its stem, float32 (2, N), in place; whether anything does."""
    length = sound.shape[1]
    stop = clip.end_exclusive_sample if clip.loop else min(clip.end_exclusive_sample, clip.start_sample + length)
    first, last = max(block.start, clip.start_sample), min(block.end, stop)
    if last <= first or not length:
        return False
    gain = _gain(clip, stop, block, first, last)
    done = first
    while done < last:
        at = (done - clip.start_sample) % length
        count = min(last - done, length - at)
        piece = sound[:, at : at + count]
        if isinstance(gain, np.ndarray):
            piece = piece * gain[done - first : done - first + count]
        elif gain != 1.0:
            piece = piece * np.float32(gain)
        stem[:, done - block.start : done - block.start + count] += piece
        done += count
    return True


def _gain(clip: PlacedClip, stop: int, block: Block, first: int, last: int) -> float | NDArray[np.float32]:
    """Linear gain of a clip in [first, last) of the film: one number, or float32 (last - first,) where it changes."""
    change_db = clip.duck_db * block.duck + clip.swell_db * block.swell
    fades_in, fades_out = first < clip.start_sample + clip.fade_in_samples, last > stop - clip.fade_out_samples
    if not fades_in and not fades_out and change_db.min() == change_db.max():
        return float(10 ** ((clip.gain_db + change_db[0]) / 20))
    gain = between_hops(10 ** ((clip.gain_db + change_db) / 20))[first - block.start : last - block.start]
    if fades_in:
        begun = first - clip.start_sample
        risen = _fade(np.arange(begun, min(begun + len(gain), clip.fade_in_samples)), clip.fade_in_samples)
        gain[: len(risen)] *= risen
    if fades_out:
        left = stop - last
        fallen = _fade(np.arange(left, min(left + len(gain), clip.fade_out_samples)), clip.fade_out_samples)
        gain[len(gain) - len(fallen) :] *= fallen[::-1]
    return gain


def _fade(distance: NDArray[np.int64], fade_samples: int) -> NDArray[np.float32]:
    """Equal-power gain at some distances, in samples, from the silent end of a fade."""
    rise: NDArray[np.float32] = np.sin(np.pi / 2 * (distance + 0.5) / fade_samples).astype(np.float32)
    return rise
