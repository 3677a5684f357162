"""The name of a shot: the scene and the element it comes from, so that an edit elsewhere leaves it alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from pipelines.adaptation.draft import ShotDraft
from schemas.canonical import fingerprint

IDENTIFIER_LIMIT = 128
"""Longest `Identifier`."""

DIGEST_CHARACTERS = 16
"""64 bits: enough to tell apart the shots of one film."""


def shot_id(scene_id: str, element_id: str, suffix: str = "") -> str:
    """`{scene_id}.{element_id}`, with `.{suffix}` when one element gives several shots.

    An element_id that begins with its scene's name stands alone. A name beyond 128 characters is cut and ends with a
    digest of the whole.
    """
    place = element_id if element_id.startswith(f"{scene_id}.") else f"{scene_id}.{element_id}"
    name = place + (f".{suffix}" if suffix else "")
    return name if len(name) <= IDENTIFIER_LIMIT else _with_digest(name, [scene_id, element_id, suffix])


def distinct(drafts: Sequence[ShotDraft]) -> tuple[ShotDraft, ...]:
    """The same drafts, with a digest added where ids that hold dots made two shots share a name.

    Scene `a.b` with element `c` and scene `a` with element `b.c` would both be `a.b.c`.
    """
    uses = Counter(draft.shot_id for draft in drafts)
    seen: Counter[str] = Counter()
    named = []
    for draft in drafts:
        if uses[draft.shot_id] > 1:
            evidence = [draft.scene_id, draft.role, [line.element_id for line in draft.lines], seen[draft.shot_id]]
            seen[draft.shot_id] += 1
            draft = replace(draft, shot_id=_with_digest(draft.shot_id, evidence))
        named.append(draft)
    return tuple(named)


def _with_digest(name: str, evidence: list[object]) -> str:
    kept = name[: IDENTIFIER_LIMIT - DIGEST_CHARACTERS - 1]
    return f"{kept}-{fingerprint(evidence)[:DIGEST_CHARACTERS]}"
