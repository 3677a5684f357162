"""Where does an engine run, and does it fit? Requests are data, resolved against what the host has.

An unset device means CUDA where there is one. On CPUs every engine computes with a fixed number of threads, so that its
bytes do not depend on the machine's size; a larger machine runs more engines side by side.
"""

from __future__ import annotations

from dataclasses import dataclass

from actors.engine import Device, EngineSpec, Precision
from schemas.errors import InvalidInput, Unavailable

CPU_THREADS = 1
"""Threads of one engine on CPUs."""


@dataclass(frozen=True)
class Gpu:
    """One GPU of a host."""

    index: int
    name: str
    memory_mb: int


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
