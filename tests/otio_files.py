"""OpenTimelineIO files as text, written out by hand: a test says only what differs."""

from __future__ import annotations

import json
from typing import Any


def time(value: float, rate: float = 24) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": rate}


def span(start: float, length: float, rate: float = 24) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(start, rate), "duration": time(length, rate)}


def clip(name: str, start: float = 0, length: float = 24, rate: float = 24, **fields: Any) -> dict[str, Any]:
    media = {"media_references": {"DEFAULT_MEDIA": {"OTIO_SCHEMA": "MissingReference.1"}},
             "active_media_reference_key": "DEFAULT_MEDIA"}  # fmt: skip
    return {"OTIO_SCHEMA": "Clip.2", "name": name, "source_range": span(start, length, rate), **media, **fields}


def gap(length: float, rate: float = 24, **fields: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Gap.1", "source_range": span(0, length, rate), **fields}


def track(*children: dict[str, Any], kind: str = "Video", **fields: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Track.1", "kind": kind, "children": list(children), **fields}


def stack(*children: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Stack.1", "name": "tracks", "children": list(children), **fields}


def warp(speed: float, **fields: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "LinearTimeWarp.1", "effect_name": "LinearTimeWarp", "time_scalar": speed, **fields}


def transition(before: float, after: float, **fields: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Transition.1", "transition_type": "SMPTE_Dissolve", "in_offset": time(before),
            "out_offset": time(after), **fields}  # fmt: skip


def marker(start: float, **fields: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Marker.2", "name": "here", "color": "RED", "marked_range": span(start, 0), **fields}


def edit(*tracks: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Timeline.1", "name": "Cut", "tracks": stack(*tracks), **fields}


def text(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()
