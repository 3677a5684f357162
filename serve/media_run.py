"""One run over films and sounds: its record in the ledger, its scratch folder, and the flow that works in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from actors import catalogue
from actors.catalogue import Build
from actors.host_facts import read_host
from cluster.logs import log_context
from cluster.registry.runs import RunEnd
from cluster.settings import EngineSettings
from pipelines.analysis.media_flow import Engines, MediaFlow
from pipelines.natives import natives
from pipelines.progress import Progress
from pipelines.runner import Execution
from pipelines.wiring import engine_wishes
from schemas.errors import Cancelled, ReelwrightError
from serve.desk import Desk
from serve.run_scope import ended_by_signal, new_run_id, scratch_folder
from serve.run_summary import TellSummary, run_summary

T = TypeVar("T")

PROJECT = "media"
"""The ledger's name for runs that belong to no project."""


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What became of one file."""

    name: str
    result: T | ReelwrightError


def run_media(
    desk: Desk,
    settings: EngineSettings,
    progress: Progress,
    action: Callable[[MediaFlow], Sequence[Outcome[T]]],
    *,
    on_ray: bool = False,
) -> list[Outcome[T]]:
    """What `action` gives in a run of its own; the run's record says how it ended, whatever happens.

    Raises:
        Cancelled: Ctrl-C or SIGTERM; what was finished is kept.
        ReelwrightError: nothing could be begun.
    """
    outcomes: list[Outcome[T]] = []
    with ended_by_signal(), media_flow(desk, settings, progress, on_ray=on_ray, outcomes=outcomes) as flow:
        outcomes += action(flow)
    return outcomes


@contextmanager
def media_flow(
    desk: Desk,
    settings: EngineSettings,
    progress: Progress,
    *,
    on_ray: bool = False,
    build: Build = catalogue.build,
    outcomes: Sequence[Outcome[Any]] = (),
    tell: TellSummary = lambda _: None,
) -> Iterator[MediaFlow]:
    """A flow in a run of its own, whose record says at the end how it went: as `outcomes` say then. So does `tell`.

    Raises:
        Cancelled: Ctrl-C or SIGTERM; what was finished is kept.
        ReelwrightError: nothing could be begun.
    """
    run_id = new_run_id()
    with log_context(run_id=run_id), scratch_folder(desk.scratch, run_id) as scratch:
        desk.ledger.start(run_id, PROJECT)
        execution = Execution(
            registry=desk.registry, blobs=desk.blobs, ledger=desk.ledger, scope=desk.scope, run_id=run_id,
            scratch=scratch, natives=natives(), progress=progress,
        )  # fmt: skip
        engines = Engines(partial(read_host, settings.cuda_visible_devices), engine_wishes(settings))

        def summed() -> dict[str, Any]:
            summary = run_summary(execution, engines.chosen)
            tell(summary)
            return summary

        try:
            yield MediaFlow(
                maker=execution,
                shelf=desk.registry,
                scope=desk.scope,
                engines=engines,
                progress=progress,
                num_cpus=len(os.sched_getaffinity(0)),
                on_ray=on_ray,
                build=build,
            )
        except KeyboardInterrupt:
            desk.ledger.finish(run_id, "failed", error=Cancelled("cancelled"), summary=summed())
            raise Cancelled("cancelled; the same command goes on from here") from None
        except Exception as exc:
            desk.ledger.finish(run_id, "failed", error=exc, summary=summed())
            raise
        failed = [one.result for one in outcomes if isinstance(one.result, ReelwrightError)]
        status: RunEnd = "completed" if not failed else "failed" if len(failed) == len(outcomes) else "degraded"
        desk.ledger.finish(run_id, status, error=failed[0] if failed else None, summary=summed())
