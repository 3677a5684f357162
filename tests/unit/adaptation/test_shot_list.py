"""The shot list is gapless, locked, deterministic, and an edit reaches only its own shot."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.adaptation.shot_list import shot_list, voice_requests
from pipelines.adaptation.shot_planner import plan_shots
from schemas.errors import Defect
from schemas.project import Project
from schemas.script import Dialogue, Script
from schemas.shotlist import ShotList
from schemas.timing import EditRate

WORDS = st.lists(
    st.sampled_from(["run", "gasp!", "the", "weeping", "key", "Где", "never", "smile?!", "Tomas", "sit", "x" * 30]),
    min_size=1,
    max_size=40,
).map(" ".join)


def with_text(script: Script, element_id: str, text: str) -> Script:
    raw = script.model_dump()
    for scene in raw["scenes"]:
        for element in scene["elements"]:
            if element["element_id"] == element_id:
                element["text"] = text
    return Script.model_validate(raw)


def contents(film: ShotList) -> dict[str, dict[str, object]]:
    return {shot.shot_id: shot.model_dump(exclude={"start_ticks"}) for shot in film.shots}


@given(text=WORDS, element_id=st.sampled_from(["e2", "e3", "e5", "e6", "e7", "f3", "f4", "g2"]))
def test_shot_list_one_line_reworded_changes_only_its_shot(build, text, element_id):
    story = build.story()
    before, after = contents(build.film(story)), contents(build.film(with_text(story, element_id, text)))

    assert list(before) == list(after)
    changed = {shot_id for shot_id in before if before[shot_id] != after[shot_id]}
    own = {
        shot_id for shot_id in before if element_id in {one["element_id"] for one in before[shot_id]["audio"]["lines"]}
    }
    # A listener's reaction shows what was said to them, so it belongs to the line.
    assert changed <= own | {f"{shot_id}.reaction" for shot_id in own}


def test_shot_list_line_inserted_adds_one_shot_and_changes_at_most_one_camera(build):
    story = build.story()
    raw = story.model_dump()
    new = build.line("new", "tomas", "Listen to me.", emotion="determined")
    elements = raw["scenes"][0]["elements"]
    raw["scenes"][0]["elements"] = (*elements[:2], new, *elements[2:])
    before, after = contents(build.film(story)), contents(build.film(Script.model_validate(raw)))

    assert [shot_id for shot_id in after if shot_id not in before] == ["s1.new"]
    changed = [shot_id for shot_id in before if before[shot_id] != after[shot_id]]
    # One shot in three may move: a longer scene may have one move more.
    assert len(changed) <= 1
    for shot_id in changed:
        assert {**before[shot_id], "movement": ""} == {**after[shot_id], "movement": ""}


@given(
    seconds=st.lists(st.floats(0, 40, allow_nan=False), min_size=1, max_size=12),
    rate=st.sampled_from([EditRate(), EditRate(numerator=30_000, denominator=1001), EditRate(numerator=25)]),
)
def test_shot_list_any_measured_lines_gapless_and_lines_inside_their_shot(build, seconds, rate):
    people = ("mara", "tomas")
    lines = [build.line(f"e{index}", people[index % 2], "Some words.") for index in range(len(seconds))]
    script = build.script(build.scene("s1", *lines))
    requests = voice_requests(script, build.voices())
    speech = {f"e{index}": build.spoken(requests[f"e{index}"], one) for index, one in enumerate(seconds)}
    film = shot_list(script, plan_shots(script, Project(id="x", title="X")), speech, rate)

    expected_start = 0
    for shot in film.shots:
        assert shot.start_ticks == expected_start
        assert rate.seconds(shot.duration_ticks) >= 1.0
        expected_start += shot.duration_ticks
    for shot, line in film.lines():
        measured = speech[line.element_id]
        assert line.offset_ticks + line.duration_ticks <= shot.duration_ticks
        assert rate.seconds(line.duration_ticks) * measured.sample_rate_hz >= measured.duration_samples
    assert [line.element_id for _, line in film.lines()] == list(requests)


def test_shot_list_two_processes_with_other_hash_seeds_same_bytes():
    program = (
        "from schemas.script import Script; from schemas.project import Project\n"
        "from schemas.speech import *; from schemas.timing import EditRate\n"
        "from pipelines.adaptation.shot_planner import plan_shots\n"
        "from pipelines.adaptation.shot_list import shot_list\n"
        "people = [dict(character_id=c, name=c) for c in 'abcdef']\n"
        "els = [dict(type='action', element_id='a1', text='all run', character_ids=tuple('abcdef'), props=('key', 'cup'))]\n"
        "els += [dict(type='dialogue', element_id=f'e{i}', speaker_id='abcdef'[i % 6], text='Hello.') for i in range(9)]\n"
        "s = Script(title='T', characters=people, locations=[dict(location_id='l', name='L')],\n"
        "           scenes=[dict(scene_id='s', location_id='l', elements=els)])\n"
        "b = Backend(backend_type='stub', name='n', version='1')\n"
        "sp = {f'e{i}': Speech(request=SpeechRequest(text='Hello.'), sample_rate_hz=100, duration_samples=90, backend=b) for i in range(9)}\n"
        "film = shot_list(s, plan_shots(s, Project(id='p', title='P')), sp, EditRate())\n"
        "import sys; sys.stdout.buffer.write(film.to_json())\n"
    )
    root = Path(__file__).parents[3]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], cwd=root, env={"PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("0", "12345")
    }
    assert len(outputs) == 1 and b"timing_lock_hash" in outputs.pop()


def test_shot_list_line_not_measured_refused_by_name(build):
    story = build.story()
    with pytest.raises(Defect, match="'e2'"):
        shot_list(story, plan_shots(story, Project(id="x", title="X")), {}, EditRate())


def test_voice_requests_speaker_without_voice_refused_by_name(build):
    with pytest.raises(Defect, match="'tomas'"):
        voice_requests(build.story(), {"mara": build.voices()["mara"]})


def test_voice_requests_untagged_line_carries_emotion_read_from_its_words(build):
    script = build.script(build.scene("s1", build.line("e1", "mara", "I am so scared, father.")))
    assert voice_requests(script, build.voices())["e1"].emotion == "afraid"


def test_shot_list_documents_every_dialogue_line_once_in_order(build):
    story = build.story()
    written = [one.element_id for scene in story.scenes for one in scene.elements if isinstance(one, Dialogue)]
    assert [line.element_id for _, line in build.film(story).lines()] == written


def test_shot_list_quick_word_at_high_rate_still_lasts_a_second(build):
    script = build.script(build.scene("s1", build.line("e1", "mara", "No.", pacing="fast")))
    shots = {shot.shot_id: shot for shot in build.film(script, EditRate(numerator=120)).shots}
    assert shots["s1.e1"].duration_ticks == 120
