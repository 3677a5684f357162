"""One shot as H.264, encoded once: the same frames give the same bytes on every machine.

A segment begins with an IDR frame, has no B-frames and carries headers that do not depend on its content, so that
`film.assemble_film` puts segments one after another without decoding them.

    caller:   draw 0 | draw 1 | draw 2 | ...
    worker:          | enc 0  | enc 1  | enc 2        swscale and x264 run without the GIL

What makes the bytes repeat: one x264 thread (its output depends on the thread count), `cpu-independent` (same output
with and without its assembly), swscale with accurate rounding, no timestamps.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter
from numpy.typing import NDArray

from pipelines.media.whole_file import whole_file
from schemas.errors import Defect
from schemas.timing import EditRate

Canvas = NDArray[np.uint8]
"""uint8 (H, W, 4), blue green red unused; rows may be padded (`strides[0] >= 4 * W`), pixels of a row are adjacent."""

PRESET = "superfast"
CRF = 23
"""Measured on panning and on standing vector animation at 1280x720: 54 to 55 dB PSNR at 0.6 to 1.2 Mb/s. The preset
`veryfast` takes 1.5 times as long for 40 % fewer bits; `ultrafast` saves 20 % of the time and doubles the bits."""

Look = Literal["drawn", "photographic"]
"""What frames show: flat shapes with hard edges, or what a camera saw."""

_FLAT_ART = "aq-mode=0:8x8dct=0"
"""Adaptive quantisation and the large transform serve photographs. Without them, and one step of CRF up, three shots of
the example took 5.8 ms a frame for 7.6, 8 % fewer bytes and 0.5 dB better PSNR (held frames and moving cameras)."""

PHOTOGRAPHIC_CRF = 20
"""One generation of photographs: finer than drawings at 23, for grain and skin have no flat parts to save on."""

KEYFRAME_INTERVAL_S = 2
"""Seeking in the film lands at most this far away."""

_ITU709 = 1
"""AVCOL_SPC_BT709."""


class SegmentEncoder:
    """Encodes frames drawn on `canvas` into `path`, which appears when the encoder closes well.

    Usage::

        with SegmentEncoder(path, 1280, 720, rate) as segment:
            for tick in range(frames):
                draw(tick, segment.canvas)
                segment.write()

    `canvas` changes with every `write` and its pixels are then undefined: take it anew and draw every pixel.
    """

    def __init__(self, path: Path, width_px: int, height_px: int, rate: EditRate, *, look: Look = "drawn") -> None:
        """Open `path` for writing. `width_px` and `height_px` must be even (4:2:0 chroma)."""
        if width_px % 2 or height_px % 2:
            raise Defect(f"a segment needs an even width and height, got {width_px!r} x {height_px!r}")
        self.frames = 0
        self._size = (width_px, height_px)
        self._time_base = 1 / rate.fraction
        self._reformatter = VideoReformatter()
        self._frames = [av.VideoFrame(width_px, height_px, "bgr0") for _ in range(2)]
        self._canvases = [_canvas(frame) for frame in self._frames]
        self._current = 0
        self._converted: av.VideoFrame | None = None
        self._pending: Future[None] | None = None
        self._exit = ExitStack()
        try:
            partial = self._exit.enter_context(whole_file(path))
            self._container = self._exit.enter_context(
                av.open(str(partial), "w", format="mp4", options={"fflags": "+bitexact"})
            )
            self._worker = self._exit.enter_context(ThreadPoolExecutor(1, "segment"))
            self._stream = _add_video(self._container, width_px, height_px, rate, look)
        except BaseException as exc:
            self._exit.__exit__(type(exc), exc, exc.__traceback__)
            raise

    @property
    def canvas(self) -> Canvas:
        """The memory of the next frame. Its content is undefined."""
        return self._canvases[self._current]

    def write(self) -> None:
        """Encode what stands on `canvas` as the next frame, and hand out a new canvas."""
        self._wait()
        same = self._converted is not None and _same(*self._canvases)
        self._submit(None if same else self._frames[self._current])
        self._current = 1 - self._current

    def hold(self) -> None:
        """Encode the previous picture again as the next frame, without drawing or converting it."""
        self._wait()
        if self._converted is None:
            raise Defect("hold() needs a picture to hold: call write() first")
        self._submit(None)

    def close(self) -> None:
        """Finish the file and give it its name.

        Raises:
            Defect: no frame was written.
        """
        self.__exit__(None, None, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if exc is not None:
            self._exit.__exit__(kind, exc, trace)
            return
        with self._exit:
            self._wait()
            if not self.frames:
                raise Defect("a segment needs at least one frame")
            self._container.mux(self._stream.encode(None))

    def _wait(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.result()

    def _submit(self, drawn: av.VideoFrame | None) -> None:
        self._pending = self._worker.submit(self._encode, drawn, self.frames)
        self.frames += 1

    def _encode(self, drawn: av.VideoFrame | None, index: int) -> None:
        if drawn is not None:
            self._converted = _converted(self._reformatter, drawn)
        frame = self._converted
        assert frame is not None
        frame.pts, frame.time_base = index, self._time_base
        self._container.mux(self._stream.encode(frame))


def encode_segment(
    path: Path, width_px: int, height_px: int, rate: EditRate, frames: int, draw: Callable[[int, Canvas], bool | None]
) -> None:
    """Write a segment of `frames` frames to `path`.

    Args:
        path: Appears only when every frame is in it.
        width_px: Even.
        height_px: Even.
        rate: Frames a second.
        frames: At least 1.
        draw: `draw(tick, canvas)` fills every pixel of the canvas; when it returns False the canvas is ignored and
            the previous picture stands for another tick.
    """
    with SegmentEncoder(path, width_px, height_px, rate) as segment:
        for tick in range(frames):
            if draw(tick, segment.canvas) is False:
                segment.hold()
            else:
                segment.write()


def _canvas(frame: av.VideoFrame) -> Canvas:
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(frame.height, plane.line_size)  # type: ignore[call-overload]
    rows[:] = 0
    pixels: Canvas = rows[:, : 4 * frame.width].reshape(frame.height, frame.width, 4)
    return pixels


def _same(first: Canvas, second: Canvas) -> bool:
    """Whether two canvases show the same; by bands, so that a difference is found without reading everything."""
    one, two = (canvas.view(np.uint32)[..., 0] for canvas in (first, second))
    band = 64
    return all(np.array_equal(one[y : y + band], two[y : y + band]) for y in range(0, len(one), band))


def _converted(reformatter: VideoReformatter, frame: av.VideoFrame) -> av.VideoFrame:
    return reformatter.reformat(
        frame,
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
        interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT,
        threads=1,
    )


def _add_video(
    container: av.container.OutputContainer, width_px: int, height_px: int, rate: EditRate, look: Look
) -> av.VideoStream:
    interval = max(1, round(KEYFRAME_INTERVAL_S * rate.fraction))
    stream = container.add_stream("libx264", rate=rate.fraction)
    stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / rate.fraction
    context.thread_count = 1
    context.flags |= av.codec.context.Flags.bitexact | av.codec.context.Flags.closed_gop
    context.colorspace, context.color_range = _ITU709, ColorRange.MPEG
    context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
    # stitchable: the headers depend on the settings alone, so that all segments of a film share them.
    drawn = f":{_FLAT_ART}" if look == "drawn" else ""
    stream.options = {
        "preset": PRESET,
        "crf": str(CRF if look == "drawn" else PHOTOGRAPHIC_CRF),
        "x264-params": f"cpu-independent=1:stitchable=1:bframes=0:scenecut=0:open-gop=0:"
        f"keyint={interval}:min-keyint={interval}{drawn}",
    }
    return stream
