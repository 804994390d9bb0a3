"""Asks in which format annotations or predictions are to be written, and says what that format cannot hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from widgets.dialogs.form_row import NoteLabel
from widgets.transfer.format_form import FormatForm
from widgets.transfer.notice_list import NoticeList
from widgets.transfer.question_form import QuestionForm
from widgets.transfer.values import Asking, ExportAsked, ExportView

_WHOLE: Final = "No statement is lost: all of them can be read back."
_LOOKING: Final = "Finding out …"


class ExportDialog(QDialog):
    """`askedChanged` asks what would be written as `asked` says; answer with `setView`.

    `exportRequested`: the user wants it written; `pathRequested`: to pick the folder that answers a question.
    """

    askedChanged = Signal()
    exportRequested = Signal()
    pathRequested = Signal(str, bool)  # question, whether a folder is wanted

    def __init__(self, asked: ExportAsked, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked = asked
        self._view = ExportView()
        self._form = FormatForm(self)
        self._format = self._form.format
        self._questions = QuestionForm(self)
        self._summary = QLabel(self)
        self._lost = QLabel("What is &lost or different", self)
        self._notes = NoticeList("What is lost or different", self)
        self._note = NoteLabel(self)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self._export = QPushButton("&Export…", self)
        self._busy = ""
        self._build()

    # -- facts in ----------------------------------------------------------------------------------------------------

    def setView(self, view: ExportView) -> None:
        """What would be written."""
        self._view, self._busy = view, ""
        self._form.setFormats(view.formats, view.format)
        self._questions.setQuestions(view.questions)
        self._form.lineUp(self._questions)
        self._summary.setText(view.summary)
        lost = (_LOOKING,) if view.notes is None else view.notes or (_WHOLE,)
        self._notes.setNotices((*lost, view.stays) if view.stays else lost)
        self._note.setNote("", False)
        self._tell()

    def setProblem(self, text: str) -> None:
        """Why it could not be written; the user may choose otherwise."""
        self._busy = ""
        self._note.setNote(text, bool(text))
        self._tell()

    def setBusy(self, words: str) -> None:
        """What is under way, such as ``Writing labels.csv …``; "" when it is over."""
        self._busy = words
        self._note.setNote(words, False)
        self._tell()

    def setAnswer(self, key: str, answer: str) -> None:
        """The path that the user picked for a question; the caller looks again."""
        self._asked = replace(self._asked, answers={**self._asked.answers, key: answer})

    # -- what the user wants -----------------------------------------------------------------------------------------

    def asked(self) -> ExportAsked:
        """What to write, and how."""
        return self._asked

    def _choose_format(self) -> None:
        key = str(self._format.currentData())
        if key != self._asked.format:
            kept = {name: answer for name, answer in self._asked.answers.items() if name == "images"}
            self._asked = ExportAsked(key, kept)
            self.askedChanged.emit()

    def _answer(self, key: str, answer: str) -> None:
        self.setAnswer(key, answer)
        self.askedChanged.emit()

    def _request_path(self, key: str) -> None:
        found = next((one for one in self._view.questions if one.key == key), None)
        self.pathRequested.emit(key, found is not None and found.asking is Asking.FOLDER)

    def _tell(self) -> None:
        """Nothing is written before it was said what is lost."""
        self._export.setEnabled(bool(self._view.format) and self._view.notes is not None and not self._busy)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setWindowTitle("Export annotations or predictions")
        font = QFont(self.font())
        font.setBold(True)
        self._summary.setFont(font)
        self._summary.setTextFormat(Qt.TextFormat.PlainText)
        self._summary.setWordWrap(True)
        self._lost.setBuddy(self._notes)
        self._form.addFormat()
        self._export.setDefault(True)
        self._export.setEnabled(False)
        self._buttons.addButton(self._export, QDialogButtonBox.ButtonRole.ActionRole)
        layout = QVBoxLayout(self)
        layout.setSpacing(9)
        layout.addLayout(self._form)
        layout.addWidget(self._questions)
        layout.addWidget(self._summary)
        layout.addWidget(self._lost)
        layout.addWidget(self._notes, 1)
        bottom = QHBoxLayout()
        bottom.addWidget(self._note, 1)
        bottom.addStretch(0)
        bottom.addWidget(self._buttons)
        layout.addLayout(bottom)
        self.resize(700, 480)
        self._format.activated.connect(self._choose_format)
        self._questions.answered.connect(self._answer)
        self._questions.pathRequested.connect(self._request_path)
        self._export.clicked.connect(self.exportRequested)
        self._buttons.rejected.connect(self.reject)
