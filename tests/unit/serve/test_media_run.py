"""What a run over films is told of its host."""

from __future__ import annotations

from functools import partial

import pytest

from actors.host_facts import read_host
from actors.nvml import NvmlGpu
from cluster.settings import EngineSettings, Settings
from pipelines.progress import Silent
from serve.desk import open_desk
from serve.media_run import Outcome, run_media


@pytest.mark.parametrize(("hidden", "shown"), [(None, ["card a", "card b"]), ("1", ["card b"]), ("", []), ("-1", [])])
def test_gpus_that_cuda_does_not_show_do_not_count(monkeypatch, tmp_path, hidden, shown):
    cards = [NvmlGpu("GPU-a", "card a", 1 << 34), NvmlGpu("GPU-b", "card b", 1 << 34)]
    monkeypatch.setattr("serve.media_run.read_host", partial(read_host, installed=lambda: cards))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if hidden is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    with open_desk(Settings.load(store=tmp_path)) as desk:
        [host] = run_media(desk, EngineSettings.load(), Silent(), lambda flow: [Outcome("host", flow.engines.host())])
    assert [gpu.name for gpu in host.result.gpus] == shown
