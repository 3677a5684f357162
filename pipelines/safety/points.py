"""The four mandatory safety points, and what follows from their findings.

Fail closed: a finding raises, and so does a check that breaks, because what was not checked has not passed. With
`safety_mode: warn_only` findings are returned instead, the run goes on, and the film may not be published; a broken
check still raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from pipelines.safety.policy import SafetyFinding, check_text
from schemas.asset_manifest import AssetManifest
from schemas.errors import SafetyViolation
from schemas.project import Project
from schemas.script import Script
from schemas.shotlist import ShotList

Check = Callable[[Mapping[str, str], Project], tuple[SafetyFinding, ...]]


def check_script(script: Script, project: Project, check: Check = check_text) -> tuple[SafetyFinding, ...]:
    """Point 1: title, names, actions and dialogue of a script."""
    texts = {"script: title": script.title}
    texts |= {f"script: character {person.character_id}": person.name for person in script.characters}
    texts |= {f"script: location {place.location_id}": place.name for place in script.locations}
    for scene in script.scenes:
        texts |= {f"{scene.scene_id}/{element.element_id}": element.text for element in scene.elements}
    return _checked("script", texts, project, check)


def check_shot_prompts(shotlist: ShotList, project: Project, check: Check = check_text) -> tuple[SafetyFinding, ...]:
    """Point 2: every field of a shot from which a picture or a sound is made."""
    texts = {"shot list: title": shotlist.title}
    for shot in shotlist.shots:
        prompts = (
            *shot.card_text,
            *shot.action_beats,
            shot.environment_notes,
            *shot.props,
            *(sound.tag for sound in shot.audio.sounds),
        )
        texts[f"shot {shot.shot_id}"] = ". ".join(prompt for prompt in prompts if prompt)
    return _checked("shot prompts", texts, project, check)


def check_assets(
    assets: AssetManifest | Mapping[str, str], project: Project, check: Check = check_text
) -> tuple[SafetyFinding, ...]:
    """Point 3: descriptions and metadata of assets: a manifest, or asset id -> description of what was retrieved."""
    texts = dict(_strings(assets.model_dump(), "manifest")) if isinstance(assets, AssetManifest) else dict(assets)
    return _checked("assets", texts, project, check)


def check_output(
    metadata: BaseModel | Mapping[str, Any], project: Project, check: Check = check_text
) -> tuple[SafetyFinding, ...]:
    """Point 4: every text in the metadata of a finished film."""
    raw = metadata.model_dump() if isinstance(metadata, BaseModel) else metadata
    return _checked("output", dict(_strings(raw, "output")), project, check)


def enforce(findings: tuple[SafetyFinding, ...], project: Project) -> tuple[SafetyFinding, ...]:
    """`findings`, which block publication, in warn-only mode or when there are none.

    Raises:
        SafetyViolation: there are findings and the project fails closed.
    """
    if findings and project.safety_mode != "warn_only":
        shown = "; ".join(finding.message for finding in findings[:5])
        more = f"; and {len(findings) - 5} more" if len(findings) > 5 else ""
        raise SafetyViolation(shown + more, findings=[finding.message for finding in findings])
    return findings


def _checked(point: str, texts: Mapping[str, str], project: Project, check: Check) -> tuple[SafetyFinding, ...]:
    try:
        return check(texts, project)
    except Exception as exc:
        raise SafetyViolation(
            f"the safety check of the {point} broke ({exc!r}), and what is not checked does not pass", point=point
        ) from exc


def _strings(value: Any, where: str) -> Iterator[tuple[str, str]]:
    """Every string in `value` with its path."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _strings(item, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _strings(item, f"{where}.{index}")
