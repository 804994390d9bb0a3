"""What the tests about files of annotated projects say of images, and read back."""

from __future__ import annotations

from app.application import Cutline
from inference.types import UNKNOWN


def annotate(program: Cutline, name: str) -> None:
    """Say something of an image as the panel does, so that the project is no mere copy of its files."""
    made = program.made
    assert made is not None
    assert made.session.dataset is not None
    made.session.set_image(made.session.dataset.names.index(name))
    before = said(program)[name]
    made.annotating.say(0, UNKNOWN if before[0] != UNKNOWN else 1)
    assert said(program)[name] != before


def said(program: Cutline) -> dict[str, list[int]]:
    """By name of the image."""
    assert program.made is not None
    session = program.made.session
    assert session.dataset is not None
    assert session.truth is not None
    return dict(zip(session.dataset.names, session.truth.statements.tolist(), strict=True))
