"""How fast a sound is heard in every way, beside decoding it, and how much memory that takes.

`python -m pytest -m "" --timeout=0 -s tests/bench/test_listening_bench.py`. Each measurement is a process of its own, so that its
first call, imports and peak memory are its own. Nothing here asserts a time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tools.annotated_music import Recipe, rendered
from tools.beatless_sounds import beatless

RATE_HZ = 44_100

MEASURE = """
import json, resource, sys, time
from pathlib import Path
from actors import catalogue
from actors.placement import HostFacts
from pipelines.media.speech_audio import speech_blocks
from pipelines.streams.sound_listener import SoundListener
from pipelines.streams.sound_pass import SoundTask
path, kinds, host, spent = sys.argv[1], sys.argv[2].split(), HostFacts(2, 16_000), {}
def timed(name, call):
    wall, used = time.perf_counter(), time.process_time()
    result = call()
    spent[name] = (time.perf_counter() - wall, time.process_time() - used)
    return result
if "decoding" in kinds:
    timed("decoding", lambda: sum(len(block.pcm) for block in speech_blocks(Path(path))))
with SoundListener() as listener:
    for kind in [one for one in kinds if one != "decoding"]:
        choice = None if kind == "loudness" else catalogue.choose(kind, host)
        timed(kind, lambda: listener(SoundTask(path, "x", kind, choice)))
print(json.dumps({"spent": spent, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""

KINDS = "decoding loudness voice_activity sound_classes beats"


def measured(path: Path, kinds: str = KINDS) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-c", MEASURE, str(path), kinds], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def minute() -> np.ndarray:
    """Half a minute of music and half a minute of talk, int16 stereo at 44.1 kHz."""
    mono = np.concatenate([rendered(Recipe.drawn(72_000, length_s=30.0)).pcm, beatless("talk", 72_001, 30.0)])
    places = np.arange(60 * RATE_HZ) * 16_000 / RATE_HZ
    slow = np.interp(places, np.arange(len(mono)), mono)
    return (np.stack([slow, slow], 1) * 32_767 * 0.9).astype("<i2")


def written(path: Path, minute: np.ndarray, minutes: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        for _ in range(minutes):
            file.writeframes(minute.tobytes())
    return path


def test_speed_beside_decoding(minute: np.ndarray, tmp_path: Path) -> None:
    path = written(tmp_path / "ten.wav", minute, 10)
    found = measured(path)["spent"]
    print("\n10 minutes of stereo at 44.1 kHz, one process, first calls and imports included")
    total = sum(used for _, used in found.values()) - found["decoding"][1]
    for kind, (_, used) in found.items():
        print(f"{kind:16} {600 / used:7.0f} x real time of one core, {used / found['decoding'][1]:5.1f} x decoding")
    print(f"all but decoding {600 / total:7.0f} x real time of one core, so {1200 / total:.0f} x on two")


def test_memory_does_not_grow(minute: np.ndarray, tmp_path: Path) -> None:
    print("\npeak memory of the process, all ways of hearing")
    for minutes in (1, 60, 180):
        path = written(tmp_path / "long.wav", minute, minutes)
        found = measured(path, "loudness voice_activity sound_classes beats")
        used = sum(used for _, used in found["spent"].values())
        print(
            f"{minutes:4} min: {found['peak_mb']:.0f} MB, {minutes * 60 / used:.0f} x real time of one core", flush=True
        )
        path.unlink()
