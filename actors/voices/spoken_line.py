"""SpokenLine: what every voices engine gives for one request."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.errors import Defect
from schemas.speech import Speech


@dataclass(frozen=True)
class SpokenLine:
    """A line as sound and as times.

    Raises:
        Defect: the sound and the times do not have the same length, or the sound is not int16 mono.
    """

    pcm: NDArray[np.int16]
    """int16 (N,), mono at `speech.sample_rate_hz`, N = `speech.duration_samples`."""

    speech: Speech

    def __post_init__(self) -> None:
        if self.pcm.dtype != np.int16 or self.pcm.shape != (self.speech.duration_samples,):
            raise Defect(
                f"a spoken line needs int16 ({self.speech.duration_samples},), got {self.pcm.dtype} {self.pcm.shape}"
            )
