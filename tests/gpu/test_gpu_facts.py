"""What the driver tells of the GPUs is what CUDA has."""

from __future__ import annotations

import pytest
import torch

from actors.host_facts import read_host
from actors.nvml import installed_gpus

MIB = 1 << 20


def test_gpus_are_those_of_cuda_in_its_order(gpu_host):
    assert [gpu.index for gpu in gpu_host.gpus] == list(range(torch.cuda.device_count()))
    for gpu in gpu_host.gpus:
        known = torch.cuda.get_device_properties(gpu.index)
        assert gpu.name == known.name
        # CUDA leaves out what the driver keeps for itself.
        assert gpu.memory_mb == pytest.approx(known.total_memory / MIB, rel=0.05)


def test_uuids_are_unique_and_name_their_gpu(gpu_host):
    installed = installed_gpus()
    assert len({gpu.uuid for gpu in installed}) == len(installed) >= len(gpu_host.gpus)
    for gpu in installed:
        assert [one.name for one in read_host(gpu.uuid).gpus] == [gpu.name]


def test_hidden_gpus_do_not_count(gpu_host):
    assert read_host("").gpus == read_host("-1").gpus == ()
