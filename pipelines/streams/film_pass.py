"""One look at the frames of a segment, for every engine that asks for them: decoded once, judged, searched, followed.

    stretch --visual--> signals, breaks
            --faces---> looks --flow--> pieces
    all stretches of a segment -> SegmentSeen

The steps are functions of plain values, so that they run here in a row, in threads, or in the tasks of a dataset, and
give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from actors.catalogue import EngineChoice
from actors.engine import Engine
from actors.faces.detection import FaceDetections, FaceRequest
from pipelines.analysis.tracklets import Look, StretchView, tracklets
from pipelines.media.frame_reader import FrameReader
from pipelines.media.source import known_as
from pipelines.streams.segment_seen import SegmentSeen
from pipelines.streams.segments import Segment
from pipelines.streams.stretch import FaceSampling, Stretch, StretchReader, VisualEngine

FacesEngine = Engine[FaceRequest, FaceDetections]

DECODER_THREADS = 1
"""A segment's; several segments are worked off side by side."""


@dataclass(frozen=True)
class SegmentTask:
    """One segment to look at."""

    path: str
    segment: Segment
    visual: EngineChoice
    faces: EngineChoice | None
    """None when nobody asks for faces."""

    sampling: FaceSampling | None

    name: str = ""
    """Of the film, for people; that of `path` when empty."""


def stretches_of(task: SegmentTask, visual: VisualEngine) -> Iterator[Stretch]:
    """The stretches of a segment, decoded and judged; at least one, empty where no frame can be decoded.

    Raises:
        MediaUnreadable: the file is damaged so that reading cannot go on.
    """
    path = Path(task.path)
    with known_as(path, task.name or path.name), closing(FrameReader(path, threads=DECODER_THREADS)) as reader:
        yield from StretchReader(reader, task.segment, visual, task.sampling)


def face_requests(stretch: Stretch, sampling: FaceSampling) -> list[FaceRequest]:
    """What the faces engine is asked about a stretch: one request a look."""
    smallest_px = max(1, round(sampling.smallest_face_px * sampling.scale))
    return [FaceRequest(picture, smallest_px) for picture in stretch.pictures]


def seen(stretch: Stretch, detections: Sequence[FaceDetections], sampling: FaceSampling | None) -> SegmentSeen:
    """What is kept of a stretch once its looks are answered."""
    if sampling is None:
        return SegmentSeen.of(stretch.track, stretch.damaged, stretch.looks, [])
    scale = np.float32(sampling.scale)
    looks = [
        Look(int(position), found.boxes / scale, found.confidences)
        for position, found in zip(stretch.looks, detections, strict=True)
    ]
    breaks = stretch.track.signals["suspect"]
    view = StretchView(stretch.grey, stretch.times_s, breaks, stretch.grey_scale)
    return SegmentSeen.of(stretch.track, stretch.damaged, stretch.looks, tracklets(looks, view))


def look_at(task: SegmentTask, visual: VisualEngine, faces: FacesEngine | None) -> SegmentSeen:
    """The segment, looked at from its first frame to its last, here."""
    parts = []
    for stretch in stretches_of(task, visual):
        detections: list[FaceDetections] = []
        if faces is not None and task.sampling is not None:
            requests = face_requests(stretch, task.sampling)
            for first in range(0, len(requests), faces.spec.batch):
                detections += faces.infer(requests[first : first + faces.spec.batch])
        parts.append(seen(stretch, detections, task.sampling))
    return SegmentSeen.joined(parts, visual.infer)
