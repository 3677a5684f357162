"""The visual meta of a film: shots from boundaries, motion from signals, the subject from faces or what stands out.

    boundaries -> shots --.
    signals -> motion ----+--> samples every interval -> VisualMeta
    faces, grids ---------'

A pure function: same film, same faces, same bytes. Positions count the frames that were decoded; documents count those
of the film, and differ where a frame could not be decoded.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from actors.visual.signals import SignalTrack
from pipelines.analysis.boundaries import Boundary
from pipelines.analysis.flashes import find_excursions
from pipelines.analysis.motion import FilmMotion, film_motion
from pipelines.analysis.saliency import salient_point
from pipelines.analysis.shots import ShotSpan, shot_spans
from pipelines.analysis.subject import face_centre, ranked_people
from pipelines.media.frame_reader import FilmShape
from schemas.backend import Backend
from schemas.errors import Defect
from schemas.regions import FrameSpan, RegionTrack, VideoRegionSummary
from schemas.visual_meta import Shot, ShotBoundary, SubjectSource, VisualMeta, VisualSample

DEFAULT_INTERVAL_MS = 500

LOOKED_AT = 5
"""Frames around a sample that decide together what stands out, so that noise does not move it."""


def visual_meta(
    asset_id: str,
    film: FilmShape,
    track: SignalTrack,
    boundaries: Sequence[Boundary],
    faces: VideoRegionSummary | None,
    backend: Backend,
    *,
    interval_ms: int = DEFAULT_INTERVAL_MS,
) -> VisualMeta:
    """The visual meta of a film.

    Args:
        asset_id: The film.
        film: Its size and times.
        track: Signals of its frames.
        boundaries: Found in `track`.
        faces: Its regions; None when nobody looked for faces.
        backend: What measured the signals.
        interval_ms: Time between two samples.

    Raises:
        Defect: `faces` is of another film.
    """
    if faces is not None and faces.asset_id != asset_id:
        raise Defect(f"regions of {faces.asset_id!r} do not describe {asset_id!r}")
    clock = _Clock.of(film, track)
    motion = film_motion(film, track, boundaries)
    shots = shot_spans(track.signals, boundaries)
    flashes = [one for one in find_excursions(track.signals) if one.is_flash]
    sampler = _Sampler(film, track, clock, motion, shots, sorted(one.first_frame for one in boundaries), faces)
    return VisualMeta(
        asset_id=asset_id,
        width_px=film.width_px,
        height_px=film.height_px,
        frame_count=len(film.times.pts),
        duration_ms=clock.ms(len(track)),
        variable_frame_rate=film.variable_frame_rate,
        frame_sample_interval_ms=interval_ms,
        shots=tuple(_shot(place, one, clock, motion) for place, one in enumerate(shots)),
        boundaries=tuple(_boundary(one, clock) for one in boundaries),
        flashes=tuple(clock.span(one.first_frame, one.end_frame) for one in flashes),
        samples=tuple(sampler.samples(interval_ms)),
        backend=backend,
    )


@dataclass(frozen=True)
class _Clock:
    """Positions in a track as frames and times of the film."""

    film: FilmShape
    numbers: tuple[int, ...]
    """Number of the frame at each position, and of the end."""

    @classmethod
    def of(cls, film: FilmShape, track: SignalTrack) -> _Clock:
        numbers = np.searchsorted(np.array(film.times.pts), track.pts).tolist()
        return cls(film, (0, *numbers[1:], len(film.times.pts)))

    def ms(self, position: int) -> int:
        """When the frame at a position is shown; at the last position, when the film ends."""
        times, number = self.film.times, self.numbers[position]
        return self.film.time_ms(times.pts[number] if number < len(times.pts) else times.end_pts)

    def span(self, first: int, end: int) -> FrameSpan:
        return FrameSpan(
            first_frame=self.numbers[first],
            end_frame=self.numbers[end],
            start_ms=self.ms(first),
            end_ms=self.ms(end),
        )


@dataclass(frozen=True)
class _Sampler:
    """Looks at one frame an interval."""

    film: FilmShape
    track: SignalTrack
    clock: _Clock
    motion: FilmMotion
    shots: Sequence[ShotSpan]
    beginnings: Sequence[int]
    """Positions at which boundaries begin, ascending."""

    faces: VideoRegionSummary | None

    def samples(self, interval_ms: int) -> Iterator[VisualSample]:
        """One every interval; a frame that is shown for longer is sampled once."""
        begins = [shot.first_frame for shot in self.shots]
        ranked: dict[int, tuple[RegionTrack, ...]] = {}
        before = -1
        for position in self._positions(interval_ms):
            place = bisect_right(begins, position) - 1
            if place not in ranked:
                ranked[place] = self._people(self.shots[place])
            yield self._sample(position, before, place, ranked[place])
            before = position

    def _positions(self, interval_ms: int) -> Iterator[int]:
        """Of the frames on screen every interval, ascending."""
        times, pts = self.film.times, self.track.pts.tolist()
        before, step = -1, Fraction(interval_ms, 1000) / times.time_base
        for number in range(int((times.end_pts - 1 - times.pts[0]) / step) + 1):
            position = max(0, bisect_right(pts, times.pts[0] + number * step) - 1)
            if position > before:
                yield position
            before = position

    def _people(self, shot: ShotSpan) -> tuple[RegionTrack, ...]:
        numbers = self.clock.numbers
        return ranked_people(self.faces, numbers[shot.first_frame], numbers[shot.end_frame])

    def _sample(self, position: int, before: int, place: int, people: Sequence[RegionTrack]) -> VisualSample:
        shot = self.shots[place]
        source, centre = self._subject(position, shot, people)
        return VisualSample(
            frame=self.clock.numbers[position],
            time_ms=self.clock.ms(position),
            subject=source,
            primary_subject_center_x=None if centre is None else round(centre[0], 4),
            primary_subject_center_y=None if centre is None else round(centre[1], 4),
            motion=round(self.motion.mean(max(before, shot.first_frame) + 1, position + 1), 4),
            shot_boundary=bisect_right(self.beginnings, position) > bisect_right(self.beginnings, before),
            shot_index=place,
        )

    def _subject(
        self, position: int, shot: ShotSpan, people: Sequence[RegionTrack]
    ) -> tuple[SubjectSource, tuple[float, float] | None]:
        if self.faces is not None:
            centre = face_centre(people, self.clock.numbers[position], self.faces)
            if centre is not None:
                return "face", centre
        reach = LOOKED_AT // 2
        around = slice(max(shot.first_frame, position - reach), min(shot.end_frame, position + reach + 1))
        point = salient_point(self.track.signals[around])
        return ("none", None) if point is None else ("saliency", _upright(*point, self.film.quarter_turns))


def _upright(x: float, y: float, quarter_turns: int) -> tuple[float, float]:
    """A place in the stored picture as one in the upright picture, both fractions."""
    for _ in range(quarter_turns):
        x, y = y, 1 - x
    return x, y


def _shot(place: int, shot: ShotSpan, clock: _Clock, motion: FilmMotion) -> Shot:
    span = clock.span(shot.first_frame, shot.end_frame)
    return Shot(
        **span.model_dump(),
        index=place,
        begins=shot.begins,
        ends=shot.ends,
        blank=shot.blank,
        motion_mean=round(motion.mean(shot.first_frame + 1, shot.end_frame), 4),
        motion_max=round(motion.highest(shot.first_frame + 1, shot.end_frame), 4),
    )


def _boundary(boundary: Boundary, clock: _Clock) -> ShotBoundary:
    return ShotBoundary(
        kind=boundary.kind,
        first_frame=clock.numbers[boundary.first_frame],
        end_frame=clock.numbers[boundary.end_frame],
        start_ms=clock.ms(boundary.first_frame),
        end_ms=clock.ms(boundary.end_frame),
        confidence=round(boundary.confidence, 4),
    )
