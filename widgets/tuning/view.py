"""The tuning table: the current label, locks by mouse and Space, columns that give way, names that stay in sight."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QWidget

from widgets.numbers import format_count
from widgets.tables.fitted_view import FittedView
from widgets.tables.frozen_view import FrozenView, prepare
from widgets.tables.rows_view import ENDS
from widgets.tuning.columns import FROZEN, Column
from widgets.tuning.delegate import TuningDelegate
from widgets.tuning.header import TuningHeader
from widgets.tuning.layout import LEAST_ROOM, TableLayout
from widgets.tuning.model import TuningModel

_SIDEWAYS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_RETURN: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_OURS: Final = (Qt.Key.Key_Space, *_RETURN, *ENDS, *_SIDEWAYS)
_ROOMS: Final = (3, 5, 8, 10, 12)  # characters of a threshold; steps, so that columns seldom move
_SCROLL: Final = 40


class TuningView(FittedView):
    """Tells what the user does and changes nothing itself."""

    lockToggled = Signal(int)
    goalWanted = Signal()  # for the chosen labels
    menuWanted = Signal(object)  # QPoint on the screen

    def __init__(self, model: TuningModel, parent: QWidget | None = None) -> None:
        super().__init__(model, Column.NAME, parent)
        self._tuning = model
        self._above = 12
        self._room = LEAST_ROOM
        self._hidden = model.rows.hidden()
        self.setAccessibleName("Labels: thresholds now and proposed")
        self._delegate = TuningDelegate(model, TableLayout(self.font()), self)
        self._header = TuningHeader(model, self)
        prepare(self, self._header)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setItemDelegate(self._delegate)
        self._frozen = _FrozenNames(self, model)
        self._delegate.lockToggled.connect(self.lockToggled)
        self._frozen.names.lockToggled.connect(self.lockToggled)
        self.horizontalScrollBar().valueChanged.connect(self._frozen.follow)
        self.start()

    def _reset(self) -> None:
        self._room = LEAST_ROOM
        super()._reset()

    def chosen_labels(self) -> list[int]:
        """The labels of the selected rows, in the model's order."""
        return sorted(self._tuning.label_at(index.row()) for index in self.selectionModel().selectedRows())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the chosen labels; with the keyboard at the current row."""
        at = event.globalPos()
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            at = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft())
        self.menuWanted.emit(at)

    # Keys

    def _wants(self, event: QKeyEvent) -> bool:
        return event.modifiers() == Qt.KeyboardModifier.NoModifier and event.key() in _OURS

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space locks, Return gives a goal, Left and Right scroll sideways; letters are not ours."""
        key, index = Qt.Key(event.key()), self.currentIndex()
        if key == Qt.Key.Key_Space:
            if index.isValid():
                self.lockToggled.emit(self._tuning.label_at(index.row()))
        elif key in _RETURN:
            self.goalWanted.emit()
        elif key in _SIDEWAYS:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() + _SIDEWAYS[key] * _SCROLL)
        else:
            super().keyPressEvent(event)

    # Widths

    def make_room(self) -> None:
        """Widen the number columns to the longest text there is; they never shrink while the labels stay."""
        rows = self._tuning.rows
        every = range(0, len(rows.labels), 1 + len(rows.labels) // 64)
        longest = [max((len(text(label)) for label in every), default=0) for text in (rows.now_text, rows.then_text)]
        steps = [next((room for room in _ROOMS if room >= length), _ROOMS[-1]) for length in longest]
        flips = 0 if rows.flips is None or not len(rows.flips) else len(format_count(int(rows.flips.max())))
        now, then, least = self._room
        wanted = max(now, steps[0]), max(then, steps[1]), max(least, flips)
        hidden = rows.hidden()
        if wanted != self._room or hidden != self._hidden:
            self._room, self._hidden = wanted, hidden
            self.fit()

    def _lay_out(self) -> None:
        """Give every column its width, and write cells as fully as there is room for."""
        layout = TableLayout(self.font(), self._room, self._tuning.rows.hidden())
        available = self._available(layout.row_height)
        fullness = layout.fullness(available)
        for delegate in (self._delegate, self._frozen.names):
            delegate.layout, delegate.fullness = layout, fullness
        self._header.fullness = fullness
        self._set_row_height(layout.row_height)
        widths = layout.widths(available)
        for column in Column:
            self.setColumnHidden(column, column not in widths)
            self.setColumnWidth(column, widths.get(column, 0))
        self._frozen.follow()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the current row in sight."""
        super().showEvent(event)
        self._restore_current()


class _FrozenNames(FrozenView):
    """Locks and names."""

    def __init__(self, main: TuningView, model: TuningModel) -> None:
        super().__init__(main, TuningHeader(model, main), FROZEN)
        self._view = main
        self.names = TuningDelegate(model, TableLayout(main.font()), self)
        self.names.edge = Column.NAME
        self.setItemDelegate(self.names)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAccessibleName("Locks and label names, kept in sight")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """As in the main view."""
        self._view.contextMenuEvent(event)

    def follow(self) -> None:
        """Take widths, size and place from the main view."""
        self.take_place(self.names.layout.row_height)
