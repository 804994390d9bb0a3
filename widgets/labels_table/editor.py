"""The field in which a threshold is typed, in the table or in the row for all labels."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from widgets.numbers import NotAThreshold, parse_threshold
from widgets.theme import current_theme

STARTERS = frozenset("0123456789.-")  # what begins an edit by being typed


def starts_number(event: QKeyEvent) -> bool:
    """Whether the key is a digit, a point or a minus, without Ctrl, Alt or Meta."""
    held = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    return held == Qt.KeyboardModifier.NoModifier and event.text() in STARTERS and event.text() != ""


class ThresholdEditor(QLineEdit):
    """Takes any float32 and says why it refuses what is none."""

    def __init__(self, parent: QWidget, name: str, label: int = -1) -> None:
        super().__init__(parent)
        self._host = parent
        self.label = label
        self.begun = False
        self.setAccessibleName(f"Threshold of {name}")
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFrame(False)
        self._paint(refused=False)
        self._reason = QLabel(parent)
        self._reason.setObjectName("reason")
        self._reason.setWordWrap(True)
        self._reason.setMargin(6)
        self._reason.hide()
        self.textEdited.connect(self._forgive)
        self.destroyed.connect(self._reason.deleteLater)

    def begin(self, text: str, typed: str = "") -> None:
        """Show the exact threshold, all selected, or the first character that was typed."""
        self.begun = True
        self.setText(typed or text)
        if not typed:
            self.selectAll()

    def value(self) -> float | None:
        """The float32 value, or None with the reason shown."""
        try:
            value = parse_threshold(self.text())
        except NotAThreshold as refusal:
            self._refuse(str(refusal))
            return None
        return float(value)

    def reason(self) -> str:
        """Why the text was refused; empty while it was not."""
        return "" if self._reason.isHidden() else self._reason.text()

    def hideEvent(self, event: QHideEvent) -> None:
        """The reason goes when the field goes."""
        self._reason.hide()
        super().hideEvent(event)

    def _refuse(self, reason: str) -> None:
        theme = current_theme()
        self._paint(refused=True)
        self.setAccessibleDescription(reason)
        self._reason.setStyleSheet(
            f"background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.error}; border-radius: 3px"
        )
        self._reason.setText(reason)
        self._place_reason()
        self._reason.show()
        self._reason.raise_()

    def _place_reason(self) -> None:
        host = self._host
        needed = self._reason.fontMetrics().horizontalAdvance(self._reason.text()) + 20
        width = min(needed, self.fontMetrics().horizontalAdvance("0") * 34, host.width())
        self._reason.setFixedWidth(width)
        height = self._reason.heightForWidth(width)
        self._reason.setFixedHeight(height)
        below = self.geometry().bottom() + 3
        top = below if below + height <= host.height() else max(self.geometry().top() - height - 3, 0)
        left = max(min(self.geometry().right() - width, host.width() - width), 0)
        self._reason.move(QPoint(left, top))

    def _forgive(self) -> None:
        if not self._reason.isHidden():
            self._reason.hide()
            self.setAccessibleDescription("")
            self._paint(refused=False)

    def _paint(self, *, refused: bool) -> None:
        theme = current_theme()
        edge = theme.error if refused else theme.accent
        self.setStyleSheet(
            f"QLineEdit {{ background: {theme.surface}; color: {theme.text}; border: 1px solid {edge};"
            " border-radius: 2px; padding: 0 2px }"
        )


class Ending(Enum):
    """How a key ends an edit."""

    ACCEPT = auto()
    NEXT = auto()  # accept, and edit the row below
    PREVIOUS = auto()  # accept, and edit the row above
    LEAVE = auto()


_ENDINGS: Final = {
    Qt.Key.Key_Return: Ending.ACCEPT,
    Qt.Key.Key_Enter: Ending.ACCEPT,
    Qt.Key.Key_Tab: Ending.NEXT,
    Qt.Key.Key_Backtab: Ending.PREVIOUS,
    Qt.Key.Key_Escape: Ending.LEAVE,
}


def ending(event: QEvent) -> Ending | None:
    """How the event ends an edit, None where it does not."""
    if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
        return _ENDINGS.get(Qt.Key(event.key()))
    return None
