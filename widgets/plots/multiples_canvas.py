"""Small pictures in a grid that scrolls, painted cell by cell: 1,000 labels cost what is in sight."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from inference.types import IntArray, LabelMetrics, MultipleKind, ScoreArray, SmallPicture
from widgets.plots.multiples_layout import Cell, Grid
from widgets.plots.multiples_paint import (
    Look,
    Mark,
    number_text,
    paint_marks,
    paint_outline,
    paint_picture,
    paint_title,
    trouble,
)
from widgets.plots.words import joined, share, threshold_text
from widgets.theme import current_theme

_KEPT: Final = 400  # painted cells that are kept
_LEAST: Final = (11.0, 8.0)  # width and height of the smallest cell, in heights of a line


class MultiplesCanvas(QAbstractScrollArea):
    """Cells in an order that is set, each one label's picture with its mark. Setters emit nothing."""

    viewMoved = Signal()  # other cells may be in sight

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty_text = ""
        self._names: tuple[str, ...] = ()
        self._order: IntArray = np.zeros(0, dtype=np.int64)
        self._place_of: dict[int, int] = {}
        self._kind = MultipleKind.PR
        self._pictures: dict[int, SmallPicture] = {}
        self._painted: dict[int, QPixmap] = {}
        self._thresholds: ScoreArray = np.zeros(0, dtype=np.float32)
        self._metrics: LabelMetrics | None = None
        self._current = -1  # the chosen label
        self._cursor = -1  # the label where the keys are
        self._active = True
        self._grid = Grid.fitted(0, (1, 1), (1, 1))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Small pictures of all labels")
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.verticalScrollBar().valueChanged.connect(self.viewMoved)

    # Setters

    def setNames(self, names: tuple[str, ...]) -> None:
        """Other labels: nothing is known of them yet."""
        self._names = names
        self._pictures.clear()
        self._painted.clear()
        self._metrics, self._cursor, self._current = None, -1, -1
        self._thresholds = np.zeros(0, dtype=np.float32)
        self.setOrder(np.arange(len(names)))

    def setOrder(self, labels: IntArray) -> None:
        """Which labels are shown, in which order."""
        self._order = np.asarray(labels, dtype=np.int64)
        self._place_of = {label: place for place, label in enumerate(self._order.tolist())}
        if self._cursor not in self._place_of:
            self._cursor = -1
        self._arrange()

    def setKind(self, kind: MultipleKind) -> None:
        """Another kind of picture: those there are do not fit any more."""
        if kind is not self._kind:
            self._kind = kind
            self._pictures.clear()
            self._repaint()

    def setPictures(self, pictures: dict[int, SmallPicture]) -> None:
        """Pictures of some labels, by label."""
        self._pictures.update(pictures)
        for label in pictures:
            self._painted.pop(label, None)
            self._update_label(label)

    def setThresholds(self, values: ScoreArray) -> None:
        """Thresholds (c,); only marks that moved are painted."""
        before, self._thresholds = self._thresholds, values
        moved = np.flatnonzero(before != values) if before.shape == values.shape else self._order
        self._update_labels(moved)

    def setMetrics(self, metrics: LabelMetrics | None) -> None:
        """Counts of every label at its threshold."""
        before, self._metrics = self._metrics, metrics
        if before is None or metrics is None or before.tp.shape != metrics.tp.shape:
            self.viewport().update()
            return
        changed = (before.tp != metrics.tp) | (before.fp != metrics.fp) | (before.fn != metrics.fn)
        self._update_labels(np.flatnonzero(changed | (before.tn != metrics.tn)))

    def setCurrentLabel(self, label: int) -> None:
        """Outline the chosen label, and bring it into sight if nothing of it is."""
        if label != self._current:
            before, self._current = self._current, label
            self._cursor = label if label in self._place_of else self._cursor
            for one in (before, label):
                self._update_label(one)
            if label not in self.inSight():
                self.showLabel(label)

    def setActive(self, active: bool) -> None:
        """Whether thresholds matter; if not, pictures are dimmed and lines hold still."""
        if active != self._active:
            self._active = active
            self._repaint()

    # Reading

    def kind(self) -> MultipleKind:
        """The kind of picture shown."""
        return self._kind

    def order(self) -> IntArray:
        """The labels shown, in their order."""
        return self._order

    def has(self, label: int) -> bool:
        """Whether a label's picture is here."""
        return label in self._pictures

    def inSight(self) -> IntArray:
        """The labels whose cells are at least partly in sight."""
        top = self.verticalScrollBar().value()
        places = self._grid.within(top, top + self.viewport().height())
        return self._order[places.start : places.stop]

    def cell_rect(self, label: int) -> QRectF:
        """Where a label's cell lies, in pixels of the viewport."""
        return self._grid.cell(self._place_of[label]).translated(0, -self.verticalScrollBar().value())

    def score_pixel(self, label: int, score: float) -> QPointF:
        """Where a score lies at half the height of a label's cell, in pixels of the viewport."""
        return self._cell(self.cell_rect(label)).point(score, 0.5)

    def mark(self, label: int) -> Mark | None:
        """Where a label's threshold stands; None before its counts are known."""
        counts = self._metrics
        if counts is None or label >= min(len(counts.tp), len(self._thresholds)):
            return None
        four = (int(column[label]) for column in (counts.tp, counts.fp, counts.fn, counts.tn))
        return Mark(float(self._thresholds[label]), *four)

    def words(self, label: int) -> str:
        """What a cell says, name first."""
        picture, mark = self._pictures.get(label), self.mark(label)
        lines = [joined(*(part for part in (number_text(self._kind, picture, mark),) if part))]
        if mark is not None:
            precision = share(mark.tp, mark.predicted)
            recall = share(mark.tp, mark.tp + mark.fn)
            lines.append(joined(threshold_text(mark.threshold), f"precision {precision}", f"recall {recall}"))
        if picture is not None:
            lines.append(trouble(self._kind, picture))
        return "\n".join([self._names[label], *(line for line in lines if line)])

    def look(self) -> Look:
        """How cells are painted now."""
        return Look(current_theme(), QFont(self.font()), self._active)

    def paint_cell(self, painter: QPainter, rect: QRectF, label: int, look: Look) -> None:
        """A whole cell, straight onto a file's page."""
        cell, picture, mark = self._cell(rect), self._pictures.get(label), self.mark(label)
        paint_outline(painter, rect, False, False, look)
        paint_title(painter, cell, self._names[label], number_text(self._kind, picture, mark), False, look)
        paint_picture(painter, cell, self._kind, picture, look)
        paint_marks(painter, cell, self._kind, picture, mark, look)

    # Arranging

    def least(self) -> tuple[float, float]:
        """The smallest cell that can be read."""
        line = QFontMetricsF(self.font()).height()
        return _LEAST[0] * line, _LEAST[1] * line

    def showLabel(self, label: int) -> None:
        """Scroll as little as brings a label's cell into sight."""
        place, bar = self._place_of.get(label), self.verticalScrollBar()
        if place is None:
            return
        rect = self._grid.cell(place)
        low, high = rect.bottom() + 8 - self.viewport().height(), rect.top() - 8
        if bar.value() < low or bar.value() > high:
            bar.setValue(round(low if bar.value() < low else high))

    def _arrange(self) -> None:
        """Cells for the room there is, with the first one in sight where it was."""
        bar, seen = self.verticalScrollBar(), self.inSight()
        first = int(seen[0]) if len(seen) and bar.value() else -1
        room = (float(self.viewport().width()), float(self.viewport().height()))
        self._grid = Grid.fitted(len(self._order), room, self.least())
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(round(self._grid.height / 4))
        bar.setRange(0, max(0, round(self._grid.total_height - room[1])))
        if first in self._place_of:
            bar.setValue(round(self._grid.cell(self._place_of[first]).top()) - 6)
        self._repaint()
        self.viewMoved.emit()

    def _cell(self, rect: QRectF) -> Cell:
        return Cell.of(rect, QFontMetricsF(self.font()).height())

    def _repaint(self) -> None:
        self._painted.clear()
        self.viewport().update()

    def _update_labels(self, labels: IntArray) -> None:
        seen = self.inSight()
        for label in seen[np.isin(seen, labels)].tolist():
            self._update_label(label)

    def _update_label(self, label: int) -> None:
        if label in self._place_of:
            self.viewport().update(self.cell_rect(label).toAlignedRect())

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cells that are asked for: kept pictures, with marks on top."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = self.look()
        painter.fillRect(event.rect(), QColor(look.theme.surface))
        if not len(self._order):
            painter.setPen(QColor(look.theme.muted))
            painter.drawText(
                self.viewport().rect().adjusted(16, 16, -16, -16),
                int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap),
                self.empty_text,
            )
        top = self.verticalScrollBar().value()
        wanted: QRect = event.rect()
        for place in self._grid.within(top + wanted.top(), top + wanted.bottom()):
            rect = self._grid.cell(place).translated(0, -top)
            if rect.intersects(QRectF(wanted)):
                self._paint(painter, rect, int(self._order[place]), look)
        painter.end()

    def _paint(self, painter: QPainter, rect: QRectF, label: int, look: Look) -> None:
        picture, mark, cell = self._pictures.get(label), self.mark(label), self._cell(rect)
        painter.drawPixmap(rect.topLeft(), self._kept(label, rect, look))
        chosen = label == self._current
        paint_title(painter, cell, self._names[label], number_text(self._kind, picture, mark), chosen, look)
        paint_marks(painter, cell, self._kind, picture, mark, look)
        paint_outline(painter, rect, chosen, self.hasFocus() and label == self._cursor, look)

    def _kept(self, label: int, rect: QRectF, look: Look) -> QPixmap:
        """A label's picture without its mark, painted once."""
        if label not in self._painted:
            if len(self._painted) >= _KEPT:
                self._painted.clear()
            ratio = self.devicePixelRatioF()
            pixmap = QPixmap(math.ceil(rect.width() * ratio), math.ceil(rect.height() * ratio))
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(QColor(look.theme.surface))
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            cell = self._cell(QRectF(0, 0, rect.width(), rect.height()))
            paint_picture(painter, cell, self._kind, self._pictures.get(label), look)
            painter.end()
            self._painted[label] = pixmap
        return self._painted[label]

    # Qt's events

    def event(self, event: QEvent) -> bool:
        """Follow the screen: kept pictures are in its pixels."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._repaint()
        return super().event(event)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted, and paint what comes into sight."""
        self.viewport().scroll(dx, dy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the room there is."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the font."""
        super().changeEvent(event)
        if hasattr(self, "_grid") and event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._arrange()
