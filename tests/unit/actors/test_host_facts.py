"""CPUs, memory and GPUs as the kernel and the driver tell them, with a container's limits."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from actors.host_facts import read_host, visible_gpus
from actors.nvml import LIBRARY, NvmlGpu, installed_gpus
from actors.placement import Gpu
from schemas.errors import Unavailable

MIB = 1 << 20
A, B, C = (NvmlGpu(f"GPU-{letter * 8}-1111", f"card {letter}", 1000 * MIB) for letter in "abc")


@pytest.fixture
def host(tmp_path: Path):
    """A kernel of 8,000 MiB free; more of it written by name."""

    def write(**files: str) -> Path:
        texts = {
            "proc/meminfo": f"MemTotal: {9000 * 1024} kB\nMemAvailable: {8000 * 1024} kB\n",
            "proc/self/cgroup": "0::/\n",
            **{name.replace("__", "/"): text for name, text in files.items()},
        }
        for name, text in texts.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def read(root: Path):
    return read_host(root=root, installed=lambda: ())


def files(group: str, **texts: str) -> dict[str, str]:
    return {f"sys/fs/cgroup/{group}{name.replace('_dot_', '.')}": text for name, text in texts.items()}


def test_host_without_limits_gives_what_the_kernel_says(host):
    facts = read(host())
    assert facts.memory_mb == 8000
    assert facts.cpus == len(os.sched_getaffinity(0))
    assert facts.gpus == ()


def test_memory_limit_of_a_group_above_counts_and_droppable_pages_are_free(host):
    root = host(
        **{"proc/self/cgroup": "0::/pods/one\n"},
        **files("pods/one/", memory_dot_max="max\n", memory_dot_current=f"{100 * MIB}\n"),
        **files(
            "pods/",
            memory_dot_max=f"{500 * MIB}\n",
            memory_dot_current=f"{400 * MIB}\n",
            memory_dot_stat=f"anon 5\ninactive_file {150 * MIB}\n",
        ),
    )
    assert read(root).memory_mb == 250


def test_group_over_its_limit_leaves_nothing(host):
    root = host(**files("", memory_dot_max=f"{5 * MIB}\n", memory_dot_current=f"{9 * MIB}\n"))
    assert read(root).memory_mb == 0


def test_container_that_does_not_see_its_own_group_falls_back_to_the_mounted_root(host):
    root = host(
        **{"proc/self/cgroup": "0::/not/mounted/here\n"},
        **files("", memory_dot_max=f"{300 * MIB}\n", memory_dot_current="0\n"),
    )
    assert read(root).memory_mb == 300


@pytest.mark.parametrize(
    ("quota", "expected"),
    [("50000 100000\n", 1), ("150000 100000\n", 1), ("max 100000\n", None), ("10000 100000\n", 1)],
)
def test_cpu_quota_limits_the_cpus_and_never_to_none(host, quota, expected):
    assert read(host(**files("", cpu_dot_max=quota))).cpus == (expected or len(os.sched_getaffinity(0)))


def test_limits_of_the_older_cgroups_count_too(host):
    root = host(
        **{"proc/self/cgroup": "4:memory:/job\n2:cpu,cpuacct:/job\n1:name=systemd:/\n0::/\n"},
        **files(
            "memory/job/",
            memory_dot_limit_in_bytes=f"{700 * MIB}\n",
            memory_dot_usage_in_bytes=f"{500 * MIB}\n",
            memory_dot_stat=f"total_inactive_file {10 * MIB}\n",
        ),
        **files("memory/", memory_dot_limit_in_bytes="9223372036854771712\n"),
        **files("cpu/job/", cpu_dot_cfs_quota_us="100000\n", cpu_dot_cfs_period_us="100000\n"),
        **files("cpu/", cpu_dot_cfs_quota_us="-1\n", cpu_dot_cfs_period_us="100000\n"),
    )
    facts = read(root)
    assert (facts.memory_mb, facts.cpus) == (210, 1)


def test_this_host_can_be_read():
    facts = read_host()
    assert facts.cpus >= 1
    assert facts.memory_mb > 0


@pytest.mark.parametrize(
    ("variable", "shown"),
    [
        (None, [A, B, C]),
        ("", []),
        ("-1", []),
        ("NoDevFiles", []),
        ("1", [B]),
        ("2,0", [C, A]),
        ("0,7,1", [A]),
        (" 0 , 2 ", [A, C]),
        ("GPU-bbbb", [B]),
        ("GPU-cccccccc-1111,0", [C, A]),
        ("GPU-", []),
        ("GPU-dddd,0", []),
    ],
)
def test_gpus_hidden_by_the_variable_do_not_count_and_are_numbered_as_cuda_does(variable, shown):
    gpus = visible_gpus([A, B, C], variable)
    assert gpus == tuple(Gpu(index, one.name, 1000) for index, one in enumerate(shown))


class Driver:
    """The functions of the driver's library, for cards of 80 GiB."""

    def __init__(self, cards: int, *, status: int = 0) -> None:
        self._cards, self._status, self.shut_down = cards, status, 0

    def nvmlInit_v2(self) -> int:
        return 0

    def nvmlShutdown(self) -> int:
        self.shut_down += 1
        return 0

    def nvmlDeviceGetCount_v2(self, count: Any) -> int:
        count._obj.value = self._cards
        return self._status

    def nvmlDeviceGetHandleByIndex_v2(self, index: Any, device: Any) -> int:
        device._obj.value = 100 + index.value
        return 0

    def nvmlDeviceGetUUID(self, device: Any, text: Any, size: Any) -> int:
        text.value = f"GPU-{device.value}".encode()
        return 0

    def nvmlDeviceGetName(self, device: Any, text: Any, size: Any) -> int:
        text.value = b"NVIDIA H100"
        return 0

    def nvmlDeviceGetMemoryInfo(self, device: Any, memory: Any) -> int:
        memory._obj.total = 80 << 30
        return 0


def test_gpus_are_read_from_the_driver_and_it_is_let_go_of():
    driver = Driver(2)
    assert installed_gpus(lambda name: driver) == (
        NvmlGpu("GPU-100", "NVIDIA H100", 80 << 30),
        NvmlGpu("GPU-101", "NVIDIA H100", 80 << 30),
    )
    assert driver.shut_down == 1


def test_driver_that_answers_with_an_error_is_told_and_let_go_of():
    driver = Driver(2, status=999)
    with pytest.raises(Unavailable, match="nvmlDeviceGetCount_v2 with error 999"):
        installed_gpus(lambda name: driver)
    assert driver.shut_down == 1


def test_host_without_a_driver_has_no_gpu():
    def missing(name: str) -> Any:
        assert name == LIBRARY
        raise OSError("cannot open shared object file")

    assert installed_gpus(missing) == ()
