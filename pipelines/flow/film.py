"""The last leg: segments, mix and captions joined, measured on the finished file, and signed off as RenderOutput."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.flow.maker import Flow
from pipelines.flow.sound import Sound
from pipelines.flow.sources import Sources
from pipelines.flow.timing import Timing
from pipelines.media.film import assemble_film
from pipelines.media.poster import poster
from pipelines.rendering.captions import caption_track
from pipelines.rendering.subtitle_files import to_srt, to_vtt
from pipelines.runner import Artifact
from pipelines.stage import Output, Outputs, Stage, Work
from schemas.captions import CaptionProfile, CaptionTrack

CAPTION_TRACK = Stage("caption_track", "2")
SUBTITLES = Stage("subtitles", "1")
FILM = Stage("film", "1", natives=("ffmpeg", "cpu"), instant=False)
POSTER = Stage("poster", "1", natives=("ffmpeg", "numpy"), instant=False)


@dataclass(frozen=True)
class Captions:
    """What is read: the cues and the two sidecar files."""

    track: CaptionTrack
    artifact: Artifact
    srt: Artifact
    vtt: Artifact


def caption(flow: Flow, timing: Timing, sources: Sources) -> Captions:
    """Captions of the spoken lines."""
    speech = {element_id: line.speech for element_id, line in timing.spoken.items()}
    written = {need.element_id: need for need in sources.manifest.voice_lines}
    track, artifact = flow.document(
        CAPTION_TRACK,
        lambda: caption_track(timing.shotlist, written, speech, CaptionProfile()),
        CaptionTrack,
        {"shotlist": timing.artifact, "manifest": sources.manifest_artifact}
        | {f"speech.{element_id}": line.timing for element_id, line in timing.spoken.items()},
        file_name="CaptionTrack.json",
    )

    def files(_: Path) -> Outputs:
        return {
            "srt": Output("captions", to_srt(track), "application/x-subrip"),
            "vtt": Output("captions", to_vtt(track), "text/vtt"),
        }

    made = flow.maker.make(Work(SUBTITLES, "captions", files, inputs={"track": artifact.as_input()})).outputs
    flow.files["captions.srt"], flow.files["captions.vtt"] = made["srt"], made["vtt"]
    return Captions(track, artifact, made["srt"], made["vtt"])


@dataclass(frozen=True)
class Film:
    """The finished file and its still."""

    video: Artifact
    poster: Artifact


def join(flow: Flow, timing: Timing, segments: Sequence[Artifact], sound: Sound, captions: Captions) -> Film:
    """One MP4 of everything."""

    def make(folder: Path) -> Outputs:
        path = folder / "film.mp4"
        assemble_film(
            path,
            segments=[flow.maker.path(segment) for segment in segments],
            rate=timing.shotlist.edit_rate,
            mix_wav=flow.maker.path(sound.mix),
            cues=captions.track,
            language=timing.shotlist.language,
            title=timing.shotlist.title,
        )
        return {"result": Output("film", path, "video/mp4")}

    inputs = {f"segment.{number:05}": segment.as_input() for number, segment in enumerate(segments)}
    inputs |= {"mix": sound.mix.as_input(), "captions": captions.artifact.as_input()}
    parameters = {"title": timing.shotlist.title, "language": timing.shotlist.language}
    video = flow.maker.make(Work(FILM, "film", make, inputs=inputs, parameters=parameters)).result
    flow.files["episode.mp4"] = video
    return Film(video, _poster(flow, timing, segments))


def _poster(flow: Flow, timing: Timing, segments: Sequence[Artifact]) -> Artifact:
    """The middle of the first shot that shows somebody, or of the first shot."""
    shots = timing.shotlist.shots
    number = next((index for index, shot in enumerate(shots) if shot.characters), 0)
    tick = shots[number].duration_ticks // 2

    def make(_: Path) -> Outputs:
        return {"result": Output("poster", poster(flow.maker.path(segments[number]), tick), "image/png")}

    work = Work(POSTER, "poster", make, inputs={"segment": segments[number].as_input()}, parameters={"tick": tick})
    artifact = flow.maker.make(work).result
    flow.files["poster.png"] = artifact
    return artifact
