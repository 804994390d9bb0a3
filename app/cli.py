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


def _options(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="A model (model.toml or weights), a validation folder or CSV, or both.")
    ] = None,
    demo: Annotated[str, typer.Option(help="Open a shipped demo: sheets, digits or digits-bce.")] = "",
    shot: Annotated[Path, typer.Option(help="Where --demo writes its picture when there is no display.")] = Path(
        "demo.png"
    ),
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say the version and end.")
    ] = False,
) -> Options:
    """See what an image classifier predicts, and choose the threshold of every label.

    Without arguments, what was open last is opened again.
    """
    return Options(tuple(str(path) for path in paths or ()), demo, str(shot))


def parse(arguments: Sequence[str]) -> Options:
    """What the user asked for; ends the program for --help, --version and mistakes, as command lines do."""
    app = typer.Typer(add_completion=False)
    app.command()(_options)
    result = app(list(arguments), prog_name="cutline", standalone_mode=False)
    if isinstance(result, Options):
        return result
    raise SystemExit(result or 0)
