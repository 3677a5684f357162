"""The media commands of `reelwright`: the options' words, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Literal

import typer

from serve.desk import Desk

Files = Annotated[list[Path], typer.Argument(help="Films or sounds; a folder stands for the media files in it.")]
Store = Annotated[Path | None, typer.Option("--store", help="Folder of registry and media (REELWRIGHT_STORE).")]
Json = Annotated[bool, typer.Option("--json", help="Print the document as JSON.")]
LogJson = Annotated[bool, typer.Option("--log-json", help="Report progress as JSON lines.")]
OnRay = Annotated[bool, typer.Option("--ray", help="Stream through Ray Data; so does everything from two files on.")]
Interval = Annotated[
    int | None, typer.Option("--interval-ms", min=20, max=60_000, help="Longest time between two looks.")
]

CAPTION_FILE = "A folder when there are several films."

OpenDesk = Callable[..., AbstractContextManager[Desk]]


def add_media_commands(app: typer.Typer, open_desk: OpenDesk) -> None:
    """Adds the commands to `app`; each opens its desk by `open_desk(store, log_json=...)`."""

    @app.command()
    def regions(
        files: Files,
        interval_ms: Interval = None,
        min_confidence: Annotated[
            float | None, typer.Option("--min-confidence", min=0, max=1, help="VIDEO_REGIONS_MIN_CONFIDENCE.")
        ] = None,
        smallest_face_px: Annotated[
            int | None, typer.Option("--smallest-face", min=12, max=4000, help="Narrowest face that matters, pixels.")
        ] = None,
        json_output: Json = False,
        on_ray: OnRay = False,
        log_json: LogJson = False,
        store: Store = None,
    ) -> None:
        """Find the faces of films: tracks, who counts as a person, a mask each."""
        from cluster.settings import EngineSettings
        from serve.media_commands import regions_command
        from serve.media_files import media_files
        from serve.media_present import present, region_document, region_lines
        from serve.terminal import reporting

        settings = EngineSettings.load()
        asked = {
            "frame_sample_interval_ms": interval_ms,
            "min_confidence": settings.regions_min_confidence if min_confidence is None else min_confidence,
            "smallest_face_px": smallest_face_px,
        }
        with open_desk(store, log_json=log_json) as desk, reporting(log_json=log_json) as progress:
            given = {name: value for name, value in asked.items() if value is not None}
            outcomes = regions_command(desk, settings, progress, media_files(files), on_ray=on_ray, **given)
        raise typer.Exit(present(outcomes, region_lines, region_document, as_json=json_output))

    @app.command("visual-meta")
    def visual(
        files: Files,
        interval_ms: Interval = None,
        faces: Annotated[bool, typer.Option("--faces/--no-faces", help="Whether the subject may be a face.")] = True,
        json_output: Json = False,
        on_ray: OnRay = False,
        log_json: LogJson = False,
        store: Store = None,
    ) -> None:
        """Measure films: shots, motion, and where the primary subject is."""
        from cluster.settings import EngineSettings
        from serve.media_commands import visuals_command
        from serve.media_files import media_files
        from serve.media_present import present, visual_document, visual_lines
        from serve.terminal import reporting

        asked: dict[str, object] = {"faces": faces}
        if interval_ms is not None:
            asked["frame_sample_interval_ms"] = interval_ms
        with open_desk(store, log_json=log_json) as desk, reporting(log_json=log_json) as progress:
            outcomes = visuals_command(
                desk, EngineSettings.load(), progress, media_files(files), on_ray=on_ray, **asked
            )
        raise typer.Exit(present(outcomes, visual_lines, visual_document, as_json=json_output))

    @app.command("detect-shots")
    def shots(
        files: Files,
        json_output: Json = False,
        on_ray: OnRay = False,
        log_json: LogJson = False,
        store: Store = None,
    ) -> None:
        """Find the shots of films: cuts, fades and dissolves told apart."""
        from cluster.settings import EngineSettings
        from serve.media_commands import visuals_command
        from serve.media_files import media_files
        from serve.media_present import present, shot_lines, visual_document
        from serve.terminal import reporting

        with open_desk(store, log_json=log_json) as desk, reporting(log_json=log_json) as progress:
            found = media_files(files)
            outcomes = visuals_command(desk, EngineSettings.load(), progress, found, on_ray=on_ray, faces=False)
        raise typer.Exit(present(outcomes, shot_lines, visual_document, as_json=json_output))

    @app.command()
    def captions(
        files: Files,
        srt: Annotated[Path | None, typer.Option("--srt", help=f"SubRip. {CAPTION_FILE}")] = None,
        vtt: Annotated[Path | None, typer.Option("--vtt", help=f"WebVTT. {CAPTION_FILE}")] = None,
        ass: Annotated[Path | None, typer.Option("--ass", help=f"Advanced SubStation. {CAPTION_FILE}")] = None,
        language: Annotated[
            str | None, typer.Option("--language", help="Language hint, or `auto` (VIDEO_CAPTIONS_LANGUAGE).")
        ] = None,
        model: Annotated[
            str | None, typer.Option("--model", help="Whisper's size, a hub id or a folder (VIDEO_CAPTIONS_MODEL).")
        ] = None,
        shots: Annotated[bool, typer.Option("--shots/--no-shots", help="End captions before cuts.")] = True,
        json_output: Json = False,
        on_ray: OnRay = False,
        log_json: LogJson = False,
        store: Store = None,
    ) -> None:
        """Write down what is said, and caption it to a delivery profile."""
        from cluster.settings import EngineSettings
        from serve.media_commands import captions_command
        from serve.media_files import media_files
        from serve.media_out import check_names, write_captions
        from serve.media_present import caption_document, caption_lines, present
        from serve.terminal import reporting

        named = {"captions_language": language, "captions_model": model}
        settings = EngineSettings.load(**{name: value for name, value in named.items() if value is not None})
        with open_desk(store, log_json=log_json) as desk, reporting(log_json=log_json) as progress:
            found = media_files(files)
            check_names(found, srt, vtt, ass)
            outcomes = captions_command(desk, settings, progress, found, on_ray=on_ray, use_shots=shots)
            write_captions(desk, outcomes, found, {"srt": srt, "vtt": vtt, "ass": ass})
        raise typer.Exit(present(outcomes, caption_lines, caption_document, as_json=json_output))

    @app.command()
    def anonymise(
        files: Files,
        out: Annotated[
            Path | None, typer.Option("--out", "-o", help="The covered film; a folder when there are several.")
        ] = None,
        effect: Annotated[Literal["blur", "mosaic", "solid"], typer.Option("--effect")] = "blur",
        strength: Annotated[
            Literal["light", "medium", "strong"], typer.Option("--strength", help="`light` protects nobody.")
        ] = "medium",
        keep: Annotated[
            Path | None, typer.Option("--keep", help="Portrait of the one person who stays visible; needs weights.")
        ] = None,
        interval_ms: Interval = None,
        json_output: Json = False,
        on_ray: OnRay = False,
        log_json: LogJson = False,
        store: Store = None,
    ) -> None:
        """Cover every face of films, and say where somebody should look again."""
        from cluster.settings import EngineSettings
        from serve.media_commands import anonymise_command
        from serve.media_files import media_files
        from serve.media_out import check_names, write_films
        from serve.media_present import anonymised_document, anonymised_lines, present
        from serve.terminal import reporting

        asked: dict[str, object] = {"effect": effect, "strength": strength}
        if interval_ms is not None:
            asked["frame_sample_interval_ms"] = interval_ms
        with open_desk(store, log_json=log_json) as desk, reporting(log_json=log_json) as progress:
            found = media_files(files)
            check_names(found, out)
            outcomes = anonymise_command(
                desk, EngineSettings.load(), progress, found, keep=keep, on_ray=on_ray, **asked
            )
            write_films(desk, outcomes, found, out)
        raise typer.Exit(present(outcomes, anonymised_lines, anonymised_document, as_json=json_output))

    @app.command("render")
    def render_film(
        files: Files,
        out: Annotated[
            Path | None, typer.Option("--out", "-o", help="The rendered film (.mp4); a folder when there are several.")
        ] = None,
        cover_faces: Annotated[
            Literal["blur", "mosaic", "solid"] | None, typer.Option("--cover-faces", help="Effect on every face.")
        ] = None,
        strength: Annotated[Literal["light", "medium", "strong"], typer.Option("--strength")] = "medium",
        captions: Annotated[Literal["none", "burned_in", "track"], typer.Option("--captions")] = "none",
        aspect: Annotated[str, typer.Option("--aspect", help="Such as 9:16; the frame follows the subject.")] = "",
        start_ms: Annotated[int, typer.Option("--start-ms", min=0, help="First moment that is kept.")] = 0,
        end_ms: Annotated[int | None, typer.Option("--end-ms", min=1, help="First that is no longer kept.")] = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done; do nothing.")] = False,
        json_output: Json = False,
        on_ray: OnRay = False,
        log_json: LogJson = False,
        store: Store = None,
    ) -> None:
        """Render films with what is known about them: faces covered, captions, another aspect, a part."""
        from cluster.settings import EngineSettings
        from serve.media_commands import dry_run_command, render_command
        from serve.media_files import media_files
        from serve.media_out import check_names, write_films
        from serve.media_present import plan_document, plan_lines, present, rendered_document, rendered_lines
        from serve.terminal import reporting

        asked: dict[str, object] = {
            "cover_faces": cover_faces, "strength": strength, "captions": captions, "aspect": aspect,
            "trim": {"start_ms": start_ms, "end_ms": end_ms},
        }  # fmt: skip
        settings = EngineSettings.load()
        with open_desk(store, log_json=log_json) as desk, reporting(log_json=log_json) as progress:
            found = media_files(files)
            if dry_run:
                planned = dry_run_command(desk, settings, progress, found, **asked)
                raise typer.Exit(present(planned, plan_lines, plan_document, as_json=json_output))
            check_names(found, out)
            outcomes = render_command(desk, settings, progress, found, on_ray=on_ray, **asked)
            write_films(desk, outcomes, found, out)
        raise typer.Exit(present(outcomes, rendered_lines, rendered_document, as_json=json_output))
