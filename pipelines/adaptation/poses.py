"""What a body does in an action: the script's tag, else the first pose word after the person's name (English)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from schemas.script import Action
from schemas.vocabulary import Gaze, Pose

_WORDS: tuple[tuple[Pose, str], ...] = (
    ("running", r"runs?|running|ran|rush\w*|dash\w*|sprint\w*|rac(?:es?|ing)|flees?|fled|hurr(?:y|ies|ied)|"
                r"chas(?:es?|ing)"),
    ("walking", r"walk\w*|steps?|climb\w*|enters?|cross(?:es|ed)?|approach\w*|stroll\w*|march\w*|follow\w*|wander\w*|"
                r"leaves?|paces?|comes?|goes|heads?|stumbl\w*|descend\w*|strid(?:es?|ing)|trudg\w*|returns?"),
    ("sitting", r"sits?|sitting|sat|perch\w*|slump\w*|seated"),
    ("pointing", r"points?|pointing|pointed|gestur\w*"),
    ("reaching", r"reach\w*|grabs?|takes?|picks?|lifts?|holds?|holding|rais\w+|opens?|lights?|hands|gives?|pulls?|"
                 r"push\w*|strikes?|turns the|touch\w*|offers?|catch\w*|places?|unfolds?|unlocks?|throws?"),
    ("crouching", r"kneel\w*|knelt|crouch\w*|ducks?|bends?|hides?|hiding|stoops?"),
    ("arms_crossed", r"(?:folds?|cross(?:es)?) (?:his|her|their) arms|arms (?:crossed|folded)"),
    ("standing", r"stands?|standing|stood|rises?|waits?|stops?"),
)  # fmt: skip
_PATTERNS = tuple((pose, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for pose, words in _WORDS)

_UP = re.compile(r"\b(?:looks? up|gazes? up|sky|stars?|ceiling|above|overhead|moon)\b", re.IGNORECASE)
_DOWN = re.compile(r"\b(?:looks? down|reads?|reading|floor|ground|kneel\w*|crouch\w*|letter|below)\b", re.IGNORECASE)

LASTING: frozenset[Pose] = frozenset({"standing", "sitting", "crouching"})
"""Poses that somebody keeps until an action changes them; the others end with their shot."""


def poses_of(action: Action, names: Mapping[str, str], resting: Mapping[str, Pose], language: str) -> dict[str, Pose]:
    """The pose of everybody in an action.

    Args:
        action: the element; its `pose` tag, when set, holds for all its people.
        names: display names by character_id.
        resting: what each person keeps doing from earlier in the scene (default standing).
        language: BCP 47; words are read in English only.
    """
    if action.pose is not None:
        return dict.fromkeys(action.character_ids, action.pose)
    english = language.lower().startswith("en")
    clauses = _clauses(action.text, action.character_ids, names) if english else {}
    poses: dict[str, Pose] = {}
    for person in action.character_ids:
        poses[person] = _first_pose(clauses.get(person, "")) or resting.get(person, "standing")
    return poses


def gaze_of(action: Action, language: str) -> Gaze | None:
    """Up or down when the words say so, None when they do not."""
    if not language.lower().startswith("en"):
        return None
    if _UP.search(action.text):
        return "up"
    return "down" if _DOWN.search(action.text) else None


def after(poses: Mapping[str, Pose], resting: Mapping[str, Pose]) -> dict[str, Pose]:
    """What everybody keeps doing once an action is over: lasting poses stay, a movement ends on its feet."""
    moved: dict[str, Pose] = {}
    for person, pose in poses.items():
        if pose in LASTING:
            moved[person] = pose
        else:
            moved[person] = "standing" if pose in ("walking", "running") else resting.get(person, "standing")
    return {**resting, **moved}


def _clauses(text: str, people: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """Each person's words: from the first mention of their name to the next name. One person alone gets everything."""
    if len(people) == 1:
        return {people[0]: text}
    mentions = sorted(
        (match.start(), person)
        for person in people
        if (match := re.search(rf"\b{re.escape(names[person].strip().partition(' ')[0])}\b", text, re.IGNORECASE))
    )
    ends = [start for start, _ in mentions[1:]] + [len(text)]
    clauses = {person: text[start:end] for (start, person), end in zip(mentions, ends, strict=False)}
    # "Mara and Tomas run": a clause without a verb of its own shares that of the next one.
    for (_, person), (_, following) in reversed(list(pairwise(mentions))):
        if re.fullmatch(r"\S+(?:\s*,)?(?:\s+and)?\s*", clauses[person]):
            clauses[person] = clauses[following]
    return clauses


def _first_pose(text: str) -> Pose | None:
    found = [
        (match.start(), -len(match.group()), pose) for pose, pattern in _PATTERNS if (match := pattern.search(text))
    ]
    return min(found)[2] if found else None
