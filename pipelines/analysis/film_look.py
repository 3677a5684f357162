"""Films looked at once, for all engines that ask: a memo per segment, joined into what was seen of the whole film.

    asset -> segments -> film_pass (a work each; here in threads, or through Ray Data) -> FilmLook

A segment is stored when it is done, so that a killed run goes on from the next one, and whoever asks the same of the
film again decodes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actors.catalogue import build
from pipelines.analysis.asset import MediaAsset
from pipelines.analysis.boundaries import find_boundaries
from pipelines.analysis.face_tracks import FacePiece
from pipelines.analysis.media_flow import ChosenEngine, MediaFlow
from pipelines.analysis.regions import FaceSightings
from pipelines.executors import InThreads
from pipelines.media.frame_reader import FilmShape, FrameReader, check_lost
from pipelines.media.source import known_as
from pipelines.outcome import ItemFailure
from pipelines.runner import Artifact, Batch, Executor, Made
from pipelines.stage import Outputs, Stage, Work
from pipelines.streams.film_pass import SegmentTask
from pipelines.streams.ray_segments import RaySegments
from pipelines.streams.segment_looker import SegmentLooker
from pipelines.streams.segment_seen import SegmentSeen
from pipelines.streams.segments import plan_segments
from pipelines.streams.stretch import FaceSampling
from schemas.canonical import sha256_hex
from schemas.errors import ReelwrightError

FILM_PASS = Stage("film_pass", "2", natives=("ffmpeg", "numpy", "opencv", "cpu"), instant=False)


SamplingOf = Callable[[FilmShape], FaceSampling | None]
"""How a film of this shape is searched for faces; None for shots and motion alone."""


@dataclass(frozen=True)
class FilmLook:
    """What was seen of a film."""

    asset: MediaAsset
    shape: FilmShape
    seen: SegmentSeen
    """Of all frames that were decoded; positions count these."""

    artifacts: tuple[Artifact, ...]
    """One a segment."""

    cache_hit: bool
    """Whether nothing had to be decoded."""

    @property
    def signals_digest(self) -> str:
        """SHA-256 of timestamps and signals: the same whether faces were looked for or not."""
        return sha256_hex(self.seen.track.pts.tobytes() + self.seen.track.signals.tobytes())

    @property
    def frames(self) -> NDArray[np.int64]:
        """int64 (N,): the number in the film of each decoded frame; a frame that nobody could decode leaves a hole."""
        return np.searchsorted(np.array(self.shape.times.pts), self.seen.track.pts)


@dataclass(frozen=True)
class _Planned:
    """A film with its works."""

    asset: MediaAsset
    shape: FilmShape
    works: tuple[Work, ...]
    tasks: tuple[SegmentTask, ...]


def look_at_films(
    flow: MediaFlow,
    assets: Sequence[MediaAsset],
    sampling_of: SamplingOf,
    *,
    detector: str = "",
    or_stored: SamplingOf | None = None,
) -> list[FilmLook | ReelwrightError]:
    """What was seen of each film, in order; a film that cannot be read does not stop the others.

    Args:
        flow: the run.
        assets: films.
        sampling_of: how a film of this shape is searched for faces; None for shots and motion alone.
        detector: a backend of the faces family, in place of the flow's.
        or_stored: a look that is taken in its place where it is stored already: it saw all that is asked, and more.
    """
    planned: list[_Planned | ReelwrightError] = []
    for asset in assets:
        try:
            planned.append(_planned(flow, asset, sampling_of, detector, or_stored))
        except ReelwrightError as exc:
            planned.append(exc)
    films = [one for one in planned if isinstance(one, _Planned)]
    made = iter(_made(flow, films))
    return [one if isinstance(one, ReelwrightError) else _joined(flow, one, next(made)) for one in planned]


def film_shape(flow: MediaFlow, asset: MediaAsset) -> FilmShape:
    """Size and times of a film.

    Raises:
        MediaUnreadable: it holds no moving picture, or is damaged.
    """
    path = flow.maker.path(asset.artifact)
    with known_as(path, asset.name), FrameReader(path) as reader:
        return reader.shape


def _planned(
    flow: MediaFlow, asset: MediaAsset, sampling_of: SamplingOf, detector: str, or_stored: SamplingOf | None
) -> _Planned:
    path, shape = flow.maker.path(asset.artifact), film_shape(flow, asset)
    if or_stored is not None:
        stored = _works(flow, asset, path, shape, or_stored(shape), detector)
        if flow.maker.holds(stored.works):
            return stored
    return _works(flow, asset, path, shape, sampling_of(shape), detector)


def _works(
    flow: MediaFlow, asset: MediaAsset, path: Path, shape: FilmShape, sampling: FaceSampling | None, detector: str
) -> _Planned:
    visual = flow.engines.of("visual")
    faces = flow.engines.of("faces", detector) if sampling is not None else None
    tasks = tuple(
        SegmentTask(str(path), segment, visual.choice, faces.choice if faces else None, sampling, asset.name)
        for segment in plan_segments(shape.times)
    )
    return _Planned(asset, shape, tuple(_work(asset, task, visual, faces) for task in tasks), tasks)


def _work(asset: MediaAsset, task: SegmentTask, visual: ChosenEngine, faces: ChosenEngine | None) -> Work:
    sampling = task.sampling
    parameters: Mapping[str, Any] = {
        "start_pts": task.segment.start_pts,
        "end_pts": task.segment.end_pts,
        "faces": None if sampling is None else [sampling.interval_ms, sampling.smallest_face_px],
    }
    backend = {"visual": visual.spec.backend(), "faces": faces.spec.backend() if faces else None}
    return Work(
        FILM_PASS,
        item=f"{asset.name} {task.segment.index}",
        make=partial(_look_here, task),
        inputs={"film": asset.artifact.as_input()},
        parameters=parameters,
        backend=backend,
    )


def _look_here(task: SegmentTask, _: Path) -> Outputs:
    with SegmentLooker() as looker:
        return looker(task)


def _made(flow: MediaFlow, films: Sequence[_Planned]) -> list[list[Made | ItemFailure]]:
    """The segments of each film."""
    works = [work for film in films for work in film.works]
    tasks = [task for film in films for task in film.tasks]
    with SegmentLooker(flow.build) as looker:

        def worth(todo: Sequence[int]) -> Executor:
            if flow.on_ray:
                return RaySegments(flow.num_cpus, flow.engines.host())
            return InThreads(min(flow.num_cpus, len(todo)))

        results = iter(flow.maker.make_batch(Batch(works, looker, lambda index, _: tasks[index], worth)))
        return [[next(results) for _ in film.works] for film in films]


def _joined(flow: MediaFlow, film: _Planned, made: Sequence[Made | ItemFailure]) -> FilmLook | ReelwrightError:
    parts, artifacts, cache_hit = [], [], True
    for one in made:
        if isinstance(one, ItemFailure):
            return one.error
        parts.append(SegmentSeen.read(flow.maker.read(one.result)))
        artifacts.append(one.result)
        cache_hit &= one.reused
    lost = len(film.shape.times.pts) - sum(len(one.track) for one in parts)
    try:
        check_lost(film.asset.name, lost, film.shape.times)
    except ReelwrightError as exc:
        return exc
    visual = build(film.tasks[0].visual)
    visual.load()
    seen = SegmentSeen.joined(parts, visual.infer)
    visual.close()
    return FilmLook(film.asset, film.shape, seen, tuple(artifacts), cache_hit)


def cuts_of(look: FilmLook) -> tuple[int, ...]:
    """Frames of the film that begin a shot by a hard cut, ascending."""
    frames = look.frames
    return tuple(int(frames[one.first_frame]) for one in find_boundaries(look.seen.track) if one.kind == "cut")


def sightings(look: FilmLook) -> FaceSightings:
    """What was seen of faces, by the frames of the film; one that nobody could decode counts as damaged."""
    frames = look.frames
    damaged = np.ones(len(look.shape.times.pts), np.bool_)
    damaged[frames] = look.seen.damaged
    return FaceSightings(
        pts=np.array(look.shape.times.pts, np.int64),
        damaged=damaged,
        looks=frames[look.seen.looks],
        pieces=tuple(_on_film(piece, frames) for piece in look.seen.pieces),
    )


def _on_film(piece: FacePiece, frames: NDArray[np.int64]) -> FacePiece:
    """A piece by frames of the film, its box carried in a straight line over those that nobody could decode."""
    known = frames[piece.first : piece.end]
    every = np.arange(known[0], known[-1] + 1)
    if len(every) == len(known):
        return FacePiece(int(known[0]), piece.boxes, piece.scores)
    boxes = np.stack([np.interp(every, known, piece.boxes[:, side]) for side in range(4)], axis=1)
    scores = np.full(len(every), np.nan, np.float32)
    scores[known - known[0]] = piece.scores
    return FacePiece(int(known[0]), boxes.astype(np.float32), scores)
