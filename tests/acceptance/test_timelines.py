"""Timelines as editors use them: files of real programs in and out, stored and fetched, each tenant for itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from cluster.registry.media_rules import MEDIA_ASSET
from cluster.registry.records import NewArtifact
from cluster.settings import Settings
from cluster.tenancy.scope import TenantScope
from pipelines.editing import otio_json
from pipelines.editing.otio_export import export_otio
from pipelines.editing.otio_import import MEDIA_TYPE, import_otio
from pipelines.editing.timeline import PlacedClip, placed_clips
from schemas.canonical import sha256_hex
from schemas.timeline import Timeline
from serve.cli import app
from serve.http.app import build_api
from serve.http.site import open_site
from tests.http_server import Server
from tests.otio_files import clip, edit, gap, text, track

FILES = {
    "simple_cut": (1, 4, 0),
    "transition": (1, 4, 0),
    "multitrack": (1, 5, 8),
    "nested_example": (4, 10, 4),
    "premiere_example": (3, 15, 4),
}
"""File -> sequences, clips, and findings of its import."""


@pytest.mark.parametrize("name", FILES)
def test_file_of_an_editing_program_goes_in_and_out_without_loss_of_what_is_modelled(shared_media, name):
    imported = import_otio((shared_media / "otio" / f"{name}.otio").read_bytes())
    exported = export_otio(imported.timeline)
    again = import_otio(exported)
    assert again.timeline == imported.timeline
    assert again.report.findings == ()
    clips = list(placed_clips(imported.timeline))
    assert (len(imported.timeline.sequences), len(clips), len(imported.report.findings)) == FILES[name]
    top = otio.core.deserialize_json_from_string(exported.decode())
    for one in clips:
        if one.sequence.sequence_id == imported.timeline.roots()[0].sequence_id:
            assert_stands_where_the_library_says(top, one)


def assert_stands_where_the_library_says(top: Any, placed: PlacedClip) -> None:
    """The library's own reckoning of the exported file agrees with ours."""
    layer = top.tracks[[one.track_id for one in placed.sequence.tracks].index(placed.track.track_id)]
    [item] = [one for one in layer if one.metadata.get("reelwright", {}).get("clip_id") == placed.clip.clip_id]
    reckoned = layer.trimmed_range_of_child(item)
    assert reckoned.start_time.to_seconds() == pytest.approx(float(placed.start_s), abs=1e-9)
    assert reckoned.end_time_exclusive().to_seconds() == pytest.approx(float(placed.end_s), abs=1e-9)


def test_premiere_edit_keeps_its_markers_titles_transitions_and_metadata(shared_media):
    timeline = import_otio((shared_media / "otio" / "premiere_example.otio").read_bytes()).timeline
    [top] = timeline.roots()
    assert [(one.name, one.colour, one.span.start_ticks) for one in top.markers] == [
        ("My MArker 1", "RED", 113), ("dsf", "RED", 492), ("", "RED", 298),
    ]  # fmt: skip
    kinds = [(one.kind, len(one.clips), [cut.in_ticks for cut in one.transitions]) for one in top.tracks]
    assert kinds[:4] == [("video", 1, []), ("video", 4, [19]), ("video", 1, []), ("video", 2, [12])]
    [title] = top.tracks[2].clips
    assert title.generated is not None
    assert (title.name, title.source_in_ticks) == ("test_title", 108_000)
    assert "fcp_xml" in top.metadata
    assert top.tracks[0].clips[0].source_rate.numerator == 15


class TestCommands:
    @pytest.fixture
    def call(self, tmp_path: Path) -> Any:
        def call(*words: str | Path) -> Any:
            return CliRunner().invoke(app, ["timeline", *map(str, words), "--store", str(tmp_path / "store")])

        return call

    def test_import_export_and_show(self, call, tmp_path):
        (tmp_path / "cut.otio").write_bytes(text(edit(track(clip("one", 5), gap(24, name="filler"), clip("two", 48)))))
        taken = call("import", tmp_path / "cut.otio", "--json", tmp_path / "cut.json")
        assert taken.exit_code == 0, taken.output
        artifact_id = taken.output.splitlines()[0]
        assert (
            "not taken over as it was: 1\n  dropped  tracks.children[0].children[1].name  Gap 'filler'" in taken.output
        )
        for given in (artifact_id, tmp_path / "cut.json"):
            assert call("export", given, tmp_path / "out.otio").exit_code == 0
            assert import_otio((tmp_path / "out.otio").read_bytes()).timeline == Timeline.read(
                (tmp_path / "cut.json").read_bytes()
            )
        assert "'two', missing media, tick 60 at 24/1 (2.500000 s)" in call("show", artifact_id, "--at", "5/2").output
        assert "no picture" in call("show", artifact_id, "--at", "1.5").output

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("import", "nowhere.otio"), "'nowhere.otio' cannot be read: No such file"),
            (("export", "nowhere.json", "x.otio"), "'nowhere.json' cannot be read"),
            (("show", "a_1"), "no artifact 'a_1'"),
        ],
    )
    def test_what_is_not_there_is_said(self, call, words, said):
        result = call(*words)
        assert result.exception is not None
        assert said in str(result.exception)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    store = tmp_path_factory.mktemp("site") / "store"
    with (
        open_site(Settings.load(store=store)) as site,
        TestClient(build_api(site), raise_server_exceptions=False) as client,
    ):
        yield Server(site, client, "t1")


def asset_of(server: Server, tenant: str, kind: str = MEDIA_ASSET) -> str:
    desk = server.site.desk(TenantScope(tenant, "dev", "u1"))
    output = NewArtifact("result", kind, desk.blobs.put_bytes(b"film"), "video/mp4", "", rights={})
    return desk.registry.commit(
        identity=sha256_hex(f"{tenant}{kind}".encode()), stage=kind, stage_version="1", parameters={}, parents=[],
        outputs=[output], backend={},
    )["result"].artifact_id  # fmt: skip


def document(clip_id: str, **fields: Any) -> dict[str, Any]:
    one = {"clip_id": clip_id, "start_ticks": 48, "duration_ticks": 24, "source_in_ticks": 12, **fields}
    tracks = [{"track_id": "v1", "kind": "video", "clips": [one]}]
    return {
        "schema_version": "1.0.0",
        "timeline_id": "tl",
        "title": "Cut",
        "sequences": [{"sequence_id": "s", "tracks": tracks}],
    }


def test_document_is_stored_fetched_and_given_as_a_file(server):
    asset_id = asset_of(server, "t1")
    sent = document("c1", asset_id=asset_id, speed={"numerator": -1, "denominator": 2})
    stored = server.call("POST", "/timelines", json=sent)
    assert (stored.status_code, stored.json()["findings"]) == (201, []), stored.text
    artifact = stored.json()["artifact"]
    assert artifact["parents"] == [{"artifact_id": asset_id, "role": "asset"}]
    assert (artifact["kind"], artifact["meta"]["clip_ids"]) == ("timeline", ["c1"])
    fetched = server.call("GET", stored.headers["Location"])
    assert Timeline.read(fetched.content) == Timeline.read(sent)
    file = server.call("GET", stored.headers["Location"] + "/otio")
    assert (file.headers["content-type"], import_otio(file.content).timeline) == (MEDIA_TYPE, Timeline.read(sent))
    seen = server.call("GET", "/clips/c1").json()
    assert (seen["asset_id"], seen["artifact_id"]) == (asset_id, artifact["artifact_id"])
    assert (seen["in_ms"], seen["out_ms"], seen["start_ms"], seen["end_ms"]) == (500, 1000, 2000, 3000)
    assert seen["source_out_ticks"] == {"numerator": 24, "denominator": 1}
    assert (seen["speed"]["numerator"], seen["clip"]["clip_id"], seen["track_id"]) == (-1, "c1", "v1")


def test_file_is_stored_with_its_report_and_itself_as_parent(server):
    raw = text(edit(track(clip("one"), gap(5, name="filler"))))
    answers = [server.call("POST", "/timelines", content=raw, headers={"Content-Type": MEDIA_TYPE}) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201], answers[0].text
    assert [one["what"] for one in answers[0].json()["findings"]] == ["Gap 'filler'"]
    first, second = (one.json()["artifact"] for one in answers)
    assert first["artifact_id"] != second["artifact_id"]
    assert first["parents"] == second["parents"]
    parent = first["parents"][0]["artifact_id"]
    assert server.call("GET", f"/media/v2/artifacts/{parent}/content").content == raw
    [clip_id] = first["meta"]["clip_ids"]
    assert server.call("GET", f"/clips/{clip_id}").json()["artifact_id"] == second["artifact_id"]


def test_newest_timeline_that_has_a_clip_decides_what_it_is(server):
    for start in (0, 24, 48):
        server.call("POST", "/timelines", json=document("moved", source_in_ticks=start))
    server.call("POST", "/timelines", json=document("other"))
    assert server.call("GET", "/clips/moved").json()["in_ms"] == 2000


def test_key_makes_one_timeline_of_two_sendings_and_holds_its_body(server):
    keyed = {"Idempotency-Key": "k1", "Content-Type": MEDIA_TYPE}
    raw = text(edit(track(clip("one"), gap(5, name="filler"))))
    first, again = (server.call("POST", "/timelines", content=raw, headers=keyed) for _ in range(2))
    assert (first.status_code, again.status_code, again.headers["Idempotent-Replayed"]) == (201, 200, "true")
    assert first.json() == again.json()
    other = server.call("POST", "/timelines", content=text(edit()), headers=keyed)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    theirs = server.call("POST", "/timelines", content=text(edit()), headers=keyed, token=server.token("t2"))
    assert theirs.status_code == 201


def test_another_tenants_timelines_clips_and_assets_answer_as_unknown_ones(server):
    theirs = asset_of(server, "t2")
    stored = server.call("POST", "/timelines", json=document("secret")).headers["Location"]
    stranger = server.token("t2")
    for path in (stored, stored + "/otio", "/clips/secret"):
        answer = server.call("GET", path, token=stranger)
        unknown = server.call("GET", path.replace("secret", "x").replace("/a_", "/a_0"), token=stranger)
        assert (answer.status_code, unknown.status_code) == (404, 404)
        assert answer.json()["title"] == unknown.json()["title"]
    for asset_id in (theirs, "a_" + "0" * 32, asset_of(server, "t1", "Script")):
        answer = server.call("POST", "/timelines", json=document("c2", asset_id=asset_id))
        assert (answer.status_code, answer.json()["detail"]) == (404, f"no asset {asset_id!r}, which clip 'c2' shows")
    assert server.call("GET", "/clips/c2").status_code == 404
    by_file = text(edit(track(clip("x", media_references={"DEFAULT_MEDIA": {
        "OTIO_SCHEMA": "ExternalReference.1", "target_url": f"urn:reelwright:asset:{theirs}"}}))))  # fmt: skip
    answer = server.call("POST", "/timelines", content=by_file, headers={"Content-Type": MEDIA_TYPE})
    assert answer.status_code == 404


def test_artifact_that_is_no_timeline_is_not_served_as_one(server):
    for path in ("/timelines/{}", "/timelines/{}/otio"):
        answer = server.call("GET", path.format(asset_of(server, "t1")))
        assert (answer.status_code, answer.json()["detail"][:13]) == (404, "no timeline '")


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"{", "application/json", "timeline is not valid JSON"),
        (json.dumps({"timeline_id": "t"}).encode(), "application/json", "schema_version is missing"),
        (
            json.dumps(document("c", duration_ticks=0)).encode(),
            "application/json",
            "greater than or equal to 1 (got 0)",
        ),
        (b"{", MEDIA_TYPE, "not valid JSON"),
        (b'{"OTIO_SCHEMA": "UnknownSchema.1"}', MEDIA_TYPE, "holds a UnknownSchema"),
        (b"<xml/>", "text/xml", "a timeline comes as application/json or " + MEDIA_TYPE),
    ],
)
def test_body_that_is_no_timeline_is_refused_with_the_reason(server, content, kind, said):
    answer = server.call("POST", "/timelines", content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) in ((422, "invalid_input"), (422, "schema_unsupported"))
    assert said in answer.json()["detail"]


def test_body_beyond_the_limit_is_refused(server):
    answer = server.call("POST", "/timelines", content=b" " * (otio_json.MOST_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert str(otio_json.MOST_BYTES) in answer.json()["detail"]
