"""A context pack holds what the scene needs and nothing else."""

from pipelines.canon.context import context_pack
from schemas.canon import Canon, CanonCharacter, CanonLocation, Relationship, TimelineEvent, WorldRule
from schemas.episode_plan import Episode, PlannedScene
from schemas.facts import Fact

CANON = Canon(
    characters=tuple(CanonCharacter(character_id=one, name=one.title()) for one in ("mara", "tomas", "ivo")),
    locations=tuple(CanonLocation(location_id=one, name=one.title()) for one in ("harbour", "cave")),
    world_rules=(WorldRule(rule_id="r", text="The light burns at night."),),
    relationships=(
        Relationship(from_id="mara", to_id="tomas", kind="daughter"),
        Relationship(from_id="ivo", to_id="tomas", kind="friend"),
    ),
    timeline_events=(
        TimelineEvent(event_id="e1", summary="Mara left.", character_ids=("mara",)),
        TimelineEvent(event_id="e2", summary="Ivo sang.", character_ids=("ivo",)),
    ),
    persistent_states=(
        Fact(subject_id="harbour", attribute="lamp", value="broken"),
        Fact(subject_id="cave", attribute="door", value="sealed"),
    ),
)
SCENE = PlannedScene(scene_id="s", purpose="setup", location_id="harbour", character_ids=("mara", "tomas"))


def test_context_pack_holds_the_scene_and_nothing_else():
    pack = context_pack(CANON, SCENE, Episode(summary="They met.", unresolved_threads=("Who lit it?",)))
    assert [one.character_id for one in pack.canon.characters] == ["mara", "tomas"]
    assert [one.location_id for one in pack.canon.locations] == ["harbour"]
    assert [one.kind for one in pack.canon.relationships] == ["daughter"]
    assert [one.event_id for one in pack.canon.timeline_events] == ["e1"]
    assert [one.subject_id for one in pack.canon.persistent_states] == ["harbour"]
    assert pack.canon.world_rules == CANON.world_rules
    assert (pack.last_summary, pack.unresolved_threads) == ("They met.", ("Who lit it?",))
