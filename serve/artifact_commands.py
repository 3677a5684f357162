"""`show`, `lineage`, `approve` and `runs`: looking at what is stored, and deciding."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.tree import Tree

from cluster.registry.records import ArtifactRecord
from schemas.errors import InvalidInput
from serve.desk import Desk

CHECKPOINTS = {
    "CanonDiff": "approve_canon_diff",
    "ShotList": "approve_shotlist_timing_lock",
    "AssetManifest": "approve_character_packs",
}
"""Kind of artifact -> the checkpoint that asks about it."""

PREVIEW_BYTES = 4000

PIPE_COLUMNS = 400
"""Width of a table that goes into a file or another program."""


def find(desk: Desk, name: str) -> ArtifactRecord:
    """The artifact of an id or URI.

    Raises:
        NotFound: there is none here.
    """
    return desk.registry.resolve(name) if name.startswith("artifact://") else desk.registry.get(name)


def show_artifact(desk: Desk, name: str, *, as_json: bool) -> None:
    """Prints the record, and the content when it is a document."""
    record = find(desk, name)
    if as_json:
        print(json.dumps(_record(record), indent=2, ensure_ascii=False, default=str))
        return
    console = _console()
    table = Table(show_header=False, box=None)
    for field, value in _record(record).items():
        if field not in ("parents", "parameters", "meta") or value:
            table.add_row(field, _short(value))
    console.print(table)
    if record.media_type == "application/json":
        content = desk.blobs.read(record.content_hash)
        console.print(content[:PREVIEW_BYTES].decode(errors="replace"), markup=False)
        if len(content) > PREVIEW_BYTES:
            console.print(f"... {len(content) - PREVIEW_BYTES} more bytes", markup=False)
    else:
        console.print(f"bytes at {desk.blobs.path(record.content_hash)}", markup=False, soft_wrap=True)


def show_lineage(desk: Desk, name: str, *, as_json: bool) -> None:
    """Prints the ancestors as a tree; one that was shown above is not opened again."""
    top = find(desk, name)
    records = {record.artifact_id: record for record in desk.registry.lineage(top.artifact_id)}
    if as_json:
        print(json.dumps([_record(record) for record in records.values()], indent=2, ensure_ascii=False, default=str))
        return
    tree = Tree(_line(top, "result"))
    _grow(tree, top, records, seen={top.artifact_id})
    _console().print(tree)


def decide(desk: Desk, name: str, *, checkpoint: str, reject: bool, notes: str) -> None:
    """Records a decision, bound to the artifact's content.

    Raises:
        InvalidInput: no checkpoint asks about this kind of artifact.
    """
    record = find(desk, name)
    asked = checkpoint or CHECKPOINTS.get(record.kind, "")
    if asked not in CHECKPOINTS.values():
        raise InvalidInput(f"no checkpoint asks about a {record.kind}; name one of {sorted(CHECKPOINTS.values())}")
    decision = desk.approvals.decide(asked, record.content_hash, "rejected" if reject else "approved", notes)
    print(f"{decision.checkpoint}: {decision.decision} by {decision.approver_id} for {record.artifact_id}")


def show_runs(desk: Desk, limit: int) -> None:
    """Prints the latest runs."""
    table = Table("run", "project", "status", "started", "waiting on / error", box=None)
    for run in desk.ledger.latest(limit=limit):
        table.add_row(
            run.run_id, run.project_id, run.status, f"{run.started_at:%Y-%m-%d %H:%M:%S}", run.waiting_on or run.error
        )
    _console().print(table)


def _console() -> Console:
    """A console that cuts nothing short when its reader is a program."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_COLUMNS)


def _grow(branch: Tree, record: ArtifactRecord, records: dict[str, ArtifactRecord], seen: set[str]) -> None:
    for link in record.parents:
        parent = records[link.artifact_id]
        if parent.artifact_id in seen:
            branch.add(_line(parent, link.role) + " [dim](above)[/dim]")
            continue
        seen.add(parent.artifact_id)
        _grow(branch.add(_line(parent, link.role)), parent, records, seen)


def _line(record: ArtifactRecord, role: str) -> str:
    return f"{role}: [bold]{record.kind}[/bold] {record.artifact_id} [dim]{record.stage} v{record.stage_version}[/dim]"


def _record(record: ArtifactRecord) -> dict[str, Any]:
    return {"uri": record.uri, **asdict(record)}


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 200 else text[:200] + " ..."
