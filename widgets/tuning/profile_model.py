"""The saved profiles as a list: two lines each, with what holds no longer marked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from inference.types import ProfileRow
from widgets.labels_table.inks import mixed
from widgets.numbers import format_rate
from widgets.tables.measures import smaller
from widgets.theme import current_theme
from widgets.tuning.status import counted

Index = QModelIndex | QPersistentModelIndex

_NONE: Final = QModelIndex()
_PAD: Final = 8
_LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


def problem_with(name: str, taken: Sequence[str]) -> str:
    """Why a profile cannot be called so, a sentence; "" where it can."""
    name = name.strip()
    if not name:
        return "Give the profile a name."
    if name.casefold() in (other.strip().casefold() for other in taken):
        return f"There is a profile called “{name}” already: choose another name."
    return ""


def state_text(row: ProfileRow) -> str:
    """Whether the profile is in force, and whether its numbers still hold; "" where neither is to be said."""
    parts = []
    if row.in_force:
        parts.append("in force, modified" if row.modified else "in force")
    if row.stale:
        parts.append("stale")
    return " · ".join(parts)


def numbers_text(row: ProfileRow) -> str:
    """The F1 of the day it was saved."""
    return f"micro {format_rate(row.micro_f1)}  macro {format_rate(row.macro_f1)}"


def date_text(row: ProfileRow) -> str:
    """Day and minute, in an order that sorts."""
    return row.saved.strftime("%Y-%m-%d %H:%M")


def described(row: ProfileRow) -> str:
    """All that is known, in sentences, for tool tip and screen reader."""
    method = f", {row.method}" if row.method else ""
    parts = [f"{row.name}: {row.goal}{method}."]
    if row.decides:
        parts.append(f"Decides by {row.decides}.")
    parts.append(f"Saved {date_text(row)}{_measured_on(row)}, F1 then: {_numbers_with_intervals(row)}.")
    if row.out_of_fold:
        micro = _interval(row.expected_micro, row.micro_low, row.micro_high)
        macro = "" if math.isnan(row.expected_macro) else f"  macro {format_rate(row.expected_macro)}"
        parts.append(
            f"Expected on new images: micro {micro}{macro} ({100 * row.confidence:.0f} % interval, out of fold)."
        )
    if row.in_force:
        parts.append("What it decides was changed since it was applied." if row.modified else "It is in force.")
    if row.stale:
        parts.append(f"Stale: {row.stale}")
    return " ".join(parts)


def _measured_on(row: ProfileRow) -> str:
    if not row.n_images:
        return ""
    part = f" ({row.split})" if row.split else ""
    return f" on {counted(row.n_images, 'image')}{part} with {counted(row.n_positives, 'positive')}"


def _numbers_with_intervals(row: ProfileRow) -> str:
    """The F1s as measured; with intervals where these are of the same numbers."""
    if row.out_of_fold or math.isnan(row.micro_low):
        return numbers_text(row)
    micro = _interval(row.micro_f1, row.micro_low, row.micro_high)
    macro = _interval(row.macro_f1, row.macro_low, row.macro_high)
    return f"micro {micro}  macro {macro} ({100 * row.confidence:.0f} % intervals, images redrawn)"


def _interval(value: float, low: float, high: float) -> str:
    ends = "" if math.isnan(low) else f" [{format_rate(low)}–{format_rate(high)}]"
    return f"{format_rate(value)}{ends}"


class ProfileModel(QAbstractListModel):
    """Rows of ProfileRow; names can be edited."""

    renamed = Signal(str, str)  # key, name, by the user
    refused = Signal(str)  # why a name cannot be had

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[ProfileRow, ...] = ()

    def set_rows(self, rows: Sequence[ProfileRow]) -> None:
        """Other profiles."""
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def names(self) -> list[str]:
        """All names."""
        return [row.name for row in self.rows]

    def row_of(self, key: str) -> int:
        """The place of a profile, -1 where there is none of that key."""
        return next((place for place, row in enumerate(self.rows) if row.key == key), -1)

    def rowCount(self, parent: Index = _NONE) -> int:
        """One a profile."""
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Names can be edited."""
        return super().flags(index) | Qt.ItemFlag.ItemIsEditable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name; all of it as tool tip and for screen readers."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.name
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return described(row)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Wish for another name; whoever stores profiles answers with new rows."""
        row, name = self.rows[index.row()], str(value).strip()
        if role != Qt.ItemDataRole.EditRole or name == row.name:
            return False
        problem = problem_with(name, [other.name for other in self.rows if other is not row])
        if problem:
            self.refused.emit(problem)
            return False
        self.renamed.emit(row.key, name)
        return True


class ProfileDelegate(QStyledItemDelegate):
    """Name and state over goal, date and numbers."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines and some air."""
        return QSize(160, round(QFontMetricsF(option.font).height() * 2 + 14))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One profile."""
        model = index.model()
        assert isinstance(model, ProfileModel)
        theme, row, cell = current_theme(), model.rows[index.row()], QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(cell, mixed(QColor(theme.surface), QColor(theme.accent), 0.13))
        painter.fillRect(QRectF(cell.left(), cell.bottom() - 1, cell.width(), 1), QColor(theme.line))
        if row.in_force:
            painter.fillRect(QRectF(cell.left(), cell.top(), 3, cell.height() - 1), QColor(theme.accent))
        inner = cell.adjusted(_PAD + 3, 4, -_PAD, -5)
        top = QRectF(inner.left(), inner.top(), inner.width(), inner.height() / 2)
        bottom = top.translated(0, top.height())
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        small = smaller(option.font)
        ink = theme.warning if row.stale else theme.accent
        _two(painter, top, (row.name, bold, theme.text), (state_text(row), small, ink))
        words = (f"{row.goal} · {date_text(row)}", small, theme.muted)
        _two(painter, bottom, words, (numbers_text(row), small, theme.muted))

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A field over the first line."""
        field = QLineEdit(parent)
        field.setMaxLength(80)
        field.setAccessibleName("New name of the profile")
        return field

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """As high as a field needs."""
        place = option.rect.adjusted(4, 2, -4, 0)
        place.setHeight(max(editor.sizeHint().height(), place.height() // 2))
        editor.setGeometry(place)


def _two(painter: QPainter, line: QRectF, left: tuple[str, QFont, str], right: tuple[str, QFont, str]) -> None:
    """A text at each end of a line; the left one gives way."""
    text, font, ink = right
    painter.setFont(font)
    painter.setPen(QColor(ink))
    painter.drawText(line, _RIGHT, text)
    room = line.width() - (painter.fontMetrics().horizontalAdvance(text) + 10 if text else 0)
    text, font, ink = left
    painter.setFont(font)
    painter.setPen(QColor(ink))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room))
    painter.drawText(QRectF(line.left(), line.top(), room, line.height()), _LEFT, shown)
