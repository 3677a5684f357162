"""The likeliest text of a few windows at once: Whisper's greedy decoding with timestamps, always at the same shape.

    rows     SOT -> language, nobody speaks?        one step for all rows
             SOT, language, task -> <|0.00|> it is <|1.20|><|1.90|> ... <|endoftext|>

The batch always has `rows` rows, the unused ones hold silence: other shapes of a matrix give other last bits, and with
them, sooner or later, another word. Temperature is zero and nothing is drawn at random.

Source: Radford et al. (2022), arXiv 2212.04356; the rules for timestamps are those of transformers' own processors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from actors.speech.loops import looping
from schemas.errors import InvalidInput

if TYPE_CHECKING:
    import torch
    from transformers import WhisperForConditionalGeneration

LOOK_FOR_LOOPS_EVERY = 16
"""Steps; a loop costs at most so many more."""


@dataclass
class Row:
    """What was read from one window."""

    language: str
    language_probability: float
    no_speech_probability: float
    tokens: list[int] = field(default_factory=list)
    """Text and timestamps, without the end."""

    logprobs: list[float] = field(default_factory=list)
    """Of each token, and of the end when it was reached."""

    ended: bool = False


class GreedyReader:
    """Reads encoded windows with one model."""

    def __init__(self, model: WhisperForConditionalGeneration, rows: int) -> None:
        self._model, self._rows = model, rows
        self._marks = cast(Any, model.generation_config)
        self._multilingual = bool(getattr(self._marks, "is_multilingual", False))
        self._end = int(self._marks.eos_token_id)
        self.first_timestamp = int(self._marks.no_timestamps_token_id) + 1

    def read(self, encoded: torch.Tensor, languages: Sequence[str]) -> list[Row]:
        """One row for each window.

        Args:
            encoded: (n, 1500, d_model), n at most `rows`.
            languages: n primary tags that the model knows; empty where the language is to be found out.
        """
        import torch

        given = len(languages)
        filled = torch.cat([encoded, encoded.new_zeros(self._rows - given, *encoded.shape[1:])])
        with torch.inference_mode():
            logits, cache = self._step(filled, torch.full((self._rows, 1), self._marks.decoder_start_token_id), None)
            rows = self._begun(logits[:, -1].float(), [*languages, *[""] * (self._rows - given)])
            for row in rows[given:]:
                row.ended = True
            prefix = torch.tensor([self._prefix(row.language) for row in rows])
            if prefix.shape[1]:
                logits, cache = self._step(filled, prefix, cache)
            self._continue(filled, rows, logits[:, -1], cache, 1 + prefix.shape[1])
        return rows[:given]

    def _step(self, encoded: torch.Tensor, tokens: torch.Tensor, cache: Any) -> tuple[torch.Tensor, Any]:
        answer = self._model(
            encoder_outputs=(encoded,), decoder_input_ids=tokens.to(encoded.device), cache=cache, use_cache=True
        )
        return answer.logits, answer.cache

    def _begun(self, logits: torch.Tensor, languages: Sequence[str]) -> list[Row]:
        """Rows with their language and the chance that nobody speaks, both told by the first step."""
        nobody = logits.softmax(-1)[:, self.first_timestamp - 2].tolist()
        if not self._multilingual:
            return [Row("en", 1.0, silence) for silence in nobody]
        tokens = {name.strip("<|>"): token for name, token in self._marks.lang_to_id.items()}
        likely = logits[:, list(tokens.values())].softmax(-1)
        best = likely.argmax(-1).tolist()
        names = list(tokens)
        return [
            Row(language, 1.0, silence) if language else Row(names[heard], float(share[heard]), silence)
            for language, silence, heard, share in zip(languages, nobody, best, likely, strict=True)
        ]

    def check_language(self, language: str) -> None:
        """Says no to a language.

        Raises:
            InvalidInput: the model does not know it.
        """
        known = [name.strip("<|>") for name in self._marks.lang_to_id] if self._multilingual else ["en"]
        if language not in known:
            raise InvalidInput(f"this Whisper does not know the language {language!r}; it knows {', '.join(known)}")

    def whole_prefix(self, language: str) -> list[int]:
        """Tokens before a text with timestamps."""
        return [self._marks.decoder_start_token_id, *self._prefix(language)]

    def _prefix(self, language: str) -> list[int]:
        """Tokens after the first that are not the model's to choose."""
        if not self._multilingual:
            return []
        return [self._marks.lang_to_id[f"<|{language}|>"], self._marks.task_to_id["transcribe"]]

    def _continue(
        self, encoded: torch.Tensor, rows: Sequence[Row], logits: torch.Tensor, cache: Any, prefix: int
    ) -> None:
        """Adds tokens to the rows until each has ended, loops, or is full."""
        import torch

        allowed = self._rules(prefix, encoded.device)
        history = torch.zeros((self._rows, prefix), dtype=torch.long)
        for step in range(int(self._model.config.max_target_positions) - prefix):
            scores = allowed(history, logits.float()).log_softmax(-1)
            best = scores.argmax(-1)
            for row, token, logprob in zip(rows, best.tolist(), scores.gather(1, best[:, None]).tolist(), strict=True):
                if row.ended:
                    continue
                row.logprobs.append(logprob[0])
                if token == self._end:
                    row.ended = True
                else:
                    row.tokens.append(token)
            if (step + 1) % LOOK_FOR_LOOPS_EVERY == 0:
                for row in rows:
                    row.ended = row.ended or looping([one for one in row.tokens if one < self._end])
            if all(row.ended for row in rows):
                return
            chosen = torch.tensor([[self._end if row.ended else row.tokens[-1]] for row in rows])
            history = torch.cat([history, chosen], 1)
            logits, cache = self._step(encoded, chosen, cache)
            logits = logits[:, -1]

    def _rules(self, prefix: int, device: torch.device) -> Any:
        """What may follow what: timestamps first, in pairs, in order; no special token, and none of openai's list."""
        from transformers.generation.logits_process import (
            LogitsProcessorList,
            SuppressTokensLogitsProcessor,
            WhisperTimeStampLogitsProcessor,
        )

        never = [*(getattr(self._marks, "suppress_tokens", None) or ()), *range(self._end + 1, self.first_timestamp)]
        return LogitsProcessorList(
            [
                SuppressTokensLogitsProcessor(never, device=str(device)),
                WhisperTimeStampLogitsProcessor(self._marks, begin_index=prefix),
            ]
        )
