"""The command line. Imports no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.launch import VERSION, Options


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"Cutline {VERSION}")
        raise typer.Exit


def parse(arguments: Sequence[str]) -> Options:
    """What the user asked for; ends the program for --help, --version and mistakes, as command lines do."""
    asked: list[Options] = []
    app = typer.Typer(add_completion=False, rich_markup_mode=None)

    @app.command()
    def cutline(
        paths: Annotated[
            list[Path] | None,
            typer.Argument(help="A model (model.toml or weights) or predictions, a validation folder or CSV, or both."),
        ] = None,
        demo: Annotated[str, typer.Option(help="Open a shipped demo: sheets, digits or digits-bce.")] = "",
        shot: Annotated[Path, typer.Option(help="Where --demo writes its picture without a display.")] = Path(
            "demo.png"
        ),
        version: Annotated[
            bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say the version and end.")
        ] = False,
    ) -> None:
        """See what an image classifier predicts, and choose the threshold of every label.

        Without arguments, what was open last is opened again.
        """
        asked.append(Options(tuple(str(path) for path in paths or ()), demo, str(shot)))

    try:
        app(list(arguments), prog_name="cutline")
    except SystemExit:
        if not asked:
            raise
    return asked[0]
