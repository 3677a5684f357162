"""What `reelwright listen` and `reelwright origin` print and write, and what their routes answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipelines.analysis.origin_flow import MappedMix
from pipelines.analysis.semantic_flow import Listened
from pipelines.media.whole_file import whole_file
from schemas.audio_semantic_timeline import AudioEvent, AudioSemanticTimelineSummary
from schemas.errors import InvalidInput, ReelwrightError, Unavailable
from serve.desk import Desk
from serve.media_present import clock
from serve.media_run import Outcome

SHOWN = 60
"""Events that are listed one by one."""


def listened_document(found: Listened) -> dict[str, Any]:
    """What the analysis answers, by the specification's names."""
    artifact = found.answer.artifact
    return {
        "audio_semantic_artifact_id": artifact.artifact_id,
        "uri": artifact.uri,
        "cache_hit": found.answer.cache_hit,
        "meta": {**found.summary.meta, "cache_hit": found.answer.cache_hit},
        "summary": found.summary.model_dump(mode="json"),
    }


def listened_lines(found: Listened) -> list[str]:
    """A line for the whole, for each section and each event."""
    summary = found.summary
    cached = " (as before)" if found.answer.cache_hit else ""
    lines = [
        f"{found.asset.name}: {summary.duration_ms / 1000:.1f} s, {_loudness(summary)}, {_rhythm(summary)}"
        f"   {found.answer.artifact.artifact_id}{cached}"
    ]
    lines += [f"  {clock(one.start_ms)}-{clock(one.end_ms)}  {' + '.join(one.labels)}" for one in summary.sections]
    if summary.events:
        lines.append(f"  {len(summary.events)} events:")
        lines += [f"  {_event(one)}" for one in summary.events[:SHOWN]]
    if len(summary.events) > SHOWN:
        lines.append(f"  ... and {len(summary.events) - SHOWN} more in the document")
    for family, one in summary.meta["backend_info"]["dependencies"].items():
        if one["error"] or one["backend_type"] == "stub":
            lines.append(f"  degraded: {family} by {one['backend']} ({one['error'] or 'a stub'})")
    return lines


def write_listened(
    desk: Desk, outcomes: Sequence[Outcome[Listened]], sources: Sequence[Path], json_out: Path | None, plot: Path | None
) -> None:
    """Writes the documents and pictures that are wanted: to a file, or to files of the sounds' names in a folder.

    Raises:
        InvalidInput: a path is a file and there are several sounds, or it is a source.
        Unavailable: one cannot be written.
    """
    for option, suffix, out in (("--json", ".json", json_out), ("--plot", ".png", plot)):
        if out is None:
            continue
        folder = out.is_dir() or len(outcomes) > 1
        if folder and out.exists() and not out.is_dir():
            raise InvalidInput(f"{option} {str(out)!r} is a file, and there are {len(outcomes)} sounds")
        for outcome, source in zip(outcomes, sources, strict=True):
            if isinstance(outcome.result, ReelwrightError):
                continue
            target = out / f"{source.stem}{suffix}" if folder else out
            if target.exists() and any(target.samefile(one) for one in sources):
                raise InvalidInput(f"{option} {str(target)!r} is a source, and would be lost")
            _write(desk, outcome.result, target, as_picture=suffix == ".png")


def _write(desk: Desk, found: Listened, target: Path, *, as_picture: bool) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if as_picture:
            from serve.sound_plot import plot_timeline

            plot_timeline(found.summary, desk.blobs.path(found.asset.artifact.content_hash), target)
            return
        with whole_file(target) as partial:
            partial.write_bytes(desk.blobs.read(found.answer.artifact.content_hash))
    except OSError as exc:
        raise Unavailable(f"{str(target)!r} cannot be written: {exc.strerror}") from exc


def origin_document(found: MappedMix) -> dict[str, Any]:
    """What mapping a mix answers."""
    return {
        "artifact_id": found.answer.artifact.artifact_id,
        "cache_hit": found.answer.cache_hit,
        "origins": found.origins.model_dump(mode="json"),
    }


def origin_lines(found: MappedMix) -> list[str]:
    """A line for each stretch."""
    cached = " (as before)" if found.answer.cache_hit else ""
    share = found.origins.known_ms / max(1, found.origins.duration_ms)
    lines = [f"{found.asset.name}: {share:.1%} of it known   {found.answer.artifact.artifact_id}{cached}"]
    for one in found.origins.stretches:
        where = "nothing known"
        if one.source_asset_id is not None and one.source_start_ms is not None:
            name = found.names[one.source_asset_id]
            where = f"{name} from {clock(max(0, one.source_start_ms))}, speed {one.speed:.4f}, {one.confidence:.2f}"
        lines.append(f"  {clock(one.start_ms)}-{clock(one.end_ms)}  {where}")
    return lines


def _loudness(summary: AudioSemanticTimelineSummary) -> str:
    found = summary.loudness
    if found.integrated_lufs is None:
        return "nothing above the gate"
    peak = "" if found.true_peak_dbtp is None else f", peak {found.true_peak_dbtp:.1f} dBTP"
    return f"{found.integrated_lufs:.1f} LUFS{peak}"


def _rhythm(summary: AudioSemanticTimelineSummary) -> str:
    found = summary.rhythm
    if found is None:
        return "beats not asked for"
    if not found.stable or found.tempo_bpm is None:
        return "no stable beat"
    bar = f", {found.beats_per_bar} to the bar" if found.beats_per_bar else ""
    return f"{found.tempo_bpm:.1f} beats a minute{bar} (confidence {found.confidence:.2f})"


def _event(one: AudioEvent) -> str:
    loudness = f"{one.loudness_lufs:6.1f} LUFS" if one.loudness_lufs is not None else "           "
    under = f", over {one.meta['under']} at {one.meta['under_level_lufs']} LUFS" if "under" in one.meta else ""
    said = f"  {one.transcription}" if one.transcription else ""
    kind = str(one.meta.get("label", one.kind))
    return f"{clock(one.start_ms)}-{clock(one.end_ms)}  {kind:<8} {loudness}{under}{said}"
