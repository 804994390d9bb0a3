"""One way to write keys, and a field that takes the keys pressed in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

_ALONE: Final = (
    Qt.Key.Key_Control,
    Qt.Key.Key_Shift,
    Qt.Key.Key_Alt,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Meta,
    Qt.Key.Key_CapsLock,
    Qt.Key.Key_NumLock,
    Qt.Key.Key_unknown,
)
_LEAVING: Final = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)


def canonical(keys: str) -> str:
    """Keys as Qt writes them on every system, such as ``Ctrl+Shift+Z``; "" for what is not one key, held ones aside."""
    sequence = QKeySequence(keys, QKeySequence.SequenceFormat.PortableText)
    return sequence.toString(QKeySequence.SequenceFormat.PortableText) if sequence.count() == 1 else ""


def canonical_all(keys: Iterable[str]) -> tuple[str, ...]:
    """Each once, in their order, without what are no keys."""
    return tuple(dict.fromkeys(text for text in map(canonical, keys) if text))


def keys_of(event: QKeyEvent) -> str:
    """What an event presses; "" for a modifier alone. The number block counts as the number row.

    Shift is part of a sign such as ``?``, which lies elsewhere on other keyboards, and so is not written.
    """
    key = Qt.Key(event.key())
    if key in _ALONE or event.key() == 0:
        return ""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    text = event.text()
    if len(text) == 1 and text.isprintable() and not text.isalnum() and not text.isspace():
        held &= ~Qt.KeyboardModifier.ShiftModifier
    return QKeySequence(QKeyCombination(held, key)).toString(QKeySequence.SequenceFormat.PortableText)


class KeyCapture(QLineEdit):
    """Tells keys pressed while it has the focus. Tab goes on and Escape leaves, so that nobody is caught in it."""

    captured = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setPlaceholderText("Click here and press the keys")
        self.setAccessibleName("Press the keys to add")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def event(self, event: QEvent) -> bool:
        """Every key comes here and not to a shortcut."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell what was pressed."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in _LEAVING:
            event.ignore()
        elif keys := keys_of(event):
            self.captured.emit(keys)
        event.accept()
