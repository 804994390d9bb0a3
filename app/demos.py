"""The demos that come with the program."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "assets" / "demo"


@dataclass(frozen=True)
class Demo:
    """A model and a validation folder to start with."""

    key: str
    title: str
    detail: str
    model: Path
    folder: Path


DEMOS = (
    Demo(
        "sheets",
        "Handwritten sheets",
        "Several digits a page, multi-label: 0.5 is wrong for most of them",
        ROOT / "sheets" / "model.toml",
        ROOT / "sheets" / "validation",
    ),
    Demo(
        "digits",
        "Digits, cross-entropy",
        "One digit a picture, trained with softmax and cross-entropy",
        ROOT / "digits" / "crossentropy" / "model.toml",
        ROOT / "digits" / "validation",
    ),
    Demo(
        "digits-bce",
        "Digits, binary cross-entropy",
        "The same pictures, trained with a sigmoid for each label",
        ROOT / "digits" / "bce" / "model.toml",
        ROOT / "digits" / "validation",
    ),
)


def demo(key: str) -> Demo:
    """The demo of this key; KeyError names the known ones."""
    for one in DEMOS:
        if one.key == key:
            return one
    raise KeyError(f"no demo is called {key}: there are {', '.join(one.key for one in DEMOS)}")
