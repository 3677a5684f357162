"""Recognised words -> caption cues: divided where people pause and the picture cuts, shown long enough to be read.

    words     It is late. Come home,       Mara.
    cut                     |
    groups    [---------][---------]      [-----]      a pause of 0.75 s, or a cut that the words leave room for
    cues      [=========]|[=========]     [=====]      then as spoken lines of a script are divided (`caption_split`)

What a cue cannot keep of the profile is measured by the same rules as the captions of a script (`caption_rules`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from pipelines.analysis.caption_clock import CaptionClock
from pipelines.rendering.caption_lines import joined
from pipelines.rendering.caption_rules import caption_violations, reading_s
from pipelines.rendering.caption_split import LineClock, split_line
from pipelines.rendering.caption_words import TimedWord, width
from schemas.captions import CaptionProfile, CaptionViolation, Cue
from schemas.shotlist import AudioIntent, Shot, ShotLine, ShotList, timing_lock
from schemas.timing import EditRate

PAUSE_S = 0.75
"""A caption does not stand over a longer silence."""

CUT_REACH_S = 0.125
"""A word that ends or begins so near a cut does not cross it: three frames, within which captions may be off."""

SPEAKER = "unknown"
"""Who speaks is not recognised."""


@dataclass(frozen=True)
class SpokenCue:
    """Words [first, end) as the text of one cue, before it has an out-time."""

    first: int
    end: int
    lines: tuple[str, ...]
    start_ticks: int
    """Where its words begin."""

    said_ticks: int
    """Where its words are over."""


@dataclass(frozen=True)
class CueTrack:
    """Cues, the words of each, and the rules they break."""

    cues: tuple[Cue, ...]
    words: tuple[tuple[int, int], ...]
    """[first, end) of the words of each cue."""

    violations: tuple[CaptionViolation, ...]


def caption_cues(
    words: Sequence[TimedWord], sample_rate_hz: int, clock: CaptionClock, profile: CaptionProfile
) -> CueTrack:
    """The cues of a film, in order and apart; together they hold every word once.

    Args:
        words: of the whole film in order, times in samples since its first frame, each no wider than a line.
        sample_rate_hz: of those times.
        clock: the grid, and where the picture cuts.
        profile: limits, its gap in ticks of the clock.
    """
    spoken = list(_spoken(words, sample_rate_hz, clock, profile))
    cues = _timed(spoken, clock, profile)
    return CueTrack(
        cues,
        tuple((one.first, one.end) for one in spoken),
        caption_violations(cues, [one.start_ticks for one in spoken], _shots(spoken, cues, clock), profile)
        if cues
        else (),
    )


def _spoken(
    words: Sequence[TimedWord], sample_rate_hz: int, clock: CaptionClock, profile: CaptionProfile
) -> Iterator[SpokenCue]:
    starts_s = [word.start_samples / sample_rate_hz for word in words]
    ends_s = [word.end_samples / sample_rate_hz for word in words]
    borders = [*_borders(words, starts_s, ends_s, clock, profile), len(words)]
    gap_s = clock.rate.seconds(profile.min_gap_ticks)
    for first, end in pairwise(borders):
        said_s = ends_s[end - 1]
        room_s = _room_s(starts_s[first], said_s, clock, profile)
        if end < len(words):
            room_s = min(room_s, starts_s[end] - gap_s)
        line = LineClock(tuple(starts_s[first:end]), said_s, room_s, gap_s)
        for piece in split_line(words[first:end], line, profile):
            yield SpokenCue(
                first=first + piece.first,
                end=first + piece.end,
                lines=piece.lines,
                start_ticks=clock.rate.nearest_tick(starts_s[first + piece.first]),
                said_ticks=_tick_covering(ends_s[first + piece.end - 1], clock.rate),
            )


def _room_s(start_s: float, said_s: float, clock: CaptionClock, profile: CaptionProfile) -> float:
    """Until when a cue may stand whose words are said in [start_s, said_s): a gap before the next cut, if it can.

    A cut just before the end of the words ends the cue too, if there was time to see it.
    """
    nearest = max(said_s - CUT_REACH_S, start_s + profile.min_duration_s)
    index = bisect_left(clock.cuts_ticks, clock.rate.nearest_tick(min(nearest, said_s)))
    if index == len(clock.cuts_ticks):
        return float("inf")
    cut_s = clock.rate.seconds(clock.cuts_ticks[index])
    before_s = cut_s - clock.rate.seconds(profile.min_gap_ticks)
    return before_s if said_s <= before_s else cut_s


def _borders(
    words: Sequence[TimedWord],
    starts_s: Sequence[float],
    ends_s: Sequence[float],
    clock: CaptionClock,
    profile: CaptionProfile,
) -> list[int]:
    """First word of each group, from 0."""
    pauses = [0, *(index for index in range(1, len(words)) if starts_s[index] - ends_s[index - 1] >= PAUSE_S)]
    if not words:
        return []
    cuts_s = [clock.rate.seconds(cut) for cut in clock.cuts_ticks]
    borders: list[int] = []
    for first, end in pairwise([*pauses, len(words)]):
        borders.append(first)
        for index in range(first + 1, end):
            cut = bisect_right(cuts_s, ends_s[index - 1] - CUT_REACH_S)
            if cut == len(cuts_s) or cuts_s[cut] > starts_s[index] + CUT_REACH_S:
                continue
            until_s = starts_s[end] if end < len(words) else float("inf")
            before = _readable(words[borders[-1] : index], starts_s[index] - starts_s[borders[-1]], profile)
            after = _readable(words[index:end], until_s - starts_s[index], profile)
            if before and after:
                borders.append(index)
    return borders


def _readable(words: Sequence[TimedWord], available_s: float, profile: CaptionProfile) -> bool:
    """Whether the words can be read in the time they have."""
    return available_s >= max(profile.min_duration_s, width(joined(words)) / profile.max_characters_per_s)


def _timed(spoken: Sequence[SpokenCue], clock: CaptionClock, profile: CaptionProfile) -> tuple[Cue, ...]:
    """Cues with out-times: until the words are said and read, not over a cut, a gap before the next cue.

    When the words leave no time at all, a cue still stands for one tick and pushes the next one back.
    """
    rate = clock.rate
    longest = max(1, int(Fraction(profile.max_duration_s).limit_denominator(1000) * rate.fraction))
    cues: list[Cue] = []
    for index, one in enumerate(spoken):
        start = max(one.start_ticks, cues[-1].end_ticks if cues else 0)
        wanted = max(one.said_ticks, start + _tick_covering(reading_s(one.lines, profile), rate))
        room_s = _room_s(rate.seconds(one.start_ticks), rate.seconds(one.said_ticks), clock, profile)
        limit = wanted if room_s == float("inf") else rate.nearest_tick(room_s)
        if clock.end_ticks is not None:
            limit = min(limit, max(clock.end_ticks, one.said_ticks))
        if index + 1 < len(spoken):
            limit = min(limit, spoken[index + 1].start_ticks - profile.min_gap_ticks)
        end = max(start + 1, min(wanted, start + longest, limit))
        cues.append(Cue(start_ticks=start, end_ticks=end, element_id=f"c{index}", speaker_id=SPEAKER, lines=one.lines))
    return tuple(cues)


def _tick_covering(seconds: float, rate: EditRate) -> int:
    exact = Fraction(seconds).limit_denominator(1_000_000)
    return rate.ticks_covering(exact.numerator, exact.denominator)


def _shots(spoken: Sequence[SpokenCue], cues: Sequence[Cue], clock: CaptionClock) -> ShotList:
    """The film as a shot list, which the rules are measured against: its shots, and the words of each cue as a line."""
    end = max(cues[-1].end_ticks, *(one.said_ticks for one in spoken), *clock.cuts_ticks) + 1
    borders = [0, *clock.cuts_ticks, end]
    lines: list[list[ShotLine]] = [[] for _ in borders[1:]]
    for cue, one in zip(cues, spoken, strict=True):
        shot = bisect_right(borders, one.start_ticks) - 1
        lines[shot].append(
            ShotLine(
                element_id=cue.element_id,
                speaker_id=SPEAKER,
                offset_ticks=one.start_ticks - borders[shot],
                duration_ticks=max(1, one.said_ticks - one.start_ticks),
            )
        )
    shots = tuple(
        Shot(
            shot_id=f"s{index}",
            scene_id="film",
            start_ticks=start,
            duration_ticks=stop - start,
            framing="medium",
            audio=AudioIntent(lines=tuple(heard)),
        )
        for index, ((start, stop), heard) in enumerate(zip(pairwise(borders), lines, strict=True))
    )
    lock = timing_lock(clock.rate, ((shot.shot_id, shot.duration_ticks) for shot in shots))
    return ShotList(title="film", edit_rate=clock.rate, shots=shots, timing_lock_hash=lock)
