"""The parts of the start page that paint themselves: action cards, recent rows, and the bars beside the title."""

from __future__ import annotations

from enum import Enum
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFont, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from widgets.theme import Theme, current_theme

_PADDING: Final = 14
_MARK: Final = 34  # side of the mark's square, logical pixels
_RADIUS: Final = 8.0
_IS_OPEN: Final = " is open"


class CardMark(Enum):
    """The little drawing on a card."""

    MODEL = "model"
    FOLDER = "folder"
    DEMO = "demo"


class _PaintedButton(QAbstractButton):
    """A button without Qt's frame: pressed by click, Space and Enter, repainted under the pointer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Brighten."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Calm down."""
        super().leaveEvent(event)
        self.update()

    def _bold(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font


class ActionCard(_PaintedButton):
    """A large button with a mark, a title and a line of detail; ticked once what it opens is open."""

    def __init__(self, mark: CardMark, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._mark = mark
        self._detail = ""
        self._opened = ""
        self._wanted = False

    def setContent(self, title: str, detail: str, opened: str) -> None:
        """The words; ``opened`` names what is open already and takes the detail's place."""
        self.setText(title)
        self._detail, self._opened = detail, opened
        self.setAccessibleName(title)
        self.setAccessibleDescription(f"{opened} is open" if opened else detail)
        self.setToolTip(opened)
        self.updateGeometry()
        self.update()

    def setWanted(self, wanted: bool) -> None:
        """Whether this is the next thing to do."""
        self._wanted = wanted
        self.update()

    def sizeHint(self) -> QSize:
        """Two lines of text beside the mark."""
        lines = self.fontMetrics().height() * 2 + 4
        return QSize(300, max(lines, _MARK) + 2 * _PADDING)

    def minimumSizeHint(self) -> QSize:
        """Narrow cards cut their words."""
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Card, mark, title, detail."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frame(painter, theme)
        mark = QRectF(_PADDING, (self.height() - _MARK) / 2, _MARK, _MARK)
        _paint_mark(painter, mark, self._mark, theme, ticked=bool(self._opened))
        left = _PADDING * 2 + _MARK
        width = self.width() - left - _PADDING
        height = self.fontMetrics().height()
        top = (self.height() - 2 * height - 4) // 2
        painter.setPen(QColor(theme.text))
        painter.setFont(self._bold())
        _paint_line(painter, QRect(left, top, width, height), self.text())
        painter.setFont(self.font())
        painter.setPen(QColor(theme.accent if self._opened else theme.muted))
        detail = self._detail
        if self._opened:  # a long name gives way, and not what is said of it
            room = width - self.fontMetrics().horizontalAdvance(_IS_OPEN)
            detail = self.fontMetrics().elidedText(self._opened, Qt.TextElideMode.ElideMiddle, room) + _IS_OPEN
        _paint_line(painter, QRect(left, top + height + 4, width, height), detail)

    def _paint_frame(self, painter: QPainter, theme: Theme) -> None:
        lit = self.underMouse() or self.isDown()
        strong = lit or self._wanted or self.hasFocus()
        width = 2.0 if self.hasFocus() or self._wanted else 1.0
        inset = width / 2
        painter.setBrush(QColor(theme.raised if self.isDown() else theme.surface))
        painter.setPen(QPen(QColor(theme.accent if strong else theme.line), width))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), _RADIUS, _RADIUS)


class RecentRow(QWidget):
    """One line of the recent list: a button that opens it and a button that takes it off the list."""

    chosen = Signal()
    removeRequested = Signal()

    def __init__(self, title: str, detail: str, missing: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._open = _RecentButton(title, detail, missing, self)
        self._remove = QToolButton(self)
        self._remove.setText("✕")
        self._remove.setAutoRaise(True)
        self._remove.setAccessibleName(f"Remove {title} from the list")
        self._remove.setToolTip("Remove from the list; nothing is deleted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._open, 1)
        layout.addWidget(self._remove)
        self._open.clicked.connect(self.chosen)
        self._remove.clicked.connect(self.removeRequested)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes the row off the list."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removeRequested.emit()
            return
        super().keyPressEvent(event)


class _RecentButton(_PaintedButton):
    """Title, and the path cut in its middle; greyed where nothing is there any more."""

    def __init__(self, title: str, detail: str, missing: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(title)
        self._missing = missing
        self._detail = f"not found: {detail}" if missing else detail
        self.setEnabled(not missing)
        self.setToolTip(self._detail)
        self.setAccessibleName(title)
        self.setAccessibleDescription(self._detail)

    def sizeHint(self) -> QSize:
        """Two lines."""
        return QSize(260, self.fontMetrics().height() * 2 + 12)

    def minimumSizeHint(self) -> QSize:
        """Narrow rows cut their words."""
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Highlight, title, path."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if (self.underMouse() and self.isEnabled()) or self.hasFocus():
            painter.setBrush(QColor(theme.surface))
            painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.line), 2 if self.hasFocus() else 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
        height = self.fontMetrics().height()
        area = self.rect().adjusted(8, 5, -8, -5)
        painter.setPen(QColor(theme.muted if self._missing else theme.text))
        font = self.font()
        font.setStrikeOut(self._missing)
        painter.setFont(font)
        _paint_line(painter, QRect(area.left(), area.top(), area.width(), height), self.text())
        painter.setFont(self.font())
        painter.setPen(QColor(theme.muted))
        below = QRect(area.left(), area.top() + height + 2, area.width(), height)
        _paint_line(painter, below, self._detail, Qt.TextElideMode.ElideMiddle)


class ScoreBars(QWidget):
    """What Cutline is about, drawn: scores as bars, and each label's threshold as a tick across its own."""

    _ROWS: Final = (  # score, threshold, whether the score reaches it
        (0.91, 0.62, True),
        (0.74, 0.40, True),
        (0.33, 0.55, False),
        (0.12, 0.22, False),
    )

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(190, 92)
        self.setAccessibleName("Drawing: scores as bars with their thresholds")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars that reach their tick are full, the others pale."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = self.height() / len(self._ROWS)
        for row, (score, threshold, reached) in enumerate(self._ROWS):
            bar = QRectF(0, row * step + 6, self.width(), step - 12)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.track))
            painter.drawRoundedRect(bar, 3, 3)
            fill = QColor(theme.positive)
            fill.setAlphaF(1.0 if reached else 0.35)
            painter.setBrush(fill)
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), bar.width() * score, bar.height()), 3, 3)
            x = bar.left() + bar.width() * threshold
            painter.setPen(QPen(QColor(theme.text), 2.0))
            painter.drawLine(QPointF(x, bar.top() - 4), QPointF(x, bar.bottom() + 4))


def _paint_line(
    painter: QPainter, area: QRect, text: str, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight
) -> None:
    shown = painter.fontMetrics().elidedText(text, mode, area.width())
    painter.drawText(area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _paint_mark(painter: QPainter, box: QRectF, mark: CardMark, theme: Theme, *, ticked: bool) -> None:
    painter.save()
    painter.setPen(QPen(QColor(theme.accent), 2.0, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inner = box.adjusted(4, 4, -4, -4)
    if ticked:
        _paint_tick(painter, inner, theme)
    elif mark is CardMark.MODEL:
        _paint_layers(painter, inner)
    elif mark is CardMark.FOLDER:
        _paint_folder(painter, inner)
    else:
        _paint_play(painter, inner, theme)
    painter.restore()


def _paint_tick(painter: QPainter, box: QRectF, theme: Theme) -> None:
    painter.setBrush(QColor(theme.accent))
    painter.drawEllipse(box)
    painter.setPen(QPen(QColor(theme.on_accent), 2.6, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
    at = box.topLeft()
    side = box.width()
    points = [at + QPointF(x * side, y * side) for x, y in ((0.27, 0.53), (0.44, 0.69), (0.74, 0.34))]
    painter.drawPolyline(points)


def _paint_layers(painter: QPainter, box: QRectF) -> None:
    """Three planes one above the other: the layers of a network."""
    for lift in (0.5, 0.25, 0.0):
        y = box.top() + box.height() * lift
        plane = QPainterPath(QPointF(box.center().x(), y))
        plane.lineTo(box.right(), y + box.height() * 0.25)
        plane.lineTo(box.center().x(), y + box.height() * 0.5)
        plane.lineTo(box.left(), y + box.height() * 0.25)
        plane.closeSubpath()
        painter.fillPath(plane, QColor(current_theme().surface))
        painter.drawPath(plane)


def _paint_folder(painter: QPainter, box: QRectF) -> None:
    area = box.adjusted(0, 3, 0, -2)
    path = QPainterPath(area.bottomLeft())
    path.lineTo(area.topLeft())
    path.lineTo(area.left() + area.width() * 0.38, area.top())
    path.lineTo(area.left() + area.width() * 0.5, area.top() + 4)
    path.lineTo(area.right(), area.top() + 4)
    path.lineTo(area.bottomRight())
    path.closeSubpath()
    painter.drawPath(path)
    painter.drawLine(QPointF(area.left(), area.top() + 9), QPointF(area.right(), area.top() + 9))


def _paint_play(painter: QPainter, box: QRectF, theme: Theme) -> None:
    painter.drawEllipse(box)
    x, y, side = box.left(), box.top(), box.width()
    triangle = QPainterPath(QPointF(x + side * 0.4, y + side * 0.3))
    triangle.lineTo(x + side * 0.72, y + side * 0.5)
    triangle.lineTo(x + side * 0.4, y + side * 0.7)
    triangle.closeSubpath()
    painter.fillPath(triangle, QColor(theme.accent))
