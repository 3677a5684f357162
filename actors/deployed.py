"""An engine that another process hosts, as if it were here: the same verbs, the same results to the bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from actors import catalogue
from actors.catalogue import EngineChoice
from actors.engine import Engine, EngineSpec
from actors.hosting import HostingPlan
from actors.lane_batcher import Lane
from actors.window import BlockingClient, EngineClient
from schemas.errors import Defect


class DeployedEngine:
    """Asks the Ray Serve deployment of a plan. For any number of threads, once loaded."""

    def __init__(self, plan: HostingPlan, lane: Lane) -> None:
        """Does no work. `lane` says who waits: a person, or a bulk job."""
        self._plan, self._lane = plan, lane
        self._here = catalogue.build(plan.choice)
        self._client: BlockingClient | None = None

    @property
    def spec(self) -> EngineSpec:
        """What the engine is."""
        return self._here.spec

    def check(self) -> None:
        """As the engine's own, on this machine."""
        self._here.check()

    def load(self) -> None:
        """Opens the way to the deployment, which loads the model when it is first asked."""
        if self._client is None:
            self._client = BlockingClient(EngineClient(self._plan))

    def infer(self, batch: Sequence[Any]) -> list[Any]:
        """One result per request, in order.

        Raises:
            InvalidInput: a request cannot be served.
            Unavailable: no replica answers.
            Defect: not loaded.
        """
        if self._client is None:
            raise Defect(f"{self._plan.app} was asked before it was loaded")
        return self._client.infer(batch, self._lane)

    def close(self) -> None:
        """Closes the way; the model stays where it is."""
        if self._client is not None:
            self._client.close()
            self._client = None


@dataclass(frozen=True)
class DeployedBuild:
    """Builds engines that are deployed as their deployments, the others here. It pickles."""

    plans: Mapping[str, HostingPlan]
    """Family -> its plan."""

    lane: Lane = "batch"

    def __call__(self, choice: EngineChoice) -> Engine[Any, Any]:
        """The engine of a choice."""
        plan = self.plans.get(choice.family)
        if plan is None or (plan.choice.backend, plan.choice.placement) != (choice.backend, choice.placement):
            return catalogue.build(choice)
        return DeployedEngine(plan, self.lane)
