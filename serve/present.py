"""What a run says when it is over."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from schemas.render_output import RenderOutput
from serve import exit_codes
from serve.episode_run import RunReport
from serve.run_folder import VIDEO_NAME


def present_run(report: RunReport, source: Path) -> int:
    """Prints the end of a run and returns its exit code."""
    console = Console(highlight=False, soft_wrap=True)
    if report.waiting_on:
        console.print(f"in_progress: waiting on {report.waiting_on}", markup=False)
        console.print(f"  {report.question}", markup=False)
        console.print(f"  then: reelwright approve {report.waiting_artifact}", markup=False)
        console.print("  and run the same command again", markup=False)
        return exit_codes.WAITING
    if report.error is not None:
        console.print(f"failed ({report.error.code}): {report.error.message}", markup=False)
        return exit_codes.exit_code(report.error)
    assert report.output is not None
    _film(console, report.output, report.folder)
    return exit_codes.DONE


def _film(console: Console, output: RenderOutput, folder: Path) -> None:
    seconds = output.edit_rate.seconds(output.duration_ticks)
    console.print(f"{output.status}: {folder / VIDEO_NAME}  ({seconds:.1f} s)", markup=False)
    for shortfall in output.shortfalls:
        console.print(f"  {shortfall.kind}: {shortfall.subject}: {shortfall.reason}", markup=False)
    for gate in output.quality_report:
        mark = {"passed": "ok", "failed": "FAILED", "overridden": "overridden", "not_applicable": "-"}[gate.status]
        limit = f" (limit {gate.limit})" if gate.limit else ""
        console.print(f"  {gate.gate:<18} {mark:<10} {gate.measured}{limit}", markup=False)
        if gate.status == "failed":
            for line in gate.detail[:5]:
                console.print(f"      {line}", markup=False)
    console.print(f"  publishable: {'yes' if output.publishable else 'no'}", markup=False)
