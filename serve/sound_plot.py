"""A timeline as a picture: waveform, classes, words, beats and loudness on one axis of time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.media.speech_audio import SAMPLE_RATE_HZ, speech_blocks
from pipelines.media.whole_file import whole_file
from schemas.audio_semantic_timeline import AudioSemanticTimelineSummary

COLUMNS = 2_000
"""Points of the waveform."""

COLOURS = {"speech": "#2a78b5", "music": "#d9822b", "noise": "#8a8a8a", "silence": "#d8d8d8"}

MOST_WORDS = 120
"""More cannot be read."""


def plot_timeline(summary: AudioSemanticTimelineSummary, sound: Path, target: Path) -> None:
    """Writes a PNG, whole or not at all.

    Args:
        summary: of the sound.
        sound: the file that was heard, for its waveform.
        target: where to.

    Raises:
        MediaUnreadable: the sound cannot be decoded.
        OSError: the picture cannot be written.
    """
    from matplotlib.figure import Figure

    total_s = max(summary.duration_ms / 1000, 0.001)
    figure = Figure(figsize=(16, 8), layout="constrained")
    wave, classes, words, beats, loudness = figure.subplots(
        5, 1, sharex=True, gridspec_kw={"height_ratios": [3, 2, 1.2, 0.8, 2.5]}
    )
    times, low, high = _waveform(sound, total_s)
    wave.fill_between(times, low, high, color="#34495e", linewidth=0)
    wave.set_ylim(-1, 1)
    wave.set_ylabel("sample")
    wave.set_title(_title(summary), loc="left")

    names = list(COLOURS)
    for one in summary.tracks:
        classes.barh(
            names.index(one.label), (one.end_ms - one.start_ms) / 1000, left=one.start_ms / 1000, height=0.8,
            color=COLOURS[one.label],
        )  # fmt: skip
    classes.set_yticks(range(len(names)), names)
    classes.set_ylim(len(names) - 0.4, -0.6)

    step = max(1, -(-len(summary.words) // MOST_WORDS))
    for number, word in enumerate(summary.words[::step]):
        words.text(word.start_ms / 1000, (number % 4) / 4 + 0.05, word.text, fontsize=7, clip_on=True)
    words.set_yticks([])
    words.set_ylabel("words")

    for beat in summary.beats:
        first = beat.position == 1
        beats.axvline(beat.time_ms / 1000, color="#c0392b" if first else "#7f8c8d", linewidth=1.4 if first else 0.7)
    if not summary.beats and summary.rhythm is not None:
        beats.text(0.01, 0.35, "no stable beat", transform=beats.transAxes, color="#7f8c8d")
    beats.set_yticks([])
    beats.set_ylabel("beats")

    measured = [one for one in summary.loudness.windows if one.mean_lufs is not None]
    middle_s = [(one.start_ms + one.end_ms) / 2000 for one in measured]
    loudness.plot(middle_s, [one.mean_lufs for one in measured], color="#27ae60", label="mean of a window")
    loudness.plot(middle_s, [one.max_lufs for one in measured], color="#27ae60", alpha=0.35, label="loudest 400 ms")
    if summary.loudness.integrated_lufs is not None:
        loudness.axhline(summary.loudness.integrated_lufs, color="#c0392b", linestyle=":", label="integrated")
    loudness.set_ylabel("LUFS")
    loudness.legend(loc="lower right", fontsize=8)
    loudness.set_xlabel("seconds")
    loudness.set_xlim(0, total_s)
    with whole_file(target) as file:
        figure.savefig(file, format="png", dpi=100, metadata={"Software": None})


def _title(summary: AudioSemanticTimelineSummary) -> str:
    parts = [f"{summary.duration_ms / 1000:.1f} s"]
    if summary.loudness.integrated_lufs is not None:
        parts.append(f"{summary.loudness.integrated_lufs:.1f} LUFS")
    if summary.rhythm is not None and summary.rhythm.tempo_bpm is not None:
        parts.append(f"{summary.rhythm.tempo_bpm:.1f} beats a minute")
    if summary.meta.get("backend_type") == "stub":
        parts.append("STUB")
    return ", ".join(parts)


def _waveform(sound: Path, total_s: float) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]:
    """Time, lowest and highest sample of each column; one block in memory."""
    low, high = np.zeros(COLUMNS, np.float32), np.zeros(COLUMNS, np.float32)
    a_column = max(1.0, total_s * SAMPLE_RATE_HZ / COLUMNS)
    for block in speech_blocks(sound):
        places = ((block.start_samples + np.arange(len(block.pcm))) / a_column).astype(np.int64).clip(0, COLUMNS - 1)
        np.minimum.at(low, places, block.pcm)
        np.maximum.at(high, places, block.pcm)
    return (np.arange(COLUMNS) + 0.5) * total_s / COLUMNS, low, high
