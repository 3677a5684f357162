"""One way of listening to one sound, from its first block to its last: what a stage keeps of it.

    file -> blocks -> voice activity | sound classes | beats -> rows of numbers, a few for every frame
    file -> EBU R128 (all channels, own sample rate)         -> momentary loudness every 100 ms, and of the whole

Every kind is heard on its own: another engine, or beats that were not asked for at first, hear nothing else again. A
sound goes by in blocks of 30 s, so three hours need no more memory than a minute, beyond the rows themselves (4.5 MB an
hour for all kinds).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from actors.catalogue import EngineChoice
from actors.engine import Engine
from actors.sound_chunks import HeardBlock, SoundBlock
from actors.voice_activity.activity import ActivityMemory, ActivityRequest
from pipelines.media.momentary_loudness import momentary_loudness
from pipelines.media.source import known_as
from pipelines.media.speech_audio import speech_blocks
from pipelines.stage import Output, Outputs
from schemas.errors import Defect

SoundKind = Literal["voice_activity", "sound_classes", "beats", "loudness"]

EVIDENCE = "sound_evidence"
"""Kind of the artifact."""

MEDIA_TYPE = "application/x-npy"

Rows = NDArray[np.float32]
Facts = Mapping[str, Any]

Part = Rows | Facts
"""Rows of a block, in order; last, the facts of the whole."""


@dataclass(frozen=True)
class SoundTask:
    """One sound to hear in one way."""

    path: str
    name: str
    """Of the file, for people."""

    kind: SoundKind
    engine: EngineChoice | None = None
    """None for loudness, which FFmpeg measures."""


def heard_parts(task: SoundTask, engine: Engine[Any, Any] | None) -> Iterator[Part]:
    """Rows of each block, then the facts.

    Raises:
        MediaUnreadable: the file has no sound, or is damaged from its first sample on.
    """
    with known_as(path := Path(task.path), task.name):
        if engine is None:
            yield from momentary_loudness(path)
        elif task.kind == "voice_activity":
            yield from _activity(path, engine)
        else:
            yield from _framed(path, engine)


def evidence(parts: Iterator[Part]) -> Outputs:
    """The rows as a NumPy file, the facts as what is known about it.

    Raises:
        Defect: the facts are missing.
    """
    rows: list[Rows] = []
    facts: Facts | None = None
    for part in parts:
        if isinstance(part, np.ndarray):
            rows.append(part)
        else:
            facts = part
    if facts is None or not rows:
        raise Defect("a sound was heard without an end")
    file = io.BytesIO()
    np.save(file, np.concatenate(rows), allow_pickle=False)
    return {"result": Output(EVIDENCE, file.getvalue(), MEDIA_TYPE, schema_version="", meta=facts)}


def rows_of(path: Path) -> Rows:
    """What `evidence` stored."""
    rows: Rows = np.load(path, allow_pickle=False)
    return rows


def _activity(path: Path, engine: Engine[Any, Any]) -> Iterator[Part]:
    memory: ActivityMemory | None = None
    total = 0
    missing: list[list[int]] = []
    for block in speech_blocks(path):
        [found] = engine.infer([ActivityRequest(block.pcm, memory)])
        memory, total = found.memory, block.start_samples + len(block.pcm)
        missing += [list(one) for one in block.missing]
        yield found.probabilities
    yield {"total_samples": total, "missing": missing}


def _framed(path: Path, engine: Engine[SoundBlock, HeardBlock]) -> Iterator[Part]:
    memory = None
    total = 0
    for block in speech_blocks(path):
        [found] = engine.infer([SoundBlock(block.pcm, memory)])
        memory, total = found.memory, block.start_samples + len(block.pcm)
        yield found.frames
    [rest] = engine.infer([SoundBlock(np.zeros(0, np.float32), memory, ends=True)])
    yield rest.frames
    yield {"total_samples": total}
