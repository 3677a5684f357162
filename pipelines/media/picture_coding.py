"""How is a decoded picture encoded again, so that it looks the same and is shown at the same size?

    8 bits a sample                                     H.264
    more                                                HEVC: what plays 10 bits in hardware plays them in HEVC
    8 bits, 4:2:0, odd width or height                  VP9, which can say its true size and is played widely
    .webm                                               VP9

Chroma keeps its resolution and samples keep their depth. A pixel format that no encoder takes becomes the smallest one
that holds all of it; transparency is lost. Where halved chroma cannot end with the picture (H.264 and HEVC of odd size)
it becomes whole, so that the picture is not a row or a column larger. The same frames give the same bytes on every
machine: thread counts are constants, and libx264 does not choose its arithmetic by the processor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import av
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from pipelines.media.pixels import EXACT
from schemas.errors import InvalidInput

THREADS = 2
"""Of an encoder. Its bytes depend on the number, which is why it is not the number of cores."""

H264_PRESET, H264_CRF, _H264_AQ = "superfast", 18, "aq-mode=0"
"""Measured on 720p with grain, on an animation, and on a clean film: SSIM 0.986 to 0.995 of the decoded source, at a
third of the time of `veryfast`. Adaptive quantisation costs 20 % more time for 0.002 of SSIM."""

VP9_CRF = 20
"""At `cpu-used=8`, real time; 1.5 times the time of H.264, and 1 dB below it at 0.8 times its rate."""

HEVC_PRESET, HEVC_CRF = "ultrafast", 16
"""libx265 takes twice the time of libx264 at 10 bits even so."""

KEYFRAME_INTERVAL_S = 2
"""Seeking lands at most this far away, as in the films that are rendered here."""

_H264 = ("gray", "yuv420p", "yuv422p", "yuv444p", "yuvj420p", "yuvj422p", "yuvj444p")
_VP9 = ("yuv420p", "yuv422p", "yuv444p")
_HEVC = (
    "gray10le", "yuv420p10le", "yuv422p10le", "yuv444p10le", "gray12le", "yuv420p12le", "yuv422p12le", "yuv444p12le",
)  # fmt: skip

_ITU709 = 1
"""AVCOL_SPC_BT709, AVCOL_PRI_BT709 and AVCOL_TRC_BT709."""


@dataclass(frozen=True)
class PictureLook:
    """What the frames of a film have in common."""

    width_px: int
    height_px: int
    """As stored."""

    pixel_format: str
    rate: Fraction
    """Frames a second, on average."""

    interlaced: bool = False
    uneven: bool = False
    """Whether frames last differently long."""


@dataclass(frozen=True)
class PictureCoding:
    """An encoder, and what it is told."""

    encoder: str
    pixel_format: str
    """What frames are brought to before they are edited."""

    options: Mapping[str, str] = field(default_factory=dict)
    tag: str = ""
    """Four letters by which players of MP4 know the coding, where they are not the container's own choice."""

    interlaced: bool = False


def picture_coding(look: PictureLook, container: str) -> PictureCoding:
    """How a picture is encoded for a container (`mp4`, `mov`, `matroska` or `webm`).

    Raises:
        InvalidInput: WebM is asked for and the picture has more than 8 bits a sample.
    """
    interval = max(1, round(KEYFRAME_INTERVAL_S * look.rate))
    deep = _bits(look.pixel_format) > 8
    if container == "webm" and deep:
        raise InvalidInput(f"a picture in {look.pixel_format!r} does not fit into .webm, which is VP9 with 8 bits here")
    if container == "webm" or (container != "mov" and not deep and _is_odd_420(look)):
        return _vp9(nearest(look.pixel_format, _VP9), interval)
    whole = [name for name in (_HEVC if deep else _H264) if not _is_odd(look, name)]
    pixel_format = nearest(look.pixel_format, whole)
    # MP4 stores how long until the next frame is decoded, not shown: only in order is that how long a frame lasts
    order = ":bframes=0" if look.uneven and container in ("mp4", "mov") else ""
    params = f"keyint={interval}{order}"
    return _hevc(pixel_format, params, container) if deep else _h264(pixel_format, params, look)


def nearest(wanted: str, known: Sequence[str]) -> str:
    """The pixel format itself if it is known, else the smallest known one that holds its depth and chroma.

    Full range stays full range; what is deeper than all of them becomes the deepest.
    """
    if wanted in known:
        return wanted
    alike = [name for name in known if name.startswith("yuvj") == wanted.startswith("yuvj")] or list(known)
    bits = min(_bits(wanted), max(map(_bits, alike)))
    width, height = _chroma(wanted)
    holding = [
        name for name in alike if _bits(name) >= bits and _chroma(name)[0] >= width and _chroma(name)[1] >= height
    ]
    return min(holding, key=lambda name: (_bits(name), *_chroma(name)))


class PictureConverter:
    """Brings frames to a pixel format; those that have it are handed through."""

    def __init__(self, pixel_format: str) -> None:
        self._format = pixel_format
        self._reformatter = VideoReformatter()

    def converted(self, frame: av.VideoFrame) -> av.VideoFrame:
        """The frame in the pixel format, at its time. RGB becomes BT.709 in limited range."""
        if frame.format.name == self._format:
            return frame
        from_rgb = frame.format.is_rgb or frame.format.has_palette
        wide = not from_rgb and (frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj"))
        span = ColorRange.JPEG if wide else ColorRange.MPEG
        return self._reformatter.reformat(
            frame,
            format=self._format,
            dst_colorspace=Colorspace.ITU709 if from_rgb else None,
            dst_color_range=span,
            interpolation=Interpolation.BICUBIC | EXACT,
            threads=1,
        )


def set_colours(context: av.VideoCodecContext, frame: av.VideoFrame) -> None:
    """Tag what is encoded as the decoded `frame` is tagged; as BT.709 when it is RGB and becomes YUV."""
    if frame.format.is_rgb or frame.format.has_palette:
        context.colorspace = context.color_primaries = context.color_trc = _ITU709
        context.color_range = ColorRange.MPEG
        return
    context.colorspace, context.color_range = frame.colorspace, frame.color_range
    context.color_primaries, context.color_trc = frame.color_primaries, frame.color_trc
    if frame.format.name.startswith("yuvj"):
        context.color_range = ColorRange.JPEG


def _h264(pixel_format: str, params: str, look: PictureLook) -> PictureCoding:
    all_params = f"cpu-independent=1:{_H264_AQ}:{params}"
    options = {"preset": H264_PRESET, "crf": str(H264_CRF), "x264-params": all_params}
    # x264 codes fields in pairs of macroblock rows, of halved chroma too
    interlaced = look.interlaced and look.height_px % 4 == 0
    return PictureCoding("libx264", pixel_format, options, interlaced=interlaced)


def _hevc(pixel_format: str, params: str, container: str) -> PictureCoding:
    all_params = f"pools={THREADS}:frame-threads=1:log-level=none:{params}"
    options = {"preset": HEVC_PRESET, "crf": str(HEVC_CRF), "x265-params": all_params}
    return PictureCoding("libx265", pixel_format, options, tag="" if container == "matroska" else "hvc1")


def _vp9(pixel_format: str, interval: int) -> PictureCoding:
    options = {
        "deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "tile-columns": "1", "crf": str(VP9_CRF),
        "g": str(interval),
    }  # fmt: skip
    return PictureCoding("libvpx-vp9", pixel_format, options)


def _is_odd_420(look: PictureLook) -> bool:
    best = nearest(look.pixel_format, _H264)
    return best in ("yuv420p", "yuvj420p") and _is_odd(look, best)


def _is_odd(look: PictureLook, pixel_format: str) -> bool:
    """Whether this format has halved chroma that cannot end where a picture of this size ends."""
    across, down = _chroma(pixel_format)
    return bool((0 < across < 2 and look.width_px % 2) or (0 < down < 2 and look.height_px % 2))


def _chroma(pixel_format: str) -> tuple[float, float]:
    """Chroma samples on two luma samples, across and down; (0, 0) for grey."""
    known = av.VideoFormat(pixel_format)
    if known.has_palette:
        return 2, 2
    if sum(not part.is_alpha for part in known.components) == 1:
        return 0, 0
    return known.chroma_width(_SIDE_PX) / _SIDE_PX * 2, known.chroma_height(_SIDE_PX) / _SIDE_PX * 2


_SIDE_PX = 64
"""Divisible by every chroma subsampling."""


def _bits(pixel_format: str) -> int:
    return max(8, *(part.bits for part in av.VideoFormat(pixel_format).components))
