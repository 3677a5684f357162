"""A design depends on who a character is, and honours what the story says."""

from __future__ import annotations

import pytest

from pipelines.imaging.character_design import design_character
from schemas.asset_manifest import CharacterNeed
from schemas.canon import Appearance
from schemas.errors import InvalidInput


def need(character_id="mara", name="Mara", **appearance):
    return CharacterNeed(
        asset_id=f"character.{character_id}", character_id=character_id, name=name, appearance=Appearance(**appearance)
    )


def test_design_same_character_is_the_same_twice():
    assert design_character(need()) == design_character(need())


def test_design_other_name_looks_different():
    looks = {design_character(need(f"c{one}", f"Name {one}")).model_dump_json() for one in range(20)}
    assert len(looks) == 20


def test_design_cast_has_distinct_silhouettes_and_colours():
    cast = [design_character(need(f"person_{one}", f"Person {one}")) for one in range(12)]
    assert len({(one.hair_style, one.garment, one.build) for one in cast}) >= 9
    assert len({one.outfit for one in cast}) >= 5


def test_design_appearance_is_honoured():
    design = design_character(
        need(hair="ginger", hair_style="bun", skin="dark", outfit="#102030", build="broad", beard=False, glasses=True)
    )
    assert (design.hair_style, design.build, design.glasses, design.beard) == ("bun", "broad", True, "none")
    assert (design.hair, design.skin, design.outfit) == ("#c8692e", "#70472f", "#102030")


def test_design_beard_said_true_is_drawn_full():
    assert design_character(need(beard=True)).beard == "full"


def test_design_child_is_small_and_has_no_beard():
    child = design_character(need(build="child"))
    assert child.age_class == "child"
    assert child.height < 0.75
    assert child.beard == "none"


def test_design_grey_hair_makes_an_old_character():
    assert design_character(need(hair="grey")).age_class == "old"


def test_design_colour_that_is_none_is_refused_with_the_word():
    with pytest.raises(InvalidInput, match="'sparkly'"):
        design_character(need(outfit="sparkly"))
