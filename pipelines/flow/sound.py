"""The sound leg: dialogue, music, ambience and effects mixed to stems and a mastered mix."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipelines.flow.maker import Flow
from pipelines.flow.sources import Sources
from pipelines.flow.timing import Timing
from pipelines.media.sound import read_audio
from pipelines.media.wave_file import read_wave
from pipelines.runner import Artifact
from pipelines.sound.mix import mix
from pipelines.sound.mix_plan import mix_plan
from pipelines.stage import Output, Outputs, Stage, Work

MIX = Stage("mix", "1", natives=("ffmpeg", "numpy", "scipy", "cpu"), instant=False)


@dataclass(frozen=True)
class Sound:
    """The mastered mix and its stems."""

    mix: Artifact
    dialogue: Artifact
    music: Artifact
    effects: Artifact


def mix_sound(flow: Flow, timing: Timing, sources: Sources) -> Sound:
    """The sound of the film."""
    plan = mix_plan(timing.shotlist, sources.plan)
    by_hash = {
        asset.content_hash: sources.artifacts[asset.asset_id]
        for asset in sources.plan.assets
        if asset.media_type.startswith("audio/")
    }
    # Our own sounds are 16-bit WAV, which FFmpeg takes some 30 ms to open.
    ours = {asset.content_hash for asset in sources.plan.assets if asset.source == "generated_local"}
    used = {clip.asset_id: clip.content_hash for clip in plan.clips}

    def make(folder: Path) -> Outputs:
        def load(content_hash: str) -> tuple[NDArray[np.int16] | NDArray[np.float32], int]:
            path = flow.maker.path(by_hash[content_hash])
            return read_wave(path) if content_hash in ours else read_audio(path)

        result = mix(plan, load, folder)
        return {
            name: Output(name, getattr(result, name), "audio/wav") for name in ("mix", "dialogue", "music", "effects")
        }

    made = flow.maker.make(
        Work(
            MIX,
            item="mix",
            make=make,
            inputs={asset_id: by_hash[content_hash].as_input() for asset_id, content_hash in sorted(used.items())},
            parameters={"plan": plan.model_dump(mode="json")},
        )
    )
    for stem in ("dialogue", "music", "effects"):
        flow.files[f"stems/{stem}.wav"] = made.outputs[stem]
    return Sound(*(made.outputs[name] for name in ("mix", "dialogue", "music", "effects")))
