"""The note on the image in hand."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

_LINES: Final = 2
_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class NoteField(QPlainTextEdit):
    """Tells a changed text when it is left, by Enter, Escape or otherwise; Shift+Enter breaks a line.

    Nothing typed is thrown away: undo takes a note back.
    """

    edited = Signal(str)
    left = Signal()  # by Enter or Escape

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._told = ""
        self.setPlaceholderText("Note on this image")
        self.setAccessibleName("Note on this image")
        self.setToolTip(
            "Enter or Esc keeps the note and leaves it, Shift+Enter begins another line. Undo takes a note back."
        )
        self.setTabChangesFocus(True)
        self._fit()

    def set_possible(self, *, one: bool, edit: bool) -> None:
        """A note belongs to one image."""
        self.setEnabled(one)
        self.setReadOnly(not edit)
        self.setPlaceholderText("Note on this image" if one else "A note belongs to one image")

    def set_text(self, text: str) -> None:
        """The note as it is stored; what is being typed stays while the stored note stays the same."""
        if text == self._told:
            return
        self._told = text
        self.setPlainText(text)

    def reset(self) -> None:
        """Forget what was typed and not told."""
        if self.toPlainText() != self._told:
            self.setPlainText(self._told)

    def commit(self) -> None:
        """Tell what was typed since the last time."""
        text = self.toPlainText().strip()
        if text != self._told and not self.isReadOnly():
            self._told = text
            self.edited.emit(text)

    def event(self, event: QEvent) -> bool:
        """Its keys come here and not to a shortcut of the window."""
        ours = (*_ENTER, Qt.Key.Key_Escape)
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in ours:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep and leave, or type."""
        key = Qt.Key(event.key())
        broken = key in _ENTER and event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if key in (*_ENTER, Qt.Key.Key_Escape) and not broken:
            self.commit()
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving keeps the note."""
        super().focusOutEvent(event)
        self.commit()

    def changeEvent(self, event: QEvent) -> None:
        """A larger font needs a higher field."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        margin = round(2 * self.document().documentMargin()) + 2 * self.frameWidth() + 6
        self.setFixedHeight(self.fontMetrics().lineSpacing() * _LINES + margin)
