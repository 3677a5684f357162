"""Writes down sounds in this process, one after the other, with engines that are loaded once."""

from __future__ import annotations

from collections.abc import Callable

from actors import catalogue
from actors.catalogue import Build
from pipelines.stage import Outputs, document_output
from pipelines.streams.loaded_engines import LoadedEngines
from pipelines.streams.speech_pass import SpeechTask, recognise


class SpeechListener(LoadedEngines):
    """A function from a SpeechTask to its outputs, with the engines that it takes. For one thread."""

    def __init__(self, progress: Callable[[str, float], None], build: Build = catalogue.build) -> None:
        """Loads nothing yet.

        Args:
            progress: told the name of a sound, and the share of it that is written down.
            build: makes the engines: here, or as ways to where they are hosted.
        """
        super().__init__(build)
        self._progress = progress

    def __call__(self, task: SpeechTask) -> Outputs:
        """What is said.

        Raises:
            MediaUnreadable: the file has no sound, or is damaged from its first sample on.
            InvalidInput: the engine does not know the language.
            Unavailable: an engine does not load.
        """

        def progress(share: float) -> None:
            self._progress(task.name, share)

        found = recognise(task, self.of(task.activity), self.of(task.speech), progress)
        return {"result": document_output(found)}
