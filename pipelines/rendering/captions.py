"""ShotList, voice lines and their measures -> CaptionTrack: what is read, when, and which rules could not be kept.

spoken     |---- line ----------|
cue        |==== text ================|    out-time runs into the pause when reading needs it
shot    |--------------------------------|   ... but not over the cut, and a gap stays before it
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial

from pipelines.adaptation.speaker_label import speaker_label
from pipelines.rendering.caption_rules import caption_violations, reading_s
from pipelines.rendering.caption_split import LineClock, split_line
from pipelines.rendering.caption_words import TimedWord, timed_words
from schemas.asset_manifest import VoiceLineNeed
from schemas.captions import CaptionProfile, CaptionTrack, Cue
from schemas.errors import Defect
from schemas.shotlist import Shot, ShotLine, ShotList
from schemas.speech import Speech
from schemas.timing import EditRate


@dataclass(frozen=True)
class SpokenPiece:
    """Text of one cue and the ticks of the film it belongs to, before it has an out-time."""

    element_id: str
    speaker_id: str
    lines: tuple[str, ...]
    start_ticks: int
    """Where its words begin."""

    said_ticks: int
    """Where its words are over."""

    room_ticks: int
    """Where it must be gone: before the cut, and before the next line."""


def caption_track(
    shotlist: ShotList,
    voice_lines: Mapping[str, VoiceLineNeed],
    speech: Mapping[str, Speech],
    profile: CaptionProfile | None = None,
) -> CaptionTrack:
    """The captions of the film. Every word of every line stands in them once; cues are in order and never overlap.

    The first caption of a line whose speaker is not seen begins with their name: `MARA: Come home.`

    Args:
        shotlist: when each line is heard.
        voice_lines: what is said and by whom, by element_id.
        speech: when each word of a line sounds, by element_id; a line without word times is divided by characters.
        profile: limits of the delivery; the defaults of CaptionProfile when None.

    Raises:
        Defect: a line of the shot list is no voice line or was not measured.
    """
    profile = profile or CaptionProfile()
    pieces = tuple(_pieces(shotlist, voice_lines, speech, profile))
    cues = _timed(pieces, shotlist.edit_rate, profile)
    starts = [piece.start_ticks for piece in pieces]
    return CaptionTrack(
        language=shotlist.language,
        edit_rate=shotlist.edit_rate,
        profile=profile,
        cues=cues,
        violations=caption_violations(cues, starts, shotlist, profile),
    )


def _pieces(
    shotlist: ShotList,
    written: Mapping[str, VoiceLineNeed],
    speech: Mapping[str, Speech],
    profile: CaptionProfile,
) -> Iterator[SpokenPiece]:
    lines = list(shotlist.lines())
    for index, (shot, line) in enumerate(lines):
        if line.element_id not in written or line.element_id not in speech:
            raise Defect(f"line {line.element_id!r} of the shot list is no voice line or was not measured")
        following = lines[index + 1] if index + 1 < len(lines) else None
        room = _room_ticks(shot, line, following, profile.min_gap_ticks)
        said = written[line.element_id]
        words = (
            *_label(speaker_label(line, said.speaker_name, profile)),
            *timed_words(said.text, speech[line.element_id], profile.max_line_characters),
        )
        yield from _line_pieces(shot, line, words, speech[line.element_id], room, shotlist.edit_rate, profile)


def _label(label: str) -> Iterator[TimedWord]:
    for word in label.split():
        yield TimedWord(word, 0, 0, is_label=True)


def _room_ticks(shot: Shot, line: ShotLine, following: tuple[Shot, ShotLine] | None, gap_ticks: int) -> int:
    """Where the line's last caption must be gone. A line that runs into the gap before the cut is shown to the cut."""
    said = shot.start_ticks + line.offset_ticks + line.duration_ticks
    before_cut = shot.end_exclusive_ticks - gap_ticks
    room = before_cut if said <= before_cut else max(said, shot.end_exclusive_ticks)
    if following is None:
        return room
    return min(room, following[0].start_ticks + following[1].offset_ticks - gap_ticks)


def _line_pieces(
    shot: Shot,
    line: ShotLine,
    words: Sequence[TimedWord],
    measured: Speech,
    room: int,
    rate: EditRate,
    profile: CaptionProfile,
) -> Iterator[SpokenPiece]:
    begin = shot.start_ticks + line.offset_ticks
    ticks = [rate.nearest_tick_to_sample(word.start_samples, measured.sample_rate_hz) for word in words]
    if words:
        ticks[0] = 0  # the silence before the first sound belongs to the line
    said_ticks = partial(rate.ticks_covering, sample_rate_hz=measured.sample_rate_hz)
    clock = LineClock(
        starts_s=tuple(map(rate.seconds, ticks)),
        said_s=rate.seconds(said_ticks(words[-1].end_samples) if words else 0),
        room_s=rate.seconds(room - begin),
        gap_s=rate.seconds(profile.min_gap_ticks),
    )
    for piece in split_line(words, clock, profile):
        yield SpokenPiece(
            element_id=line.element_id,
            speaker_id=line.speaker_id,
            lines=piece.lines,
            start_ticks=begin + ticks[piece.first],
            said_ticks=begin + said_ticks(words[piece.end - 1].end_samples),
            room_ticks=room,
        )


def _timed(pieces: Sequence[SpokenPiece], rate: EditRate, profile: CaptionProfile) -> tuple[Cue, ...]:
    """Cues with out-times: until the words are said and read, within the room, a gap before the next cue.

    When the words leave no time at all, a cue still stands for one tick and pushes the next one back.
    """
    longest = max(1, int(Fraction(profile.max_duration_s).limit_denominator(1000) * rate.fraction))
    reading_ticks = cache(partial(_ticks_for, rate=rate))  # few lengths, many cues
    cues: list[Cue] = []
    for index, piece in enumerate(pieces):
        start = max(piece.start_ticks, cues[-1].end_ticks if cues else 0)
        wanted = max(piece.said_ticks, start + reading_ticks(reading_s(piece.lines, profile)))
        limit = piece.room_ticks
        if index + 1 < len(pieces):
            limit = min(limit, pieces[index + 1].start_ticks - profile.min_gap_ticks)
        end = max(start + 1, min(wanted, start + longest, limit))
        cues.append(
            Cue(
                start_ticks=start,
                end_ticks=end,
                element_id=piece.element_id,
                speaker_id=piece.speaker_id,
                lines=piece.lines,
            )
        )
    return tuple(cues)


def _ticks_for(seconds: float, rate: EditRate) -> int:
    exact = Fraction(seconds).limit_denominator(1_000_000)
    return rate.ticks_covering(exact.numerator, exact.denominator)
