"""CharacterDesign: everything that decides how a character looks, chosen once and kept through the film."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.document import Document, Hash, Identifier

HexColour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
"""`#rrggbb`, lower case."""

HairStyle = Literal["short", "long", "bun", "curly", "bald", "ponytail", "cap"]
Build = Literal["slim", "average", "broad", "child"]
AgeClass = Literal["child", "adult", "old"]
EyeShape = Literal["round", "almond", "narrow"]
Garment = Literal["coat", "jacket", "sweater", "dress", "waistcoat", "overalls"]
HeadShape = Literal["oval", "round", "square", "heart"]


class CharacterDesign(Document):
    """A figure as it is drawn. Holds nothing about where or when it is seen."""

    character_id: Identifier
    full_name: str
    age_class: AgeClass = "adult"
    build: Build = "average"
    height: float = Field(default=1.0, ge=0.4, le=1.3)
    """Standing height relative to an adult of 600 units."""

    head_shape: HeadShape = "oval"
    eye_shape: EyeShape = "almond"
    skin: HexColour
    hair: HexColour
    brows: HexColour
    eyes: HexColour
    hair_style: HairStyle = "short"
    fringe: Literal["parted", "swept", "straight", "none"] = "swept"
    nose: Literal["button", "long", "broad"] = "button"
    beard: Literal["none", "full", "moustache", "stubble"] = "none"
    glasses: bool = False
    freckles: bool = False
    earrings: bool = False
    lashes: bool = False
    garment: Garment = "sweater"
    outfit: HexColour
    """Main garment."""

    accent: HexColour
    """Scarf, collar, buttons and cap."""

    trousers: HexColour
    shoes: HexColour
    scarf: bool = False
    pattern: Literal["plain", "stripes", "knit"] = "plain"
    seed: Hash
    """From which blinking, gestures and other small habits are drawn."""
