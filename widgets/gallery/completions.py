"""The list of suggestions under the query field: what would stand there, and what it means, on one line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from widgets.theme import current_theme

_Index = QModelIndex | QPersistentModelIndex
_DETAIL_ROLE: Final = Qt.ItemDataRole.UserRole
_MOST_ROWS: Final = 9
_WIDEST: Final = 420  # logical pixels, times the font's growth
_PAD: Final = 6


class CompletionLike(Protocol):
    """What may be put in place of the characters from ``start`` to ``end``."""

    @property
    def text(self) -> str:
        """What is put there."""

    @property
    def detail(self) -> str:
        """What it means; may be empty."""

    @property
    def start(self) -> int:
        """The first character that it replaces."""

    @property
    def end(self) -> int:
        """The one after the last."""


class Completions(QCompleter):
    """Pops up under a field that keeps the focus. Down, Up, Enter and Tab choose; Escape closes."""

    taken = Signal(object)  # the completion

    def __init__(self, field: QLineEdit) -> None:
        super().__init__(field)
        self._field = field
        self._offered: tuple[CompletionLike, ...] = ()
        self._items = QStandardItemModel(self)
        self.setModel(self._items)
        self.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.setMaxVisibleItems(_MOST_ROWS)
        self.setWidget(field)
        self._popup = popup = QListView()
        popup.setAccessibleName("Suggestions")
        popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        popup.setUniformItemSizes(True)
        self.setPopup(popup)
        popup.setItemDelegate(_SuggestionDelegate(popup))
        self.activated[QModelIndex].connect(self._on_activated)  # type: ignore[index]  # the stub knows one overload

    def offer(self, completions: Sequence[CompletionLike]) -> None:
        """Show these under the field; none hides the list."""
        self._offered = tuple(completions)
        self._items.clear()
        for one in self._offered:
            item = QStandardItem(one.text)
            item.setData(one.detail, _DETAIL_ROLE)
            item.setData(f"{one.text}, {one.detail}" if one.detail else one.text, Qt.ItemDataRole.AccessibleTextRole)
            item.setToolTip(one.detail)
            self._items.appendRow(item)
        if not self._offered:
            self.close()
            return
        popup = self._popup
        width = max(popup.sizeHintForColumn(0) + 2 * popup.frameWidth() + 20, self._field.width())
        limit = max(_WIDEST, self._field.fontMetrics().averageCharWidth() * 60)
        place = self._field.rect()
        place.setWidth(min(width, limit))
        self.complete(place)

    def offered(self) -> bool:
        """Whether the list is open."""
        return self._popup.isVisible()

    def marked(self) -> bool:
        """Whether the user went to one of the suggestions."""
        return self._popup.selectionModel().hasSelection()

    def close(self) -> None:
        """Hide the list."""
        self._popup.hide()

    def _on_activated(self, index: QModelIndex) -> None:
        if 0 <= index.row() < len(self._offered):
            self.taken.emit(self._offered[index.row()])


class _SuggestionDelegate(QStyledItemDelegate):
    """The text at the left, what it means muted at the right; the text is cut last."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        metrics = QFontMetricsF(option.font)
        words = [str(index.data()), str(index.data(_DETAIL_ROLE) or "")]
        width = sum(metrics.horizontalAdvance(word) for word in words) + 4 * _PAD
        return QSize(int(width), int(metrics.height()) + 6)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme = current_theme()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.fillRect(option.rect, QColor(theme.accent if chosen else theme.surface))
        room = QRectF(option.rect).adjusted(_PAD, 0, -_PAD, 0)
        metrics = QFontMetricsF(option.font)
        painter.setFont(option.font)
        text = metrics.elidedText(str(index.data()), Qt.TextElideMode.ElideMiddle, room.width())
        painter.setPen(QColor(theme.on_accent if chosen else theme.text))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)
        rest = room.adjusted(metrics.horizontalAdvance(text) + 2 * _PAD, 0, 0, 0)
        detail = metrics.elidedText(
            str(index.data(_DETAIL_ROLE) or ""), Qt.TextElideMode.ElideRight, max(rest.width(), 0)
        )
        painter.setPen(QColor(theme.on_accent if chosen else theme.muted))
        painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), detail)
        painter.restore()
