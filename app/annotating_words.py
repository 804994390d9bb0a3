"""Sentences about what was said of images, and why something was not."""

from __future__ import annotations

from typing import Final

from inference.types import POSITIVE
from inference.types.annotating_view import MIXED

_LONGEST: Final = 200  # characters of a label's name


def said_of_many(n_images: int, text: str) -> str:
    """``12 images: cat positive.``, from the words of the step of undo."""
    return f"{n_images:,} images: {text.replace(': ', ' ')}."


def not_taken_back(name: str, now: int) -> str:
    """Why Shift and a label's key did nothing where an image has exactly one label; "" where it takes it back."""
    if now == POSITIVE:
        return ""
    if now == MIXED:
        return f"Not all of these images have {name}: choose one label for them all, or clear them."
    return f"Each image has exactly one label, and {name} is not the one of this image: press the key of the one it is."


def refused_name(name: str, *, taken: bool) -> str:
    """Why a label cannot be called so; "" where it can."""
    if not name.strip() or len(name) > _LONGEST:
        return f"A label needs a name of 1 to {_LONGEST} characters."
    return f"There is a label {name} already: merge the two instead." if taken else ""
