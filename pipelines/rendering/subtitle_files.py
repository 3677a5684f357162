"""A CaptionTrack as the sidecar files players read: SubRip (`.srt`) and WebVTT (`.vtt`), UTF-8.

Times are tick boundaries of the film in milliseconds, each rounded by itself from the start of the film, so that
rounding never adds up and two cues that touch share one time.
"""

from __future__ import annotations

from schemas.captions import CaptionTrack
from schemas.timing import EditRate


def to_srt(track: CaptionTrack) -> bytes:
    """The track as SubRip."""
    blocks = [
        f"{number}\n{_span(track.edit_rate, cue.start_ticks, cue.end_ticks, ',')}\n" + "\n".join(cue.lines) + "\n"
        for number, cue in enumerate(track.cues, start=1)
    ]
    return "\n".join(blocks).encode()


def to_vtt(track: CaptionTrack) -> bytes:
    """The track as WebVTT; `&`, `<` and `>` are escaped, since they start markup there."""
    blocks = [
        f"{_span(track.edit_rate, cue.start_ticks, cue.end_ticks, '.')}\n" + "\n".join(map(_escaped, cue.lines)) + "\n"
        for cue in track.cues
    ]
    return "\n".join(["WEBVTT\n", *blocks]).encode()


def boundary_ms(ticks: int, rate: EditRate) -> int:
    """Time of a tick boundary in whole milliseconds, rounded half to even."""
    return round(ticks * 1000 / rate.fraction)


def _span(rate: EditRate, start_ticks: int, end_ticks: int, point: str) -> str:
    return f"{_clock(boundary_ms(start_ticks, rate), point)} --> {_clock(boundary_ms(end_ticks, rate), point)}"


def _clock(milliseconds: int, point: str) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{rest:03d}"


def _escaped(line: str) -> str:
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
