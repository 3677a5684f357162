"""Which source is heard when in a mix, and which time of it: `map_origins`.

    windows of the mix -> seeds (pairs vote) -> lines (fitted, grown) -> evidence by 0.1 s -> one path through all

The path may change at every frame; to begin a line has a price. So a stretch is claimed only with more evidence than
coincidence brings, pauses inside one are bridged, and where two sources fit the better one is chosen.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.origin.evidence import FRAME_S, ChanceMap, Evidence, Line, evidence
from pipelines.origin.fingerprint import Fingerprint
from pipelines.origin.lines import grown, same, within
from pipelines.origin.pairs import PairIndex, Seed, Tempo
from pipelines.origin.peaks import Peaks, peaks

ENTRY_NATS, SEARCHED_S2, TAIL_NATS = 40.0, 32_000.0, 3.5
"""Price of a line: ENTRY_NATS if SEARCHED_S2 (seconds of the mix times seconds of the sources) or less were searched,
TAIL_NATS more for every e times that.

In 42 searches of that size for generated music and noise in sounds that were not made of them, 3 coincidences had over
24 nats, and a share of about exp(-1 / TAIL_NATS) survives each nat more: 40 would be reached once in 1,300 searches.
The same words by the same synthetic voice reach 24 nats three times in each search and 40 once in 30; the longest had
33, in 0.8 s."""

EXIT_NATS = 4.0
"""Price of none after a line: a frame without landmarks ends nothing."""

EDGE_NATS = 2.0
"""What the edge of a line has to bring to be claimed beside none: a line that ends by chance alone ends late, with any
agreement that follows. Of 648 borders of generated mixes (clean, at 10 dB and in Opus) 5.2 % were passed by more than
0.1 s without this and 1.0 % by more than 0.4 s; with 2 nats 0.5 % and none, the furthest by 0.2 s. Right were 0.961 of
the time and 0.962; with 4 nats, which leave no border passed by 0.1 s, 0.960."""

WINDOW_S = 4.0
SEEDS_PER_WINDOW = 5
LEAST_VOTES = 5

SPEEDS = tuple(1 + step / 100 for step in range(-6, 7))
RESAMPLED = tuple(Tempo(speed, speed) for speed in SPEEDS)
STRETCHED = tuple(Tempo(speed, 1.0) for speed in SPEEDS if speed != 1)
"""Played faster or slower at the same pitch."""

BLOCK_FRAMES = 1_024

MARGIN_S = 1.0
"""Beyond a line's ends where it may still be followed."""


@dataclass(frozen=True)
class OriginSpan:
    """[start_s, end_s) of a mix and where it came from."""

    start_s: float
    end_s: float
    source_id: str | None
    """None: nothing known."""

    source_start_s: float = 0.0
    """Time of the source that is heard at `start_s`."""

    speed: float = 1.0
    """Seconds of the source that pass in a second of the mix."""

    confidence: float = 0.0
    """How likely this is the origin, given that the next best (another source, another time, or none) might be;
    0.5 where two fit equally well."""

    votes: int = 0
    """Landmarks of the source that were found in the span."""


def map_origins(
    mix: Fingerprint, sources: Mapping[str, Fingerprint], *, tempos: Sequence[Tempo] = RESAMPLED + STRETCHED
) -> tuple[OriginSpan, ...]:
    """Spans that cover the mix in order, without gap or overlap. The same input gives the same spans."""
    names = sorted(sources)
    heard, offered = peaks(mix), [peaks(sources[name]) for name in names]
    chances = ChanceMap(heard)
    price = entry_nats(mix.duration_s, sum(one.duration_s for one in offered))
    lines = _lines(heard, chances, offered, tempos, price) if names else []
    found = [evidence(heard, chances, offered[line.source], line) for line in lines]
    frames = int(np.ceil(mix.duration_s / FRAME_S))
    spans = []
    for start, end, number in trimmed(_path(found, frames, price), found):
        start_s, end_s = start * FRAME_S, min(end * FRAME_S, mix.duration_s)
        if number is None:
            spans.append(OriginSpan(start_s, end_s, None))
            continue
        line = lines[number]
        spans.append(
            OriginSpan(
                start_s,
                end_s,
                names[line.source],
                line.source_time_s(start_s),
                line.tempo.speed,
                _confidence(lines, found, number, start, end, price),
                int(found[number].heard[start - found[number].first_frame : end - found[number].first_frame].sum()),
            )
        )
    return tuple(spans)


def entry_nats(mix_s: float, sources_s: float) -> float:
    """The evidence that a line has to bring, in nats: the more places are tried, the better the best coincidence."""
    return ENTRY_NATS + TAIL_NATS * math.log(max(1.0, mix_s * sources_s / SEARCHED_S2))


def _lines(
    mix: Peaks, chances: ChanceMap, sources: Sequence[Peaks], tempos: Sequence[Tempo], price: float
) -> list[Line]:
    """All lines that some seed leads to, with a margin on both sides; each once."""
    index = PairIndex(sources)
    seeds: list[Seed] = []
    for start_s in np.arange(0.0, mix.duration_s, WINDOW_S):
        best = index.seeds(mix, float(start_s), float(start_s + WINDOW_S), tempos, SEEDS_PER_WINDOW)
        seeds += [seed for seed in best if seed.votes >= LEAST_VOTES]
    lines: list[Line] = []
    for seed in sorted(seeds, key=lambda one: -one.votes):
        guess = Line(seed.source, seed.mix_s, seed.source_s, seed.tempo, 0, 0)
        if any(line.start_s <= seed.mix_s < line.end_s and same(line, guess, seed.mix_s) for line in lines):
            continue
        line = grown(mix, chances, sources[seed.source], seed, WINDOW_S / 2, price)
        if line is not None:
            wider = within(line, line.start_s - MARGIN_S, line.end_s + MARGIN_S, mix, sources[seed.source])
            lines.append(wider or line)
    return lines


def _path(found: Sequence[Evidence], frames: int, price: float) -> list[tuple[int, int, int | None]]:
    """(first frame, frame after the last, line or None) of the path with the most evidence less what lines cost.

    Viterbi's algorithm; since a line may begin wherever the best path so far ends, each line only remembers when it
    was entered.
    """
    totals, entered = np.full(len(found) + 1, -np.inf), np.zeros(len(found) + 1, np.int64)
    best_state, best_entry = np.zeros(frames, np.int64), np.zeros(frames, np.int64)
    best = totals[0] = 0.0  # state 0 is none: of equals the first is taken
    costs = np.concatenate([[EXIT_NATS], np.full(len(found), price)])
    for start in range(0, frames, BLOCK_FRAMES):
        stop = min(frames, start + BLOCK_FRAMES)
        block = np.stack([np.zeros(stop - start), *(one.between(start, stop) for one in found)], axis=1)
        for frame in range(start, stop):
            fresh = best - costs
            entered = np.where(fresh > totals, frame, entered)
            totals = np.maximum(totals, fresh) + block[frame - start]
            state = int(np.argmax(totals))
            best = totals[state]
            best_state[frame], best_entry[frame] = state, entered[state]
    spans: list[tuple[int, int, int | None]] = []
    end = frames
    while end:
        state, start = int(best_state[end - 1]), int(best_entry[end - 1])
        spans.append((start, end, state - 1 if state else None))
        end = start
    return spans[::-1]


def trimmed(
    path: Sequence[tuple[int, int, int | None]], found: Sequence[Evidence]
) -> list[tuple[int, int, int | None]]:
    """The path, where none takes what lines have beside it up to EDGE_NATS of evidence.

    Every line of it has more than that, so something is left of each.
    """
    spans: list[tuple[int, int, int | None]] = []
    for place, (start, end, number) in enumerate(path):
        if number is None:
            spans.append((spans[-1][1] if spans else 0, end, None))
            continue
        first, last = start, end
        if spans and spans[-1][2] is None:
            weak = np.flatnonzero(np.cumsum(found[number].between(start, end)) <= EDGE_NATS)
            first += int(weak[-1]) + 1 if len(weak) else 0
            spans[-1] = (spans[-1][0], first, None)
        if place + 1 < len(path) and path[place + 1][2] is None:
            weak = np.flatnonzero(np.cumsum(found[number].between(first, end)[::-1])[::-1] <= EDGE_NATS)
            last = first + int(weak[0]) if len(weak) else end
        spans.append((first, last, number))
    return spans


def _confidence(
    lines: Sequence[Line], found: Sequence[Evidence], number: int, start: int, end: int, price: float
) -> float:
    """How likely the line is against the best that says something else about the span."""
    own, rival, middle_s = float(found[number].between(start, end).sum()), price, (start + end) / 2 * FRAME_S
    for line, one in zip(lines, found, strict=True):
        if not same(line, lines[number], middle_s):
            rival = max(rival, float(one.between(start, end).sum()))
    return float(1 / (1 + np.exp(np.clip(rival - own, -50, 50))))
