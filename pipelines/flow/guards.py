"""What stands between stages: safety, canon, rights and people. One readable list of who guards what.

    Script          safety (1 of 4)
    CanonDiff       canon gate, then approve_canon_diff
    ShotList        safety (2 of 4), then approve_shotlist_timing_lock
    AssetManifest   safety (3 of 4), then approve_character_packs
    RenderPlan      rights
    RenderOutput    safety (4 of 4)

Tenancy guards every stage at once: a run has one TenantScope and the registry answers within it only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.outcome import Paused, Waiting
from pipelines.runner import Artifact
from pipelines.safety.points import check_assets, check_output, check_script, check_shot_prompts, enforce
from pipelines.safety.policy import SafetyFinding
from schemas.asset_manifest import AssetManifest
from schemas.canon_diff import CanonDiff
from schemas.errors import CanonConflict, Refused, RightsDenied
from schemas.project import Project
from schemas.render_plan import RenderPlan
from schemas.script import Script
from schemas.shotlist import ShotList

Verdict = Callable[[str, Artifact], str | None]
"""(checkpoint, artifact) -> `approved`, `rejected`, or None while nobody has decided."""


@dataclass(frozen=True)
class Guards:
    """Refuses, pauses, or lets pass."""

    verdict: Verdict

    def script(self, script: Script, project: Project) -> list[str]:
        """Safety of the words, before anything is made of them."""
        return _said(enforce(check_script(script, project), project))

    def canon_diff(self, diff: CanonDiff, artifact: Artifact, project: Project) -> None:
        """Canon, then a person."""
        if diff.verdict == "blocked":
            hard = [finding.message for finding in diff.findings if finding.severity == "hard"]
            raise CanonConflict("the script contradicts canon: " + " | ".join(hard), findings=hard)
        if project.human_checkpoints.approve_canon_diff:
            self._ask("approve_canon_diff", artifact, "Review CanonDiff.json: what this script adds to canon.")

    def shot_list(self, shotlist: ShotList, artifact: Artifact, project: Project) -> list[str]:
        """Safety of what will be drawn, then a person locks the timing."""
        findings = _said(enforce(check_shot_prompts(shotlist, project), project))
        if project.human_checkpoints.approve_shotlist_timing_lock:
            self._ask("approve_shotlist_timing_lock", artifact, "Review ShotList.json before its timing is locked.")
        return findings

    def manifest(self, manifest: AssetManifest, artifact: Artifact, project: Project) -> list[str]:
        """Safety of what will be fetched or drawn, then a person accepts the characters."""
        findings = _said(enforce(check_assets(manifest, project), project))
        if project.human_checkpoints.approve_character_packs:
            self._ask("approve_character_packs", artifact, "Review AssetManifest.json: the characters to be drawn.")
        return findings

    def render_plan(self, plan: RenderPlan) -> None:
        """Rights: what has no known licence is not rendered."""
        unknown = [asset.asset_id for asset in plan.assets if asset.rights.license_type in ("", "unknown")]
        if unknown:
            raise RightsDenied(f"no known licence for {unknown}", assets=unknown)

    def output(self, metadata: Mapping[str, Any], project: Project) -> list[str]:
        """Safety of what is about to be handed over."""
        return _said(enforce(check_output(metadata, project), project))

    def _ask(self, checkpoint: str, artifact: Artifact, question: str) -> None:
        verdict = self.verdict(checkpoint, artifact)
        if verdict is None:
            raise Paused(Waiting(checkpoint, artifact.artifact_id, question))
        if verdict != "approved":
            raise Refused(f"{checkpoint} was {verdict} for {artifact.artifact_id}", checkpoint=checkpoint)


def _said(findings: tuple[SafetyFinding, ...]) -> list[str]:
    return [finding.message for finding in findings]
