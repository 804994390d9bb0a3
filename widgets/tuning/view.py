"""The tuning table: the current label, locks by mouse and Space, columns that give way, names that stay in sight."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from widgets.numbers import format_count
from widgets.theme import current_theme
from widgets.tuning.columns import FROZEN, Column
from widgets.tuning.delegate import TuningDelegate
from widgets.tuning.header import TuningHeader
from widgets.tuning.layout import TableLayout
from widgets.tuning.model import Index, TuningModel

_ENDS: Final = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: -1}
_SIDEWAYS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_OURS: Final = (Qt.Key.Key_Space, *_ENDS, *_SIDEWAYS)
_ROOMS: Final = (3, 5, 8, 10, 12)  # characters of a threshold; steps, so that columns seldom move
_LEAST_ROOM: Final = (3, 5, 3)  # characters: threshold now, proposed, flips
_SCROLL: Final = 40


class TuningView(QTableView):
    """Tells what the user does and changes nothing itself."""

    labelChosen = Signal(int)
    lockToggled = Signal(int)

    def __init__(self, model: TuningModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tuning = model
        self._current = -1
        self._silent = False
        self._room: tuple[int, ...] = _LEAST_ROOM
        self.empty_text = ""
        self.setModel(model)
        self.setAccessibleName("Labels: thresholds now and proposed")
        self._delegate = TuningDelegate(model, TableLayout(self.font()), self)
        self._header = TuningHeader(model, self)
        _prepare(self, self._header, self._delegate)
        self._frozen = _FrozenNames(self, model)
        self._delegate.lockToggled.connect(self.lockToggled)
        self._frozen.names.lockToggled.connect(self.lockToggled)
        self.selectionModel().currentRowChanged.connect(self._row_changed)
        self.horizontalScrollBar().valueChanged.connect(self._frozen.follow)
        model.modelReset.connect(self._reset)
        self.fit()

    # The current label

    def current_label(self) -> int:
        """The chosen label, -1 where there is none."""
        return self._current

    def set_current(self, label: int) -> None:
        """Choose a label without telling so; -1 chooses none."""
        self._current = label
        self._restore_current()

    def _restore_current(self) -> None:
        row = self._tuning.row_of(self._current)
        self._silent = True
        if row < 0:
            self.selectionModel().clear()
        else:
            self.setCurrentIndex(self._tuning.index(row, Column.NAME))
        self._silent = False

    def _row_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._silent or not current.isValid():
            return
        label = self._tuning.label_at(current.row())
        if label != self._current:
            self._current = label
            self.labelChosen.emit(label)

    def _reset(self) -> None:
        self._room = _LEAST_ROOM
        self._restore_current()
        self.fit()

    def scrollTo(self, index: Index, hint: QAbstractItemView.ScrollHint = QTableView.ScrollHint.EnsureVisible) -> None:
        """Never sideways: moving up and down must not shift the columns."""
        bar = self.horizontalScrollBar()
        before = bar.value()
        super().scrollTo(index, hint)
        bar.setValue(before)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt makes the first row the current one where there is none; the user chose nothing."""
        silent, self._silent = self._silent, True
        super().focusInEvent(event)
        self._silent = silent
        if self._current < 0:
            self._restore_current()

    # Keys

    def event(self, event: QEvent) -> bool:
        """Keys that the table uses come to it and not to a shortcut of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._wants(event):
            event.accept()
            return True
        return super().event(event)

    def _wants(self, event: QKeyEvent) -> bool:
        return event.modifiers() == Qt.KeyboardModifier.NoModifier and event.key() in _OURS

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space locks, Left and Right scroll sideways, Home and End go to the ends; letters are not ours."""
        key, index = Qt.Key(event.key()), self.currentIndex()
        if key == Qt.Key.Key_Space:
            if index.isValid():
                self.lockToggled.emit(self._tuning.label_at(index.row()))
        elif key in _SIDEWAYS:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() + _SIDEWAYS[key] * _SCROLL)
        elif key in _ENDS and self._tuning.rowCount():
            self.setCurrentIndex(self._tuning.index(_ENDS[key] % self._tuning.rowCount(), Column.NAME))
        elif event.text().isprintable() and event.text():
            event.ignore()
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
        wanted = tuple(max(old, new) for old, new in zip(self._room, (*steps, flips), strict=True))
        if wanted != self._room:
            self._room = wanted
            self.fit()

    def fit(self) -> None:
        """Give every column its width, and write cells as fully as there is room for."""
        layout = TableLayout(self.font(), *self._room)
        available = self.width() - 2 * self.frameWidth() - self._bar(layout)
        fullness = layout.fullness(available)
        for delegate in (self._delegate, self._frozen.names):
            delegate.layout, delegate.fullness = layout, fullness
        self._header.fullness = fullness
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(layout.row_height)
        self.verticalScrollBar().setSingleStep(layout.row_height)
        for column, width in layout.widths(available).items():
            self.setColumnWidth(column, width)
        self._frozen.follow()
        self.viewport().update()

    def _bar(self, layout: TableLayout) -> int:
        """The width of the vertical bar where all labels need one: a filter must not make widths jump."""
        needed = len(self._tuning.rows.labels) * layout.row_height + self._header.height() + 2 * self.frameWidth()
        return self.verticalScrollBar().sizeHint().width() if needed > self.height() else 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width among the columns."""
        super().resizeEvent(event)
        self.fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the current row in sight."""
        super().showEvent(event)
        self._restore_current()

    def changeEvent(self, event: QEvent) -> None:
        """A new font changes every width."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_frozen"):
            self.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, or what to do when there are none."""
        super().paintEvent(event)
        if self._tuning.rowCount() == 0 and self.empty_text:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(current_theme().muted))
            room = self.viewport().rect().adjusted(24, 12, -24, -12)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.empty_text)
            painter.end()


class _FrozenNames(QTableView):
    """Locks and names, over the left end of the main view; hidden while nothing is scrolled away."""

    def __init__(self, main: TuningView, model: TuningModel) -> None:
        super().__init__(main)
        self._main = main
        self.setModel(model)
        self.names = TuningDelegate(model, TableLayout(main.font()), self)
        self.names.edge = Column.NAME
        _prepare(self, TuningHeader(model, self), self.names)
        self.setSelectionModel(main.selectionModel())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFocusProxy(main)
        self.setAccessibleName("Locks and label names, kept in sight")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.hide()
        main.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        self.verticalScrollBar().valueChanged.connect(main.verticalScrollBar().setValue)

    def follow(self) -> None:
        """Take size and place from the main view."""
        main = self._main
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setDefaultSectionSize(self.names.layout.row_height)
        for column in Column:
            self.setColumnHidden(column, column not in FROZEN)
            if column in FROZEN:
                self.setColumnWidth(column, main.columnWidth(column))
        width = sum(main.columnWidth(column) for column in FROZEN)
        frame = main.frameWidth()
        self.setGeometry(frame, frame, width, main.viewport().height() + main.horizontalHeader().height())
        self.setVisible(main.horizontalScrollBar().value() > 0)
        self.verticalScrollBar().setValue(main.verticalScrollBar().value())


def _prepare(view: QTableView, header: TuningHeader, delegate: TuningDelegate) -> None:
    """What both views have in common."""
    view.setHorizontalHeader(header)
    view.setItemDelegate(delegate)
    view.verticalHeader().hide()
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTabKeyNavigation(False)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setAutoScroll(False)
