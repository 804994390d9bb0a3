"""The field that filters labels by name."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

_LEAVING: Final = (Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class FilterField(QLineEdit):
    """Escape clears it, then leaves; Down and Enter go to the rows."""

    rowsRequested = Signal()

    def __init__(self, hint: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setPlaceholderText(hint)
        self.setAccessibleName("Filter labels by name")
        self.setClearButtonEnabled(True)

    def forget(self) -> None:
        """Empty it without telling so."""
        self.blockSignals(True)
        self.clear()
        self.blockSignals(False)

    def event(self, event: QEvent) -> bool:
        """Escape comes here and not to a shortcut of the window."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Clear, leave, or type."""
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and self.text():
            self.clear()
        elif key in _LEAVING:
            self.rowsRequested.emit()
        else:
            super().keyPressEvent(event)
