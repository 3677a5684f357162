"""Names of requirements are valid, stable and distinct."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from pipelines.assets import asset_ids
from schemas.document import Identifier

VALID = TypeAdapter(Identifier)


@given(st.text(min_size=1, max_size=300))
def test_prop_asset_id_any_word_is_an_identifier(tag):
    VALID.validate_python(asset_ids.prop_asset_id(tag))
    VALID.validate_python(asset_ids.slug(tag))


def test_prop_asset_id_same_thing_written_differently_is_one():
    assert asset_ids.prop_asset_id("Brass Key") == asset_ids.prop_asset_id("brass_key") == "prop.brass_key"


def test_prop_asset_id_words_without_latin_letters_stay_distinct():
    assert asset_ids.prop_asset_id("ключ") != asset_ids.prop_asset_id("лампа")


def test_background_asset_id_longest_location_fits_and_stays_distinct():
    first, second = (
        asset_ids.background_asset_id("x" * 127 + end, "night", "storm", "mysterious") for end in ("a", "b")
    )
    assert first != second
    VALID.validate_python(first)
