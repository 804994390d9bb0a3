"""What the model form asks, how its text is read, and the sentence for each thing that cannot be. No Qt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

Size = int | tuple[int, int] | None  # pixels: the shorter side, or (height, width), or leave it
Triple = tuple[float, float, float]

LONGEST_SIDE: Final = 16384
INTERPOLATIONS: Final = ("nearest", "nearest-exact", "bilinear", "bicubic", "box", "hamming", "lanczos")


@dataclass(frozen=True)
class ModelFormValues:
    """What is known, guessed or typed about weights that have no card.

    ``labels`` is the text of the field, see `read_labels`. ``sources`` names for each field who said it: "you",
    "card", "file" or "default"; ``reasons`` holds a sentence for a guess that needs one; ``candidates`` are the
    architectures that fit the file, best first.
    """

    file_name: str
    architecture: str = ""
    labels: str = ""
    n_outputs: int | None = None
    activation: str = "sigmoid"
    resize: Size = None
    crop: Size = None
    mean: Triple = (0.485, 0.456, 0.406)
    std: Triple = (0.229, 0.224, 0.225)
    interpolation: str = "bilinear"
    sources: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    candidates: tuple[str, ...] = ()

    @property
    def label_names(self) -> tuple[str, ...]:
        """The labels that the text lists."""
        return read_labels(self.labels)


def read_labels(text: str) -> tuple[str, ...]:
    """One label a line; a single line is split at its commas instead. Empty ones are passed over."""
    lines = text.splitlines()
    if sum(bool(line.strip()) for line in lines) == 1:
        lines = text.split(",")
    return tuple(line.strip() for line in lines if line.strip())


def labels_text(labels: Sequence[str]) -> str:
    """Labels as the text of the field."""
    return "\n".join(labels)


def labels_problem(text: str, n_outputs: int | None) -> str:
    """What is wrong with the labels, or nothing. ``n_outputs`` is None where the file does not tell."""
    labels = read_labels(text)
    if not labels:
        wanted = "the labels" if n_outputs is None else f"the {n_outputs} labels"
        return f"List {wanted}, one a line, in the order of the model's outputs."
    if n_outputs is not None and len(labels) != n_outputs:
        few = len(labels) < n_outputs
        difference = abs(n_outputs - len(labels))
        remedy = f"{difference} {'is' if difference == 1 else 'are'} {'missing' if few else 'too many'}"
        return f"{_counted(len(labels), 'label')} for {_counted(n_outputs, 'output')}: {remedy}."
    seen: dict[str, int] = {}
    for number, label in enumerate(labels, start=1):
        if label in seen:
            return f"“{label}” is listed twice, as label {seen[label]} and {number}: each output needs its own name."
        seen[label] = number
    return ""


def architecture_problem(name: str, architectures: Sequence[str]) -> str:
    """What is wrong with the architecture, or nothing."""
    if not name.strip():
        return "Choose the architecture that was trained."
    if name.strip() not in architectures:
        return f"torchvision has no classification model named “{name.strip()}”: choose one from the list."
    return ""


def read_size(text: str) -> Size:
    """Read "256" as the shorter side, "224 x 300" as height and width, "none" or nothing as: leave it.

    Raises:
        ValueError: the sentence that says what is wrong.
    """
    words = text.lower().replace("×", "x").replace(",", "x").replace("px", " ").split("x")
    if text.strip().lower() in ("", "none"):
        return None
    try:
        numbers = [int(word.strip()) for word in words]
    except ValueError:
        numbers = []
    if len(numbers) not in (1, 2):
        raise ValueError(f"“{text.strip()}” is no size: write 224, or 224 x 300 (height x width), or none.")
    if not all(1 <= number <= LONGEST_SIDE for number in numbers):
        raise ValueError(f"“{text.strip()}” is out of range: sides go from 1 to {LONGEST_SIDE} pixels.")
    return numbers[0] if len(numbers) == 1 else (numbers[0], numbers[1])


def size_text(size: Size) -> str:
    """What `read_size` reads as ``size``."""
    if size is None:
        return "none"
    return str(size) if isinstance(size, int) else f"{size[0]} x {size[1]}"


def read_triple(text: str, *, positive: bool = False) -> Triple:
    """Three numbers, one a channel, separated by commas or spaces; one number stands for all three.

    Raises:
        ValueError: the sentence that says what is wrong.
    """
    try:
        numbers = [float(word) for word in text.replace(",", " ").replace(";", " ").split()]
    except ValueError:
        numbers = []
    if len(numbers) == 1:
        numbers *= 3
    if len(numbers) != 3 or not all(math.isfinite(number) for number in numbers):
        raise ValueError("Write three numbers, one a channel, such as 0.485, 0.456, 0.406.")
    if positive and min(numbers) <= 0:
        raise ValueError("A standard deviation divides, so each must be above 0.")
    return numbers[0], numbers[1], numbers[2]


def triple_text(triple: Triple) -> str:
    """What `read_triple` reads as ``triple``."""
    return ", ".join(f"{number:g}" if float(f"{number:g}") == number else repr(number) for number in triple)


def size_advice(resize: Size, crop: Size) -> str:
    """A sentence where the crop reaches beyond the resized picture, which pads it with black; else nothing."""
    if resize is None or crop is None:
        return ""
    height, width = (resize, resize) if isinstance(resize, int) else resize
    crop_height, crop_width = (crop, crop) if isinstance(crop, int) else crop
    if crop_height <= height and crop_width <= width:
        return ""
    return "The crop is larger than the resized picture: its border will be black."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
