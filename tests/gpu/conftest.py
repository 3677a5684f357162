"""Tests that need a CUDA device: skipped without one, and failing with `TEST_REQUIRE_GPU=1`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import torch

from actors.host_facts import read_host
from actors.placement import HostFacts


@pytest.fixture(scope="session")
def gpu_host() -> HostFacts:
    """This host, with the GPUs that CUDA shows."""
    if not torch.cuda.is_available():
        if os.environ.get("TEST_REQUIRE_GPU") == "1":
            pytest.fail("TEST_REQUIRE_GPU=1, and PyTorch finds no CUDA device")
        pytest.skip("PyTorch finds no CUDA device")
    return read_host(os.environ.get("CUDA_VISIBLE_DEVICES"))


@pytest.fixture
def full_gpu(gpu_host: HostFacts) -> Iterator[None]:
    """A GPU of which this process may use next to nothing."""
    torch.cuda.empty_cache()
    torch.cuda.set_per_process_memory_fraction(1e-5)
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)
