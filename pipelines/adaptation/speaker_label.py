"""Who speaks when they are not seen: the name that a caption begins with."""

from __future__ import annotations

from schemas.captions import CaptionProfile
from schemas.script import Dialogue
from schemas.shotlist import ShotLine


def speaker_label(line: Dialogue | ShotLine, name: str, profile: CaptionProfile | None = None) -> str:
    """`MARA:` for a line that is heard off screen or as a voice over; empty for a speaker in the picture.

    Args:
        line: who says it, and whether they are seen.
        name: of the speaker in the story. Of a long one, the words that fill no more than half a caption line stand; of
            one long word, as much as does.
        profile: limits of the delivery.
    """
    if line.heard == "on_screen":
        return ""
    room = (profile or CaptionProfile()).max_line_characters // 2 - 1
    kept, *rest = name.split() or [line.speaker_id]
    for word in rest:
        if len(kept) + 1 + len(word) > room:
            break
        kept = f"{kept} {word}"
    return f"{kept[:room].upper()[:room]}:"
