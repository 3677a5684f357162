"""Tokens become segments and words with times; loops are cut; the path through attention is the cheapest."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.speech.loops import kept, looping
from actors.speech.token_segments import divided
from actors.speech.token_times import cheapest_path, median_filtered, token_frames
from actors.speech.words import placed_words, shared_bounds, token_words

ZERO = 1000
"""Token of 0.00 s in these tests; text tokens are characters."""


def at(time_s: float) -> int:
    return ZERO + round(time_s / 0.02)


def spelled(tokens) -> str:
    return bytes(tokens).decode("utf-8", errors="replace")


def found(tokens, duration_s=30.0):
    division = divided(tokens, ZERO, duration_s)
    segments = [(one.start_s, one.end_s, one.first, one.end) for one in division.segments]
    return [pytest.approx(one) for one in segments], division.resume_s


def test_divided_pairs_of_timestamps_are_segments():
    tokens = [at(0.5), 1, 2, at(1.2), at(1.9), 3, at(3.0)]
    assert found(tokens) == ([(0.5, 1.2, 0, 2), (1.9, 3.0, 2, 3)], None)


def test_divided_open_segment_is_read_again_from_where_it_begins():
    tokens = [at(0.0), 1, at(1.2), at(1.9), 2, 3]
    division = divided(tokens, ZERO, 30.0)
    assert division.resume_s == pytest.approx(1.9)
    assert (len(division.segments), division.text_tokens) == (1, 1)


def test_divided_two_timestamps_at_the_end_mean_that_more_follows():
    assert found([at(0.0), 1, at(4.2), at(5.0)])[1] == pytest.approx(5.0)


@pytest.mark.parametrize("tokens", [[at(0.0), 1, at(0.4), at(0.5)], [at(0.0), 1, at(29.0), at(29.5)]])
def test_divided_does_not_read_again_without_getting_on(tokens):
    assert found(tokens)[1] is None


def test_divided_text_without_an_end_lasts_to_the_end():
    assert found([at(0.5), 1, 2], 2.0) == ([(0.5, 2.0, 0, 2)], None)


def test_divided_what_lies_after_the_sound_was_made_up():
    assert found([at(0.0), 1, at(1.5), at(9.0), 2, at(12.0)], 2.0) == ([(0.0, 1.5, 0, 1)], None)


def test_divided_nothing_is_nothing():
    assert found([at(0.0)]) == ([], None)
    assert found([]) == ([], None)


@given(st.lists(st.integers(0, 3) | st.integers(ZERO, ZERO + 1500), max_size=40), st.floats(0.5, 30))
def test_divided_segments_lie_in_the_sound_and_hold_tokens_once(tokens, duration_s):
    division = divided(tokens, ZERO, duration_s)
    covered = [index for one in division.segments for index in range(one.first, one.end)]
    assert len(set(covered)) == len(covered)
    assert division.text_tokens <= sum(token < ZERO for token in tokens)
    for one in division.segments:
        assert one.start_s < one.end_s <= duration_s
        assert one.end <= division.text_tokens


def test_token_words_are_what_stands_between_spaces():
    tokens = list(b" It cost $3.50, (they) say.")
    words = token_words(tokens, spelled, "en")
    assert [one.text for one in words] == ["It", "cost", "$3.50,", "(they)", "say."]
    assert [(words[0].first, words[-1].end)] == [(0, len(tokens))]


def test_token_words_characters_of_several_tokens_stay_whole():
    words = token_words(list(" Über für".encode()), spelled, "de")
    assert [one.text for one in words] == ["Über", "für"]


def test_token_words_in_scripts_without_spaces_are_characters_with_their_punctuation():
    words = token_words(list("今夜、嵐だ。".encode()), spelled, "ja")
    assert [(one.text, one.space_before) for one in words] == [
        ("今", False), ("夜、", False), ("嵐", False), ("だ。", False),
    ]  # fmt: skip


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffd"), max_size=30),
    st.sampled_from(["en", "ja"]),
)
def test_token_words_hold_every_character_once(text, language):
    tokens = list(text.encode())
    words = token_words(tokens, spelled, language)
    assert "".join("".join(one.text.split()) for one in words) == "".join(text.split())
    assert all(one.first < one.end for one in words)
    assert all(one.end == following.first for one, following in pairwise(words))


def test_placed_words_begin_and_end_with_their_segment_and_keep_pauses():
    words = token_words(list(b" a b c"), spelled, "en")
    bounds = [0.0, 0.2, 0.5, 1.0, 1.4, 1.6, 9.0]
    placed = placed_words(words, bounds, [0.5, 1.0] * 3, 0.3, 2.0)
    assert [(one.start_s, one.end_s, one.probability) for one in placed] == [
        (0.3, 0.5, 0.75), (0.5, 1.4, 0.75), (1.4, 2.0, 0.75),
    ]  # fmt: skip


def test_token_words_leave_out_what_nobody_can_read():
    words = token_words([*b" so\x00 it\x07", 0xE2, 0x82, *b" is"], spelled, "en")
    assert [one.text for one in words] == ["so", "it", "is"]


@given(st.lists(st.floats(-5, 40), min_size=7, max_size=7))
def test_placed_words_are_in_order_inside_their_segment_whatever_attention_says(bounds):
    placed = placed_words(token_words(list(b" a b c"), spelled, "en"), bounds, [1.0] * 6, 1.0, 2.0)
    times = [time_s for one in placed for time_s in (one.start_s, one.end_s)]
    assert times == sorted(times)
    assert (times[0], times[-1]) == (1.0, 2.0)


def test_shared_bounds_give_every_character_the_same_time():
    assert shared_bounds(list(b" abc"), spelled, 1.0, 3.0) == pytest.approx([1.0, 1.5, 2.0, 2.5, 3.0])


def least_cost(costs: np.ndarray) -> float:
    """What the cheapest path costs, cell by cell."""
    total = np.full((costs.shape[0] + 1, costs.shape[1] + 1), np.inf)
    total[0, 0] = 0
    for row, column in np.ndindex(costs.shape):
        before = min(total[row, column], total[row, column + 1], total[row + 1, column])
        total[row + 1, column + 1] = costs[row, column] + before
    return float(total[-1, -1])


@given(st.integers(1, 12), st.integers(1, 40), st.integers(0, 2**32 - 1), st.booleans())
def test_cheapest_path_is_monotonic_and_costs_the_least(rows, columns, seed, coarse):
    costs = np.random.default_rng(seed).normal(size=(rows, columns))
    costs = np.round(costs) if coarse else costs
    path = np.stack(cheapest_path(costs))
    assert path[:, 0].tolist() == [0, 0] and path[:, -1].tolist() == [rows - 1, columns - 1]
    steps = np.diff(path, axis=1)
    assert ((steps >= 0) & (steps <= 1)).all() and (steps.sum(axis=0) > 0).all()
    assert costs[path[0], path[1]].sum() == pytest.approx(least_cost(costs))


def test_token_frames_follow_a_diagonal_of_attention():
    attention = np.full((2, 5, 100), 0.001, np.float32)
    for token in range(5):
        attention[:, token, 20 * token : 20 * token + 20] = 0.05
    assert token_frames(attention, 7).tolist() == pytest.approx([0, 20, 40, 60, 80], abs=2)


def test_median_filtered_takes_out_a_spike_and_keeps_short_rows():
    row = np.array([[0, 0, 0, 9, 0, 0, 0, 0]], np.float32)
    assert not median_filtered(row, 3).any()
    assert np.array_equal(median_filtered(row[:, :1], 7), row[:, :1])


def test_kept_leaves_one_copy_of_a_loop_and_what_follows():
    words = ["so", *["thank", "you", "all"] * 5, "and", "bye"]
    assert [words[index] for index in kept(words)] == ["so", "thank", "you", "all", "and", "bye"]


@pytest.mark.parametrize("text", ["no no no no", "very very good", "row row row your boat " * 3, "a b " * 5])
def test_kept_leaves_what_people_say(text):
    words = text.split()
    assert kept(words) == list(range(len(words)))


def test_looping_sees_a_loop_at_the_end_alone():
    loop = [1, 2, 3] * 4
    assert looping([9, *loop])
    assert not looping([*loop, 9])
    assert not looping([5] * 11)
    assert looping([5] * 12)


@given(st.lists(st.integers(0, 2), max_size=60))
def test_kept_of_what_was_kept_is_all_of_it(tokens):
    once = [tokens[index] for index in kept(tokens)]
    assert len(once) <= len(tokens)
    if len(once) == len(tokens):
        assert once == tokens
