"""Which tracks of a film show the person of a portrait? Those whose faces are near it on every look, and nobody else's.

    portrait -> its one face -> embedding
    track    -> faces on up to SAMPLES of its detections -> embeddings -> distances -> kept | covered

In doubt a track is covered: one distance above the limit is enough.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from actors.engine import Engine
from actors.face_embedding.embedding import SIDE_PX, EmbeddingRequest, FaceEmbedding
from actors.faces.detection import FaceDetections, FaceRequest
from pipelines.analysis.asset import MediaAsset
from pipelines.analysis.media_flow import MediaFlow
from pipelines.analysis.overlap import grown
from pipelines.analysis.regions import SURE
from pipelines.media.frame_reader import FrameReader
from pipelines.media.image import read_image
from pipelines.media.pixels import Picture, RgbConverter
from pipelines.media.source import known_as
from pipelines.runner import Artifact
from pipelines.stage import Output, Outputs, Stage, Work
from schemas.errors import InvalidInput
from schemas.regions import RegionTrack, VideoRegionSummary

KEEP_PERSON = Stage("keep_person", "1", natives=("ffmpeg", "numpy", "opencv", "cpu"), instant=False)

SAMPLES = 5
"""Faces of a track that are compared: enough for a track that jumps from one person to another to be noticed."""

SAME_PERSON = 0.9
"""Largest distance at which two faces are one person's. Verification on VGGFace2 weights is done at about 1.1; here a
wrong yes shows a face, a wrong no covers one."""

CROP = 1.3
"""A crop against the detector's box: the weights were trained on faces with a little around them."""

LARGEST_PORTRAIT_PX = 1280

FaceEmbedder = Engine[EmbeddingRequest, FaceEmbedding]
FacesEngine = Engine[FaceRequest, FaceDetections]


def kept_tracks(
    flow: MediaFlow, asset: MediaAsset, portrait: MediaAsset, summary: VideoRegionSummary, summary_artifact: Artifact
) -> frozenset[str]:
    """Names of the tracks that show the person of the portrait.

    Raises:
        Unavailable: there are no weights for face embeddings; the message says what to do.
        InvalidInput: the portrait is no picture, or does not show exactly one face.
    """
    if portrait.form != "image":
        raise InvalidInput(f"a portrait is a picture, {portrait.name!r} is a {portrait.form}")
    embedder, detector = flow.engines.of("face_embedding"), flow.engines.of("faces")
    work = Work(
        KEEP_PERSON,
        asset.name,
        partial(_compared, flow, asset, portrait, summary),
        inputs={
            "film": asset.artifact.as_input(),
            "portrait": portrait.artifact.as_input(),
            "summary": summary_artifact.as_input(),
        },
        backend={"embedding": embedder.spec.backend(), "faces": detector.spec.backend()},
    )
    distances = json.loads(flow.maker.read(flow.maker.make(work).result))
    return frozenset(name for name, found in distances.items() if found and max(found) <= SAME_PERSON)


def _compared(
    flow: MediaFlow, asset: MediaAsset, portrait: MediaAsset, summary: VideoRegionSummary, _: Path
) -> Outputs:
    detector: FacesEngine = flow.build(flow.engines.of("faces").choice)
    embedder: FaceEmbedder = flow.build(flow.engines.of("face_embedding").choice)
    try:
        detector.load()
        embedder.load()
        [wanted] = embedder.infer([_portrait_face(portrait, flow.maker.path(portrait.artifact), detector)])
        path = flow.maker.path(asset.artifact)
        distances: dict[str, list[float]] = {track.track_id: [] for track in summary.tracks}
        with known_as(path, asset.name):
            for track_id, face in _faces(path, summary):
                [found] = embedder.infer([face])
                distances[track_id].append(round(wanted.distance(found), 4))
    finally:
        detector.close()
        embedder.close()
    content = (json.dumps(distances, indent=2) + "\n").encode()
    return {"result": Output("face_distances", content, schema_version="")}


def _portrait_face(portrait: MediaAsset, path: Path, detector: FacesEngine) -> EmbeddingRequest:
    with known_as(path, portrait.name):
        picture = read_image(path, max_side_px=LARGEST_PORTRAIT_PX)
    [found] = detector.infer([FaceRequest(picture, max(20, min(picture.shape[:2]) // 10))])
    sure = found.boxes[found.confidences >= SURE]
    if len(sure) != 1:
        raise InvalidInput(f"{portrait.name!r} shows {len(sure)} faces; a portrait of the one person is needed")
    return _crop(picture, sure[0])


def _faces(path: Path, summary: VideoRegionSummary) -> Iterator[tuple[str, EmbeddingRequest]]:
    """Faces to compare, in the order of the film; it is decoded once."""
    wanted: dict[int, list[RegionTrack]] = {}
    for track in summary.people:
        for frame in _samples(track):
            wanted.setdefault(frame, []).append(track)
    with FrameReader(path) as reader:
        shape = reader.shape
        converter = RgbConverter(pixel_aspect=shape.pixel_aspect, quarter_turns=shape.quarter_turns)
        numbers: Mapping[int, int] = {pts: number for number, pts in enumerate(shape.times.pts)}
        for read in reader.frames():
            for track in wanted.get(numbers.get(read.pts, -1), ()):
                picture = converter.picture(read.frame)
                left, top, width, height = track.boxes[numbers[read.pts] - track.first_frame]
                box = np.array([left, top, left + width, top + height], np.float32)
                yield track.track_id, _crop(picture, box)


def _samples(track: RegionTrack) -> list[int]:
    """Frames on which the track was detected, spread over it, its best one among them."""
    seen = [track.first_frame + index for index, origin in enumerate(track.origins) if origin == "d"]
    spread = np.unique(np.linspace(0, len(seen) - 1, SAMPLES).round().astype(int))
    return sorted({seen[index] for index in spread.tolist()} | {track.best_frame})


def _crop(picture: Picture, box: NDArray[np.float32]) -> EmbeddingRequest:
    left, top, right, bottom = grown(box[None], CROP)[0].round().astype(int).tolist()
    height, width = picture.shape[:2]
    part = picture[max(0, top) : min(height, bottom), max(0, left) : min(width, right)]
    face: Any = cv2.resize(part, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    return EmbeddingRequest(np.ascontiguousarray(face, np.uint8))
