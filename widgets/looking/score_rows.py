"""Scores before and after an edit: the chosen label, then the labels whose decision changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from inference.types import ImageScores
from widgets.looking.changes import ChangeRow, change_rows
from widgets.theme import current_theme, tabular

_ROWS: Final = 3  # that there is always room for
_GAP: Final = 6.0
_NO_FLIPS: Final = "No other decision changes."


class ScoreRows(QWidget):
    """Two lines a label: name and numbers, then a bar with the threshold's tick and what becomes of the decision."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: tuple[str, ...] = ()
        self._pair: tuple[ImageScores, ImageScores] | None = None
        self._chosen = -1
        self._message = ""
        self._rows: tuple[ChangeRow, ...] = ()
        self._more = 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setAccessibleName("Scores before and after")
        self.setToolTip("Bar: the score now. Ring: before the edits. Tick: the threshold.")
        self._rebuild()

    # Setters

    def setLabels(self, labels: Sequence[str]) -> None:
        """The names, in the order of every array."""
        self._labels = tuple(labels)
        self._rebuild()

    def setScores(self, before: ImageScores | None, after: ImageScores | None) -> None:
        """What the picture scores as it is, and as edited; None while that is not known."""
        self._pair = None if before is None or after is None else (before, after)
        self._rebuild()

    def setCurrentLabel(self, label: int) -> None:
        """The label that is listed first; -1 for none."""
        self._chosen = label
        self._rebuild()

    def setMessage(self, text: str) -> None:
        """Why there are no scores; "" where there are."""
        self._message = text
        self._rebuild()

    # What is shown

    def rows(self) -> tuple[ChangeRow, ...]:
        """What is listed, top to bottom."""
        return self._rows

    def note(self) -> str:
        """The line below the rows."""
        if self._message:
            return self._message
        if self._pair is None:
            return "Scoring …"
        if self._more:
            return f"{self._more:,} more decisions change." if self._more > 1 else "1 more decision changes."
        flips = [row for row in self._rows if row.flips and row.label != self._chosen]
        return "" if flips else _NO_FLIPS

    def sizeHint(self) -> QSize:  # noqa: D102
        rows = max(len(self._rows), _ROWS)
        return QSize(self.fontMetrics().averageCharWidth() * 40, rows * self._row_height() + 3 * self._line())

    def minimumSizeHint(self) -> QSize:  # noqa: D102
        return QSize(self.fontMetrics().averageCharWidth() * 24, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:  # noqa: D102
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.updateGeometry()
            self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = 0.0
        for row in self._rows:
            self._paint_row(painter, QRectF(0, top, self.width(), self._row_height()), row)
            top += self._row_height()
        painter.setFont(self.font())
        painter.setPen(QColor(current_theme().muted))
        room = QRectF(0, top, self.width(), self.height() - top)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap), self.note())

    # Inside

    def _rebuild(self) -> None:
        before = len(self._rows)
        self._rows, self._more = (), 0
        if self._pair is not None and not self._message and len(self._pair[0].scores) == len(self._labels):
            self._rows, self._more = change_rows(self._labels, *self._pair, self._chosen)
        spoken = [f"{row.name} {row.numbers}, {row.words}" for row in self._rows]
        self.setAccessibleDescription("; ".join([*spoken, self.note()]).strip("; "))
        if len(self._rows) != before:
            self.updateGeometry()
        self.update()

    def _line(self) -> int:
        return self.fontMetrics().height()

    def _row_height(self) -> int:
        return round(2 * self._line() + 14)

    def _paint_row(self, painter: QPainter, rect: QRectF, row: ChangeRow) -> None:
        theme = current_theme()
        bold, plain = QFont(self.font()), tabular(self.font())
        bold.setBold(True)
        first = QRectF(rect.left(), rect.top(), rect.width(), self._line())
        second = first.translated(0, self._line() + 2)
        numbers = QFontMetricsF(plain).horizontalAdvance(row.numbers)
        painter.setPen(QColor(theme.text))
        painter.setFont(plain)
        painter.drawText(first, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), row.numbers)
        painter.setFont(bold if row.label == self._chosen else self.font())
        room = first.adjusted(0, 0, -numbers - _GAP, 0)
        name = QFontMetricsF(painter.font()).elidedText(row.name, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), name)
        words = max(QFontMetricsF(bold).horizontalAdvance(text) for text in ("no longer predicted", row.words))
        painter.setFont(bold if row.flips else self.font())
        painter.setPen(QColor(theme.warning if row.flips else theme.muted))
        painter.drawText(second, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), row.words)
        self._paint_bar(painter, second.adjusted(0, 0, -words - 2 * _GAP, 0), row)

    def _paint_bar(self, painter: QPainter, rect: QRectF, row: ChangeRow) -> None:
        """Filled up to the score after, with a mark at the score before and a tick at the threshold."""
        theme = current_theme()
        height = max(8.0, self._line() * 0.5)
        track = QRectF(rect.left(), rect.center().y() - height / 2, rect.width(), height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.track))
        painter.drawRoundedRect(track, 2, 2)
        after = track.width() * min(max(row.after, 0.0), 1.0)
        fill = QColor(theme.positive)
        fill.setAlphaF(1.0 if row.is_predicted else 0.45)
        painter.setBrush(fill)
        painter.drawRoundedRect(QRectF(track.left(), track.top(), after, height), 2, 2)
        x = track.left() + track.width() * min(max(row.before, 0.0), 1.0)
        painter.setBrush(QColor(theme.surface))
        painter.setPen(QPen(QColor(theme.text), 1.4))
        painter.drawEllipse(QPointF(x, track.center().y()), height * 0.36, height * 0.36)
        if row.threshold is not None:
            x = track.left() + track.width() * min(max(row.threshold, 0.0), 1.0)
            for color, width in ((theme.window, 4.0), (theme.accent, 2.0)):
                pen = QPen(QColor(color), width)
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
                painter.setPen(pen)
                painter.drawLine(QLineF(x, track.top() - 3, x, track.bottom() + 3))
