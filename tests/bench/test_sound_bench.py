"""How fast sound is made, against real time and against a plain AAC encode of the same length in the same run.

`make bench` prints processor seconds of one core. Nothing here asserts a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import get_args

import av
import numpy as np

from actors.catalogue import open_voices
from pipelines.media.wave_file import read_wave
from pipelines.sound.ambience import PLACES, ambience
from pipelines.sound.effects import effect
from pipelines.sound.loudness import SAMPLE_RATE_HZ
from pipelines.sound.mix import mix
from pipelines.sound.mix_plan import AMBIENCE_LUFS, DIALOGUE_LUFS, MUSIC_LUFS, MixPlan, PlacedClip
from pipelines.sound.music import music_bed
from schemas.speech import SpeechRequest
from schemas.vocabulary import Mood

FILM_S = 300
LINE_EVERY_S, EFFECT_EVERY_S, SCENE_S = 8, 15, 50
SPOKEN = (
    "I have thought about the tide every day since we left, and it never once looked the same to me.",
    "When the lamp changes, everybody in this town changes with it, though few of them would say so.",
    "My mother used to say that a storm keeps its own hours, and that we are only ever its guests.",
)

Sounds = dict[str, tuple[np.ndarray, int]]
"""content_hash -> samples and their rate in Hz."""


def cpu_s(make: Callable[[], object]) -> float:
    """Processor seconds of this process, all threads."""
    started = time.process_time()
    make()
    return time.process_time() - started


def film(lines: list[tuple[np.ndarray, int]]) -> tuple[MixPlan, Sounds]:
    """Lines, effects, and a bed and an ambience a scene, as a spoken film has them."""
    sounds: Sounds = {}

    def clip(number: int, sound: tuple[np.ndarray, int], start_s: float, end_s: float, **fields: object) -> PlacedClip:
        content_hash = f"{number:064x}"
        sounds[content_hash] = sound
        return PlacedClip(
            asset_id=f"sound.{number}", content_hash=content_hash, start_sample=round(start_s * SAMPLE_RATE_HZ),
            end_exclusive_sample=round(min(end_s, FILM_S) * SAMPLE_RATE_HZ), **fields,
        )  # fmt: skip

    def bed(number: int, pcm: np.ndarray, scene: int, level_lufs: float, role: str, duck_db: float) -> PlacedClip:
        return clip(
            number, (pcm, SAMPLE_RATE_HZ), max(0, scene * SCENE_S - 1), (scene + 1) * SCENE_S + 1, role=role, loop=True,
            level_lufs=level_lufs, duck_db=duck_db, fade_in_samples=48_000, fade_out_samples=48_000,
        )  # fmt: skip

    beds, places, door = [music_bed("calm"), music_bed("tense")], [ambience("waves"), ambience("room")], effect("door")
    clips = [
        clip(100 + n, lines[n % 3], 2 + n * LINE_EVERY_S, 2 + n * LINE_EVERY_S + len(lines[n % 3][0]) / lines[n % 3][1],
             role="dialogue", level_lufs=DIALOGUE_LUFS, fade_in_samples=144, fade_out_samples=144)
        for n in range(FILM_S // LINE_EVERY_S)
    ]  # fmt: skip
    clips += [
        clip(3, (door, SAMPLE_RATE_HZ), 5.0 + at, FILM_S, role="effects")
        for at in range(0, FILM_S - 10, EFFECT_EVERY_S)
    ]
    for scene in range(FILM_S // SCENE_S):
        clips.append(bed(scene % 2 + 10, beds[scene % 2], scene, MUSIC_LUFS, "music", -10.0))
        clips.append(bed(scene % 2 + 20, places[scene % 2], scene, AMBIENCE_LUFS, "effects", -4.0))
    in_order = tuple(sorted(clips, key=lambda one: (one.start_sample, one.asset_id)))
    return MixPlan(total_samples=FILM_S * SAMPLE_RATE_HZ, clips=in_order), sounds


def plain_aac(mix_wav: Path) -> None:
    """One AAC encode with FFmpeg's fast coder."""
    pcm, rate_hz = read_wave(mix_wav)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.reshape(1, -1)), format="s16", layout="stereo")
    frame.rate, frame.time_base = rate_hz, Fraction(1, rate_hz)
    with av.open("/dev/null", "w", format="mp4") as target:
        stream = target.add_stream("aac", rate=rate_hz, layout="stereo", options={"aac_coder": "fast"})
        target.mux([*stream.encode(frame), *stream.encode(None)])


def test_mix_against_real_time_and_a_plain_encode(tmp_path: Path) -> None:
    voices = open_voices()
    spoken = voices.infer([SpeechRequest(text=text) for text in SPOKEN])
    plan, sounds = film([(one.pcm, one.speech.sample_rate_hz) for one in spoken])
    mix_s = cpu_s(lambda: mix(plan, sounds.__getitem__, tmp_path))
    plain_s = cpu_s(lambda: plain_aac(tmp_path / "mix.wav"))
    print(f"\nmix of {FILM_S} s, {len(plan.clips)} clips: {mix_s:.2f} s, {FILM_S / mix_s:.0f} x real time")
    print(
        f"  plain AAC encode: {plain_s:.2f} s, {FILM_S / plain_s:.0f} x real time; mix / encode {mix_s / plain_s:.2f}"
    )


def test_sources_a_second() -> None:
    voices = open_voices()
    lines = [SpeechRequest(text=f"{SPOKEN[number % 3]} {number}") for number in range(30)]
    started = time.perf_counter()
    voices.infer(lines)
    print(f"\nvoices: {len(lines) / (time.perf_counter() - started):.1f} lines a second (wall time)")
    beds = [cpu_s(lambda mood=mood: music_bed(mood)) for mood in get_args(Mood)]
    places = [cpu_s(lambda name=name: ambience(name)) for name in PLACES]
    print(f"  music beds: {np.mean(beds):.2f} s each, {max(beds):.2f} s at most")
    print(f"  ambiences:  {np.mean(places):.2f} s each, {max(places):.2f} s at most")
