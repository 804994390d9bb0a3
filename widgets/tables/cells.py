"""How cells of tables of labels are painted alike: the ground, and where texts stand."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from widgets.labels_table.inks import mixed
from widgets.theme import Theme

RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
_SELECTED_SHARE: Final = 0.13


def paint_ground(painter: QPainter, cell: QRectF, theme: Theme, *, selected: bool) -> None:
    """The tint of a selected row, and the line under every row."""
    if selected:
        painter.fillRect(cell, mixed(QColor(theme.surface), QColor(theme.accent), _SELECTED_SHARE))
    painter.fillRect(QRectF(cell.left(), cell.bottom() - 1, cell.width(), 1), QColor(theme.line))
