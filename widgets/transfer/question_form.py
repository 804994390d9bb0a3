"""A form of questions that differ from file to file: lists of answers, texts, paths and ticks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
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
        self._left: list[QLabel] = []  # captions
        self._stops: list[QWidget] = []  # of Tab, in order
        self._before: QWidget | None = None  # the stop before them
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(7)
        self._grid.setHorizontalSpacing(10)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(3, 1)

    def setQuestions(self, questions: Sequence[Question]) -> None:
        """Ask these, in this order; what is answered already is shown."""
        shapes = [(one.key, one.asking, one.caption, one.half) for one in questions]
        if shapes != [(one.key, one.asking, one.caption, one.half) for one in self._questions.values()]:
            self._rebuild(questions)
        self._questions = {one.key: one for one in questions}
        for one in questions:
            self._fill(one)
        self.setVisible(bool(questions))

    def question(self, key: str) -> QWidget:
        """The control of a question."""
        return self._controls[key]

    def placeAfter(self, before: QWidget) -> None:
        """Tab goes from ``before`` through the questions; controls just made would come last in the window."""
        self._before = before
        for control in self._stops:
            QWidget.setTabOrder(before, control)
            before = control

    def setCaptionWidth(self, width: int) -> None:
        """Line the controls up with those above the form; pixels."""
        self._grid.setColumnMinimumWidth(0, width)

    def captionWidth(self) -> int:
        """Pixels of the widest caption at the left."""
        return max((caption.sizeHint().width() for caption in self._left), default=0)

    def _rebuild(self, questions: Sequence[Question]) -> None:
        focus = self.window().focusWidget()
        inside = focus is not None and self.isAncestorOf(focus)
        kept = next((key for key, control in self._controls.items() if control is focus), "")
        for control in self._controls.values():
            control.blockSignals(True)  # a field that loses the focus would answer once more
        for child in self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            self._grid.removeWidget(child)
            child.hide()
            child.setParent(None)
            child.deleteLater()
        self._controls, self._left, self._stops = {}, [], []
        row, right = 0, False
        for one in questions:
            row += right and not one.half
            right = right and one.half
            self._add(one, row, right=right)
            row += right or not one.half
            right = one.half and not right
        for child in self.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            child.show()  # now, and not with the next event, so that the focus can stay here
        if kept in self._controls:
            self._controls[kept].setFocus()
        elif inside and self._before is not None:
            self._before.setFocus()  # or Qt would choose the next stop, which may be a button that Return presses

    def _add(self, question: Question, row: int, *, right: bool) -> None:
        control = self._control(question)
        control.setAccessibleName(question.caption.replace("&", ""))
        self._controls[question.key] = control
        self._stops.append(control)
        column, span = (3 if right else 1), (1 if question.half else 3)
        if question.asking is Asking.YES:
            self._grid.addWidget(control, row, column, 1, span)
            return
        picked = question.asking in (Asking.FILE, Asking.FOLDER)
        field = self._with_button(control, question) if picked else control
        caption = QLabel(question.caption, self)
        caption.setBuddy(control)
        self._grid.addWidget(caption, row, column - 1)
        self._grid.addWidget(field, row, column, 1, span)
        if not right:
            self._left.append(caption)

    def _control(self, question: Question) -> QWidget:
        key = question.key
        if question.asking is Asking.YES:
            tick = QCheckBox(question.caption, self)
            tick.toggled.connect(lambda on: self._answer(key, "yes" if on else ""))
            return tick
        if question.asking is Asking.CHOICE:
            box = QComboBox(self)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(12)
            box.activated.connect(lambda _index: self._answer_choice(key))
            return box
        field = QLineEdit(self)
        field.editingFinished.connect(lambda: self._answer_text(key))
        return field

    def _with_button(self, field: QWidget, question: Question) -> QWidget:
        row = QWidget(self)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        button = QPushButton("Browse…", row)
        button.setAccessibleName(f"Browse: {question.caption.replace('&', '')}")
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self.pathRequested.emit(question.key))
        layout.addWidget(field, 1)
        layout.addWidget(button)
        self._stops.append(button)
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
