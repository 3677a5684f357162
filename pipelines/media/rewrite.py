"""A film with another picture and everything else as it was: frames, their times, sound, rotation, aspect.

    worker 1   decode 2 | decode 3 | decode 4 |           at most AHEAD frames ahead of the edit
    caller              | edit 2   | edit 3   |
    worker 2            | encode 1 | encode 2 | mux       at most AHEAD frames behind it; sound packets are copied

Frames are edited as they are stored: before rotation, at the pixel aspect that they have. What a frame is numbered does
not depend on what can be decoded: frame i is the one with the i-th timestamp, so that one that the decoder leaves out
leaves its number out. The target appears when it is whole, and the same source and edit give the same bytes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TypeVar

import av

from pipelines.media.carried_streams import carried
from pipelines.media.film_writer import AHEAD, FilmWriter
from pipelines.media.frame_reader import FrameReader, ReadFrame
from pipelines.media.limits import DEFAULT_LIMITS, MediaLimits
from pipelines.media.picture_coding import PictureConverter
from pipelines.media.planes import Planes, planes_of
from pipelines.media.source import open_media
from schemas.errors import MediaUnreadable

ItemT = TypeVar("ItemT")


class EditableFrame:
    """One frame of the film that is rewritten."""

    def __init__(self, frame: av.VideoFrame, pts: int, *, is_damaged: bool) -> None:
        self._frame = frame
        self.pts = pts
        """In units of the film's time base."""

        self.is_damaged = is_damaged
        """The decoder had to guess what it shows."""

    @cached_property
    def planes(self) -> Planes:
        """The pixels, to be changed in place. Asking for them costs a copy: the decoder still looks at its own."""
        self._frame.make_writable()
        return planes_of(self._frame)


Edit = Callable[[int, EditableFrame], bool | None]
"""`edit(index, frame)` changes what it wants to; False says that it changed nothing, which is only counted."""


@dataclass(frozen=True)
class Rewritten:
    """What came of it."""

    frames: int
    edited_frames: int
    damaged_frames: int
    left_out: tuple[str, ...]
    """Parts of the source that are not in the target, in words."""


def rewrite_film(
    source: Path,
    target: Path,
    *,
    edit: Edit,
    progress: Callable[[int], None] | None = None,
    limits: MediaLimits = DEFAULT_LIMITS,
) -> Rewritten:
    """Write `source` with edited frames to `target`, which appears when it is whole.

    Every frame keeps its timestamp; sound is copied packet by packet. Rotation, pixel aspect, colour tags, depth and
    chroma resolution stay. For privacy nothing goes along that the edit does not see: cover pictures, other pictures,
    data streams, subtitles, attachments, chapters; and no metadata but the language
    of each track: the title, dates, positions and device names of the source stay behind.

    Args:
        source: A file with a moving picture; of several the one with the most pixels.
        target: Its suffix, one of `carried_streams.CONTAINERS`, is its format; `container_for` tells which one fits.
            Matroska and WebM count in milliseconds: timestamps from MP4 are rounded to them.
        edit: Called once a frame, in order, in the calling thread. What it raises ends the work and is raised here.
        progress: Called with the number of frames done; may raise `Cancelled`.
        limits: Bounds on the source.

    Raises:
        InvalidInput: the target's format holds neither the sound nor the depth of the source, or is unknown.
        MediaUnreadable: the source is cut off, damaged so that decoding cannot go on, or beyond `limits`.
        Unavailable: the target cannot be written.
    """
    edited = damaged = done = 0
    with ExitStack() as stack:
        container, _ = stack.enter_context(open_media(source, limits))
        along = carried(source, container, target)
        reader = stack.enter_context(FrameReader(source, limits=limits))
        decoded = reader.frames()
        first = next(decoded, None)
        if first is None:
            raise MediaUnreadable(f"{source.name!r} is damaged (no frame can be decoded)")
        writer = stack.enter_context(FilmWriter(source, target, container, along, first.frame, reader.shape.times))
        frames = stack.enter_context(_read_ahead(_prepared(source, chain((first,), decoded), writer.converter)))
        for read in frames:
            frame = EditableFrame(read.frame, read.pts, is_damaged=read.is_damaged)
            edited += edit(bisect_left(reader.shape.times.pts, read.pts), frame) is not False
            damaged += read.is_damaged
            writer.put(read.frame)
            done += 1
            if progress is not None:
                progress(done)
    return Rewritten(done, edited, damaged, along.left_out)


def _prepared(source: Path, frames: Iterator[ReadFrame], converter: PictureConverter) -> Iterator[ReadFrame]:
    """Frames in the pixel format that is edited and encoded."""
    size: tuple[int, int] | None = None
    for read in frames:
        found = (read.frame.width, read.frame.height)
        if size not in (None, found):
            raise MediaUnreadable(f"{source.name!r} changes the size of its picture from {size} to {found} on the way")
        size = found
        yield ReadFrame(read.pts, converter.converted(read.frame), is_damaged=read.is_damaged)


@contextmanager
def _read_ahead(items: Iterator[ItemT]) -> Iterator[Iterator[ItemT]]:
    """The same items, made by a worker that is at most AHEAD of who takes them."""
    with ThreadPoolExecutor(1, "decode") as worker:
        waiting = deque(worker.submit(next, items, None) for _ in range(AHEAD))

        def taken() -> Iterator[ItemT]:
            while (item := waiting.popleft().result()) is not None:
                waiting.append(worker.submit(next, items, None))
                yield item

        try:
            yield taken()
        finally:
            worker.shutdown(cancel_futures=True)
