"""The OpenAPI document, finished: what FastAPI cannot be told at the routes themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from serve.http.examples import ANSWERS, REQUESTS
from serve.http.problems import MEDIA_TYPE

TAGS = {
    "assets": "Films, sounds and pictures brought in. The same bytes are the same asset.",
    "media engines": "Faces, shots, captions, covered and rendered films. The same question is the same artifact.",
    "artifacts": "Everything that was made, with what it was made from.",
    "render packages": "A shot list, an asset manifest and a render plan in, the film out.",
    "timelines": "Sequences, tracks and clips on rational time; OpenTimelineIO in and out.",
    "jobs": "What takes longer: followed by server-sent events, cancelled, tried again.",
    "callbacks": "What became of messages about jobs that ended; signed as Standard Webhooks has it.",
    "administration": "Who you are, what you may use; tokens and signing secrets of your tenant and environment.",
    "operations": "For those who run the server: open, and without a word about tenants.",
}

PARAMETERS = {
    "artifact_id": "Of your tenant and environment; another's answers as one that never was.",
    "job_id": "From `X-Job-Id`, `Location` or the body of a 202.",
    "delivery_id": "The `webhook-id` of a callback.",
    "request_id": "UUID of the render package.",
    "public_id": "The part of a token between its underscores.",
    "secret_id": "As the list of secrets names it.",
    "clip_id": "As a stored timeline names it.",
    "form": "`srt` or `vtt`.",
    "kind": "Only those of this kind.",
    "status": "Only those in this state.",
    "limit": "How many at most.",
    "accept": "What the scraper reads.",
}

_FRAMEWORK = ("HTTPValidationError", "ValidationError")
"""The error bodies of FastAPI, which are never sent here."""


def document(app: FastAPI) -> None:
    """Makes `/openapi.json` of `app` the finished one."""

    def finished() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes,
                tags=[{"name": name, "description": words} for name, words in TAGS.items()],
            )  # fmt: skip
            for operation in _operations(made):
                _finish(operation)
            for name in _FRAMEWORK:
                made["components"]["schemas"].pop(name, None)
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = finished  # type: ignore[method-assign]


def _operations(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for ways in made["paths"].values():
        yield from ways.values()


def _finish(operation: dict[str, Any]) -> None:
    """Problems as the media type that they have, examples, and words for each parameter."""
    name = operation["operationId"]
    for status, response in list(operation["responses"].items()):
        content = response.get("content", {})
        if content.get("application/json", {}).get("schema", {}).get("$ref", "").endswith(_FRAMEWORK[0]):
            del operation["responses"][status]  # no parameter of it can be wrong
        if MEDIA_TYPE in content:
            content[MEDIA_TYPE] = content.pop("application/json")
        elif name in ANSWERS and status in ("200", "201"):
            content["application/json"]["example"] = ANSWERS[name]
    if name in REQUESTS:
        operation["requestBody"]["content"]["application/json"]["example"] = REQUESTS[name]
    for parameter in operation.get("parameters", ()):
        parameter.setdefault("description", PARAMETERS.get(parameter["name"], ""))
