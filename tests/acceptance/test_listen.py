"""`reelwright listen` and the routes of timelines, as a user types and sends them."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from actors import chunk_engine
from actors.speech import sphinx
from schemas.audio_semantic_timeline import AudioSemanticTimelineSummary
from tests.http_server import Server, served
from tests.media_desk import MediaDesk
from tools.annotated_music import Recipe, rendered
from tools.beatless_sounds import beatless

RATE_HZ = 16_000


def write_wave(path: Path, pcm: np.ndarray, rate_hz: int = RATE_HZ) -> Path:
    """float32 (N,) or (N, channels) as 16-bit PCM."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if pcm.ndim == 1 else pcm.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((np.clip(pcm, -1, 1) * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """8 s of music, 2 s of nothing, 8 s of somebody who talks."""
    music = rendered(Recipe.drawn(71_300, length_s=8.0, meter="4/4", drums="rock", tempo_bpm=110.0, lead_in_s=0.0)).pcm
    parts = [music[: 8 * RATE_HZ], np.zeros(2 * RATE_HZ, np.float32), beatless("talk", 71_301, 8.0)]
    return write_wave(tmp_path_factory.mktemp("sounds") / "programme.wav", np.concatenate(parts))


@pytest.fixture(scope="module")
def desk(programme: Path, tmp_path_factory: pytest.TempPathFactory) -> MediaDesk:
    """A store in which the programme was heard, with its document and plot beside it."""
    desk = MediaDesk(tmp_path_factory.mktemp("desk"))
    said = desk.call("listen", programme, "--json", desk.folder / "p.json", "--plot", desk.folder / "p.png")
    assert said.exit_code == 0, said.text
    return desk


def summary_of(path: Path) -> AudioSemanticTimelineSummary:
    return AudioSemanticTimelineSummary.read(path.read_bytes())


def test_programme_is_divided_and_its_meta_is_that_of_the_specification(desk, programme):
    found = summary_of(desk.folder / "p.json")
    assert [one.labels for one in found.sections] == [("music",), ("silence",), ("speech",)]
    assert [one.start_ms for one in found.sections] == [
        0,
        pytest.approx(8_000, abs=400),
        pytest.approx(10_000, abs=400),
    ]
    assert {one.kind for one in found.events} <= {"music", "silence", "speech", "other"}
    assert (found.events[0].start_ms, found.events[-1].end_ms, found.duration_ms) == (0, 18_000, 18_000)
    assert all(one.end_ms == other.start_ms for one, other in zip(found.events, found.events[1:], strict=False))
    beats = [one for one in found.beats if one.time_ms < 8_500]
    assert len(beats) == len(found.beats) and len(beats) >= 12
    assert found.rhythm.tempo_bpm == pytest.approx(110, rel=0.02)
    assert len(found.loudness.windows) == 18
    assert found.meta["semantic_version"] == "audio_semantic_v1"
    assert found.meta["speed_change_limit"] == 1.05
    key = found.meta["audio_semantic_cache_key"]
    assert key == f"t_local|dev|{found.asset_id}|None|True|True|300|1000|whisper_librosa_v2|local"
    dependencies = found.meta["backend_info"]["dependencies"]
    assert set(dependencies) == {"voice_activity", "sound_classes", "beats", "speech", "librosa", "whisper"}
    assert (dependencies["librosa"]["engine"], dependencies["whisper"]["engine"]) == ("beats", "speech")


def test_plot_is_a_picture_of_all_of_it(desk):
    with av.open(str(desk.folder / "p.png")) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert picture.shape[1] == 1600 and picture.std() > 20


def test_same_sound_is_the_same_artifact_in_another_store(desk, programme, tmp_path):
    other = MediaDesk(tmp_path)
    assert other.call("listen", programme, "--no-words").exit_code == 0
    heard = {one: kept for one, kept in desk.records().items() if one in other.records()}
    assert len([one for one in other.artifacts() if one.kind == "sound_evidence" and one.artifact_id in heard]) == 4
    assert all(other.records()[one] == kept for one, kept in heard.items())


PARAMETERS = (
    ("--no-beats",), ("--no-words",), ("--min-silence-ms", "900"), ("--loudness-window-ms", "250"), ("--language", "en"),
)  # fmt: skip


def test_every_parameter_is_another_timeline_and_nothing_is_heard_again(desk, programme):
    def kinds(kind: str) -> int:
        return sum(one.kind == kind for one in desk.artifacts())

    heard, timelines = kinds("sound_evidence"), kinds("audio_semantic_timeline")
    again = desk.call("listen", programme)
    assert "(as before)" in again.out
    assert kinds("audio_semantic_timeline") == timelines
    for words in PARAMETERS:
        first, second = desk.call("listen", programme, *words), desk.call("listen", programme, *words)
        assert "(as before)" not in first.out and "(as before)" in second.out, words
    assert kinds("audio_semantic_timeline") == timelines + len(PARAMETERS)
    assert kinds("sound_evidence") == heard, "loudness, voice activity, classes and beats were heard once"


def test_parameters_beyond_their_range_are_held_within_it(desk, programme):
    for given, held in (("1", 50), ("99999", 5_000)):
        desk.call("listen", programme, "--min-silence-ms", given, "--no-words", "--json", desk.folder / "h.json")
        assert summary_of(desk.folder / "h.json").meta["min_silence_ms"] == held
    desk.call("listen", programme, "--loudness-window-ms", "1", "--no-words", "--json", desk.folder / "h.json")
    assert summary_of(desk.folder / "h.json").meta["loudness_window_ms"] == 100


def test_missing_engine_gives_the_marked_stub(programme, tmp_path, monkeypatch):
    monkeypatch.setattr(chunk_engine, "find_spec", lambda name: None)
    desk = MediaDesk(tmp_path)
    said = desk.call("listen", programme, "--no-words", "--json", tmp_path / "s.json")
    assert said.exit_code == 0, said.text
    found = summary_of(tmp_path / "s.json")
    assert (found.meta["backend_type"], found.meta["semantic_version"]) == ("stub", "audio_semantic_stub_v1")
    errors = {name: one["error"] for name, one in found.meta["backend_info"]["dependencies"].items()}
    assert "torch, which is not installed" in errors["librosa"] and errors["librosa"] == errors["beats"]
    assert "torch" in errors["sound_classes"]
    assert "degraded: beats" in said.out


def test_missing_recognisers_give_the_marked_stub_for_words_alone(programme, tmp_path, monkeypatch):
    """Neither Whisper's weights nor PocketSphinx: nothing is written down, and all else is as before."""
    monkeypatch.setattr(sphinx, "find_spec", lambda name: None)
    monkeypatch.setenv("AUDIO_SEMANTIC_WHISPER_MODEL", "tiny")
    said = MediaDesk(tmp_path).call("listen", programme, "--json", tmp_path / "s.json")
    assert said.exit_code == 0, said.text
    found = summary_of(tmp_path / "s.json")
    dependencies = found.meta["backend_info"]["dependencies"]
    assert found.meta["backend_type"] == dependencies["speech"]["backend_type"] == "stub"
    assert dependencies["whisper"] == dependencies["speech"]
    assert "whisper-tiny" in dependencies["whisper"]["error"] and "pocketsphinx" in dependencies["whisper"]["error"]
    assert dependencies["beats"]["backend_type"] == "real" and found.beats


def test_stub_is_chosen_by_the_specifications_variable(programme, tmp_path, monkeypatch):
    monkeypatch.setenv("AUDIO_SEMANTIC_BACKEND", "stub")
    MediaDesk(tmp_path).call("listen", programme, "--json", tmp_path / "s.json")
    dependencies = summary_of(tmp_path / "s.json").meta["backend_info"]["dependencies"]
    assert {one["backend_type"] for one in dependencies.values()} == {"stub"}


def odd_sounds(folder: Path) -> dict[str, tuple[Path, float]]:
    """Name -> file, and its length in seconds."""
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(3 * 192_000) / 192_000).astype(np.float32)
    sounds = {
        "silence": (write_wave(folder / "silence.wav", np.zeros(5 * RATE_HZ, np.float32)), 5.0),
        "one second": (write_wave(folder / "second.wav", beatless("talk", 3, 1.0)), 1.0),
        "eight channels": (write_wave(folder / "eight.wav", np.repeat(beatless("talk", 4, 4.0)[:, None], 8, 1)), 4.0),
        "192 kHz": (write_wave(folder / "fast.wav", tone, 192_000), 3.0),
    }
    whole = folder / "whole.mp3"
    with av.open(str(whole), "w") as out:
        stream = out.add_stream("libmp3lame", rate=RATE_HZ, layout="mono")
        pcm = (beatless("talk", 5, 6.0) * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(pcm[None], format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    cut = folder / "cut.mp3"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    return {**sounds, "truncated mp3": (cut, 4.0)}


def test_odd_sounds_are_answered_properly(tmp_path):
    sounds = odd_sounds(tmp_path)
    desk, out = MediaDesk(tmp_path / "desk"), tmp_path / "out"
    for name, (path, length_s) in sounds.items():
        said = desk.call("listen", path, "--no-words", "--json", out / f"{path.stem}.json")
        assert said.exit_code == 0, f"{name}: {said.text}"
        found = summary_of(out / f"{path.stem}.json")
        assert found.duration_ms == pytest.approx(length_s * 1000, abs=150), name
        assert found.events[-1].end_ms == found.duration_ms, name
    silent = summary_of(out / "silence.json")
    assert [one.kind for one in silent.events] == ["silence"]
    assert (silent.loudness.integrated_lufs, silent.beats, silent.rhythm.stable) == (None, (), False)
    assert summary_of(out / "fast.json").loudness.true_peak_dbtp == pytest.approx(20 * np.log10(0.3), abs=0.3)


def test_cover_picture_is_no_film(shared_media, tmp_path):
    said = MediaDesk(tmp_path).call(
        "listen", shared_media / "music" / "vibe_ace.ogg", "--no-words", "--json", tmp_path / "v.json"
    )
    assert said.exit_code == 0, said.text
    found = summary_of(tmp_path / "v.json")
    assert found.duration_ms == pytest.approx(61_460, abs=60)
    assert found.sections[0].labels == ("music",)


@pytest.mark.parametrize(
    ("content", "named"),
    [(b"", "empty"), (b"no sound at all" * 100, "media"), (None, "")],
    ids=["empty", "text", "absent"],
)
def test_what_is_no_sound_is_refused(tmp_path, content, named):
    path = tmp_path / "x.wav"
    if content is not None:
        path.write_bytes(content)
    said = MediaDesk(tmp_path).call("listen", path)
    assert said.exit_code != 0
    assert "x.wav" in said.text and named in said.text


def test_plot_never_replaces_a_source(programme, desk):
    before = programme.read_bytes()
    said = desk.call("listen", programme, "--no-words", "--plot", programme)
    assert said.exit_code != 0 and "is a source" in said.text
    assert programme.read_bytes() == before


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with served(tmp_path_factory.mktemp("site") / "store", "t1") as server:
        yield server


@pytest.fixture(scope="module")
def analysed(server: Server, programme: Path) -> dict[str, Any]:
    """The programme, heard over HTTP."""
    asset = server.call("POST", "/media/v2/assets/upload?name=p.wav", content=programme.read_bytes()).json()
    body = {"tenant_id": "t1", "env": "dev", "asset_id": asset["artifact_id"], "transcribe": False}
    return posted(server, "/audio/semantic-timeline/analyze", body)


def posted(server: Server, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = server.call("POST", path, json=body, headers={"Prefer": "wait=60"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def clip(server: Server, asset_id: str, speed: dict[str, int] | None = None) -> dict[str, Any]:
    """A stored timeline whose clip `c1` is 5.0 to 12.0 s of the asset."""
    clip = {
        "clip_id": "c1", "start_ticks": 0, "duration_ticks": 175, "source_in_ticks": 125, "asset_id": asset_id,
        "source_rate": {"numerator": 25, "denominator": 1},
    } | ({"speed": speed} if speed else {})  # fmt: skip
    timeline = {
        "schema_version": "1.0.0", "timeline_id": "edit",
        "sequences": [{
            "sequence_id": "s1", "edit_rate": {"numerator": 25, "denominator": 1},
            "tracks": [{"track_id": "a1", "kind": "audio", "clips": [clip]}],
        }],
    }  # fmt: skip
    stored = server.call("POST", "/timelines", json=timeline)
    assert stored.status_code == 201, stored.text
    answer = server.call("GET", "/audio/semantic-timeline/by-clip/c1")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_timeline_is_fetched_as_it_was_stored_and_found_again(server, analysed):
    fetched = server.call("GET", f"/audio/semantic-timeline/{analysed['audio_semantic_artifact_id']}")
    assert fetched.json() == analysed["summary"]
    assert analysed["uri"] == f"artifact://t1/dev/{analysed['audio_semantic_artifact_id']}"
    assert (analysed["cache_hit"], analysed["meta"]["cache_hit"]) == (False, False)
    assert analysed["meta"]["backend_type"] == "whisper_librosa"


def test_clip_is_the_trimmed_timeline(server, analysed):
    whole = AudioSemanticTimelineSummary.model_validate(analysed["summary"])
    found = clip(server, whole.asset_id)
    cut = AudioSemanticTimelineSummary.model_validate(found["summary"])
    assert found["artifact_id"] == analysed["audio_semantic_artifact_id"]
    assert (cut.meta["clip_relative"], cut.meta["clip_window_ms"]) == (True, [5_000, 12_000])
    assert (cut.meta["speed_change"], cut.meta["speed_change_limited"]) == (1.0, False)
    assert [one.time_ms + 5_000 for one in cut.beats] == [
        one.time_ms for one in whole.beats if 5_000 <= one.time_ms < 12_000
    ]
    assert cut.events[0].start_ms == 0 and cut.events[-1].end_ms == 7_000
    faster = clip(server, whole.asset_id, {"numerator": 2, "denominator": 1})["summary"]["meta"]
    assert (faster["clip_window_ms"], faster["speed_change"], faster["speed_change_limited"]) == (
        [5_000, 18_000], 2.0, True
    )  # fmt: skip


def test_shots_follow_the_first_speech_and_echo_the_timeline(server, analysed):
    asset_id = analysed["summary"]["asset_id"]
    shot = {"source_asset_id": asset_id, "target_duration_ms": 3_000}
    body = {"tenant_id": "t1", "env": "dev", "shots": [shot, {**shot, "source_start_ms": 100}]}
    result = server.call("POST", "/audio/to-video-origin", json=body).json()
    first = next(one["start_ms"] for one in analysed["summary"]["events"] if one["kind"] == "speech")
    assert result["shots"][0]["source_start_ms"] == first == result["shots"][0]["meta"]["semantic_offset_ms"]
    assert result["shots"][1]["source_start_ms"] == 100
    key = analysed["meta"]["audio_semantic_cache_key"]
    assert result["meta"]["semantic_cache_key"] == result["shots"][0]["meta"]["semantic_cache_key"] == key


def test_another_tenant_sees_nothing(server, analysed):
    theirs = server.token("t2")
    asset_id, artifact_id = analysed["summary"]["asset_id"], analysed["audio_semantic_artifact_id"]
    foreign = server.call("GET", f"/audio/semantic-timeline/{artifact_id}", theirs)
    unknown = server.call("GET", "/audio/semantic-timeline/a_00000000000000000000000000000000", theirs)
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    body = {"tenant_id": "t1", "env": "dev", "asset_id": asset_id}
    assert server.call("POST", "/audio/semantic-timeline/analyze", theirs, json=body).status_code == 403
    own = body | {"tenant_id": "t2"}
    assert server.call("POST", "/audio/semantic-timeline/analyze", theirs, json=own).status_code == 404
    shots = {"tenant_id": "t2", "env": "dev", "shots": [{"source_asset_id": asset_id, "target_duration_ms": 1}]}
    assert server.call("POST", "/audio/to-video-origin", theirs, json=shots).status_code == 404


def test_timeline_is_asked_for_where_there_is_none(server, tmp_path):
    path = write_wave(tmp_path / "x.wav", beatless("noise", 9, 2.0))
    asset = server.call("POST", "/media/v2/assets/upload?name=x.wav", content=path.read_bytes()).json()["artifact_id"]
    shots = {"tenant_id": "t1", "env": "dev", "shots": [{"source_asset_id": asset, "target_duration_ms": 1}]}
    result = server.call("POST", "/audio/to-video-origin", json=shots).json()
    assert result["meta"]["missing_semantics"] == [asset]
    assert result["shots"][0]["meta"]["semantic_missing"] is True
    assert json.dumps(result).count("null") == 2, "no version and no key of a timeline that is not there"


@pytest.fixture(scope="module")
def mix(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A mix of two sources in three cuts with unrelated noise at its end, and the sources."""
    folder = tmp_path_factory.mktemp("mix")
    sounds = {
        name: rendered(Recipe.drawn(seed, length_s=30.0, lead_in_s=0.0)).pcm
        for name, seed in (("a", 71_401), ("b", 71_402))
    }
    cuts = [("a", 4, 10), ("b", 12, 20), ("a", 20, 27)]
    parts = [sounds[name][start * RATE_HZ : end * RATE_HZ] for name, start, end in cuts]
    whole = np.concatenate([*parts, 0.3 * beatless("noise", 71_403, 6.0)])
    files = {name: write_wave(folder / f"{name}.wav", pcm) for name, pcm in sounds.items()}
    return {**files, "mix": write_wave(folder / "mix.wav", whole)}


def test_mix_is_traced_to_its_sources_by_the_command(mix, tmp_path):
    desk = MediaDesk(tmp_path)
    found = desk.answer("origin", mix["mix"], mix["a"], mix["b"])
    known = [one for one in found["origins"]["stretches"] if one["source_asset_id"]]
    by_name = dict(zip("ab", found["origins"]["source_asset_ids"], strict=True))
    for one, (name, start_ms, source_ms) in zip(
        known, (("a", 0, 4_000), ("b", 6_000, 12_000), ("a", 14_000, 20_000)), strict=True
    ):
        assert one["source_asset_id"] == by_name[name]
        assert one["source_start_ms"] - one["start_ms"] == pytest.approx(source_ms - start_ms, abs=100)
        assert one["start_ms"] == pytest.approx(start_ms, abs=400)
    assert found["origins"]["known_ms"] == pytest.approx(21_000, abs=800)
    assert desk.answer("origin", mix["mix"], mix["a"], mix["b"])["cache_hit"] is True
    prints = [one for one in desk.artifacts() if one.kind == "sound_fingerprint"]
    assert len(prints) == 3, "each sound once"


def test_mix_cannot_be_its_own_source_nor_another_tenants(server, mix):
    sent = {
        name: server.call("POST", f"/media/v2/assets/upload?name={name}.wav", content=path.read_bytes()).json()[
            "artifact_id"
        ]
        for name, path in mix.items()
    }
    body = {"tenant_id": "t1", "env": "dev", "asset_id": sent["mix"], "source_asset_ids": [sent["mix"]]}
    refused = server.call("POST", "/audio/mix-origin", json=body, headers={"Prefer": "wait=60"})
    assert "cannot be a source of itself" in refused.text
    other = server.call(
        "POST", "/media/v2/assets/upload?name=o.wav", server.token("t2"), content=mix["a"].read_bytes() + b"\0\0"
    ).json()["artifact_id"]
    body["source_asset_ids"] = [other]
    foreign = server.call("POST", "/audio/mix-origin", json=body, headers={"Prefer": "wait=60"})
    assert "not_found" in foreign.text and foreign.status_code != 202
