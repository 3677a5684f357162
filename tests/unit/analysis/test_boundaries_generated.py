"""Random films of known shots, joined and disturbed in every way: precision and recall by kind of boundary."""

from __future__ import annotations

from tests.boundary_scores import score
from tests.random_films import random_film
from tests.shot_films import track_of

LEAST = {"cut": 0.95, "fade_in": 0.9, "fade_out": 0.9, "dissolve": 0.8}
"""F1 that a handful of films must reach; hundreds reach more, see tests/bench/test_shots_bench.py."""


def test_boundaries_of_random_films_are_found_by_kind():
    scores = score(
        [(film.boundaries, track_of(film.frames)) for film in (random_film(seed) for seed in range(900, 904))]
    )
    print("\n".join(str(one) for one in scores.values()))
    for kind, least in LEAST.items():
        assert scores[kind].f1 >= least, scores[kind]
