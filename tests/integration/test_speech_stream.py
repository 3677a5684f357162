"""Sounds through Ray Data give the words that each gives alone in this process, whoever is killed on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors import catalogue
from actors.catalogue import Build
from actors.placement import HostFacts
from pipelines.media.wave_file import write_wave
from pipelines.streams.ray_speech import collected, heard_rows
from pipelines.streams.speech_listener import SpeechListener
from pipelines.streams.speech_pass import SpeechTask
from schemas.backend import Backend
from schemas.errors import MediaUnreadable
from schemas.speech_recognition import SpeechRecognition
from tests.deadly_engine import killing
from tests.ray_noise import NOISE
from tools.tiny_whisper_speech import FOLDER, SAMPLE_RATE_HZ, spoken_clips, spoken_window

pytestmark = [pytest.mark.timeout(300), *(pytest.mark.filterwarnings(rule) for rule in NOISE)]

HOST = HostFacts(2, 16_000)
SOUNDS = 2
WINDOWS = 2
"""Of 30 s in each sound."""


@dataclass(frozen=True)
class OnSharedRay:
    """What `RaySpeech` does, on the Ray that runs already."""

    build: Build = catalogue.build

    def run(self, function: Callable[[Any], Any], payloads: Sequence[Any]) -> Iterator[tuple[int, Any, float]]:
        yield from collected(payloads, heard_rows(payloads, HOST, num_cpus=2, build=self.build))


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> list[SpeechTask]:
    """Two sounds in which somebody speaks."""
    folder, random, clips = tmp_path_factory.mktemp("sounds"), np.random.default_rng(5), spoken_clips(rates_wpm=(155,))
    speech = catalogue.choose("speech", HOST, options={"model": str(FOLDER)})
    activity = catalogue.choose("voice_activity", HOST)
    assert speech.backend == "whisper_openai"
    made = []
    for number in range(SOUNDS):
        path = folder / f"{number}.wav"
        pcm = np.concatenate([spoken_window(clips, 30.0, random).pcm for _ in range(WINDOWS)])
        write_wave(path, (pcm * 32767).astype(np.int16), SAMPLE_RATE_HZ)
        backends = [Backend(backend_type="real", name=one.backend, version="1") for one in (speech, activity)]
        made.append(SpeechTask(str(path), f"sound_{number}", path.name, "", speech, activity, *backends))
    return made


@pytest.fixture(scope="module")
def here(tasks: list[SpeechTask]) -> list[bytes]:
    """The document of each, written down alone in this process."""
    documents = []
    for task in tasks:
        with SpeechListener(lambda name, share: None) as listener:
            documents.append(listener(task)["result"].content)
    return documents


def documents(results: Iterator[tuple[int, Any, float]]) -> list[Any]:
    return [one if isinstance(one, Exception) else one["result"].content for _, one, _ in sorted(results)]


def test_sounds_have_several_windows_and_words_in_them(here):
    found = [SpeechRecognition.read(raw) for raw in here]
    assert all(len(one.windows) >= WINDOWS for one in found)
    assert sum(len(one.words) for sound in found for window in sound.windows for one in window.segments) > 40


def test_sounds_through_ray_give_what_each_gives_alone_here_beside_one_that_cannot_be_read(
    ray_hosts, tasks, here, tmp_path
):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(Path(tasks[0].path).read_bytes()[:20])
    first, *others = tasks
    results = documents(OnSharedRay().run(print, [first, replace(first, path=str(broken)), *others]))
    assert isinstance(results.pop(1), MediaUnreadable)
    assert results == here


def test_actor_that_is_killed_half_way_changes_no_word(ray_hosts, tasks, here, tmp_path):
    marker = tmp_path / "was_killed"
    assert documents(OnSharedRay(killing("speech", marker, nth=2)).run(print, tasks)) == here
    assert marker.exists()
