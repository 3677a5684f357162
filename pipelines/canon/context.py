"""The context pack of a generation step: the part of canon that a scene needs, and what came before."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.canon import Canon
from schemas.episode_plan import Episode, PlannedScene


@dataclass(frozen=True)
class ContextPack:
    """All that the writer of one scene may read."""

    canon: Canon
    """The people and places of the scene, what ties them, their past, and all world rules."""

    last_summary: str = ""
    unresolved_threads: tuple[str, ...] = ()


def context_pack(canon: Canon, scene: PlannedScene, last_episode: Episode | None = None) -> ContextPack:
    """What canon says of the people and the place of `scene`, with the last episode's summary and open threads."""
    people = set(scene.character_ids)
    subjects = {*people, scene.location_id}
    relevant = canon.model_copy(
        update={
            "characters": tuple(one for one in canon.characters if one.character_id in people),
            "locations": tuple(one for one in canon.locations if one.location_id == scene.location_id),
            "relationships": tuple(one for one in canon.relationships if {one.from_id, one.to_id} <= people),
            "timeline_events": tuple(
                one
                for one in canon.timeline_events
                if people.intersection(one.character_ids) or one.location_id == scene.location_id
            ),
            "persistent_states": tuple(one for one in canon.persistent_states if one.subject_id in subjects),
        }
    )
    if last_episode is None:
        return ContextPack(relevant)
    return ContextPack(relevant, last_episode.summary, last_episode.unresolved_threads)
