"""Silero and PocketSphinx on real speech with known ground truth; skipped where the media are not.

The bounds lie a little under what was measured (docs/engines/captions.md); they are no wishes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.speech.sphinx import PocketSphinxSpeech
from actors.speech.transcription import TranscribeRequest
from actors.voice_activity.activity import SAMPLE_RATE_HZ, ActivityRequest
from actors.voice_activity.silero import SileroVoiceActivity
from actors.voice_activity.spans import SpeechSpan, speech_spans
from pipelines.analysis.speech_windows import speech_windows
from pipelines.media.speech_audio import cut_out, speech_blocks

HUNDREDTH = SAMPLE_RATE_HZ // 100


@pytest.fixture(scope="module")
def silero() -> Iterator[SileroVoiceActivity]:
    engine = SileroVoiceActivity()
    engine.load()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def sphinx() -> Iterator[PocketSphinxSpeech]:
    engine = PocketSphinxSpeech()
    engine.load()
    yield engine
    engine.close()


def truth_of(media: Path, name: str) -> dict:
    return json.loads((media / "ground_truth.json").read_text())[name]


def spoken(engine: SileroVoiceActivity, path: Path) -> tuple[tuple[SpeechSpan, ...], int]:
    memory, heard, total = None, [], 0
    for block in speech_blocks(path):
        [answer] = engine.infer([ActivityRequest(block.pcm, memory)])
        memory, total = answer.memory, total + len(block.pcm)
        heard.append(answer.probabilities)
    return speech_spans(np.concatenate(heard), total), total


def agreement(spans, total, truth_s) -> tuple[float, float, float]:
    """Share of hundredths of a second that agree, recall and precision."""
    found, true = np.zeros(total // HUNDREDTH, bool), np.zeros(total // HUNDREDTH, bool)
    for span in spans:
        found[span.start_samples // HUNDREDTH : span.end_samples // HUNDREDTH] = True
    for start_s, end_s in truth_s:
        true[round(start_s * 100) : round(end_s * 100)] = True
    both = (found & true).sum()
    return float((found == true).mean()), float(both / true.sum()), float(both / found.sum())


def errors(reference: str, heard: str) -> tuple[int, int]:
    """(words wrong, missing or too many; words of the reference): Levenshtein over words without punctuation."""
    wanted, found = (re.findall(r"[a-z']+", text.lower()) for text in (reference, heard))
    row = list(range(len(found) + 1))
    for index, one in enumerate(wanted):
        before, row = row, [index + 1]
        for at, other in enumerate(found):
            row.append(min(before[at] + (one != other), before[at + 1] + 1, row[at] + 1))
    return row[-1], len(wanted)


@pytest.mark.parametrize(
    ("name", "agree", "recall", "precision"),
    [
        ("speech/meeting_dev.wav", 0.70, 0.69, 0.95),
        ("mixed/programme.flac", 0.90, 0.85, 0.94),
        ("mixed/musanmix.mp3", 0.95, 0.80, 0.95),
    ],
)
def test_silero_agrees_with_people_on_who_speaks_when(silero, shared_media, name, agree, recall, precision):
    truth = truth_of(shared_media, name)
    said = [(start_s, end_s) for _, start_s, end_s in truth.get("speech", ())]
    said += [(start_s, end_s) for kind, start_s, end_s in truth.get("sections", ()) if kind.startswith("speech")]
    found = agreement(*spoken(silero, shared_media / name), said)
    assert found >= (agree, 0, 0) and found[1] >= recall and found[2] >= precision, found


def test_pocketsphinx_hears_some_of_it(sphinx, silero, shared_media):
    """Two readers, one in each channel; the louder one is heard in the mix."""
    path = shared_media / "speech/two_channels.wav"
    spans, total = spoken(silero, path)
    ranges = [(one.start_samples, one.end_samples) for one in speech_windows(spans, total)]
    answers = sphinx.infer([TranscribeRequest(pcm, "en") for pcm in cut_out(speech_blocks(path), ranges)])
    heard = " ".join(segment.text for answer in answers for segment in answer.segments)
    wrong, words = errors(truth_of(shared_media, "speech/two_channels.wav")["transcript_left"], heard)
    assert wrong / words <= 0.7, heard


def test_music_is_hardly_speech(silero, shared_media):
    spans, total = spoken(silero, shared_media / "music/vibe_ace.ogg")
    assert sum(span.samples for span in spans) < 0.05 * total
