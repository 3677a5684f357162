"""What the legs of a flow are given: something that makes works, the project, the options and the parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from pipelines.flow.guards import Guards
from pipelines.maker import Maker
from pipelines.progress import Progress
from pipelines.runner import Artifact, D
from pipelines.stage import Outputs, Stage, Work, document_output
from pipelines.wiring import Parts
from schemas.document import Document
from schemas.render_output import GateOverride, Shortfall
from schemas.vocabulary import RenderProfile

T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """What a user chose for this render; nothing here can move a frame."""

    profile: RenderProfile = "preview_local"
    captions: Literal["sidecar", "burned_in"] = "sidecar"
    voice: Literal["spoken", "muted"] = "spoken"
    in_process: bool = False
    overrides: Mapping[str, GateOverride] = field(default_factory=dict)
    """Gate name -> who lets it pass, and why."""


@dataclass
class Flow:
    """The state of one run: what has been made so far, under the names people know."""

    maker: Maker
    parts: Parts
    options: Options
    guards: Guards
    progress: Progress
    files: dict[str, Artifact] = field(default_factory=dict)
    """File name in the run folder -> artifact."""

    shortfalls: list[Shortfall] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    """Safety findings that warn-only mode let through; they block publishing."""

    side_by_side: bool = True
    """Whether legs that need nothing of each other run at the same time."""

    @contextmanager
    def beside(self, call: Callable[[], T]) -> Iterator[Callable[[], T]]:
        """Runs `call` in a thread while the block goes on; the block asks for the result by calling what it is given.

        For two legs that need nothing of each other: sound is mixed while shots are rendered. A plan, whose list of
        works has an order, runs `call` first.
        """
        if not self.side_by_side:
            result = call()
            yield lambda: result
            return
        with ThreadPoolExecutor(1, "beside") as thread:
            yield thread.submit(copy_context().run, call).result

    def document(
        self,
        stage: Stage,
        make: Callable[[], D],
        kind: type[D],
        inputs: Mapping[str, Artifact],
        *,
        file_name: str | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> tuple[D, Artifact]:
        """The document that a stage makes from `inputs`, and its artifact."""

        def outputs(_: Path) -> Outputs:
            return {"result": document_output(make())}

        given = {role: artifact.as_input() for role, artifact in inputs.items()}
        work = Work(stage, item=kind.name(), make=outputs, inputs=given, parameters=parameters or {})
        artifact = self.maker.make(work).result
        if file_name:
            self.files[file_name] = artifact
        return self.maker.document(kind, artifact), artifact

    def taken(self, document: Document, stage: Stage, file_name: str | None = None) -> Artifact:
        """The artifact of a document that came from outside; its content is its identity."""
        output = document_output(document)
        assert isinstance(output.content, bytes)
        parameters = {"document": document.name(), "content": document.model_dump(mode="json")}
        work = Work(stage, item=document.name(), make=lambda _: {"result": output}, parameters=parameters)
        artifact = self.maker.make(work).result
        if file_name:
            self.files[file_name] = artifact
        return artifact
