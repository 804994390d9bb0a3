"""What opening a model says to the form, and the form to opening. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from inference.errors import ModelError
from inference.models.card import Size, Triple

YOU: Final = "you"
CARD: Final = "card"
FILE: Final = "file"
DEFAULT: Final = "default"

PREPROCESSING_FIELDS: Final = ("resize", "crop", "interpolation", "mean", "std")


@dataclass(frozen=True)
class CardAnswers:
    """What the user says of a weights file; None where nothing is said.

    ``sources`` tells, by field name, who said a value (the form hands back guesses beside what was typed): a value
    without a source counts as "you", and one of "file" or "default" never outranks the card. ``resize`` and ``crop``
    are None for "leave it" only where ``sources`` names "you" for them.
    """

    architecture: str | None = None
    labels: tuple[str, ...] | None = None
    activation: str | None = None
    resize: Size = None
    crop: Size = None
    mean: Triple | None = None
    std: Triple | None = None
    interpolation: str | None = None
    n_outputs: int | None = None
    sources: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CardDraft(CardAnswers):
    """What is known and guessed of a weights file before the user is asked; ``sources`` says which is which."""

    candidates: tuple[str, ...] = ()  # the architectures that fit the file exactly, best first
    reasons: Mapping[str, str] = field(default_factory=dict)  # by field name: why this guess, one sentence


class NeedsCard(ModelError):
    """There is no card and something is missing: ask for it, starting from ``draft``."""

    def __init__(self, message: str, draft: CardDraft) -> None:
        super().__init__(message)
        self.draft = draft
