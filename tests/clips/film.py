"""How a generated clip becomes a file, and what is known of it: `Truth`.

shots --draw--> pictures --fade, dissolve, grain--> H.264 |
lines --voices engine--> speech --------------------> AAC | one file
"""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, Self

import av
import cv2
import numpy as np
from av.packet import Packet
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter
from numpy.typing import NDArray
from scipy.signal import resample_poly

from actors.catalogue import open_voices
from schemas.speech import SpeechRequest
from tests.clips.people import Image, TrueFace
from tests.clips.scenes import Grain, Shot

SAMPLE_RATE_HZ = 48_000
_ITU709 = 1


@dataclass(frozen=True)
class Transition:
    """What happens between two shots."""

    kind: Literal["cut", "dissolve", "fade"]
    frames: int = 0
    """Of a dissolve, in which both shots are seen; of a fade, to black, and again as many from black."""


@dataclass(frozen=True)
class TrueWord:
    """A spoken word, [start_s, end_s) from the first frame."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Span:
    """Frames [first_frame, end_frame) in which something happens."""

    kind: Literal["dissolve", "fade_out", "fade_in", "flash"]
    first_frame: int
    end_frame: int


@dataclass(frozen=True)
class Truth:
    """What is known of a generated clip. Frames count from 0 in presentation order."""

    width_px: int
    height_px: int
    rate: Fraction
    frames: int
    cuts: tuple[int, ...] = ()
    """First frames of new shots after hard cuts. Between a fade out and a fade in stands black and no cut."""

    spans: tuple[Span, ...] = ()
    faces: tuple[tuple[TrueFace, ...], ...] = field(default=(), repr=False)
    """One tuple a frame; faces that are wholly outside or covered are not in it."""

    words: tuple[TrueWord, ...] = ()
    times_ms: tuple[int, ...] = ()
    """When each frame is shown, in a film of variable rate."""

    def boxes(self, frame: int, *, visible: float = 0.0) -> list[tuple[float, float, float, float]]:
        """Left, top, width, height of the faces in a frame of which at least the share `visible` is seen."""
        return [face.box for face in self.faces[frame] if face.visible >= visible]

    @property
    def text(self) -> str:
        """All that is said."""
        return " ".join(word.text for word in self.words)

    def write(self, path: Path) -> None:
        """As JSON, one line a frame."""
        document = asdict(self) | {"rate": str(self.rate), "faces": "FACES"}
        lines = [json.dumps([asdict(face) for face in faces]) for faces in self.faces]
        listed = "[\n  " + ",\n  ".join(lines) + "\n ]" if lines else "[]"
        path.write_text(json.dumps(document, indent=1).replace('"FACES"', listed) + "\n")

    @classmethod
    def read(cls, path: Path) -> Self:
        """What `write` wrote."""
        document = json.loads(path.read_text())
        return cls(
            width_px=document["width_px"],
            height_px=document["height_px"],
            rate=Fraction(document["rate"]),
            frames=document["frames"],
            cuts=tuple(document["cuts"]),
            spans=tuple(Span(**span) for span in document["spans"]),
            faces=tuple(
                tuple(TrueFace(face["person"], tuple(face["box"]), face["visible"]) for face in faces)
                for faces in document["faces"]
            ),
            words=tuple(TrueWord(**word) for word in document["words"]),
            times_ms=tuple(document["times_ms"]),
        )


@dataclass(frozen=True)
class Coding:
    """How pictures are encoded; the defaults are near those of a phone's or camera's film."""

    crf: float = 21
    preset: str = "veryfast"
    grain: float = 3.0
    """Standard deviation of the noise, of 255: what makes decoding cost what it costs on real film."""

    pixel_format: str = "yuv420p"
    """Of odd width or height needs whole chroma, `yuv444p`, or the codec `libvpx-vp9`."""

    codec: str = "libx264"
    audio_bit_rate: int = 96_000
    rotation: int = 0
    """0, 90, 180 or 270 degrees counter-clockwise by which a player turns the stored picture. The film is stored lying
    and stands when it is played; its truth is of the standing picture."""

    pixel_aspect: Fraction = Fraction(1)
    """Width of a stored pixel over its height: the picture is stored narrower by it, and players widen it again."""

    variable_rate: bool = False
    """Frames last 0.6 to 1.4 times as long as the rate says, and the middle one half a second."""


def write_film(
    path: Path,
    shots: Sequence[Shot],
    transitions: Sequence[Transition],
    *,
    size: tuple[int, int],
    rate: Fraction | int,
    sound: NDArray[np.float32] | None = None,
    words: tuple[TrueWord, ...] = (),
    coding: Coding | None = None,
    seed: int = 0,
) -> Truth:
    """Writes the clip; the suffix of `path` chooses the container.

    Args:
        path: `.mp4`, `.mov` or `.mkv`.
        shots: What is seen.
        transitions: One between each two shots.
        size: Width and height in pixels.
        rate: Frames a second.
        sound: float32 (N,) in [-1, 1] at SAMPLE_RATE_HZ, or None for a silent film.
        words: What is said in it.
        coding: How to encode.
        seed: Of the grain.
    """
    coding, rate = coding or Coding(), Fraction(rate)
    cut = _Edit(tuple(shots), tuple(transitions), size, rate)
    noise = Grain(*size, coding.grain, seed)
    times_ms = _uneven_ms(cut.frames, rate, seed) if coding.variable_rate else ()
    unit = Fraction(1, 1000) if times_ms else 1 / rate
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        picture = _add_picture(container, size, rate, unit, coding)
        track = None if sound is None else _add_sound(container, coding)
        packets = deque(() if track is None or sound is None else _sound_packets(track, sound))
        converter = _Converter(coding)
        for index, canvas in enumerate(cut.pictures()):
            noise.put_on(canvas)
            frame = converter.converted(canvas)
            frame.pts, frame.time_base = times_ms[index] if times_ms else index, unit
            while packets and _start_s(packets[0]) <= frame.pts * unit:
                container.mux(packets.popleft())
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        container.mux(packets)
    return Truth(
        width_px=size[0], height_px=size[1], rate=rate, frames=cut.frames, cuts=cut.cuts(), spans=cut.spans(),
        faces=tuple(cut.faces()), words=words, times_ms=times_ms,
    )  # fmt: skip


def _uneven_ms(frames: int, rate: Fraction, seed: int) -> tuple[int, ...]:
    lengths = np.random.default_rng(seed).uniform(0.6, 1.4, frames) * 1000 / float(rate)
    lengths[frames // 2] = 500
    return tuple(int(at) for at in np.concatenate([[0], np.cumsum(lengths.round())])[:-1])


class _Converter:
    """Drawn pictures as frames for the encoder, turned so that they lie as they are to be stored."""

    def __init__(self, coding: Coding) -> None:
        self._coding = coding
        self._reformatter = VideoReformatter()

    def converted(self, canvas: Image) -> av.VideoFrame:
        lying = np.ascontiguousarray(np.rot90(canvas, -(self._coding.rotation // 90)))
        return self._reformatter.reformat(
            av.VideoFrame.from_ndarray(lying, "bgr24"),
            width=round(lying.shape[1] / self._coding.pixel_aspect),
            format=self._coding.pixel_format,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT,
            threads=1,
        )


class _Edit:
    """Shots laid out on the frames of a film; a dissolve lets them overlap."""

    def __init__(
        self, shots: tuple[Shot, ...], transitions: tuple[Transition, ...], size: tuple[int, int], rate: Fraction
    ) -> None:
        assert len(transitions) == len(shots) - 1, f"{len(shots)} shots, {len(transitions)} transitions"
        self._shots, self._transitions, self._size, self._rate = shots, transitions, size, float(rate)
        self._starts = [0]
        for shot, after in zip(shots, transitions, strict=False):
            overlap = after.frames if after.kind == "dissolve" else 0
            self._starts.append(self._starts[-1] + shot.frames - overlap)
        self.frames = self._starts[-1] + shots[-1].frames

    def pictures(self) -> Iterator[Image]:
        for frame in range(self.frames):
            first, second, share = self._shown(frame)
            canvas = self._draw(first, frame)
            if second is not None:
                other = self._draw(second, frame)
                canvas = cv2.addWeighted(canvas, 1 - share, other, share, 0).astype(np.uint8, copy=False)
            light = self._light(frame)
            yield canvas if light == 1 else cv2.convertScaleAbs(canvas, alpha=light).astype(np.uint8, copy=False)

    def faces(self) -> Iterator[tuple[TrueFace, ...]]:
        for frame in range(self.frames):
            first, second, _ = self._shown(frame)
            found = [
                face
                for index in (first, second)
                if index is not None
                for face in self._shots[index].faces(frame - self._starts[index], *self._size, self._rate)
            ]
            yield tuple(found)

    def cuts(self) -> tuple[int, ...]:
        return tuple(
            start for start, before in zip(self._starts[1:], self._transitions, strict=True) if before.kind == "cut"
        )

    def spans(self) -> tuple[Span, ...]:
        found = [
            Span("flash", start + shot.flash_frame, start + shot.flash_frame + 3)
            for start, shot in zip(self._starts, self._shots, strict=True)
            if shot.flash_frame is not None
        ]
        for start, before in zip(self._starts[1:], self._transitions, strict=True):
            if before.kind == "dissolve":
                found.append(Span("dissolve", start, start + before.frames))
            if before.kind == "fade":
                found.append(Span("fade_out", start - before.frames, start))
                found.append(Span("fade_in", start, start + before.frames))
        return tuple(sorted(found, key=lambda span: span.first_frame))

    def _shown(self, frame: int) -> tuple[int, int | None, float]:
        """The shot that is on, the one that a dissolve leads to, and the share of that."""
        index = max(k for k, start in enumerate(self._starts) if start <= frame)
        before = self._transitions[index - 1] if index else None
        into = frame - self._starts[index]
        if before is not None and before.kind == "dissolve" and into < before.frames:
            return index - 1, index, (into + 0.5) / before.frames
        return index, None, 0.0

    def _light(self, frame: int) -> float:
        """1, less within a fade."""
        for start, before in zip(self._starts[1:], self._transitions, strict=True):
            if before.kind == "fade" and start - before.frames <= frame < start + before.frames:
                away = start - frame - 0.5 if frame < start else frame - start + 0.5
                return away / before.frames
        return 1.0

    def _draw(self, index: int, frame: int) -> Image:
        return self._shots[index].draw(frame - self._starts[index], *self._size, self._rate)


def spoken(
    lines: Sequence[str], seconds: float, *, pause_s: float = 0.4
) -> tuple[NDArray[np.float32], tuple[TrueWord, ...]]:
    """Lines spoken one after another, again from the first until `seconds` are full; float32 (N,) at SAMPLE_RATE_HZ.

    A line that does not fit any more is left out. The voice is the one of the project's own engine.
    """
    voices = open_voices()
    assert not voices.spec.degraded, f"the clips need a voice that is heard: {voices.spec.degraded}"
    lengths = round(seconds * SAMPLE_RATE_HZ)
    track, words, at = np.zeros(lengths, np.float32), [], round(0.3 * SAMPLE_RATE_HZ)
    said = voices.infer([SpeechRequest(text=line) for line in lines])
    voices.close()
    for turn in range(10_000):
        line = said[turn % len(said)]
        up, down = Fraction(SAMPLE_RATE_HZ, line.speech.sample_rate_hz).as_integer_ratio()
        heard = resample_poly(line.pcm.astype(np.float32) / 32_768, up, down).astype(np.float32)
        if at + len(heard) > lengths:
            break
        track[at : at + len(heard)] += 0.8 * heard
        for word in line.speech.words:
            start_s, end_s = (
                round(at / SAMPLE_RATE_HZ + samples / line.speech.sample_rate_hz, 4)
                for samples in (word.start_samples, word.end_samples)
            )
            words.append(TrueWord(word.text, start_s, end_s))
        at += len(heard) + round(pause_s * SAMPLE_RATE_HZ)
    return track, tuple(words)


def music_bed(seconds: float, *, seed: int = 0) -> NDArray[np.float32]:
    """Broken chords over soft noise, without a voice; float32 (N,) at SAMPLE_RATE_HZ."""
    samples = round(seconds * SAMPLE_RATE_HZ)
    random = np.random.default_rng(seed)
    bed = 0.02 * resample_poly(random.standard_normal(samples // 8 + 2), 8, 1)[:samples]
    step = SAMPLE_RATE_HZ // 4
    time_s = np.arange(step * 3) / SAMPLE_RATE_HZ
    envelope = np.minimum(1, time_s / 0.01) * np.exp(-3 * time_s)
    chords = ((220.0, 261.63, 329.63, 440.0), (174.61, 220.0, 261.63, 349.23), (196.0, 246.94, 293.66, 392.0))
    for note, start in enumerate(range(0, samples, step)):
        pitch_hz = chords[note // 8 % len(chords)][note % 4]
        tone = envelope * (np.sin(2 * math.pi * pitch_hz * time_s) + 0.3 * np.sin(4 * math.pi * pitch_hz * time_s))
        end = min(samples, start + len(tone))
        bed[start:end] += 0.12 * tone[: end - start]
    return bed.astype(np.float32)


def _add_picture(
    container: av.container.OutputContainer, size: tuple[int, int], rate: Fraction, unit: Fraction, coding: Coding
) -> av.VideoStream:
    stream = container.add_stream(coding.codec, rate=rate, options=_encoder_options(coding))
    assert isinstance(stream, av.VideoStream)
    width_px, height_px = size if coding.rotation % 180 == 0 else size[::-1]
    stream.width, stream.height = round(width_px / coding.pixel_aspect), height_px
    stream.pix_fmt = coding.pixel_format
    if coding.rotation:
        stream.set_display_rotation(coding.rotation)
    context = stream.codec_context
    context.time_base, context.thread_count = unit, 1
    if coding.pixel_aspect != 1:
        context.sample_aspect_ratio = coding.pixel_aspect
    context.flags |= av.codec.context.Flags.bitexact
    context.colorspace, context.color_range = _ITU709, ColorRange.MPEG
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    return stream


def _encoder_options(coding: Coding) -> dict[str, str]:
    if coding.codec == "libvpx-vp9":
        return {"deadline": "realtime", "cpu-used": "8", "crf": str(coding.crf)}
    options = {"preset": coding.preset, "crf": str(coding.crf)}
    params = {"libx264": {"x264-params": "cpu-independent=1"}, "libx265": {"x265-params": "log-level=none:pools=none"}}
    return options | params.get(coding.codec, {})


def _add_sound(container: av.container.OutputContainer, coding: Coding) -> av.AudioStream:
    stream = container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="mono")
    assert isinstance(stream, av.AudioStream)
    stream.codec_context.bit_rate, stream.codec_context.thread_count = coding.audio_bit_rate, 1
    stream.codec_context.flags |= av.codec.context.Flags.bitexact
    return stream


def _sound_packets(stream: av.AudioStream, sound: NDArray[np.float32]) -> list[Packet[Any]]:
    frame = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
    frame.rate, frame.pts = SAMPLE_RATE_HZ, 0
    return [*stream.encode(frame), *stream.encode(None)]


def _start_s(packet: Packet[Any]) -> Fraction:
    return (packet.pts or 0) * packet.time_base
