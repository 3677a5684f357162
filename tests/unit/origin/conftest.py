"""Generated sounds for all tests of origin mapping, and their fingerprints."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from pipelines.origin.fingerprint import Fingerprint
from pipelines.origin.landmarks import fingerprint
from tools.annotated_music import Recipe, rendered
from tools.beatless_sounds import talk


@pytest.fixture(scope="session")
def sounds() -> Mapping[str, np.ndarray]:
    """float32 mono at 16 kHz, 20 s each."""
    music = {f"music {seed}": rendered(Recipe.drawn(95_000 + seed, drums="rock")).pcm for seed in range(4)}
    speech = {f"talk {seed}": talk(np.random.default_rng(95_100 + seed), 20.0) for seed in range(2)}
    return music | speech


@pytest.fixture(scope="session")
def sources(sounds: Mapping[str, np.ndarray]) -> Mapping[str, Fingerprint]:
    """All but the last piece of music and the last speech, which are in no source."""
    return {name: fingerprint([sounds[name]]) for name in ("music 0", "music 1", "music 2", "talk 0")}
