"""Text: coverage is told, scripts are shaped, lines fit."""

from __future__ import annotations

import pytest

from pipelines.imaging.text import break_lines, missing_glyphs, shape_line, text_path, text_width


@pytest.mark.parametrize(
    "text",
    ["Ōmori — “fin”", "Ελληνικά", "Съешь ещё", "السلام عليكم", "שלום", "क्षत्रिय", "♫ ☂ ∑"],
)
def test_missing_glyphs_covered_script_names_none(text):
    assert missing_glyphs(text) == ()


def test_missing_glyphs_han_and_emoji_are_named_once_in_order():
    assert missing_glyphs("a 漢字漢 😀\n") == ("漢", "字", "😀")


def test_shape_line_ligature_gives_fewer_glyphs_than_letters():
    assert len(shape_line("क्षत्रिय").glyphs) < len("क्षत्रिय")


def test_shape_line_arabic_letters_join():
    joined = [glyph.index for glyph in shape_line("ببب").glyphs]
    assert len(set(joined)) == 3


def test_shape_line_hebrew_runs_from_right_to_left():
    alef, bet = shape_line("א").glyphs[0].index, shape_line("ב").glyphs[0].index
    assert [glyph.index for glyph in shape_line("אב").glyphs] == [bet, alef]


def test_shape_line_number_in_hebrew_keeps_its_order():
    digits = {shape_line(one).glyphs[0].index: one for one in "12"}
    shown = [digits[glyph.index] for glyph in shape_line("א 12").glyphs if glyph.index in digits]
    assert shown == ["1", "2"]


def test_shape_line_latin_with_hebrew_word_keeps_latin_order():
    line = shape_line("ab שלום cd")
    letters = [shape_line(one).glyphs[0].index for one in "abcd"]
    assert [glyph.index for glyph in line.glyphs if glyph.index in letters] == letters


def test_shape_line_symbol_of_another_font_after_hebrew_stands_left_of_it():
    line = shape_line("א☂")
    assert len({glyph.font_code for glyph in line.glyphs}) == 2
    assert line.glyphs[-1].index == shape_line("א").glyphs[0].index


def test_break_lines_every_line_fits_and_no_word_is_lost():
    text = "The Keeper of the Drowned Lighthouse and Other Stories"
    lines = break_lines(text, 60, 700, bold=True)
    assert " ".join(lines) == text
    assert all(text_width(line, 60, bold=True) <= 700 for line in lines)


def test_break_lines_word_wider_than_the_frame_is_cut():
    lines = break_lines("M" * 40, 50, 300)
    assert "".join(lines) == "M" * 40
    assert all(text_width(line, 50) <= 300 for line in lines)


def test_break_lines_blank_text_gives_no_line():
    assert break_lines("  ", 20, 100) == ()


def test_text_path_centred_lies_about_its_anchor():
    xs = text_path("HH", 100, 500, 0).points[0::2]
    assert abs((min(xs) + max(xs)) / 2 - 500) < 3


def test_text_path_stands_on_its_baseline():
    ys = text_path("H", 100, 0, 40).points[1::2]
    assert max(ys) == pytest.approx(40, abs=0.5)
    assert min(ys) < 40 - 60
