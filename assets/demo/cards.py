"""The model cards of the demo, as text that a person would write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assets.demo.sheets import LABELS


@dataclass(frozen=True)
class Card:
    """What differs between the demo's cards; ``resize`` is (height, width)."""

    name: str
    activation: str
    resize: tuple[int, int]
    notes: str


CARDS: Final = {
    "sheets": Card(
        "Digits on sheets",
        "sigmoid",
        (128, 128),
        "Which digits stand on a photographed note; any number of them, also none. Trained with BCEWithLogitsLoss on "
        "notes where the digits come in another mix than in the validation folder, so that 0.5 suits few labels.",
    ),
    "digits/crossentropy": Card(
        "Single digits, cross entropy",
        "softmax",
        (48, 48),
        "One digit a picture. Trained with CrossEntropyLoss: the scores of a picture sum to 1.",
    ),
    "digits/bce": Card(
        "Single digits, binary cross entropy",
        "sigmoid",
        (48, 48),
        "One digit a picture. Trained with BCEWithLogitsLoss: each score stands alone: several or none may pass 0.5.",
    ),
}


def card_text(card: Card) -> str:
    """``card`` as the text of a ``model.toml``."""
    labels = ", ".join(f'"{label}"' for label in LABELS)
    height, width = card.resize
    return f"""\
format = 1
name = "{card.name}"
architecture = "shufflenet_v2_x0_5"
weights = "weights.safetensors"
activation = "{card.activation}"
labels = [{labels}]
notes = "{card.notes}"

[preprocessing]
resize = [{height}, {width}]  # height, width
crop = "none"
interpolation = "bilinear"
mean = [0.5, 0.5, 0.5]
std = [0.25, 0.25, 0.25]
channels = "rgb"
"""
