"""What every engine is: a model and its lifecycle, the same in process, in a Ray Serve replica and in a Ray Data pool.

    spec -> check() -> load() -> infer(batch) -> infer(batch) -> ... -> close()

An engine imports no Ray and no storage. `__init__` stores values and does no I/O. `check` reads what `load` would need
without loading it, in milliseconds, so that an answer that is stored already costs no model in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

RequestT = TypeVar("RequestT", contravariant=True)
ResultT = TypeVar("ResultT")

Device = Literal["cpu", "cuda"]
Precision = Literal["float32", "float16"]


@dataclass(frozen=True)
class EngineSpec:
    """What a host must know before it loads an engine, and what an identity takes from it."""

    name: str
    """Backend name as results carry it, for example `espeak-ng`."""

    version: str
    """Version of the backend and of our use of it; another version may give other bytes."""

    backend_type: Literal["real", "stub"]
    memory_mb: int
    """Resident memory of a loaded engine, weights and libraries included; placement refuses what does not fit."""

    model: str = ""
    """Which weights or data answer, for example `whisper-tiny`; empty when the backend has no choice of them."""

    vram_mb: int = 0
    """Memory of a GPU that it takes there; 0 for an engine that runs on CPUs alone."""

    half: bool = False
    """Whether half precision is right for it on a GPU."""

    batch: int = 1
    """Most requests of one `infer` call that a host hands over; more are cut into calls of this size."""

    longest_call_s: float = 30.0
    """A call of `infer` that takes longer has hung. Most take far under a second; a large recogniser on a busy CPU
    takes minutes."""

    device: Device = "cpu"
    """Where it runs; known with its placement."""

    precision: Precision = "float32"
    """How it computes; known with its placement."""

    digest: str = ""
    """SHA-256 of the weights and native libraries, filled by `check()`; empty before it and for a stub."""

    degraded: str = ""
    """Why this engine stands in for a better one; empty when it is the first choice."""

    def backend(self) -> dict[str, str]:
        """What decides its bytes, as identities and results name it: another device or precision is another answer."""
        return {
            "name": self.name,
            "version": self.version,
            "type": self.backend_type,
            "model": self.model,
            "device": self.device,
            "precision": self.precision,
            "digest": self.digest,
        }


class Engine(Protocol[RequestT, ResultT]):
    """A model with its verbs. The contract suites in tests/contract hold for every implementation."""

    @property
    def spec(self) -> EngineSpec:
        """What this engine is; `digest` is filled once it was checked."""

    def check(self) -> None:
        """Fills `spec.digest`. Reads files at most, imports no framework.

        Raises:
            Unavailable: the model, a library or a device that `load` needs is not here.
        """

    def load(self) -> None:
        """Makes `infer` possible; checks first. Loading twice is harmless.

        Raises:
            Unavailable: the model, a library or a device that it needs is not here.
        """

    def infer(self, batch: Sequence[RequestT]) -> list[ResultT]:
        """One result per request, in the same order; the same request gives the same result in any batch.

        Raises:
            InvalidInput: a request cannot be served by this engine whatever is tried.
            Unavailable: not loaded, or the backend died or did not answer in time.
        """

    def close(self) -> None:
        """Frees what `load` took; bounded in time, harmless twice and after a failed `load`."""
