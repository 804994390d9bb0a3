"""What the dialogs for importing and exporting annotations show and hand back: plain values. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

LEFT_OUT: Final = ""  # in place of a project's label: what the file says under its own is not taken


class Conflicts(StrEnum):
    """What becomes of cells about which project and file say different things."""

    KEEP = "keep"
    TAKE = "take"
    UNKNOWN = "unknown"


class Asking(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"  # one of ``Question.answers``
    TEXT = "text"
    FILE = "file"  # a path, typed or picked
    FOLDER = "folder"
    YES = "yes"  # "yes" or ""


@dataclass(frozen=True)
class FormatRow:
    """One annotation format."""

    key: str
    name: str
    detail: str  # one line on what it holds
    recognised: bool = False  # the file looks like it


@dataclass(frozen=True)
class Question:
    """Something to be said about a file that cannot be found out for certain."""

    key: str
    caption: str  # with a mnemonic
    value: str = ""  # the answer in force; "" where there is none
    answers: tuple[tuple[str, str], ...] = ()  # (answer, words)
    asking: Asking = Asking.CHOICE
    hint: str = ""  # stands in an empty field
    tip: str = ""
    half: bool = False  # takes half a row, beside the next one that does


@dataclass(frozen=True)
class ImportRow:
    """One label of the file, what it is in the project, and what an import does there, in cells."""

    name: str
    target: str  # the project's name, or LEFT_OUT
    is_new: bool = False  # the project does not have the label yet
    n_new: int = 0
    n_same: int = 0
    n_conflicts: int = 0
    is_guessed: bool = False  # the names differ in case, blanks or underscores alone


@dataclass(frozen=True)
class ConflictRow:
    """One cell of which both say something else: each POSITIVE, NEGATIVE or UNKNOWN."""

    image: str
    label: str
    ours: int
    theirs: int


@dataclass(frozen=True)
class ImportView:
    """What importing a file would do. Only ``formats`` stands while nothing was read."""

    formats: tuple[FormatRow, ...] = ()  # those it may be; the recognised ones first
    format: str = ""  # key of the one that it was read as
    questions: tuple[Question, ...] = ()
    summary: str = ""
    labels: tuple[ImportRow, ...] = ()
    targets: tuple[str, ...] = ()  # names of the project's labels, and of the model's that it does not have
    notices: tuple[str, ...] = ()  # sentences
    conflicts: tuple[ConflictRow, ...] = ()  # the first ones
    n_new: int = 0
    n_conflicts: int = 0
    n_new_labels: int = 0
    whole_images: bool = False  # each has exactly one label, so that cells are not counted on the button
    unanswered: str = ""  # what the user must say first, in a sentence


@dataclass(frozen=True)
class ImportAsked:
    """What the user wants imported, and how."""

    path: str = ""
    format: str = ""  # "" to find out
    answers: Mapping[str, str] = field(default_factory=dict)  # only those that the user gave
    mapping: Mapping[str, str] = field(default_factory=dict)  # file's label -> project's, or LEFT_OUT
    conflicts: Conflicts = Conflicts.KEEP


@dataclass(frozen=True)
class ExportView:
    """What exporting would write."""

    formats: tuple[FormatRow, ...] = ()
    format: str = ""
    questions: tuple[Question, ...] = ()
    summary: str = ""
    notes: tuple[str, ...] | None = None  # what the format cannot hold; None while that is being found out
    stays: str = ""  # what of the project is in no such file, a sentence


@dataclass(frozen=True)
class ExportAsked:
    """What the user wants written."""

    format: str
    answers: Mapping[str, str] = field(default_factory=dict)


def n_changes(view: ImportView, conflicts: Conflicts) -> int:
    """How many cells an import changes, counting images instead of their cells where conflicts are about those."""
    return view.n_new + (0 if conflicts is Conflicts.KEEP else view.n_conflicts)


def import_words(view: ImportView, conflicts: Conflicts) -> str:
    """The words of the button: ``Import 1,204 annotations``."""
    count = n_changes(view, conflicts)
    if count == 0 and view.n_new_labels:
        return f"Add {view.n_new_labels:,} label{'s' * (view.n_new_labels != 1)}"
    if view.whole_images:
        return "Import"
    return f"Import {count:,} annotation{'s' * (count != 1)}" if count else "Import"


def changes_anything(view: ImportView, conflicts: Conflicts) -> bool:
    """Whether an import does anything at all."""
    return bool(n_changes(view, conflicts) or view.n_new_labels)
