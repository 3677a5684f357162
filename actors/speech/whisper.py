"""What was said, when, and in which language? Whisper through transformers, from files on this machine alone.

    sound -> log-mel -> encoder, one window at a time -> greedy decoding, a fixed number of rows at a time
          -> segments (timestamps) -> words (attention) -> what nobody said is left out

Model: any Whisper of openai's, or one trained from it, as safetensors; `tiny` unless told otherwise.
Source: Radford et al. (2022), arXiv 2212.04356; https://github.com/openai/whisper
Licence: MIT (openai's weights and code), Apache-2.0 (transformers)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from actors.engine import EngineSpec
from actors.gpu_memory import room_on_gpu
from actors.placement import Placement
from actors.speech.transcription import TranscribeRequest, Transcription, primary
from actors.speech.weights import WhisperFiles, find_whisper
from actors.speech.whisper_reader import ROWS, WhisperReader
from schemas.backend import Backend
from schemas.errors import Unavailable

SPEC = EngineSpec(
    name="whisper_openai", version="1", backend_type="real", memory_mb=1200, model="whisper-tiny",
    vram_mb=1500, half=True, batch=ROWS["cpu"], longest_call_s=600,
)  # fmt: skip
"""Memory is that of `tiny`; `check` puts that of the model in its place."""

LIBRARIES_MB = 900
"""Resident memory of torch and transformers."""

CONTEXT_MB = 600
"""Memory of a GPU that CUDA takes for itself."""


class WhisperSpeech:
    """Speech engine over a Whisper."""

    def __init__(
        self,
        placement: Placement | None = None,
        *,
        degraded: str = "",
        model: str = "tiny",
        weights: str = "",
        language: str = "",
    ) -> None:
        """Takes note.

        Args:
            placement: where it computes.
            degraded: why it stands in for a better engine.
            model: a size, a hub id, or a folder.
            weights: folder in which `whisper-<size>` is looked for first; empty for none.
            language: what will be asked of it, so that `check` can say no; empty when anything may be.
        """
        self._placement = placement or Placement()
        self._model_name, self._weights, self._language = model, weights, language
        rows = ROWS[self._placement.device]
        self._spec = replace(
            SPEC, batch=rows, device=self._placement.device, precision=self._placement.precision, degraded=degraded
        )
        self._whisper: WhisperReader | None = None

    @property
    def spec(self) -> EngineSpec:
        return self._spec

    def check(self) -> None:
        """Finds the weights and what reads them; imports neither torch nor transformers.

        Raises:
            InvalidInput: the model's name is none.
            Unavailable: a library or the weights are missing, not whole, or do not know the language.
        """
        self._checked()

    def load(self) -> None:
        """Loads the model.

        Raises:
            Unavailable: as `check`, or the files changed since then, or there is no GPU to load it on, or no room.
        """
        known = self._spec.digest
        files = self._checked()
        if known and known != self._spec.digest:
            raise Unavailable(f"the weights of {files.name!r} changed while they were in use; start again")
        if self._whisper is None:
            files.compare_sums()
            with room_on_gpu(SPEC.name):
                self._whisper = WhisperReader(files, self._placement)

    def infer(self, batch: Sequence[TranscribeRequest]) -> list[Transcription]:
        """One transcription per request, in order; each is the same in any batch.

        Raises:
            InvalidInput: a request names a language that the model does not know.
            Unavailable: not loaded, or the memory of the GPU is full.
        """
        if self._whisper is None:
            raise Unavailable("whisper_openai is not loaded; call load() first")
        with room_on_gpu(SPEC.name):
            answers = self._whisper.heard(batch)
        backend = Backend(
            backend_type="real", name=SPEC.name, version=SPEC.version, model=self._spec.model,
            degraded=self._spec.degraded,
        )  # fmt: skip
        return [
            Transcription(
                language=answer.language or "und",
                language_source="hint" if request.language else "detected",
                language_probability=answer.language_probability,
                no_speech_probability=answer.no_speech_probability,
                segments=tuple(answer.segments),
                word_times="attention" if self._whisper.heads else "shared",
                backend=backend,
                refused="; ".join(answer.refused),
            )
            for request, answer in zip(batch, answers, strict=True)
        ]

    def close(self) -> None:
        """Forgets the model."""
        if self._whisper is not None:
            self._whisper.close()
        self._whisper = None

    def _checked(self) -> WhisperFiles:
        for library in ("torch", "transformers", "safetensors"):
            if find_spec(library) is None:
                raise Unavailable(f"whisper_openai needs {library}, which is not installed")
        files = find_whisper(self._model_name, Path(self._weights) if self._weights else None)
        if self._language and primary(self._language) not in files.languages:
            raise Unavailable(f"{files.name} does not know the language {self._language!r}")
        weights_mb = -(-files.weights_bytes // 1_000_000)
        self._spec = replace(
            self._spec,
            model=files.name,
            digest=files.digest(),
            memory_mb=LIBRARIES_MB + 2 * weights_mb,  # half precision on disk is single precision on a CPU
            vram_mb=CONTEXT_MB + 5 * weights_mb // 2,  # weights, and what 16 rows remember of their windows
        )
        return files
