"""The rules of a delivery profile, measured on finished cues. What a cue breaks is listed, never repaired here.

rule             measured                          limit
line_length      characters of the widest line     max_line_characters
line_count       lines                             max_lines
reading_speed    characters a second               max_characters_per_s
min_duration     seconds                           min_duration_s
max_duration     seconds                           max_duration_s
gap              ticks since the cue before        min_gap_ticks
shot_change      ticks past a cut that the         0
                 spoken line does not cross
sync             ticks between the cue and its     1
                 part of the spoken line
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from pipelines.rendering.caption_words import width
from schemas.captions import CaptionProfile, CaptionViolation, Cue
from schemas.shotlist import ShotList
from schemas.timing import EditRate

SYNC_TICKS = 1
"""A cue begins within one frame of its words."""

ROUNDING_S = 1e-9
"""Far below a tick, far above the error of a float."""


def caption_violations(
    cues: Sequence[Cue], spoken_starts_ticks: Sequence[int], shotlist: ShotList, profile: CaptionProfile
) -> tuple[CaptionViolation, ...]:
    """Every rule that a cue breaks, by cue index, then in the order of the table above.

    Args:
        cues: of the whole film, in order.
        spoken_starts_ticks: when the words of each cue begin, in ticks of the film.
        shotlist: where the cuts and the spoken lines lie.
        profile: limits.
    """
    cuts = [shot.start_ticks for shot in shotlist.shots]
    spoken_ends = {
        line.element_id: shot.start_ticks + line.offset_ticks + line.duration_ticks for shot, line in shotlist.lines()
    }
    found: list[CaptionViolation] = []
    for index, (cue, spoken_start) in enumerate(zip(cues, spoken_starts_ticks, strict=True)):
        previous = cues[index - 1] if index else None
        measures = [
            *_text_rules(cue, profile),
            *_time_rules(cue, previous, shotlist.edit_rate, profile),
            *_picture_rules(cue, spoken_start, cuts, spoken_ends[cue.element_id]),
        ]
        found += [
            CaptionViolation(rule=rule, cue_index=index, measured=measured, limit=limit)
            for rule, measured, limit in measures
        ]
    return tuple(found)


def reading_s(lines: Sequence[str], profile: CaptionProfile) -> float:
    """Seconds that a caption must stand to be read."""
    return max(profile.min_duration_s, sum(map(width, lines)) / profile.max_characters_per_s)


def _text_rules(cue: Cue, profile: CaptionProfile) -> Iterator[tuple[str, float, float]]:
    widest = max(map(width, cue.lines))
    if widest > profile.max_line_characters:
        yield "line_length", widest, profile.max_line_characters
    if len(cue.lines) > profile.max_lines:
        yield "line_count", len(cue.lines), profile.max_lines


def _time_rules(
    cue: Cue, previous: Cue | None, rate: EditRate, profile: CaptionProfile
) -> Iterator[tuple[str, float, float]]:
    duration_s = rate.seconds(cue.end_ticks - cue.start_ticks)
    speed = sum(map(width, cue.lines)) / duration_s
    if speed > profile.max_characters_per_s * (1 + ROUNDING_S):
        yield "reading_speed", round(speed, 3), profile.max_characters_per_s
    if duration_s < profile.min_duration_s - ROUNDING_S:
        yield "min_duration", round(duration_s, 3), profile.min_duration_s
    if duration_s > profile.max_duration_s + ROUNDING_S:
        yield "max_duration", round(duration_s, 3), profile.max_duration_s
    if previous is not None and cue.start_ticks - previous.end_ticks < profile.min_gap_ticks:
        yield "gap", cue.start_ticks - previous.end_ticks, profile.min_gap_ticks


def _picture_rules(
    cue: Cue, spoken_start: int, cuts: Sequence[int], spoken_end: int
) -> Iterator[tuple[str, float, float]]:
    next_cut = bisect_right(cuts, cue.start_ticks)
    if next_cut < len(cuts) and cuts[next_cut] < cue.end_ticks and spoken_end <= cuts[next_cut]:
        yield "shot_change", cue.end_ticks - cuts[next_cut], 0
    if abs(cue.start_ticks - spoken_start) > SYNC_TICKS:
        yield "sync", cue.start_ticks - spoken_start, SYNC_TICKS
