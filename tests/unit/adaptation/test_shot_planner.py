"""Film grammar: what shots a scene becomes, and what may not follow what."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipelines.adaptation.screen_sides import SLOTS
from pipelines.adaptation.shot_planner import plan_shots
from schemas.project import Project
from schemas.vocabulary import Emotion

EMOTIONS: list[Emotion] = ["neutral", "angry", "sad", "happy", "tender"]
PEOPLE = ("mara", "tomas", "ilse")


def plan(script):
    return plan_shots(script, Project(id="x", title=script.title))


def by_id(script):
    return {draft.shot_id: draft for draft in plan(script)}


@st.composite
def scripts(draw, build):
    """Two scenes of random structure."""
    scenes, number = [], 0
    for scene_id in ("s1", "s2"):
        elements = []
        for _ in range(draw(st.integers(1, 12))):
            number += 1
            emotion = draw(st.sampled_from(EMOTIONS))
            if draw(st.booleans()):
                people = draw(st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True))
                props = draw(st.sampled_from([(), (), ("key",), ("lamp",)]))
                text = draw(st.sampled_from(["They wait.", "Mara runs.", "A long look at Tomas, who sits."]))
                elements.append(build.action(f"e{number}", text, *people, props=props, emotion=emotion))
            else:
                fields = {"emotion": emotion, "pacing": draw(st.sampled_from(["normal", "fast"]))}
                elements.append(build.line(f"e{number}", draw(st.sampled_from(PEOPLE)), "Words.", **fields))
        scenes.append(build.scene(scene_id, *elements, time_of_day=draw(st.sampled_from(["day", "night"]))))
    return build.script(*scenes)


@given(data=st.data())
def test_plan_shots_random_scenes_never_jump_and_keep_their_sides(build, data):
    script = data.draw(scripts(build))
    drafts = plan(script)

    assert len({draft.shot_id for draft in drafts}) == len(drafts)
    for before, after in pairwise(drafts):
        if before.framing in ("medium", "close_up", "over_shoulder") and before.characters:
            assert (before.framing, before.focus_id) != (after.framing, after.focus_id)
        if before.framing == "two_shot" and after.framing == "two_shot":
            assert {one.character_id for one in before.characters} != {one.character_id for one in after.characters}
    for scene_id in ("s1", "s2"):
        sides: dict[frozenset[str], tuple[str, str]] = {}
        for draft in drafts:
            if draft.scene_id != scene_id:
                continue
            ranked = sorted(draft.characters, key=lambda figure: SLOTS.index(figure.slot))
            for left, right in ((a, b) for i, a in enumerate(ranked) for b in ranked[i + 1 :]):
                assert left.slot != right.slot
                pair = frozenset((left.character_id, right.character_id))
                assert sides.setdefault(pair, (left.character_id, right.character_id)) == (
                    left.character_id,
                    right.character_id,
                )


def test_plan_shots_story_has_cards_wides_and_at_least_twelve_shots(build):
    drafts = plan(build.story())
    assert (drafts[0].framing, drafts[-1].framing) == ("title_card", "end_card")
    assert len(drafts) >= 12
    first_of_scene = {draft.scene_id: draft for draft in reversed(drafts)}
    assert [first_of_scene[scene].framing for scene in ("s1", "s2", "s3")] == ["wide", "wide", "wide"]
    assert {draft.framing for draft in drafts} >= {"two_shot", "over_shoulder", "medium", "close_up", "insert"}


def test_plan_shots_same_place_and_time_goes_on_has_no_second_establishing_shot(build):
    script = build.script(
        build.scene("s1", build.line("e1", "mara", "One.")), build.scene("s2", build.line("e2", "mara", "Two."))
    )
    assert [draft.role for draft in plan(script)] == ["title", "establishing", "line", "line", "end"]


def test_plan_shots_peak_of_emotion_seen_close_and_answered_by_a_reaction(build):
    shots = by_id(build.story())
    assert shots["s2.f3"].framing == "close_up" and shots["s2.f3"].characters[0].expression == "angry"
    reaction = shots["s2.f3.reaction"]
    assert (reaction.focus_id, reaction.characters[0].expression) == ("mara", "afraid")


def test_plan_shots_listener_who_answers_gets_no_reaction_shot(build):
    script = build.script(
        build.scene(
            "s1", build.line("e1", "ilse", "Leave!", emotion="angry"), build.line("e2", "mara", "I will not leave.")
        )
    )
    assert "s1.e1.reaction" not in by_id(script)


def test_plan_shots_speakers_look_at_each_other_across_singles(build):
    script = build.script(
        build.scene(
            "s1",
            *(
                build.line(f"e{i}", ("mara", "tomas")[i % 2], "Words.", emotion="angry" if i > 1 else "neutral")
                for i in range(4)
            ),
        )
    )
    shots = by_id(script)
    mara, tomas = shots["s1.e2"].characters, shots["s1.e3"].characters
    assert [(figure.character_id, figure.slot, figure.gaze) for figure in mara + tomas] == [
        ("mara", "centre_left", "right"),
        ("tomas", "centre_right", "left"),
    ]


def test_plan_shots_over_shoulder_has_listener_with_back_to_camera(build):
    shots = [draft for draft in plan(build.story()) if draft.framing == "over_shoulder"]
    assert shots
    for draft in shots:
        near = [figure.character_id for figure in draft.characters if figure.back_to_camera]
        assert len(draft.characters) == 2 and near != [draft.focus_id] and len(near) == 1


def test_plan_shots_prop_of_an_action_gets_an_insert_after_it(build):
    drafts = plan(build.story())
    ids = [draft.shot_id for draft in drafts]
    insert = drafts[ids.index("s1.e4") + 1]
    assert (insert.shot_id, insert.framing, insert.props) == ("s1.e4.insert", "insert", ("brass key",))


def test_plan_shots_two_quick_lines_share_a_two_shot(build):
    shot = by_id(build.story())["s2.f1"]
    assert (shot.framing, [line.element_id for line in shot.lines]) == ("two_shot", ["f1", "f2"])


def test_plan_shots_somebody_who_sat_down_still_sits_when_they_speak(build):
    shots = by_id(build.story())
    poses = {figure.character_id: figure.pose for figure in shots["s1.e2"].characters}
    assert poses == {"tomas": "sitting", "mara": "standing"}


def test_plan_shots_each_runs_or_sits_by_their_own_clause(build):
    poses = {figure.character_id: figure.pose for figure in by_id(build.story())["s3.g1"].characters}
    assert poses == {"mara": "running", "tomas": "running", "ilse": "sitting"}


def test_plan_shots_longest_and_dotted_ids_stay_distinct_identifiers(build):
    long = "x" * 128
    script = build.script(
        build.scene("a.b", build.line("c", "mara", "One.")),
        build.scene("a", build.line("b.c", "mara", "Two.")),
        build.scene(long, build.line(long, "mara", "Three.", emotion="angry", addressee_id="tomas")),
    )
    ids = [shot.shot_id for shot in build.film(script).shots]
    assert len(set(ids)) == len(ids) and max(map(len, ids)) <= 128


def test_plan_shots_monologue_alone_alternates_framing(build):
    script = build.script(build.scene("s1", *(build.line(f"e{i}", "mara", "Alone.") for i in range(6))))
    framings = [draft.framing for draft in plan(script) if draft.role == "line"]
    assert all(before != after for before, after in pairwise(framings))


def test_plan_shots_language_without_word_lists_still_plans(build):
    script = build.script(
        build.scene("s1", build.action("e1", "Мара бежит.", "mara"), build.line("e2", "mara", "Стой!")),
        language="ru",
    )
    shots = by_id(script)
    assert shots["s1.e1"].characters[0].pose == "standing"
    assert shots["card.end"].card_text == ("Конец", "The Lighthouse")


def test_plan_shots_another_persons_action_leaves_a_sitter_seated(build):
    script = build.script(
        build.scene(
            "s1",
            build.action("e1", "Tomas sits.", "tomas"),
            build.action("e2", "Mara waits.", "mara"),
            build.line("e3", "tomas", "Well?", emotion="angry"),
        )
    )
    assert by_id(script)["s1.e3"].characters[0].pose == "sitting"
