"""Text as outlines: shaped by HarfBuzz, in runs of one font, script and direction, broken into lines that fit.

Direction follows the Unicode bidirectional algorithm without its embeddings and isolates: the first strong letter
sets the direction of the line, numbers keep theirs, neutrals take their neighbours'. Not covered: explicit embedding
and isolate controls, vertical text, hyphenation, and breaking inside a word of a script without spaces other than
between any two clusters.

Source: Unicode Standard Annex 9 (rules P2, W2 to W7 in part, N1, N2, L2), https://www.unicode.org/reports/tr9/
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import uharfbuzz as hb  # type: ignore[import-untyped]

from pipelines.imaging.fonts import BOLD, REGULAR, Typeface, typeface
from pipelines.imaging.path import Path

_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp"})


@dataclass(frozen=True)
class Glyph:
    """A shaped glyph; positions in ems, y downwards."""

    font_code: str
    index: int
    x: float
    y: float


@dataclass(frozen=True)
class ShapedLine:
    """Glyphs of one line from left to right, and its width in ems."""

    glyphs: tuple[Glyph, ...]
    width_em: float


def missing_glyphs(text: str) -> tuple[str, ...]:
    """Characters of `text` that no font of the wheel can draw, each once, in order of appearance."""
    lacking = (one for one in unicodedata.normalize("NFC", text) if _font_of(one, REGULAR) is None)
    return tuple(dict.fromkeys(lacking))


@lru_cache(maxsize=512)
def shape_line(text: str, *, bold: bool = False) -> ShapedLine:
    """`text` shaped as one line; a character that no font has becomes the first font's box."""
    chain = BOLD if bold else REGULAR
    glyphs: list[Glyph] = []
    pen_x = 0.0
    for run, level in _visual_runs(unicodedata.normalize("NFC", text)):
        pieces = _pieces(run, chain)
        for piece, code in reversed(pieces) if level % 2 else pieces:
            pen_x = _shape_run(piece, typeface(code), level, pen_x, glyphs)
    return ShapedLine(tuple(glyphs), pen_x)


def text_width(text: str, size: float, *, bold: bool = False, spacing: float = 0.0) -> float:
    """Width of `text` on one line; `spacing` ems are added after every glyph."""
    line = shape_line(text, bold=bold)
    return (line.width_em + spacing * max(len(line.glyphs) - 1, 0)) * size


@lru_cache(maxsize=256)
def text_path(
    text: str, size: float, x: float, y: float, *, bold: bool = False, anchor: float = 0.5, spacing: float = 0.0
) -> Path:
    """Outline of one line with its baseline at `y`; `anchor` 0 starts at `x`, 0.5 centres on it, 1 ends there."""
    line = shape_line(text, bold=bold)
    left = x - anchor * text_width(text, size, bold=bold, spacing=spacing)
    path = Path()
    for number, glyph in enumerate(line.glyphs):
        face = typeface(glyph.font_code)
        commands, points = face.outline(glyph.index)
        scale = size / face.units_per_em
        at_x, at_y = left + (glyph.x + spacing * number) * size, y + glyph.y * size
        path.commands.extend(commands)
        path.points.extend(
            at_y - value * scale if odd else at_x + value * scale
            for value, odd in zip(points, (0, 1) * (len(points) // 2), strict=True)
        )
    return path


def break_lines(
    text: str, size: float, max_width: float, *, bold: bool = False, spacing: float = 0.0
) -> tuple[str, ...]:
    """`text` in the fewest lines that fit `max_width`, as even as they can be; breaks at spaces, else anywhere."""
    words = text.split()
    if not words:
        return ()
    lines = _fill(words, size, max_width, bold, spacing)
    low, high = 0.0, max_width
    for _ in range(7):
        middle = (low + high) / 2
        narrower = _fill(words, size, middle, bold, spacing) if middle > size else [""] * (len(lines) + 1)
        if len(narrower) <= len(lines):
            high, lines = middle, narrower
        else:
            low = middle
    return tuple(lines)


def _fill(words: list[str], size: float, max_width: float, bold: bool, spacing: float) -> list[str]:
    lines: list[str] = []
    for word in words:
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(joined, size, bold=bold, spacing=spacing) <= max_width:
            lines[-1] = joined
        else:
            lines += _cut(word, size, max_width, bold, spacing)
    return lines


def _cut(word: str, size: float, max_width: float, bold: bool, spacing: float) -> list[str]:
    """A word, cut between clusters when it is wider than a line."""
    parts = [""]
    if text_width(word, size, bold=bold, spacing=spacing) <= max_width:
        return [word]
    for letter in word:
        joined = parts[-1] + letter
        fits = text_width(joined, size, bold=bold, spacing=spacing) <= max_width
        if fits or not parts[-1] or unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Mc", "Cf"):
            parts[-1] = joined
        else:
            parts.append(letter)
    return parts


def _font_of(letter: str, chain: tuple[str, ...]) -> str | None:
    if unicodedata.category(letter) in _INVISIBLE:
        return chain[0]
    return next((code for code in chain if ord(letter) in typeface(code).covered), None)


def _pieces(run: str, chain: tuple[str, ...]) -> list[tuple[str, str]]:
    """`run` cut where font or script changes, each piece with its font; marks and spaces stay with what is before."""
    pieces: list[tuple[str, str, str]] = []
    for letter in run:
        script = _script(letter)
        code = _font_of(letter, chain) or chain[0]
        if pieces:
            before, before_code, before_script = pieces[-1]
            sticks = unicodedata.category(letter)[0] in "MZC" and ord(letter) in typeface(before_code).covered
            if sticks or (code == before_code and script in ("", before_script)):
                pieces[-1] = (before + letter, before_code, before_script)
                continue
            if code == before_code and not before_script:
                pieces[-1] = (before + letter, code, script)
                continue
        pieces.append((letter, code, script))
    return [(piece, code) for piece, code, _ in pieces]


def _script(letter: str) -> str:
    """First word of a letter's Unicode name (LATIN, ARABIC, ...), empty for what belongs to every script."""
    if unicodedata.category(letter)[0] not in "LM":
        return ""
    return unicodedata.name(letter, "").split(" ")[0].replace("COMBINING", "")


def _shape_run(piece: str, face: Typeface, level: int, pen_x: float, glyphs: list[Glyph]) -> float:
    buffer = hb.Buffer()
    buffer.add_str(piece)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if level % 2 else "ltr"
    hb.shape(face.font, buffer, {"kern": True, "liga": True})
    unit = 1 / face.units_per_em
    for shaped, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        glyphs.append(Glyph(face.code, shaped.codepoint, pen_x + at.x_offset * unit, -at.y_offset * unit))
        pen_x += at.x_advance * unit
    return pen_x


def _visual_runs(text: str) -> list[tuple[str, int]]:
    """Runs of one direction from left to right, each with its level (odd is right to left)."""
    levels = _levels(text)
    runs = []
    for level, group in groupby(zip(text, levels, strict=True), key=lambda pair: pair[1]):
        runs.append(("".join(letter for letter, _ in group), level))
    highest = max(levels, default=0)
    for level in range(highest, 0, -1):
        start = 0
        while start < len(runs):
            end = start
            while end < len(runs) and runs[end][1] >= level:
                end += 1
            runs[start:end] = reversed(runs[start:end])
            start = max(end, start + 1)
    return runs


def _levels(text: str) -> list[int]:
    kinds = [unicodedata.bidirectional(letter) or "L" for letter in text]
    strong = next((kind for kind in kinds if kind in ("L", "R", "AL")), "L")
    base = 1 if strong in ("R", "AL") else 0
    if base == 0 and not any(kind in ("R", "AL", "AN") for kind in kinds):
        return [0] * len(text)
    sides = _sides(kinds, base)
    return [_level(side, base) for side in sides]


def _level(side: str, base: int) -> int:
    if side == "R":
        return 1
    if side == "N":
        return 2
    return 0 if base == 0 else 2


def _sides(kinds: list[str], base: int) -> list[str]:
    """L, R or N (a number inside right-to-left text) for every character."""
    sides: list[str] = []
    last = "R" if base else "L"
    for index, kind in enumerate(kinds):
        if kind in ("L", "R", "AL"):
            last = "L" if kind == "L" else "R"
            sides.append(last)
        elif kind in ("EN", "AN"):
            sides.append("N" if last == "R" or kind == "AN" else "L")
        elif kind == "NSM" and sides:
            sides.append(sides[-1])
        elif kind in ("CS", "ES", "ET") and _between_numbers(kinds, index) and sides and sides[-1] == "N":
            sides.append("N")
        else:
            sides.append("?")
    edge = "R" if base else "L"
    for index, side in enumerate(sides):
        if side == "?":
            before = next((one for one in reversed(sides[:index]) if one != "?"), edge)
            after = next((one for one in sides[index:] if one != "?"), edge)
            before, after = before.replace("N", "R"), after.replace("N", "R")
            sides[index] = before if before == after else edge
    return sides


def _between_numbers(kinds: list[str], index: int) -> bool:
    return 0 < index < len(kinds) - 1 and kinds[index - 1] in ("EN", "AN") and kinds[index + 1] in ("EN", "AN")
