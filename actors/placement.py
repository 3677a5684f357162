"""Where does an engine run, and does it fit? Requests are data, resolved against what the host has.

An unset device means CUDA where there is one. On CPUs every engine computes with a fixed number of threads, so that its
bytes do not depend on the machine's size; a larger machine runs more engines side by side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from actors.engine import Device, EngineSpec, Precision
from schemas.errors import InvalidInput, Unavailable

CPU_THREADS = 1
"""Threads of one engine on CPUs."""

GPU_PART = 0.9
"""Engines that share a GPU get this part of its memory together: contexts and fragments take the rest, and nothing
but this sum keeps one from taking the memory of another."""


@dataclass(frozen=True)
class Gpu:
    """One GPU of a host."""

    index: int
    """As CUDA numbers those that this process may see."""

    name: str
    memory_mb: int
    """All of it, whoever uses it."""


@dataclass(frozen=True)
class HostFacts:
    """What a host has to give."""

    cpus: int
    memory_mb: int
    """Memory that is free for us."""

    gpus: tuple[Gpu, ...] = ()


@dataclass(frozen=True)
class Placement:
    """Where and how one engine computes."""

    device: Device = "cpu"
    precision: Precision = "float32"
    threads: int = CPU_THREADS


def place(spec: EngineSpec, host: HostFacts, device: str = "") -> Placement:
    """The placement of an engine on a host.

    Args:
        spec: what it needs.
        host: what there is.
        device: `cpu`, `cuda`, or empty for CUDA where there is one and the engine can use it.

    Raises:
        InvalidInput: another word for a device.
        Unavailable: CUDA is asked for and there is none, or the engine does not fit.
    """
    if device not in ("", "cpu", "cuda"):
        raise InvalidInput(f"a device is 'cpu' or 'cuda', got {device!r}")
    if device == "cuda" and not (host.gpus and spec.vram_mb):
        why = "this host has no GPU" if spec.vram_mb else f"{spec.name} runs on CPUs alone"
        raise Unavailable(f"{spec.name} cannot run on 'cuda': {why}")
    if device != "cpu" and host.gpus and spec.vram_mb:
        roomiest = max(gpu.memory_mb for gpu in host.gpus)
        if spec.vram_mb > roomiest:
            raise Unavailable(f"{spec.name} needs {spec.vram_mb} MB of GPU memory, the largest here has {roomiest}")
        return Placement("cuda", "float16" if spec.half else "float32")
    if spec.memory_mb > host.memory_mb:
        raise Unavailable(f"{spec.name} needs {spec.memory_mb} MB of memory, {host.memory_mb} are free")
    return Placement()


def check_shared(specs: Sequence[EngineSpec], gpu: Gpu) -> None:
    """Whether several engines may share a GPU.

    Raises:
        Unavailable: together they need more than GPU_PART of its memory.
    """
    needed_mb, shared_mb = sum(spec.vram_mb for spec in specs), int(gpu.memory_mb * GPU_PART)
    if len(specs) > 1 and needed_mb > shared_mb:
        names = " + ".join(f"{spec.name} {spec.vram_mb}" for spec in specs)
        raise Unavailable(f"{names} MB of GPU memory do not fit into {shared_mb} of {gpu.memory_mb} on GPU {gpu.index}")


def gpu_share(spec: EngineSpec, host: HostFacts) -> float:
    """The part of a GPU that an engine asks Ray for, in (0, 1]: parts that add up to 1 pass `check_shared`.

    Ray chooses the GPU, so that the smallest one on which the engine fits decides.

    Raises:
        Unavailable: it fits on none.
    """
    fitting_mb = [gpu.memory_mb for gpu in host.gpus if gpu.memory_mb >= spec.vram_mb]
    if not fitting_mb:
        raise Unavailable(
            f"{spec.name} needs {spec.vram_mb} MB of GPU memory, here are {[g.memory_mb for g in host.gpus]}"
        )
    # Ray counts in steps of 0.0001.
    return min(1.0, math.ceil(spec.vram_mb / (min(fitting_mb) * GPU_PART) * 10_000) / 10_000)
