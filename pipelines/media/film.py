"""The finished film: segments stitched without re-encoding, one AAC track, one caption track, in one MP4.

    segment 0 | segment 1 | ...   packets renumbered, never decoded
    mix.wav ------------------>   AAC once over the whole (soundtrack.py)
    cues ---------------------->  mov_text, at the exact tick

Packets are muxed in decoding order as they are read, so that memory does not grow with the film (the muxer keeps some
hundred bytes a packet for its index). The encoder delay of AAC lies before zero and an edit list hides it: sample 0 of
the mix is heard with frame 0.
"""

from __future__ import annotations

import heapq
import math
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av
from av.container import OutputContainer
from av.packet import Packet

from pipelines.media.language import track_language
from pipelines.media.soundtrack import SAMPLE_RATE_HZ, add_soundtrack, sound_packets
from pipelines.media.whole_file import whole_file
from schemas.captions import CaptionTrack, Cue
from schemas.errors import Defect
from schemas.timing import EditRate

_MAX_MOVIE_TIMESCALE = 10_000_000

_CAPTION_STYLE = (
    "[Script Info]\nScriptType: v4.00+\nPlayResX: 384\nPlayResY: 288\n\n[V4+ Styles]\n"
    "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, "
    "Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, "
    "MarginV, Encoding\n"
    "Style: Default,Sans,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,1\n"
)
"""The muxer wants a style; players use their own."""


def assemble_film(
    path: Path,
    *,
    segments: Sequence[Path],
    rate: EditRate,
    mix_wav: Path | None,
    cues: CaptionTrack | None,
    language: str,
    title: str,
) -> None:
    """Write the film to `path`, which appears only when it is whole.

    Args:
        path: An `.mp4`.
        segments: Files of `segment.SegmentEncoder` with one size and rate, in film order.
        rate: The edit rate of the film.
        mix_wav: The mastered mix; it must end within one tick of the picture. Missing samples become silence, surplus
            ones are cut, so that sound and picture end together. None for a film without sound.
        cues: At the edit rate of the film; sorted, not overlapping. None for a film without a caption track.
        language: BCP 47 tag of dialogue and captions.
        title: Shown by players.

    Raises:
        Defect: a segment does not fit the others, the mix has another length, or a cue lies outside the film.
    """
    if cues is not None and cues.edit_rate != rate:
        raise Defect(f"captions are timed at {cues.edit_rate.fraction}, the film at {rate.fraction}")
    with whole_file(path) as partial:
        options = {
            "fflags": "+bitexact",
            "movflags": "+faststart",
            "movie_timescale": str(_movie_timescale(rate)),
        }
        with av.open(str(partial), "w", format="mp4", options=options) as container:
            container.metadata["title"] = title
            _write(container, segments, rate, mix_wav, cues.cues if cues else None, track_language(language))


def _write(
    container: OutputContainer,
    segments: Sequence[Path],
    rate: EditRate,
    mix_wav: Path | None,
    cues: Sequence[Cue] | None,
    track: str,
) -> None:
    video = _add_picture(container, segments, track)
    audio = add_soundtrack(container, track) if mix_wav is not None else None
    captions = _add_captions(container, rate, track) if cues is not None else None
    frames = _count_frames(segments, rate)
    for cue in cues or ():
        if not cue.start_ticks < cue.end_ticks <= frames:
            raise Defect(f"cue {cue.element_id!r} [{cue.start_ticks}, {cue.end_ticks}) lies outside {frames} ticks")
    one_frame = rate.boundary_samples(1, SAMPLE_RATE_HZ)
    tracks: list[Iterator[Packet[Any]]] = [_picture_packets(video, segments, rate)]
    if captions is not None and cues is not None:
        tracks.append(_caption_packets(captions, cues, rate))
    if audio is not None and mix_wav is not None:
        tracks.append(sound_packets(audio, mix_wav, rate.boundary_samples(frames, SAMPLE_RATE_HZ), one_frame))
    for packet in heapq.merge(*tracks, key=_decoding_time):
        container.mux(packet)


def _decoding_time(packet: Packet[Any]) -> float:
    assert packet.dts is not None
    return packet.dts * packet.time_base.numerator / packet.time_base.denominator


def _movie_timescale(rate: EditRate) -> int:
    """Units a second in which both a tick and a sample are whole, so that edit lists are exact."""
    exact = math.lcm(rate.numerator, SAMPLE_RATE_HZ)
    return exact if exact <= _MAX_MOVIE_TIMESCALE else SAMPLE_RATE_HZ


def _count_frames(segments: Sequence[Path], rate: EditRate) -> int:
    total = 0
    for path in segments:
        with av.open(str(path), format="mp4") as segment:
            stream = segment.streams.video[0]
            if stream.average_rate != rate.fraction:
                raise Defect(f"segment {path.name!r} runs at {stream.average_rate}, the film at {rate.fraction}")
            total += stream.frames
    return total


def _add_picture(container: OutputContainer, segments: Sequence[Path], track: str) -> av.VideoStream:
    if not segments:
        raise Defect("a film needs at least one segment")
    with av.open(str(segments[0]), format="mp4") as first:
        stream = container.add_stream_from_template(first.streams.video[0])
    stream.metadata["language"] = track
    return stream


def _picture_packets(video: av.VideoStream, segments: Sequence[Path], rate: EditRate) -> Iterator[Packet[Any]]:
    """Packets of all segments, numbered through: without B-frames, packet k is frame k."""
    headers = video.codec_context.extradata
    tick = 0
    for path in segments:
        with av.open(str(path), format="mp4") as segment:
            stream = segment.streams.video[0]
            if stream.codec_context.extradata != headers:
                raise Defect(f"segment {path.name!r} was encoded with other settings than the first")
            for position, packet in enumerate(packet for packet in segment.demux(stream) if packet.size):
                if packet.pts != packet.dts or (position == 0 and not packet.is_keyframe):
                    raise Defect(f"segment {path.name!r}: frame {position} is out of order or no key frame")
                packet.stream, packet.time_base = video, 1 / rate.fraction
                packet.pts = packet.dts = tick
                packet.duration = 1
                yield packet
                tick += 1


def _add_captions(container: OutputContainer, rate: EditRate, track: str) -> av.subtitles.stream.SubtitleStream:
    stream = container.add_stream("mov_text")
    stream.codec_context.subtitle_header = _CAPTION_STYLE.encode()
    stream.codec_context.time_base = stream.time_base = 1 / rate.fraction
    stream.metadata["language"] = track
    stream.disposition = av.stream.Disposition.default
    return stream


def _caption_packets(
    captions: av.subtitles.stream.SubtitleStream, cues: Sequence[Cue], rate: EditRate
) -> Iterator[Packet[Any]]:
    """One packet a cue: the length of its text, 16 bits big-endian, then the text in UTF-8 (3GPP TS 26.245)."""
    for cue in cues:
        text = "\n".join(cue.lines).encode()
        packet: Packet[Any] = Packet(struct.pack(">H", len(text)) + text)
        packet.stream, packet.time_base = captions, 1 / rate.fraction
        packet.pts = packet.dts = cue.start_ticks
        packet.duration = cue.end_ticks - cue.start_ticks
        yield packet
