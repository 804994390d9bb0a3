"""The labels of both pictures in two columns, a label on one line, those decided differently marked."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from inference.types import ImageScores
from inference.types.gallery import SidePicture
from widgets.overlay import row_score_text
from widgets.overlay_paint import RowPainter
from widgets.overlay_words import tool_tip
from widgets.side_by_side.differences import PairRow
from widgets.theme import current_theme

_PAD: Final = 8
_GAP: Final = 1.4  # between the columns, in rows' heights
_SHOWN_ROWS: Final = 12  # as high as it would like to be
_SPOKEN_ROWS: Final = 20  # said to a screen reader
_WORDS: Final = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


class PairRows(QAbstractScrollArea):
    """Paints only the rows in sight: 1,000 labels cost no more than ten."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left, self._right = SidePicture(""), SidePicture("")
        self._rows: tuple[PairRow, ...] = ()
        self._empty = ""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setAccessibleName("Labels of both pictures")
        self.verticalScrollBar().setAccessibleName("Scroll the labels")

    def setPair(self, left: SidePicture, right: SidePicture, rows: tuple[PairRow, ...]) -> None:
        """The sides and the rows to list; the place is kept."""
        self._left, self._right, self._rows = left, right, rows
        self.updateGeometry()
        self._measure()
        self.setAccessibleDescription("; ".join(self._spoken(row) for row in rows[:_SPOKEN_ROWS]))
        self.viewport().update()

    def rows(self) -> tuple[PairRow, ...]:
        """What is listed, top to bottom."""
        return self._rows

    def rowRect(self, row: int) -> QRectF:
        """Where a row stands in the view."""
        height = self._row_height()
        return QRectF(0, row * height - self.verticalScrollBar().value(), self.viewport().width(), height)

    def setEmptyText(self, text: str) -> None:
        """What is said where no row is listed."""
        self._empty = text
        self.viewport().update()

    def sizeHint(self) -> QSize:
        """Some rows; fewer make do with less."""
        return QSize(400, min(max(len(self._rows), 3), _SHOWN_ROWS) * self._row_height() + 4)

    def minimumSizeHint(self) -> QSize:
        """Four rows."""
        return QSize(160, 4 * self._row_height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of a list scroll it; the others are the window's."""
        bar = self.verticalScrollBar()
        page = bar.pageStep()
        steps = {
            Qt.Key.Key_Down: self._row_height(),
            Qt.Key.Key_Up: -self._row_height(),
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_Home: -bar.maximum(),
            Qt.Key.Key_End: bar.maximum(),
        }
        key = Qt.Key(event.key())
        if key in steps:
            bar.setValue(bar.value() + steps[key])
        else:
            event.ignore()

    def viewportEvent(self, event: QEvent) -> bool:
        """A row's tool tip says all that is known of it."""
        if event.type() == QEvent.Type.ToolTip:
            at = event.pos()  # type: ignore[attr-defined]  # a QHelpEvent by its type
            row = int(at.y() + self.verticalScrollBar().value()) // self._row_height()
            side = self._left if at.x() < self.viewport().width() / 2 else self._right
            self.viewport().setToolTip(self._tip(row, side))
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: D102
        self._measure()

    def changeEvent(self, event: QEvent) -> None:  # noqa: D102
        if event.type() == QEvent.Type.FontChange:
            self._measure()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The two columns, with what tells them apart between them."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._rows:
            self._paint_empty(painter)
            return
        height, top = self._row_height(), self.verticalScrollBar().value()
        first = max(top // height, 0)
        last = min((top + self.viewport().height()) // height + 1, len(self._rows))
        middle = self.viewport().width() / 2
        gap = height * _GAP
        for left, side in ((True, self._left), (False, self._right)):
            painters = self._row_painter(painter, side)
            for place in range(first, last):
                rect = self.rowRect(place)
                half = rect.adjusted(_PAD, 0, -(rect.width() - middle) - gap / 2, 0)
                if not left:
                    half = rect.adjusted(middle + gap / 2, 0, -_PAD, 0)
                self._paint_half(painter, painters, half, self._rows[place], left=left)
        for place in range(first, last):
            if self._rows[place].differs:
                rect = self.rowRect(place)
                self._paint_sign(painter, QRectF(middle - gap / 2, rect.top(), gap, rect.height()))

    # Inside

    def _row_painter(self, painter: QPainter, side: SidePicture) -> RowPainter | None:
        if side.scores is None:
            return None
        metrics = QFontMetricsF(self.font())
        return RowPainter(painter, self.font(), side.scores, side.labels, metrics.horizontalAdvance("0.0000"))

    def _paint_half(
        self, painter: QPainter, rows: RowPainter | None, rect: QRectF, row: PairRow, *, left: bool
    ) -> None:
        label = row.left if left else row.right
        if rows is not None and label >= 0:
            rows.paint(rect, label, current=row.differs)
            return
        painter.setPen(QColor(current_theme().muted))
        painter.setFont(self.font())
        side = self._left if left else self._right
        painter.drawText(rect, _WORDS, "not scored" if side.scores is None else f"{row.name}: no output")

    def _paint_sign(self, painter: QPainter, rect: QRectF) -> None:
        """Not equal."""
        pen = QPen(QColor(current_theme().accent), 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        centre, arm = rect.center(), rect.height() * 0.26
        for offset in (-arm * 0.4, arm * 0.4):
            painter.drawLine(QLineF(centre + QPointF(-arm, offset), centre + QPointF(arm, offset)))
        painter.drawLine(QLineF(centre + QPointF(-arm * 0.6, arm), centre + QPointF(arm * 0.6, -arm)))

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(QColor(current_theme().muted))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        room = self.viewport().rect().adjusted(12, 4, -12, -4)
        painter.drawText(room, int(flags), self._empty)

    def _row_height(self) -> int:
        return self.fontMetrics().height() + 8

    def _measure(self) -> None:
        bar = self.verticalScrollBar()
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._row_height())
        bar.setRange(0, max(0, len(self._rows) * self._row_height() - self.viewport().height()))

    def _tip(self, place: int, side: SidePicture) -> str:
        if not 0 <= place < len(self._rows) or side.scores is None:
            return ""
        row = self._rows[place]
        label = row.left if side is self._left else row.right
        return tool_tip(side.scores, label, row.name) if label >= 0 else f"{row.name}: this side has no such label"

    def _spoken(self, row: PairRow) -> str:
        parts = [_spoken_side(side.scores, label) for side, label in ((self._left, row.left), (self._right, row.right))]
        return f"{row.name} {parts[0]}, {parts[1]}{', decided differently' if row.differs else ''}"


def _spoken_side(image: ImageScores | None, label: int) -> str:
    if image is None or label < 0:
        return "no output"
    return f"{row_score_text(image, label)} {'predicted' if image.predicted[label] else 'not predicted'}"
