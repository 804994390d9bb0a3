"""Which images changed decision since the reference thresholds, grouped, each count a way to its images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QRect, QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from inference.types import LabelFlips
from widgets.labels_table.inks import mixed
from widgets.numbers import format_count
from widgets.tables.measures import PAD, smaller
from widgets.theme import Theme, current_theme
from widgets.tuning.delegate import change_ink
from widgets.tuning.flip_model import BETTER, TEXTS, WORSE, Column, FlipModel, Index
from widgets.tuning.status import counted

_ACTIVATING: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_ARROWS: Final = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


class FlipList(QWidget):
    """Setters never emit. A count is chosen by a click, or by arrows and Enter."""

    imagesChosen = Signal(object, str)  # (k,) indices of images, what they are called
    referenceChosen = Signal(str)  # key

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Changed decisions")
        self._flips: Sequence[LabelFlips] | None = None
        self._model = FlipModel(self)
        self._view = _FlipView(self._model, self)
        self._reference = QComboBox(self)
        self._sentence = QLabel(self)
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setWordWrap(True)
        self._sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._reference.setAccessibleName("Compare with")
        self._reference.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._reference.setMinimumContentsLength(12)
        title = QLabel("&Compared with", self)
        title.setBuddy(self._reference)
        row = QHBoxLayout()
        row.addWidget(title)
        row.addWidget(self._reference, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self._sentence)
        column.addWidget(self._view, 1)
        self._reference.activated.connect(lambda place: self.referenceChosen.emit(self._reference.itemData(place)))
        self._view.cellChosen.connect(self._cell_chosen)
        self._refresh()

    def setLabels(self, names: Sequence[str]) -> None:
        """Other labels; flips of the old ones are forgotten."""
        self._flips = None
        self._model.set_labels(names)
        self._refresh()

    def setReferences(self, references: Sequence[tuple[str, str]], current: str) -> None:
        """What can be compared with, as (key, words), and the key of what is."""
        with QSignalBlocker(self._reference):
            self._reference.clear()
            for key, words in references:
                self._reference.addItem(words, key)
            self._reference.setCurrentIndex(self._reference.findData(current))
        self._reference.setEnabled(len(references) > 0)
        self._refresh()

    def setFlips(self, flips: Sequence[LabelFlips] | None) -> None:
        """What changed under each label; None while it is not known."""
        self._flips = flips
        self._model.set_flips(() if flips is None else flips)
        self._refresh()

    def sentence(self) -> str:
        """The words above the table."""
        return self._sentence.text()

    def _cell_chosen(self, row: int, column: int) -> None:
        images = self._model.images(row, Column(column))
        if len(images):
            self.imagesChosen.emit(images, self._model.title(row, Column(column)))

    def _refresh(self) -> None:
        self._view.setColumnHidden(Column.UNKNOWN, not self._model.decisions([Column.UNKNOWN]))
        self._view.fit()
        name = self._reference.currentText() or "the reference"
        self._sentence.setText(self._summary() if self._model.rowCount() else "")
        self._sentence.setVisible(bool(self._model.rowCount()))
        self._view.empty_text = (
            "Score the images first: then the decisions that thresholds change are listed here."
            if self._flips is None
            else f"Every decision is the same as with {name}."
        )
        self._view.viewport().update()

    def _summary(self) -> str:
        images = len(self._model.images(0, Column.ANY))
        better, worse = self._model.decisions(BETTER), self._model.decisions(WORSE)
        unknown = self._model.decisions([Column.UNKNOWN])
        text = f"{counted(better + worse + unknown, 'decision')} changed on {counted(images, 'image')}: "
        text += f"{format_count(better)} right now, {format_count(worse)} wrong now"
        return f"{text}, {format_count(unknown)} of unknown truth." if unknown else f"{text}."


class _FlipView(QTableView):
    """Cells are chosen one by one; names give way where room is short."""

    cellChosen = Signal(int, int)

    def __init__(self, model: FlipModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.empty_text = ""
        self.setModel(model)
        self.setItemDelegate(_FlipDelegate(self))
        self.setHorizontalHeader(_FlipHeader(self))
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Changed decisions by label")
        self.clicked.connect(self._choose)

    def _choose(self, index: QModelIndex) -> None:
        self.cellChosen.emit(index.row(), index.column())

    def fit(self) -> None:
        """Counts as wide as their titles, names the rest."""
        metrics = self.fontMetrics()
        counts = metrics.horizontalAdvance("000,000")
        small = self.horizontalHeader().fontMetrics()
        used = 0
        for column in Column:
            if column is not Column.NAME and not self.isColumnHidden(column):
                width = max(counts if column is Column.ANY else 0, small.horizontalAdvance(TEXTS[column][0])) + 14
                self.setColumnWidth(column, width)
                used += width
        self.setColumnWidth(Column.NAME, max(self.viewport().width() - used, metrics.averageCharWidth() * 12))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Names take what is left over."""
        super().resizeEvent(event)
        self.fit()

    def event(self, event: QEvent) -> bool:
        """Keys that the table uses come to it and not to a shortcut of the window."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in (*_ACTIVATING, *_ARROWS)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space choose the current cell; letters are not ours."""
        if event.key() in _ACTIVATING:
            if self.currentIndex().isValid():
                self._choose(self.currentIndex())
        elif event.text().isprintable() and event.text():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and self.model() is not None:
            self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 9)
            self.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, or why there are none."""
        super().paintEvent(event)
        if self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(current_theme().muted))
            room = self.viewport().rect().adjusted(24, 12, -24, -12)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self.empty_text)
            painter.end()


def _column_ink(column: Column, theme: Theme) -> str:
    if column in BETTER:
        return change_ink(1, theme)
    return change_ink(-1, theme) if column in WORSE else theme.text


class _FlipDelegate(QStyledItemDelegate):
    """Counts look like links where there is something behind them."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        theme, column, cell = current_theme(), Column(index.column()), QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(cell, mixed(QColor(theme.surface), QColor(theme.accent), 0.13))
        heavy = index.row() == 0
        painter.fillRect(
            QRectF(cell.left(), cell.bottom() - 1, cell.width(), 1), QColor(theme.border if heavy else theme.line)
        )
        text = str(index.data())
        font = option.font
        font.setBold(heavy)
        if column is Column.NAME:
            painter.setFont(font)
            painter.setPen(QColor(theme.text))
            room = cell.adjusted(PAD + 2, 0, -PAD, 0)
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(room.width()))
            painter.drawText(room, _LEFT, shown)
            return
        font.setUnderline(text != "0")
        painter.setFont(font)
        painter.setPen(QColor(theme.muted if text == "0" else _column_ink(column, theme)))
        painter.drawText(cell.adjusted(0, 0, -PAD - 2, 0), _RIGHT, text)


class _FlipHeader(QHeaderView):
    """Small titles."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(16)
        self.setAccessibleName("Ways to change")
        self.setFixedHeight(round(self.fontMetrics().height() * 1.6))

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        """One title."""
        theme, column, area = current_theme(), Column(logicalIndex), QRectF(rect)
        painter.save()
        painter.fillRect(area, QColor(theme.raised))
        painter.fillRect(QRectF(area.left(), area.bottom() - 1, area.width(), 1), QColor(theme.border))
        painter.setFont(smaller(self.font()))
        painter.setPen(QColor(theme.text))
        painter.drawText(
            area.adjusted(PAD + 2, 0, -PAD - 2, 0), _LEFT if column is Column.NAME else _RIGHT, TEXTS[column][0]
        )
        painter.restore()
