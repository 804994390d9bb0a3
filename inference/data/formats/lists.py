"""Formats that list the positive labels of an image: what such a list can hold, and what gets lost in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.data.formats.base import MEANS_NEGATIVE, MEANS_UNKNOWN, FileAnnotations, WriteOptions
from inference.data.sentences import counted, some
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, IntArray
from inference.types.annotating import UNSAID

UNLISTED: Final = "unlisted"  # ``WriteOptions.unknown_as``: leave out what a plain list cannot hold


@dataclass(frozen=True, eq=False)
class ListForm:
    """How lists of positives hold statements."""

    rows: IntArray  # the images to list
    unlisted: str | None  # what a label means that is not listed; None where it means different things
    notes: tuple[str, ...]
    unnamed: tuple[str, ...] = ()  # labels that no image has: lists name them nowhere, unless there is a list of labels

    @property
    def is_plain(self) -> bool:
        """Whether lists and one answer about the unlisted labels give everything back."""
        return self.unlisted is not None


def list_form(annotations: FileAnnotations, name: str, *, keep_all: bool = False, has_blank: bool = False) -> ListForm:
    """Which images to list, and what unlisted labels mean then.

    Where the unlisted labels of annotated images are all negative, images that nobody annotated are left out, for
    else they would become negative; with ``keep_all`` they stay in, and may keep the lists from being plain.
    ``has_blank``: the format tells an image that nobody annotated from one without labels, so that none is left out.
    """
    statements = annotations.statements
    said = (statements != UNSAID).any(axis=1)
    listed = np.ones_like(said) if keep_all else said
    n_negative = int(np.count_nonzero(statements == NEGATIVE))
    n_unknown = int(np.count_nonzero(statements == UNKNOWN))
    n_unsaid = int(np.count_nonzero(statements[listed] == UNSAID))
    everything = np.arange(len(statements), dtype=np.int64)
    if not n_negative and not n_unknown:
        if not (statements == UNSAID).any():
            return ListForm(everything, MEANS_UNKNOWN, ())
        return ListForm(everything, MEANS_UNKNOWN, (f"{name}: a label that is not listed is not annotated.",))
    rows = everything if has_blank else np.flatnonzero(listed)
    left_out = len(statements) - len(rows)
    absent = ~(statements == POSITIVE).any(axis=0)
    unnamed = tuple(annotations.labels[column] for column in np.flatnonzero(absent).tolist())
    notes = []
    if left_out:
        notes.append(f"{counted(left_out, 'image')} left out, which nobody annotated.")
    if not n_unknown and not n_unsaid:
        notes.append(f"{name}: a label that is not listed is negative; say so where it is read.")
        return ListForm(rows, MEANS_NEGATIVE, tuple(notes), unnamed)
    return ListForm(rows, None, tuple(notes), unnamed)


def list_notes(form: ListForm, annotations: FileAnnotations, name: str) -> tuple[str, ...]:
    """The notes of a form, and what is lost where it is not plain, for a file that says no more than lists do."""
    return form.notes if form.is_plain else (*form.notes, *lost_in_lists(annotations, name))


def lost_in_lists(annotations: FileAnnotations, name: str) -> tuple[str, ...]:
    """What a reader of plain lists cannot know any more, where they mean different things by what is not listed."""
    said = annotations.statements[(annotations.statements != UNSAID).any(axis=1)]
    parts = [
        f"{np.count_nonzero(said == value):,} {word}"
        for value, word in ((NEGATIVE, "negative"), (UNKNOWN, "unknown"), (UNSAID, "not annotated"))
        if (said == value).any()
    ]
    return (f"{name} lists positive labels only; what is not listed cannot be told apart: {', '.join(parts)}.",)


def not_held(
    annotations: FileAnnotations, options: WriteOptions, name: str, *, parts: bool = False, scores: bool = False
) -> tuple[str, ...]:
    """Notes on the split and on scores, for formats that hold none; ``parts``, ``scores``: the format holds them."""
    notes = []
    if annotations.parts and any(annotations.parts) and not parts:
        notes.append(f"{name} holds no split: which part an image belongs to is not written.")
    if options.include_scores and not scores:
        notes.append(f"{name} is written without scores.")
    return tuple(notes)


def positives(annotations: FileAnnotations, row: int) -> list[str]:
    """The positive labels of one image, in the order of the labels."""
    return named(annotations, row, POSITIVE)


def named(annotations: FileAnnotations, row: int, value: int) -> list[str]:
    """The labels of one image that have this statement, in the order of the labels."""
    return [annotations.labels[column] for column in np.flatnonzero(annotations.statements[row] == value).tolist()]


def explicit_note(form: ListForm, name: str, keys: Iterable[str]) -> tuple[str, ...]:
    """The note on further keys that say what plain lists cannot."""
    if form.is_plain:
        return ()
    return (f"{name}: negative and unknown labels stand in {' and '.join(keys)}, which other programs may ignore.",)


def kept_labels(labels: Sequence[str], name: str) -> tuple[str, ...]:
    """The note on labels of a base that are not among those written, which stay as they are."""
    if not labels:
        return ()
    return (f"{name}: {counted(len(labels), 'label')} of the file written over left as it stands: {some(labels)}.",)


def unnamed_labels(form: ListForm, name: str) -> tuple[str, ...]:
    """The note on labels that no image has, for formats that name no others."""
    if not form.unnamed:
        return ()
    return (f"{name} names only labels that some image has; not written: {some(form.unnamed)}.",)
