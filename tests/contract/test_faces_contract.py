"""One suite over every faces engine: what a caller may rely on, whichever it gets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import skimage.data

from actors.catalogue import ENGINES, EngineChoice, build
from actors.engine import Engine
from actors.faces.detection import FaceDetections, FaceRequest
from schemas.errors import Unavailable

FACE = (173, 62, 277, 204)
"""The face in scikit-image's astronaut, by eye: left, top, right, bottom."""


def portrait(shift_px: int = 0, side_px: int = 512) -> FaceRequest:
    picture = np.roll(skimage.data.astronaut()[:side_px, :side_px], shift_px, axis=1)
    return FaceRequest(np.ascontiguousarray(picture), smallest_face_px=40)


def empty(height: int = 120, width: int = 160) -> FaceRequest:
    return FaceRequest(np.full((height, width, 3), 128, np.uint8), smallest_face_px=20)


@pytest.fixture(params=sorted(ENGINES["faces"]), scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine[FaceRequest, FaceDetections]]:
    engine = build(EngineChoice("faces", request.param))
    engine.load()
    yield engine
    engine.close()


def same(one: FaceDetections, other: FaceDetections) -> bool:
    arrays: Any = zip((one.boxes, one.confidences), (other.boxes, other.confidences), strict=True)
    return all(first.tobytes() == second.tobytes() for first, second in arrays)


def test_infer_gives_the_same_floats_alone_and_in_any_batch(engine):
    requests = [portrait(), empty(), portrait(60), portrait(0, 300), empty(90, 91), portrait(-40)]
    together = engine.infer(requests)
    alone = [engine.infer([one])[0] for one in reversed(requests)][::-1]
    assert [same(*both) for both in zip(together, alone, strict=True)] == [True] * 6


def test_infer_of_nothing_gives_nothing(engine):
    assert engine.infer([]) == []


@pytest.mark.parametrize(("height", "width"), [(1, 1), (11, 400), (400, 13), (24, 24)])
def test_picture_too_small_for_a_face_has_none(engine, height, width):
    [found] = engine.infer([empty(height, width)])
    assert found.boxes.shape == (0, 4)


def test_flat_picture_has_no_face(engine):
    assert [len(found.boxes) for found in engine.infer([empty()])] == [0]


def test_portrait_has_its_face_unless_it_is_a_stub_that_says_so(engine):
    [found] = engine.infer([portrait()])
    if engine.spec.backend_type == "stub":
        assert len(found.boxes) == 0
        return
    left, top, right, bottom = found.boxes[0]
    centre = ((left + right) / 2, (top + bottom) / 2)
    assert FACE[0] < centre[0] < FACE[2] and FACE[1] < centre[1] < FACE[3]
    assert found.confidences[0] > 0.9


def test_confidences_never_increase_and_lie_between_0_and_1(engine):
    for found in engine.infer([portrait(), portrait(30)]):
        assert (np.diff(found.confidences) <= 0).all()
        assert ((found.confidences >= 0) & (found.confidences <= 1)).all()


def test_digest_is_known_after_check_and_stays_the_same_when_loaded(engine):
    fresh = build(EngineChoice("faces", engine.spec.name))
    fresh.check()
    assert fresh.spec.digest == engine.spec.digest
    assert bool(fresh.spec.digest) == (engine.spec.backend_type == "real")


def test_infer_before_load_is_unavailable_and_close_harmless(engine):
    fresh = build(EngineChoice("faces", engine.spec.name))
    fresh.close()
    fresh.close()
    if engine.spec.backend_type == "real":
        with pytest.raises(Unavailable, match="not loaded"):
            fresh.infer([empty()])


def test_engine_that_stands_in_says_why():
    engine = build(EngineChoice("faces", "stub_face_detector", degraded="nobody else is here"))
    assert (engine.spec.backend_type, engine.spec.degraded) == ("stub", "nobody else is here")
