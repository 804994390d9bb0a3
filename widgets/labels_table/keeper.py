"""Keeps the columns of the table: their widths, which are shown, and which one sorts the rows."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from widgets.labels_table.columns import Column
from widgets.labels_table.layout import Layout, Room
from widgets.labels_table.model import LabelsModel
from widgets.tables.rows_view import RowsView


class ColumnKeeper(QObject):
    """What the header and the menu of columns ask of the table."""

    aboutToSort = Signal()
    rowsSorted = Signal()
    columnsChanged = Signal()  # their widths or which are shown
    layoutReplaced = Signal(object)  # a Layout: the font or the room for numbers changed

    def __init__(self, view: RowsView, model: LabelsModel) -> None:
        super().__init__(view)
        model.modelReset.connect(self.fit)
        self._view = view
        self._model = model
        self._widths: dict[Column, int] = {}  # chosen by the user
        self._room = Room()
        self._fitting = False
        self.layout = Layout(view.font(), self._room)

    # Sorting

    def cycle_sort(self, column: Column) -> None:
        """Ascending, then descending, then the natural order."""
        self.sort_by(*self._model.next_sort(column))

    def sort_by(self, column: Column | None, descending: bool) -> None:
        """Order the rows by a column, or naturally."""
        self.aboutToSort.emit()
        self._model.sort_by(column, descending=descending)
        self.rowsSorted.emit()

    # Which columns

    def set_shown(self, column: Column, shown: bool) -> None:
        """Show or hide a column; the label column stays."""
        if column is not Column.NAME:
            self._view.setColumnHidden(column, not shown)
            self.fit()

    def shown(self, column: Column) -> bool:
        """Whether a column is shown."""
        return not self._view.isColumnHidden(column)

    def reset(self) -> None:
        """All columns shown, as wide as they need to be."""
        self._widths.clear()
        for column in Column:
            self._view.setColumnHidden(column, False)
        self.fit()

    # Widths

    def set_room(self, room: Room) -> None:
        """How many characters the numbers need."""
        if room != self._room:
            self._room = room
            self.relayout()

    @property
    def room(self) -> Room:
        """How many characters the numbers have."""
        return self._room

    def relayout(self) -> None:
        """The font or the room changed."""
        self.layout = Layout(self._view.font(), self._room)
        self.layoutReplaced.emit(self.layout)
        self.fit()

    def fit(self) -> None:
        """Give every shown column its width; name and threshold share what is left over."""
        available = self._view.width() - 2 * self._view.frameWidth() - self._view.bar_width(self.layout.row_height)
        hidden = {column for column in Column if not self.shown(column)}
        self._fitting = True
        for column, width in self.layout.widths(available, hidden, self._widths).items():
            self._view.setColumnWidth(column, width)
        self._fitting = False
        self.columnsChanged.emit()

    def note_resize(self, section: int, _old: int, new: int) -> None:
        """A section of the header changed its width; remember it where the user did that."""
        if not self._fitting and new > 0:
            self._widths[Column(section)] = new
            self.columnsChanged.emit()
