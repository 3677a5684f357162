"""What a user may bring, and what is said of a file that is not as it should be."""

import json
from pathlib import Path

import pytest

from pipelines.narrative.project_source import LARGEST_FILE_BYTES, read_project
from schemas.errors import InvalidInput

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
GOOD = {"schema_version": "1.0.0", "id": "p", "title": "P", "sources": {"script": "s.fountain"}}
SCRIPT = "INT. KITCHEN - DAY\n\nMARA\nHello.\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "s.fountain").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "outside.fountain").write_text(SCRIPT, encoding="utf-8")
    return tmp_path / "in"


def project_file(folder, content):
    path = folder / "project.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def test_lighthouse_is_read_whole_and_dressed_by_canon():
    found = read_project(EXAMPLES / "lighthouse" / "project.json")
    assert found.warnings == () and found.script is not None
    assert {one.character_id for one in found.script.characters} == {one.character_id for one in found.canon.characters}
    assert all(one.appearance.hair for one in found.script.characters)
    assert not found.project.human_checkpoints.approve_canon_diff
    assert not found.project.human_checkpoints.approve_shotlist_timing_lock


def test_idea_has_no_script_and_screenplay_needs_no_project():
    assert read_project(EXAMPLES / "idea.json").script is None
    found = read_project(EXAMPLES / "greek.fountain")
    assert found.project.language == "el" and found.script is not None and found.canon.characters == ()


def test_unknown_fields_are_kept_and_warned_of(folder):
    found = read_project(project_file(folder, {**GOOD, "titel": "x", "picture": {"width": 640}, "zzz": 1}))
    assert found.project.model_extra == {"titel": "x", "zzz": 1}
    assert any("'titel'" in one and "did you mean 'title'" in one for one in found.warnings)
    assert any("'picture.width'" in one and "width_px" in one for one in found.warnings)
    assert any("'zzz'" in one and "did you mean" not in one for one in found.warnings)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not valid JSON"),
        (json.dumps(GOOD).encode()[:-20], "not valid JSON"),
        (b"\xff\xfe{\x00", "not UTF-8"),
        (b"[" * 200_000, "not valid JSON"),
        (b"[1]", "must hold a JSON object, got list"),
        ({**GOOD, "title": 3}, "title: .*got 3"),
        ({key: value for key, value in GOOD.items() if key != "title"}, "title: Field required"),
        ({key: value for key, value in GOOD.items() if key != "schema_version"}, "schema_version is missing"),
        ({**GOOD, "schema_version": "9.0.0"}, "9.0.0.* migrate"),
        ({**GOOD, "target_duration": {"max_s": 0}}, "target_duration.max_s: .*greater than 0"),
        ({**GOOD, "target_duration": {"min_s": 90, "max_s": 60}}, "min_s 90.* above max_s 60"),
        ({**GOOD, "sources": {}}, "nothing to film"),
        ({**GOOD, "sources": {"script": "missing.fountain"}}, "sources.script 'missing.fountain' does not exist"),
        ({**GOOD, "sources": {"script": "../outside.fountain"}}, "sources.script .* inside"),
        ({**GOOD, "sources": {"script": "..\\outside.fountain"}}, "sources.script .* inside"),
        ({**GOOD, "sources": {"script": "/etc/passwd"}}, "sources.script .* inside"),
        ({**GOOD, "sources": {"script": "C:\\x.fountain"}}, "sources.script .* inside"),
        ({**GOOD, "sources": {"script": "s\u0000.fountain"}}, "sources.script .* inside"),
        ({**GOOD, "sources": {"script": "project.json"}}, "Script: .*locations"),
        ({**GOOD, "sources": {"script": "s.fountain", "asset_library": "s.fountain"}}, "is not a folder"),
        ({"schema_version": "1.0.0", "title": "S", "scenes": []}, "is a Script, not a project"),
    ],
)  # fmt: skip
def test_damaged_project_file_is_refused_by_file_and_field(folder, content, message):
    path = project_file(folder, content)
    with pytest.raises(InvalidInput, match=message) as caught:
        read_project(path)
    assert "project.json" in caught.value.message


def test_link_out_of_the_folder_is_refused(folder):
    (folder / "link.fountain").symlink_to(folder.parent / "outside.fountain")
    with pytest.raises(InvalidInput, match="inside the file's folder"):
        read_project(project_file(folder, {**GOOD, "sources": {"script": "link.fountain"}}))


def test_missing_folder_huge_and_unknown_files_are_refused(folder):
    (folder / "dir.json").mkdir()
    (folder / "huge.fountain").write_bytes(b"a" * (LARGEST_FILE_BYTES + 1))
    for name, message in {
        "none.json": "does not exist", "dir.json": "is a folder", "huge.fountain": "larger than", "x.docx": "'.docx'",
    }.items():  # fmt: skip
        with pytest.raises(InvalidInput, match=message):
            read_project(folder / name)


def test_screenplay_people_take_canon_ids_by_alias_and_looks(folder):
    canon = {
        "schema_version": "1.0.0",
        "characters": [
            {"character_id": "m_voss", "name": "Mara Voss", "aliases": ["Mara"], "appearance": {"hair": "red"}}
        ],
    }
    (folder / "c.json").write_text(json.dumps(canon), encoding="utf-8")
    found = read_project(project_file(folder, {**GOOD, "sources": {"script": "s.fountain", "canon": "c.json"}}))
    assert found.script is not None
    assert [(one.character_id, one.appearance.hair) for one in found.script.characters] == [("m_voss", "red")]
    assert found.script.scenes[0].elements[0].speaker_id == "m_voss"


def test_project_language_is_the_scripts_unless_set(folder):
    (folder / "s.fountain").write_text("Title: T\nLanguage: el\n\n" + SCRIPT, encoding="utf-8")
    assert read_project(project_file(folder, GOOD)).project.language == "el"
    found = read_project(project_file(folder, {**GOOD, "language": "fr"}))
    assert found.script is not None and (found.project.language, found.script.language) == ("fr", "fr")
