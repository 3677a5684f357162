"""The composition root: the only place that picks implementations."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from actors.catalogue import VoicesEngine, open_voices
from cluster.settings import EngineSettings
from pipelines.analysis.media_flow import EngineWish
from pipelines.analysis.semantic_flow import AUDIO_SEMANTIC
from pipelines.natives import natives
from pipelines.rendering.segment_task import SegmentTask, render_segment
from pipelines.stage import Outputs
from schemas.media_request import AUTO

WHISPER = "whisper_openai"
"""The speech backend that has models to choose from."""


HEARING = ("voice_activity", "sound_classes", "beats")
"""Families that hear a sound for its timeline, besides speech."""


@dataclass(frozen=True)
class Parts:
    """What a flow is run with. Tests hand in their own."""

    voices: VoicesEngine = field(default_factory=open_voices)
    natives: Mapping[str, str] = field(default_factory=natives)
    num_cpus: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    render: Callable[[SegmentTask], Outputs] = render_segment


def engine_wishes(settings: EngineSettings) -> dict[str, EngineWish]:
    """Family -> the engine that the settings name for it."""
    weights = {"weights": str(settings.weights)} if settings.weights is not None else {}
    # Told what will be asked of it, a backend that does not know the language is passed over for one that does.
    speech = {} if settings.captions_language == AUTO else {"language": settings.captions_language}
    if settings.captions_backend == WHISPER:
        speech |= {"model": settings.captions_model, **weights}
    stubs = settings.audio_semantic_backend == "stub"
    listening = EngineWish("", settings.captions_device, {"model": settings.audio_semantic_whisper_model, **weights})
    return {
        "faces": EngineWish(settings.region_backend, settings.region_device),
        "visual": EngineWish(settings.visual_meta_backend),
        "face_embedding": EngineWish(device=settings.region_device, options=weights),
        "speech": EngineWish(settings.captions_backend, settings.captions_device, speech),
        f"{AUDIO_SEMANTIC}/speech": EngineWish("stub_captions") if stubs else listening,
        **({f"{AUDIO_SEMANTIC}/{family}": EngineWish(f"stub_{family}") for family in HEARING} if stubs else {}),
    }
