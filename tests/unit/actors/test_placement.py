"""Where engines run, and that those that share a GPU leave each other room."""

from __future__ import annotations

import pytest

from actors.engine import EngineSpec
from actors.placement import Gpu, HostFacts, Placement, check_shared, gpu_share, place
from schemas.errors import InvalidInput, Unavailable


def spec(*, memory_mb: int = 100, vram_mb: int = 0, half: bool = False, name: str = "one") -> EngineSpec:
    return EngineSpec(name=name, version="1", backend_type="real", memory_mb=memory_mb, vram_mb=vram_mb, half=half)


def host(*gpus_mb: int, memory_mb: int = 1000) -> HostFacts:
    return HostFacts(4, memory_mb, tuple(Gpu(index, "card", mb) for index, mb in enumerate(gpus_mb)))


@pytest.mark.parametrize(
    ("engine", "there", "device", "expected"),
    [
        (spec(), host(), "", Placement("cpu", "float32")),
        (spec(), host(9000), "", Placement("cpu", "float32")),
        (spec(vram_mb=500), host(9000), "", Placement("cuda", "float32")),
        (spec(vram_mb=500, half=True), host(9000), "", Placement("cuda", "float16")),
        (spec(vram_mb=500, half=True), host(9000), "cpu", Placement("cpu", "float32")),
        (spec(vram_mb=500), host(100, 9000), "cuda", Placement("cuda", "float32")),
        (spec(vram_mb=500), host(), "", Placement("cpu", "float32")),
    ],
)
def test_engine_goes_to_the_gpu_where_there_is_one_and_it_can_use_it(engine, there, device, expected):
    assert place(engine, there, device) == expected


@pytest.mark.parametrize(
    ("engine", "there", "device", "message"),
    [
        (spec(vram_mb=500), host(), "cuda", "this host has no GPU"),
        (spec(), host(9000), "cuda", "runs on CPUs alone"),
        (spec(vram_mb=500), host(100, 400), "", "needs 500 MB of GPU memory, the largest here has 400"),
        (spec(memory_mb=2000), host(), "", "needs 2000 MB of memory, 1000 are free"),
    ],
)
def test_engine_that_does_not_fit_is_refused_with_the_sizes(engine, there, device, message):
    with pytest.raises(Unavailable, match=message):
        place(engine, there, device)


def test_another_word_for_a_device_is_refused():
    with pytest.raises(InvalidInput, match="'tpu'"):
        place(spec(), host(), "tpu")


def test_engines_share_a_gpu_up_to_nine_tenths_of_it():
    gpu = Gpu(0, "card", 10_000)
    check_shared([spec(vram_mb=4000), spec(vram_mb=5000)], gpu)
    with pytest.raises(Unavailable, match="a 4000 \\+ b 5001 MB of GPU memory do not fit into 9000 of 10000 on GPU 0"):
        check_shared([spec(vram_mb=4000, name="a"), spec(vram_mb=5001, name="b")], gpu)


def test_an_engine_alone_may_have_the_whole_gpu():
    check_shared([spec(vram_mb=9900)], Gpu(0, "card", 10_000))
    assert gpu_share(spec(vram_mb=9900), host(10_000)) == 1.0


def test_shares_that_add_up_to_a_gpu_are_those_that_may_share_it():
    fits, gpu = [spec(vram_mb=mb) for mb in (1234, 3333, 4433)], host(10_000)
    assert sum(spec.vram_mb for spec in fits) == 9000
    check_shared(fits, gpu.gpus[0])
    assert sum(gpu_share(one, gpu) for one in fits) == pytest.approx(1.0, abs=3e-4)
    assert sum(gpu_share(one, gpu) for one in [*fits, spec(vram_mb=1)]) > 1.0


def test_share_is_counted_on_the_smallest_gpu_on_which_the_engine_fits():
    assert gpu_share(spec(vram_mb=900), host(500, 4000, 2000)) == 0.5
    with pytest.raises(Unavailable, match=r"needs 900 MB of GPU memory, here are \[500\]"):
        gpu_share(spec(vram_mb=900), host(500))
