"""A long film is mixed in a process of its own, to the same bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipelines.media.wave_file import write_wave
from pipelines.sound.mix_plan import MixPlan, PlacedClip
from pipelines.sound.mix_task import OUTPUTS, MixTask, SoundFile, mix_apart, mix_here
from schemas.errors import MediaUnreadable, ReelwrightError

HASH = "ab" * 32


def task(folder: Path, sound: Path) -> MixTask:
    folder.mkdir()
    clip = PlacedClip(
        role="music", asset_id="music.calm", content_hash=HASH, start_sample=0, end_exclusive_sample=48_000, loop=True
    )
    return MixTask(MixPlan(total_samples=48_000, clips=(clip,)), {HASH: SoundFile(str(sound), True)}, str(folder))


@pytest.fixture
def tone(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    write_wave(path, (8000 * np.sin(np.arange(24_000) / 20)).astype(np.int16), 48_000)
    return path


def test_mix_in_another_process_has_the_same_bytes(tmp_path: Path, tone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = mix_here(task(tmp_path / "here", tone))
    monkeypatch.setattr("pipelines.sound.mix_task.LONG_MIX_S", 0.0)
    apart = mix_apart(task(tmp_path / "apart", tone))
    for name in OUTPUTS:
        assert isinstance(here[name].content, Path)
        assert Path(str(here[name].content)).read_bytes() == Path(str(apart[name].content)).read_bytes()


def test_mix_that_fails_in_another_process_raises_our_error_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.sound.mix_task.LONG_MIX_S", 0.0)
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    with pytest.raises(ReelwrightError) as caught:
        mix_apart(task(tmp_path / "apart", broken))
    assert isinstance(caught.value, MediaUnreadable)
