"""The tables of counts between labels, of which a folder has one or two: a choice of kind over the table."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from inference.types import CountTable, TableKind
from widgets.plots.matrix_view import MatrixView
from widgets.segmented import Choice, Segmented

CHOICES: Final = {
    TableKind.CONFUSION: Choice(
        TableKind.CONFUSION, "Confusion", "How many images of each label are predicted as which."
    ),
    TableKind.MISSED: Choice(
        TableKind.MISSED, "Missed, instead", "When a label is missed: what is wrongly predicted on those images."
    ),
    TableKind.TOGETHER: Choice(
        TableKind.TOGETHER, "Annotated together", "How many images are annotated with both of two labels."
    ),
}


class MatrixPage(QWidget):
    """A table and, where there are several kinds, the choice between them. Setters emit nothing."""

    kindChosen = Signal(str)  # by the user: the table of that kind is wanted
    cellChosen = Signal(str, int, int)  # kind, row and column of the table
    saveRequested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice: Segmented | None = None
        self._kinds: tuple[TableKind, ...] = (TableKind.CONFUSION,)
        self._kind = TableKind.CONFUSION
        self._view = MatrixView()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addWidget(self._view, 1)
        self._view.cellChosen.connect(self._on_cell)
        self._view.saveRequested.connect(self.saveRequested)
        self.setFocusProxy(self._view)

    def setKinds(self, kinds: tuple[TableKind, ...]) -> None:
        """Which tables there are to choose from, at least one; the table in sight goes."""
        if kinds == self._kinds and self._kind in kinds:
            return
        self._kinds, self._kind = kinds, kinds[0]
        if self._choice is not None:
            self._column.removeWidget(self._choice)
            self._choice.deleteLater()
            self._choice = None
        if len(kinds) > 1:
            self._choice = Segmented("Table", [CHOICES[kind] for kind in kinds], self)
            self._choice.chosen.connect(self._on_kind)
            self._column.insertWidget(0, self._choice, 0, Qt.AlignmentFlag.AlignLeft)
        self._view.setTable(None)

    def setKind(self, kind: TableKind) -> None:
        """The kind in sight."""
        if kind in self._kinds:
            self._kind = kind
            if self._choice is not None:
                self._choice.setValue(kind)

    def setTable(self, table: CountTable | None) -> None:
        """Show a table of the kind in sight."""
        self._view.setTable(table)

    def setMessage(self, text: str) -> None:
        """A sentence instead of the table."""
        self._view.setMessage(text)

    def kind(self) -> TableKind:
        """The kind in sight."""
        return self._kind

    def view(self) -> MatrixView:
        """The table itself."""
        return self._view

    def text(self) -> str:
        """What the table says in words."""
        return self._view.text()

    def svg(self) -> bytes:
        """The table as an SVG document."""
        return self._view.svg()

    def png(self) -> bytes:
        """The table as a PNG."""
        return self._view.png()

    def data_text(self) -> str:
        """The counts, cells apart by tabs."""
        return self._view.data_text()

    def _on_kind(self, kind: object) -> None:
        assert isinstance(kind, TableKind)
        self._kind = kind
        self.kindChosen.emit(kind.value)

    def _on_cell(self, row: int, column: int) -> None:
        self.cellChosen.emit(self._kind.value, row, column)
