"""Which NVIDIA GPUs does this host have? Asked of the driver's library by ctypes, without a framework.

Source: https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceQueries.html
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from schemas.errors import Unavailable

LIBRARY = "libnvidia-ml.so.1"
TEXT_BYTES = 96
"""NVML_DEVICE_NAME_V2_BUFFER_SIZE and NVML_DEVICE_UUID_V2_BUFFER_SIZE."""


class _Memory(ctypes.Structure):
    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


@dataclass(frozen=True)
class NvmlGpu:
    """One GPU as the driver counts them, in PCI order."""

    uuid: str
    """`GPU-` and hexadecimal digits."""

    name: str
    memory_bytes: int
    """All of it, whoever uses it."""


def installed_gpus(load: Callable[[str], Any] = ctypes.CDLL) -> tuple[NvmlGpu, ...]:
    """The GPUs of this host, hidden ones included; none where there is no driver.

    Args:
        load: opens a shared library.

    Raises:
        Unavailable: there is a driver, and it answers with an error.
    """
    try:
        library = load(LIBRARY)
    except OSError:
        return ()
    with _session(library):
        count = ctypes.c_uint()
        _check(library.nvmlDeviceGetCount_v2(ctypes.byref(count)), "nvmlDeviceGetCount_v2")
        return tuple(_gpu(library, index) for index in range(count.value))


@contextmanager
def _session(library: Any) -> Iterator[None]:
    _check(library.nvmlInit_v2(), "nvmlInit_v2")
    try:
        yield
    finally:
        library.nvmlShutdown()


def _gpu(library: Any, index: int) -> NvmlGpu:
    device, memory = ctypes.c_void_p(), _Memory()
    uuid, name = ctypes.create_string_buffer(TEXT_BYTES), ctypes.create_string_buffer(TEXT_BYTES)
    for function, *arguments in (
        ("nvmlDeviceGetHandleByIndex_v2", ctypes.c_uint(index), ctypes.byref(device)),
        ("nvmlDeviceGetUUID", device, uuid, ctypes.c_uint(TEXT_BYTES)),
        ("nvmlDeviceGetName", device, name, ctypes.c_uint(TEXT_BYTES)),
        ("nvmlDeviceGetMemoryInfo", device, ctypes.byref(memory)),
    ):
        _check(getattr(library, str(function))(*arguments), f"{function} of GPU {index}")
    return NvmlGpu(uuid.value.decode(), name.value.decode(), int(memory.total))


def _check(status: int, what: str) -> None:
    if status != 0:
        raise Unavailable(f"the NVIDIA driver answers {what} with error {status}")
