"""Names of people and places: a stable ASCII id for each, the form for the screen, and where a text mentions them.

An id comes from the name alone, so that it is the same in every script and on every machine. Greek and Cyrillic are
transliterated; letters of other alphabets have no agreed ASCII form, so such a name gets a hash of itself.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_words = str.split
_GREEK = dict(
    zip("αβγδεζηθικλμνξοπρσςτυφχψω", _words("a v g d e z i th i k l m n x o p r s s t y f ch ps o"), strict=True)
)
_CYRILLIC = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґђјљњћџ",
        _words("a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya i yi ye g dj j lj nj c dz"),
        strict=True,
    )
)
_LATIN = {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
_LETTERS = {**_GREEK, **{key: value.replace("_", "") for key, value in _CYRILLIC.items()}, **_LATIN}

_LONGEST_ID = 60
_WORD = re.compile(r"\w+")


def folded(text: str) -> str:
    """`text` without case and accents, for comparing names."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).replace("ς", "σ")


def identifier(name: str, kind: str) -> str:
    """The ASCII id of `name`; `kind` (`character`, `location`, `scene`) begins the id of a name without ASCII form.

    `OLD TOMAS` -> `old_tomas`, `ΝΙΚΟΣ` -> `nikos`, `李梅` -> `character_` and ten hexadecimal digits.
    """
    letters = []
    lost = False
    for letter in folded(name):
        if letter.isascii():
            letters.append(letter if letter.isalnum() else " ")
        elif letter in _LETTERS:
            letters.append(_LETTERS[letter])
        else:
            lost = lost or letter.isalnum()
            letters.append(" ")
    words = "_".join("".join(letters).replace("'", "").split())
    if lost or not words or len(words) > _LONGEST_ID:
        digest = hashlib.sha256(folded(name).encode("utf-8", "surrogatepass")).hexdigest()[:10]
        return f"{words[:_LONGEST_ID] or kind}_{digest}"
    return words


def display_name(name: str) -> str:
    """`name` as a title: a word in capitals becomes Capitalised, any other stays as it is."""
    return " ".join(_capitalised(word) for word in name.split())


def _capitalised(word: str) -> str:
    if not word.isupper():
        return word
    if "-" in word:
        return "-".join(_capitalised(part) for part in word.split("-"))
    head, apostrophe, tail = word.partition("'")
    if len(head) == 1 and len(tail) > 1:
        return head + apostrophe + tail.capitalize()
    return word.capitalize() if word[0].isalpha() else word[0] + _capitalised(word[1:]) if len(word) > 1 else word


@dataclass(frozen=True)
class Mention:
    """One place where a text names somebody."""

    character_id: str
    start: int
    end_exclusive: int


class NameFinder:
    """Finds people by name in a text, in time linear in the text however many people there are."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """Args: names: name -> character id. Several names may lead to one id."""
        self._by_first_word: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name, character_id in sorted(names.items()):
            words = tuple(_WORD.findall(folded(name)))
            if words:
                self._by_first_word.setdefault(words[0], []).append((words, character_id))
        for entries in self._by_first_word.values():
            entries.sort(key=lambda entry: (-len(entry[0]), entry))

    def mentions(self, text: str) -> Iterator[Mention]:
        """Every mention in order; the longest name wins, and only capitalised words count as names."""
        tokens = [(match.start(), match.end()) for match in _WORD.finditer(text)]
        words = [folded(text[start:end]) for start, end in tokens]
        index = 0
        while index < len(tokens):
            found = self._longest(words, index)
            if found is None or text[tokens[index][0]].islower():
                index += 1
                continue
            length, character_id = found
            yield Mention(character_id, tokens[index][0], tokens[index + length - 1][1])
            index += length

    def ids(self, text: str) -> tuple[str, ...]:
        """Ids of everybody named in `text`, in order of first mention."""
        return tuple(dict.fromkeys(mention.character_id for mention in self.mentions(text)))

    def _longest(self, words: list[str], index: int) -> tuple[int, str] | None:
        for name, character_id in self._by_first_word.get(words[index], ()):
            if tuple(words[index : index + len(name)]) == name:
                return len(name), character_id
        return None
