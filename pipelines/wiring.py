"""The composition root: the only place that picks implementations."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from actors.catalogue import VoicesEngine, open_voices
from pipelines.natives import natives
from pipelines.rendering.segment_task import SegmentTask, render_segment
from pipelines.stage import Outputs


@dataclass(frozen=True)
class Parts:
    """What a flow is run with. Tests hand in their own."""

    voices: VoicesEngine = field(default_factory=open_voices)
    natives: Mapping[str, str] = field(default_factory=natives)
    num_cpus: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    render: Callable[[SegmentTask], Outputs] = render_segment
