"""Resolution order: exact id, tags, what can be made here, placeholder with a reason."""

from __future__ import annotations

from pipelines.assets.library import IndexedAsset, LeftOut, LibraryIndex
from pipelines.assets.resolver import Abilities, resolve
from schemas.asset_manifest import (
    AssetManifest,
    BackgroundNeed,
    CharacterNeed,
    MusicNeed,
    PropNeed,
    SoundNeed,
    VoiceLineNeed,
)
from schemas.library_asset import LibraryAsset
from schemas.speech import Voice

ALL = Abilities(props={"lantern"}, sounds={"thunder"}, ambiences={"waves"}, music={"calm"}, settings={"harbour"})
NOTHING = Abilities(props=(), sounds=(), ambiences=(), music=(), settings=())


def manifest() -> AssetManifest:
    place = {"location_id": "quay", "name": "The quay", "setting": "harbour"}
    return AssetManifest(
        title="T",
        character_packs=(CharacterNeed(asset_id="character.mara", character_id="mara", name="Mara"),),
        backgrounds=tuple(
            BackgroundNeed(
                asset_id=f"background.quay.{time}.clear.calm", time_of_day=time, weather="clear", mood="calm", **place
            )
            for time in ("day", "night")
        ),
        props=(PropNeed(asset_id="prop.lantern", tag="lantern"), PropNeed(asset_id="prop.orrery", tag="orrery")),
        voice_lines=(
            VoiceLineNeed(asset_id="voice.e1", element_id="e1", speaker_id="mara", text="Hello.", voice=Voice()),
        ),
        sounds=(SoundNeed(asset_id="sfx.thunder", tag="thunder"), SoundNeed(asset_id="sfx.kazoo", tag="kazoo")),
        ambiences=(SoundNeed(asset_id="ambience.waves", tag="waves"),),
        music=(MusicNeed(asset_id="music.calm", mood="calm"),),
    )


def asset(name, kind="image", rights=None, motion=None, **serves) -> IndexedAsset:
    fields = {"rights": rights} if rights else {}
    metadata = LibraryAsset.model_validate(
        {"file": f"{name}.bin", "media_kind": kind, "serves": serves, "motion": motion, **fields}
    )
    return IndexedAsset(name, metadata, f"{name}.bin", "0" * 64, 1, "image/png")


def sources(*assets, abilities=ALL, left_out=()):
    index = LibraryIndex(tuple(assets), tuple(left_out))
    return {one.asset_id: one for one in resolve(manifest(), index, abilities)}


def test_resolve_empty_library_makes_what_it_can_and_flags_the_rest():
    found = sources()
    assert list(found) == sorted(found)
    assert {name for name, one in found.items() if one.source == "placeholder"} == {"prop.orrery", "sfx.kazoo"}
    assert found["prop.orrery"].flag == "no library asset and no drawing for prop 'orrery'"
    assert {name for name, one in found.items() if one.form == "audio"} == {
        "ambience.waves", "music.calm", "sfx.thunder", "voice.e1",
    }  # fmt: skip
    assert all(one.rights.license_type == "generated_local" for one in found.values())


def test_resolve_nothing_can_be_made_still_resolves_every_requirement():
    found = sources(abilities=NOTHING)
    assert len(found) == 10
    assert [name for name, one in found.items() if one.source != "placeholder"] == ["character.mara", "voice.e1"]
    assert all(one.flag for one in found.values() if one.source == "placeholder")


def test_resolve_exact_id_wins_over_tag_and_tag_over_drawing():
    found = sources(
        asset("a_tag", locations=["quay"]), asset("z_exact", asset_ids=["background.quay.night.clear.calm"])
    )
    assert found["background.quay.night.clear.calm"].library_asset.name == "z_exact"
    day = found["background.quay.day.clear.calm"]
    assert (day.library_asset.name, day.source, day.form) == ("a_tag", "local_library", "image")
    assert day.fallbacks == ("generated_local", "placeholder")


def test_resolve_place_limited_to_night_does_not_serve_day_and_wins_at_night():
    found = sources(asset("any", locations=["quay"]), asset("night", locations=["quay"], times_of_day=["night"]))
    assert found["background.quay.day.clear.calm"].library_asset.name == "any"
    assert found["background.quay.night.clear.calm"].library_asset.name == "night"


def test_resolve_prop_tag_written_differently_still_matches():
    assert sources(asset("o", props=["Orrery "]))["prop.orrery"].source == "local_library"


def test_resolve_left_out_asset_falls_through_and_says_why():
    out = asset("mine", asset_ids=["prop.orrery"])
    found = sources(left_out=[LeftOut("mine", out.metadata, "license_type is 'unknown'")])
    assert found["prop.orrery"].source == "placeholder"
    assert "mine: license_type is 'unknown'" in found["prop.orrery"].flag


def test_resolve_two_equal_assets_take_the_first_by_name():
    assert (
        sources(asset("a", props=["lantern"]), asset("b", props=["lantern"]))["prop.lantern"].library_asset.name == "a"
    )


def test_resolve_character_is_drawn_even_when_the_library_has_an_image():
    for serves in ({"characters": ["mara"]}, {"asset_ids": ["character.mara"]}):
        found = sources(asset("portrait", **serves))["character.mara"]
        assert (found.source, found.form, found.library_asset) == ("generated_local", "drawing", None)
        assert found.notes == ("portrait: figures are drawn, an image is not used for a character",)


def test_resolution_resolved_carries_rights_and_motion_of_the_library():
    rights = {"license_type": "CC-BY-4.0", "attribution": "Ada", "retrieval_date": "2026-01-02"}
    found = sources(asset("m", props=["lantern"], rights=rights, motion="push_in"))["prop.lantern"]
    entry = found.resolved("artifact://t_local/dev/abc", "0" * 64, "image/png")
    assert (entry.rights.license_type, entry.rights.attribution, entry.motion) == ("CC-BY-4.0", "Ada", "push_in")
    assert entry.rights.redistributable is False
