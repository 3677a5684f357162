"""What the flows of media engines share: a maker, the engines that were chosen, and what is stored about an asset.

path -> asset -> film pass -> regions -> visual meta        each an artifact; what exists already is found, not made
              -> speech -> transcript -> captions
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from actors import catalogue
from actors.catalogue import Build, EngineChoice, build, choose
from actors.engine import EngineSpec
from actors.placement import HostFacts
from cluster.registry.records import ArtifactRecord
from cluster.tenancy.scope import TenantScope
from pipelines.maker import Maker
from pipelines.progress import Progress
from pipelines.runner import Artifact
from pipelines.stage import Work
from schemas.backend import Backend
from schemas.errors import NotFound


@dataclass(frozen=True)
class ChosenEngine:
    """An engine that was chosen and checked, not loaded: what an identity and a document say of it."""

    choice: EngineChoice
    spec: EngineSpec

    @property
    def backend(self) -> Backend:
        """As documents name it."""
        return Backend(
            backend_type=self.spec.backend_type,
            name=self.spec.name,
            version=self.spec.version,
            model=self.spec.model,
            degraded=self.spec.degraded,
        )


@dataclass(frozen=True)
class EngineWish:
    """Which engine of a family somebody wants; empty means the best that is here."""

    backend: str = ""
    device: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Engines:
    """Engines by family, each chosen when it is first asked for."""

    host: Callable[[], HostFacts]
    wishes: Mapping[str, EngineWish]
    """By family; `purpose/family` goes before it for who asks with that purpose."""

    _chosen: dict[tuple[str, str, str], ChosenEngine] = field(default_factory=dict)

    @property
    def chosen(self) -> tuple[ChosenEngine, ...]:
        """Those that were asked for so far."""
        return tuple(self._chosen.values())

    def of(self, family: str, backend: str = "", purpose: str = "") -> ChosenEngine:
        """The engine of a family: the wished-for one (for a purpose), or `backend` in its place.

        Raises:
            InvalidInput: there is no such backend, option or device.
            Unavailable: not even a stub is here.
        """
        key = (family, backend, purpose if f"{purpose}/{family}" in self.wishes else "")
        if key not in self._chosen:
            wished = self.wishes.get(f"{purpose}/{family}") or self.wishes.get(family, EngineWish())
            wish = EngineWish(backend) if backend else wished
            choice = choose(family, self.host(), backend=wish.backend, device=wish.device, options=dict(wish.options))
            engine = build(choice)
            engine.check()
            self._chosen[key] = ChosenEngine(choice, engine.spec)
        return self._chosen[key]


class MediaMaker(Maker, Protocol):
    """A maker that knows the ids of what it will make, and what it has made."""

    def artifact_id(self, work: Work, output: str = "result") -> str: ...

    def holds(self, works: Sequence[Work]) -> bool: ...


class Shelf(Protocol):
    """What is stored: an `ArtifactRegistry`."""

    def get(self, artifact_id: str) -> ArtifactRecord: ...

    def children(self, artifact_id: str, kind: str | None = None) -> tuple[ArtifactRecord, ...]: ...


@dataclass
class MediaFlow:
    """The state of one run over films and sounds."""

    maker: MediaMaker
    shelf: Shelf
    scope: TenantScope
    engines: Engines
    progress: Progress
    num_cpus: int
    build: Build = catalogue.build
    """Makes engines of choices, where they are asked in this process."""

    on_ray: bool = False
    """Whether segments stream through Ray Data rather than through threads of this process."""

    def meta(self, asset_id: str, engine: ChosenEngine, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """What every media artifact says of itself; `cache_key` is the specification's literal form."""
        spec = engine.spec
        words = [self.scope.tenant, self.scope.env, asset_id]
        words += [f"{name}={_word(value)}" for name, value in sorted(parameters.items())]
        return {
            "tenant_id": self.scope.tenant,
            "env": self.scope.env,
            "asset_id": asset_id,
            "backend": spec.name,
            "backend_version": f"{spec.name}-{spec.version}",
            "backend_type": spec.backend_type,
            "model_used": spec.model or spec.name,
            "device": spec.device,
            "degraded": spec.degraded,
            "cache_key": "|".join([*words, f"{spec.name}-{spec.version}"]),
        }

    def stored(self, artifact_id: str, kind: str) -> ArtifactRecord:
        """The artifact of this id and kind.

        Raises:
            NotFound: this scope has none.
        """
        record = self.shelf.get(artifact_id)
        if record.kind != kind:
            raise NotFound(f"no {kind} {artifact_id!r}")
        return record


def _word(value: Any) -> str:
    return "+".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


@dataclass(frozen=True)
class Answer:
    """What a flow gives: a document's artifact, and whether it existed before."""

    artifact: Artifact
    cache_hit: bool
