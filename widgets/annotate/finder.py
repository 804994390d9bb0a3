"""The field in which part of a label's name is typed to annotate it without the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_MOVES: Final = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}
_KEPT: Final = (*_ENTER, *_MOVES, Qt.Key.Key_Escape)
_SHIFT: Final = Qt.KeyboardModifier.ShiftModifier
_CTRL: Final = Qt.KeyboardModifier.ControlModifier


class Finder(QLineEdit):
    """Enter says positive of the row found, Shift+Enter negative; arrows choose another, Escape clears, then leaves."""

    positiveAsked = Signal()
    negativeAsked = Signal()
    confirmAsked = Signal()  # Ctrl+Enter, or Enter with nothing typed
    moved = Signal(int)  # rows down
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setPlaceholderText("Find a label: type, Enter")
        self.setAccessibleName("Find a label")
        self.setAccessibleDescription("Enter says positive, Shift+Enter negative, Escape clears.")
        self._tip = (
            "Type part of a label’s name. Enter: positive, and again to take it back. Shift+Enter: negative, again "
            "unknown.\nUp and Down choose another row, Ctrl+Enter confirms the image, Esc clears and then leaves."
        )
        self.show_keys(())
        self.setClearButtonEnabled(True)

    def show_keys(self, keys: Sequence[str]) -> None:
        """Which keys lead here."""
        here = f"\nTo come here: {' or '.join(keys)}." if keys else ""
        self.setToolTip(self._tip + here)

    def event(self, event: QEvent) -> bool:
        """Its keys come here and not to a shortcut of the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _KEPT:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Annotate, move, leave, or type."""
        key = Qt.Key(event.key())
        if key in _ENTER:
            self._enter(event.modifiers())
        elif key in _MOVES:
            self.moved.emit(_MOVES[key])
        elif key == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _enter(self, held: Qt.KeyboardModifier) -> None:
        if held & _CTRL or not self.text().strip():
            self.confirmAsked.emit()
            return
        (self.negativeAsked if held & _SHIFT else self.positiveAsked).emit()
        self.selectAll()  # so that the next name can be typed at once
