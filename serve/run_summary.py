"""How a run went (specification section 16), from its tallies. No part of any identity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from pipelines.analysis.media_flow import ChosenEngine
from pipelines.runner import Execution

TellSummary = Callable[[Mapping[str, Any]], None]
"""Is given the summary of a run at its end, however it ended."""


def run_summary(execution: Execution, engines: Iterable[ChosenEngine] = ()) -> dict[str, Any]:
    """Seconds, cache, retries and engines of a run. Everything is local and costs nothing until providers are there."""
    tallies = execution.tallies
    chosen = {one.choice.family: one.spec.backend() for one in engines}
    hits = sum(one.hits for one in tallies.values())
    misses = sum(one.misses for one in tallies.values())
    return {
        "run_id": execution.run_id,
        "stages": {name: {**asdict(one), "seconds": round(one.seconds, 3)} for name, one in tallies.items()},
        "retries": sum(one.retries for one in tallies.values()),
        "failures": sum(one.failures for one in tallies.values()),
        "cache": {"hits": hits, "misses": misses, "hit_rate": round(hits / max(1, hits + misses), 4)},
        **({"engines": chosen} if chosen else {}),
        "compute": {"local": misses, "external": 0},
        "tokens_used": 0,
        "cost_usd": 0.0,
    }
