"""One suite over every visual meta engine: what a caller may rely on, whichever it gets."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import numpy as np
import pytest

from actors.engine import Engine
from actors.visual.opencv import OpencvVisualMeta
from actors.visual.signals import SIGNALS, FrameSignals, SignalTrack, ThumbPair, joined, measured
from actors.visual.stub import StubVisualMeta
from tests.shot_films import grain, shot, thumbs_of

VisualEngine = Engine[ThumbPair, FrameSignals]

FRAMES = np.concatenate([grain(shot("coffee.png", 5, speed=(2, 0)), 3), shot("rocket.jpg", 3)])
THUMBS = thumbs_of(FRAMES)
PAIRS = [ThumbPair(*pair) for pair in zip([None, *THUMBS], THUMBS, strict=False)]


@pytest.fixture(params=[OpencvVisualMeta, StubVisualMeta], ids=["opencv", "stub"])
def engine(request: pytest.FixtureRequest) -> Iterator[VisualEngine]:
    made: VisualEngine = request.param()
    made.load()
    yield made
    made.close()


def signals(engine: VisualEngine, pairs: list[ThumbPair]) -> np.ndarray:
    return np.frombuffer(b"".join(one.record for one in engine.infer(pairs)), SIGNALS)


def test_infer_gives_one_result_per_pair_in_order(engine):
    found = signals(engine, PAIRS)
    assert len(found) == len(PAIRS)
    for pair, one in zip(PAIRS, found, strict=True):
        assert one["luma"].mean() == pytest.approx(pair.current.luma.mean(), abs=4)


def test_infer_gives_the_same_bytes_alone_and_in_a_batch(engine):
    together = engine.infer(PAIRS)
    assert [engine.infer([pair])[0] for pair in PAIRS] == together
    assert engine.infer(PAIRS[::-1])[::-1] == together


def test_infer_of_nothing_is_nothing(engine):
    assert engine.infer([]) == []


def test_another_engine_of_the_same_kind_gives_the_same_bytes(engine):
    other = type(engine)()
    other.load()
    assert other.infer(PAIRS) == engine.infer(PAIRS)


def test_first_frame_and_cut_are_suspect_and_a_repeated_frame_is_not(engine):
    found = engine.infer([*PAIRS, ThumbPair(THUMBS[-1], THUMBS[-1])])
    assert found[0].suspect
    assert found[5].suspect
    assert not found[-1].suspect


def test_results_survive_a_process_border(engine):
    found = engine.infer(PAIRS)
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301


def test_stretches_join_into_what_one_pass_gives(engine):
    frames = list(enumerate(THUMBS))
    parts = [measured(frames[:3], engine.infer, 2), measured(frames[3:], engine.infer, 2)]
    whole: SignalTrack = measured(frames, engine.infer, 8)
    assert joined(parts, engine.infer).signals.tobytes() == whole.signals.tobytes()


def test_spec_names_the_backend_and_says_what_it_is(engine):
    assert engine.spec.backend_type == ("stub" if "stub" in engine.spec.name else "real")
    assert type(engine)(degraded="because").spec.degraded == "because"


def test_check_fills_the_digest_of_an_engine_that_computes(engine):
    engine.check()
    assert len(engine.spec.digest) == (0 if engine.spec.backend_type == "stub" else 64)


def test_close_is_harmless_twice_and_before_load(engine):
    fresh = type(engine)()
    fresh.close()
    fresh.close()
