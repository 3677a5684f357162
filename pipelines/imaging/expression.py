"""What a feeling and a sound do to a face, as numbers."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.vocabulary import Emotion


@dataclass(frozen=True)
class Look:
    """A face's expression, in units of a head 156 high."""

    brow_lift: float = 0.0
    """Whole brow up."""

    brow_inner: float = 0.0
    """Inner end up (worry) or down (anger)."""

    brow_outer: float = 0.0
    upper_lid: float = 1.0
    """Opening of the eye; 1 calm, 1.25 wide, 0.7 heavy."""

    lower_lid: float = 0.0
    """Lower lid pushed up, 0..1, as in a smile."""

    lid_slant: float = 0.0
    """Outer corner of the upper lid down (sad) for values above 0, inner down (angry) below."""

    smile: float = 0.0
    """Mouth corners, -1 down to 1 up."""

    mouth_width: float = 1.0
    parted: float = 0.0
    """Opening of the mouth at rest."""

    teeth: bool = False
    iris: float = 1.0
    blush: float = 0.0
    pallor: float = 0.0
    brow_gather: float = 0.0
    """Brows drawn together; a crease shows above 3."""


LOOKS: dict[Emotion, Look] = {
    "neutral": Look(brow_lift=3, brow_inner=2, smile=0.16),
    "happy": Look(brow_lift=5, brow_outer=2, lower_lid=0.62, upper_lid=0.98, smile=1.0, mouth_width=1.22, parted=9,
                  teeth=True, blush=1.0),
    "sad": Look(brow_lift=1, brow_inner=10, brow_outer=-5, upper_lid=0.74, lid_slant=0.5, smile=-0.85,
                mouth_width=0.85, brow_gather=2),
    "angry": Look(brow_lift=-5, brow_inner=-11, brow_outer=5, upper_lid=0.82, lid_slant=-0.75, lower_lid=0.28,
                  smile=-0.75, mouth_width=1.0, parted=5, teeth=True, iris=0.88, brow_gather=6, blush=0.5),
    "afraid": Look(brow_lift=8, brow_inner=9, brow_outer=-4, upper_lid=1.28, smile=-0.55, mouth_width=1.02, parted=8,
                   teeth=True, iris=0.72, pallor=0.5, brow_gather=3),
    "surprised": Look(brow_lift=14, brow_inner=1, upper_lid=1.3, smile=0.0, mouth_width=0.6, parted=20, iris=0.82),
    "tender": Look(brow_lift=3, brow_inner=4, brow_outer=-2, upper_lid=0.8, lower_lid=0.35, smile=0.62,
                   mouth_width=1.0, blush=0.9),
    "worried": Look(brow_lift=3, brow_inner=8, brow_outer=-3, upper_lid=1.04, lid_slant=0.2, smile=-0.42,
                    mouth_width=0.78, brow_gather=4),
    "determined": Look(brow_lift=-4, brow_inner=-6, brow_outer=3, upper_lid=0.86, lid_slant=-0.3, smile=-0.05,
                       mouth_width=0.95, brow_gather=4),
}  # fmt: skip


@dataclass(frozen=True)
class MouthShape:
    """Half width and opening of a mouth that makes a sound, and what shows in it."""

    half_width: float
    opening: float
    teeth: float = 0.0
    """Share of the opening that the upper teeth fill."""

    tongue: float = 0.0
    pout: float = 0.0


MOUTHS: dict[str, MouthShape] = {
    "closed": MouthShape(19, 0),
    "open": MouthShape(19, 24, teeth=0.25, tongue=0.45),
    "wide": MouthShape(25, 13, teeth=0.45, tongue=0.3),
    "round": MouthShape(12.5, 19, pout=0.7),
    "narrow": MouthShape(8.5, 11, pout=1.0),
    "teeth": MouthShape(21, 8, teeth=0.85),
    "tongue": MouthShape(19, 13, teeth=0.3, tongue=0.75),
}
"""By viseme; `rest` takes the mouth of the feeling."""
