"""How the cells and the headers of a table of counts look, on the screen and in files."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from inference.types import Outcome, TableKind
from widgets.plots.matrix_model import MatrixModel
from widgets.theme import Theme, current_theme

NAME_CHARACTERS: Final = 14  # of a label's name, before it is cut
_PADDING: Final = 5


def blend(color: str, share: float, surface: str) -> QColor:
    """``share`` of a colour over the surface."""
    ink, paper = QColor(color), QColor(surface)
    mixed = [share * a + (1 - share) * b for a, b in zip(_rgb(ink), _rgb(paper), strict=True)]
    return QColor.fromRgbF(*mixed)


def readable_on(background: QColor) -> QColor:
    """Black or white, whichever stands out more: one of them has a contrast of 4.5:1 on any colour."""
    return max((QColor("black"), QColor("white")), key=lambda color: _contrast(color, background))


def cell_color(model: MatrixModel, row: int, column: int, theme: Theme) -> QColor:
    """Shade by the share of the row: blue for what is right or merely counted, orange for what is wrong."""
    share = model.share(row, column)
    if not share:
        return QColor(theme.surface)
    wrong = model.kind() is TableKind.MISSED or (
        model.kind() is TableKind.CONFUSION and not model.is_right(row, column)
    )
    color = theme.outcome[Outcome.FP] if wrong else theme.positive
    return blend(color, 0.12 + 0.88 * min(share, 1.0), theme.surface)


def paint_cell(painter: QPainter, rect: QRectF, model: MatrixModel, row: int, column: int) -> None:
    """Shade and count; nothing where the count is 0, but for the diagonal's mark."""
    theme = current_theme()
    count = model.count(row, column)
    if count:
        color = cell_color(model, row, column, theme)
        painter.fillRect(rect, color)
        painter.setPen(readable_on(color))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, f"{count:,}")
    elif model.is_right(row, column):
        painter.setPen(QColor(theme.muted))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "·")


def paint_grid(painter: QPainter, rect: QRectF, rows: int, columns: int) -> None:
    """Lines between the cells of a table that fills ``rect``, and round it."""
    painter.setPen(QPen(QColor(current_theme().line), 1))
    for row in range(rows + 1):
        y = rect.top() + row * rect.height() / rows
        painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
    for column in range(columns + 1):
        x = rect.left() + column * rect.width() / columns
        painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))


def cell_size(font: QFont, widest: str) -> QSize:
    """Room for the widest count."""
    metrics = QFontMetrics(font)
    return QSize(max(metrics.horizontalAdvance(widest), metrics.horizontalAdvance("000")) + 12, metrics.height() + 8)


def name_length(font: QFont, names: tuple[str, ...]) -> int:
    """Pixels along a header's names, the longest of which are cut."""
    metrics = QFontMetrics(font)
    most = NAME_CHARACTERS * metrics.averageCharWidth()
    longest = max((metrics.horizontalAdvance(name) for name in names), default=0)
    return min(longest, most) + 2 * _PADDING


def paint_name(painter: QPainter, rect: QRectF, name: str, is_upright: bool) -> None:
    """A label's name beside a row, or upright over a column."""
    theme = current_theme()
    painter.save()
    painter.setPen(QColor(theme.text))
    metrics = painter.fontMetrics()
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    if is_upright:
        painter.translate(QPointF(rect.left(), rect.bottom()))
        painter.rotate(-90)
        rect = QRectF(0, 0, rect.height(), rect.width())
    else:
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
    rect = rect.adjusted(_PADDING, 0, -_PADDING, 0)
    painter.drawText(rect, flags, metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, int(rect.width()) + 1))
    painter.restore()


class MatrixHeader(QHeaderView):
    """Names of labels: beside the rows, or upright over the columns."""

    def __init__(self, orientation: Qt.Orientation, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        self._length = 40
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setSectionsClickable(False)
        self.setHighlightSections(False)

    def setLength(self, length: int) -> None:
        """Pixels along the names."""
        self._length = length
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As long as the names."""
        is_rows = self.orientation() == Qt.Orientation.Vertical
        return QSize(self._length, super().sizeHint().height()) if is_rows else QSize(10, self._length)

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        """One name on the window's ground."""
        name = self.model().headerData(logical, self.orientation(), Qt.ItemDataRole.DisplayRole)
        painter.fillRect(rect, QColor(current_theme().window))
        painter.setFont(self.font())
        paint_name(painter, QRectF(rect), str(name or ""), self.orientation() == Qt.Orientation.Horizontal)


class CellDelegate(QStyledItemDelegate):
    """Paints cells, and a frame round the current one while the table has the focus."""

    def __init__(self, model: MatrixModel) -> None:
        super().__init__()
        self._model = model

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One cell."""
        rect = QRectF(option.rect)
        painter.save()
        paint_cell(painter, rect, self._model, index.row(), index.column())
        painter.setPen(QPen(QColor(current_theme().line), 1))
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        state = option.state
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus):
            painter.setPen(QPen(QColor(current_theme().text), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(1, 1, -2, -2))
        painter.restore()


def _rgb(color: QColor) -> tuple[float, float, float]:
    return color.redF(), color.greenF(), color.blueF()


def _luminance(color: QColor) -> float:
    """Relative luminance (WCAG 2.2)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(color)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(a: QColor, b: QColor) -> float:
    low, high = sorted((_luminance(a), _luminance(b)))
    return (high + 0.05) / (low + 0.05)
