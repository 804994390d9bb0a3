"""The words above a precision-recall curve: the label with its average precision, and the operating point."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QWidget

from inference.types import OperatingPoint, PRCurve, format_float32
from widgets.elided_label import ElidedLabel
from widgets.figure_label import StillLabel
from widgets.numbers import format_rate

NO_BREAK: Final = "\N{NO-BREAK SPACE}"
TITLE_CHARACTERS: Final = 40  # where there is room for them beside the caption, both share a row


class CurveHeader(QWidget):
    """A title that gives way and a caption, in one row or two.

    The caption's height depends on the longest text it may come to, not on the text: a plot under it must not
    move while it is dragged on.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._longest = ""
        self._title_room = 0  # pixels for the title beside a caption, when they were last arranged
        self._name = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        policy = self._name.sizePolicy()
        policy.setHorizontalPolicy(policy.Policy.Maximum)
        self._name.setSizePolicy(policy)
        self._rest = QLabel()
        self._rest.setTextFormat(Qt.TextFormat.PlainText)
        self._caption = StillLabel(wraps=True)
        title = QHBoxLayout()
        title.setSpacing(0)
        title.addWidget(self._name)
        title.addWidget(self._rest)
        title.addStretch(1)
        self._layout = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._layout.setContentsMargins(6, 0, 6, 0)
        self._layout.setSpacing(2)
        self._layout.addLayout(title)
        self._layout.addWidget(self._caption)
        self._embolden()

    def setTitle(self, name: str, rest: str) -> None:
        """The label's name, cut where it must be, and words that stay whole."""
        rest = f" · {rest}" if name and rest else rest
        if (name, rest) == (self._name.text(), self._rest.text()):
            return
        self._name.setText(name)
        self._rest.setText(rest)
        if self._title_width() > self._title_room:
            self._arrange()

    def setCaption(self, text: str, longest: str = "") -> None:
        """The second line, and the longest text that may come to stand there."""
        self._caption.setText(text)
        if self._caption.isHidden() == bool(text or longest):
            self._caption.setVisible(bool(text or longest))
        if (longest or text) != self._longest:
            self._longest = longest or text
            self._arrange()

    def text(self) -> str:
        """Title and caption, a line each."""
        lines = (self._name.text() + self._rest.text(), self._caption.text())
        return "\n".join(line.replace(NO_BREAK, " ") for line in lines if line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the width there is."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_layout"):
            self._embolden()
            self._arrange()

    def _embolden(self) -> None:
        bold = self.font()
        bold.setBold(True)
        self._name.setFont(bold)
        self._rest.setFont(bold)

    def _title_width(self) -> int:
        """Pixels that the title needs with its name cut short."""
        return int(self._rest.sizeHint().width() + min(self._name.sizeHint().width(), self._name.height() * 6))

    def _arrange(self) -> None:
        metrics = self.fontMetrics()
        caption = metrics.horizontalAdvance(self._longest) + 4
        room = self.width() - 24
        self._title_room = max(TITLE_CHARACTERS * metrics.averageCharWidth(), self._title_width())
        side_by_side = caption + self._title_room < room
        way = QBoxLayout.Direction.LeftToRight if side_by_side else QBoxLayout.Direction.TopToBottom
        self._layout.setDirection(way)
        wrapped = metrics.boundingRect(QRect(0, 0, room, 1000), Qt.TextFlag.TextWordWrap, self._longest)
        height = metrics.height() if side_by_side else wrapped.height()
        self._caption.setRoom(caption if side_by_side else 0, height)
        self._caption.setSide(Qt.AlignmentFlag.AlignRight if side_by_side else Qt.AlignmentFlag.AlignLeft)


def title_rest(curve: PRCurve) -> str:
    """ "AP 0.83 · 118 positives"."""
    noun = "positive" if curve.support == 1 else "positives"
    return f"AP {rate(curve.average_precision)} · {curve.support:,} {noun}"


def point_text(point: OperatingPoint) -> str:
    """The operating point in words, with counts beside rates; lines break between its three parts only."""
    recall = f"recall {point.tp:,}/{point.support:,} = {rate(point.recall)}"
    precision = f"precision {point.tp:,}/{point.predicted:,} = {rate(point.precision)}"
    parts = (
        f"threshold {format_float32(point.threshold)}",
        precision if point.predicted else "nothing predicted",
        recall,
    )
    return " · ".join(part.replace(" ", NO_BREAK) for part in parts)


def rate(value: float) -> str:
    """Two decimals, or a dash for what is undefined; 1.00 is said of nothing less, nor 0.00 of anything more."""
    return format_rate(value)
