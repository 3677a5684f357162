"""The OpenAPI document: complete enough to make a client from, with examples that are true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from fastapi.testclient import TestClient

from cluster.settings import Settings
from cluster.tenancy.roles import Role
from serve.http.app import build_api
from serve.http.documented import TAGS
from serve.http.examples import ANSWERS, REQUESTS
from serve.http.site import open_site
from tests.acceptance.test_administration import Office

TOO_LONG = {
    "video_regions", "visual_meta", "captions", "anonymise", "job_summary", "create_render_package",
    "get_render_package", "plan_render_package", "ready", "store_timeline", "get_timeline", "get_clip",
    "audio_origin", "audio_semantic_timeline", "get_semantic_timeline", "semantic_timeline_of_clip", "shots_of_sounds",
}  # fmt: skip
"""Answers that are pages long; docs/schemas and docs/api-tour.md show them."""

KNOWN = {"not_found", "invalid_input"}
"""How an example may be refused: its asset, its documents or its file are not here."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    store = tmp_path_factory.mktemp("site") / "store"
    with (
        open_site(Settings.load(store=store)) as site,
        TestClient(build_api(site), raise_server_exceptions=False) as client,
    ):
        yield Office(site, client)


@pytest.fixture(scope="module")
def document(office: Office) -> dict[str, Any]:
    return dict(office.client.get("/openapi.json").json())


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["operationId"]: one for ways in document["paths"].values() for one in ways.values()}


def whole(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with the components that it refers to."""
    return {**schema, "components": document["components"]}


def json_of(content: dict[str, Any]) -> dict[str, Any] | None:
    return content.get("application/json")


def test_every_operation_has_a_name_a_tag_and_words(document, operations):
    assert len(operations) == sum(len(ways) for ways in document["paths"].values())
    for name, one in operations.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", name), name
        assert one["tags"] and set(one["tags"]) <= set(TAGS), name
        assert one.get("description") or len(one["summary"].split()) > 2, name
        for parameter in one.get("parameters", ()):
            assert len(parameter["description"]) > 5, (name, parameter["name"])
    assert {one["name"] for one in document["tags"]} == {tag for one in operations.values() for tag in one["tags"]}


def test_every_error_is_a_problem_and_every_answer_has_a_schema(operations):
    for name, one in operations.items():
        for status, response in one["responses"].items():
            content = response.get("content", {})
            if status[0] in "45" and name != "ready" and status != "416":
                assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}, (
                    name
                )
            if "application/json" in content:
                schema = content["application/json"]["schema"]
                assert "$ref" in schema or schema.get("items") or name == "health", (name, status)


def test_every_body_has_an_example_that_fits_it(document, operations):
    taking = {name for name, one in operations.items() if json_of(one.get("requestBody", {}).get("content", {}))}
    assert taking == set(REQUESTS)
    for name in taking:
        content = json_of(operations[name]["requestBody"]["content"])
        assert content is not None
        jsonschema_rs.validate(whole(document, content["schema"]), content["example"])


def test_every_answer_has_an_example_that_fits_it(document, operations):
    answering = {}
    for name, one in operations.items():
        for status in ("200", "201"):
            if content := json_of(one["responses"].get(status, {}).get("content", {})):
                answering[name] = content
    assert set(answering) == set(ANSWERS) | TOO_LONG
    for name in ANSWERS:
        jsonschema_rs.validate(whole(document, answering[name]["schema"]), answering[name]["example"])


@pytest.mark.parametrize("operation", sorted(REQUESTS))
def test_example_is_taken_or_refused_for_what_is_not_here(office, operations, operation):
    method, path = next(
        (method, path)
        for path, ways in office.client.get("/openapi.json").json()["paths"].items()
        for method, one in ways.items()
        if one["operationId"] == operation
    )
    public_id = office.site.tokens(office.scope("t1")).list()[0].public_id
    if operation == "rotate_token":
        public_id = office.site.tokens(office.scope("t1")).create("x", Role.READER, office.HOUR).record.public_id
    answer = office.call(method.upper(), path.format(public_id=public_id), json=REQUESTS[operation])
    assert answer.status_code < 300 or answer.json()["code"] in KNOWN, answer.text
    assert "fields" not in answer.json().get("evidence", {}), answer.text
