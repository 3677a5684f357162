"""Examples of requests and answers, by `operationId`. A test holds each against its schema and sends each request."""

from __future__ import annotations

from typing import Any

_ASSET = "a_f37496ec4af4dcc379a2063364cb7e69"

_FILM = {"tenant_id": "t1", "env": "dev", "asset_id": _ASSET}

_WISHES = {**_FILM, "cover_faces": "blur", "strength": "strong", "captions": "track"}

_PACKAGE = {
    "schema_version": "1.0.0",
    "request_id": "0b8f4c1e-6c1f-4d6e-9a51-5f2f6c1d7a10",
    "idempotency_key": "episode-3/preview/1",
    "tenant_id": "t1",
    "env": "dev",
    "render_profile": "preview_local",
    "inputs": {
        "shotlist_ref": "artifact://t1/dev/a_5cd8215018d8dc1ee579637bbbf2f75f",
        "asset_manifest_ref": "artifact://t1/dev/a_05eea39d5a2be613a1ab294e444f6df8",
        "render_plan_ref": "artifact://t1/dev/a_12e2f2c9d96943e9eef138294982d656",
    },
    "desired_outputs": ["video", "captions"],
}

_TIMELINE = {
    "schema_version": "1.0.0",
    "timeline_id": "interview",
    "sequences": [
        {
            "sequence_id": "s1",
            "edit_rate": {"numerator": 25, "denominator": 1},
            "tracks": [
                {
                    "track_id": "v1",
                    "kind": "video",
                    "clips": [
                        {
                            "clip_id": "c1",
                            "start_ticks": 0,
                            "duration_ticks": 50,
                            "source_rate": {"numerator": 25, "denominator": 1},
                            "source_in_ticks": 100,
                            "asset_id": _ASSET,
                        }
                    ],
                }
            ],
        }
    ],
}

REQUESTS: dict[str, Any] = {
    "register_asset": {"path": "/srv/footage/interview.mp4"},
    "video_regions": {**_FILM, "min_confidence": 0.5},
    "visual_meta": _FILM,
    "captions": {**_FILM, "language": "en"},
    "audio_semantic_timeline": {**_FILM, "include_beats": True, "min_silence_ms": 300, "loudness_window_ms": 1000},
    "audio_origin": {**_FILM, "source_asset_ids": ["a_5cd8215018d8dc1ee579637bbbf2f75f"]},
    "shots_of_sounds": {
        "tenant_id": "t1",
        "env": "dev",
        "shots": [{"source_asset_id": _ASSET, "target_duration_ms": 4000}],
    },
    "anonymise": {**_FILM, "effect": "mosaic", "strength": "strong"},
    "render_dry_run": _WISHES,
    "render": _WISHES,
    "create_render_package": _PACKAGE,
    "plan_render_package": _PACKAGE,
    "store_timeline": _TIMELINE,
    "create_token": {"user_id": "ann", "role": "operator", "days": 90},
    "rotate_token": {"days": 90, "overlap_hours": 24},
    "rotate_secret": {"overlap_hours": 24},
}

_ARTIFACT = {
    "artifact_id": _ASSET,
    "uri": f"artifact://t1/dev/{_ASSET}",
    "kind": "media_asset",
    "media_type": "video/mp4",
    "size_bytes": 445231,
    "content_hash": "8e1c73c12cedf7c6f0a517b90b1a02b0ad5e08c497511faf4714b96bcd92729e",
    "schema_version": "",
    "origin": "local",
    "parents": [],
    "meta": {"duration_ms": 10000, "width_px": 640, "height_px": 360, "frame_rate": [25, 1]},
    "created_at": "2026-11-26T18:47:42.400669+00:00",
}

_JOB = {
    "job_id": "j_19b8d8607e58ec7625db484bb0b92aa8",
    "kind": "visual_meta",
    "status": "in_progress",
    "attempt": 1,
    "max_attempts": 3,
    "cancel_requested": False,
    "dead": False,
    "submitted_at": "2026-11-26T18:47:52.641269Z",
    "started_at": "2026-11-26T18:47:53.037171Z",
    "finished_at": None,
    "result": None,
    "error": None,
    "last_event": 3,
}

_TOKEN = {
    "public_id": "4a6bd5f59c1d8c4e",
    "user_id": "ann",
    "role": "operator",
    "created_by": "root",
    "created_at": "2026-11-26T18:29:00Z",
    "expires_at": "2027-02-24T18:29:00Z",
    "revoked_at": None,
}

_SECRET = {
    "secret_id": "s_7d6ec8617a3647cbefed3c6865cdabaa",
    "created_by": "root",
    "created_at": "2026-11-26T18:29:00Z",
    "expires_at": None,
}

_DELIVERY = {
    "delivery_id": "d_2f0c9a1be6d34e7f8a51c0b7d9e4f213",
    "job_id": _JOB["job_id"],
    "event": "job.completed",
    "status": "waiting",
    "attempt": 1,
    "answer": 503,
    "error": "the receiver answered 503",
    "created_at": "2026-11-26T18:48:22.480541Z",
    "next_try_at": "2026-11-26T18:48:27.480541Z",
    "finished_at": None,
}

_PLAN = {
    "schema_version": "1.0.0",
    "asset_id": _ASSET,
    "width_px": 640,
    "height_px": 360,
    "edit_rate": {"numerator": 25, "denominator": 1},
    "first_tick": 0,
    "end_tick": 250,
    "duration_ms": 10000,
    "steps": [{"kind": "cover_faces", "detail": "blur, strong", "artifact_id": "a_a535cb65267e1edc3ec18906a752fac4"}],
    "dependency_notices": [],
    "warnings": [],
}

ANSWERS: dict[str, Any] = {
    "register_asset": _ARTIFACT,
    "upload_asset": _ARTIFACT,
    "get_artifact": _ARTIFACT,
    "list_artifacts": [_ARTIFACT],
    "lineage": [_ARTIFACT],
    "render_dry_run": {"asset_id": _ASSET, "plan": _PLAN},
    "render": {
        "video_artifact_id": "a_b8f1711bd67c649555e80baf5581d56e",
        "plan_artifact_id": "a_788288c34ae6ba1b4893b1dedb7c465d",
        "cache_hit": False,
        "plan": _PLAN,
    },
    "list_jobs": [_JOB],
    "get_job": _JOB,
    "cancel_job": {**_JOB, "cancel_requested": True},
    "retry_job": {**_JOB, "status": "queued"},
    "job_callbacks": [_DELIVERY],
    "replay_callback": _DELIVERY,
    "get_caller": {"tenant_id": "t1", "env": "dev", "user_id": "ann", "role": "operator"},
    "get_quota": {
        "limits": {"concurrent_jobs": 20, "stored_bytes": 500000000000, "daily_spend_usd": None},
        "used": {"concurrent_jobs": 2, "stored_bytes": 71303168, "daily_spend_usd": 0.0},
    },
    "list_tokens": [_TOKEN],
    "create_token": {"token": "rw_4a6bd5f59c1d8c4e_…", "record": _TOKEN},
    "rotate_token": {"token": "rw_4a6bd5f59c1d8c4e_…", "record": _TOKEN},
    "revoke_token": {**_TOKEN, "revoked_at": "2026-11-27T08:00:00Z"},
    "list_secrets": [_SECRET],
    "rotate_secret": {"secret": "whsec_…", "record": _SECRET},
    "revoke_secret": {**_SECRET, "expires_at": "2026-11-27T08:00:00Z"},
    "health": {"status": "ok"},
}
