"""Which framing a shot gets, and what it may not follow: the grammar of cutting.

    place        wide
    first line   two_shot          who stands where
    exchange     over_shoulder, medium, sometimes close_up
    peak         close_up
    thing        insert

No two shots in a row show the same people in the same framing, which the eye takes for a jump.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from schemas.canonical import fingerprint
from schemas.vocabulary import Framing

Choice = TypeVar("Choice")

ALTERNATIVES: dict[Framing, tuple[Framing, ...]] = {
    "wide": ("two_shot", "medium", "close_up"),
    "two_shot": ("over_shoulder", "medium", "close_up"),
    "over_shoulder": ("medium", "close_up"),
    "medium": ("close_up", "over_shoulder", "wide"),
    "close_up": ("medium", "over_shoulder", "wide"),
}
"""What takes the place of a framing that would jump, best first."""

NEEDS_TWO: frozenset[Framing] = frozenset({"two_shot", "over_shoulder"})

EXCHANGE: tuple[Framing, ...] = ("medium", "over_shoulder", "medium", "over_shoulder", "close_up")
"""Mix of an exchange without peaks; each line picks by who says it to whom and how, never by its number or words."""

ALONE: tuple[Framing, ...] = ("medium", "medium", "close_up")


@dataclass(frozen=True)
class View:
    """What the eye compares across a cut."""

    framing: Framing
    people: tuple[str, ...]
    """Whom the shot is of: the speaker of an over-shoulder shot, all of a two-shot; sorted."""

    things: tuple[str, ...] = ()


def jumps(view: View, previous: View | None) -> bool:
    """True when a cut between the two would look like a jump: the same framing of the same subject, or wide to wide."""
    if previous is None or view.framing != previous.framing:
        return False
    return view.framing == "wide" or (view.people, view.things) == (previous.people, previous.things)


def exchange_framing(seed: tuple[str, ...], *, first_line: bool, peak: bool, has_partner: bool) -> Framing:
    """The framing of a line before its neighbours are looked at. Words do not matter, only tags and structure.

    Args:
        seed: what the choice among equals depends on.
        first_line: whether nobody has spoken in the scene yet.
        peak: whether a strong emotion begins.
        has_partner: whether somebody is there to share the frame.
    """
    if peak:
        return "close_up"
    if first_line:
        return "two_shot" if has_partner else "medium"
    return pick(EXCHANGE if has_partner else ALONE, *seed)


def pick(choices: tuple[Choice, ...], *seed: str) -> Choice:
    """One of the choices, always the same for the same seed words."""
    return choices[int(fingerprint(list(seed))[:8], 16) % len(choices)]
