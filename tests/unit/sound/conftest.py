"""A small film of four shots, and the sounds that it asks for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import pytest

from schemas.project import PictureFormat
from schemas.render_plan import RenderPlan, ResolvedAsset
from schemas.shotlist import AudioIntent, Shot, ShotLine, ShotList, ShotSound, timing_lock
from schemas.timing import EditRate

RATE = EditRate(numerator=30_000, denominator=1001)


def _shot(index: int, start: int, ticks: int, framing: str, audio: AudioIntent) -> Shot:
    return Shot(
        shot_id=f"shot_{index}",
        scene_id="scene_1",
        start_ticks=start,
        duration_ticks=ticks,
        framing=framing,
        audio=audio,
    )


@pytest.fixture
def shotlist() -> ShotList:
    line = ShotLine(element_id="e1", speaker_id="mara", offset_ticks=31, duration_ticks=60)
    shots = (
        _shot(0, 0, 60, "title_card", AudioIntent(music_mood="calm")),
        _shot(
            1, 60, 120, "medium",
            AudioIntent(music_mood="tense", ambience="waves", lines=(line,), sounds=(ShotSound(tag="Door", offset_ticks=7),)),
        ),
        _shot(2, 180, 90, "wide", AudioIntent(music_mood="tense", ambience="waves")),
        _shot(3, 270, 60, "end_card", AudioIntent(music_mood="calm")),
    )  # fmt: skip
    return ShotList(
        title="Test",
        edit_rate=RATE,
        shots=shots,
        timing_lock_hash=timing_lock(RATE, ((shot.shot_id, shot.duration_ticks) for shot in shots)),
    )


@pytest.fixture
def sounds() -> dict[str, tuple[np.ndarray, int]]:
    """asset_id -> sound; a line is 1.9 s of a vowel-like buzz at espeak's rate."""
    random = np.random.Generator(np.random.PCG64(1))
    count = round(1.9 * 22_050)
    buzz = (6000 * np.sign(np.sin(2 * np.pi * 120 * np.arange(count) / 22_050))).astype(np.int16)
    return {
        "voice.e1": (buzz, 22_050),
        "music.calm": ((0.1 * random.standard_normal((96_000, 2))).astype(np.float32), 48_000),
        "music.tense": ((0.2 * random.standard_normal((120_000, 2))).astype(np.float32), 48_000),
        "ambience.waves": ((0.1 * random.standard_normal((48_000, 2))).astype(np.float32), 48_000),
        "sfx.door": ((8000 * random.standard_normal(9600).clip(-3, 3)).astype(np.int16), 48_000),
    }


@pytest.fixture
def render_plan(shotlist: ShotList, sounds: dict[str, tuple[np.ndarray, int]]) -> Callable[..., RenderPlan]:
    """A RenderPlan over `sounds`, without those named in `without`."""

    def build(voice: str = "spoken", without: tuple[str, ...] = ()) -> RenderPlan:
        assets = [
            ResolvedAsset(
                asset_id=asset_id,
                kind="sound",
                source="generated_local",
                form="audio",
                uri="artifact://t/dev/x",
                content_hash=content_hash(asset_id),
                media_type="audio/wav",
            )
            for asset_id in sorted(set(sounds) - set(without))
        ]
        return RenderPlan(
            title="Test", profile="preview_local", picture=PictureFormat(), edit_rate=RATE,
            timing_lock_hash=shotlist.timing_lock_hash, voice=voice, assets=tuple(assets),
        )  # fmt: skip

    return build


@pytest.fixture
def load(sounds):
    """content_hash -> sound."""
    by_hash = {content_hash(asset_id): sound for asset_id, sound in sounds.items()}
    return by_hash.__getitem__


def content_hash(asset_id: str) -> str:
    return hashlib.sha256(asset_id.encode()).hexdigest()
