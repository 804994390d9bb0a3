"""One line that says how far the number in the window is to be believed."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from inference.types import Honesty, HonestyState
from widgets.numbers import format_count, format_rate
from widgets.theme import current_theme
from widgets.tuning.rows import format_interval

_PAD: Final = 8
_GAP: Final = 6
_WHY: Final = {
    Honesty.BY_HAND: (
        "The thresholds were set by hand and the numbers are measured on this folder.\n"
        "They flatter a little if the thresholds were chosen while watching them."
    ),
    Honesty.TUNED: (
        "Tuning and measuring on the same images flatters: the thresholds also fit the chance of this folder.\n"
        "The expected number tunes on four fifths of the images and counts on the rest, in turns."
    ),
    Honesty.SEPARATE: (
        "The numbers are measured on images that tuning never saw: what they say holds for new images like these."
    ),
}

_MOVED: Final = {
    Honesty.BY_HAND: "",
    Honesty.TUNED: "A threshold was moved by hand afterwards: the estimate is of the thresholds before that.",
    Honesty.SEPARATE: (
        "A threshold was moved by hand afterwards, perhaps while watching these numbers, which flatters a little."
    ),
}


def words(state: HonestyState) -> tuple[str, ...]:
    """What the line says, from the fullest wording to the shortest."""
    if state.kind is Honesty.BY_HAND:
        return _by_hand(state)
    return _tuned(state) if state.kind is Honesty.TUNED else _separate(state)


def _number(state: HonestyState) -> str:
    return "" if math.isnan(state.measured) else f": {format_rate(state.measured)}"


def _images(count: int) -> str:
    return f"{format_count(count)} image{'' if count == 1 else 's'}"


def _by_hand(state: HonestyState) -> tuple[str, ...]:
    number = _number(state)
    if state.part and state.n_images:
        where = f"measured on {_images(state.n_images)} ({state.part})"
        return f"set by hand, {where}{number}", f"by hand, {state.part}{number}", f"by hand{number}"
    return (f"set by hand, measured on this folder{number}", f"set by hand, measured here{number}", f"by hand{number}")


def _tuned(state: HonestyState) -> tuple[str, ...]:
    number = format_rate(state.measured)
    if state.part and not state.modified:  # tuned before the images were held out
        full = f"tuned on all images, also on the {format_count(state.n_images)} measured: {number}"
        return full, f"tuned on all images: {number}", f"tuned: {number}"
    if state.modified:
        return _moved(state, number)
    if math.isnan(state.expected):
        full = f"tuned on this folder: {number}, not yet estimated for new images"
        return full, f"tuned here: {number}, new images: ?", f"tuned: {number}"
    expected, between = format_rate(state.expected), format_interval(state.low, state.high)
    return (
        f"tuned on this folder: {number}, expected on new images {expected}{between}",
        f"tuned here: {number}, expected {expected}{between}",
        f"tuned: {number}, expected {expected}",
        f"{number}, expected {expected}",
    )


def _moved(state: HonestyState, number: str) -> tuple[str, ...]:
    """The estimate is of the thresholds before they were moved, and every wording that has it says so."""
    moved = (f"tuned, then moved by hand: {number}", f"moved by hand: {number}")
    if math.isnan(state.expected):
        return f"tuned on this folder, then moved by hand: {number}", *moved
    before = f"{format_rate(state.expected)}{format_interval(state.low, state.high)}"
    return (
        f"tuned on this folder, then moved by hand: {number}; before that {before} expected on new images",
        f"tuned, then moved by hand: {number}; before that expected {before}",
        *moved,
    )


def _separate(state: HonestyState) -> tuple[str, ...]:
    number, between = _number(state), format_interval(state.low, state.high)
    if state.modified:
        return (
            f"tuned apart, then moved by hand{number} on {_images(state.n_images)} held out",
            f"tuned apart, then moved{number}",
            f"moved by hand{number}",
        )
    shorter = (f"checked on a separate split{number}{between}", f"separate split{number}{between}")
    if not state.n_tuned:
        images = f", {_images(state.n_images)}" if state.n_images else ""
        return f"checked on a separate split{number}{between}{images}", *shorter, f"separate split{number}"
    held = f"{format_count(state.n_images)} held out"
    return (
        f"tuned on {_images(state.n_tuned)}, checked on {held}{number}{between}",
        f"tuned on {format_count(state.n_tuned)}, checked on {held}{number}{between}",
        f"checked on {held}{number}{between}",
        f"held out{number}{between}",
    )


class HonestyBadge(QAbstractButton):
    """Always one line; wordings grow shorter with the room. A click asks for the details."""

    detailsRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = HonestyState()
        self._words = words(self._state)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: self.detailsRequested.emit())
        self._describe()

    def state(self) -> HonestyState:
        """The state shown."""
        return self._state

    def setState(self, state: HonestyState) -> None:
        """Show another state; nothing is emitted."""
        if state == self._state:
            return
        room = [len(text) for text in self._words]
        self._state = state
        self._words = words(state)
        self._describe()
        if [len(text) for text in self._words] != room:  # a layout costs more than all else a slider's move does
            self.updateGeometry()
        self.update()

    def text(self) -> str:
        """The fullest wording."""
        return self._words[0]

    def shownText(self) -> str:
        """The wording that fits, or the shortest, cut."""
        room = self.width() - self._glyph() - 2 * _PAD - _GAP
        fits = (text for text in self._words if self.fontMetrics().horizontalAdvance(text) <= room)
        return next(fits, "") or self.fontMetrics().elidedText(self._words[-1], Qt.TextElideMode.ElideRight, room)

    def _describe(self) -> None:
        state = self._state
        self.setAccessibleName(f"{state.metric}, {self._words[0]}")
        self.setAccessibleDescription(_WHY[state.kind])
        lines = [f"{state.metric}: {self._words[0]}", _WHY[state.kind]]
        if not math.isnan(state.low):
            share = f"{state.confidence * 100:.4g}"
            lines.append(f"[{format_rate(state.low)}–{format_rate(state.high)}] is a {share} % interval.")
        if state.part:
            lines.append(f"Measured on {_images(state.n_images)}: {state.part}.")
        if state.modified:
            lines.append(_MOVED[state.kind])
        self.setToolTip("\n".join(lines))

    # Layout and painting

    def _glyph(self) -> int:
        return round(self.fontMetrics().height() * 0.8)

    def sizeHint(self) -> QSize:
        """Room for the fullest wording."""
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self._words[0]) + self._glyph() + 2 * _PAD + _GAP + 2
        return QSize(width, metrics.height() + 8)

    def minimumSizeHint(self) -> QSize:
        """Room for the shortest wording."""
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self._words[-1]) + self._glyph() + 2 * _PAD + _GAP + 2
        return QSize(width, metrics.height() + 8)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another wording may fit."""
        super().resizeEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be pressed."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Plain again."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Glyph and wording on a quiet rounded ground."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.line), 2 if self.hasFocus() else 1))
        painter.setBrush(QColor(theme.raised if self.underMouse() else theme.surface))
        painter.drawRoundedRect(box, 4, 4)
        side = self._glyph()
        _paint_state(painter, QRectF(_PAD, (self.height() - side) / 2, side, side), self._state)
        painter.setPen(QColor(theme.text))
        room = QRectF(_PAD + side + _GAP, 0, self.width() - side - 2 * _PAD - _GAP, self.height())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), self.shownText())
        painter.end()


def _paint_state(painter: QPainter, box: QRectF, state: HonestyState) -> None:
    """By hand: a ring. Tuned: a triangle that warns. Separate: a tick. Told apart by shape as well as colour."""
    theme = current_theme()
    side = box.width()
    if state.kind is Honesty.TUNED:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.warning))
        corners = (QPointF(0.5, 0.06), QPointF(0.98, 0.92), QPointF(0.02, 0.92))
        painter.drawPolygon(QPolygonF([box.topLeft() + corner * side for corner in corners]))
        painter.setPen(QPen(QColor(theme.surface), side * 0.13, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(box.topLeft() + QPointF(0.5, 0.38) * side, box.topLeft() + QPointF(0.5, 0.60) * side)
        painter.drawPoint(box.topLeft() + QPointF(0.5, 0.79) * side)
        return
    done = state.kind is Honesty.SEPARATE
    ink = QColor(theme.accent if done else theme.muted)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, max(1.4, side * 0.13), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    if not done:
        painter.drawEllipse(box.center(), side * 0.36, side * 0.36)
        return
    points = (QPointF(0.1, 0.55), QPointF(0.4, 0.85), QPointF(0.92, 0.2))
    painter.drawPolyline(QPolygonF([box.topLeft() + point * side for point in points]))
