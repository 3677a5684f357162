"""Which checkpoint answers is found without loading it, and another one is another digest."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from actors.catalogue import choose
from actors.hosting import plan_hosting
from actors.placement import HostFacts
from actors.speech import sphinx, weights, whisper
from actors.speech.sphinx import PocketSphinxSpeech
from actors.speech.weights import find_whisper
from actors.speech.whisper import WhisperSpeech
from schemas.errors import InvalidInput, Unavailable

TINY = Path(__file__).resolve().parents[2] / "fixtures" / "tiny_whisper"


@pytest.fixture
def own(tmp_path) -> Path:
    """A copy of the tiny checkpoint that a test may spoil."""
    return Path(shutil.copytree(TINY, tmp_path / "weights" / "whisper-tiny"))


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch) -> list[str]:
    """No model of this machine's cache answers; the ids that were looked for."""
    asked: list[str] = []
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda hub_id, name: asked.append(hub_id))
    return asked


def test_find_size_looks_in_the_weights_folder(own):
    found = find_whisper("tiny", own.parent)
    assert (found.name, found.folder) == ("whisper-tiny", own)


def test_find_folder_takes_the_folder_and_names_it_without_its_path(own):
    found = find_whisper(str(own), None)
    assert (found.name, found.folder) == ("whisper-tiny", own)


def test_find_hub_id_looks_in_the_weights_folder_then_in_the_cache(own, monkeypatch):
    assert find_whisper("openai/whisper-tiny", own.parent).name == "openai/whisper-tiny"
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda hub_id, name: str(own / name))
    found = find_whisper("someone/whisper-mine", None)
    assert (found.name, found.folder) == ("someone/whisper-mine", own)


def test_find_missing_weights_says_where_to_put_them_and_how_to_fetch_them(tmp_path, empty_cache):
    with pytest.raises(Unavailable) as missing:
        find_whisper("small", tmp_path)
    assert str(tmp_path / "whisper-small") in missing.value.message
    assert "hf download openai/whisper-small" in missing.value.message
    assert empty_cache == ["openai/whisper-small"]


def test_find_turbo_is_the_large_model_of_that_name(tmp_path, empty_cache):
    with pytest.raises(Unavailable, match="whisper-large-v3-turbo"):
        find_whisper("turbo", tmp_path)


@pytest.mark.parametrize("model", ["huge", "../../no_such_folder", "a b", "", "tiny/../x/y"])
def test_find_name_that_is_none_is_refused_with_its_value(model, tmp_path):
    with pytest.raises(InvalidInput, match="is no folder, no hub id"):
        find_whisper(model or "nothing", tmp_path)


@pytest.mark.parametrize("name", ["config.json", "generation_config.json", "preprocessor_config.json"])
def test_find_folder_that_lacks_a_file_names_it(own, name):
    (own / name).unlink()
    with pytest.raises(Unavailable, match=rf"lacks {name}"):
        find_whisper(str(own), None)


def test_find_folder_without_safetensors_says_that_pickles_are_not_read(own):
    (own / "model.safetensors").rename(own / "pytorch_model.bin")
    with pytest.raises(Unavailable, match=r"lacks model.safetensors; pickled weights .* are not read"):
        find_whisper(str(own), None)


def test_find_folder_of_another_model_is_refused(own):
    (own / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(Unavailable, match="not that of a Whisper"):
        find_whisper(str(own), None)


def test_find_damaged_configuration_is_refused_by_name(own):
    (own / "generation_config.json").write_text("{")
    with pytest.raises(Unavailable, match=r"'generation_config.json' is not valid JSON"):
        find_whisper(str(own), None).digest()


def test_digest_is_the_same_for_the_same_files_elsewhere(own):
    assert find_whisper(str(own), None).digest() == find_whisper(str(TINY), None).digest()


def test_digest_of_trained_on_weights_is_another(own):
    """Training moves every tensor: one tensor that moved a little is enough."""
    before = find_whisper(str(own), None).digest()
    tensors = load_file(own / "model.safetensors")
    name = sorted(tensors)[5]
    tensors[name] = tensors[name] + np.asarray(0.001, tensors[name].dtype)
    save_file(tensors, own / "model.safetensors", metadata={"format": "pt"})
    assert find_whisper(str(own), None).digest() != before


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "generation_config.json"])
def test_digest_of_another_configuration_or_tokenizer_is_another(own, name):
    before = find_whisper(str(own), None).digest()
    (own / name).write_text((own / name).read_text() + "\n")
    assert find_whisper(str(own), None).digest() != before


def test_digest_of_cut_off_weights_is_refused_before_loading(own):
    whole = (own / "model.safetensors").read_bytes()
    (own / "model.safetensors").write_bytes(whole[:-1])
    with pytest.raises(Unavailable, match=rf"has {len(whole) - 1} bytes, its header says {len(whole)}"):
        WhisperSpeech(model=str(own)).check()


@pytest.mark.parametrize("raw", [b"", b"1234", b"\xff" * 16, b"\x02\x00\x00\x00\x00\x00\x00\x00[]"])
def test_digest_of_what_is_no_safetensors_file_is_refused(own, raw):
    (own / "model.safetensors").write_bytes(raw)
    with pytest.raises(Unavailable, match="is not a safetensors file"):
        WhisperSpeech(model=str(own)).check()


def test_sums_in_the_folder_are_compared_in_full_when_the_model_is_loaded(own):
    raw = bytearray((own / "model.safetensors").read_bytes())
    raw[-100_001] ^= 1
    (own / "model.safetensors").write_bytes(raw)
    with pytest.raises(Unavailable, match=r"'model.safetensors' has the SHA-256 .*SHA256SUMS says"):
        WhisperSpeech(model=str(own)).load()


def test_weights_that_change_between_check_and_load_are_not_loaded(own):
    engine = WhisperSpeech(model=str(own))
    engine.check()
    (own / "config.json").write_text((own / "config.json").read_text() + "\n")
    with pytest.raises(Unavailable, match="changed while they were in use"):
        engine.load()


def test_shards_are_found_by_their_index(own):
    (own / "model.safetensors").rename(own / "model-00001-of-00001.safetensors")
    index = {"weight_map": {"proj_out.weight": "model-00001-of-00001.safetensors"}}
    (own / "model.safetensors.index.json").write_text(json.dumps(index))
    assert [path.name for path in find_whisper(str(own), None).weights] == ["model-00001-of-00001.safetensors"]


def test_check_says_no_to_a_language_that_the_checkpoint_does_not_know():
    WhisperSpeech(model=str(TINY), language="de-AT").check()
    with pytest.raises(Unavailable, match="does not know the language 'fr'"):
        WhisperSpeech(model=str(TINY), language="fr").check()


@pytest.mark.parametrize("library", ["torch", "transformers", "safetensors"])
def test_check_without_a_library_is_unavailable_and_names_it(monkeypatch, library):
    monkeypatch.setattr(whisper, "find_spec", lambda name: None if name == library else object())
    with pytest.raises(Unavailable, match=f"needs {library}, which is not installed"):
        WhisperSpeech(model=str(TINY)).check()


def test_check_imports_neither_torch_nor_transformers():
    code = (
        "import sys; from actors.speech.whisper import WhisperSpeech; from actors.speech.sphinx import PocketSphinxSpeech;"
        f"e = WhisperSpeech(model={str(TINY)!r}); e.check(); PocketSphinxSpeech().check(); assert len(e.spec.digest) == 64;"
        "assert not {'torch', 'transformers', 'pocketsphinx', 'ray'} & set(sys.modules), sorted(sys.modules)"
    )
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True, timeout=60)


def test_sphinx_without_its_package_is_unavailable_and_says_so(monkeypatch):
    monkeypatch.setattr(sphinx, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match="pocketsphinx is not installed"):
        PocketSphinxSpeech().check()


def test_sphinx_asked_for_german_is_unavailable_before_anything_is_loaded():
    PocketSphinxSpeech(language="en-GB").check()
    with pytest.raises(Unavailable, match="knows English alone, not 'de'"):
        PocketSphinxSpeech(language="de").check()


def test_large_headers_are_not_believed(own):
    (own / "model.safetensors").write_bytes((weights.LONGEST_HEADER_BYTES + 1).to_bytes(8, "little") + b"{}")
    with pytest.raises(Unavailable, match="is not a safetensors file"):
        WhisperSpeech(model=str(own)).check()


def test_checkpoint_that_is_larger_than_the_memory_is_passed_over_and_planned_at_its_size(own):
    (own / "SHA256SUMS").unlink()
    header = json.dumps({"w": {"dtype": "F16", "shape": [1_500_000_000], "data_offsets": [0, 3_000_000_000]}}).encode()
    with (own / "model.safetensors").open("wb") as sparse:
        sparse.write(len(header).to_bytes(8, "little") + header)
        sparse.truncate(8 + len(header) + 3_000_000_000)
    options = {"model": str(own)}
    small = choose("speech", HostFacts(cpus=2, memory_mb=2000), options=options)
    assert small.backend == "pocketsphinx"
    assert "whisper_openai needs 6" in small.degraded
    large = choose("speech", HostFacts(cpus=2, memory_mb=16_000), options=options)
    assert large.backend == "whisper_openai"
    assert plan_hosting(large, HostFacts(cpus=2, memory_mb=16_000)).memory_bytes > 6 << 30
