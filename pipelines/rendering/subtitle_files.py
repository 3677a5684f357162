"""A CaptionTrack as the sidecar files players read: SubRip (`.srt`), WebVTT (`.vtt`) and ASS (`.ass`), UTF-8.

Times are tick boundaries of the film in milliseconds, each rounded by itself from the start of the film, so that
rounding never adds up and two cues that touch share one time. ASS knows hundredths of a second alone; there a time is
the last hundredth not after the boundary, which shows and hides a cue at its own frame up to 100 frames a second.
"""

from __future__ import annotations

from collections.abc import Sequence

from schemas.captions import CaptionTrack
from schemas.timing import EditRate

_ASS_HEAD = """[Script Info]
ScriptType: v4.00+
PlayResX: {width_px}
PlayResY: {height_px}
WrapStyle: 2
ScaledBorderAndShadow: yes

"""

_ASS_STYLE = """[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Caption,Sans,{font_px},&H00FFFFFF,&H00FFFFFF,&H00101010,&H80000000,0,0,0,0,100,100,0,0,1,{outline_px},0,2,\
{side_px},{side_px},{bottom_px},1

"""
"""Colours are alpha, blue, green, red; alignment 2 is centred at the bottom."""

_ASS_EVENTS = """[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""

_WORD_JOINER = "\u2060"
"""Has no width: after a backslash it keeps the player from reading an escape that nobody wrote."""


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


def to_ass(track: CaptionTrack, width_px: int, height_px: int) -> bytes:
    """The track as ASS (v4.00+) for a picture of that size: white text with a dark outline, centred at the bottom.

    Lines are never wrapped by the player: they were broken for reading. Sizes scale with the picture's height, as a
    320 x 180 preview and a 4K master should look alike.
    """
    style = _ASS_STYLE.format(
        font_px=max(8, round(height_px * 0.055)),
        outline_px=max(1, round(height_px / 360)),
        side_px=round(width_px * 0.05),
        bottom_px=round(height_px * 0.05),
    )
    events = [
        f"Dialogue: 0,{_ass_clock(track.edit_rate, cue.start_ticks)},{_ass_clock(track.edit_rate, cue.end_ticks)},"
        f"Caption,,0,0,0,,{_ass_text(cue.lines)}\n"
        for cue in track.cues
    ]
    return (_ASS_HEAD.format(width_px=width_px, height_px=height_px) + style + _ASS_EVENTS + "".join(events)).encode()


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


def _ass_clock(rate: EditRate, ticks: int) -> str:
    hundredths = int(ticks * 100 / rate.fraction)
    seconds, rest = divmod(hundredths, 100)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:02d}"


def _ass_text(lines: Sequence[str]) -> str:
    """Lines with `\\N` between them; braces would open an override block, a backslash an escape."""
    escaped = (line.replace("\\", "\\" + _WORD_JOINER).replace("{", "\\{").replace("}", "\\}") for line in lines)
    return "\\N".join(line.replace("\r", " ").replace("\n", " ") for line in escaped)
