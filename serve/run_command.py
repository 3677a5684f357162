"""`reelwright run`: from the command line's words to a finished run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelines.flow.maker import Options
from pipelines.narrative.project_source import read_project
from pipelines.rendering.quality.report import GATES
from schemas.errors import InvalidInput
from schemas.render_output import GateOverride
from schemas.vocabulary import RenderProfile
from serve.desk import Desk
from serve.episode_run import RunReport, run_episode
from serve.terminal import reporting


def run_command(
    desk: Desk,
    source: Path,
    folder: Path,
    *,
    approve: bool,
    profile: RenderProfile,
    captions: str,
    no_voice: bool,
    in_process: bool,
    overrides: Sequence[str],
    log_json: bool,
) -> RunReport:
    """How the run ended.

    Raises:
        InvalidInput: the source or an option is wrong; nothing was begun.
    """
    given = read_project(source)
    options = render_options(
        profile, captions, no_voice=no_voice, in_process=in_process, overrides=overrides, user_id=desk.scope.user_id
    )
    with reporting(log_json=log_json) as progress:
        for warning in given.warnings:
            progress.note(f"warning: {warning}")
        return run_episode(desk, given, options, folder, approve=approve, progress=progress)


def render_options(
    profile: RenderProfile,
    captions: str,
    *,
    no_voice: bool,
    in_process: bool = False,
    overrides: Sequence[str] = (),
    user_id: str = "",
) -> Options:
    """The options in the flow's terms.

    Raises:
        InvalidInput: an override is not GATE=REASON, or names no gate.
    """
    found = {}
    for one in overrides:
        gate, equals, reason = one.partition("=")
        if not equals or not reason.strip() or gate not in GATES:
            raise InvalidInput(f"--override {one!r} must be GATE=REASON, GATE one of {', '.join(GATES)}")
        found[gate] = GateOverride(approver_id=user_id, reason=reason.strip())
    return Options(
        profile=profile,
        captions="burned_in" if captions == "burned-in" else "sidecar",
        voice="muted" if no_voice else "spoken",
        in_process=in_process,
        overrides=found,
    )
