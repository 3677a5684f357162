"""What is asked of Ray for an engine, decided without Ray."""

from __future__ import annotations

import pickle

import pytest

from actors.catalogue import EngineChoice
from actors.hosting import CLUSTER, LEAST_ONGOING, QUEUE, SMALL_MACHINE, plan_hosting
from actors.lane_batcher import LaneLimits
from actors.placement import Gpu, HostFacts, Placement
from actors.window import window_sizes
from schemas.errors import Unavailable
from tests.scripted_engine import build_scripted, scripted_choice

HOST = HostFacts(2, 8000)
GPU_HOST = HostFacts(16, 64_000, (Gpu(0, "card", 10_000),))


def plan(choice: EngineChoice | None = None, host: HostFacts = HOST, **given):
    return plan_hosting(choice or scripted_choice(), host, build=build_scripted, **given)


def test_names_show_engine_and_device_and_tell_choices_apart():
    cpu, cuda = plan(), plan(EngineChoice("scripts", "scripted", Placement("cuda")), GPU_HOST)
    assert (cpu.app, cpu.deployment) == ("scripts-scripted-cpu", "scripted-cpu")
    assert (cuda.app, cuda.deployment) == ("scripts-scripted-cuda", "scripted-cuda")
    sized = [plan(scripted_choice(batch=batch)).app for batch in (1, 2, 1)]
    assert sized[0] == sized[2] != sized[1]
    assert sized[0].startswith("scripts-scripted-cpu-")


def test_engine_on_cpus_asks_for_its_memory_and_no_gpu():
    assert plan(host=GPU_HOST).actor_options() == {"memory": 1 << 20}


def test_engine_on_a_gpu_asks_for_its_part_of_it():
    on_gpu = EngineChoice("scripts", "scripted", Placement("cuda"))
    assert plan(on_gpu, GPU_HOST).num_gpus == pytest.approx(1000 / 9000, abs=1e-4)
    with pytest.raises(Unavailable, match="scripted needs 1000 MB"):
        plan(on_gpu, HOST)


def test_queue_is_asked_for_only_where_the_cluster_has_it():
    assert QUEUE not in plan(cluster_resources={"CPU": 2.0}).actor_options().get("resources", {})
    assert plan(cluster_resources={QUEUE: 1.0}).actor_options()["resources"][QUEUE] < 0.01


@pytest.mark.parametrize("batch", [1, 2, 4, 16, 32])
def test_batch_window_of_one_client_fills_a_running_and_a_waiting_call_and_fits_the_lane(batch):
    ongoing = plan(scripted_choice(batch=batch)).max_ongoing_requests
    assert ongoing >= LEAST_ONGOING
    window = window_sizes(ongoing, 1)["batch"]
    assert window >= 2 * batch
    assert window <= max(LaneLimits.of(batch, 1.0).batch_limit, LEAST_ONGOING)


def test_small_machine_starts_engines_on_demand_and_a_cluster_keeps_them_warm():
    assert plan(fleet=SMALL_MACHINE).fleet.min_replicas == 0
    assert plan(fleet=CLUSTER).fleet.min_replicas > 0


def test_plan_crosses_process_borders():
    assert pickle.loads(pickle.dumps(plan())) == plan()  # noqa: S301
