"""The story leg: where the script comes from, and whether canon lets it stand.

script given ------------------------------.
premise -> StoryArc -> EpisodePlan -> Script -> safety -> CanonDiff -> gate -> (a person) -> Canon, Episode
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.canon.apply import apply_diff
from pipelines.canon.gate import examine
from pipelines.flow.maker import Flow
from pipelines.narrative.project_source import ProjectInput
from pipelines.narrative.template_writer import plan_episode, write_arc, write_script
from pipelines.runner import Artifact
from pipelines.stage import Stage
from schemas.canon import Canon
from schemas.canon_diff import CanonDiff
from schemas.episode_plan import Episode, EpisodePlan
from schemas.errors import InvalidInput
from schemas.project import Project
from schemas.script import Script
from schemas.story_arc import StoryArc

TAKE_IN = Stage("take_in", "1")
STORY_ARC = Stage("story_arc", "1")
EPISODE_PLAN = Stage("episode_plan", "1")
SCRIPT = Stage("script", "1")
CANON_DIFF = Stage("canon_diff", "1")
CANON = Stage("canon", "1")
EPISODE = Stage("episode", "1")


@dataclass(frozen=True)
class Story:
    """A script that canon allows."""

    project: Project
    project_artifact: Artifact
    script: Script
    script_artifact: Artifact
    canon_diff: CanonDiff
    canon_diff_artifact: Artifact
    canon: Canon
    canon_artifact: Artifact


def tell(flow: Flow, source: ProjectInput) -> Story:
    """The story of a project.

    Raises:
        InvalidInput: there is neither a script nor a premise.
        CanonConflict: the script contradicts canon.
        SafetyViolation: the script is not allowed by the project's policy.
        Paused: a person has to look at the change of canon.
    """
    project = source.project
    project_artifact = flow.taken(project, TAKE_IN, "Project.json")
    canon_before, arc_artifact = source.canon, None
    if source.script is not None:
        script, script_artifact = source.script, flow.taken(source.script, TAKE_IN, "Script.json")
    elif project.premise:
        script, script_artifact, arc, arc_artifact = _write(flow, project, project_artifact)
        if not canon_before.characters:
            canon_before = Canon(characters=arc.characters, locations=arc.locations)
    else:
        raise InvalidInput("the project has neither a script (sources.script) nor a premise")
    flow.findings += flow.guards.script(script, project)
    canon_before_artifact = flow.taken(canon_before, TAKE_IN)
    diff, diff_artifact = flow.document(
        CANON_DIFF,
        lambda: examine(canon_before, script),
        CanonDiff,
        {"canon": canon_before_artifact, "script": script_artifact},
        file_name="CanonDiff.json",
    )
    flow.guards.canon_diff(diff, diff_artifact, project)
    canon, canon_artifact = flow.document(
        CANON,
        lambda: apply_diff(canon_before, diff),
        Canon,
        {"canon": canon_before_artifact, "diff": diff_artifact},
        file_name="Canon.json",
    )
    flow.document(
        EPISODE,
        lambda: Episode(
            arc_reference=arc_artifact.content_hash if arc_artifact is not None else None,
            summary=_summary(script),
            new_facts=diff.added_facts + tuple(change.after for change in diff.modified_facts),
        ),
        Episode,
        {"script": script_artifact, "diff": diff_artifact} | ({"arc": arc_artifact} if arc_artifact else {}),
        file_name="Episode.json",
    )
    return Story(
        project, project_artifact, script, script_artifact, diff, diff_artifact, canon, canon_artifact
    )  # fmt: skip


def _write(flow: Flow, project: Project, project_artifact: Artifact) -> tuple[Script, Artifact, StoryArc, Artifact]:
    arc, arc_artifact = flow.document(
        STORY_ARC, lambda: write_arc(project), StoryArc, {"project": project_artifact}, file_name="StoryArc.json"
    )
    plan, plan_artifact = flow.document(
        EPISODE_PLAN,
        lambda: plan_episode(arc, project),
        EpisodePlan,
        {"arc": arc_artifact, "project": project_artifact},
        file_name="EpisodePlan.json",
    )
    script, script_artifact = flow.document(
        SCRIPT,
        lambda: write_script(arc, plan, project),
        Script,
        {"arc": arc_artifact, "plan": plan_artifact, "project": project_artifact},
        file_name="Script.json",
    )
    return script, script_artifact, arc, arc_artifact


def _summary(script: Script) -> str:
    """The first action of each scene: what a later episode needs to know of this one."""
    firsts = [
        next((element.text for element in scene.elements if element.type == "action"), "") for scene in script.scenes
    ]
    return " ".join(first for first in firsts if first)[:2000]
