"""The manifest names everything that the shots need, once, in order."""

from __future__ import annotations

import pytest

from pipelines.assets.manifest import asset_manifest
from schemas.errors import Defect
from schemas.script import Script
from schemas.shotlist import Shot, ShotList, timing_lock
from schemas.speech import Voice
from schemas.timing import EditRate


def story() -> Script:
    return Script.model_validate(
        {
            "title": "T",
            "characters": [{"character_id": name, "name": name} for name in ("mara", "unseen")],
            "locations": [{"location_id": "quay", "name": "Quay", "setting": "harbour"}],
            "scenes": [
                {
                    "scene_id": "s",
                    "location_id": "quay",
                    "elements": [{"type": "dialogue", "element_id": "e1", "speaker_id": "mara", "text": "No!"}],
                }
            ],
        }
    )


def film(*shots) -> ShotList:
    given = tuple(
        Shot.model_validate({"scene_id": "s", "framing": "medium", "start_ticks": 24 * i, "duration_ticks": 24, **shot})
        for i, shot in enumerate(shots)
    )
    lock = timing_lock(EditRate(), ((shot.shot_id, shot.duration_ticks) for shot in given))
    return ShotList(title="T", edit_rate=EditRate(), shots=given, timing_lock_hash=lock)


def test_asset_manifest_names_each_requirement_once_and_sorted():
    line = {"element_id": "e1", "speaker_id": "mara", "offset_ticks": 0, "duration_ticks": 9}
    shots = film(
        {"shot_id": "card"},
        {
            "shot_id": "a",
            "location_id": "quay",
            "props": ("Rope", "key"),
            "characters": ({"character_id": "mara"},),
            "audio": {"lines": (line,), "sounds": ({"tag": "thunder"}, {"tag": "bell"}), "ambience": "harbour"},
        },
        {"shot_id": "b", "location_id": "quay", "props": ("rope",), "audio": {"music_mood": "tense"}},
    )
    manifest = asset_manifest(story(), shots, {"mara": Voice(variant="f2")})

    assert [need.asset_id for need in manifest.character_packs] == ["character.mara"]
    assert [need.asset_id for need in manifest.backgrounds] == ["background.quay.day.clear.calm"]
    assert [need.asset_id for need in manifest.props] == ["prop.key", "prop.rope"]
    assert [need.asset_id for need in manifest.sounds] == ["sfx.bell", "sfx.thunder"]
    assert [need.asset_id for need in manifest.ambiences] == ["ambience.harbour"]
    assert [need.asset_id for need in manifest.music] == ["music.calm", "music.tense"]
    (voice,) = manifest.voice_lines
    assert (voice.asset_id, voice.text, voice.voice.variant) == ("voice.e1", "No!", "f2")


def test_asset_manifest_speaker_without_voice_refused():
    with pytest.raises(Defect, match="'mara'"):
        asset_manifest(story(), film({"shot_id": "a"}), {})
