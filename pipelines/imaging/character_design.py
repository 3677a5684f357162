"""How a character looks: what the story says, and for the rest a choice made from who they are.

The choice depends on character_id and name alone, never on the order of a cast, so that a character looks the same in
every scene, film and process.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import TypeVar

from pipelines.imaging.colour import SKIN_WORDS, Rgb, parse_colour, shade, to_hex
from schemas.asset_manifest import CharacterNeed
from schemas.canonical import fingerprint
from schemas.character_design import AgeClass, Build, CharacterDesign, Garment, HairStyle

T = TypeVar("T")

_BUILDS: tuple[Build, ...] = ("slim", "average", "average", "broad")
_SKINS = ("#f3d3bd", "#ecc09d", "#e0ac82", "#c98e63", "#a3704b", "#7b5036")
_HAIRS = ("#2b2430", "#4a3226", "#6d4930", "#8a4328", "#c07a3a", "#d9b468", "#3a3f4d", "#9c4a32")
_GREYS = ("#d9d8d6", "#b9bbc0", "#ece8df")
_EYES = ("#4d6f8f", "#5b7a4b", "#6b4a2f", "#3f3a3a", "#7a6a3a", "#4a8082")
_OUTFITS = (
    ("#c0503f", "#f0dfb8"), ("#2f7f83", "#f2c867"), ("#d9a441", "#3a4a6b"), ("#4e5f9c", "#e89a6a"),
    ("#7a4566", "#e9cfa0"), ("#5d8252", "#e3b25c"), ("#a9542f", "#b9d4c8"), ("#37485f", "#d86f55"),
    ("#8a6aa8", "#f0d7a0"), ("#c56a7c", "#41606b"),
)  # fmt: skip
"""Pairs of garment and accent that sit well on painted backgrounds."""

_TROUSERS = ("#3a3f55", "#54463c", "#4b5a5e", "#6a5a4a", "#2f3442")
_SHOES = ("#4a352a", "#2c2a33", "#6b4632")

_FEMININE = frozenset({"long", "bun", "ponytail"})


class _Dice:
    """Choices drawn from one text; each named choice is independent of every other."""

    def __init__(self, seed: str) -> None:
        self._seed = seed

    def number(self, name: str) -> float:
        """Uniform in [0, 1)."""
        digest = hashlib.sha256(f"{self._seed}/{name}".encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48

    def pick(self, name: str, options: Sequence[T]) -> T:
        return options[int(self.number(name) * len(options))]


def design_character(need: CharacterNeed) -> CharacterDesign:
    """The look of a character, seeded by character_id and name and bound by what `need.appearance` says.

    Raises:
        InvalidInput: a colour of the appearance is not one.
    """
    said = need.appearance
    seed = fingerprint({"character_id": need.character_id, "name": need.name})
    dice = _Dice(seed)
    build: Build = said.build if said.build != "" else dice.pick("build", _BUILDS)
    style = said.hair_style or _hair_style(dice, said.beard)
    age = _age(build, said.hair, dice)
    skin = parse_colour(said.skin, SKIN_WORDS) if said.skin else parse_colour(dice.pick("skin", _SKINS))
    hair = parse_colour(said.hair) if said.hair else parse_colour(dice.pick("hair", _GREYS if age == "old" else _HAIRS))
    outfit, accent = dice.pick("outfit", _OUTFITS)
    if said.outfit:
        outfit = to_hex(parse_colour(said.outfit))
        accent = _contrasting(outfit, dice)
    bearded = said.beard if said.beard is not None else _may_have_beard(style, build) and dice.number("beard") < 0.35
    feminine = style in _FEMININE and not bearded
    return CharacterDesign(
        character_id=need.character_id,
        full_name=need.name,
        age_class=age,
        build=build,
        height=_height(build, age, dice),
        head_shape=dice.pick("head", ("oval", "round", "heart") if feminine else ("oval", "round", "square")),
        eye_shape=dice.pick("eye_shape", ("round", "almond", "almond", "narrow")) if age != "child" else "round",
        skin=to_hex(skin),
        hair=to_hex(hair),
        brows=to_hex(shade(hair, -0.25)),
        eyes=dice.pick("eyes", _EYES),
        hair_style=style,
        fringe=dice.pick("fringe", ("parted", "swept", "straight")),
        nose=dice.pick("nose", ("button", "long", "broad")) if age != "child" else "button",
        beard=_beard(bearded, said.beard is True, dice),
        glasses=said.glasses if said.glasses is not None else dice.number("glasses") < 0.18,
        freckles=dice.number("freckles") < 0.25,
        earrings=feminine and age != "child" and dice.number("earrings") < 0.5,
        lashes=feminine,
        garment=_garment(build, feminine, dice),
        outfit=outfit,
        accent=accent,
        trousers=dice.pick("trousers", _TROUSERS),
        shoes=dice.pick("shoes", _SHOES),
        scarf=dice.number("scarf") < 0.4 and _apart(parse_colour(accent), skin) > 80,
        pattern=dice.pick("pattern", ("plain", "plain", "stripes", "knit")),
        seed=seed,
    )


def _hair_style(dice: _Dice, beard: bool | None) -> HairStyle:
    if beard:
        return dice.pick("hair_style", ("short", "curly", "bald", "cap"))
    return dice.pick("hair_style", ("short", "short", "long", "bun", "curly", "ponytail", "cap"))


def _age(build: Build, hair: str, dice: _Dice) -> AgeClass:
    if build == "child":
        return "child"
    words = hair.lower()
    if any(word in words for word in ("grey", "gray", "white", "silver")):
        return "old"
    return "old" if not hair and dice.number("age") < 0.12 else "adult"


def _height(build: Build, age: AgeClass, dice: _Dice) -> float:
    base = {"slim": 1.0, "average": 0.98, "broad": 1.02, "child": 0.66}[build] - (0.04 if age == "old" else 0.0)
    return round(base + (dice.number("height") - 0.5) * 0.08, 3)


def _may_have_beard(style: HairStyle, build: Build) -> bool:
    return style in ("short", "bald", "cap", "curly") and build != "child"


def _beard(bearded: bool, said: bool, dice: _Dice) -> str:
    if not bearded:
        return "none"
    return "full" if said else dice.pick("beard_kind", ("full", "full", "moustache", "stubble"))


def _garment(build: Build, feminine: bool, dice: _Dice) -> Garment:
    if build == "child":
        return dice.pick("garment", ("sweater", "overalls", "dress" if feminine else "overalls", "jacket"))
    if feminine:
        return dice.pick("garment", ("dress", "coat", "sweater", "jacket"))
    return dice.pick("garment", ("coat", "jacket", "sweater", "waistcoat"))


def _apart(one: Rgb, other: Rgb) -> float:
    """Distance of two colours, 0 to 441."""
    return math.dist(one, other)


def _contrasting(outfit: str, dice: _Dice) -> str:
    """The accent of the palette that lies furthest from `outfit`, among three drawn."""
    drawn = [_OUTFITS[int(dice.number(f"accent{turn}") * len(_OUTFITS))][1] for turn in range(3)]
    here = parse_colour(outfit)
    return max(drawn, key=lambda one: _apart(parse_colour(one), here))
