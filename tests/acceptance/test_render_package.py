"""RenderPackage v1 as a client sends it: three documents in, the very film out that `reelwright run` makes."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.http_server import Server, served

ROUTE = "/v1/render-packages"
KINDS = {"shotlist_ref": "ShotList", "asset_manifest_ref": "AssetManifest", "render_plan_ref": "RenderPlan"}
SCRIPT = """\
Title: Small Hours

INT. KITCHEN - NIGHT

Rain on the window. ANNA holds a LANTERN.

ANNA
Is anybody there?

BEN (O.S.)
Only the wind, and the old door.
"""


def render(server: Server, package: dict[str, Any], **given: Any) -> Any:
    return server.call("POST", ROUTE, json=package, headers={"Prefer": "wait=60"}, **given)


def content(server: Server, uri: str) -> bytes:
    artifact_id = uri.rpartition("/")[2]
    return bytes(server.call("GET", f"/media/v2/artifacts/{artifact_id}/content").content)


@dataclass(frozen=True)
class Episode:
    """What `reelwright run` left: the folder, and where its documents stand."""

    out: Path
    store: Path
    refs: dict[str, str]

    def document(self, kind: str) -> dict[str, Any]:
        return dict(json.loads((self.out / f"{kind}.json").read_text()))

    def bytes_of(self, name: str) -> bytes:
        return (self.out / name).read_bytes()


@pytest.fixture(scope="module")
def episode(tmp_path_factory: pytest.TempPathFactory, studio_at: Any) -> Episode:
    studio = studio_at(tmp_path_factory.mktemp("studio"))
    report = studio.run(studio.write(SCRIPT))
    assert report.status == "completed", report.error
    lineage = {
        one["document"]: one["uri"] for one in json.loads((studio.out / "RenderOutput.json").read_text())["lineage"]
    }
    return Episode(studio.out, studio.store, {field: lineage[kind] for field, kind in KINDS.items()})


@pytest.fixture(scope="module")
def server(episode: Episode) -> Iterator[Server]:
    with served(episode.store, "t_local") as one:
        yield one


def package(inputs: dict[str, Any], **fields: Any) -> dict[str, Any]:
    request_id = str(uuid.uuid4())
    return {
        "schema_version": "1.0.0", "request_id": request_id, "idempotency_key": f"key {request_id}",
        "tenant_id": "t_local", "env": "dev", "render_profile": "preview_local", "inputs": inputs,
        "desired_outputs": ["video", "captions", "audio_stems", "run_summary"], **fields,
    }  # fmt: skip


def inline(episode: Episode) -> dict[str, Any]:
    return {field: episode.document(kind) for field, kind in KINDS.items()}


def test_package_of_references_gives_the_film_of_the_run_without_making_anything(server, episode):
    answer = render(server, package(episode.refs))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["status"], body["errors"]) == ("completed", [])
    assert content(server, body["artifact_uris"]["video"]) == episode.bytes_of("episode.mp4")
    assert content(server, body["artifact_uris"]["captions"]) == episode.bytes_of("captions.srt")
    stages = body["run_summary"]["stages"]
    assert {name for name, stage in stages.items() if stage["misses"]} <= {"render_output"}
    assert body["run_summary"]["publishable"] is True


def test_package_of_inline_documents_in_an_empty_store_gives_the_same_bytes(episode, tmp_path):
    with served(tmp_path / "elsewhere", "t_local") as fresh:
        body = render(fresh, package(inline(episode))).json()
        assert (body["status"], body["errors"]) == ("completed", [])
        files = {
            "video": "episode.mp4", "poster": "poster.png", "captions": "captions.srt", "captions_vtt": "captions.vtt",
            "audio_stems.dialogue": "stems/dialogue.wav", "audio_stems.music": "stems/music.wav",
            "audio_stems.effects": "stems/effects.wav",
        }  # fmt: skip
        for output, name in files.items():
            expected = episode.bytes_of(name)
            assert content(fresh, body["artifact_uris"][output]) == expected, output
            assert body["lineage_hashes"][output] == hashlib.sha256(expected).hexdigest()
    for name, kind in (("shotlist", "ShotList"), ("asset_manifest", "AssetManifest"), ("render_plan", "RenderPlan")):
        assert body["lineage_hashes"][name] == hashlib.sha256(episode.bytes_of(f"{kind}.json")).hexdigest()


def test_only_what_is_wanted_is_made(episode, tmp_path):
    with served(tmp_path / "elsewhere", "t_local") as fresh:
        captions = render(fresh, package(inline(episode), desired_outputs=["captions"])).json()
        stems = render(fresh, package(inline(episode), desired_outputs=["audio_stems", "run_summary"])).json()
    assert set(captions["artifact_uris"]) == {"captions", "captions_vtt"}
    assert captions["run_summary"] is None
    assert set(stems["artifact_uris"]) == {f"audio_stems.{one}" for one in ("dialogue", "music", "effects")}
    assert "segment" not in stems["run_summary"]["stages"]


def test_replay_answers_the_stored_result_and_another_body_is_refused(server, episode):
    wanted = package(episode.refs, desired_outputs=["captions"])
    first, again = render(server, wanted), render(server, wanted)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json() == again.json()
    other = render(server, {**wanted, "desired_outputs": ["video"]})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    twice = render(server, {**wanted, "idempotency_key": "another"})
    assert (twice.status_code, twice.json()["code"]) == (409, "conflict")


def test_key_and_request_of_another_tenant_are_invisible(server, episode):
    wanted = package(episode.refs, desired_outputs=["captions"])
    render(server, wanted)
    theirs = server.token("t2")
    stolen = render(server, {**wanted, "tenant_id": "t2"}, token=theirs)
    assert (stolen.status_code, stolen.json()["code"]) == (422, "invalid_input")
    unknown = render(
        server,
        {**wanted, "tenant_id": "t2", "inputs": {name: uri[:-4] + "0000" for name, uri in episode.refs.items()}},
        token=theirs,
    )
    assert unknown.json()["detail"].replace("0000'", "X'") == stolen.json()["detail"].replace(
        episode.refs["shotlist_ref"][-4:] + "'", "X'"
    )
    foreign = server.call("GET", f"{ROUTE}/{wanted['request_id']}", theirs)
    never = server.call("GET", f"{ROUTE}/{uuid.uuid4()}", theirs)
    assert foreign.status_code == never.status_code == 404


def test_package_in_anothers_name_is_refused(server, episode):
    for wrong in ({"tenant_id": "t2"}, {"env": "prod"}):
        answer = render(server, package(episode.refs, **wrong))
        assert (answer.status_code, answer.json()["code"]) == (403, "tenant_mismatch")


def test_who_does_not_wait_asks_for_the_request_later(server, episode):
    wanted = package(episode.refs, desired_outputs=["captions"], logging_options={"trace_level": "item"})
    answer = server.call("POST", ROUTE, json=wanted)
    assert answer.status_code == 202
    assert answer.json()["status"] in ("queued", "in_progress")
    server.call("GET", f"/jobs/{answer.json()['job_id']}/events")  # until it has ended
    body = server.call("GET", answer.headers["Location"]).json()
    assert body["status"] == "completed"
    assert body["artifact_uris"]["captions"].startswith("artifact://t_local/dev/a_")


def test_plan_says_what_would_be_reused_and_stores_nothing(server, episode, tmp_path):
    before = server.call("GET", "/media/v2/artifacts?limit=500").json()
    warm = server.call("POST", f"{ROUTE}/plan", json=package(episode.refs), headers={"Prefer": "wait=60"}).json()
    assert server.call("GET", "/media/v2/artifacts?limit=500").json() == before
    assert warm["valid"] is True
    assert warm["stages"]["segment"]["make"] == 0
    assert warm["stages"]["segment"]["reuse"] > 0
    assert warm["estimated_cost_usd"] == 0
    gates = {one["gate"]: one["status"] for one in warm["gates"]}
    assert gates["rights_license"] == gates["content_safety"] == gates["missing_assets"] == "passed"
    assert gates["audio_loudness"] == "after_render"
    with served(tmp_path / "elsewhere", "t_local") as fresh:
        cold = fresh.call("POST", f"{ROUTE}/plan", json=package(inline(episode)), headers={"Prefer": "wait=60"}).json()
        assert fresh.call("GET", "/media/v2/artifacts").json() == []
    assert cold["stages"]["segment"]["reuse"] == 0
    assert cold["estimated_seconds"] > warm["estimated_seconds"]


def relocked(shotlist: dict[str, Any]) -> dict[str, Any]:
    return {**shotlist, "shots": shotlist["shots"][:-1]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda given: {**given, "shotlist_ref": relocked(given["shotlist_ref"])}, "timing_lock_hash"),
        (lambda given: {**given, "render_plan_ref": {**given["render_plan_ref"], "timing_lock_hash": "0" * 64}}, "plan again"),
        (lambda given: {**given, "asset_manifest_ref": {**given["asset_manifest_ref"], "voice_lines": []}}, "lacks 'voice."),
        (lambda given: {**given, "render_plan_ref": {**given["render_plan_ref"], "assets": []}}, "no source for"),
        (lambda given: {**given, "shotlist_ref": {**given["shotlist_ref"], "schema_version": "2.0.0"}}, "migrate"),
        (lambda given: {**given, "shotlist_ref": "a story about a lighthouse"}, "shotlist_ref"),
        (lambda given: {**given, "shotlist_ref": given["render_plan_ref"]}, "ShotList: shots"),
        (lambda given: {name: given[name] for name in ("shotlist_ref", "render_plan_ref")}, "asset_manifest_ref"),
    ],
)  # fmt: skip
def test_documents_that_cannot_be_rendered_are_refused_at_the_door_and_in_a_plan(server, episode, change, words):
    wrong = package(change(inline(episode)))
    answer = render(server, wrong)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert words in answer.json()["detail"]
    assert server.call("GET", f"{ROUTE}/{wrong['request_id']}").status_code == 404
    plan = server.call("POST", f"{ROUTE}/plan", json=wrong, headers={"Prefer": "wait=60"})
    assert plan.status_code == 422 or (plan.json()["valid"] is False and words in plan.json()["errors"][0]["message"])


def test_reference_to_another_kind_of_artifact_is_refused(server, episode):
    answer = render(server, package({**episode.refs, "shotlist_ref": episode.refs["render_plan_ref"]}))
    assert answer.status_code == 422
    assert "is a RenderPlan, not a ShotList" in answer.json()["detail"]


def test_asset_of_another_tenant_in_a_plan_is_refused(server, episode):
    plan = episode.document("RenderPlan")
    plan["assets"][0]["uri"] = plan["assets"][0]["uri"].replace("t_local", "t2")
    answer = render(server, package({**episode.refs, "render_plan_ref": plan}))
    assert answer.status_code == 422
    assert "no artifact of this tenant" in answer.json()["detail"]


def test_content_that_is_not_the_plans_is_refused(server, episode):
    plan = episode.document("RenderPlan")
    plan["assets"][0]["content_hash"] = "0" * 64
    body = render(server, package({**episode.refs, "render_plan_ref": plan})).json()
    assert body["status"] == "failed"
    assert body["errors"][0]["code"] == "invalid_input"
    assert "has the content" in body["errors"][0]["message"]


def test_library_file_that_is_gone_falls_back_and_says_so(server, episode):
    plan = episode.document("RenderPlan")
    background = next(one for one in plan["assets"] if one["kind"] == "background")
    background |= {
        "source": "local_library", "form": "image", "uri": "artifact://t_local/dev/a_gone", "content_hash": "1" * 64,
        "media_type": "image/png", "fallbacks": ["generated_local", "placeholder"],
    }  # fmt: skip
    body = render(server, package({**episode.refs, "render_plan_ref": plan})).json()
    assert body["status"] == "degraded", body
    (problem,) = body["errors"]
    assert (problem["code"], problem["recoverable"]) == ("fallback_backend", True)
    assert background["asset_id"] in problem["message"]
    assert content(server, body["artifact_uris"]["video"]) == episode.bytes_of("episode.mp4"), "drawn as in the run"


def test_profile_of_a_provider_that_is_not_here_gives_the_local_film_degraded(server, episode):
    body = render(server, package(episode.refs, render_profile="hq_nobody")).json()
    assert body["status"] == "degraded"
    assert body["errors"][0]["code"] == "provider_unavailable"
    assert content(server, body["artifact_uris"]["video"]) == episode.bytes_of("episode.mp4")


def test_unsafe_words_fail_closed_and_are_withheld_when_asked(server, episode):
    shotlist = episode.document("ShotList")
    shotlist["shots"][1]["action_beats"] = ["A graphic beheading, gore everywhere, he is decapitated."]
    open_words = render(server, package({**episode.refs, "shotlist_ref": shotlist})).json()
    assert (open_words["status"], open_words["errors"][0]["code"]) == ("failed", "safety_violation")
    hidden = render(
        server, package({**episode.refs, "shotlist_ref": shotlist}, logging_options={"redact_content": True})
    )
    assert hidden.json()["errors"][0]["code"] == "safety_violation"
    assert "decapitated" in open_words["errors"][0]["message"] or "shot" in open_words["errors"][0]["message"]
    assert open_words["errors"][0]["message"] not in hidden.text
    assert open_words["errors"][0]["message"] not in server.call("GET", f"/jobs/{hidden.json()['job_id']}").text


def test_numbers_that_json_cannot_hold_exactly_are_refused(server, episode):
    shotlist = episode.document("ShotList")
    shotlist["shots"][0]["duration_ticks"] = 2**60
    answer = render(server, package({**episode.refs, "shotlist_ref": shotlist}))
    assert answer.status_code == 422
