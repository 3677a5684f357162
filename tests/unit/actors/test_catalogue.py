"""Which engine opens, and that a stub never passes for the real one."""

from __future__ import annotations

from pathlib import Path

from actors import catalogue
from actors.voices import espeak
from actors.voices.natives import EspeakFiles
from schemas.speech import SpeechRequest


def test_open_voices_gives_espeak_where_it_loads():
    engine = catalogue.open_voices()
    assert (engine.spec.name, engine.spec.degraded) == ("espeak-ng", "")


def test_open_voices_without_espeak_gives_a_stub_that_says_so(monkeypatch):
    monkeypatch.setattr(espeak, "espeak_files", lambda: EspeakFiles(Path("nowhere.so"), Path("nowhere")))
    engine = catalogue.open_voices()
    [line] = engine.infer([SpeechRequest(text="Hello")])
    assert line.speech.backend.backend_type == "stub"
    assert "espeak-ng" in line.speech.backend.degraded
    assert engine.spec.degraded == line.speech.backend.degraded
