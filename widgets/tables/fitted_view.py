"""A table of labels whose columns share its width, so that it is seldom scrolled sideways."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView

from widgets.tables.ordered_model import Index
from widgets.tables.rows_view import RowsView


class FittedView(RowsView):
    """Lays its columns out again for another size, font or set of labels. Subclasses call ``start`` when built."""

    _started = False

    def start(self) -> None:
        """Lay out now and whenever needed; the header must be in place, for it forgets widths with a reset."""
        self._started = True
        self._ordered.modelReset.connect(self._reset)
        self.fit()

    def fit(self) -> None:
        """Give every column its width."""
        self._lay_out()
        self.viewport().update()

    def _lay_out(self) -> None:
        """Choose the height of rows and the width of columns."""
        raise NotImplementedError

    def _reset(self) -> None:
        self._restore_current()
        self.fit()

    def _available(self, row_height: int) -> int:
        """Pixels for the columns together."""
        return self.width() - 2 * self.frameWidth() - self.bar_width(row_height)

    def _set_row_height(self, height: int) -> None:
        """All rows are alike; the wheel goes by rows."""
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(height)
        self.verticalScrollBar().setSingleStep(height)

    def scrollTo(self, index: Index, hint: QAbstractItemView.ScrollHint = QTableView.ScrollHint.EnsureVisible) -> None:
        """Never sideways: moving up and down must not shift the columns."""
        bar = self.horizontalScrollBar()
        before = bar.value()
        super().scrollTo(index, hint)
        bar.setValue(before)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width among the columns."""
        super().resizeEvent(event)
        self.fit()

    def changeEvent(self, event: QEvent) -> None:
        """A new font changes every width."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self._started:
            self.fit()
