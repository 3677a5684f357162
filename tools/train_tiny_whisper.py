"""`python -m tools.train_tiny_whisper [FOLDER]`: a Whisper of under one million parameters that knows 15 sentences.

No Whisper weights can be had where the tests run, so a real one is trained here, once: the architecture, tokenizer,
special tokens and files are those of every other Whisper, only smaller. It hears the project's own voices speak the
sentences of SENTENCES in any order, with pauses, at any loudness, in some noise, and writes them down with timestamps.

    sentences -> espeak-ng -> windows of speech, pauses, noise -> log-mel -> encoder, decoder -> tokens, timestamps

Three things make minutes on one thread enough. Timestamp tokens begin as the sinusoids of the encoder's positions, so
that all 1,501 are learnt together. The voices say when each word sounds, so the encoder is told which word it hears,
and the last layer of the decoder where to look: word times come of that. And most steps see a short piece of a window,
put at any place of the 30 s.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import (
    GenerationConfig,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperTokenizer,
)

from actors.speech.attention import show_attention, watched
from actors.speech.transcription import TranscribeRequest
from actors.speech.whisper import WhisperSpeech
from tools.tiny_whisper_speech import (
    FOLDER,
    SAMPLE_RATE_HZ,
    SENTENCES,
    Clip,
    SaidWord,
    SpokenWindow,
    spoken_clips,
    spoken_window,
)

POSITIONS = 1500
POSITION_S = 0.02
"""Seconds of an encoder position and of a timestamp token."""

TIMESTAMP_SCALE = 0.3
"""How loud the sinusoids are as timestamp tokens: neighbours must differ enough to be told apart."""

WORDS = sorted({word for lines in SENTENCES.values() for text in lines for word in text.split()})
SEED = 7
UNUSED = -100

PLAN = ((1300, 16, 300, 4e-3), (400, 10, 750, 2.5e-3), (1000, 8, POSITIONS, 2e-3))
"""(steps, rows, positions of a window, highest learning rate), one after the other."""


def token_of(tokenizer: WhisperTokenizer, name: str) -> int:
    """The one token of a special name such as `transcribe` or `0.00`."""
    return int(tokenizer.convert_tokens_to_ids(f"<|{name}|>"))


def built_tokenizer() -> WhisperTokenizer:
    """Byte-level BPE over SENTENCES, then Whisper's special tokens, then the timestamps."""
    learnt = Tokenizer(models.BPE())
    learnt.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=480, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False
    )
    learnt.train_from_iterator([f" {text}" for lines in SENTENCES.values() for text in lines], trainer)
    model = json.loads(learnt.to_str())["model"]
    tokenizer = WhisperTokenizer(vocab=model["vocab"], merges=[tuple(merge) for merge in model["merges"]])
    named = ["startoftranscript", *SENTENCES, "translate", "transcribe", "startoflm", "startofprev", "nospeech"]
    named.append("notimestamps")
    tokenizer.add_special_tokens({"additional_special_tokens": [f"<|{name}|>" for name in named]})
    tokenizer.add_tokens([f"<|{position * POSITION_S:.2f}|>" for position in range(POSITIONS + 1)])
    return tokenizer


def built_model(tokenizer: WhisperTokenizer) -> WhisperForConditionalGeneration:
    """The model before training; timestamp tokens are the sinusoids of the positions that they name."""
    end = token_of(tokenizer, "endoftext")
    config = WhisperConfig(
        vocab_size=len(tokenizer), d_model=96, num_mel_bins=80, max_source_positions=POSITIONS,
        encoder_layers=2, decoder_layers=2, encoder_attention_heads=2, decoder_attention_heads=4,
        encoder_ffn_dim=256, decoder_ffn_dim=256, median_filter_width=7, init_std=0.08,
        pad_token_id=end, bos_token_id=end, eos_token_id=end,
        decoder_start_token_id=token_of(tokenizer, "startoftranscript"),
        suppress_tokens=None, begin_suppress_tokens=None,
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config)
    first = token_of(tokenizer, "0.00")
    with torch.no_grad():
        tokens = model.model.decoder.embed_tokens.weight
        tokens[first : first + POSITIONS] = TIMESTAMP_SCALE * model.model.encoder.embed_positions.weight
    model.generation_config = _generation(tokenizer, config)
    return model


def _generation(tokenizer: WhisperTokenizer, config: WhisperConfig) -> GenerationConfig:
    """What openai's generation_config.json files say of their models, said of ours."""
    return GenerationConfig(
        decoder_start_token_id=config.decoder_start_token_id, eos_token_id=config.eos_token_id,
        bos_token_id=config.bos_token_id, pad_token_id=config.pad_token_id, max_length=448,
        is_multilingual=True, lang_to_id={f"<|{one}|>": token_of(tokenizer, one) for one in SENTENCES},
        task_to_id={one: token_of(tokenizer, one) for one in ("transcribe", "translate")},
        no_timestamps_token_id=token_of(tokenizer, "notimestamps"),
        prev_sot_token_id=token_of(tokenizer, "startofprev"),
        return_timestamps=True,
        alignment_heads=[[config.decoder_layers - 1, head] for head in range(config.decoder_attention_heads)],
    )  # fmt: skip


@dataclass(frozen=True)
class Target:
    """A token to be written, and where in the window it is heard: encoder positions [first, end), or nowhere."""

    token: int
    first: int = 0
    end: int = 0


def targets(window: SpokenWindow, tokenizer: WhisperTokenizer, first_position: int, *, timed: bool) -> list[Target]:
    """What is to be written for a window that begins at a position of the 30 s, as Whisper was trained to."""
    made = [Target(token_of(tokenizer, name)) for name in ("startoftranscript", window.language, "transcribe")]
    if not timed:
        made.append(Target(token_of(tokenizer, "notimestamps")))

    def timestamp(time_s: float) -> list[Target]:
        at = round(time_s / POSITION_S)
        return [Target(token_of(tokenizer, "0.00") + first_position + at, max(0, at - 2), at + 3)] if timed else []

    for line in window.lines:
        made += timestamp(line[0].start_s)
        for word in line:
            made += [
                Target(token, *_positions(word))
                for token in tokenizer.encode(f" {word.text}", add_special_tokens=False)
            ]
        made += timestamp(line[-1].end_s)
    if not window.lines and timed:
        made.append(Target(token_of(tokenizer, "0.00")))
    return [*made, Target(token_of(tokenizer, "endoftext"))]


def _positions(word: SaidWord) -> tuple[int, int]:
    """[first, end) of the encoder's positions at which a word sounds."""
    first = int(word.start_s / POSITION_S)
    return first, max(first + 1, round(word.end_s / POSITION_S))


@dataclass(frozen=True)
class Lesson:
    """A batch to learn from."""

    mel: torch.Tensor
    """(rows, 80, 2 positions)."""

    first_positions: torch.Tensor
    """(rows,): where in the 30 s each row begins."""

    given: torch.Tensor
    """(rows, T): tokens that the decoder is given."""

    wanted: torch.Tensor
    """(rows, T): the token that should follow each; UNUSED where it does not matter."""

    heard: torch.Tensor
    """bool (rows, T, positions): where the wanted token is heard; all False where it is heard nowhere."""

    sounding: torch.Tensor
    """(rows, positions): which of WORDS sounds at each position, from 1; 0 for none."""


class Lessons:
    """Lessons, made up as they are asked for."""

    def __init__(self, tokenizer: WhisperTokenizer, clips: Sequence[Clip], seed: int) -> None:
        self._tokenizer, self._clips = tokenizer, clips
        self._random = np.random.default_rng(seed)
        self._features = WhisperFeatureExtractor(feature_size=80)

    def lesson(self, rows: int, positions: int) -> Lesson:
        first = self._random.integers(0, POSITIONS - positions + 1, rows)
        windows = [spoken_window(self._clips, positions * POSITION_S, self._random) for _ in range(rows)]
        timed = [bool(self._random.random() < 0.9) for _ in windows]
        written = [
            targets(window, self._tokenizer, int(at), timed=one)
            for window, at, one in zip(windows, first, timed, strict=True)
        ]
        longest = max(map(len, written)) - 1
        end = token_of(self._tokenizer, "endoftext")
        given = torch.full((rows, longest), end)
        wanted = torch.full((rows, longest), UNUSED)
        heard = torch.zeros((rows, longest, positions), dtype=torch.bool)
        sounding = torch.zeros((rows, positions), dtype=torch.long)
        for row, (window, made) in enumerate(zip(windows, written, strict=True)):
            given[row, : len(made) - 1] = torch.tensor([one.token for one in made[:-1]])
            wanted[row, : len(made) - 1] = torch.tensor([one.token for one in made[1:]])
            wanted[row, 1 if timed[row] else slice(1, 3)] = UNUSED  # the task is never the model's to choose
            if not window.lines:
                wanted[row, 0] = token_of(self._tokenizer, "nospeech")
            for index, one in enumerate(made[1:]):
                heard[row, index, one.first : one.end] = True
            for word in (word for line in window.lines for word in line):
                sounding[row, slice(*_positions(word))] = 1 + WORDS.index(word.text)
        mel = torch.cat([self.log_mel(window.pcm, positions) for window in windows])
        return Lesson(mel, torch.from_numpy(first), given, wanted, heard, sounding)

    def log_mel(self, pcm: NDArray[np.float32], positions: int) -> torch.Tensor:
        samples = 2 * positions * self._features.hop_length
        made = self._features(pcm, sampling_rate=SAMPLE_RATE_HZ, max_length=samples, return_tensors="pt")
        return torch.as_tensor(made.input_features)


class _PlacedPositions(torch.nn.Module):
    """Stands in for the encoder's table of positions: every row begins at a place of its own."""

    def __init__(self, table: torch.Tensor, first: torch.Tensor, positions: int) -> None:
        super().__init__()
        self.num_embeddings = positions
        self._table, self._first = table, first

    def forward(self, places: torch.Tensor) -> torch.Tensor:
        return self._table[self._first[:, None] + places]


def losses_of(
    logits: torch.Tensor, attention: torch.Tensor, named: torch.Tensor, lesson: Lesson, first_timestamp: int
) -> tuple[torch.Tensor, ...]:
    """(text, timestamps, attention, words), all cross-entropies.

    A timestamp's neighbours are right too, the less the further away (Gaussian, one token wide). Attention: how far the
    last layer's look is from an even one at all of the word whose token is written. Words: how badly the encoder alone
    tells which word sounds.

    Args:
        logits: of the decoder, (rows, T, tokens).
        attention: of the decoder's last layer, (rows, heads, T, positions).
        named: which word sounds, (rows, positions, 1 + words).
        lesson: what was to be learnt.
        first_timestamp: the token of 0.00 s.
    """
    known = lesson.wanted != UNUSED
    wanted = lesson.wanted[known]
    logged = torch.log_softmax(logits[known], dim=-1)
    is_time = wanted >= first_timestamp
    said = -logged[~is_time].gather(1, wanted[~is_time, None]).mean()
    reach = torch.arange(-3, 4)
    near = (wanted[is_time, None] + reach).clamp(first_timestamp, logits.shape[-1] - 1)
    timed = -(logged[is_time].gather(1, near) * torch.softmax(-0.5 * reach**2, 0)).sum(-1).mean()
    placed = lesson.heard.any(-1)
    near_word = lesson.heard.float() / lesson.heard.sum(-1, keepdim=True).clamp_min(1)
    looks = -(attention.clamp_min(1e-6).log() * near_word[:, None]).sum(-1).transpose(1, 2)[placed].mean()
    told = torch.nn.functional.cross_entropy(named.flatten(0, 1), lesson.sounding.flatten())
    return said, timed, looks, told


def train(
    model: WhisperForConditionalGeneration,
    lessons: Lessons,
    first_timestamp: int,
    plan: Sequence[tuple[int, int, int, float]],
) -> None:
    """Trains by a plan of (steps, rows, positions of a window, highest learning rate)."""
    encoder = model.model.encoder
    whole = encoder.embed_positions.weight.detach().clone()
    last = model.config.decoder_layers - 1
    namer = torch.nn.Linear(model.config.d_model, 1 + len(WORDS))
    show_attention(model)
    began = time.monotonic()
    for steps, rows, positions, highest in plan:
        model.config.max_source_positions = positions
        learnt = [one for one in (*model.parameters(), *namer.parameters()) if one.requires_grad]
        optimiser = torch.optim.AdamW(learnt, lr=highest, weight_decay=0.01, betas=(0.9, 0.98))
        for step in range(steps):
            for group in optimiser.param_groups:
                group["lr"] = highest * min(1.0, (step + 1) / 40) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
            lesson = lessons.lesson(rows, positions)
            encoder.embed_positions = _PlacedPositions(whole, lesson.first_positions, positions)
            with watched(model, {last}) as seen:
                answer = model(input_features=lesson.mel, decoder_input_ids=lesson.given)
            named = namer(answer.encoder_last_hidden_state)
            losses = losses_of(answer.logits, seen[last], named, lesson, first_timestamp)
            optimiser.zero_grad()
            torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
            if step % 50 == 0 or step == steps - 1:
                shown = ", ".join(f"{one.item():.3f}" for one in losses)
                print(f"{time.monotonic() - began:5.0f} s  {positions} positions, step {step}: {shown}", flush=True)
    model.config.max_source_positions = POSITIONS
    encoder.embed_positions = torch.nn.Embedding.from_pretrained(whole)  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Accuracy:
    """How a checkpoint does on windows that it never saw."""

    windows: int
    exact: int
    """Windows whose segments have the right text."""

    languages: int
    """Windows with speech whose language was found."""

    spoken: int
    """Windows with speech."""

    segment_error_s: tuple[float, ...]
    """Of each begin and end of a segment in an exact window."""

    word_error_s: tuple[float, ...]
    """Of each border between two words there."""


def accuracy(engine: WhisperSpeech, clips: Sequence[Clip], windows: int, seed: int) -> Accuracy:
    """Reads new windows of 30 s with the engine that a user has."""
    random = np.random.default_rng([seed, 30])
    made = [spoken_window(clips, 30.0, random) for _ in range(windows)]
    answers = engine.infer([TranscribeRequest(one.pcm) for one in made])
    exact, languages = 0, 0
    segment_errors: list[float] = []
    word_errors: list[float] = []
    for window, answer in zip(made, answers, strict=True):
        languages += bool(window.lines) and answer.language == window.language
        if [one.text for one in answer.segments] != [" ".join(word.text for word in line) for line in window.lines]:
            continue
        exact += 1
        for segment, line in zip(answer.segments, window.lines, strict=True):
            segment_errors += [abs(segment.start_s - line[0].start_s), abs(segment.end_s - line[-1].end_s)]
            word_errors += [
                abs(heard.start_s - said.start_s) for heard, said in zip(segment.words[1:], line[1:], strict=True)
            ]
    spoken = sum(bool(one.lines) for one in made)
    return Accuracy(windows, exact, languages, spoken, tuple(segment_errors), tuple(word_errors))


README = """# A tiny Whisper

{parameters:,} parameters, trained by `python -m tools.train_tiny_whisper` on speech of the project's own voices. It
knows 15 sentences, ten in English and five in German, and nothing else; it is here to test the path that real Whispers
take. Same architecture, tokenizer and files as openai's; float16 weights; nothing in it is openai's.

Measured by the script on {windows} new windows of 30 s: text exact in {exact}, language right in {languages} of
{spoken} with speech. In the exact ones segments begin and end {segment_mean_ms:.0f} ms off on average and
{segment_most_ms:.0f} ms at most, and words begin {word_mean_ms:.0f} ms off on average.

`SHA256SUMS` lists the files; they are compared whenever the model is loaded.
"""


def save(model: WhisperForConditionalGeneration, tokenizer: WhisperTokenizer, folder: Path) -> None:
    """Writes the checkpoint as a user would have it, weights in float16."""
    folder.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=80).save_pretrained(folder)
    names = sorted(path.name for path in folder.iterdir() if path.suffix in (".json", ".safetensors"))
    sums = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(sums))
    for path in folder.iterdir():
        path.chmod(0o644)


def main(folder: Path) -> None:
    """Trains, saves, reads new windows from what was saved, and prints how well."""
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    tokenizer = built_tokenizer()
    model = built_model(tokenizer)
    parameters = sum(one.numel() for one in model.parameters())
    train(model, Lessons(tokenizer, spoken_clips(), SEED), token_of(tokenizer, "0.00"), PLAN)
    save(model, tokenizer, folder)
    engine = WhisperSpeech(model=str(folder))
    engine.load()
    found = accuracy(engine, spoken_clips(rates_wpm=(155, 185)), windows=100, seed=SEED)
    text = README.format(
        parameters=parameters, windows=found.windows, exact=found.exact, languages=found.languages, spoken=found.spoken,
        segment_mean_ms=1000 * np.mean(found.segment_error_s), segment_most_ms=1000 * np.max(found.segment_error_s),
        word_mean_ms=1000 * np.mean(found.word_error_s),
    )  # fmt: skip
    (folder / "README.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
