"""How an element feels: the script's own tag, else what its words say; and where a scene's emotion turns.

Words are read in English only; in another language an untagged element stays neutral. Nothing here that comes from
words reaches the framing of a dialogue shot, so that a changed word cannot change a neighbour's picture.
"""

from __future__ import annotations

import re

from schemas.script import Action, Dialogue
from schemas.vocabulary import Emotion

STRONG: frozenset[Emotion] = frozenset({"angry", "afraid", "surprised", "sad", "tender"})
"""Emotions that a face must be seen for; the others read in a medium shot."""

REACTIONS: dict[Emotion, Emotion] = {
    "neutral": "neutral",
    "happy": "happy",
    "sad": "sad",
    "angry": "afraid",
    "afraid": "worried",
    "surprised": "surprised",
    "tender": "tender",
    "worried": "worried",
    "determined": "surprised",
}
"""What the listener's face shows when this was said to them."""

_WORDS: tuple[tuple[Emotion, str], ...] = (
    ("afraid", r"afraid|scared|terrified|trembl\w*|shiver\w*|scream\w*|shriek\w*|flinch\w*|fear\w*|cower\w*"),
    ("angry", r"angr\w+|furious\w*|rage|raging|shout\w*|yell(?:s|ed)?|slam(?:s|med)?|glare[sd]?|scowl\w*|hate[sd]?"),
    ("sad", r"sad\w*|weep\w*|wept|cry|cries|crying|tears?|sob\w*|mourn\w*|griev\w*|lonely|miss(?:ed)? (?:him|her|you)"),
    ("surprised", r"gasp\w*|astonish\w*|stunned|startl\w*|surpris\w*|unbelievable|impossible|my god"),
    ("happy", r"smil\w*|laugh\w*|grin\w*|happ(?:y|ily)|joy\w*|cheer\w*|delight\w*|wonderful|hooray|beams?"),
    ("tender", r"embrace\w*|hug(?:s|ged)?|kiss\w*|gentl[ey]|caress\w*|i love you|dear|darling"),
    ("worried", r"worr\w+|frown\w*|anxious\w*|nervous\w*|hesitat\w*|uneas\w+|careful"),
    ("determined", r"determined|resolv\w+|must|grit\w*|clench\w*|never give up|whatever it takes"),
)
_PATTERNS = tuple((emotion, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for emotion, words in _WORDS)


def emotion_of(element: Action | Dialogue, language: str) -> Emotion:
    """The element's tag; when that is neutral, the emotion whose word stands first in an English text."""
    if element.emotion != "neutral" or not language.lower().startswith("en"):
        return element.emotion
    found = [(match.start(), emotion) for emotion, pattern in _PATTERNS if (match := pattern.search(element.text))]
    if found:
        return min(found)[1]
    return "surprised" if element.text.rstrip().endswith(("?!", "!?")) else "neutral"


def is_peak(tag: Emotion, previous_tag: Emotion | None) -> bool:
    """True where a strong emotion begins: tagged so, and not already what this person's last element was tagged.

    Only tags decide, so the words of a line can change without a cut changing.
    """
    return tag in STRONG and tag != previous_tag
