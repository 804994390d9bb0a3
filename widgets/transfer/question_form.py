"""A form of questions that differ from file to file: lists of answers, texts, paths and ticks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from widgets.transfer.values import Asking, Question

_NOT_CHOSEN = "Choose…"


class QuestionForm(QWidget):
    """Asks questions; a question that stays keeps its control, and with it the focus."""

    answered = Signal(str, str)  # by the user: key of the question, answer
    pathRequested = Signal(str)  # the user wants to pick the path that answers this question

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._questions: dict[str, Question] = {}
        self._controls: dict[str, QWidget] = {}  # what is typed into, by question
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.setVerticalSpacing(7)
        self._form.setHorizontalSpacing(10)

    def setQuestions(self, questions: Sequence[Question]) -> None:
        """Ask these, in this order; what is answered already is shown."""
        shapes = [(one.key, one.asking, one.caption) for one in questions]
        if shapes != [(one.key, one.asking, one.caption) for one in self._questions.values()]:
            self._rebuild(questions)
        self._questions = {one.key: one for one in questions}
        for one in questions:
            self._fill(one)
        self.setVisible(bool(questions))

    def question(self, key: str) -> QWidget:
        """The control of a question."""
        return self._controls[key]

    def setCaptionWidth(self, width: int) -> None:
        """Line the controls up with those above the form."""
        for row in range(self._form.rowCount()):
            item = self._form.itemAt(row, QFormLayout.ItemRole.LabelRole)
            caption = None if item is None else item.widget()
            if caption is not None:
                caption.setMinimumWidth(width)

    def captionWidth(self) -> int:
        """Pixels of the widest caption."""
        items = [self._form.itemAt(row, QFormLayout.ItemRole.LabelRole) for row in range(self._form.rowCount())]
        return max((item.sizeHint().width() for item in items if item is not None), default=0)

    def _rebuild(self, questions: Sequence[Question]) -> None:
        kept = next((key for key, control in self._controls.items() if control.hasFocus()), "")
        while self._form.rowCount():
            self._form.removeRow(0)
        self._controls = {}
        for one in questions:
            self._add(one)
        if kept in self._controls:
            self._controls[kept].setFocus()

    def _add(self, question: Question) -> None:
        key = question.key
        name = question.caption.replace("&", "")
        control: QWidget
        if question.asking is Asking.YES:
            control = QCheckBox(question.caption, self)
            control.toggled.connect(lambda on: self._answer(key, "yes" if on else ""))
            self._form.addRow("", control)
        elif question.asking is Asking.CHOICE:
            control = QComboBox(self)
            control.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            control.setMinimumContentsLength(16)
            control.activated.connect(lambda _index: self._answer_choice(key))
            self._form.addRow(question.caption, control)
        else:
            control = QLineEdit(self)
            control.editingFinished.connect(lambda: self._answer_text(key))
            field = control if question.asking is Asking.TEXT else self._with_button(control, key, name)
            caption = QLabel(question.caption, self)
            caption.setBuddy(control)
            self._form.addRow(caption, field)
        control.setAccessibleName(name)
        self._controls[key] = control

    def _with_button(self, field: QLineEdit, key: str, name: str) -> QWidget:
        row = QWidget(self)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        button = QPushButton("Browse…", row)
        button.setAccessibleName(f"Browse: {name}")
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self.pathRequested.emit(key))
        layout.addWidget(field, 1)
        layout.addWidget(button)
        return row

    def _fill(self, question: Question) -> None:
        control = self._controls[question.key]
        control.setToolTip(question.tip)
        control.setAccessibleDescription(question.tip)
        with QSignalBlocker(control):
            if isinstance(control, QCheckBox):
                control.setChecked(bool(question.value))
            elif isinstance(control, QComboBox):
                self._fill_box(control, question)
            elif isinstance(control, QLineEdit):
                control.setPlaceholderText(question.hint)
                if control.text() != question.value:
                    control.setText(question.value)

    @staticmethod
    def _fill_box(box: QComboBox, question: Question) -> None:
        answers = list(question.answers)
        if question.value not in dict(answers):
            answers.insert(0, (question.value, question.value or _NOT_CHOSEN))
        if [(box.itemData(i), box.itemText(i)) for i in range(box.count())] != answers:
            box.clear()
            for answer, words in answers:
                box.addItem(words, answer)
        box.setCurrentIndex([answer for answer, _ in answers].index(question.value))

    def _answer_choice(self, key: str) -> None:
        box = self._controls[key]
        assert isinstance(box, QComboBox)
        self._answer(key, str(box.currentData()))

    def _answer_text(self, key: str) -> None:
        field = self._controls[key]
        assert isinstance(field, QLineEdit)
        self._answer(key, field.text().strip())

    def _answer(self, key: str, answer: str) -> None:
        if answer != self._questions[key].value:
            self.answered.emit(key, answer)
