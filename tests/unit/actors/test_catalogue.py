"""Which engine answers, who stands in for it, and that a stub never passes for the real one."""

from __future__ import annotations

import importlib.util
import logging
import pickle
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

from actors import catalogue
from actors.catalogue import ENGINES, EngineChoice, build, choose, open_engine
from actors.faces.mtcnn import MtcnnFaces
from actors.faces.opencv import OpencvFaces
from actors.placement import Gpu, HostFacts, Placement
from actors.speech.transcription import TranscribeRequest
from actors.voices import espeak
from actors.voices.natives import EspeakFiles
from schemas.errors import InvalidInput, Unavailable
from schemas.speech import SpeechRequest

HOST = HostFacts(cpus=2, memory_mb=8000)
GPU_HOST = HostFacts(2, 8000, (Gpu(0, "card", 80_000),))
TINY = Path(__file__).resolve().parents[2] / "fixtures" / "tiny_whisper"


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes packages look as if they were not installed."""

    def hide(*names: str) -> None:
        known_version, known_spec = metadata.version, importlib.util.find_spec

        def version(name: str) -> str:
            if name in names:
                raise metadata.PackageNotFoundError(name)
            return known_version(name)

        def find_spec(name: str):
            return None if name in names else known_spec(name)

        monkeypatch.setattr("actors.packages.version", version)
        for module in (
            "faces.opencv",
            "speech.sphinx",
            "speech.whisper",
            "voice_activity.silero",
            "chunk_engine",
        ):
            monkeypatch.setattr(f"actors.{module}.find_spec", find_spec)

    return hide


@pytest.fixture(autouse=True)
def no_downloaded_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """No Whisper of this machine's cache answers."""
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda hub_id, name: None)


@pytest.mark.parametrize("family", ENGINES)
def test_stubs_come_last(family):
    kinds = [backend.spec.backend_type for backend in ENGINES[family].values()]
    assert kinds == sorted(kinds)
    assert kinds[0] == "real"


OPENCV, TORCH = "opencv-python-headless", "torch"
CV2 = (OPENCV, "cv2")


@pytest.mark.parametrize(
    ("family", "missing", "chosen", "passed_over"),
    [
        ("beats", (), "tcn_beats", ()),
        ("beats", (TORCH,), "stub_beats", ("tcn_beats",)),
        ("faces", (), "facenet_mtcnn", ()),
        ("faces", (TORCH,), "opencv_face_detector", ("facenet_mtcnn",)),
        ("faces", ("facenet-pytorch",), "opencv_face_detector", ("facenet_mtcnn",)),
        ("faces", CV2, "stub_face_detector", ("facenet_mtcnn", "opencv_face_detector")),
        ("sound_classes", (), "conv_sound_classes", ()),
        ("sound_classes", (TORCH,), "stub_sound_classes", ("conv_sound_classes",)),
        ("speech", (), "pocketsphinx", ("whisper_openai",)),
        ("speech", (TORCH,), "pocketsphinx", ("whisper_openai",)),
        ("speech", ("pocketsphinx",), "stub_captions", ("whisper_openai", "pocketsphinx")),
        ("visual", (), "opencv_visual_meta", ()),
        ("visual", CV2, "stub_visual_meta", ("opencv_visual_meta",)),
        ("voice_activity", (), "silero_vad", ()),
        ("voice_activity", (TORCH,), "stub_voice_activity", ("silero_vad",)),
        ("voice_activity", ("silero_vad",), "stub_voice_activity", ("silero_vad",)),
    ],
)
def test_next_of_the_family_stands_in_for_what_is_missing_and_says_why(without, family, missing, chosen, passed_over):
    without(*missing)
    choice = choose(family, HOST)
    assert choice.backend == chosen
    reasons = choice.degraded.split("; ") if choice.degraded else []
    found = [reason.partition(" is not available: ") for reason in reasons if " is not available: " in reason]
    assert tuple(name for name, _, _ in found) == passed_over
    assert all(why for _, _, why in found)
    assert build(choice).spec.degraded == choice.degraded


@pytest.mark.parametrize(
    ("family", "missing", "named"),
    [
        ("beats", (TORCH,), "torch, which is not installed"),
        ("faces", (TORCH,), "'torch'"),
        ("faces", CV2, "opencv-python-headless"),
        ("sound_classes", (TORCH,), "torch, which is not installed"),
        ("speech", (), "weights of 'whisper-tiny'"),
        ("speech", ("transformers",), "transformers, which is not installed"),
        ("speech", ("pocketsphinx",), "pocketsphinx is not installed"),
        ("visual", CV2, "opencv-python-headless"),
        ("voice_activity", (TORCH,), "torch, which is not installed"),
    ],
)
def test_reason_names_what_is_missing(without, family, missing, named):
    without(*missing)
    assert named in choose(family, HOST).degraded


def test_language_that_an_engine_does_not_know_passes_it_over():
    choice = choose("speech", HOST, options={"language": "de"})
    assert choice.backend == "stub_captions"
    assert "pocketsphinx knows English alone, not 'de'" in choice.degraded
    [heard] = build(choice).infer([TranscribeRequest(np.zeros(1600, np.float32), "de")])
    assert (heard.backend.backend_type, heard.backend.degraded) == ("stub", choice.degraded)


def test_stand_in_gets_those_options_that_it_has():
    choice = choose("speech", HOST, options={"model": "base", "weights": "nowhere", "language": "en"})
    assert (choice.backend, choice.options) == ("pocketsphinx", {"language": "en"})
    assert "whisper-base" in choice.degraded


def test_whisper_is_chosen_where_its_weights_are():
    choice = choose("speech", HOST, options={"model": str(TINY)})
    assert (choice.backend, choice.degraded) == ("whisper_openai", "")


def test_nobody_stands_in_for_who_somebody_is(without):
    with pytest.raises(Unavailable, match=r"no face_embedding engine is available: .*convert_facenet"):
        choose("face_embedding", HOST)


@pytest.mark.parametrize("family", [family for family in ENGINES if len(ENGINES[family]) > 1])
def test_lesser_engine_that_is_asked_for_is_no_stand_in(family):
    last = list(ENGINES[family])[-1]
    choice = choose(family, HOST, backend=last)
    assert (choice.backend, choice.degraded) == (last, "")


def test_engine_that_does_not_fit_into_the_memory_is_passed_over():
    choice = choose("faces", HostFacts(cpus=2, memory_mb=300))
    assert choice.backend == "opencv_face_detector"
    assert "facenet_mtcnn needs 900 MB of memory, 300 are free" in choice.degraded


def test_cuda_without_a_gpu_passes_the_engine_over_and_the_stand_in_runs_on_cpus():
    choice = choose("faces", HOST, device="cuda")
    assert (choice.backend, choice.placement) == ("opencv_face_detector", Placement("cpu"))
    assert "cannot run on 'cuda': this host has no GPU" in choice.degraded


@pytest.mark.parametrize(
    ("family", "device", "expected"),
    [
        ("faces", "", Placement("cuda", "float32")),
        ("faces", "cpu", Placement("cpu", "float32")),
        ("visual", "", Placement("cpu", "float32")),
        ("voice_activity", "", Placement("cpu", "float32")),
    ],
)
def test_gpu_is_taken_by_engines_that_can_use_it_unless_told_otherwise(family, device, expected):
    assert choose(family, GPU_HOST, device=device).placement == expected


def test_whisper_computes_in_half_precision_on_a_gpu():
    choice = choose("speech", GPU_HOST, options={"model": str(TINY)})
    assert choice.placement == Placement("cuda", "float16")


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"family": "smell"}, r"no engine family 'smell'; known are beats, face_embedding, faces"),
        ({"backend": "retinaface"}, r"no backend 'retinaface'; known are facenet_mtcnn, opencv_face_detector"),
        ({"options": {"colour": 1}}, r"facenet_mtcnn takes no option 'colour'"),
        ({"device": "tpu"}, r"'cpu' or 'cuda', got 'tpu'"),
        ({"family": "speech", "options": {"model": "enormous"}}, r"'enormous' is no folder"),
    ],
)
def test_what_nobody_can_mean_is_refused_and_not_stood_in_for(asked, named):
    with pytest.raises(InvalidInput, match=named):
        choose(**{"family": "faces", "host": HOST, **asked})


def test_engine_that_is_there_and_does_not_load_is_passed_over_when_it_is_opened(monkeypatch, caplog):
    def refuses(engine: MtcnnFaces) -> None:
        raise Unavailable("its networks are upside down")

    monkeypatch.setattr(MtcnnFaces, "load", refuses)
    with caplog.at_level(logging.WARNING, "actors.catalogue"):
        engine = open_engine("faces", HOST)
    assert isinstance(engine, OpencvFaces)
    assert engine.spec.degraded == "facenet_mtcnn is not available: its networks are upside down"
    assert "faces falls back to opencv_face_detector" in caplog.text


@pytest.mark.parametrize(("family", "backend"), [(family, name) for family in ENGINES for name in ENGINES[family]])
def test_choice_crosses_process_borders_and_builds_the_same_engine(family, backend):
    choice = EngineChoice(family, backend, degraded="for this test")
    again = pickle.loads(pickle.dumps(choice))  # noqa: S301 - our own bytes
    assert again == choice
    assert build(again).spec == build(choice).spec
    assert (build(again).spec.name, build(again).spec.degraded) == (backend, "for this test")


def test_open_voices_gives_espeak_where_it_loads():
    engine = catalogue.open_voices()
    assert (engine.spec.name, engine.spec.degraded) == ("espeak-ng", "")


def test_open_voices_without_espeak_gives_a_stub_that_says_so(monkeypatch):
    monkeypatch.setattr(espeak, "espeak_files", lambda: EspeakFiles(Path("nowhere.so"), Path("nowhere")))
    engine = catalogue.open_voices()
    [line] = engine.infer([SpeechRequest(text="Hello")])
    assert line.speech.backend.backend_type == "stub"
    assert "espeak-ng" in line.speech.backend.degraded
    assert engine.spec.degraded == line.speech.backend.degraded
