"""The field for the query: tells what was typed, offers completions, marks where an error is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QInputMethodEvent, QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import QApplication, QWidget

from widgets.gallery.completions import CompletionLike, Completions
from widgets.tables.filter_field import FilterField
from widgets.theme import current_theme

_CHOOSING: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)  # with a suggestion marked; else they leave the field
_ALWAYS: Final = (Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_Down, Qt.Key.Key_Up)


class QueryField(FilterField):
    """What is typed is told once the events at hand are through, however many letters they were."""

    queryChanged = Signal(str)
    completionsRequested = Signal(str, int)  # text, place of the cursor

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Search, as cat or fp:cat", parent)
        self.setAccessibleName("Query: which images to list")
        self._tip = (
            "Which images to list: part of a file name, or terms such as fp:cat, score:cat>0.8, -annotated.\n"
            "Ctrl+Space suggests, Escape clears, Enter goes to the images."
        )
        self.setToolTip(self._tip)
        self._completions = Completions(self)
        self._completions.taken.connect(self._take)
        self._told = ""
        self._wants_completions = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._tell)
        self.textChanged.connect(self._soon.start)
        self.textEdited.connect(self._want_completions)

    def setQuery(self, text: str) -> None:
        """Show ``text``; the cursor stays where it can, and nobody is told."""
        self._told = text
        self._soon.stop()
        if text == self.text():
            return
        at_end = self.cursorPosition() == len(self.text())
        place = len(text) if at_end else self.cursorPosition()
        with QSignalBlocker(self):
            self.setText(text)
            self.setCursorPosition(min(place, len(text)))

    def setError(self, sentence: str, position: int = -1) -> None:
        """Mark the text from ``position`` on as wrong; "" takes the mark away."""
        self.setToolTip(sentence or self._tip)
        self.setAccessibleDescription(sentence)
        self._underline(min(position, max(len(self.text()) - 1, 0)) if sentence else -1)

    def setCompletions(self, completions: Sequence[CompletionLike]) -> None:
        """Show what may stand at the cursor; nothing where the field has lost the focus meanwhile."""
        if self.hasFocus():
            self._completions.offer(completions)

    def event(self, event: QEvent) -> bool:
        """Keys that choose among open suggestions are not the field's: what it leaves, they take."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            choosing = key in _CHOOSING and self._completions.marked()
            if self._completions.offered() and (choosing or key in _ALWAYS):
                event.ignore()
                return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Space asks for suggestions; the rest is a field's."""
        if event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self._want_completions()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The suggestions go, unless it is they that took the focus."""
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._completions.close()
        super().focusOutEvent(event)

    def _want_completions(self) -> None:
        self._wants_completions = True
        self._soon.start()

    def _tell(self) -> None:
        text = self.text()
        if text != self._told:
            self._told = text
            self.queryChanged.emit(text)
        if self._wants_completions:
            self._wants_completions = False
            self.completionsRequested.emit(text, self.cursorPosition())

    def _take(self, completion: CompletionLike) -> None:
        """Put the completion in its place, the cursor behind it, as one step of the field's own undo."""
        self.setSelection(completion.start, completion.end - completion.start)
        if self.selectedText():
            self.insert(completion.text)
        else:
            self.setCursorPosition(completion.start)
            self.insert(completion.text)
        self._want_completions()

    def _underline(self, start: int) -> None:
        """A line has no formats of its own: input methods may bring some, and so does this."""
        attributes = []
        if start >= 0 and self.text():
            form = QTextCharFormat()
            form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            form.setUnderlineColor(QColor(current_theme().error))
            attributes.append(
                QInputMethodEvent.Attribute(
                    QInputMethodEvent.AttributeType.TextFormat,
                    start - self.cursorPosition(),
                    len(self.text()) - start,
                    form,
                )
            )
        with QSignalBlocker(self):
            QApplication.sendEvent(self, QInputMethodEvent("", attributes))
