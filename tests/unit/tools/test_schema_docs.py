"""docs/schemas says what schemas/ says."""

from __future__ import annotations

import json
import re

from schemas.document import Document
from tools.schema_docs import FOLDER, WORD_LISTS, documents, json_schema, meaning, render


def test_schema_pages_are_what_make_schemas_writes():
    stored = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    fresh = render()
    stale = sorted(name for name in stored.keys() | fresh.keys() if stored.get(name) != fresh.get(name))
    assert not stale, f"docs/schemas is stale: {stale}; run `make schemas` and commit what it writes"


def test_schema_pages_cover_every_document_and_not_the_base():
    names = {document.__name__ for document in documents()}
    assert {"Project", "ProjectFile", "Canon", "Script", "ShotList", "RenderOutput", "CharacterDesign"} <= names
    assert Document.__name__ not in names


def test_every_field_of_every_document_has_a_meaning():
    without = set()
    for document in documents():
        schema = json_schema(document)
        parts = schema.get("$defs", {})
        for owner, part in [(document.__name__, schema), *parts.items()]:
            for name, field in part["properties"].items():
                if not meaning(field, parts):
                    without.add(f"{owner}.{name}")
    assert not without, f"fields without a docstring in schemas/: {sorted(without)}"


def test_json_schema_requires_what_a_reader_requires():
    for document in documents():
        schema = json_schema(document)
        required = {name for name, field in document.model_fields.items() if field.is_required()} | {"schema_version"}
        assert set(schema["required"]) == required
        assert schema["additionalProperties"] is True
        assert schema["$id"] == f"urn:reelwright:schema:{document.__name__}:{document.VERSION}"
        json.dumps(schema, allow_nan=False)


def test_schema_pages_link_only_to_what_is_on_them():
    for name, text in render().items():
        if name.endswith(".md"):
            anchors = {heading.lower() for heading in re.findall(r"^## (\w+)$", text, re.MULTILINE)}
            assert set(re.findall(r"\]\(#([a-z]+)\)", text)) <= anchors, name


def test_word_lists_are_found_with_their_docstrings():
    names = {name for name, _ in WORD_LISTS.values()}
    assert {"Emotion", "Mood", "LocationSetting"} <= names
