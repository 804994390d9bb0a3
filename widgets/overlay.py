"""The scores over the picture: a panel with its own backing, so that it reads on white, black and busy images.

A row is: the outcome's glyph, the label (bold and tinted when predicted), a bar for the score with a tick at the
threshold, the score, and the truth (plus, minus, question mark). The panel is dragged to any corner by its header and
folded by a click on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QObject, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from inference.types import ImageScores
from widgets.overlay_paint import RowPainter, paint_header, paint_notes, panel_color
from widgets.overlay_rows import (
    MODES,
    OverlayRows,
    choose_rows,
    notes,
    outcome_of,
    score_text,
    shows_threshold,
)
from widgets.overlay_words import HEADER_TIP, tool_tip
from widgets.theme import current_theme

_MARGIN: Final = 8  # between the panel and the edge of the view
_PADDING: Final = 8
_MAX_WIDTH: Final = 320
_SCROLL_BAR: Final = 5
_SPOKEN_ROWS: Final = 20  # said to a screen reader


class ScoreOverlay(QWidget):
    """The panel; a child of the widget that it lies over, which it follows."""

    labelChosen = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._view = parent
        self._labels: tuple[str, ...] = ()
        self._image: ImageScores | None = None
        self._mode, self._k = MODES[0], 5
        self._rows = OverlayRows((), ())
        self._notes: tuple[str, ...] = ()
        self._current = -1
        self._wanted = True
        self._folded = False
        self._scroll = 0
        self._corner = Qt.Corner.TopLeftCorner
        self._press: QPoint | None = None
        self._dragging = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Scores of the image")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        parent.installEventFilter(self)
        self.hide()

    # Setters

    def setLabels(self, labels: Sequence[str]) -> None:
        """The names of the labels, in the order of every array."""
        self._labels = tuple(labels)
        self._rebuild()

    def setImageScores(self, image: ImageScores | None) -> None:
        """What to list; None hides the panel. A slider being dragged passes here: only rows it changes are painted."""
        before, self._image = self._image, image
        if before is None or image is None or not self._same_image(before, image):
            self._rebuild()
            return
        flipped = before.predicted != image.predicted
        if flipped.any() and (choose_rows(image, self._mode, self._k), notes(image, self._rows)) != (
            self._rows,
            self._notes,
        ):
            self._rebuild()
            return
        changed = flipped | (before.thresholds != image.thresholds)
        self._update_rows([row for row, label in enumerate(self._rows.all) if changed[label]], before, image)

    def _same_image(self, before: ImageScores, after: ImageScores) -> bool:
        """Whether all but thresholds and what they predict is as it was."""
        if len(before.scores) != len(after.scores) or len(after.scores) != len(self._labels):
            return False
        if (before.rule, before.activation, before.annotated) != (after.rule, after.activation, after.annotated):
            return False
        return np.array_equal(before.scores, after.scores) and np.array_equal(before.truth, after.truth)

    def _update_rows(self, rows: list[int], before: ImageScores, image: ImageScores) -> None:
        if not rows:
            return
        self.setAccessibleDescription(self._spoken(image))
        if self._score_width(before) != self._score_width(image):  # the bars of all rows end where scores begin
            self.update()
            return
        for row in rows:
            self.update(self.rowRect(row))

    def setMode(self, mode: str, k: int) -> None:
        """Mode "top" (the ``k`` highest scores), "predicted" or "all"."""
        if mode not in MODES:
            raise ValueError(f"overlay mode {mode!r} is none of {MODES}")
        if (mode, k) != (self._mode, self._k):
            self._mode, self._k, self._scroll = mode, k, 0
            self._rebuild()

    def setCurrentLabel(self, label: int) -> None:
        """Mark one label as the chosen one; -1 for none."""
        self._current = label
        self.update()

    def setWanted(self, wanted: bool) -> None:
        """Whether the user wants to see the panel at all."""
        self._wanted = wanted
        self._rebuild()

    # What is shown

    def rows(self) -> OverlayRows:
        """The listed labels."""
        return self._rows

    def rowCountText(self) -> str:
        """How many of all labels are in sight, as "24 of 1,000"."""
        shown = min(len(self._rows.all), self._rows_that_fit())
        return f"{shown:,} of {len(self._labels):,}"

    def labelAt(self, point: QPoint) -> int:
        """The label whose row is at ``point``, or -1."""
        row = self._row_at(point)
        return self._rows.all[row] if row >= 0 else -1

    def rowRect(self, row: int) -> QRect:
        """Where the ``row``-th listed label is drawn; may lie outside the panel when scrolled away."""
        height = self._row_height()
        return QRect(0, self._header_height() + (row - self._scroll) * height, self.width(), height)

    # Qt's events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        if watched is self._view and event.type() == QEvent.Type.Resize:
            self._lay_out()
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: D102
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._lay_out()
        super().changeEvent(event)

    def event(self, event: QEvent) -> bool:  # noqa: D102
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self._tool_tip(event.pos()), self)
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: D102
        if self._max_scroll() == 0:
            event.ignore()  # nothing to scroll: the wheel zooms the picture
            return
        steps = event.angleDelta().y() / 120.0 * 3
        self._scroll_to(self._scroll - (round(steps) or (1 if steps > 0 else -1)))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        label = self.labelAt(event.position().toPoint())
        if label >= 0:
            self.labelChosen.emit(label)
        elif event.position().y() < self._header_height():
            self._press = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if self._press is None:
            return
        moved = event.position().toPoint() - self._press
        if self._dragging or moved.manhattanLength() >= QApplication.startDragDistance():
            self._dragging = True
            self.move(self.pos() + moved)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        if self._press is None:
            return
        if self._dragging:
            self._corner = self._nearest_corner()
        else:
            self._folded = not self._folded
        self._press, self._dragging = None, False
        self._lay_out()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: D102
        event.accept()  # not for the picture below

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        pages = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}
        listed = self._rows.all
        if event.key() in steps and listed:
            step = steps[Qt.Key(event.key())]
            row = listed.index(self._current) + step if self._current in listed else 0
            row = min(max(row, 0), len(listed) - 1)
            self._reveal(row)
            self.labelChosen.emit(listed[row])
        elif event.key() in pages:
            self._scroll_to(self._scroll + pages[Qt.Key(event.key())] * self._rows_that_fit())
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = current_theme()
        painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.border), 1))
        painter.setBrush(panel_color())
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        seen = QRectF(event.rect())
        if seen.top() < self._header_height():
            room = QRectF(_PADDING, 0, self.width() - 2 * _PADDING, self._header_height())
            paint_header(painter, room, f"{self.rowCountText()} labels", folded=self._folded)
        if self._folded or self._image is None:
            return
        self._paint_rows(painter, self._image, seen)
        if seen.bottom() > self._notes_top():
            room = QRectF(_PADDING, self._notes_top(), self.width() - 2 * _PADDING, self._row_height())
            paint_notes(painter, room, self._notes)

    # Painting

    def _paint_rows(self, painter: QPainter, image: ImageScores, seen: QRectF) -> None:
        theme = current_theme()
        listed = self._rows.all
        last = min(len(listed), self._scroll + self._rows_that_fit())
        row_painter = RowPainter(painter, self.font(), image, self._labels, self._score_width(image))
        right = _PADDING + (_SCROLL_BAR if self._max_scroll() else 0)
        for row in range(self._scroll, last):
            rect = QRectF(self.rowRect(row)).adjusted(_PADDING, 0, -right, 0)
            if not rect.intersects(seen):
                continue
            row_painter.paint(rect, listed[row], current=listed[row] == self._current)
            if row == len(self._rows.main) and row > 0:
                painter.setPen(QPen(QColor(theme.border), 1, Qt.PenStyle.DashLine))
                painter.drawLine(QLineF(rect.topLeft(), rect.topRight()))
        if self._max_scroll():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.border))
            painter.drawRoundedRect(self._scroll_handle(), 1.5, 1.5)

    def _scroll_handle(self) -> QRectF:
        """The part of the scroll bar that stands for the rows in sight."""
        fits = self._rows_that_fit()
        whole = float(fits * self._row_height())
        length = max(whole * fits / len(self._rows.all), 16.0)
        top = self._header_height() + (whole - length) * self._scroll / self._max_scroll()
        return QRectF(self.width() - _SCROLL_BAR - 1, top, _SCROLL_BAR - 1, length)

    # Layout

    def _notes_top(self) -> float:
        return self.height() - _PADDING / 2 - self._row_height() * len(self._notes)

    def _row_height(self) -> int:
        return self.fontMetrics().height() + 4

    def _header_height(self) -> int:
        return self.fontMetrics().height() + 8

    def _rows_that_fit(self) -> int:
        room = self._view.height() - 2 * _MARGIN - self._header_height() - _PADDING // 2
        room -= len(self._notes) * self._row_height()
        return max(1, room // self._row_height())

    def _max_scroll(self) -> int:
        return max(0, len(self._rows.all) - self._rows_that_fit())

    def _score_width(self, image: ImageScores) -> float:
        """As wide as the widest score in sight, so that the bars stand in one column."""
        metrics = QFontMetricsF(self.font())
        seen = self._rows.all[self._scroll : self._scroll + self._rows_that_fit()]
        texts = [row_score_text(image, label) for label in seen]
        return max([metrics.horizontalAdvance(text) for text in [*texts, "0.00"]])

    def _rebuild(self) -> None:
        image = self._image
        usable = image is not None and len(image.scores) == len(self._labels) and len(self._labels) > 0
        if not usable or image is None:
            self._rows, self._notes = OverlayRows((), ()), ()
            self.hide()
            return
        self._rows = choose_rows(image, self._mode, self._k)
        self._notes = notes(image, self._rows)
        self._lay_out()
        self.setAccessibleDescription(self._spoken(image))
        self.setVisible(self._wanted)
        self.update()

    def _lay_out(self) -> None:
        view = self._view.rect()
        em = self.fontMetrics().horizontalAdvance("0")
        width = min(int(view.width() * 0.45), max(_MAX_WIDTH, em * 44))
        height = self._header_height()
        if not self._folded:
            rows = min(len(self._rows.all), self._rows_that_fit())
            height += (rows + len(self._notes)) * self._row_height() + _PADDING // 2
        self._scroll = min(self._scroll, self._max_scroll())
        corner = self._corner
        left = corner in (Qt.Corner.TopLeftCorner, Qt.Corner.BottomLeftCorner)
        top = corner in (Qt.Corner.TopLeftCorner, Qt.Corner.TopRightCorner)
        x = _MARGIN if left else view.width() - _MARGIN - width
        y = _MARGIN if top else view.height() - _MARGIN - height
        self.setGeometry(x, y, width, height)
        self.update()

    def _nearest_corner(self) -> Qt.Corner:
        centre = self.geometry().center()
        view = self._view.rect().center()
        if centre.y() <= view.y():
            return Qt.Corner.TopLeftCorner if centre.x() <= view.x() else Qt.Corner.TopRightCorner
        return Qt.Corner.BottomLeftCorner if centre.x() <= view.x() else Qt.Corner.BottomRightCorner

    def _row_at(self, point: QPoint) -> int:
        if self._folded or not self.rect().contains(point) or point.y() < self._header_height():
            return -1
        row = (point.y() - self._header_height()) // self._row_height()
        fits = min(len(self._rows.all), self._rows_that_fit())
        return row + self._scroll if row < fits else -1

    def _scroll_to(self, row: int) -> None:
        self._scroll = min(max(row, 0), self._max_scroll())
        self.update()

    def _reveal(self, row: int) -> None:
        if row < self._scroll:
            self._scroll_to(row)
        elif row >= self._scroll + self._rows_that_fit():
            self._scroll_to(row - self._rows_that_fit() + 1)

    # Words

    def _tool_tip(self, at: QPoint) -> str:
        label = self.labelAt(at)
        if label >= 0 and self._image is not None:
            return tool_tip(self._image, label, self._labels[label])
        return HEADER_TIP if at.y() < self._header_height() else ""

    def _spoken(self, image: ImageScores) -> str:
        lines = []
        for label in self._rows.all[:_SPOKEN_ROWS]:
            decided = "predicted" if image.predicted[label] else "not predicted"
            known = outcome_of(image, label).name if image.annotated else "not annotated"
            lines.append(f"{self._labels[label]} {row_score_text(image, label)} {decided}, {known}")
        return "; ".join([*lines, *self._notes])


def row_score_text(image: ImageScores, label: int) -> str:
    """The score's text in the label's row."""
    threshold = float(image.thresholds[label]) if shows_threshold(image, label) else None
    return score_text(float(image.scores[label]), threshold)
