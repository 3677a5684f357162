"""The visual meta of a film: shots from boundaries, motion from signals, the subject from faces or what stands out.

    boundaries -> shots --.
    signals -> motion ----+--> samples every interval -> VisualMeta
    faces, grids ---------'

A pure function: same film, same faces, same bytes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from actors.visual.signals import SignalTrack
from pipelines.analysis.boundaries import Boundary
from pipelines.analysis.flashes import find_excursions
from pipelines.analysis.saliency import salient_point
from pipelines.analysis.shots import ShotSpan, shot_spans
from pipelines.analysis.subject import face_centre, ranked_people
from pipelines.media.frame_reader import FilmShape
from schemas.backend import Backend
from schemas.errors import Defect
from schemas.regions import FrameSpan, VideoRegionSummary
from schemas.visual_meta import Shot, ShotBoundary, VisualMeta, VisualSample

DEFAULT_INTERVAL_MS = 500

LOOKED_AT = 5
"""Frames around a sample that decide together what stands out, so that noise does not move it."""
