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


@dataclass(frozen=True)
class ProgramFile:
    """A file that would be run, and the hash of the bytes that would."""

    path: str  # absolute
    size: int  # bytes
    sha256: str  # hex


class NeedsConsent(ModelError):
    """The model is a program, and nothing of it was run: ask the user, then open it with its ``sha256`` trusted.

    ``kind`` says what it is ("a TorchScript model"); ``files[0]`` is the one that was opened, the others Python files
    that it imports from its own folder. ``sha256`` is that of the only file, or one over all of them.
    """

    def __init__(self, message: str, *, kind: str, files: tuple[ProgramFile, ...], sha256: str) -> None:
        super().__init__(message)
        self.kind, self.files, self.sha256 = kind, files, sha256

    @property
    def path(self) -> str:
        """Of the file that was opened."""
        return self.files[0].path

    @property
    def size(self) -> int:
        """Of all the files together, in bytes."""
        return sum(file.size for file in self.files)

    @property
    def n_files(self) -> int:
        """How many files would be run."""
        return len(self.files)
