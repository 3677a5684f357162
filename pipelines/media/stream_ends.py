"""Does a film end before its headers say so? FFmpeg takes a file that was cut off for one that is over.

the stream's own header    MP4, MOV
its DURATION tag           Matroska and WebM, by most muxers
the container's header     that of its longest stream, whichever that is
"""

from __future__ import annotations

import re
from fractions import Fraction

import av
from av.container import InputContainer
from av.stream import Stream

from pipelines.media.clip import FrameTimes

MISSING_S, MISSING_SHARE = Fraction(1, 2), Fraction(1, 50)
"""How much may be missing at the end of a film against its headers, which are not always right to the frame."""

_CLOCK = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


def cut_off_from_s(container: InputContainer, picture: av.VideoStream, times: FrameTimes) -> Fraction | None:
    """Seconds that a picture lasted before its file was cut off, by the headers; None when it is whole.

    Args:
        container: The file; it may be read to its end.
        picture: A stream of it.
        times: Of the frames that are there.
    """
    # some muxers count from zero, some from the first frame
    lasts_s = max(times.duration_s, times.end_pts * times.time_base)
    if picture.duration is not None and picture.time_base is not None:
        said_s = picture.duration * picture.time_base
        return said_s if times.ends_torn or times.duration_s < _least_s(said_s) else None
    whole_s = Fraction(container.duration, av.time_base) if container.duration is not None else None
    tagged_s = _tagged_s(picture)
    # a tag that outlasts the file was taken over from a longer one
    if tagged_s is not None and (whole_s is None or tagged_s <= whole_s):
        return tagged_s if lasts_s < _least_s(tagged_s) else None
    if whole_s is None or lasts_s >= _least_s(whole_s) or _another_lasts(container, picture, _least_s(whole_s)):
        return None
    return whole_s


def _least_s(said_s: Fraction) -> Fraction:
    return said_s - max(MISSING_S, MISSING_SHARE * said_s)


def _tagged_s(stream: Stream) -> Fraction | None:
    """What `DURATION` says, or `DURATION-eng` or the like."""
    for name, value in stream.metadata.items():
        if name.partition("-")[0] == "DURATION" and (clock := _CLOCK.fullmatch(value)):
            hours, minutes, seconds = map(Fraction, clock.groups())
            return hours * 3600 + minutes * 60 + seconds
    return None


def _another_lasts(container: InputContainer, picture: Stream, least_s: Fraction) -> bool:
    """Whether the file goes on with a longer sound, say, after its picture is over."""
    others = [stream for stream in container.streams if stream.index != picture.index]
    if not others:
        return False
    container.seek(0)
    return any(
        packet.pts is not None and (packet.pts + (packet.duration or 0)) * packet.time_base >= least_s
        for packet in container.demux(*others)
    )
