"""A loaded Whisper: windows of sound to segments of words, and what it wrote but nobody said left out.

    window -> log-mel -> encoder (alone) -> greedy rows (together) -> segments -> words -> loops and silence left out
       '<-- the rest of a window whose last segment stayed open, read again from there

The encoder takes windows one at a time: 1,500 positions fill a machine, and a lone window costs what it must. A
decoder's step is small, so windows share it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from actors.engine import Device
from actors.placement import Placement
from actors.speech.attention import show_attention, text_attention
from actors.speech.greedy import GreedyReader, Row
from actors.speech.loops import kept
from actors.speech.token_segments import TIMESTAMP_S, TokenSegment, divided
from actors.speech.token_times import token_frames
from actors.speech.transcription import SAMPLE_RATE_HZ, HeardSegment, HeardWord, TranscribeRequest
from actors.speech.weights import WhisperFiles
from actors.speech.words import placed_words, shared_bounds, token_words
from schemas.errors import Unavailable

if TYPE_CHECKING:
    import torch

ROWS: dict[Device, int] = {"cpu": 4, "cuda": 16}
"""Windows that are decoded at once. On one core a step of four rows takes 1.7 times as long as a step of one."""

NOBODY_SPEAKS = 0.6
UNSURE_LOGPROB = -1.0
"""A window is taken for silence when both say so. Source: openai/whisper, `transcribe.py`."""


@dataclass
class Heard:
    """What is known of one request so far."""

    language: str
    """Primary tag; empty until it is found out."""

    language_probability: float = 1.0
    no_speech_probability: float = 0.0
    segments: list[HeardSegment] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Why text was left out."""


@dataclass(frozen=True)
class _Piece:
    """Sound to be read: the request's, or the rest of it after a first look."""

    request: int
    offset_samples: int
    language: str


class WhisperReader:
    """A model with its tokenizer and its idea of sound."""

    def __init__(self, files: WhisperFiles, placement: Placement) -> None:
        """Reads the files.

        Raises:
            Unavailable: they are not those of a Whisper, or there is no GPU where one was promised.
        """
        import torch
        from transformers import WhisperFeatureExtractor, WhisperForConditionalGeneration, WhisperTokenizer
        from transformers.utils.logging import disable_progress_bar

        silence: Any = disable_progress_bar
        silence()
        if placement.device == "cuda" and not torch.cuda.is_available():
            raise Unavailable("whisper_openai was placed on 'cuda' and torch finds no GPU")
        torch.set_num_threads(placement.threads)
        kind = torch.float16 if placement.precision == "float16" else torch.float32
        local: dict[str, Any] = {"local_files_only": True}
        try:
            self._features = WhisperFeatureExtractor.from_pretrained(files.folder, **local)
            self._tokenizer = WhisperTokenizer.from_pretrained(files.folder, **local)
            model: Any = WhisperForConditionalGeneration.from_pretrained(
                files.folder, dtype=kind, use_safetensors=True, **local
            )
        except (OSError, ValueError, KeyError, RuntimeError) as exc:
            raise Unavailable(f"{files.name} does not load: {exc}") from exc
        self._model: WhisperForConditionalGeneration = model.to(placement.device).eval()
        show_attention(self._model)
        self._rows = ROWS[placement.device]
        self._reader = GreedyReader(self._model, self._rows)
        self.heads = [(int(layer), int(head)) for layer, head in files.generation.get("alignment_heads") or ()]
        """Whose attention gives word times; empty when the checkpoint names none."""

    def close(self) -> None:
        """Gives its memory back."""
        import torch

        del self._model, self._reader
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def heard(self, batch: Sequence[TranscribeRequest]) -> list[Heard]:
        """What is heard in each request.

        Raises:
            InvalidInput: a request names a language that the model does not know.
        """
        heard = [Heard(request.primary_language) for request in batch]
        for request in batch:
            if request.language:
                self._reader.check_language(request.primary_language)
        waiting = deque(_Piece(index, 0, heard[index].language) for index, one in enumerate(batch) if len(one.pcm))
        while waiting:
            pieces = [waiting.popleft() for _ in range(min(self._rows, len(waiting)))]
            sounds = [batch[piece.request].pcm[piece.offset_samples :] for piece in pieces]
            waiting += self._read(pieces, sounds, heard)
        return heard

    def _read(
        self, pieces: Sequence[_Piece], sounds: Sequence[NDArray[np.float32]], heard: Sequence[Heard]
    ) -> list[_Piece]:
        """Reads one batch into `heard`; what is to be read after it."""
        import torch

        encoded = torch.cat([self._encoded(sound) for sound in sounds])
        rows = self._reader.read(encoded, [piece.language for piece in pieces])
        rests = []
        for piece, sound, seen, row in zip(pieces, sounds, torch.split(encoded, 1), rows, strict=True):
            one = heard[piece.request]
            if piece.offset_samples == 0:
                one.language, one.language_probability = row.language, row.language_probability
                one.no_speech_probability = row.no_speech_probability
            resume_s = self._take(one, piece.offset_samples / SAMPLE_RATE_HZ, len(sound) / SAMPLE_RATE_HZ, seen, row)
            if resume_s is not None:
                offset = piece.offset_samples + round(resume_s * SAMPLE_RATE_HZ)
                rests.append(_Piece(piece.request, offset, row.language))
        return rests

    def _encoded(self, sound: NDArray[np.float32]) -> torch.Tensor:
        """(1, 1500, d_model) of at most 30 s."""
        import torch

        made = self._features(sound, sampling_rate=SAMPLE_RATE_HZ, return_tensors="pt")
        with torch.inference_mode():
            mel = made.input_features.to(self._model.device, self._model.dtype)
            encoded: torch.Tensor = self._model.model.encoder(mel).last_hidden_state
        return encoded

    def _take(self, heard: Heard, offset_s: float, duration_s: float, encoded: torch.Tensor, row: Row) -> float | None:
        """Adds what a row holds to `heard`, at its place in the request; from where to read on, if anywhere."""
        division = divided(row.tokens, self._reader.first_timestamp, duration_s)
        text = [token for token in row.tokens if token < self._reader.first_timestamp][: division.text_tokens]
        if not text:
            return division.resume_s
        sure = sum(row.logprobs) / len(row.logprobs)
        if row.no_speech_probability > NOBODY_SPEAKS and sure < UNSURE_LOGPROB:
            heard.refused.append(f"{len(text)} tokens from {offset_s:.2f} s on, where nobody seems to speak")
            return None
        believed = set(kept(text))
        if len(believed) < len(text):
            heard.refused.append(f"{len(text) - len(believed)} tokens of a loop from {offset_s:.2f} s on")
        written = _up_to(row.tokens, self._reader.first_timestamp, division.text_tokens)
        bounds_s, likely = self._times(encoded, row.language, written, text, division.segments, duration_s)
        for segment, bounds in zip(division.segments, bounds_s, strict=True):
            words = self._words(segment, text, believed, bounds, likely, row.language)
            if words:
                heard.segments.append(_moved(words, segment, offset_s, sure, heard.segments))
        return division.resume_s

    def _times(
        self,
        encoded: torch.Tensor,
        language: str,
        written: Sequence[int],
        text: Sequence[int],
        segments: Sequence[TokenSegment],
        duration_s: float,
    ) -> tuple[list[list[float]], list[float]]:
        """For each segment when its tokens begin (and the last one ends), and how likely each text token is."""
        prefix = self._reader.whole_prefix(language)
        frames = max(1, min(round(duration_s / TIMESTAMP_S), self._model.config.max_source_positions))
        attention, sure = text_attention(self._model, encoded, prefix, written, self.heads or [(0, 0)], frames)
        places = [place for place, token in enumerate(written) if token < self._reader.first_timestamp]
        likely = [sure[place] for place in places]
        if not self.heads:
            return [
                shared_bounds(text[one.first : one.end], self._decode, one.start_s, one.end_s) for one in segments
            ], likely
        bounds = []
        for one in segments:
            rows = [*places[one.first : one.end], places[one.end - 1] + 1]
            first = min(round(one.start_s / TIMESTAMP_S), frames - 1)
            end = max(first + 1, round(one.end_s / TIMESTAMP_S))
            found = token_frames(attention[:, rows, first:end], self._model.config.median_filter_width)
            bounds.append(((first + found) * TIMESTAMP_S).tolist())
        return bounds, likely

    def _words(
        self,
        segment: TokenSegment,
        text: Sequence[int],
        believed: set[int],
        bounds_s: Sequence[float],
        likely: Sequence[float],
        language: str,
    ) -> tuple[HeardWord, ...]:
        """The words of a segment that are believed, with times inside it."""
        span = slice(segment.first, segment.end)
        words = token_words(text[span], self._decode, language)
        words = [word for word in words if segment.first + word.first in believed]
        if not words:
            return ()
        return placed_words(words, bounds_s, likely[span], segment.start_s, segment.end_s)

    def _decode(self, tokens: Sequence[int]) -> str:
        text: str = self._tokenizer.decode(list(tokens), skip_special_tokens=False, clean_up_tokenization_spaces=False)
        return text


def _up_to(tokens: Sequence[int], first_timestamp: int, text_tokens: int) -> list[int]:
    """The tokens up to the timestamp after so many text tokens."""
    left = text_tokens
    for place, token in enumerate(tokens):
        left -= token < first_timestamp
        if left < 0:
            return list(tokens[:place])
    return list(tokens)


def _moved(
    words: Sequence[HeardWord], segment: TokenSegment, offset_s: float, sure: float, before: Sequence[HeardSegment]
) -> HeardSegment:
    """The segment on the request's clock, not before the one that precedes it."""
    earliest = before[-1].end_s if before else 0.0

    def at(time_s: float) -> float:
        return round(max(time_s + offset_s, earliest), 3)

    moved = tuple(
        HeardWord(word.text, at(word.start_s), at(word.end_s), round(word.probability, 4), word.space_before)
        for word in words
    )
    return HeardSegment(at(segment.start_s), at(segment.end_s), moved, round(sure, 4))
