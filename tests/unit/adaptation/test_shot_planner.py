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
                heard = draw(st.sampled_from(["on_screen", "on_screen", "off_screen", "voice_over"]))
                fields = {"emotion": emotion, "pacing": draw(st.sampled_from(["normal", "fast"])), "heard": heard}
                fields["addressee_id"] = draw(st.sampled_from([None, None, *PEOPLE]))
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


@given(data=st.data())
def test_plan_shots_random_scenes_move_the_camera_in_a_third_at_most_and_never_in_haste(build, data):
    script = data.draw(scripts(build))
    drafts = plan(script)
    assert sum(draft.movement != "static" for draft in drafts) * 3 <= len(drafts)
    closer = {shot.shot_id: shot.duration_ticks for shot in build.film(script).shots}
    assert all(closer[draft.shot_id] >= 36 for draft in drafts if draft.role in ("insert", "reaction"))


@given(data=st.data())
def test_plan_shots_random_scenes_show_nobody_who_is_only_a_voice(build, data):
    script = data.draw(scripts(build))
    seen: dict[str, set[str]] = {}
    for scene in script.scenes:
        seen[scene.scene_id] = set()
        for element in scene.elements:
            if element.type == "action":
                seen[scene.scene_id].update(element.character_ids)
            elif element.heard == "on_screen":
                seen[scene.scene_id].update({element.speaker_id, element.addressee_id} - {None})
            elif element.heard == "off_screen" and element.addressee_id:
                seen[scene.scene_id].add(element.addressee_id)
    for draft in plan(script):
        assert {figure.character_id for figure in draft.characters} <= seen.get(draft.scene_id, set())


def test_plan_shots_off_screen_line_is_heard_over_its_listener(build):
    script = build.script(
        build.scene(
            "s1",
            build.action("e1", "Mara waits.", "mara"),
            build.line("e2", "tomas", "Come up!", heard="off_screen", emotion="angry"),
            build.line("e3", "mara", "I am coming."),
        )
    )
    shots = by_id(script)
    (listener,) = shots["s1.e2"].characters
    assert (listener.character_id, listener.expression, shots["s1.e2"].lines[0].heard) == (
        "mara",
        "afraid",
        "off_screen",
    )
    assert [figure.character_id for figure in shots["s1.e3"].characters] == ["mara"]
    lines = {line.element_id: line.heard for _, line in build.film(script).lines()}
    assert lines == {"e2": "off_screen", "e3": "on_screen"}


def test_plan_shots_narrator_is_heard_over_the_place_and_answered_by_nobody(build):
    script = build.script(
        build.scene(
            "s1",
            build.line("e1", "ilse", "It was winter.", heard="voice_over"),
            build.line("e2", "mara", "Alone again.", pacing="fast"),
            build.line("e3", "ilse", "She said nothing more.", heard="voice_over", pacing="fast"),
        )
    )
    assert {figure.character_id for draft in plan(script) for figure in draft.characters} == {"mara"}
    assert by_id(script)["s1.e1"].characters == ()


def test_plan_shots_thoughts_are_heard_over_the_thinker(build):
    script = build.script(
        build.scene(
            "s1",
            build.action("e1", "Mara waits.", "mara"),
            build.line("e2", "mara", "He will come.", heard="voice_over", emotion="sad"),
        )
    )
    (thinker,) = by_id(script)["s1.e2"].characters
    assert (thinker.character_id, thinker.expression) == ("mara", "sad")


def test_plan_shots_thing_seen_close_once_gets_no_second_insert(build):
    held = build.action("e9", "She turns the brass key.", "mara", props=("brass key",))
    script = build.story()
    raw = script.model_dump()
    raw["scenes"][1]["elements"] = (*raw["scenes"][1]["elements"], held)
    assert "s2.e9.insert" not in by_id(type(script).model_validate(raw))
    raw["scenes"][1]["elements"][-1]["props"] = ("letter",)
    assert "s2.e9.insert" in by_id(type(script).model_validate(raw))


def test_plan_shots_two_things_in_a_row_get_one_insert(build):
    script = build.script(
        build.scene(
            "s1",
            build.action("e1", "Mara waits.", "mara"),
            build.action("e2", "She lifts a key.", "mara", props=("key",)),
            build.action("e3", "She lights a lamp.", "mara", props=("lamp",)),
        )
    )
    assert [draft.shot_id for draft in plan(script) if draft.role == "insert"] == ["s1.e2.insert"]


def test_plan_shots_thing_of_the_next_element_gets_no_insert_before_it(build):
    script = build.script(
        build.scene(
            "s1",
            build.action("e1", "Mara lifts a key.", "mara", props=("key",)),
            build.action("e2", "The key shines.", props=("key",)),
        )
    )
    assert [draft.shot_id for draft in plan(script) if draft.role == "insert"] == ["s1.e2"]


def test_plan_shots_camera_looks_over_places_pushes_at_peaks_and_lets_scenes_go(build):
    drafts = plan(build.story())
    moves = {draft.movement for draft in drafts if draft.role == "establishing"}
    assert moves <= {"pan_left", "pan_right", "tilt_up", "tilt_down", "static"} and moves != {"static"}
    assert all(draft.peak for draft in drafts if draft.movement == "push_in")
    assert {"push_in", "pull_out"} <= {draft.movement for draft in drafts}


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
