"""Requests by which engines are compared across hosts: one row of SAMPLES for each family.

Different in size and content, a few more than a batch holds, the same in every process.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

TINY_WHISPER = Path(__file__).parent / "fixtures" / "tiny_whisper"


@dataclass(frozen=True)
class Samples:
    """What one family is asked."""

    requests: Callable[[], list[Any]]
    """Made anew in each process; modules are imported in it, so that a test of one family loads no other."""

    options: Mapping[str, Callable[[], Mapping[str, Any]]] = field(default_factory=dict)
    """Backend -> the options that it cannot do without."""


@cache
def requests_of(family: str) -> tuple[Any, ...]:
    """The sample requests of a family; no engine may write to them.

    Raises:
        AssertionError: it has none.
    """
    assert family in SAMPLES, f"engine family {family!r} has no sample requests; add a row to {__name__}.SAMPLES"
    return tuple(SAMPLES[family].requests())


def options_of(family: str, backend: str) -> Mapping[str, Any]:
    """What a backend is built with, beyond its placement."""
    return SAMPLES[family].options.get(backend, dict)()


def _voices() -> list[Any]:
    from schemas.speech import SpeechRequest, Voice

    lines = (
        "Somebody has to light it tonight.",
        "No.",
        "…",
        "Ich weiß es nicht.",
        "Twenty-three boats, and no wind at all.",
    )
    return [
        SpeechRequest(text=text, language="de" if "ß" in text else "en", voice=Voice(pitch=40 + 5 * number))
        for number, text in enumerate(lines)
    ]


def _faces() -> list[Any]:
    from skimage import data

    from actors.faces.detection import FaceRequest

    person = data.astronaut()[:320:2, 60:380:2]
    noise = np.random.default_rng(5).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    pictures = (person, person[10:130, 30:140], noise, np.zeros((90, 160, 3), np.uint8), person[:, ::-1])
    return [FaceRequest(np.ascontiguousarray(picture), smallest_face_px=30) for picture in pictures]


def _face_embedding() -> list[Any]:
    from skimage import data

    from actors.face_embedding.embedding import SIDE_PX, EmbeddingRequest

    person = data.astronaut()
    corners = ((0, 150), (20, 160), (200, 10), (300, 300), (10, 170))
    return [
        EmbeddingRequest(np.ascontiguousarray(person[top : top + SIDE_PX, left : left + SIDE_PX]))
        for top, left in corners
    ]


@cache
def _face_embedding_weights() -> Mapping[str, Any]:
    """A folder of this process with weights that know nobody: the real ones are not ours to ship."""
    import torch
    from facenet_pytorch.models.inception_resnet_v1 import InceptionResnetV1
    from safetensors.torch import save_file

    from actors.face_embedding.facenet import FILE_NAME

    folder = Path(tempfile.mkdtemp(prefix="weights"))
    atexit.register(shutil.rmtree, folder)
    with torch.random.fork_rng():
        torch.manual_seed(5)
        save_file(InceptionResnetV1(pretrained=None).state_dict(), folder / FILE_NAME)
    return {"weights": str(folder)}


def _visual() -> list[Any]:
    from actors.visual.signals import THUMB_HEIGHT, THUMB_WIDTH, Thumb, ThumbPair

    pixels = np.random.default_rng(5).integers(0, 256, (6, THUMB_HEIGHT * 3 // 2, THUMB_WIDTH), dtype=np.uint8)
    pixels[3] = pixels[2] // 2
    thumbs = [Thumb(one) for one in pixels]
    return [ThumbPair(before, thumb) for before, thumb in zip([None, *thumbs], thumbs, strict=False)]


def _spoken() -> list[NDArray[np.float32]]:
    """float32 mono at 16 kHz: a spoken line, silence, noise, and another line."""
    from actors.voices.espeak import SAMPLE_RATE_HZ, EspeakVoices
    from schemas.speech import SpeechRequest

    voices = EspeakVoices()
    voices.load()
    texts = ("The storm is nearly here.", "No wind.")
    spoken = [line.pcm / np.float32(1 << 15) for line in voices.infer([SpeechRequest(text=text) for text in texts])]
    resampled = [
        np.interp(np.arange(0, len(pcm), SAMPLE_RATE_HZ / 16_000), np.arange(len(pcm)), pcm).astype(np.float32)
        for pcm in spoken
    ]
    noise = np.random.default_rng(5).normal(0, 0.05, 8_000).astype(np.float32)
    return [resampled[0], np.zeros(8_000, np.float32), noise, resampled[1]]


def _voice_activity() -> list[Any]:
    from actors.voice_activity.activity import ActivityRequest

    return [ActivityRequest(pcm) for pcm in _spoken()]


def _beats() -> list[Any]:
    from actors.beats.activations import CHUNK_FRAMES
    from actors.beats.mel import HOP_SAMPLES
    from actors.sound_chunks import SoundBlock
    from tools.annotated_music import Recipe, rendered

    music = rendered(Recipe.drawn(70_100, length_s=40.0)).pcm
    blocks = [music, music[:100_000], *_spoken()]
    return [SoundBlock(pcm, ends=len(pcm) < CHUNK_FRAMES * HOP_SAMPLES) for pcm in blocks]


def _sound_classes() -> list[Any]:
    from actors.sound_chunks import SoundBlock
    from actors.sound_classes.hearing import GRID
    from tools.annotated_music import Recipe, rendered

    music = rendered(Recipe.drawn(70_101, length_s=40.0)).pcm
    blocks = [music, music[:100_000], *_spoken()]
    return [SoundBlock(pcm, ends=len(pcm) < GRID.chunk_frames * GRID.hop_samples) for pcm in blocks]


def _speech() -> list[Any]:
    from actors.speech.transcription import TranscribeRequest

    first, *others = _spoken()
    return [TranscribeRequest(pcm, language="en") for pcm in (first, *others, first[: len(first) // 2])]


def _whisper_model() -> Mapping[str, Any]:
    """The checkpoint that `tools/train_tiny_whisper.py` trained."""
    return {"model": str(TINY_WHISPER)}


SAMPLES: Mapping[str, Samples] = {
    "beats": Samples(_beats),
    "face_embedding": Samples(_face_embedding, {"facenet_embedding": _face_embedding_weights}),
    "faces": Samples(_faces),
    "sound_classes": Samples(_sound_classes),
    "speech": Samples(_speech, {"whisper_openai": _whisper_model}),
    "visual": Samples(_visual),
    "voice_activity": Samples(_voice_activity),
    "voices": Samples(_voices),
}
"""Engine family -> what it is asked."""


def same(left: Any, right: Any) -> bool:
    """Whether two results are equal by value: arrays to the bit and in type, whatever holds them."""
    if type(left) is not type(right):
        return False
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
    if isinstance(left, Mapping):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, Sequence) and not isinstance(left, str | bytes):
        return len(left) == len(right) and all(map(same, left, right))
    if fields := getattr(left, "__dataclass_fields__", None):
        return all(same(getattr(left, name), getattr(right, name)) for name in fields)
    return bool(left == right)
