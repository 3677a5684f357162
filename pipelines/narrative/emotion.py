"""The emotion and the pace of a line, from its words, its punctuation and the writer's parenthetical.

A lexicon, not a model: the same line has the same tag everywhere. The parenthetical is the writer's own word and wins.
"""

from __future__ import annotations

import re
from functools import lru_cache

from schemas.vocabulary import Emotion, Pacing

_words_of = str.split

# Stems: a word counts when it begins with one. Order breaks ties: the stronger feeling first.
_STEMS: dict[Emotion, tuple[str, ...]] = {
    "afraid": ("afraid", "fear", "scare", "scared", "terrif", "horror", "panic", "fright", "frozen", "trembl", "shak",
               "whimper", "scream", "nightmare", "dread", "cower"),
    "angry": ("angr", "angri", "furious", "fury", "rage", "shout", "yell", "snap", "hate", "damn", "liar", "lied",
              "betray", "bitter", "scowl", "glare", "slam", "curse", "enough", "stupid", "fool", "snarl", "cold"),
    "sad": ("sad", "cry", "cries", "crying", "weep", "tear", "tears", "grief", "griev", "mourn", "sorry", "lost",
            "gone", "alone", "lonely", "miss", "sob", "broken", "goodbye", "died", "dead", "funeral", "regret",
            "asham", "ashamed", "hollow"),
    "surprised": ("surpris", "gasp", "startl", "astonish", "shock", "stunn", "disbelie", "impossible", "unbeliev",
                  "stare", "incredulous"),
    "worried": ("worr", "anxious", "nervous", "uneasy", "uncertain", "hesita", "careful", "danger", "late", "urgent",
                "concern", "trouble", "doubt", "frown", "hurry", "breathless"),
    "tender": ("tender", "gentl", "soft", "softly", "love", "loving", "dear", "darling", "embrac", "hug", "kiss",
               "warm", "warmly", "kind", "quiet", "quietly", "whisper", "hold", "forgiv", "promise", "home"),
    "happy": ("happy", "happi", "joy", "laugh", "smil", "grin", "delight", "wonderful", "cheer", "glad", "beautiful",
              "thank", "celebrat", "excited", "proud", "relie", "danc", "hurra", "giggl"),
    "determined": ("determin", "firm", "resol", "steady", "must", "will", "ready", "fight", "never", "swear", "vow",
                   "insist", "stubborn", "defian", "shall", "grim"),
}  # fmt: skip

# Words that begin with a stem and mean something else.
_NOT = frozenset(
    _words_of(
        "yellow yellows missile missiles mission missions willow wills lately latest later kindling kindle kinds "
        "lovely homeless homework crystal crystals holder holding holds fearless loveless snapshot snapshots foolproof"
    )
)

# Weak words count less: they stand in lines of every mood.
_WEAK = frozenset({"will", "must", "never", "hold", "home", "late", "enough", "lost", "gone", "kind", "cold", "miss"})

_SLOW = ("slow", "slowly", "beat", "pause", "hesita", "whisper", "quiet", "quietly", "soft", "weary", "tired", "gent")
_FAST = ("fast", "quick", "hurr", "urgent", "breathless", "shout", "yell", "panic", "rush", "excited", "frantic")

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_NEGATIONS = frozenset({"not", "no", "don't", "isn't", "wasn't", "never", "without", "aren't", "nothing", "can't"})


def tag_emotion(text: str, parenthetical: str = "") -> Emotion:
    """The strongest emotion of a line; the words in `parenthetical` decide when they name one."""
    named = _strongest(parenthetical, threshold=0.5)
    if named != "neutral":
        return named
    found = _strongest(text, threshold=1.0)
    if found != "neutral":
        return found
    return _from_punctuation(text)


def tag_pacing(text: str, parenthetical: str = "") -> Pacing:
    """How quickly a line is spoken: the parenthetical first, then ellipses and exclamation marks."""
    words = _words(parenthetical)
    if any(word.startswith(_FAST) for word in words):
        return "fast"
    if any(word.startswith(_SLOW) for word in words):
        return "slow"
    if "..." in text or "…" in text:
        return "slow"
    return "fast" if text.rstrip().endswith("!") and len(text) < 60 else "normal"


def _words(text: str) -> list[str]:
    return [word.casefold().replace("’", "'") for word in _WORD.findall(text)]


def _strongest(text: str, threshold: float) -> Emotion:
    words = _words(text)
    scores: dict[Emotion, float] = dict.fromkeys(_STEMS, 0.0)
    for index, word in enumerate(words):
        if index and words[index - 1] in _NEGATIONS:
            continue
        for emotion in _emotions_of(word):
            scores[emotion] += 0.5 if word in _WEAK else 1.0
    best = max(scores, key=lambda emotion: scores[emotion])
    return best if scores[best] >= threshold else "neutral"


@lru_cache(maxsize=4096)
def _emotions_of(word: str) -> tuple[Emotion, ...]:
    return () if word in _NOT else tuple(emotion for emotion, stems in _STEMS.items() if word.startswith(stems))


def _from_punctuation(text: str) -> Emotion:
    ending = text.rstrip().rstrip("\"'”’)")
    if ending.endswith(("?!", "!?")):
        return "surprised"
    letters = [letter for letter in text if letter.isalpha()]
    if ending.endswith("!") and len(letters) > 3 and all(letter.isupper() for letter in letters):
        return "angry"
    if ending.endswith("!"):
        return "determined"
    if ending.endswith(("...", "…")):
        return "worried"
    return "neutral"
