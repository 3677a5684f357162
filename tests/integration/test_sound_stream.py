"""Sounds through Ray Data are heard as each is alone in this process, to the byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from actors import catalogue
from actors.placement import HostFacts
from pipelines.media.wave_file import write_wave
from pipelines.streams.ray_sounds import collected, heard_rows
from pipelines.streams.sound_listener import SoundListener
from pipelines.streams.sound_pass import SoundTask
from schemas.errors import Defect, MediaUnreadable
from tests.ray_noise import NOISE
from tools.annotated_music import Recipe, rendered
from tools.beatless_sounds import beatless

pytestmark = [pytest.mark.timeout(300), *(pytest.mark.filterwarnings(rule) for rule in NOISE)]

HOST = HostFacts(2, 16_000)
RATE_HZ = 16_000


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> list[SoundTask]:
    """Every way of hearing a sound of several blocks, and one that is no sound."""
    folder = tmp_path_factory.mktemp("sounds")
    music = rendered(Recipe.drawn(71_500, length_s=40.0, meter="4/4", drums="rock")).pcm
    pcm = np.concatenate([music, beatless("talk", 71_501, 30.0)])
    write_wave(folder / "a.wav", (np.clip(pcm, -1, 1) * 32767).astype(np.int16), RATE_HZ)
    (folder / "b.wav").write_bytes(b"no sound")
    made = [SoundTask(str(folder / "a.wav"), "a.wav", "loudness")]
    for kind in ("voice_activity", "sound_classes", "beats"):
        made.append(SoundTask(str(folder / "a.wav"), "a.wav", kind, catalogue.choose(kind, HOST)))
    made.insert(2, SoundTask(str(folder / "b.wav"), "b.wav", "beats", catalogue.choose("beats", HOST)))
    return made


def test_windows_through_ray_data_are_those_of_this_process(tasks, ray_hosts):
    there = [result for _, result, _ in collected(tasks, heard_rows(tasks))]
    with SoundListener() as listener:
        for task, found in zip(tasks, there, strict=True):
            if task.name == "b.wav":
                assert isinstance(found, MediaUnreadable) and "b.wav" in found.message
                continue
            own = listener(task)["result"]
            assert found["result"].content == own.content, task.kind
            assert dict(found["result"].meta) == dict(own.meta), task.kind


def test_row_that_is_missing_is_a_defect(tasks):
    with pytest.raises(Defect, match="nothing where window 0 of task 0 was due"):
        list(collected(tasks[:1], iter(())))


@pytest.mark.parametrize("kind", ["voice_activity", "sound_classes", "beats"])
def test_length_of_the_sound_is_known_to_each(tasks, kind):
    [task] = [one for one in tasks if one.kind == kind and one.name == "a.wav"]
    with SoundListener() as listener:
        assert listener(task)["result"].meta["total_samples"] == 70 * RATE_HZ


def test_path_is_not_told_to_people(tasks, tmp_path: Path):
    gone = SoundTask(str(tmp_path / "secret" / "c.wav"), "c.wav", "loudness")
    with SoundListener() as listener, pytest.raises(MediaUnreadable) as raised:
        listener(gone)
    assert "secret" not in str(raised.value) and "c.wav" in str(raised.value)
