"""Hears sounds in this process, one after the other, with engines that are loaded once."""

from __future__ import annotations

from pipelines.stage import Outputs
from pipelines.streams.loaded_engines import LoadedEngines
from pipelines.streams.sound_pass import SoundTask, evidence, heard_parts


class SoundListener(LoadedEngines):
    """A function from a SoundTask to its outputs, with the engines that it takes. For one thread."""

    def __call__(self, task: SoundTask) -> Outputs:
        """What was heard.

        Raises:
            MediaUnreadable: the file has no sound, or is damaged from its first sample on.
            Unavailable: the engine does not load.
        """
        return evidence(heard_parts(task, self.of(task.engine) if task.engine is not None else None))
