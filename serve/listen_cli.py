"""`reelwright listen` and `reelwright origin`: the options' words, nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serve.media_cli import Files, Json, LogJson, OnRay, OpenDesk, Store

A_FOLDER = "A folder when there are several sounds."


def add_listen_commands(app: typer.Typer, open_desk: OpenDesk) -> None:
    """Adds the commands to `app`; each opens its desk by `open_desk(store, log_json=...)`."""

    @app.command()
    def listen(
        files: Files,
        json_out: Annotated[Path | None, typer.Option("--json", help=f"The timeline as JSON. {A_FOLDER}")] = None,
        plot: Annotated[
            Path | None,
            typer.Option("--plot", help=f"Waveform, classes, words, beats and loudness as a PNG. {A_FOLDER}"),
        ] = None,
        beats: Annotated[bool, typer.Option("--beats/--no-beats", help="Whether beats are looked for.")] = True,
        words: Annotated[bool, typer.Option("--words/--no-words", help="Whether speech is written down.")] = True,
        language: Annotated[str, typer.Option("--language", help="Language hint for that, or `auto`.")] = "auto",
        min_silence_ms: Annotated[
            int, typer.Option("--min-silence-ms", help="Shorter pauses are no silence; held within 50 and 5000.")
        ] = 300,
        loudness_window_ms: Annotated[
            int, typer.Option("--loudness-window-ms", help="Window of loudness; held within 100 and 10000.")
        ] = 1000,
        on_ray: OnRay = False,
        log_json: LogJson = False,
        store: Store = None,
    ) -> None:
        """Say what is heard and when: speech, music, noise and silence, words, beats, loudness."""
        from cluster.settings import EngineSettings
        from serve.listen_present import listened_document, listened_lines, write_listened
        from serve.media_commands import listen_command
        from serve.media_files import media_files
        from serve.media_out import check_names
        from serve.media_present import present
        from serve.terminal import reporting

        asked: dict[str, object] = {
            "include_beats": beats, "transcribe": words, "language": language, "min_silence_ms": min_silence_ms,
            "loudness_window_ms": loudness_window_ms,
        }  # fmt: skip
        with open_desk(store, log_json=log_json) as desk, reporting(log_json=log_json) as progress:
            found = media_files(files)
            check_names(found, json_out, plot)
            outcomes = listen_command(desk, EngineSettings.load(), progress, found, on_ray=on_ray, **asked)
            write_listened(desk, outcomes, found, json_out, plot)
        raise typer.Exit(present(outcomes, listened_lines, listened_document, as_json=False))

    @app.command()
    def origin(
        mix: Annotated[Path, typer.Argument(help="The finished mix: a sound, or a film.")],
        sources: Annotated[list[Path], typer.Argument(help="Sounds and films that may be in it, or a folder.")],
        json_output: Json = False,
        log_json: LogJson = False,
        store: Store = None,
    ) -> None:
        """Say which source, and which time of it, is heard at every moment of a mix."""
        from cluster.settings import EngineSettings
        from serve.listen_present import origin_document, origin_lines
        from serve.media_commands import origin_command
        from serve.media_files import media_files
        from serve.media_present import present
        from serve.terminal import reporting

        with open_desk(store, log_json=log_json) as desk, reporting(log_json=log_json) as progress:
            outcomes = origin_command(desk, EngineSettings.load(), progress, mix, media_files(sources))
        raise typer.Exit(present(outcomes, origin_lines, origin_document, as_json=json_output))
