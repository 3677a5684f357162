"""What every engine is: a model and its lifecycle, the same in process, in a Ray Serve replica and in a Ray Data pool.

    spec -> load() -> infer(batch) -> infer(batch) -> ... -> close()

An engine imports no Ray and no storage. `__init__` stores values and does no I/O, so that a host may build one to read
its `spec` before it decides where to load it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

RequestT = TypeVar("RequestT", contravariant=True)
ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class EngineSpec:
    """What a host must know before it loads an engine, and what an identity takes from it."""

    name: str
    """Backend name as results carry it, for example `espeak-ng`."""

    version: str
    """Version of the backend and of our use of it; another version may give other bytes."""

    backend_type: Literal["real", "stub"]
    memory_mb: int
    """Resident memory of a loaded engine, weights included; placement refuses what does not fit."""

    device: Literal["cpu", "cuda", "any"] = "cpu"
    """`any` runs on CUDA where there is one."""

    digest: str = ""
    """SHA-256 of the native libraries or weights, filled by `load()`; empty before it and for a stub."""

    degraded: str = ""
    """Why this engine stands in for a better one; empty when it is the first choice."""


class Engine(Protocol[RequestT, ResultT]):
    """A model with three verbs. The contract suite in tests/contract holds for every implementation."""

    @property
    def spec(self) -> EngineSpec:
        """What this engine is; `digest` is filled once it is loaded."""

    def load(self) -> None:
        """Makes `infer` possible. Loading twice is harmless.

        Raises:
            Unavailable: the model, a library or a device that it needs is not here.
        """

    def infer(self, batch: Sequence[RequestT]) -> list[ResultT]:
        """One result per request, in the same order; the same request gives the same result in any batch.

        Raises:
            InvalidInput: a request cannot be served by this engine whatever is tried.
            Unavailable: the backend died or did not answer in time.
        """

    def close(self) -> None:
        """Frees what `load` took; bounded in time, harmless twice and after a failed `load`."""
