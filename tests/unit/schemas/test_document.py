"""Every document: its stored samples load and keep what they do not know, and what cannot be read is refused by name."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from schemas import document
from schemas.document import Document, unknown_fields
from schemas.errors import InvalidInput, SchemaUnsupported
from schemas.project import Project, ProjectFile
from tools.schema_docs import documents

SAMPLES = Path(__file__).resolve().parents[2] / "fixtures" / "schemas"
BY_NAME = {one.__name__: one for one in documents()}
STORED = sorted(path.relative_to(SAMPLES) for path in SAMPLES.glob("*/*.json"))


def sample(cls: type[Document], version: str | None = None) -> dict[str, object]:
    return json.loads((SAMPLES / cls.__name__ / f"{version or cls.VERSION}.json").read_text())


def assert_keeps(written: object, stored: object) -> None:
    """Every stored value is written again at its place; a newer reader may add defaults beside it."""
    if isinstance(stored, dict):
        assert stored.keys() <= written.keys()
        for key, value in stored.items():
            assert_keeps(written[key], value)
    elif isinstance(stored, list):
        assert len(written) == len(stored)
        for one, other in zip(written, stored, strict=True):
            assert_keeps(one, other)
    else:
        assert (written, type(written)) == (stored, type(stored)) or float(written) == float(stored)


@pytest.mark.parametrize("cls", documents(), ids=lambda cls: cls.__name__)
def test_document_of_the_current_version_has_a_stored_sample(cls):
    path = SAMPLES / cls.__name__ / f"{cls.VERSION}.json"
    assert path.exists(), (
        f"store a sample of {cls.__name__} {cls.VERSION} in tests/fixtures/schemas; keep the older ones"
    )


@pytest.mark.parametrize("path", STORED, ids=str)
def test_stored_sample_loads_and_survives_a_round_trip_with_its_unknown_fields(path):
    raw = json.loads((SAMPLES / path).read_text())
    read = BY_NAME[path.parent.name].read((SAMPLES / path).read_bytes())
    assert_keeps(json.loads(read.to_json()), raw)
    assert type(read).read(read.to_json()) == read
    strangers = list(unknown_fields(read))
    assert "x_later" in strangers
    assert all(stranger.split(".")[-1] == "x_later" for stranger in strangers), (
        "the schema lost a field that was stored"
    )


@pytest.mark.parametrize("cls", documents(), ids=lambda cls: cls.__name__)
def test_document_without_a_required_field_is_refused_and_names_it(cls):
    for name, field in cls.model_fields.items():
        if field.is_required() and name != "schema_version":
            raw = {key: value for key, value in sample(cls).items() if key != name}
            with pytest.raises(InvalidInput, match=rf"^{cls.name()}: .*\b{name}: Field required"):
                cls.read(raw)


@pytest.mark.parametrize("cls", documents(), ids=lambda cls: cls.__name__)
def test_document_without_schema_version_is_refused_and_says_what_to_write(cls):
    raw = {key: value for key, value in sample(cls).items() if key != "schema_version"}
    wanted = f'schema_version is missing; write "schema_version": "{re.escape(cls.VERSION)}"'
    with pytest.raises(SchemaUnsupported, match=wanted):
        cls.read(raw)


@pytest.mark.parametrize(("version", "step"), [("2.0.0", "2 -> 1"), ("0.9.0", "0 -> 1"), ("17.4.2", "17 -> 1")])
@pytest.mark.parametrize("cls", documents(), ids=lambda cls: cls.__name__)
def test_document_of_another_major_is_refused_with_the_migration_named(cls, version, step):
    with pytest.raises(SchemaUnsupported, match=f"migrate with the step {cls.name()} {step}") as refused:
        cls.read({**sample(cls), "schema_version": version})
    assert refused.value.detail["version"] == version


@pytest.mark.parametrize("cls", documents(), ids=lambda cls: cls.__name__)
def test_document_of_a_newer_minor_is_read_and_keeps_its_version(cls):
    read = cls.read({**sample(cls), "schema_version": "1.7.3", "added_in_1_7": [1, {"deep": None}]})
    assert json.loads(read.to_json())["schema_version"] == "1.7.3"
    assert json.loads(read.to_json())["added_in_1_7"] == [1, {"deep": None}]


def test_document_of_an_older_major_with_a_registered_step_is_upgraded(monkeypatch):
    def from_zero(raw):
        return {**raw, "schema_version": "1.0.0", "title": raw["name"]}

    monkeypatch.setitem(document.UPGRADES, ("Project", 0), from_zero)
    assert Project.read({"schema_version": "0.4.0", "id": "p", "name": "Old"}).title == "Old"


@pytest.mark.parametrize("version", [1, None, "1", "1.0", "1.0.x", "one", ["1.0.0"], "", "1.0.0.0", " 1.0.0"])
def test_document_with_a_version_that_is_none_is_refused(version):
    with pytest.raises(InvalidInput, match="schema_version"):
        Project.read({"schema_version": version, "id": "p", "title": "T"})


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"schema_version": "1.0.0", "id": "p", "title": "T"',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"schema_version": "1.0.0", "id": "p", "title": "T", "later": NaN}',
        b'{"schema_version": "1.0.0", "id": "p", "title": "T", "later": -Infinity}',
        b'{"schema_version": "1.0.0", "id": "p", "title": "T", "later": "\\ud800"}',
        b'{"schema_version": "1.0.0", "id": "p", "title": "T", "\\udfff": 1}',
    ],
    ids=lambda raw: repr(raw[-20:]),
)
def test_document_that_is_not_json_is_refused_as_such(raw):
    with pytest.raises(InvalidInput, match=r"^Project is not valid JSON: "):
        Project.read(raw)


@pytest.mark.parametrize(("raw", "kind"), [(b"[]", "list"), (b"3", "int"), (b"null", "NoneType"), (b'"x"', "str")])
def test_document_that_is_no_object_is_refused(raw, kind):
    with pytest.raises(InvalidInput, match=f"Project must be a JSON object, got {kind}"):
        Project.read(raw)


def test_document_with_many_wrong_fields_lists_five_with_values_and_counts_the_rest():
    raw = {"schema_version": "1.0.0", "id": "a b", "title": "", "genre": 3, "premise": 4, "language": "E", "picture": 5}
    with pytest.raises(InvalidInput) as refused:
        Project.read({**raw, "edit_rate": 6})
    message = str(refused.value)
    assert "id: String should match pattern" in message
    assert "(got 'a b')" in message
    assert message.endswith("; and 2 more")
    assert set(refused.value.detail["fields"]) == {
        "id",
        "title",
        "genre",
        "premise",
        "language",
        "picture",
        "edit_rate",
    }


def test_document_is_frozen_and_equal_by_value():
    one, other = Project.read(sample(Project)), Project.read(sample(Project))
    assert one == other
    with pytest.raises(ValueError, match="frozen"):
        one.title = "Other"


def test_document_with_non_latin_text_is_written_as_utf_8_not_as_escapes():
    written = Project.read({**sample(Project), "title": "Маяк אור प्रकाश 灯台"}).to_json()
    assert "Маяк אור प्रकाश 灯台".encode() in written


def test_unknown_fields_names_each_by_its_path_through_lists_and_parts():
    raw = {**sample(Project), "cost_policy": {"max_run_budget_usd": 0, "currency": "EUR"}, "mood": "blue"}
    del raw["x_later"]
    raw["target_duration"] = {"min_s": 60, "max_s": 90}
    assert sorted(unknown_fields(Project.read(raw))) == ["cost_policy.currency", "mood"]
    cues = {**sample(BY_NAME["CaptionTrack"]), "edit_rate": {"numerator": 25, "denominator": 1}}
    cues["cues"] = [{**cues["cues"][0], "colour": "red"}, {**cues["cues"][0], "place": "top"}]
    assert {"cues.0.colour", "cues.1.place"} <= set(unknown_fields(BY_NAME["CaptionTrack"].read(cues)))


def test_unknown_fields_are_none_when_every_field_is_known():
    assert list(unknown_fields(Project.read({"schema_version": "1.0.0", "id": "p", "title": "T"}))) == []


def test_project_file_gives_its_project_without_paths_and_with_its_unknown_fields():
    read = ProjectFile.read({**sample(ProjectFile), "sources": {"script": "../a.json"}})
    project = read.project()
    assert type(project) is Project
    assert b"a.json" not in project.to_json()
    assert "x_later" in list(unknown_fields(project))


def test_project_with_a_duration_window_upside_down_is_refused():
    with pytest.raises(InvalidInput, match=r"min_s 90\.0 is above max_s 60\.0"):
        Project.read({**sample(Project), "target_duration": {"min_s": 90, "max_s": 60}})
