"""The whole flow of one episode on one page."""

from __future__ import annotations

from pipelines.flow.film import caption, join
from pipelines.flow.maker import Flow
from pipelines.flow.picture import render_shots
from pipelines.flow.sign_off import Terms, sign_off
from pipelines.flow.sound import mix_sound
from pipelines.flow.sources import Sources, find_sources
from pipelines.flow.story import tell
from pipelines.flow.timing import Timing, lock
from pipelines.narrative.project_source import ProjectInput
from pipelines.runner import Artifact


def make_episode(flow: Flow, source: ProjectInput) -> Artifact:
    """The RenderOutput of an idea or a script. What was made on the way stands in `flow.files`, however this ends.

    Raises:
        Paused: a person has to decide.
        Refused: canon, rights or safety say no.
        InvalidInput: the source cannot be used.
    """
    story = tell(flow, source)
    timing = lock(flow, story)
    sources = find_sources(flow, story, timing, source.library)
    before = {
        "Project": story.project_artifact, "Script": story.script_artifact, "CanonDiff": story.canon_diff_artifact,
    }  # fmt: skip
    return make_film(flow, timing, sources, Terms(story.project, story.canon_diff, before))


def make_film(flow: Flow, timing: Timing, sources: Sources, terms: Terms) -> Artifact:
    """The RenderOutput of a locked timeline and its sources: everything from the shot list on, without a story.

    Raises:
        Refused: safety says no.
    """
    captions = caption(flow, timing, sources)
    with flow.beside(lambda: mix_sound(flow, timing, sources)) as mixed:
        segments = render_shots(flow, timing, sources, captions.track.cues)
        sound = mixed()
    film = join(flow, timing, segments, sound, captions)
    return sign_off(flow, terms, timing, sources, segments, sound, captions, film)
