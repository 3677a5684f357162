"""What has this host to give? CPUs, free memory and GPUs, read from the kernel and the driver, in milliseconds.

A container's limits count: cgroup v2, and v1 where a host still uses it. No framework is imported, and no GPU is
touched: CUDA, once asked, would not survive a fork.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from actors.nvml import NvmlGpu, installed_gpus
from actors.placement import Gpu, HostFacts

MIB = 1 << 20
NO_LIMIT = 1 << 60
"""Bytes; more than any machine has."""


def read_host(
    cuda_visible_devices: str | None = None,
    *,
    root: Path = Path("/"),
    installed: Callable[[], Sequence[NvmlGpu]] = installed_gpus,
) -> HostFacts:
    """The facts of this host, now.

    Args:
        cuda_visible_devices: the environment variable of that name, by which GPUs are hidden; None when it is unset.
        root: where `proc` and `sys` are mounted.
        installed: the GPUs of the host, hidden ones included.

    Raises:
        Unavailable: there is a driver of GPUs, and it answers with an error.
    """
    free_bytes = min(_available_bytes(root), *_free_in_cgroups(root))
    return HostFacts(
        cpus=max(1, math.floor(min(len(os.sched_getaffinity(0)), *_cpu_quotas(root)))),
        memory_mb=free_bytes // MIB,
        gpus=visible_gpus(installed(), cuda_visible_devices),
    )


def visible_gpus(installed: Sequence[NvmlGpu], cuda_visible_devices: str | None) -> tuple[Gpu, ...]:
    """The GPUs that CUDA shows, numbered as it numbers them.

    An entry is an index or the beginning of a UUID; what stands behind the first that is neither is hidden.
    Source: https://docs.nvidia.com/cuda/cuda-programming-guide/05-appendices/environment-variables.html
    """
    shown = installed if cuda_visible_devices is None else _listed(installed, cuda_visible_devices)
    return tuple(Gpu(index, gpu.name, gpu.memory_bytes // MIB) for index, gpu in enumerate(shown))


def _listed(installed: Sequence[NvmlGpu], entries: str) -> Iterator[NvmlGpu]:
    for entry in (part.strip() for part in entries.split(",")):
        if entry.isdecimal() and int(entry) < len(installed):
            yield installed[int(entry)]
            continue
        named = [gpu for gpu in installed if entry.startswith("GPU-") and gpu.uuid.startswith(entry)]
        if len(named) != 1:
            return
        yield named[0]


def _available_bytes(root: Path) -> int:
    for line in (root / "proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 0


def _free_in_cgroups(root: Path) -> Iterator[int]:
    """What each limited group above this process leaves; pages of files that the kernel can drop count as free."""
    yield NO_LIMIT
    for group in _groups(root, ""):
        limit = _number(group / "memory.max")
        if limit is not None:
            yield max(0, limit - (_number(group / "memory.current") or 0) + _droppable(group, "inactive_file"))
    for group in _groups(root, "memory"):
        limit = _number(group / "memory.limit_in_bytes")
        if limit is not None:
            used = _number(group / "memory.usage_in_bytes") or 0
            yield max(0, limit - used + _droppable(group, "total_inactive_file"))


def _cpu_quotas(root: Path) -> Iterator[float]:
    """CPUs that each limited group above this process may use."""
    yield math.inf
    for group in _groups(root, ""):
        quota, _, period = _text(group / "cpu.max").partition(" ")
        if quota.isdecimal():
            yield int(quota) / int(period)
    for group in _groups(root, "cpu"):
        quota_us, period_us = _number(group / "cpu.cfs_quota_us"), _number(group / "cpu.cfs_period_us")
        if quota_us is not None and period_us and quota_us > 0:
            yield quota_us / period_us


def _groups(root: Path, controller: str) -> Iterator[Path]:
    """Folders of this process's groups, itself first; `controller` names a tree of v1 and is empty for v2.

    In a container the path in /proc/self/cgroup may be one of the host, which is not mounted: only the tree's root is.
    """
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            tree = root / "sys/fs/cgroup" / controller
            own = tree / path.lstrip("/")
            yield from (group for group in (own, *own.parents) if group.is_dir() and group.is_relative_to(tree))


def _droppable(group: Path, key: str) -> int:
    for line in _text(group / "memory.stat").splitlines():
        name, _, value = line.partition(" ")
        if name == key:
            return int(value)
    return 0


def _number(path: Path) -> int | None:
    text = _text(path)
    return int(text) if text.removeprefix("-").isdecimal() else None


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""
