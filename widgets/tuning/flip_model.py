"""The table of changed decisions: one row a label, one for all of them, one column for each way to change."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from inference.types import IntArray, LabelFlips
from widgets.numbers import format_count

Index = QModelIndex | QPersistentModelIndex

_NONE: Final = QModelIndex()
ALL_LABELS: Final = "All labels"


class Column(IntEnum):
    """The columns, from left to right."""

    NAME = 0
    TP_GAINED = 1
    FP_LOST = 2
    TP_LOST = 3
    FP_GAINED = 4
    UNKNOWN = 5
    ANY = 6


BETTER: Final = (Column.TP_GAINED, Column.FP_LOST)
WORSE: Final = (Column.TP_LOST, Column.FP_GAINED)

TEXTS: Final[dict[Column, tuple[str, str]]] = {
    Column.NAME: ("Label", "Labels under which a decision changed, those with the most changes first."),
    Column.TP_GAINED: ("TP gained", "Better: annotated positive, predicted now and not before."),
    Column.FP_LOST: ("FP lost", "Better: annotated negative, predicted before and not any more."),
    Column.TP_LOST: ("TP lost", "Worse: annotated positive, predicted before and not any more."),
    Column.FP_GAINED: ("FP gained", "Worse: annotated negative, predicted now and not before."),
    Column.UNKNOWN: ("Unknown", "Changed, and nobody said which decision is right."),
    Column.ANY: ("Any", "Images whose decision changed in any way."),
}
_FIELDS: Final = {
    Column.TP_GAINED: "tp_gained",
    Column.FP_LOST: "fp_lost",
    Column.TP_LOST: "tp_lost",
    Column.FP_GAINED: "fp_gained",
    Column.UNKNOWN: "unknown",
}


class FlipModel(QAbstractTableModel):
    """Row 0 holds images of all labels, each image once; labels without a change have no row."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._flips: list[LabelFlips] = []
        self._total: dict[Column, IntArray] = {}

    def set_labels(self, names: Sequence[str]) -> None:
        """Other labels; flips of the old ones are forgotten."""
        self._names = tuple(names)
        self.set_flips(())

    def set_flips(self, flips: Sequence[LabelFlips]) -> None:
        """What changed under each label; more labels than there are is a programming error."""
        if any(not 0 <= flip.label < len(self._names) for flip in flips):
            raise ValueError(f"flips of a label beyond the {len(self._names)} there are")
        self.beginResetModel()
        sizes = {id(flip): len(images_of(flip, Column.ANY)) for flip in flips}
        changed = [flip for flip in flips if sizes[id(flip)]]
        self._flips = sorted(changed, key=lambda flip: (-sizes[id(flip)], flip.label))
        columns = [column for column in Column if column is not Column.NAME]
        self._total = {column: union([images_of(flip, column) for flip in changed]) for column in columns}
        self.endResetModel()

    # Reading

    def images(self, row: int, column: Column) -> IntArray:
        """Images behind a cell, ascending; behind a name those of any change."""
        wanted = Column.ANY if column is Column.NAME else column
        return self._total[wanted] if row == 0 else images_of(self._flips[row - 1], wanted)

    def title(self, row: int, column: Column) -> str:
        """What the images behind a cell are called."""
        if column in (Column.NAME, Column.ANY):
            return f"{self.name(row)}: changed"
        what = "changed, truth unknown" if column is Column.UNKNOWN else TEXTS[column][0]
        return f"{self.name(row)}: {what}"

    def name(self, row: int) -> str:
        """The label of a row."""
        if row == 0:
            return ALL_LABELS
        label = self._flips[row - 1].label
        return " ".join(self._names[label].split()) or f"(label {label + 1})"

    def decisions(self, columns: Sequence[Column]) -> int:
        """How many decisions changed in these ways, over all labels."""
        return sum(len(images_of(flip, column)) for flip in self._flips for column in columns)

    # What Qt asks

    def rowCount(self, parent: Index = _NONE) -> int:
        """All labels, then each that changed; none where nothing changed."""
        return 0 if parent.isValid() or not self._flips else len(self._flips) + 1

    def columnCount(self, parent: Index = _NONE) -> int:
        """One for each Column."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names and counts."""
        if not index.isValid():
            return None
        row, column = index.row(), Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.name(row) if column is Column.NAME else format_count(len(self.images(row, column)))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.title(row, column)}, {format_count(len(self.images(row, column)))} images"
        if role == Qt.ItemDataRole.ToolTipRole:
            count = len(self.images(row, column))
            many = f"{self.title(row, column)}, {format_count(count)} image{'' if count == 1 else 's'}"
            return f"{many}. Click to show them." if count else many
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """Titles and meanings."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(Column):
            return None
        title, meaning = TEXTS[Column(section)]
        if role == Qt.ItemDataRole.DisplayRole:
            return title
        return f"{title}: {meaning}" if role == Qt.ItemDataRole.ToolTipRole else None


def images_of(flip: LabelFlips, column: Column) -> IntArray:
    """Indices of images that changed in this way under one label, ascending."""
    if column is Column.ANY:
        return union([getattr(flip, name) for name in _FIELDS.values()])
    images: IntArray = getattr(flip, _FIELDS[column])
    return images


def union(parts: Sequence[IntArray]) -> IntArray:
    """Each index once, ascending."""
    if not parts:
        return np.zeros(0, dtype=np.int64)
    return np.unique(np.concatenate(parts)).astype(np.int64)
