"""A picture that is zoomed at the cursor and panned, or a message in its place.

100 % means one pixel of the picture for one pixel of the screen (a physical one: on a screen scaled to 200 % a picture
at 100 % is half as wide in logical pixels, and sharp).
"""

from __future__ import annotations

from typing import Final, Protocol

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from inference.types import RgbArray
from widgets.pyramid import Pyramid
from widgets.theme import current_theme

MIN_SCALE: Final = 0.05
MAX_SCALE: Final = 32.0
NEAREST_ABOVE: Final = 2.0  # from here on the pixels themselves are what one wants to see
WHEEL_STEP: Final = 1.2
KEY_STEP: Final = 1.25


class Layer(Protocol):
    """Something that is painted over the picture and moves with it."""

    def paint(self, painter: QPainter, picture: QRectF, opacity: float) -> None:
        """Over the whole picture, which is at ``picture`` in the view."""


class ZoomCanvas(QWidget):
    """Shows one picture. ``scale`` is screen pixels (physical) for one picture pixel."""

    viewChanged = Signal()  # the scale or the size of the view may have changed, by whomever

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pyramid: Pyramid | None = None
        self._scale = 1.0
        self._centre = QPointF()  # the picture's point in the middle of the view, in picture pixels
        self._at_fit = True
        self._message: tuple[str, str] = ("", "")
        self._grab: QPointF | None = None
        self._layer: Layer | None = None
        self._opacity = 1.0  # of the layer
        self._refine = QTimer(self)  # a huge picture is drawn coarse first and made fine between the events
        self._refine.setSingleShot(True)
        self._refine.setInterval(0)
        self._refine.timeout.connect(self.update)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("Image")

    # What is shown

    def setImage(self, rgb: RgbArray | None) -> None:
        """Show ``rgb`` (h, w, 3) uint8, or nothing. The zoom is kept unless the view was at fit."""
        old = self._pyramid
        self._pyramid = Pyramid(rgb) if rgb is not None and rgb.size else None
        self._message = ("", "")
        self.setAccessibleDescription("")
        new = self._pyramid
        if new is not None:
            if old is not None and not self._at_fit:
                self._centre = QPointF(
                    self._centre.x() * new.width / old.width, self._centre.y() * new.height / old.height
                )
            else:
                self._at_fit = True
                self._centre = QPointF(new.width / 2, new.height / 2)
        self._settle()

    def setMessage(self, title: str, detail: str = "") -> None:
        """Show words in place of the picture; the zoom state is kept for the next picture."""
        self._message = (title, detail)
        self.setAccessibleDescription(f"{title}. {detail}" if detail else title)
        self._update_cursor()
        self.update()

    def setLayer(self, layer: Layer | None, opacity: float = 1.0) -> None:
        """Paint something over the picture, or nothing more; ``opacity`` 0..1."""
        self._layer, self._opacity = layer, opacity
        self.update()

    def pictureRect(self) -> QRectF:
        """Where the whole picture is in the view, on whole physical pixels; empty without one."""
        if self._pyramid is None:
            return QRectF()
        ratio = self.devicePixelRatioF()
        per_pixel = self._scale / ratio
        origin = self.fromImage(QPointF(0, 0))
        # On whole physical pixels, or 100 % would be blurred by half a pixel.
        origin = QPointF(round(origin.x() * ratio) / ratio, round(origin.y() * ratio) / ratio)
        return QRectF(origin.x(), origin.y(), self._pyramid.width * per_pixel, self._pyramid.height * per_pixel)

    def hasImage(self) -> bool:
        """Whether a picture is set and not replaced by a message."""
        return self._pyramid is not None and not self._message[0]

    # Zooming

    def scale(self) -> float:
        """Physical screen pixels for one picture pixel."""
        return self._scale

    def isAtFit(self) -> bool:
        """Whether the picture follows the size of the view."""
        return self._at_fit

    def fitScale(self) -> float:
        """The scale at which the whole picture just fits; 1 without a picture."""
        if self._pyramid is None:
            return 1.0
        ratio = self.devicePixelRatioF()
        across = self.width() * ratio / self._pyramid.width
        down = self.height() * ratio / self._pyramid.height
        return max(min(across, down, MAX_SCALE), 1e-4)

    def fit(self) -> None:
        """Show the whole picture and keep doing so when the view is resized."""
        self._at_fit = True
        self._settle()

    def zoomTo(self, scale: float, at: QPointF | None = None) -> None:
        """Zoom to ``scale`` (clamped to 5 % .. 3,200 %); the picture's point at ``at`` (view) stays where it is."""
        if not self.hasImage():
            return
        anchor = at if at is not None else QPointF(self.width() / 2, self.height() / 2)
        before = self.toImage(anchor)
        lowest = min(MIN_SCALE, self.fitScale())  # a huge picture may need less than 5 % to fit
        self._scale = min(max(scale, lowest), MAX_SCALE)
        self._at_fit = False
        self._centre += before - self.toImage(anchor)
        self._settle()

    def zoomBy(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom in (factor above 1) or out."""
        self.zoomTo(self._scale * factor, at)

    def toggleFit(self, at: QPointF | None = None) -> None:
        """Fit to 100 % and back; from any other zoom to fit."""
        if self._at_fit:
            self.zoomTo(1.0, at)
        else:
            self.fit()

    # Coordinates

    def toImage(self, point: QPointF) -> QPointF:
        """From the view (logical pixels) to the picture (pixels)."""
        per_pixel = self._scale / self.devicePixelRatioF()
        return self._centre + (point - QPointF(self.width() / 2, self.height() / 2)) / per_pixel

    def fromImage(self, point: QPointF) -> QPointF:
        """From the picture (pixels) to the view (logical pixels)."""
        per_pixel = self._scale / self.devicePixelRatioF()
        return (point - self._centre) * per_pixel + QPointF(self.width() / 2, self.height() / 2)

    # Qt's events

    def sizeHint(self) -> QSize:  # noqa: D102
        return QSize(640, 480)

    def minimumSizeHint(self) -> QSize:  # noqa: D102
        return QSize(160, 120)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        self._settle()

    def changeEvent(self, event: QEvent) -> None:  # noqa: D102
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.update()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:  # noqa: D102
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._settle()
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: D102
        steps = event.angleDelta().y() / 120.0
        if steps:
            self.zoomBy(WHEEL_STEP**steps, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton) and self.hasImage():
            self._grab = event.position()
            self._update_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if self._grab is None or self._at_fit:
            return
        self._centre -= (event.position() - self._grab) / (self._scale / self.devicePixelRatioF())
        self._grab = event.position()
        self._settle()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        self._grab = None
        self._update_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if event.button() == Qt.MouseButton.LeftButton and self.hasImage():
            self.toggleFit(event.position())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102
        theme = current_theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.surface if theme.dark else theme.raised))
        if self._message[0]:
            self._paint_message(painter)
        elif self._pyramid is not None:
            self._paint_picture(painter, self._pyramid)
            if self._layer is not None:
                self._layer.paint(painter, self.pictureRect(), self._opacity)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: D102
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: D102
        self.update()

    # Inside

    def _settle(self) -> None:
        """Bring scale and centre back into what is allowed, repaint, and tell."""
        if self._pyramid is not None:
            if self._at_fit:
                self._scale = self.fitScale()
            per_pixel = self._scale / self.devicePixelRatioF()
            self._centre = QPointF(
                _clamp_centre(self._centre.x(), self._pyramid.width, self.width() / per_pixel),
                _clamp_centre(self._centre.y(), self._pyramid.height, self.height() / per_pixel),
            )
        self._update_cursor()
        self.update()
        self.viewChanged.emit()

    def _update_cursor(self) -> None:
        shape = Qt.CursorShape.ArrowCursor
        if self.hasImage() and not self._at_fit:
            shape = Qt.CursorShape.OpenHandCursor if self._grab is None else Qt.CursorShape.ClosedHandCursor
        self.setCursor(shape)

    def _paint_picture(self, painter: QPainter, pyramid: Pyramid) -> None:
        ratio = self.devicePixelRatioF()
        per_pixel = self._scale / ratio
        origin = self.pictureRect().topLeft()
        seen = QRectF(-origin / per_pixel, self.size().toSizeF() / per_pixel)
        wanted = pyramid.level_for(self._scale)
        level = pyramid.best_level(wanted, _outward(seen, 1 << wanted, pyramid))
        if level != wanted:
            self._refine.start()
        factor = 1 << level
        area = _outward(seen, factor, pyramid)
        target = QRectF(
            origin.x() + area.x() * per_pixel,
            origin.y() + area.y() * per_pixel,
            max(area.width() * per_pixel, 1.0 / ratio),  # 1 x 10,000 pixels must not vanish
            max(area.height() * per_pixel, 1.0 / ratio),
        )
        source = QRectF(area.x() / factor, area.y() / factor, area.width() / factor, area.height() / factor)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._scale <= NEAREST_ABOVE)
        painter.drawImage(target, pyramid.image(level, area), source)

    def _paint_message(self, painter: QPainter) -> None:
        theme = current_theme()
        title, detail = self._message
        bold = QFont(self.font())
        bold.setBold(True)
        margin = self.fontMetrics().height() * 2
        room = QRectF(self.rect()).adjusted(margin, margin, -margin, -margin)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
        painter.setFont(bold)
        first = painter.boundingRect(room, int(flags), title)
        painter.setFont(self.font())
        second = painter.boundingRect(room, int(flags), detail) if detail else QRectF()
        gap = self.fontMetrics().height() / 2 if detail else 0.0
        top = max(room.top(), room.center().y() - (first.height() + gap + second.height()) / 2)
        painter.setPen(QColor(theme.text))
        painter.setFont(bold)
        painter.drawText(QRectF(room.left(), top, room.width(), first.height()), int(flags), title)
        painter.setPen(QColor(theme.muted))
        painter.setFont(self.font())
        below = QRectF(room.left(), top + first.height() + gap, room.width(), room.height())
        painter.drawText(below, int(flags), detail)


def _clamp_centre(centre: float, size: int, seen: float) -> float:
    """Centred where everything fits; else the middle of the view stays on the picture, which so cannot be lost."""
    if size <= seen + 1e-6:
        return size / 2
    return min(max(centre, 0.0), float(size))


def _outward(rect: QRectF, factor: int, pyramid: Pyramid) -> QRect:
    """The part of the picture (in its pixels) under ``rect``, in whole cells of ``factor``, one more on each side."""
    left, top = (int(edge // factor) * factor - factor for edge in (rect.left(), rect.top()))
    right, bottom = (int(edge // factor) * factor + 2 * factor for edge in (rect.right(), rect.bottom()))
    return QRect(left, top, right - left, bottom - top).intersected(QRect(0, 0, pyramid.width, pyramid.height))
