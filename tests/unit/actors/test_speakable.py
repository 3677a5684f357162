"""What of a line reaches a voice, and which voice that is."""

from __future__ import annotations

import pytest

from actors.voices.speakable import speakable_text, voice_for

VOICES = {
    "en": "gmw/en",
    "en-us": "gmw/en-US",
    "pt": "roa/pt",
    "cmn": "sit/cmn",
    "ja": "jpx/ja",
    "ru": "zle/ru",
    "uk": "zle/uk",
}


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("  Two\n\tlines ", "Two lines"),
        ("(quietly) *No*, _never_!", "(quietly) No , never !"),
        ("♪ la la ♪", "la la"),
        ("...", ""),
        ("♪", ""),
        ("100%", "100%"),
        ("e\u0301te\u0301", "été"),
        ("\x01100p low \x00", "100p low"),
    ],
)
def test_speakable_text_keeps_words_only(text, spoken):
    assert speakable_text(text) == spoken


@pytest.mark.parametrize(
    ("language", "text", "voice"),
    [
        ("en-US", "hello", "gmw/en-US"),
        ("en_AU", "hello", "gmw/en"),
        ("pt-AO", "ola", "roa/pt"),
        ("zh-CN", "你好", "sit/cmn"),
        ("ja", "世界", "jpx/ja"),
        ("en", "こんにちは世界", "jpx/ja"),
        ("uk", "Привіт", "zle/uk"),
        ("en", "Привет", "zle/ru"),
        ("ru", "OK", "zle/ru"),
    ],
)
def test_voice_for_a_language_and_script(language, text, voice):
    assert voice_for(language, text, VOICES) == (voice, "")


def test_voice_for_an_unknown_language_is_english_with_a_reason():
    voice, degraded = voice_for("xx-YY", "hello", VOICES)
    assert voice == "gmw/en"
    assert "'xx-YY'" in degraded
