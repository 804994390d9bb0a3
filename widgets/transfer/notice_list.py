"""Sentences to be read before something is done, each on lines of its own; they can be copied."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QTextEdit, QWidget


class NoticeList(QTextEdit):
    """Read only."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)
        self.document().setDocumentMargin(8)

    def setNotices(self, sentences: Sequence[str]) -> None:
        """Other sentences; file names in them may hold anything."""
        shown = [escape(one).replace("\n", " ") for one in sentences]
        self.setHtml("".join(f"<p style='margin: 0 0 6px 0'>{one}</p>" for one in shown))

    def notices(self) -> str:
        """All of them, a line each."""
        return self.toPlainText()

    def sizeHint(self) -> QSize:
        """Room for a few lines."""
        return QSize(320, self.fontMetrics().height() * 5 + 20)

    def minimumSizeHint(self) -> QSize:
        """Two lines at least."""
        return QSize(120, self.fontMetrics().height() * 2 + 20)
