"""One person stays visible: loading, cropping and deciding, with a network of random weights.

Random weights know nobody: crops of one face are near each other because they are nearly the same picture, and a
checkerboard is far. Who is who in earnest needs the published weights, which are not here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from typer.testing import CliRunner, Result

from actors.catalogue import EngineChoice, build
from actors.face_embedding.embedding import EmbeddingRequest
from actors.face_embedding.facenet import FILE_NAME
from pipelines.media.poster import png
from schemas.errors import Unavailable
from serve.cli import app
from tests.clips import face_film


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from facenet_pytorch import InceptionResnetV1
    from safetensors.torch import save_file

    torch.manual_seed(7)
    folder = tmp_path_factory.mktemp("weights")
    state = InceptionResnetV1(pretrained=None).state_dict()
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, folder / FILE_NAME)
    return folder


@pytest.fixture
def portrait(tmp_path: Path) -> Path:
    path = tmp_path / "portrait.png"
    path.write_bytes(png(np.ascontiguousarray(skimage.data.astronaut()[:400, 80:420])))
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    face_film(path, seconds=2, width_px=320, height_px=180, bars=False)
    return path


@pytest.fixture
def keep(tmp_path: Path, weights: Path, film: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("VIDEO_WEIGHTS", str(weights))

    def keep(picture: Path) -> Result:
        words = ["anonymise", str(film), "--keep", str(picture), "--json", "--store", str(tmp_path / "store")]
        return CliRunner().invoke(app, words)

    return keep


def test_person_of_the_portrait_stays_visible_and_the_report_says_so(keep, portrait):
    report = json.loads(keep(portrait).stdout)["report"]
    assert [one["kept"] for one in report["tracks"]] == [True]
    assert (report["covered_frames"], report["at_risk"]) == (0, [])


def test_picture_without_a_face_is_no_portrait(keep, tmp_path):
    picture = tmp_path / "cup.png"
    picture.write_bytes(png(np.ascontiguousarray(skimage.data.coffee())))
    result = keep(picture)
    assert result.exit_code == 2
    assert "shows 0 faces" in result.stdout


def test_film_is_no_portrait(keep, film):
    result = keep(film)
    assert result.exit_code == 2
    assert "a portrait is a picture" in result.stdout


def test_embedding_is_of_length_one_and_the_same_in_any_batch(weights):
    engine = build(EngineChoice("face_embedding", "facenet_embedding", options={"weights": str(weights)}))
    engine.load()
    face = np.ascontiguousarray(skimage.data.astronaut()[40:200, 140:300])
    other = np.ascontiguousarray((np.indices((160, 160)).sum(axis=0) // 20 % 2 * 255)[..., None].repeat(3, 2), np.uint8)
    together = engine.infer([EmbeddingRequest(face), EmbeddingRequest(other), EmbeddingRequest(face)])
    [alone] = engine.infer([EmbeddingRequest(other)])
    assert np.linalg.norm(alone.vector) == pytest.approx(1, abs=1e-5)
    assert together[1].vector.tobytes() == alone.vector.tobytes()
    assert together[0].distance(together[2]) == 0 < together[0].distance(together[1])
    engine.close()


def test_file_that_holds_other_weights_is_refused(tmp_path):
    from safetensors.numpy import save_file

    save_file({"conv": np.zeros(3, np.float32)}, tmp_path / FILE_NAME)
    engine = build(EngineChoice("face_embedding", "facenet_embedding", options={"weights": str(tmp_path)}))
    with pytest.raises(Unavailable, match="does not hold the weights"):
        engine.load()


def test_converted_pickle_gives_the_same_network(tmp_path):
    import torch
    from facenet_pytorch import InceptionResnetV1

    from tools.convert_facenet import convert

    torch.manual_seed(3)
    network = InceptionResnetV1(pretrained=None, classify=True, num_classes=5).eval()
    pickled = tmp_path / "weights.pt"
    torch.save(network.state_dict(), pickled)
    convert(pickled, tmp_path / "weights")
    engine = build(EngineChoice("face_embedding", "facenet_embedding", options={"weights": str(tmp_path / "weights")}))
    engine.load()
    face = np.ascontiguousarray(skimage.data.astronaut()[40:200, 140:300])
    [found] = engine.infer([EmbeddingRequest(face)])
    network.classify = False
    with torch.inference_mode():
        pixels = (torch.from_numpy(face).float()[None].permute(0, 3, 1, 2) - 127.5) / 128
        assert np.allclose(network(pixels)[0].numpy(), found.vector, atol=1e-5)


def test_pickle_of_another_network_is_refused(tmp_path):
    import torch

    from tools.convert_facenet import convert

    torch.save({"conv2d_1a.conv.weight": torch.zeros(1)}, tmp_path / "other.pt")
    with pytest.raises(SystemExit, match="does not fit"):
        convert(tmp_path / "other.pt", tmp_path)
