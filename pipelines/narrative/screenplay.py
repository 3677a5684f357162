"""Paragraphs of a Fountain screenplay: headings, speeches and descriptions, with the writer's notes beside them.

screenplain does the parsing. What stands here is the ground before and after it, because it loses or chokes on some
input: an unclosed boneyard or long runs of `*` take quadratic time, its own private-use characters raise KeyError,
notes are deleted, `(quietly) Come in.` on one line swallows the speech, and any first line with a colon is taken for a
title page. Lyrics and page breaks are read here too.

Source: https://fountain.io/syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from screenplain.parsers import fountain
from screenplain.types import Action, Dialog, DualDialog, Slug

from schemas.errors import InvalidInput

_LONGEST_LINE = 2_000
"""Characters; longer lines are wrapped, because screenplain's expressions are quadratic in the length of a line."""

_NOTE_OPEN, _NOTE_CLOSE = "\ue710", "\ue711"
_NOTE_MARK = re.compile(f"{_NOTE_OPEN}(\\d+){_NOTE_CLOSE}")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff]")
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_EMPHASIS = re.compile(r"(?<!\\)\*+")
_UNDERLINE = re.compile(r"(?<![\w\\])_(?=\S)([^_\n]{1,500})(?<=\S)_(?!\w)")
_WIDE_GAP = re.compile(r"(?<=\S) {4,}")
_PAGE_BREAK = re.compile(r"^\s*={3,}\s*$")
_HEADING = re.compile(r"^\s*(?:\.(?!\.)|(?:INT|EXT|EST|I/E)[ .]|INT\.?/EXT)", re.IGNORECASE)
_TITLE_KEY = re.compile(
    r"^\s*(title|credit|authors?|source|notes|draft date|date|contact|contact info|copyright|language|revision|format"
    r"|episode|series|written by)\s*:",
    re.IGNORECASE,
)
_TRANSITION = re.compile(
    r"^(?:(?:SLOW |SMASH |HARD |MATCH |JUMP |QUICK )?(?:CUT|FADE|DISSOLVE|WIPE)(?: (?:IN|OUT|UP|TO|FROM)\b[A-Z ]*)?"
    r"|(?:THE )?END(?: OF [A-Z ]+)?|INTERCUT[A-Z ]*|TITLE CARD)[:.]*$"
)
_PARENTHETICAL = re.compile(r"\s*\(([^()]*)\)\s*")


@dataclass(frozen=True)
class HeadingLine:
    """A scene heading, without its leading dot."""

    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Speech:
    """What one cue says: (parenthetical, words) in order; words may be empty after the last parenthetical."""

    cue: str
    parts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Description:
    """Something seen or heard; empty text when the paragraph held only notes."""

    text: str
    notes: tuple[str, ...] = ()


Paragraph = HeadingLine | Speech | Description


@dataclass(frozen=True)
class Screenplay:
    """A parsed screenplay."""

    title_page: dict[str, str]
    """Keys in lower case."""

    paragraphs: tuple[Paragraph, ...]


def read_screenplay(text: str) -> Screenplay:
    """The paragraphs of a Fountain text, in time linear in its length.

    Raises:
        InvalidInput: the text is empty or holds NUL, which no screenplay does.
    """
    if "\x00" in text:
        raise InvalidInput("the screenplay holds NUL bytes: it is a binary file, not a Fountain text")
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        raise InvalidInput(f"the screenplay holds {text[exc.start]!r} at {exc.start}, which is no character") from exc
    if not text.strip():
        raise InvalidInput("the screenplay is empty: it needs a scene heading such as INT. KITCHEN - DAY")
    cleaned = _CONTROL.sub("", _PRIVATE_USE.sub("", text.lstrip("\ufeff")))
    cleaned, notes = _set_notes_aside(_without_boneyard(cleaned.replace("\r\n", "\n").replace("\r", "\n")))
    lines = [wrapped for line in cleaned.split("\n") for wrapped in _plain_lines(line)]
    if not (lines and _TITLE_KEY.match(lines[0])):
        lines.insert(0, "")  # otherwise screenplain takes `Mara: hello` for a title page
    parsed = fountain.parse_lines(lines)
    title_page = {key.casefold(): " ".join(values).strip() for key, values in parsed.title_page.items()}
    return Screenplay(title_page, tuple(_paragraphs(parsed.paragraphs, notes)))


def _without_boneyard(text: str) -> str:
    """`text` without `/* … */`; an unclosed one is left as it stands."""
    kept: list[str] = []
    position = 0
    while (opened := text.find("/*", position)) >= 0 and (closed := text.find("*/", opened + 2)) >= 0:
        kept.append(text[position:opened])
        position = closed + 2
    return "".join(kept) + text[position:]


def _set_notes_aside(text: str) -> tuple[str, list[str]]:
    """`text` with each `[[note]]` replaced by a mark that survives parsing, and the notes."""
    notes: list[str] = []
    kept: list[str] = []
    position = 0
    while (opened := text.find("[[", position)) >= 0 and (closed := text.find("]]", opened + 2)) >= 0:
        kept.append(f"{text[position:opened]}{_NOTE_OPEN}{len(notes)}{_NOTE_CLOSE}")
        notes.append(" ".join(text[opened + 2 : closed].split()))
        position = closed + 2
    rest = text[position:].replace("[[", "[")  # screenplain looks for the end of each unclosed note
    return "".join(kept) + rest, notes


def _plain_lines(line: str) -> Iterator[str]:
    """`line` without emphasis marks, in pieces of at most `_LONGEST_LINE`; a page break is a blank line."""
    if _PAGE_BREAK.match(line):
        yield ""
        return
    line = _WIDE_GAP.sub("   ", line.expandtabs(4))
    while len(line) > _LONGEST_LINE:
        space = line.rfind(" ", 1, _LONGEST_LINE)
        cut = space if space > 0 else _LONGEST_LINE
        yield _without_emphasis(line[:cut])
        line = line[cut:].lstrip()
    yield _without_emphasis(line)


def _without_emphasis(line: str) -> str:
    return _UNDERLINE.sub(r"\1", _EMPHASIS.sub("", line))


def _paragraphs(parsed: list[object], notes: list[str]) -> Iterator[Paragraph]:
    for paragraph in parsed:
        if isinstance(paragraph, Slug):
            text, own = _unmarked(str(paragraph.line), notes)
            yield HeadingLine(text, own)
        elif isinstance(paragraph, DualDialog):
            yield _speech(paragraph.left, notes)
            yield _speech(paragraph.right, notes)
        elif isinstance(paragraph, Dialog):
            yield _speech(paragraph, notes)
        elif isinstance(paragraph, Action):
            description = _description(paragraph, notes)
            if description is not None:
                yield description


def _description(paragraph: Action, notes: list[str]) -> Description | None:
    """The action of a paragraph; None for a transition, which is the editor's and not the story's."""
    lines = [str(line).strip().removeprefix("~").strip() for line in paragraph.lines]
    text, own = _unmarked(" ".join(line for line in lines if line), notes)
    if _TRANSITION.match(text) and not own:
        return None
    return Description("" if _TRANSITION.match(text) else text, own)


def _speech(dialog: Dialog, notes: list[str]) -> Speech:
    cue, own = _unmarked(str(dialog.character).removesuffix("^").strip(), notes)
    spoken = " ".join(str(line).strip().removeprefix("~").strip() for _, line in dialog.blocks)
    text, more = _unmarked(spoken, notes)
    return Speech(cue, tuple(_parts(text)), own + more)


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """(parenthetical, words) pairs; a bracket in the middle of a sentence stays part of the words."""
    position = 0
    parenthetical = ""
    words = ""
    for match in _PARENTHETICAL.finditer(text):
        before = words + text[position : match.start()]
        if before.strip() and before.rstrip()[-1] not in ".!?…—-–,;:":
            words += text[position : match.end()]
        else:
            if before.strip() or parenthetical:
                yield parenthetical, before.strip()
            parenthetical, words = match.group(1).strip(), ""
        position = match.end()
    last = (words + text[position:]).strip()
    if last or parenthetical:
        yield parenthetical, last


def _unmarked(text: str, notes: list[str]) -> tuple[str, tuple[str, ...]]:
    own = tuple(notes[int(number)] for number in _NOTE_MARK.findall(text))
    return " ".join(_NOTE_MARK.sub(" ", text).split()), own
