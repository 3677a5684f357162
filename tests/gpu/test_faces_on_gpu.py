"""Faces and who they are, on a GPU as on a CPU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import skimage.data
import torch

from actors.catalogue import EngineChoice, build, choose
from actors.engine import Engine
from actors.faces.detection import FaceDetections, FaceRequest
from actors.placement import HostFacts
from pipelines.analysis.overlap import intersection_over_union
from schemas.errors import Unavailable
from tests.engine_samples import options_of, requests_of, same

SURE = 0.7
"""Confidence above which a face counts; weaker candidates may be found by one device alone."""

LIKE = 0.95
ALIKE = 0.999


@contextmanager
def loaded(choice: EngineChoice) -> Iterator[Engine[Any, Any]]:
    engine = build(choice)
    engine.load()
    try:
        yield engine
    finally:
        engine.close()
        torch.cuda.empty_cache()


@pytest.fixture(scope="module")
def on_gpu(gpu_host: HostFacts) -> Iterator[Engine[FaceRequest, FaceDetections]]:
    """MTCNN as the catalogue places it."""
    choice = choose("faces", gpu_host)
    assert (choice.backend, choice.placement.device, choice.placement.precision) == (
        "facenet_mtcnn", "cuda", "float32"
    )  # fmt: skip
    with loaded(choice) as engine:
        yield engine


@pytest.fixture(scope="module")
def on_cpu() -> Iterator[Engine[FaceRequest, FaceDetections]]:
    with loaded(EngineChoice("faces", "facenet_mtcnn")) as engine:
        yield engine


def pictures() -> list[FaceRequest]:
    """A portrait at several sizes and places, two of it beside each other, and pictures without a face."""
    person = skimage.data.astronaut()
    both = np.concatenate([person[:320, 60:380], person[:320, 60:380][:, ::-1]], axis=1)
    noise = np.random.default_rng(5).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    made = (person, person[::2, ::2], person[:, ::-1], both, noise, skimage.data.coffee())
    return [FaceRequest(np.ascontiguousarray(picture), smallest_face_px=40) for picture in made]


def sure(found: Sequence[FaceDetections]) -> list[np.ndarray]:
    return [one.boxes[one.confidences >= SURE] for one in found]


def test_mtcnn_finds_the_same_faces_on_a_gpu(on_gpu, on_cpu):
    there, here = sure(on_gpu.infer(pictures())), sure(on_cpu.infer(pictures()))
    assert [len(boxes) for boxes in there] == [len(boxes) for boxes in here]
    assert sum(len(boxes) for boxes in here) >= 5
    for boxes, expected in zip(there, here, strict=True):
        if len(expected):
            assert (intersection_over_union(expected, boxes).max(axis=1) >= LIKE).all()


def test_mtcnn_on_a_gpu_gives_the_same_floats_alone_and_in_any_batch(on_gpu):
    together = on_gpu.infer(pictures())
    assert same(together, [on_gpu.infer([one])[0] for one in pictures()])
    assert same(together, on_gpu.infer(pictures()[::-1])[::-1])


def test_identity_tells_the_devices_apart(on_gpu, on_cpu):
    assert on_gpu.spec.backend() != on_cpu.spec.backend()
    assert on_gpu.spec.digest == on_cpu.spec.digest


def test_embeddings_are_the_same_on_a_gpu(gpu_host):
    options = options_of("face_embedding", "facenet_embedding")
    choice = choose("face_embedding", gpu_host, options=options)
    assert (choice.placement.device, choice.placement.precision) == ("cuda", "float32")
    vectors = []
    for one in (choice, EngineChoice("face_embedding", "facenet_embedding", options=options)):
        with loaded(one) as engine:
            vectors.append([found.vector for found in engine.infer(requests_of("face_embedding"))])
    for there, here in zip(*vectors, strict=True):
        assert np.linalg.norm(there) == pytest.approx(1, abs=1e-3)
        assert float(there @ here) >= ALIKE


def test_full_gpu_is_unavailable_and_says_so(on_gpu, full_gpu):
    large = FaceRequest(np.zeros((2000, 2000, 3), np.uint8), smallest_face_px=20)
    with pytest.raises(Unavailable, match="facenet_mtcnn finds no room in the memory of the GPU"):
        on_gpu.infer([large])


def test_engine_that_does_not_fit_into_what_is_left_does_not_load(full_gpu, gpu_host):
    options = options_of("face_embedding", "facenet_embedding")
    engine = build(choose("face_embedding", gpu_host, options=options))
    with pytest.raises(Unavailable, match="facenet_embedding finds no room in the memory of the GPU"):
        engine.load()
    engine.close()
