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
    """Character that is drawn."""

    full_name: str
    """Name of the character in the story."""

    age_class: AgeClass = "adult"
    """Proportions of the body and lines of the face."""

    build: Build = "average"
    """Width of the body."""

    height: float = Field(default=1.0, ge=0.4, le=1.3)
    """Standing height relative to an adult of 600 units."""

    head_shape: HeadShape = "oval"
    """Outline of the head."""

    eye_shape: EyeShape = "almond"
    """Outline of the eyes."""

    skin: HexColour
    """Colour of the skin."""

    hair: HexColour
    """Colour of the hair."""

    brows: HexColour
    """Colour of the eyebrows."""

    eyes: HexColour
    """Colour of the iris."""

    hair_style: HairStyle = "short"
    """Cut of the hair."""

    fringe: Literal["parted", "swept", "straight", "none"] = "swept"
    """How the hair falls on the forehead."""

    nose: Literal["button", "long", "broad"] = "button"
    """Shape of the nose."""

    beard: Literal["none", "full", "moustache", "stubble"] = "none"
    """Hair on the chin and lip."""

    glasses: bool = False
    """Whether glasses are worn."""

    freckles: bool = False
    """Whether the cheeks have freckles."""

    earrings: bool = False
    """Whether earrings are worn."""

    lashes: bool = False
    """Whether the eyelashes are drawn."""

    garment: Garment = "sweater"
    """Kind of main garment."""

    outfit: HexColour
    """Main garment."""

    accent: HexColour
    """Scarf, collar, buttons and cap."""

    trousers: HexColour
    """Colour of trousers or skirt."""

    shoes: HexColour
    """Colour of the shoes."""

    scarf: bool = False
    """Whether a scarf is worn."""

    pattern: Literal["plain", "stripes", "knit"] = "plain"
    """Pattern of the main garment."""

    seed: Hash
    """From which blinking, gestures and other small habits are drawn."""
