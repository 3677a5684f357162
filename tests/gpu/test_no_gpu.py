"""Engines that are placed on a GPU that is not there say so when they load, and the others stay."""

from __future__ import annotations

import pytest
import torch

from actors.catalogue import EngineChoice, build
from actors.placement import Placement
from schemas.errors import Unavailable
from tests.engine_samples import options_of


@pytest.mark.parametrize(
    ("family", "backend"),
    [("faces", "facenet_mtcnn"), ("face_embedding", "facenet_embedding"), ("speech", "whisper_openai")],
)
def test_engine_on_a_gpu_that_is_not_there_does_not_load_and_says_why(family, backend):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    engine = build(EngineChoice(family, backend, Placement("cuda"), options=options_of(family, backend)))
    with pytest.raises(Unavailable, match="finds no GPU"):
        engine.load()
    engine.close()
