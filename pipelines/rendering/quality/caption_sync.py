"""Does every caption stand with its line? Read from the caption track inside the film and from the SubRip file.

A line begins at its shot's start plus its offset. A long line is split into several cues: the first begins with the
line, each of them lies within it. Caption rules may let a cue stay longer than its line, so that it can be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from pipelines.media.finished import TrackCue, track_cues
from pipelines.rendering.quality.verdict import not_applicable, verdict
from schemas.captions import CaptionTrack, Cue
from schemas.render_output import GateResult
from schemas.shotlist import ShotList

TOLERANCE_TICKS = Fraction(1)
_ROUNDING_S = Fraction(1, 2000)
"""A SubRip file holds whole milliseconds."""

LIMIT = "every line captioned, every caption within 1 frame of its line, in the film and in the SRT file"

_SRT_TIMES = re.compile(r"(\d+):(\d\d):(\d\d)[,.](\d{3})\s+-->\s+(\d+):(\d\d):(\d\d)[,.](\d{3})")


def caption_sync(film: Path, srt: bytes, captions: CaptionTrack, shotlist: ShotList) -> GateResult:
    """Compare the cues that a player reads with the lines of the lock.

    Args:
        film: The finished file.
        srt: Content of the SubRip file.
        captions: Says which cue belongs to which line.
        shotlist: Says when each line is heard.
    """
    lines = {line.element_id: shot.start_ticks + line.offset_ticks for shot, line in shotlist.lines()}
    if not lines and not captions.cues:
        return not_applicable("caption_sync", "no line is spoken", limit=LIMIT)
    rate = shotlist.edit_rate.fraction
    problems = [f"line {one!r} has no caption" for one in lines.keys() - {cue.element_id for cue in captions.cues}]
    problems += [
        f"caption of {cue.element_id!r} belongs to no line" for cue in captions.cues if cue.element_id not in lines
    ]
    worst = Fraction(0)
    for name, found in (("film", track_cues(film)), ("srt", srt_cues(srt))):
        if len(found) != len(captions.cues):
            problems.append(f"{name}: {len(found)} captions, {len(captions.cues)} expected")
        for cue, offset in _offsets(captions.cues, found, lines, rate):
            worst = max(worst, abs(offset))
            if abs(offset) > TOLERANCE_TICKS + _ROUNDING_S * rate:
                problems.append(f"{name}: caption of {cue.element_id!r} is {float(offset):+.2f} frames off")
        problems += [f"{name}: {said}" for said in _text_problems(captions.cues, found)]
    return verdict(
        "caption_sync",
        sorted(problems),
        measured=f"{len(captions.cues)} captions of {len(lines)} lines, worst offset {float(worst):.2f} frames",
        limit=LIMIT,
    )


def srt_cues(srt: bytes) -> tuple[TrackCue, ...]:
    """The cues of a SubRip file, in order; blocks without a time line are left out."""
    cues = []
    for block in re.split(r"\n\s*\n", srt.decode("utf-8-sig").replace("\r\n", "\n")):
        times = _SRT_TIMES.search(block)
        if times is not None:
            start_s, end_s = (_srt_seconds(times.groups()[part : part + 4]) for part in (0, 4))
            cues.append(TrackCue(start_s, end_s, block[times.end() :].strip("\n")))
    return tuple(cues)


def _srt_seconds(fields: Sequence[str]) -> Fraction:
    hours, minutes, seconds, milliseconds = map(int, fields)
    return Fraction((hours * 60 + minutes) * 60 + seconds) + Fraction(milliseconds, 1000)


def _offsets(
    cues: Sequence[Cue], found: Sequence[TrackCue], lines: dict[str, int], rate: Fraction
) -> Iterator[tuple[Cue, Fraction]]:
    """Each cue with its distance in ticks, measured on what was found.

    The first cue of a line is measured against the line, the others against their place in the track, which no line
    fixes; so is every end.
    """
    begun: set[str] = set()
    for cue, shown in zip(cues, found, strict=False):
        first = cue.element_id not in begun
        begun.add(cue.element_id)
        expected = lines.get(cue.element_id, cue.start_ticks) if first else cue.start_ticks
        yield cue, max(shown.start_s * rate - expected, shown.end_s * rate - cue.end_ticks, key=abs)


def _text_problems(cues: Sequence[Cue], found: Sequence[TrackCue]) -> Iterator[str]:
    for cue, shown in zip(cues, found, strict=False):
        if shown.text != "\n".join(cue.lines):
            yield f"caption of {cue.element_id!r} reads {shown.text!r}"
