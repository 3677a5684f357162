"""Tiny media made on the spot: 64x36 pictures, a second of sound."""

import wave
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from pipelines.media.film import assemble_film
from pipelines.media.segment import encode_segment
from schemas.captions import CaptionTrack, Cue
from schemas.timing import EditRate

CUES = ((2, 8, ("Light the lamp.",)), (12, 20, ("Привет,", "Ada — здравствуй")))


@dataclass
class TinyMedia:
    """Makes small files in one folder."""

    folder: Path
    rate: EditRate = field(default_factory=EditRate)

    def segment(self, name: str, frames: int, colour: int) -> Path:
        """A plain picture with a bar whose left edge stands at twice the tick."""

        def draw(tick, canvas):
            canvas[:] = colour
            canvas[10:26, (2 * tick) % 50 : (2 * tick) % 50 + 12] = 255 - colour

        encode_segment(self.folder / name, 64, 36, self.rate, frames, draw)
        return self.folder / name

    def wav(self, name: str, samples: np.ndarray, rate_hz: int = 48_000) -> Path:
        """16-bit WAV of float (N,) or (N, channels) in [-1, 1]."""
        with wave.open(str(self.folder / name), "wb") as file:
            file.setnchannels(1 if samples.ndim == 1 else samples.shape[1])
            file.setsampwidth(2)
            file.setframerate(rate_hz)
            file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
        return self.folder / name

    def tone(self, samples: int, level: float = 0.2) -> np.ndarray:
        """Stereo, 440 Hz."""
        mono = level * np.sin(2 * np.pi * 440 * np.arange(samples) / 48_000)
        return np.stack([mono, mono], axis=1)

    def samples(self, ticks: int) -> int:
        return self.rate.boundary_samples(ticks, 48_000)

    def cues(self, spans=CUES) -> CaptionTrack:
        return CaptionTrack(
            edit_rate=self.rate,
            cues=tuple(
                Cue(start_ticks=start, end_ticks=end, element_id=f"line{start}", speaker_id="ada", lines=lines)
                for start, end, lines in spans
            ),
        )

    def film(self, *, lengths=(7, 12, 5), spans=CUES, mix: np.ndarray | None = None, name: str = "film.mp4") -> Path:
        """Three shots, a tone, and two captions."""
        segments = [self.segment(f"segment{k}.mp4", frames, 60 + 40 * k) for k, frames in enumerate(lengths)]
        heard = self.tone(self.samples(sum(lengths))) if mix is None else mix
        assemble_film(
            self.folder / name,
            segments=segments,
            rate=self.rate,
            mix_wav=self.wav("mix.wav", heard),
            cues=self.cues(spans),
            language="en-GB",
            title="The Lamp",
        )
        return self.folder / name


@pytest.fixture
def tiny(tmp_path) -> TinyMedia:
    return TinyMedia(tmp_path)


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Path:
    """A film that tests only read."""
    return TinyMedia(tmp_path_factory.mktemp("film")).film()
