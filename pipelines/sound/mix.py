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
from pipelines.sound.limiter import TARGET_LUFS, GainPlan, gain_plan
from pipelines.sound.loudness import HOP_SAMPLES, SAMPLE_RATE_HZ, LoudnessMeter
from pipelines.sound.mix_plan import MixPlan, PlacedClip, Role
from pipelines.sound.placement import (
    ATTACK_S,
    HOLD_S,
    RELEASE_S,
    SWELL_RAMP_S,
    GainCurve,
    Load,
    SoundShelf,
    clip_block,
)

BLOCK_SAMPLES = 800 * HOP_SAMPLES
"""2.7 s: whole hops, long enough that numpy's per-call cost does not count, 1 MB a stem."""

TOLERANCE_LU = 0.1
"""A mix that misses the target by more is rendered again with the gain corrected."""

ATTEMPTS = 3

Stems = dict[Role, NDArray[np.float32]]


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
    meter = LoudnessMeter()
    shelf = SoundShelf(load)
    for _, stems in _blocks(plan, shelf):
        meter.add(_sum(plan, stems))
    envelope = meter.envelope()
    target_lufs = TARGET_LUFS
    for _ in range(ATTEMPTS):
        gains = gain_plan(envelope, target_lufs) or GainPlan(1.0, np.ones(len(envelope.peaks) + 1))
        result = _written(plan, shelf, folder, gains)
        if result.loudness_lufs is None or abs(result.loudness_lufs - TARGET_LUFS) <= TOLERANCE_LU:
            break
        target_lufs += TARGET_LUFS - result.loudness_lufs
    return result


def _written(plan: MixPlan, shelf: SoundShelf, folder: Path, gains: GainPlan) -> MixResult:
    """Pass 2: the four files under given gains, and the measured result."""
    paths = {name: folder / f"{name}.wav" for name in (*get_args(Role), "mix")}
    meter = LoudnessMeter()
    clipped = 0
    with ExitStack() as stack:
        out = {
            name: stack.enter_context(WaveWriter(path, sample_rate_hz=SAMPLE_RATE_HZ, channels=2))
            for name, path in paths.items()
        }
        for start, stems in _blocks(plan, shelf):
            for role, stem in stems.items():
                stem *= np.float32(_stem_gain(plan, role, gains.gain))
                clipped += int(np.count_nonzero(np.abs(stem) > 1.0))
                out[role].write(_pcm(stem))
            limited = gains.limited(_sum(plan, stems), start)
            out["mix"].write(_pcm(limited))
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


def _blocks(plan: MixPlan, shelf: SoundShelf) -> Iterator[tuple[int, Stems]]:
    """(start sample, stems) of each block in film order, before any gain of the mix."""
    duck = GainCurve(plan.speech(), before_s=ATTACK_S, hold_s=HOLD_S, after_s=RELEASE_S)
    swell = GainCurve(plan.cards, before_s=SWELL_RAMP_S, hold_s=0.0, after_s=SWELL_RAMP_S)
    waiting = list(reversed(plan.clips))
    active: list[PlacedClip] = []
    for start in range(0, plan.total_samples, BLOCK_SAMPLES):
        end = min(start + BLOCK_SAMPLES, plan.total_samples)
        while waiting and waiting[-1].start_sample < end:
            active.append(waiting.pop())
        stems: Stems = {role: np.zeros((end - start, 2), np.float32) for role in get_args(Role)}
        still: list[PlacedClip] = []
        for clip in active:
            sound = shelf.sound(clip)
            offset, samples = clip_block(clip, sound, start, end, duck, swell)
            stems[clip.role][offset : offset + len(samples)] += samples
            if _goes_on(clip, len(sound), end):
                still.append(clip)
        active = still
        yield start, stems


def _stem_gain(plan: MixPlan, role: Role, gain: float) -> float:
    """The mix's gain; a stem that is not in the mix is not raised by it, which would clip it."""
    return min(gain, 1.0) if role == "dialogue" and plan.voice == "muted" else gain


def _goes_on(clip: PlacedClip, sound_samples: int, end: int) -> bool:
    natural_end = clip.end_exclusive_sample if clip.loop else clip.start_sample + sound_samples
    return min(natural_end, clip.end_exclusive_sample) > end


def _sum(plan: MixPlan, stems: Stems) -> NDArray[np.float32]:
    """The stems that the mix holds, added in a fixed order."""
    heard = stems["music"] + stems["effects"]
    return heard if plan.voice == "muted" else heard + stems["dialogue"]


def _pcm(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """int16 of float samples in [-1, 1), rounded half to even, clipped."""
    return np.clip(np.rint(samples * 32_768), -32_768, 32_767).astype(np.int16)
