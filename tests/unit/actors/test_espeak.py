"""espeak-ng: the same sound in every process, and nothing but plain words reaches it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from actors.voices import utterance
from actors.voices.espeak import EspeakVoices
from actors.voices.natives import voices_digest
from schemas.errors import InvalidInput, Unavailable
from schemas.speech import SpeechRequest, Voice

LINE = SpeechRequest(text="Somebody has to light it tonight.", voice=Voice(variant="f3"), emotion="worried")

PROGRAM = """
import hashlib
from actors.voices.espeak import EspeakVoices
from schemas.speech import SpeechRequest, Voice
voices = EspeakVoices(); voices.load()
voices.infer([SpeechRequest(text="Something else first.")])
line = SpeechRequest(text="Somebody has to light it tonight.", voice=Voice(variant="f3"), emotion="worried")
[one] = voices.infer([line])
print(hashlib.sha256(one.pcm.tobytes() + one.speech.to_json()).hexdigest())
"""


@pytest.fixture(scope="module")
def voices() -> EspeakVoices:
    engine = EspeakVoices()
    engine.load()
    return engine


def test_line_is_the_same_in_a_process_with_another_hash_seed(voices):
    [one] = voices.infer([LINE])
    here = hashlib.sha256(one.pcm.tobytes() + one.speech.to_json()).hexdigest()
    environment = {**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C"}
    out = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, check=True, text=True)
    assert out.stdout.strip() == here


def test_line_is_the_same_from_several_threads(voices):
    spoken: list[bytes] = []
    threads = [threading.Thread(target=lambda: spoken.append(voices.infer([LINE])[0].pcm.tobytes())) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(spoken) == 6
    assert len(set(spoken)) == 1


def test_no_child_and_no_descriptor_is_left_behind(voices):
    voices.infer([LINE])
    before = len(list(Path("/proc/self/fd").iterdir()))
    voices.infer([LINE] * 5)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_child_that_never_answers_is_ended(voices, monkeypatch):
    monkeypatch.setattr(utterance, "LIMIT_S", 0.2)
    monkeypatch.setattr(utterance, "_child", lambda *_: time.sleep(60))
    with pytest.raises(Unavailable, match=r"no answer in 0\.2 s"):
        voices.infer([LINE])


def test_child_that_dies_is_reported_with_the_line(voices, monkeypatch):
    monkeypatch.setattr(utterance, "_child", lambda *_: os._exit(3))
    with pytest.raises(Unavailable, match="Somebody has to light"):
        voices.infer([LINE])


def test_unknown_variant_is_refused_by_name(voices):
    with pytest.raises(InvalidInput, match="'f99'"):
        voices.infer([SpeechRequest(text="Hello", voice=Voice(variant="f99"))])


def test_unloaded_engine_says_so():
    with pytest.raises(Unavailable, match="load"):
        EspeakVoices().infer([LINE])


def test_markup_and_commands_are_not_obeyed(voices):
    plain, marked = voices.infer(
        [SpeechRequest(text="Hello there"), SpeechRequest(text="\x01300sHello <b>[[h@l'oU]] there</b>\x0199p")]
    )
    assert plain.speech.words[0].text == "Hello"
    assert [word.text for word in marked.speech.words] == ["300sHello", "there", "99p"]
    assert marked.speech.duration_samples > plain.speech.duration_samples


def test_sound_begins_and_ends_close_to_its_edges(voices):
    [one] = voices.infer([LINE])
    loud = np.flatnonzero(np.abs(one.pcm.astype(int)) > 64)
    assert loud[0] <= 0.015 * 22_050
    assert len(one.pcm) - loud[-1] <= 0.065 * 22_050


def test_words_are_louder_than_the_pause_between_them(voices):
    [one] = voices.infer([SpeechRequest(text="Stop. Now.")])
    first, second = one.speech.words
    word = one.pcm[first.start_samples : first.end_samples].astype(float)
    pause = one.pcm[first.end_samples + 2000 : second.start_samples - 200].astype(float)
    assert len(pause) > 1000
    assert np.sqrt((word**2).mean()) > 50 * np.sqrt((pause**2).mean())


def test_unknown_language_is_read_as_english_and_says_so(voices):
    [one] = voices.infer([SpeechRequest(text="Hello", language="tlh")])
    assert "'tlh'" in one.speech.backend.degraded
    assert one.pcm.any()


def test_line_in_another_script_is_read_by_a_language_that_has_it(voices):
    [one] = voices.infer([SpeechRequest(text="Привет, мир", language="en")])
    assert one.speech.backend.model == "zle/ru"
    assert one.speech.backend.degraded == ""


def test_emotion_changes_the_pitch(voices):
    happy, sad = voices.infer([SpeechRequest(text="We found the old lamp", emotion=mood) for mood in ("happy", "sad")])
    assert happy.speech.duration_samples < sad.speech.duration_samples


def test_digest_stands_in_the_spec(voices):
    assert voices.spec.digest == voices_digest()
    assert len(voices.spec.digest) == 64
