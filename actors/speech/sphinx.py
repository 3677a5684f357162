"""What was said in English, without any download? The wheel's own models: hidden Markov models and trigrams.

It knows the words of its dictionary and no punctuation, and errs much more often than any Whisper; it answers where no
Whisper is on the machine, and says so. Words have the times of the search itself. A pause of half a second ends a
segment.

Model: the US English models that the wheel `pocketsphinx` brings.
Source: https://github.com/cmusphinx/pocketsphinx
Licence: BSD-2-Clause (library and models)
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from actors.engine import EngineSpec
from actors.placement import Placement
from actors.speech.transcription import (
    SAMPLE_RATE_HZ,
    HeardSegment,
    HeardWord,
    TranscribeRequest,
    Transcription,
    primary,
)
from schemas.backend import Backend
from schemas.errors import InvalidInput, Unavailable

SPEC = EngineSpec(
    name="pocketsphinx", version="5.1.1+1", backend_type="real", memory_mb=200, model="en-us", longest_call_s=600
)
"""`+1` counts our own changes to what is made of the library's words."""

FRAMES_A_SECOND = 100
PAUSE_S = 0.5
"""A segment ends where nobody speaks for so long."""

NOT_A_WORD = re.compile(r"[<\[+].*")
"""`<sil>`, `</s>`, `[NOISE]`, `++BREATH++`."""

SILENT = 0.002
"""A peak of 54 dB below full scale: the search finds words in less, too."""

SHORTEST_SAMPLES = 1600
"""0.1 s; the decoder finds nothing in less and complains."""


@dataclass(frozen=True)
class SphinxFiles:
    """The models of the wheel."""

    acoustic: Path
    language: Path
    dictionary: Path


class PocketSphinxSpeech:
    """Speech engine over PocketSphinx. Its adaptation is put back before every request, hence always the same words."""

    def __init__(self, placement: Placement | None = None, *, degraded: str = "", language: str = "") -> None:
        """Takes note.

        Args:
            placement: it computes on one CPU whatever is said here.
            degraded: why it stands in for a better engine.
            language: what will be asked of it, so that `check` can say no; empty when anything may be.
        """
        self._spec = replace(SPEC, degraded=degraded)
        self._language = language
        self._decoder: Any = None

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Finds the library and its models.

        Raises:
            Unavailable: pocketsphinx is not installed, not whole, or asked for another language than English.
        """
        if self._language and not _is_english(self._language):
            raise Unavailable(f"pocketsphinx knows English alone, not {self._language!r}")
        self._spec = replace(self._spec, digest=_digest(sphinx_files()))

    def load(self) -> None:
        """Loads the models: about a second.

        Raises:
            Unavailable: as `check`, or the library refuses its models.
        """
        self.check()
        if self._decoder is None:
            self._decoder = _decoder(sphinx_files())

    def infer(self, batch: Sequence[TranscribeRequest]) -> list[Transcription]:
        """One transcription per request, in order.

        Raises:
            InvalidInput: a request asks for another language than English.
            Unavailable: not loaded.
        """
        if self._decoder is None:
            raise Unavailable("pocketsphinx is not loaded; call load() first")
        for request in batch:
            if request.language and not _is_english(request.language):
                raise InvalidInput(f"pocketsphinx knows English alone, not {request.language!r}")
        return [self._heard(request) for request in batch]

    def close(self) -> None:
        """Forgets the models."""
        self._decoder = None

    def _heard(self, request: TranscribeRequest) -> Transcription:
        backend = Backend(
            backend_type="real", name=SPEC.name, version=SPEC.version, model=SPEC.model, degraded=self._spec.degraded
        )
        return Transcription(
            language="en",
            language_source="hint" if request.language else "assumed",
            language_probability=1.0 if request.language else 0.0,
            no_speech_probability=0.0,
            segments=tuple(_segments(_words(self._decoder, request.pcm))),
            word_times="segmentation",
            backend=backend,
        )


def sphinx_files() -> SphinxFiles:
    """Where the wheel's models lie; the library is not imported.

    Raises:
        Unavailable: the wheel is not installed, or not whole.
    """
    package = find_spec("pocketsphinx")
    if package is None or not package.submodule_search_locations:
        raise Unavailable("pocketsphinx is not installed")
    models = Path(package.submodule_search_locations[0]) / "model" / "en-us"
    files = SphinxFiles(models / "en-us", models / "en-us.lm.bin", models / "cmudict-en-us.dict")
    for path in (files.acoustic / "mdef", files.language, files.dictionary):
        if not path.is_file():
            raise Unavailable(f"pocketsphinx is installed without its model: {path.name!r} is missing")
    return files


@cache
def _digest(files: SphinxFiles) -> str:
    """SHA-256 over every model file's name and bytes: about 40 MB, once a process."""
    digest = hashlib.sha256()
    for path in (*sorted(files.acoustic.iterdir()), files.language, files.dictionary):
        with path.open("rb") as file:
            digest.update(path.name.encode() + b"\0" + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _is_english(language: str) -> bool:
    return primary(language) == "en"


def _decoder(files: SphinxFiles) -> Any:
    import pocketsphinx

    try:
        return pocketsphinx.Decoder(
            hmm=str(files.acoustic), lm=str(files.language), dict=str(files.dictionary), loglevel="FATAL"
        )
    except RuntimeError as exc:
        raise Unavailable(f"pocketsphinx refuses its model: {exc}") from exc


def _words(decoder: Any, pcm: NDArray[np.float32]) -> list[HeardWord]:
    """The words of a sound in order; variants of pronunciation (`and(2)`) are the word itself."""
    if len(pcm) < SHORTEST_SAMPLES or np.abs(pcm).max() < SILENT:
        return []
    decoder.reinit_feat()  # the mean of the sound before would stay in the features otherwise
    decoder.start_utt()
    decoder.process_raw(np.round(np.clip(pcm, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
    return [
        HeardWord(
            text=re.sub(r"\(\d+\)$", "", segment.word),
            start_s=segment.start_frame / FRAMES_A_SECOND,
            end_s=min((segment.end_frame + 1) / FRAMES_A_SECOND, len(pcm) / SAMPLE_RATE_HZ),
            probability=round(min(1.0, segment.prob), 4),
        )
        for segment in decoder.seg() or ()
        if not NOT_A_WORD.fullmatch(segment.word)
    ]


def _segments(words: Sequence[HeardWord]) -> list[HeardSegment]:
    """Words without a pause of PAUSE_S between them."""
    groups: list[list[HeardWord]] = []
    for word in words:
        if groups and word.start_s - groups[-1][-1].end_s < PAUSE_S:
            groups[-1].append(word)
        else:
            groups.append([word])
    return [
        HeardSegment(
            start_s=group[0].start_s,
            end_s=group[-1].end_s,
            words=tuple(group),
            avg_logprob=round(sum(math.log(max(word.probability, 1e-4)) for word in group) / len(group), 4),
        )
        for group in groups
    ]
