"""How frequent the classes will be: as many numbers as there are classes, of which only the proportions matter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

_ROWS: Final = 6  # in sight
_LEAST: Final = 1e-4
_FIXED: Final = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class PrevalenceTable(QWidget):
    """Shares in percent, all alike where none are given. What is typed keeps the others' proportions."""

    sharesChanged = Signal(object)  # tuple of float, summing to 1, by the user; () where all are alike

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._shares: tuple[float, ...] = ()
        self._here: tuple[float, ...] = ()
        self._table = QTableWidget(0, 3, self)
        self._alike = QPushButton("All &alike", self)
        self._as_here = QPushButton("As in this &folder", self)
        self._build()

    def shares(self) -> tuple[float, ...]:
        """The shares, summing to 1; () where all are alike."""
        return self._shares

    def setLabels(self, names: Sequence[str]) -> None:
        """Other classes; all alike."""
        self._names, self._shares, self._here = tuple(names), (), ()
        self._fill()

    def setHere(self, shares: Sequence[float]) -> None:
        """How frequent the classes are in this folder, NaN or nothing where that is not known."""
        known = len(shares) == len(self._names) and all(math.isfinite(share) for share in shares)
        self._here = _whole(shares) if known and sum(shares) > 0 else ()
        self._fill()

    def setShares(self, shares: Sequence[float]) -> None:
        """Show shares; nothing is emitted. Those of another number of classes are all alike."""
        self._shares = tuple(shares) if len(shares) == len(self._names) else ()
        self._fill()

    # Showing

    def _fill(self) -> None:
        shares = self._shares or (1 / max(len(self._names), 1),) * len(self._names)
        with QSignalBlocker(self._table):
            self._table.setRowCount(len(self._names))
            for row, name in enumerate(self._names):
                here = f"{self._here[row] * 100:.3g} %" if self._here else "–"
                for column, text in enumerate((" ".join(name.split()) or f"(label {row + 1})", here)):
                    self._put(row, column, text, _FIXED)
                self._put(row, 2, f"{shares[row] * 100:.3g}", _FIXED | Qt.ItemFlag.ItemIsEditable)
        self._as_here.setEnabled(bool(self._here))
        self._alike.setEnabled(bool(self._shares))
        self._fit()

    def _put(self, row: int, column: int, text: str, flags: Qt.ItemFlag) -> None:
        item = self._table.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            self._table.setItem(row, column, item)
        item.setText(text)
        item.setFlags(flags)
        item.setTextAlignment(
            Qt.AlignmentFlag.AlignVCenter | (Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft)
        )

    def _fit(self) -> None:
        table = self._table
        rows = min(max(table.rowCount(), 1), _ROWS)
        head = table.horizontalHeader().sizeHint().height()
        table.setFixedHeight(head + rows * table.verticalHeader().defaultSectionSize() + 2 * table.frameWidth())

    # Acting

    def _typed(self, row: int, column: int) -> None:
        item = self._table.item(row, column)
        value = _number(item.text()) if item is not None else None
        if column != 2 or value is None or not 0 < value < 100:
            self._fill()  # what cannot be a share goes back to what was there
            return
        old = self._shares or (1 / len(self._names),) * len(self._names)
        rest, wanted = 1 - old[row], value / 100
        if len(old) == 1 or rest <= 0:
            self._fill()
            return
        scale = (1 - wanted) / rest
        self._tell(tuple(wanted if place == row else share * scale for place, share in enumerate(old)))

    def _tell(self, shares: tuple[float, ...]) -> None:
        self._shares = shares
        self._fill()
        self.sharesChanged.emit(shares)

    # Building

    def _build(self) -> None:
        table = self._table
        table.setHorizontalHeaderLabels(("Class", "Here", "To come, %"))
        table.setAccessibleName("How frequent the classes will be, in percent")
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setResizeContentsPrecision(50)
        for column in range(3):
            head = table.horizontalHeaderItem(column)
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            if head is not None:
                head.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        self._alike.setToolTip("Every class as frequent as every other one.")
        self._as_here.setToolTip("The shares of this folder, to begin with.")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._alike)
        buttons.addWidget(self._as_here)
        buttons.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addWidget(table)
        whole.addLayout(buttons)
        table.cellChanged.connect(self._typed)
        self._alike.clicked.connect(lambda: self._tell(()))
        self._as_here.clicked.connect(lambda: self._tell(self._here))
        self._fit()


def _whole(shares: Sequence[float]) -> tuple[float, ...]:
    """Summing to 1; a class that does not occur is a rare one, for a share of 0 would forbid it."""
    above = [max(float(share), _LEAST) for share in shares]
    total = sum(above)
    return tuple(share / total for share in above)


def _number(text: str) -> float | None:
    try:
        return float(text.strip().removesuffix("%").replace(",", "."))
    except ValueError:
        return None
