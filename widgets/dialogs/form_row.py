"""One field of a form: its control, where its value came from, and a sentence below where one is due."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from widgets.theme import current_theme

SOURCE_TEXT = {"you": "you", "card": "from the card", "file": "from the file", "default": "default"}
SOURCE_TIP = {
    "you": "Your own choice outranks all others",
    "card": "As the model card says",
    "file": "Read or guessed from the weights file",
    "default": "Nobody said; this is the usual value",
}


class FormRow:
    """Places a labelled control into two rows of a grid: the control and its source, and the sentence below."""

    def __init__(self, grid: QGridLayout, caption: str, control: QWidget, parent: QWidget) -> None:
        row = grid.rowCount()
        self.control = control
        self._caption = QLabel(caption, parent)
        self._caption.setBuddy(control)
        self._source = QLabel(parent)
        self._source.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._note = NoteLabel(parent)
        align = Qt.AlignmentFlag.AlignTop if control.sizePolicy().verticalPolicy().value & 2 else Qt.AlignmentFlag(0)
        grid.addWidget(self._caption, row, 0, align)
        grid.addWidget(control, row, 1)
        grid.addWidget(self._source, row, 2, align)
        grid.addWidget(self._note, row + 1, 1, 1, 2)
        self.name = caption.replace("&", "")
        control.setAccessibleName(self.name)
        self._source.setMinimumWidth(self._source.fontMetrics().horizontalAdvance("from the card") + 8)

    @property
    def problem(self) -> str:
        """The sentence that keeps the form from being accepted; empty where there is none."""
        return self._note.text() if self._note.is_problem else ""

    def setSource(self, source: str) -> None:
        """Who said the value: you, card, file or default."""
        self._source.setText(SOURCE_TEXT.get(source, source))
        self._source.setToolTip(SOURCE_TIP.get(source, ""))

    def setNote(self, problem: str, hint: str = "") -> None:
        """A problem in the colour of errors, or else a quiet hint, or nothing."""
        self._note.setNote(problem or hint, bool(problem))
        self.control.setAccessibleDescription(problem or hint)


class NoteLabel(QLabel):
    """A sentence that is either a problem, in the colour of errors, or a hint in the colour of secondary text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_problem = False
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setVisible(False)

    def setNote(self, text: str, problem: bool) -> None:
        """Show the sentence; an empty one takes no room."""
        self.is_problem = problem and bool(text)
        self.setText(text)
        self.setVisible(bool(text))
        self._paint_role()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationPaletteChange:
            self._paint_role()

    def _paint_role(self) -> None:
        theme = current_theme()
        palette = self.palette()
        wanted = QColor(theme.error if self.is_problem else theme.muted)
        if palette.color(QPalette.ColorRole.WindowText) != wanted:
            palette.setColor(QPalette.ColorRole.WindowText, wanted)
            self.setPalette(palette)
