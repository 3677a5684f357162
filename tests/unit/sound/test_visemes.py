"""Mouth shapes."""

from __future__ import annotations

import pytest

from pipelines.sound.visemes import mouth_track, viseme
from schemas.backend import Backend
from schemas.speech import Speech, SpeechRequest, SpokenPhoneme
from schemas.timing import EditRate


def _speech(*phonemes: tuple[str, int, int], duration: int) -> Speech:
    return Speech(
        request=SpeechRequest(text="x"),
        sample_rate_hz=24_000,
        duration_samples=duration,
        phonemes=tuple(SpokenPhoneme(symbol=s, start_samples=a, end_samples=b) for s, a, b in phonemes),
        backend=Backend(backend_type="stub", name="x", version="1"),
    )


@pytest.mark.parametrize(
    ("symbol", "shape"),
    [("m", "closed"), ("ˈaɪ", "open"), ("iː", "wide"), ("ˈəʊ", "open"), ("oː", "round"), ("w", "narrow"),
     ("f", "teeth"), ("tʃ", "tongue"), ("ð", "tongue"), ("_", "rest"), ("ʲ", "rest"), ("ç", "teeth"), ("œ̃", "round")],
)  # fmt: skip
def test_viseme_of_a_symbol(symbol, shape):
    assert viseme(symbol) == shape


def test_mouth_track_has_one_shape_per_tick_of_the_line():
    speech = _speech(("ɑ", 0, 2000), ("_", 2000, 2500), duration=2500)
    assert mouth_track(speech, EditRate()) == ("open", "open", "rest")


def test_mouth_track_shows_a_short_closing_of_the_lips():
    speech = _speech(("ɑ", 0, 700), ("m", 700, 1000), duration=1000)
    assert mouth_track(speech, EditRate()) == ("closed",)


def test_mouth_track_rests_where_nothing_sounds():
    speech = _speech(("ɑ", 1000, 2000), duration=3000)
    assert mouth_track(speech, EditRate()) == ("rest", "open", "rest")
