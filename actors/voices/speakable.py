"""What of a line may be spoken, and in which language: plain words, no markup, no engine commands.

espeak-ng reads control character 1 as the start of an embedded command, `[[...]]` as phonemes and `<...>` as SSML when
asked to; nothing of that may come from a script, so those characters never reach it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

SPOKEN_SIGNS = "°%‰€£$¥&+=@©®™№§"
"""Symbols that are read as words; every other symbol (♪, emoji, box drawing) is silent."""

SILENT_SIGNS = "[]{}<>|\\^~`*_#"
"""Markup in scripts and markup to engines."""

MARKUP = re.compile(r"\[\[.{0,200}?\]\]|</?[A-Za-z][^<>]{0,200}>")
"""Phoneme blocks and tags: left out with what is in them, since none of it is meant to be heard."""

ALIASES = {"zh": "cmn", "zh-cn": "cmn", "zh-tw": "cmn", "zh-hans": "cmn", "zh-hant": "cmn", "zh-hk": "yue",
           "iw": "he", "nn": "nb", "no": "nb", "in": "id", "mo": "ro", "sh": "sr"}  # fmt: skip
"""BCP 47 tags under which espeak-ng has another name."""

SCRIPT_LANGUAGES = (
    ("HIRAGANA", "ja"), ("KATAKANA", "ja"), ("CJK", "cmn"), ("HANGUL", "ko"), ("CYRILLIC", "ru"), ("GREEK", "el"),
    ("ARABIC", "ar"), ("HEBREW", "he"), ("DEVANAGARI", "hi"), ("BENGALI", "bn"), ("TAMIL", "ta"), ("TELUGU", "te"),
    ("THAI", "th"), ("GEORGIAN", "ka"), ("ARMENIAN", "hy"), ("ETHIOPIC", "am"), ("GUJARATI", "gu"), ("KANNADA", "kn"),
    ("MALAYALAM", "ml"), ("GURMUKHI", "pa"), ("SINHALA", "si"), ("MYANMAR", "my"),
)  # fmt: skip
"""Script (first word of the Unicode character name) -> the language that reads it when the line's own does not."""

NATIVE_SCRIPTS = {
    "HIRAGANA": {"ja"}, "KATAKANA": {"ja"}, "CJK": {"cmn", "yue", "hak", "ja"}, "HANGUL": {"ko"},
    "CYRILLIC": {"ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "tt", "ba", "cv", "nog"}, "GREEK": {"el", "grc"},
    "ARABIC": {"ar", "fa", "ur", "ug", "sd", "ku"}, "DEVANAGARI": {"hi", "mr", "ne", "kok"},
    "BENGALI": {"bn", "as", "bpy"}, "ETHIOPIC": {"am", "ti"}, "ARMENIAN": {"hy", "hyw"}, "THAI": {"th"},
    "MYANMAR": {"my", "shn"},
}  # fmt: skip
"""Scripts that several languages read themselves."""


def speakable_text(text: str) -> str:
    """The line as one paragraph of speakable characters; empty when nothing in it can be said.

    NFC, whitespace collapsed; tags and phoneme blocks left out; control characters and silent signs become spaces.
    """
    plain = MARKUP.sub(" ", unicodedata.normalize("NFC", text))
    kept = "".join(_speakable(character) for character in plain)
    kept = re.sub(r"\s+", " ", kept).strip()
    return kept if any(character.isalnum() or character in SPOKEN_SIGNS for character in kept) else ""


def _speakable(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf" and character in "\u200c\u200d":
        return character  # joiners decide how Persian and Indic words are read
    if category[0] in "CZ" or character in SILENT_SIGNS:
        return " "
    if category in ("So", "Sk", "Sm") and character not in SPOKEN_SIGNS:
        return " "
    return character


def voice_for(language: str, text: str, voices: Mapping[str, str]) -> tuple[str, str]:
    """The espeak-ng voice that reads `text`, and why it is not the asked one (empty when it is).

    The exact tag wins, then its primary part (`pt-AO` -> `pt`), then `en` with a reason. A line that is mostly in a
    script which its language does not use is read by a language that does: that is the right voice, not a lesser one.

    Args:
        voices: language tag in lower case -> voice name.
    """
    tag = language.strip().lower().replace("_", "-")
    tag = ALIASES.get(tag, tag)
    primary = ALIASES.get(tag.split("-")[0], tag.split("-")[0])
    found = tag if tag in voices else primary if primary in voices else None
    by_script = _language_of_script(text, primary)
    if by_script in voices:
        return voices[by_script], ""
    if found is None:
        return voices["en"], f"espeak-ng has no voice for language {language!r}; read as English"
    return voices[found], ""


def _language_of_script(text: str, primary: str) -> str:
    """The language to read `text` with when `primary` does not use its script; empty when it does."""
    scripts = [unicodedata.name(character, "").split(" ")[0] for character in text if character.isalpha()]
    if "HIRAGANA" in scripts or "KATAKANA" in scripts:
        return "ja"
    for script, language in SCRIPT_LANGUAGES:
        if 2 * scripts.count(script) > len(scripts):
            return "" if primary in NATIVE_SCRIPTS.get(script, {language}) else language
    return ""
