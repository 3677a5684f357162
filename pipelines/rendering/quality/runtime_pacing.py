"""Does the film fall into the window that the project asks for? Measured on its picture track."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.media.finished import picture_times
from pipelines.rendering.quality.verdict import verdict
from schemas.project import Project
from schemas.render_output import GateResult
from schemas.shotlist import ShotList

SHORTEST_SHOT_S = 0.5
LONGEST_SHOT_S = 30.0
"""Outside these a shot is noted for a person to look at; it does not fail the gate, since an author may mean it."""


def runtime_pacing(film: Path, shotlist: ShotList, project: Project) -> GateResult:
    """Compare the film's duration with `project.target_duration`, half a frame allowed for rounding."""
    window = project.target_duration
    duration_s = float(picture_times(film).duration_s)
    slack_s = shotlist.edit_rate.seconds(1) / 2
    problems = []
    if duration_s < window.min_s - slack_s:
        problems.append(f"the film lasts {duration_s:.2f} s, {window.min_s - duration_s:.2f} s less than asked for")
    if duration_s > window.max_s + slack_s:
        problems.append(f"the film lasts {duration_s:.2f} s, {duration_s - window.max_s:.2f} s more than asked for")
    lengths_s = [shotlist.edit_rate.seconds(shot.duration_ticks) for shot in shotlist.shots]
    return verdict(
        "runtime_pacing",
        problems,
        measured=f"{duration_s:.2f} s in {len(lengths_s)} shots of {min(lengths_s):.2f} to {max(lengths_s):.2f} s, "
        f"{sum(lengths_s) / len(lengths_s):.2f} s on average",
        limit=f"{window.min_s:g} to {window.max_s:g} s",
        notes=list(_notes(shotlist)),
    )


def _notes(shotlist: ShotList) -> Iterator[str]:
    for shot in shotlist.shots:
        length_s = shotlist.edit_rate.seconds(shot.duration_ticks)
        if length_s < SHORTEST_SHOT_S:
            yield f"note: {shot.shot_id} lasts only {length_s:.2f} s"
        if length_s > LONGEST_SHOT_S:
            yield f"note: {shot.shot_id} lasts {length_s:.2f} s"
