"""The chooser: what is recommended and why, the methods with their errors, and what turning one on changes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from inference.types import CalibrationEvidence, CalibrationMethod, CarriedDecisions
from widgets.calibration import words
from widgets.calibration.evidence_grid import EvidenceGrid
from widgets.calibration.label_notes import LabelNotes

NONE = CalibrationMethod.NONE


class CalibrationPanel(QWidget):
    """Setters in, wishes out. A method that is chosen is put in force by whoever hears of it, and told by a setter."""

    methodChosen = Signal(object)  # CalibrationMethod; the one in force where it is to be fitted to this folder
    labelChosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Calibration")
        self._evidence: CalibrationEvidence | None = None
        self._names: Sequence[str] = ()
        self._method, self._label = NONE, -1
        self._carried: CarriedDecisions | None = None
        self._message, self._busy = "", ""
        self._stale = False
        self._build()
        self._refresh()

    # Setters

    def setLabels(self, names: Sequence[str]) -> None:
        """Other labels; the evidence of the old ones is forgotten."""
        self._names, self._label = tuple(names), -1
        self.setEvidence(None)

    def setEvidence(self, evidence: CalibrationEvidence | None) -> None:
        """What is known of every method; None while nothing is."""
        if evidence is not self._evidence:  # said again and again: the focus must stay where it is
            self._evidence = evidence
            self._grid.setEvidence(evidence)
        self._refresh()

    def setMethod(self, method: CalibrationMethod) -> None:
        """The method in force."""
        self._method = method
        self._grid.setMethod(method)
        self._refresh()

    def setLabel(self, label: int) -> None:
        """The label being looked at, -1 for none."""
        self._label = label
        self._refresh_label()

    def setCarried(self, carried: CarriedDecisions | None) -> None:
        """What became of decisions when the method was put in force; None where that is not known."""
        self._carried = carried
        self._refresh()

    def setStale(self, stale: bool) -> None:
        """Whether the map in force is another than the one that would be fitted now."""
        self._stale = stale
        self._refresh()

    def setMessage(self, text: str) -> None:
        """Why nothing can be calibrated; "" where it can."""
        self._message = text
        self._refresh()

    def setBusy(self, text: str) -> None:
        """What is under way, "" for nothing."""
        self._busy = text
        self._refresh()

    # Reading

    @property
    def grid(self) -> EvidenceGrid:
        """The table of methods."""
        return self._grid

    @property
    def notes(self) -> LabelNotes:
        """The labels that are left as they are."""
        return self._notes

    def text(self) -> str:
        """All sentences in sight, a line each."""
        if self._stack.currentWidget() is self._empty:
            return self._empty.text()
        labels = (self._advice, self._stale_text, self._effect, self._of_label, self._notes_title, self._basis)
        return "\n".join(label.text() for label in labels if label.text() and not label.isHidden())

    def refitButton(self) -> QPushButton:
        """Fits the method in force to this folder."""
        return self._refit

    # Building

    def _build(self) -> None:
        self._empty = _sentence(self)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setMargin(24)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._scroll())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    def _scroll(self) -> QScrollArea:
        body = QWidget()
        self._fill(body)
        area = QScrollArea(self)
        area.setWidget(body)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setAccessibleName("Calibration methods and their evidence")
        return area

    def _fill(self, body: QWidget) -> None:
        self._advice = _sentence(body)
        font = QFont(self._advice.font())
        font.setWeight(QFont.Weight.DemiBold)
        self._advice.setFont(font)
        self._grid = EvidenceGrid(body)
        self._basis, self._effect, self._of_label = _quiet(body), _sentence(body), _sentence(body)
        self._notes_title, self._notes = _sentence(body), LabelNotes(body)
        self._notes.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(body)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        for widget in (self._advice, self._stale_row(body), self._grid, self._basis, self._effect, self._of_label):
            column.addWidget(widget)
        column.addSpacing(4)
        column.addWidget(self._notes_title)
        column.addWidget(self._notes, 100)
        column.addStretch(1)
        self._grid.methodChosen.connect(self.methodChosen)
        self._notes.labelChosen.connect(self.labelChosen)

    def _stale_row(self, body: QWidget) -> QWidget:
        self._stale_box = QWidget(body)
        self._stale_text = _sentence(self._stale_box)
        self._refit = QPushButton("Fit &here", self._stale_box)
        self._refit.setToolTip("Put the map in force that fits these images and annotations, as one step of undo")
        self._refit.clicked.connect(lambda: self.methodChosen.emit(self._method))
        row = QHBoxLayout(self._stale_box)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._stale_text, 1)
        row.addWidget(self._refit, 0, Qt.AlignmentFlag.AlignTop)
        return self._stale_box

    # Showing

    def _refresh(self) -> None:
        evidence = self._evidence
        if evidence is None or self._message:
            self._empty.setText(self._message or self._busy or words.EMPTY)
            self._stack.setCurrentWidget(self._empty)
            return
        self._stack.setCurrentIndex(1)
        self._advice.setText(self._busy or words.advice(evidence))
        self._advice.setToolTip(words.why(evidence))
        self._grid.setEnabled(not self._busy)
        self._basis.setText(words.basis(evidence))
        self._effect.setText(words.effect(evidence, self._method, self._carried))
        self._refresh_stale(evidence)
        self._refresh_label()
        self._refresh_notes(evidence)

    def _refresh_stale(self, evidence: CalibrationEvidence) -> None:
        on = self._stale and self._method is not NONE
        self._stale_box.setVisible(on)
        if on:
            name = words.short(self._method)
            self._stale_text.setText(
                f"The calibration in force ({name}) is not the one that fits these images and annotations."
            )
            report = evidence.report(self._method)
            self._refit.setVisible(report is not None and report.n_calibrated > 0)

    def _shown_method(self) -> CalibrationMethod:
        """The method that single labels are told of: the one in force, else the one recommended."""
        assert self._evidence is not None
        return self._evidence.recommended if self._method is NONE else self._method

    def _refresh_label(self) -> None:
        evidence = self._evidence
        if evidence is None or not 0 <= self._label < len(self._names):
            self._of_label.hide()
            return
        method = self._shown_method()
        after = evidence.errors(method) or evidence.before
        before = evidence.before.of(self._label)
        self._of_label.setText(words.of_label(self._names[self._label], before, after.of(self._label), method))
        self._of_label.show()

    def _refresh_notes(self, evidence: CalibrationEvidence) -> None:
        report = evidence.report(self._shown_method())
        title = "" if report is None else words.special_title(report)
        self._notes_title.setText(title)
        self._notes_title.setVisible(bool(title))
        self._notes.setVisible(bool(title))
        if report is not None:
            self._notes.setNotes(words.special(report), self._names)


def _sentence(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    return label


def _quiet(parent: QWidget) -> QLabel:
    label = _sentence(parent)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label
