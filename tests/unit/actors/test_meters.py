"""What Ray's metrics are told: bounded tags, whatever the engine does."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from actors.catalogue import EngineChoice
from actors.lane_batcher import BatchRun
from actors.meters import RayMeter, SilentMeter
from actors.placement import Placement

Points = list[tuple[str, float, dict[str, str]]]


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> Points:
    """Ray's metrics, which write down what they are told, and refuse a tag that was not announced."""
    told: Points = []

    class Metric:
        def __init__(self, name: str, description: str, *rest: Any) -> None:
            self._name, self._keys, self._tags = name, set(rest[-1]), {}

        def set_default_tags(self, tags: dict[str, str]) -> Metric:
            self._tags = tags
            return self

        def _tell(self, value: float, tags: dict[str, str] | None = None) -> None:
            all_tags = {**self._tags, **(tags or {})}
            assert set(all_tags) == self._keys
            told.append((self._name, value, all_tags))

        set = observe = inc = _tell

    metrics = ModuleType("ray.util.metrics")
    metrics.Gauge = metrics.Histogram = metrics.Counter = Metric  # type: ignore[attr-defined]
    util = ModuleType("ray.util")
    util.metrics = metrics  # type: ignore[attr-defined]
    for name, module in {"ray": ModuleType("ray"), "ray.util": util, "ray.util.metrics": metrics}.items():
        monkeypatch.setitem(sys.modules, name, module)
    return told


CHOICE = EngineChoice("faces", "facenet_mtcnn", Placement("cuda"), options={"job": "never a tag"})
ENGINE = {"engine": "faces", "backend": "facenet_mtcnn", "device": "cuda"}


def test_ray_meter_reports_load_batches_latency_items_and_depth_with_their_tags(points: Points):
    meter = RayMeter(CHOICE)
    meter.loaded(1.5)
    meter.waiting("batch", 7)
    meter.called(BatchRun(12, 0.25))
    meter.answered("interactive", 3, 0.5)
    lane = {**ENGINE, "lane": "interactive"}
    assert points == [
        ("reelwright_engine_load_seconds", 1.5, ENGINE),
        ("reelwright_engine_waiting_items", 7, {**ENGINE, "lane": "batch"}),
        ("reelwright_engine_batch_items", 12, ENGINE),
        ("reelwright_engine_call_seconds", 0.25, ENGINE),
        ("reelwright_engine_latency_seconds", 0.5, lane),
        ("reelwright_engine_items", 3, lane),
    ]


def test_ray_meter_says_one_state_and_takes_the_others_back(points: Points):
    RayMeter(CHOICE).turned("draining")
    assert {tags["state"]: value for _, value, tags in points} == {
        "starting": 0,
        "ready": 0,
        "busy": 0,
        "draining": 1,
        "failed": 0,
    }


def test_answer_without_items_is_no_count(points: Points):
    RayMeter(CHOICE).answered("batch", 0, 0.1)
    assert [name for name, _, _ in points] == ["reelwright_engine_latency_seconds"]


def test_silent_meter_takes_all_and_needs_no_ray(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    meter = SilentMeter()
    meter.loaded(1.0)
    meter.turned("ready")
    meter.waiting("batch", 1)
    meter.called(BatchRun(1, 0.1))
    meter.answered("batch", 1, 0.1)
