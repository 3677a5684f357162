"""How well, how fast and in what memory the origin of a mix is found.

`python -m pytest -m "" -s tests/bench/test_origin_bench.py`. Mixes are drawn at random from the shared media; no constant
of `pipelines/origin` was chosen on them. Nothing here asserts a time.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import av
import numpy as np
import pytest

from pipelines.media.speech_audio import SAMPLE_RATE_HZ, speech_blocks
from pipelines.origin.fingerprint import Fingerprint
from pipelines.origin.landmarks import fingerprint
from pipelines.origin.origin_map import map_origins
from tests.sound_mixes import Cut, Mix, Score, mixed, noisy, reencoded, score
from tools.annotated_music import Recipe, rendered

OFFERED = {"vibe": "music/vibe_ace.ogg", "steady": "music/steady.flac", "reader": "speech/reader_a.ogg",
           "talk": "align/talk_1.mp3"}  # fmt: skip
NOT_OFFERED = {"meeting": "speech/meeting_dev.wav", "musan": "mixed/musanmix.mp3", "jfk": "speech/jfk.flac"}
MIXES = 6


@pytest.fixture(scope="module")
def sounds(shared_media: Path) -> Mapping[str, np.ndarray]:
    return {
        name: np.concatenate([block.pcm for block in speech_blocks(shared_media / path)])
        for name, path in (OFFERED | NOT_OFFERED).items()
    }


def drawn(sounds: Mapping[str, np.ndarray], seed: int) -> list[Cut]:
    """Ten stretches of 4 to 10 s, three of them of sounds that are not offered."""
    random = np.random.default_rng(seed)
    names = [*random.choice(list(OFFERED), 7), *random.choice(list(NOT_OFFERED), 3)]
    cuts = []
    for name in random.permutation(names):
        length_s = round(float(random.uniform(4, 10)), 2)
        latest_s = len(sounds[name]) / SAMPLE_RATE_HZ - length_s - 0.01
        cuts.append(Cut(str(name), round(float(random.uniform(0, latest_s)), 2), length_s, str(name) in OFFERED))
    return cuts


def stretched(pcm: np.ndarray, speed: float) -> np.ndarray:
    """Faster or slower at the same pitch: FFmpeg's `atempo` (WSOLA)."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=SAMPLE_RATE_HZ, format="fltp", layout="mono")
    graph.link_nodes(source, graph.add("atempo", str(speed)), graph.add("abuffersink")).configure()
    frame = av.AudioFrame.from_ndarray(pcm[None].astype(np.float32), format="fltp", layout="mono")
    frame.sample_rate = SAMPLE_RATE_HZ
    graph.push(frame)
    graph.push(None)
    parts = []
    while True:
        try:
            parts.append(graph.pull().to_ndarray()[0])
        except (EOFError, av.error.BlockingIOError):
            return np.concatenate(parts)


def test_accuracy(sounds: Mapping[str, np.ndarray], tmp_path: Path) -> None:
    sources = {name: fingerprint([sounds[name]]) for name in OFFERED}
    plans = [drawn(sounds, seed) for seed in range(MIXES)]

    def report(title: str, speed: float, change: Callable[[np.ndarray], np.ndarray]) -> None:
        found: list[Score] = []
        for cuts in plans:
            mix = mixed(sounds, cuts, speed)
            found.append(score(map_origins(fingerprint([change(mix.pcm)]), sources), mix))
        rows = np.array([(one.right, one.known, one.claimed) for one in found])
        shown = " | ".join(f"{value:.3f}" for value in rows.mean(axis=0))
        longest_s = max(one.longest_claim_s for one in found)
        print(f"{title:30} | {shown} | worst {rows[:, 0].min():.3f} | longest claim {longest_s:.2f} s", flush=True)

    print(f"\n{MIXES} mixes {'':22} | right | known right | claimed of unknown")
    for speed in (0.95, 1.0, 1.05):
        report(f"speed {speed}", speed, lambda pcm: pcm)
        report(f"speed {speed}, 10 dB", speed, lambda pcm: noisy(pcm, 10))
        report(f"speed {speed}, 10 dB, mp3 64k", speed,
               lambda pcm: reencoded(noisy(pcm, 10), tmp_path / "a.mp3", "libmp3lame", 44_100, 64_000))  # fmt: skip
        report(f"speed {speed}, 10 dB, Opus 24k", speed,
               lambda pcm: reencoded(noisy(pcm, 10), tmp_path / "a.ogg", "libopus", 48_000, 24_000))  # fmt: skip
    for snr_db in (5, 0):
        report(f"speed 1, {snr_db} dB", 1.0, lambda pcm, snr_db=snr_db: noisy(pcm, snr_db))
    for speed in (0.95, 1.05):
        for snr_db in (None, 10):
            found = []
            for cuts in plans:
                mix = mixed(sounds, cuts)
                pcm = stretched(mix.pcm, speed)
                heard = fingerprint([pcm if snr_db is None else noisy(pcm, snr_db)])
                found.append(score(map_origins(heard, sources), Mix(pcm, cuts, mix.ends_s / speed, speed)).right)
            print(
                f"tempo alone {speed}, {snr_db or 'no'} dB{'':9} | {np.mean(found):.3f} | worst {min(found):.3f}",
                flush=True,
            )


def test_speed(sounds: Mapping[str, np.ndarray], shared_media: Path) -> None:
    path = shared_media / OFFERED["talk"]
    started = time.process_time()
    pcm = np.concatenate([block.pcm for block in speech_blocks(path)])
    decoded_s = time.process_time() - started
    started = time.process_time()
    found = fingerprint([pcm])
    fingerprint_s = time.process_time() - started
    length_s = len(pcm) / SAMPLE_RATE_HZ
    print(f"\n{path.name}, {length_s:.0f} s: decoding {length_s / decoded_s:.0f} x real time, fingerprint "
          f"{length_s / fingerprint_s:.0f} x ({fingerprint_s / decoded_s:.2f} of decoding), "
          f"{len(found.to_bytes()) / length_s:.0f} bytes a second")  # fmt: skip


def test_ten_minutes_against_ten_sources() -> None:
    songs = [rendered(Recipe.drawn(96_000 + number, length_s=120.0)).pcm for number in range(10)]
    sources = {f"song {number}": fingerprint([pcm]) for number, pcm in enumerate(songs)}
    random = np.random.default_rng(4)
    starts = random.integers(0, 80 * SAMPLE_RATE_HZ, 15)
    parts = [songs[number % 10][start : start + 40 * SAMPLE_RATE_HZ] for number, start in enumerate(starts)]
    heard = fingerprint([noisy(np.concatenate(parts), 10)])
    started = time.process_time()
    map_origins(heard, sources)
    taken_s = time.process_time() - started
    tracemalloc.start()
    spans = map_origins(heard, sources)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    right = sum(span.end_s - span.start_s for span in spans
                if span.source_id == f"song {int((span.start_s + span.end_s) / 2 // 40) % 10}")  # fmt: skip
    print(f"\n10 minutes against 10 sources of 2 minutes: {taken_s:.1f} s of processor ({600 / taken_s:.0f} x real time), "
          f"{peak / 1e6:.0f} MB, {right / 600:.3f} of it from the right source, {len(spans)} spans")  # fmt: skip


def test_three_hours() -> None:
    song = rendered(Recipe.drawn(96_100, length_s=60.0)).pcm

    def blocks(minutes: int) -> Iterator[np.ndarray]:
        for minute in range(minutes):
            yield np.roll(song, minute * 977)

    for minutes in (1, 60, 180):
        tracemalloc.start()
        started = time.process_time()
        found: Fingerprint = fingerprint(blocks(minutes))
        taken_s, peak = time.process_time() - started, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(f"\n{minutes} min: {minutes * 60 / taken_s:.0f} x real time while memory is traced, peak {peak / 1e6:.0f} MB, "
              f"result {len(found.to_bytes()) / 1e6:.1f} MB", end="")  # fmt: skip
    print()
