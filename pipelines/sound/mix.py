"""The mix: four WAV files from a MixPlan, in blocks, so that a film of any length needs the same memory.

    pass 1   render blocks -> loudness envelope -> gain and limiter curve, decided on the envelope
    pass 2   render the same blocks -> stems at the static gain; their sum, limited -> mix, measured again

Without limiting, mix = dialogue + music + effects; with `voice: muted` the dialogue stem is still written as spoken,
for a later dub, and left out of the mix.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from pipelines.media.wave_file import WaveWriter
from pipelines.sound.hops import HOP_SAMPLES
from pipelines.sound.limiter import CEILING, TARGET_LUFS, GainPlan, gain_plan
from pipelines.sound.loudness import SAMPLE_RATE_HZ, Envelope, LoudnessMeter
from pipelines.sound.mix_plan import MixPlan, PlacedClip, Role
from pipelines.sound.placement import (
    ATTACK_S,
    HOLD_S,
    RELEASE_S,
    SWELL_RAMP_S,
    Block,
    GainCurve,
    Load,
    Planes,
    SoundShelf,
    add_clip,
)
from pipelines.sound.true_peak import OVERSHOOT

BLOCK_SAMPLES = 200 * HOP_SAMPLES
"""0.7 s: whole hops, long enough that numpy's per-call cost does not count, a quarter of a megabyte a stem."""

EXACT_ABOVE = 0.2
"""Samples below this need no limiter while the gain stays under 5.3 dB, which it does in films with speech."""

TOLERANCE_LU = 0.1
"""A mix that misses the target by more is rendered again with the gain corrected."""

ATTEMPTS = 3

Stems = dict[Role, Planes]
"""The stems that are heard in a block; one that is missing is silent there."""


@dataclass(frozen=True)
class MixResult:
    """The files of a mix and what was measured on them."""

    dialogue: Path
    music: Path
    effects: Path
    mix: Path
    duration_samples: int
    loudness_lufs: float | None
    """Integrated loudness of mix.wav; None when it is silence."""

    true_peak_dbtp: float | None
    """True peak of mix.wav; None when it is silence."""

    gain_db: float
    """Static gain of the stems and of the mix before limiting."""

    reduction_db: float
    """Most that the limiter took away, 0 or below."""

    clipped_samples: int
    """Samples of stems that exceed full scale by themselves and were clipped; the mix never is."""

    @property
    def silence(self) -> bool:
        """True when nothing is heard in the mix."""
        return self.loudness_lufs is None


def mix(plan: MixPlan, load: Load, folder: Path) -> MixResult:
    """Writes dialogue.wav, music.wav, effects.wav and mix.wav (48 kHz, stereo, 16 bit) into `folder`.

    The mix has -16 LUFS integrated and stays under -3 dBTP. The same plan and sounds give the same bytes.

    Args:
        load: content_hash -> samples and rate; called again for a sound that has left the shelf.
    """
    shelf = SoundShelf(load)
    envelope = _envelope(plan, shelf)
    target_lufs = TARGET_LUFS
    for _ in range(ATTEMPTS):
        gains = gain_plan(envelope, target_lufs) or GainPlan(1.0, np.ones(len(envelope.peaks) + 1))
        result = _written(plan, shelf, folder, gains)
        if result.loudness_lufs is None or abs(result.loudness_lufs - TARGET_LUFS) <= TOLERANCE_LU:
            break
        target_lufs += TARGET_LUFS - result.loudness_lufs
    return result


def _envelope(plan: MixPlan, shelf: SoundShelf) -> Envelope:
    """Pass 1, again with more exact peaks where the gain turns out to lift the bounds of quiet hops to the ceiling."""
    exact_above = EXACT_ABOVE
    while True:
        meter = LoudnessMeter(exact_above)
        for start, end, stems in _blocks(plan, shelf):
            meter.add(_sum(plan, stems, end - start))
        envelope = meter.envelope()
        gains = gain_plan(envelope)
        needed = exact_above if gains is None else CEILING / (gains.gain * OVERSHOOT)
        if needed >= exact_above:
            return envelope
        exact_above = needed


def _written(plan: MixPlan, shelf: SoundShelf, folder: Path, gains: GainPlan) -> MixResult:
    """Pass 2: the four files under given gains, and the measured result."""
    paths = {name: folder / f"{name}.wav" for name in (*get_args(Role), "mix")}
    meter = LoudnessMeter(exact_above=math.inf)
    clipped = 0
    with ExitStack() as stack:
        out = {
            name: stack.enter_context(WaveWriter(path, sample_rate_hz=SAMPLE_RATE_HZ, channels=2))
            for name, path in paths.items()
        }
        for start, end, stems in _blocks(plan, shelf):
            for role in get_args(Role):
                stem = stems.get(role)
                if stem is not None:
                    stem *= np.float32(_stem_gain(plan, role, gains.gain))
                    clipped += _count_clipped(stem)
                out[role].write(_pcm(stem, end - start))
            limited = gains.limited(_sum(plan, stems, end - start), start)
            out["mix"].write(_pcm(limited, end - start))
            meter.add(limited)
    envelope = meter.envelope()
    return MixResult(
        **paths,
        duration_samples=plan.total_samples,
        loudness_lufs=envelope.loudness_lufs(),
        true_peak_dbtp=envelope.true_peak_dbtp(),
        gain_db=20 * math.log10(gains.gain),
        reduction_db=20 * math.log10(float(gains.curve.min(initial=1.0))),
        clipped_samples=clipped,
    )


def _blocks(plan: MixPlan, shelf: SoundShelf) -> Iterator[tuple[int, int, Stems]]:
    """[start, end) and stems of each block in film order, before any gain of the mix."""
    duck = GainCurve(plan.speech(), before_s=ATTACK_S, hold_s=HOLD_S, after_s=RELEASE_S)
    swell = GainCurve(plan.cards, before_s=SWELL_RAMP_S, hold_s=0.0, after_s=SWELL_RAMP_S)
    waiting = list(reversed(plan.clips))
    active: list[PlacedClip] = []
    for start in range(0, plan.total_samples, BLOCK_SAMPLES):
        block = Block.between(start, min(start + BLOCK_SAMPLES, plan.total_samples), duck, swell)
        while waiting and waiting[-1].start_sample < block.end:
            active.append(waiting.pop())
        stems: Stems = {}
        still: list[PlacedClip] = []
        for clip in active:
            sound = shelf.sound(clip)
            if clip.role not in stems:
                stems[clip.role] = np.zeros((2, block.end - start), np.float32)
            add_clip(stems[clip.role], clip, sound, block)
            if _goes_on(clip, sound.shape[1], block.end):
                still.append(clip)
        active = still
        yield start, block.end, stems


def _stem_gain(plan: MixPlan, role: Role, gain: float) -> float:
    """The mix's gain; a stem that is not in the mix is not raised by it, which would clip it."""
    return min(gain, 1.0) if role == "dialogue" and plan.voice == "muted" else gain


def _goes_on(clip: PlacedClip, sound_samples: int, end: int) -> bool:
    natural_end = clip.end_exclusive_sample if clip.loop else clip.start_sample + sound_samples
    return min(natural_end, clip.end_exclusive_sample) > end


def _sum(plan: MixPlan, stems: Stems, count: int) -> Planes:
    """The stems that the mix holds, added in a fixed order: float32 (2, count), the caller's own."""
    heard = np.zeros((2, count), np.float32)
    for role in ("music", "effects") if plan.voice == "muted" else ("music", "effects", "dialogue"):
        if role in stems:
            heard += stems[role]
    return heard


def _count_clipped(stem: Planes) -> int:
    if stem.max() <= 1.0 and stem.min() >= -1.0:
        return 0
    return int(np.count_nonzero(np.abs(stem) > 1.0))


def _pcm(sound: Planes | None, count: int) -> NDArray[np.int16]:
    """int16 (count, 2) of float samples in [-1, 1), rounded half to even, clipped; zeros of silence."""
    pcm = np.zeros((count, 2), np.int16)
    if sound is not None:
        scaled = sound * np.float32(32_768)
        np.rint(scaled, out=scaled)
        np.clip(scaled, -32_768, 32_767, out=scaled)
        pcm.T[...] = scaled
    return pcm
