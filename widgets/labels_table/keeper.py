"""Keeps the columns of the table: their widths, which are shown, and which one sorts the rows."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from inference.types import LogitSpan
from widgets.labels_table.columns import EXTRA, Column
from widgets.labels_table.layout import Layout, Room
from widgets.labels_table.model import LabelsModel
from widgets.tables.rows_view import RowsView


class ColumnKeeper(QObject):
    """What the header and the menu of columns ask of the table."""

    aboutToSort = Signal()
    rowsSorted = Signal()
    columnsChanged = Signal()  # their widths or which are shown
    layoutReplaced = Signal(object)  # a Layout: the font, the room for numbers or the scale of the tracks changed
    scaleChosen = Signal(str)  # "even" or "logit", by the user
    choiceChanged = Signal()  # which columns are shown, or which one sorts

    def __init__(self, view: RowsView, model: LabelsModel) -> None:
        super().__init__(view)
        model.modelReset.connect(self.fit)
        self._view = view
        self._model = model
        self._widths: dict[Column, int] = {}  # chosen by the user
        self._room = Room()
        self._span: LogitSpan | None = None
        self._fitting = False
        self.logit = False  # whether tracks are even in the logit
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
        self.choiceChanged.emit()

    # Which columns

    def set_shown(self, column: Column, shown: bool) -> None:
        """Show or hide a column; the label column stays."""
        if column is not Column.NAME:
            self._hide(column, not shown)
            self.fit()
            self.choiceChanged.emit()

    def shown(self, column: Column) -> bool:
        """Whether a column is shown."""
        return not self._view.isColumnHidden(column)

    def reset(self) -> None:
        """The usual columns shown, as wide as they need to be."""
        self._widths.clear()
        for column in Column:
            self._hide(column, column in EXTRA)
        self.fit()
        self.choiceChanged.emit()

    def _hide(self, column: Column, hidden: bool) -> None:
        self._fitting = True  # a column that comes back has its old width for a moment, which nobody chose
        self._view.setColumnHidden(column, hidden)
        self._fitting = False

    # Widths

    def set_room(self, room: Room) -> None:
        """How many characters the numbers need."""
        if room != self._room:
            self._room = room
            self.relayout()

    def choose_scale(self, logit: bool) -> None:
        """The user wants tracks even in the logit, or in the score."""
        if logit != self.logit:
            self.logit = logit
            self.scaleChosen.emit("logit" if logit else "even")

    def set_span(self, span: LogitSpan | None) -> None:
        """Tracks even in the logit over a span, or, with None, even in the score."""
        if span != self._span:
            self._span = span
            self.relayout()

    @property
    def room(self) -> Room:
        """How many characters the numbers have."""
        return self._room

    def relayout(self) -> None:
        """The font, the room or the scale of the tracks changed."""
        self.layout = Layout(self._view.font(), self._room, self._span)
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
