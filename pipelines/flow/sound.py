"""The sound leg: dialogue, music, ambience and effects mixed to stems and a mastered mix."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelines.flow.maker import Flow
from pipelines.flow.sources import Sources
from pipelines.flow.timing import Timing
from pipelines.runner import Artifact
from pipelines.sound.mix_plan import mix_plan
from pipelines.sound.mix_task import MixTask, SoundFile, mix_apart
from pipelines.stage import Outputs, Stage, Work

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
    ours = {asset.content_hash for asset in sources.plan.assets if asset.source == "generated_local"}
    used = {clip.asset_id: clip.content_hash for clip in plan.clips}

    def make(folder: Path) -> Outputs:
        sounds = {
            content_hash: SoundFile(str(flow.maker.path(by_hash[content_hash])), content_hash in ours)
            for content_hash in used.values()
        }
        return mix_apart(MixTask(plan, sounds, str(folder)))

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
