"""Three documents that are right by themselves and do not belong together are told apart from three that do."""

from __future__ import annotations

import pytest

from pipelines.rendering.package_rules import needed_assets, package_problems
from schemas.asset_manifest import AssetManifest
from schemas.project import PictureFormat
from schemas.render_plan import RenderPlan
from schemas.shotlist import ShotList, timing_lock
from schemas.timing import EditRate

RATE = EditRate()


def shotlist(**line) -> ShotList:
    shot = {
        "shot_id": "s1", "scene_id": "a", "start_ticks": 0, "duration_ticks": 48, "framing": "medium",
        "location_id": "quay", "characters": [{"character_id": "mara"}], "props": ["Brass Key"],
        "audio": {
            "lines": [{"element_id": "e1", "speaker_id": "mara", "offset_ticks": 4, "duration_ticks": 20, **line}],
            "sounds": [{"tag": "thunder"}], "ambience": "waves", "music_mood": "tense",
        },
    }  # fmt: skip
    return ShotList.model_validate(
        {"title": "T", "edit_rate": RATE, "shots": [shot], "timing_lock_hash": timing_lock(RATE, [("s1", 48)])}
    )


def manifest(**lists) -> AssetManifest:
    whole = {
        "character_packs": [{"asset_id": "character.mara", "character_id": "mara", "name": "Mara"}],
        "backgrounds": [
            {
                "asset_id": "background.quay.day.clear.calm", "location_id": "quay", "name": "Quay",
                "setting": "harbour", "time_of_day": "day", "weather": "clear", "mood": "calm",
            }
        ],
        "props": [{"asset_id": "prop.brass_key", "tag": "Brass Key"}],
        "voice_lines": [
            {"asset_id": "voice.e1", "element_id": "e1", "speaker_id": "mara", "text": "Come home.", "voice": {}}
        ],
        "sounds": [{"asset_id": "sfx.thunder", "tag": "thunder"}],
        "ambiences": [{"asset_id": "ambience.waves", "tag": "waves"}],
        "music": [{"asset_id": "music.tense", "mood": "tense"}],
    }  # fmt: skip
    return AssetManifest.model_validate({"title": "T", **whole, **lists})


KINDS = {
    "character.mara": "character", "background.quay.day.clear.calm": "background", "prop.brass_key": "prop",
    "voice.e1": "voice", "sfx.thunder": "sound", "ambience.waves": "ambience", "music.tense": "music",
}  # fmt: skip


def plan(kinds=None, **fields) -> RenderPlan:
    assets = [
        {
            "asset_id": asset_id, "kind": kind, "source": "generated_local", "form": "drawing",
            "uri": "artifact://t/dev/a_1", "content_hash": "0" * 64, "media_type": "application/json",
        }
        for asset_id, kind in (KINDS if kinds is None else kinds).items()
    ]  # fmt: skip
    given = {
        "title": "T", "profile": "preview_local", "picture": PictureFormat(), "edit_rate": RATE,
        "timing_lock_hash": shotlist().timing_lock_hash, "assets": assets,
    }  # fmt: skip
    return RenderPlan.model_validate({**given, **fields})


def test_documents_that_belong_together_have_no_problem():
    assert package_problems(shotlist(), manifest(), plan()) == ()
    assert needed_assets(shotlist()) == set(KINDS)


@pytest.mark.parametrize(
    ("documents", "words"),
    [
        ((shotlist(), manifest(), plan(timing_lock_hash="1" * 64)), "plan again"),
        ((shotlist(), manifest(), plan(edit_rate=EditRate(numerator=25))), "fps"),
        ((shotlist(), manifest(props=()), plan()), "lacks 'prop.brass_key'"),
        ((shotlist(), manifest(), plan({name: KINDS[name] for name in list(KINDS)[1:]})), "no source for 'character.m"),
        ((shotlist(), manifest(), plan({**KINDS, "prop.rope": "prop"})), "'prop.rope', which the manifest does not"),
        ((shotlist(), manifest(), plan({**KINDS, "music.tense": "sound"})), "kind of 'music.tense'"),
        ((shotlist(speaker_id="tomas"), manifest(), plan()), "said by 'tomas'"),
        ((shotlist(offset_ticks=40), manifest(), plan()), "ends before its line 'e1'"),
    ],
)
def test_documents_that_do_not_belong_together_are_told_so(documents, words):
    problems = package_problems(*documents)
    assert any(words in problem for problem in problems), problems


def test_an_asset_that_stands_twice_is_a_problem():
    twice = plan()
    assert package_problems(shotlist(), manifest(), twice.model_copy(update={"assets": twice.assets * 2})) == (
        "an asset stands twice in the render plan",
    )
