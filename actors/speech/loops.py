"""Loops: text that a recogniser repeats because it has lost the sound.

Greedy decoding may fall into a phrase and say it until the tokens run out. People repeat themselves too, so a run of
copies alone proves nothing: there must be at least COPIES of them, over at least SHORTEST pieces.

Source: the compression-ratio threshold of Radford et al. (2022), arXiv 2212.04356, section 4.5; a run is found here
instead of a ratio, because a run can be cut and a ratio can not.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

COPIES = 4
SHORTEST = 12
"""Pieces (tokens or words) that a loop has at least: `no, no, no, no` is speech."""

LONGEST_PHRASE = 40


def looping(pieces: Sequence[Hashable]) -> bool:
    """Whether the sequence ends in a loop."""
    return any(_copies_at_end(pieces, phrase) for phrase in range(1, LONGEST_PHRASE + 1))


def kept(pieces: Sequence[Hashable]) -> list[int]:
    """Indices of the pieces that remain when of every loop only the first copy is kept."""
    remaining: list[int] = []
    index = 0
    while index < len(pieces):
        phrase, end = _loop_at(pieces, index)
        remaining += range(index, index + phrase)
        index = end
    return remaining


def _copies_at_end(pieces: Sequence[Hashable], phrase: int) -> bool:
    needed = max(COPIES * phrase, SHORTEST)
    tail = pieces[len(pieces) - needed :] if len(pieces) >= needed else ()
    return bool(tail) and all(one == other for one, other in zip(tail, tail[phrase:], strict=False))


def _loop_at(pieces: Sequence[Hashable], begin: int) -> tuple[int, int]:
    """(pieces to keep, index after the loop) of a loop that begins here; (1, begin + 1) when none does."""
    for phrase in range(1, LONGEST_PHRASE + 1):
        end = begin + phrase
        while end < len(pieces) and pieces[end] == pieces[end - phrase]:
            end += 1
        if end - begin >= max(COPIES * phrase, SHORTEST):
            return phrase, end
    return 1, begin + 1
