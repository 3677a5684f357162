"""From a mix and candidate sources to its origin map: each sound's fingerprint is made once, whoever asks for it.

sound -> sound_fingerprint            one memo a sound
mix, sources -> AudioOriginMap
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.analysis.asset import MediaAsset, find_asset
from pipelines.analysis.media_flow import Answer, MediaFlow
from pipelines.media.source import known_as
from pipelines.media.speech_audio import speech_blocks
from pipelines.origin.fingerprint import Fingerprint
from pipelines.origin.landmarks import fingerprint
from pipelines.origin.origin_map import OriginSpan, map_origins
from pipelines.runner import Artifact
from pipelines.stage import Output, Outputs, Stage, Work
from schemas.audio_origin_map import AudioOriginMap, OriginStretch
from schemas.errors import InvalidInput, MediaUnreadable
from schemas.media_request import AudioOriginRequest

FINGERPRINT = Stage("sound_fingerprint", "1", natives=("ffmpeg", "numpy", "cpu"), instant=False)
ORIGIN_MAP = Stage("audio_origin_map", "1", natives=("numpy", "cpu"), instant=False)


@dataclass(frozen=True)
class MappedMix:
    """Where a mix came from."""

    asset: MediaAsset
    origins: AudioOriginMap
    names: Mapping[str, str]
    """Source asset -> the name of its file."""

    answer: Answer


def map_mix(flow: MediaFlow, mix: MediaAsset, request: AudioOriginRequest) -> MappedMix:
    """The origins of a mix.

    Raises:
        NotFound: a source is not there.
        InvalidInput: the mix stands among its own sources.
        MediaUnreadable: one of them has no sound, or damaged sound.
    """
    if mix.asset_id in request.source_asset_ids:
        raise InvalidInput(f"asset {mix.asset_id!r} is the mix; it cannot be a source of itself")
    sources = [find_asset(flow, one) for one in dict.fromkeys(request.source_asset_ids)]
    prints = [_fingerprint(flow, one) for one in (mix, *sources)]
    spec = [one.asset_id for one in sources]
    meta = {
        "tenant_id": flow.scope.tenant, "env": flow.scope.env, "asset_id": mix.asset_id, "source_asset_ids": spec,
        "backend": "landmarks", "backend_version": f"landmarks-{ORIGIN_MAP.version}", "backend_type": "real",
        "cache_key": "|".join([flow.scope.tenant, flow.scope.env, mix.asset_id, *spec, ORIGIN_MAP.version]),
    }  # fmt: skip

    def make(_: Path) -> Outputs:
        read = [Fingerprint.from_bytes(flow.maker.path(one).read_bytes()) for one in prints]
        spans = map_origins(read[0], dict(zip(spec, read[1:], strict=True)))
        found = origin_document(mix.asset_id, spec, read[0].duration_s, spans)
        return {"result": Output(found.name(), found.to_json(), schema_version=found.schema_version, meta=meta)}

    inputs = {"mix": prints[0].as_input(), "asset": mix.artifact.as_input()}
    inputs |= {f"source {number}": one.as_input() for number, one in enumerate(prints[1:])}
    made = flow.maker.make(Work(ORIGIN_MAP, mix.name, make, inputs, {"sources": spec}))
    found = flow.maker.document(AudioOriginMap, made.result)
    return MappedMix(mix, found, {one.asset_id: one.name for one in sources}, Answer(made.result, made.reused))


def origin_document(
    asset_id: str, source_asset_ids: Sequence[str], duration_s: float, spans: Sequence[OriginSpan]
) -> AudioOriginMap:
    """The document of what was found; milliseconds of neighbours meet."""
    stretches = [
        OriginStretch(
            start_ms=round(one.start_s * 1000),
            end_ms=round(one.end_s * 1000),
            source_asset_id=one.source_id,
            source_start_ms=round(one.source_start_s * 1000) if one.source_id else None,
            source_end_ms=round((one.source_start_s + (one.end_s - one.start_s) * one.speed) * 1000)
            if one.source_id
            else None,
            speed=round(one.speed, 5) if one.source_id else None,
            confidence=round(one.confidence, 4),
            landmarks=one.votes,
        )
        for one in spans
    ]
    return AudioOriginMap(
        asset_id=asset_id,
        source_asset_ids=tuple(source_asset_ids),
        duration_ms=round(duration_s * 1000),
        stretches=tuple(stretches),
        known_ms=sum(one.end_ms - one.start_ms for one in stretches if one.source_asset_id is not None),
    )


def _fingerprint(flow: MediaFlow, asset: MediaAsset) -> Artifact:
    if not asset.has_sound:
        raise MediaUnreadable(f"{asset.name!r} holds no sound, so it has no origin and is none")

    def make(_: Path) -> Outputs:
        with known_as(path := flow.maker.path(asset.artifact), asset.name):
            made = fingerprint(block.pcm for block in speech_blocks(path))
        return {"result": Output("sound_fingerprint", made.to_bytes(), "application/octet-stream", schema_version="")}

    return flow.maker.make(Work(FINGERPRINT, asset.name, make, {"sound": asset.artifact.as_input()})).result
