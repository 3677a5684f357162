"""Is the film as loud as delivery asks, and is every line heard at its place, above what plays beneath it?

Measured on the sound as a player decodes it: ITU-R BS.1770-4 loudness and true peak. The place of the dialogue is
found by laying the level curve of the dialogue stem over that of the film.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.media.finished import LEVEL_STEP_S, Loudness, measure_levels, measure_loudness
from pipelines.rendering.quality.verdict import not_applicable, verdict
from schemas.render_output import GateResult
from schemas.render_plan import RenderPlan
from schemas.shotlist import ShotList

TARGET_LUFS = -16.0
TOLERANCE_LU = 1.0
MAX_TRUE_PEAK_DBTP = -1.0
MIN_LINE_DBFS = -45.0
"""A line whose loudest syllables stay below this is not heard in a living room."""

MIN_SPEECH_OVER_BED_DB = 3.0
"""Median over the lines. Broadcasters ask for more; below this speech is masked."""

MIN_LIKENESS = 0.1
"""Correlation of the two level curves below which the dialogue does not stand in the film at all."""

_SEARCHED_S = 0.5

LIMIT = (
    f"{TARGET_LUFS:.0f} ± {TOLERANCE_LU:.0f} LUFS, at most {MAX_TRUE_PEAK_DBTP:.0f} dBTP; every line above "
    f"{MIN_LINE_DBFS:.0f} dBFS, within 1 frame of its place and {MIN_SPEECH_OVER_BED_DB:.0f} dB over the bed"
)

Levels = NDArray[np.float32]
"""float32 (N,): root mean square of each hundredth of a second."""


@dataclass(frozen=True)
class SpokenSpan:
    """Where a line is heard, [start, end) in steps of `LEVEL_STEP_S`."""

    element_id: str
    start: int
    end: int


def audio_loudness(film: Path, dialogue_stem: Path, shotlist: ShotList, plan: RenderPlan) -> GateResult:
    """Measure the sound of the film.

    Args:
        film: The finished file.
        dialogue_stem: WAV of all lines at the level they have in the mix.
        shotlist: Says when each line is heard.
        plan: Says whether voices are in the mix.
    """
    loudness = measure_loudness(film)
    spans = _spans(shotlist) if plan.voice == "spoken" else []
    if loudness is None or math.isinf(loudness.integrated_lufs):
        if not spans:
            return not_applicable("audio_loudness", "the film is silent", limit=LIMIT)
        return verdict("audio_loudness", ["lines are spoken, but the film is silent"], measured="silence", limit=LIMIT)
    problems = list(_loudness_problems(loudness))
    measured = f"{loudness.integrated_lufs:.2f} LUFS, {loudness.true_peak_dbtp:.2f} dBTP"
    if spans:
        heard, said = _dialogue(loudness.levels, measure_levels(dialogue_stem), spans, shotlist)
        problems += heard
        measured += f", {said}"
    return verdict("audio_loudness", problems, measured=measured, limit=LIMIT)


def _loudness_problems(loudness: Loudness) -> Iterator[str]:
    if abs(loudness.integrated_lufs - TARGET_LUFS) > TOLERANCE_LU:
        yield f"loudness {loudness.integrated_lufs:.2f} LUFS is not within {TOLERANCE_LU:.0f} LU of {TARGET_LUFS:.0f}"
    if loudness.true_peak_dbtp > MAX_TRUE_PEAK_DBTP:
        yield f"true peak {loudness.true_peak_dbtp:.2f} dBTP is above {MAX_TRUE_PEAK_DBTP:.0f}"


def _spans(shotlist: ShotList) -> list[SpokenSpan]:
    steps_a_tick = 1 / (shotlist.edit_rate.fraction * LEVEL_STEP_S)
    spans = []
    for shot, line in shotlist.lines():
        start_ticks = shot.start_ticks + line.offset_ticks
        end_ticks = start_ticks + line.duration_ticks
        spans.append(SpokenSpan(line.element_id, round(start_ticks * steps_a_tick), round(end_ticks * steps_a_tick)))
    return spans


def _dialogue(film: Levels, stem: Levels, spans: Sequence[SpokenSpan], shotlist: ShotList) -> tuple[list[str], str]:
    """Problems of the dialogue, and what was measured of it in words."""
    length = min(len(film), len(stem))
    film, stem = film[:length], stem[:length]
    quiet = [span.element_id for span in spans if _syllables_dbfs(stem[span.start : span.end]) < MIN_LINE_DBFS]
    problems = [f"line {element_id!r} is not heard at its place" for element_id in quiet]
    offset_s, likeness = _offset_s(film, stem)
    if likeness < MIN_LIKENESS:
        problems.append(f"the dialogue is not found in the film (likeness {likeness:.2f})")
    elif abs(offset_s) > float(1 / shotlist.edit_rate.fraction):
        problems.append(f"the dialogue is heard {offset_s:+.2f} s from its place")
    over_bed_db = _over_bed_db(film, stem, spans)
    if over_bed_db < MIN_SPEECH_OVER_BED_DB:
        problems.append(f"speech lies {over_bed_db:.1f} dB over the bed in the median line")
    heard = len(spans) - len(quiet)
    return problems, f"{heard} of {len(spans)} lines heard, offset {offset_s:+.2f} s, {over_bed_db:.1f} dB over the bed"


def _syllables_dbfs(levels: Levels) -> float:
    """Level that a twentieth of a span exceeds: its loudest syllables."""
    return _dbfs(float(np.quantile(levels, 0.95))) if len(levels) else -math.inf


def _offset_s(film: Levels, stem: Levels) -> tuple[float, float]:
    """Lag of the film's level curve behind the stem's, and their correlation there; the smallest lag wins a tie."""
    reach = round(_SEARCHED_S / LEVEL_STEP_S)
    curve, reference = film - film.mean(), stem - stem.mean()
    scale = float(np.sqrt(np.dot(curve, curve) * np.dot(reference, reference)))
    if scale == 0 or len(curve) <= 2 * reach:
        return 0.0, 0.0
    lags = sorted(range(-reach, reach + 1), key=abs)
    likeness = {lag: float(np.dot(_moved(curve, lag), _moved(reference, -lag))) / scale for lag in lags}
    best = max(lags, key=lambda lag: likeness[lag])
    return best * float(LEVEL_STEP_S), likeness[best]


def _moved(curve: Levels, steps: int) -> Levels:
    """The part of a curve that overlaps itself moved `steps` earlier: `_moved(a, k)` and `_moved(b, -k)` line up."""
    return curve[steps:] if steps >= 0 else curve[:steps]


def _over_bed_db(film: Levels, stem: Levels, spans: Sequence[SpokenSpan]) -> float:
    """Median over the lines of speech power over the power of everything else in the film."""
    ratios = []
    for span in spans:
        speech = np.square(stem[span.start : span.end], dtype=np.float64)
        whole = np.square(film[span.start : span.end], dtype=np.float64)
        bed = np.maximum(whole - speech, 0).mean() if len(speech) else 0.0
        ratios.append(math.inf if bed <= 0 else _dbfs(math.sqrt(float(speech.mean()) / float(bed))))
    return float(np.median(ratios))


def _dbfs(level: float) -> float:
    return 20 * math.log10(level) if level > 0 else -math.inf
