"""Fountain in, Script out: nothing spoken is lost, ids survive edits elsewhere, hostile input is refused or read quickly."""

import time
from pathlib import Path

import pytest

from pipelines.narrative.fountain import read_fountain
from schemas.errors import InvalidInput
from schemas.facts import Fact
from schemas.script import Action, Dialogue

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
HEAD = "INT. KITCHEN - DAY\n\n"


def elements(text):
    return [element for scene in read_fountain(text, "T").scenes for element in scene.elements]


def lines(text):
    return [(one.speaker_id, one.text) for one in elements(text) if isinstance(one, Dialogue)]


def all_ids(text):
    script = read_fountain(text, "T")
    return [element.element_id for scene in script.scenes for element in scene.elements]


def test_lighthouse_example_has_the_story_that_the_issue_asks_for():
    script = read_fountain((EXAMPLES / "lighthouse" / "script.fountain").read_text(encoding="utf-8"), "T")
    assert script.title == "The Keeper's Light"
    assert {one.character_id for one in script.characters} == {"mara", "tomas", "eleni"}
    assert {one.setting for one in script.locations} == {"harbour", "workshop", "lighthouse"}
    assert {"night", "dawn"} <= {scene.time_of_day for scene in script.scenes}
    assert {"storm", "clear"} <= {scene.weather for scene in script.scenes}
    spoken = [one for scene in script.scenes for one in scene.elements if isinstance(one, Dialogue)]
    assert len({one.emotion for one in spoken}) >= 6
    assert sum(len(scene.elements) for scene in script.scenes) >= 24


def test_edit_of_one_line_leaves_every_other_id_alone():
    text = (EXAMPLES / "lighthouse" / "script.fountain").read_text(encoding="utf-8")
    before, after = all_ids(text), all_ids(text.replace("Burn, old girl. Burn!", "Burn, my girl. Burn on!"))
    assert len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_inserted_scene_and_line_leave_other_ids_alone():
    text = HEAD + "MARA\nOne.\n\nEXT. SEA - NIGHT\n\nMARA\nTwo.\n"
    inserted = HEAD + "MARA\nNew.\n\nMARA\nOne.\n\nINT. CAVE - DAY\n\nTOMAS\nNew.\n\nEXT. SEA - NIGHT\n\nMARA\nTwo.\n"
    assert set(all_ids(text)) <= set(all_ids(inserted))


def test_repeated_words_and_headings_get_distinct_ids():
    ids = all_ids((HEAD + "MARA\nNo.\n\nMARA\nNo.\n\n") * 2)
    assert len(set(ids)) == 4


def test_parentheticals_on_their_own_line_and_in_line_keep_the_speech():
    found = elements(
        HEAD + "MARA\n(quietly)\nCome in.\n\nMARA\n(shouting) Get out. (softly) Stay.\n\nMARA\nOne (or two) more."
    )
    assert [one.text for one in found] == ["Come in.", "Get out.", "Stay.", "One (or two) more."]
    assert [one.emotion for one in found] == ["tender", "angry", "tender", "neutral"]
    assert [one.pacing for one in found[:2]] == ["slow", "fast"]


def test_dual_dialogue_lyrics_and_page_breaks_lose_no_words():
    text = (
        HEAD
        + "MARA\nLeft.\n\nTOMAS ^\nRight.\n\n===\n\n~La la la\n\nMARA\n~We sail\n~tonight\n\nHe waits.\n===\nShe waits."
    )
    assert lines(text) == [("mara", "Left."), ("tomas", "Right."), ("mara", "We sail tonight")]
    assert [one.text for one in elements(text) if isinstance(one, Action)] == ["La la la", "He waits.", "She waits."]


def test_transitions_sections_and_synopses_are_left_out():
    text = (
        "FADE IN:\n\n# Act one\n\n"
        + HEAD
        + "= He sits.\n\nHe sits.\n\nCUT TO:\n\nSMASH CUT TO:\n\n> FADE OUT.\n\nTHE END"
    )
    assert [one.text for one in elements(text)] == ["He sits."]


def test_cues_in_other_scripts_get_ascii_ids_and_their_own_names():
    script = read_fountain(HEAD + "ΝΙΚΟΣ\nΓεια.\n\nЩЕРБАКОВ\nДа.\n\n@李梅\n你好。\n\nΟ Νίκος κάθεται.", "T")
    assert [(one.character_id, one.name) for one in script.characters][:2] == [
        ("nikos", "Νίκος"),
        ("shcherbakov", "Щербаков"),
    ]
    assert script.characters[2].character_id.startswith("character_") and script.characters[2].name == "李梅"


def test_greek_example_reads_places_times_and_language():
    script = read_fountain((EXAMPLES / "greek.fountain").read_text(encoding="utf-8"), "T")
    assert script.language == "el"
    assert [one.setting for one in script.locations] == ["kitchen", "harbour"]
    assert [(scene.time_of_day, scene.weather) for scene in script.scenes] == [("night", "rain"), ("dawn", "clear")]


def test_extensions_say_whether_the_speaker_is_seen():
    found = elements(HEAD + "MARA (V.O.)\nOne.\n\nMARA (O.S.)\nTwo.\n\nMARA (CONT'D)\nThree.")
    assert [one.heard for one in found] == ["voice_over", "off_screen", "on_screen"]
    assert {one.speaker_id for one in found} == {"mara"}


def test_notes_reach_the_script():
    text = (
        HEAD + "Mara waits. [[sfx: Owl, wind]] [[prop: lantern]]\n\n[[fact: mara.age_years = 34]]\n\n"
        "[[mood: tense]] [[weather: fog]]\n\n[[cast: Eleni]]\n\n[[a remark]]\n\nMARA\nHello.\n\n"
        "[[appearance: mara hair=red outfit=#ffee00]]\n\n[[voice: mara age=old]]"
    )
    script = read_fountain(text, "T")
    scene, action = script.scenes[0], script.scenes[0].elements[0]
    assert action.sfx_tags == ("owl", "wind") and action.props == ("lantern",)
    assert [(one.subject_id, one.attribute, one.value) for one in action.facts] == [("mara", "age_years", 34)]
    assert (scene.mood, scene.weather) == ("tense", "fog") and "eleni" in scene.character_ids
    mara = next(one for one in script.characters if one.character_id == "mara")
    assert (mara.appearance.hair, mara.appearance.outfit, mara.voice.age) == ("red", "#ffee00", "old")
    assert len(scene.elements) == 2
    assert isinstance(action.facts[0], Fact)


@pytest.mark.parametrize(
    "note",
    ["fact: mara is 34", "mood: purple", "appearance: hair=red", "appearance: mara hat=red", "voice: mara age=ten"],
)
def test_malformed_note_is_refused_by_its_text(note):
    with pytest.raises(InvalidInput, match=note.split(":")[0]):
        read_fountain(HEAD + f"Mara waits. [[{note}]]", "T")


def test_actions_name_who_acts_and_not_who_is_only_mentioned():
    found = elements(
        HEAD
        + "MARA\nHi.\n\nTOMAS\nHi.\n\nMara lifts a photograph of Tomas.\n\nShe smiles.\n\nThe two of them leave.\n\nTomas's hat lies there."
    )
    assert [one.character_ids for one in found[2:]] == [("mara",), ("mara",), ("mara", "tomas"), ()]


def test_addressee_is_named_called_or_the_last_other_speaker():
    found = elements(
        HEAD
        + "MARA\nOne.\n\nTOMAS\nTwo.\n\nLENA\nThree.\n\nMARA\nTomas, run.\n\nMARA\n(to Lena)\nYou too.\n\nMARA\nAll."
    )
    assert [one.addressee_id for one in found] == [None, "mara", "tomas", "tomas", "lena", "lena"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("  \n\n", "empty"),
        ("\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        ("Title: X\nAuthor: Y\n", "no scene"),
        ("MARA\nHello.\n", "no scene heading"),
        ("INT. A - DAY\n\nINT. B - DAY\n", "nothing under them"),
        ("INT. A - DAY\n\n\ud800", "no character"),
    ],
)
def test_unusable_text_is_refused_with_what_is_missing(text, message):
    with pytest.raises(InvalidInput, match=message):
        read_fountain(text, "T")


@pytest.mark.parametrize(
    "text",
    ["*" * 50_000, "**a " * 25_000, "/* " * 50_000, "[[ " * 50_000, "_a " * 30_000, "a" + " " * 100_000 + "b",
     "MARA\n" + "(" * 50_000, "\ue701x\ue701\ue711", "word " * 20_000],
    ids=["stars", "bold", "boneyard", "notes", "underlines", "spaces", "brackets", "private use", "one line"],
)  # fmt: skip
def test_hostile_text_is_read_in_linear_time(text):
    started = time.process_time()
    read_fountain(HEAD + "He sits.\n\n" + text, "T")
    assert time.process_time() - started < 5  # 0.1 to 0.5 s alone; quadratic parsing takes minutes


def test_ten_thousand_lines_are_read_in_a_few_seconds():
    text = "".join(
        f"INT. ROOM {n} - DAY\n\nANNA{n % 300} walks in.\n\nANNA{n % 300}\nHello {n}.\n\n" for n in range(1500)
    )
    started = time.process_time()
    assert len(read_fountain(text, "T").scenes) == 1500
    assert time.process_time() - started < 5  # 1 s alone


def test_heading_without_anything_under_it_shows_the_place():
    assert [one.text for one in elements("EXT. SEA - DAY\n\nINT. CAVE - DAY\n\nHe sits.")] == ["Sea.", "He sits."]


def test_text_beyond_the_schema_limit_is_cut_at_a_space_and_kept():
    words = " ".join(f"w{n}" for n in range(3000))
    found = elements(HEAD + words)
    assert len(found) > 1 and " ".join(one.text for one in found) == words
