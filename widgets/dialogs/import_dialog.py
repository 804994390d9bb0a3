"""Shows what importing a file of annotations would change, and lets the user correct how it is read before it does."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from widgets.dialogs.form_row import NoteLabel
from widgets.tables.filter_field import FilterField
from widgets.transfer.conflict_list import ConflictList
from widgets.transfer.format_form import FormatForm
from widgets.transfer.label_table import ImportLabelTable
from widgets.transfer.notice_list import NoticeList
from widgets.transfer.question_form import QuestionForm
from widgets.transfer.values import Conflicts, ImportAsked, ImportView, changes_anything, import_words

_FILTERED_FROM: Final = 13  # labels
_EMPTY: Final = "Choose a file or a folder of annotations to see what it would change. Nothing changes before that."


class ImportDialog(QDialog):
    """`askedChanged` asks to look at the file again as `asked` says; answer with `setView` or `setProblem`.

    `pathRequested` asks for a path: of what to import ("" and whether a folder is wanted), or of the question named.
    """

    askedChanged = Signal()
    pathRequested = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked = ImportAsked()
        self._view = ImportView()
        self._path = QLineEdit(self)
        self._form = FormatForm(self)
        self._format = self._form.format
        self._questions = QuestionForm(self)
        self._summary = QLabel(self)
        self._hint = QLabel(self)
        self._tabs = QTabWidget(self)
        self._filter = FilterField("Filter labels", self)
        self._labels = ImportLabelTable(self)
        self._conflicts = ConflictList(self)
        self._notices = NoticeList("Notices", self)
        self._note = NoteLabel(self)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self._import = QPushButton("Import", self)
        self._problem = ""
        self._busy = ""
        self._build()
        self.setView(ImportView())

    # -- facts in ----------------------------------------------------------------------------------------------------

    def setPath(self, path: str) -> None:
        """What is imported; the caller looks at it. All answers about another file are forgotten."""
        self._asked = ImportAsked(path=path)
        with QSignalBlocker(self._path):
            self._path.setText(path)
        self._conflicts.setChoice(Conflicts.KEEP)
        self.setView(ImportView())

    def setAnswer(self, key: str, answer: str) -> None:
        """The path that the user picked for a question; the caller looks again."""
        self._asked = replace(self._asked, answers={**self._asked.answers, key: answer})

    def setView(self, view: ImportView) -> None:
        """What importing would do."""
        self._view, self._problem, self._busy = view, "", ""
        self._form.setFormats(view.formats, view.format)
        self._questions.setQuestions(view.questions)
        self._form.lineUp(self._questions)
        self._summary.setText(view.summary)
        self._summary.setVisible(bool(view.summary))
        self._labels.setRows(view.labels, view.targets)
        self._filter.setVisible(len(view.labels) >= _FILTERED_FROM)
        self._conflicts.setConflicts(view.conflicts, view.n_conflicts)
        self._notices.setNotices(view.notices)
        self._name_tabs()
        self._tell()

    def setProblem(self, text: str) -> None:
        """Why the file cannot be read; another format may be chosen. "" takes the problem away."""
        self._problem, self._busy = text, ""
        self._tell()

    def setBusy(self, words: str) -> None:
        """What is under way, such as ``Reading labels.csv …``; "" when it is over."""
        self._busy = words
        self._tell()

    def setFormats(self, view: ImportView) -> None:
        """Which formats there are, where the file could not be read as any: nothing else of ``view`` is shown."""
        self.setView(ImportView(formats=view.formats, format=view.format, questions=view.questions))

    # -- what the user wants -----------------------------------------------------------------------------------------

    def asked(self) -> ImportAsked:
        """What to import, and how."""
        return replace(self._asked, conflicts=self._conflicts.choice())

    def _choose_path(self) -> None:
        path = self._path.text().strip()
        if path != self._asked.path:
            self.setPath(path)
            self._ask()

    def _choose_format(self) -> None:
        key = str(self._format.currentData())
        if key != (self._asked.format or self._view.format):
            self._asked = replace(self._asked, format=key, answers={}, mapping={})
            self._ask()

    def _answer(self, key: str, answer: str) -> None:
        self.setAnswer(key, answer)
        self._ask()

    def _map(self, name: str, target: str) -> None:
        self._asked = replace(self._asked, mapping={**self._asked.mapping, name: target})
        self._ask()

    def _ask(self) -> None:
        """What is shown is out of date until the answer comes: Return in a field must not import it."""
        if self._asked.path:
            self.setBusy("Looking …")
        self.askedChanged.emit()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _name_tabs(self) -> None:
        view = self._view
        read = bool(view.summary)
        self._tabs.setVisible(read)
        self._tabs.setTabText(0, f"&Labels ({len(view.labels):,})")
        self._tabs.setTabText(1, f"&Conflicts ({view.n_conflicts:,})")
        count = len(view.notices)
        self._tabs.setTabText(2, f"&Notices ({count:,})")
        self._tabs.setTabVisible(1, view.n_conflicts > 0)
        self._tabs.setTabVisible(2, count > 0)

    def _tell(self) -> None:
        """The button and the sentence beside it."""
        view, choice = self._view, self._conflicts.choice()
        self._import.setText(import_words(view, choice))
        ready = bool(view.summary) and not (self._problem or self._busy or view.unanswered)
        self._import.setEnabled(ready and changes_anything(view, choice))
        words = self._problem or self._busy or view.unanswered
        if not words and view.summary and not changes_anything(view, choice):
            words = "Nothing would change."
        self._note.setNote(words, bool(self._problem))
        self._hint.setVisible(not self._asked.path)

    def _build(self) -> None:
        self.setWindowTitle("Import annotations")
        font = QFont(self.font())
        font.setBold(True)
        self._summary.setFont(font)
        for label in (self._summary, self._hint):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self._hint.setText(_EMPTY)
        self._import.setMinimumWidth(self.fontMetrics().horizontalAdvance("Import 10,000,000 annotations") + 24)
        self._build_form()
        self._build_tabs()
        self._import.setDefault(True)
        self._buttons.addButton(self._import, QDialogButtonBox.ButtonRole.AcceptRole)
        layout = QVBoxLayout(self)
        layout.setSpacing(9)
        layout.addLayout(self._form)
        layout.addWidget(self._questions)
        layout.addWidget(self._hint)
        layout.addWidget(self._summary)
        layout.addWidget(self._tabs, 1)
        layout.addStretch(0)
        bottom = QHBoxLayout()
        bottom.addWidget(self._note, 1)
        bottom.addStretch(0)
        bottom.addWidget(self._buttons)
        layout.addLayout(bottom)
        self.resize(760, 600)
        self._path.editingFinished.connect(self._choose_path)
        self._format.activated.connect(self._choose_format)
        self._questions.answered.connect(self._answer)
        self._questions.pathRequested.connect(lambda key: self.pathRequested.emit(key, False))
        self._labels.mappingEdited.connect(self._map)
        self._filter.textChanged.connect(self._labels.setFilter)
        self._filter.rowsRequested.connect(self._labels.setFocus)
        self._conflicts.choiceMade.connect(lambda _: self._tell())
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)

    def _build_form(self) -> None:
        row = QWidget(self)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._path, 1)
        before: QWidget = self._path
        for text, folder in (("F&ile…", False), ("Fol&der…", True)):
            button = QPushButton(text, row)
            button.setAccessibleName(f"Choose a {'folder' if folder else 'file'} of annotations")
            button.setAutoDefault(False)
            button.clicked.connect(lambda _checked=False, folder=folder: self.pathRequested.emit("", folder))
            line.addWidget(button)
            QWidget.setTabOrder(before, button)
            before = button
        QWidget.setTabOrder(before, self._format)
        self._path.setAccessibleName("File or folder of annotations")
        self._path.setPlaceholderText("Path of a file or folder")
        caption = QLabel("F&rom", self)
        caption.setBuddy(self._path)
        self._form.addRow(caption, row)
        self._form.addFormat()

    def _build_tabs(self) -> None:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(9, 9, 9, 9)
        column.setSpacing(9)
        column.addWidget(self._filter)
        column.addWidget(self._labels, 1)
        self._tabs.addTab(page, "Labels")
        self._tabs.addTab(self._conflicts, "Conflicts")
        notices = QWidget(self)
        inner = QVBoxLayout(notices)
        inner.setContentsMargins(9, 9, 9, 9)
        inner.addWidget(self._notices)
        self._tabs.addTab(notices, "Notices")
