"""What a proposed band is to keep: a precision, a share of positives lost, and how strongly."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QLabel, QPushButton, QVBoxLayout, QWidget

from inference.types import BandGoal, Promise
from widgets.tuning.flow import FlowRow


class BandGoalForm(QWidget):
    """Reads as a sentence; the button asks for a band that keeps it."""

    proposeRequested = Signal(object)  # BandGoal
    cancelRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        usual = BandGoal()
        self._busy = False
        self._precision = _share(100 * usual.precision, "Precision of what is accepted, at least, in percent", self)
        self._lost = _share(100 * usual.lost, "Positives rejected, at most, in percent", self)
        self._confident = QCheckBox("on new images, with", self)
        self._confident.setAccessibleName("Promise it for new images, with confidence")
        self._confident.setToolTip(
            "Unticked: as measured on this folder. Ticked: also on new images, with this confidence,\n"
            "provided that the folder is a random sample of them. Each promise of each label by itself."
        )
        self._confidence = _share(100 * usual.confidence, "Confidence, in percent", self)
        self._confidence.setRange(50.0, 99.9)
        self._propose = QPushButton("&Propose band", self)
        self._propose.setToolTip("Finds the narrowest band of every label that keeps this. It can be undone.")
        words = [
            QLabel(text, self) for text in ("Accept where", "are right, reject where at most", "of positives are lost,")
        ]
        self._after = QLabel("confidence", self)
        row = FlowRow(
            self,
            words[0],
            self._precision,
            words[1],
            self._lost,
            words[2],
            self._confident,
            self._confidence,
            self._after,
            self._propose,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(row)
        self._confident.toggled.connect(self._confidence.setEnabled)
        self._confident.toggled.connect(self._after.setEnabled)
        self._confidence.setEnabled(False)
        self._after.setEnabled(False)
        self._propose.clicked.connect(self._pressed)

    def goal(self) -> BandGoal:
        """As it stands in the fields."""
        return BandGoal(
            precision=self._precision.value() / 100,
            lost=self._lost.value() / 100,
            promise=Promise.CONFIDENT if self._confident.isChecked() else Promise.MEASURED,
            confidence=self._confidence.value() / 100,
        )

    def setBusy(self, busy: bool) -> None:
        """While a band is proposed the button stops it."""
        self._busy = busy
        self._propose.setText("Cancel" if busy else "&Propose band")

    def _pressed(self) -> None:
        if self._busy:
            self.cancelRequested.emit()
        else:
            self.proposeRequested.emit(self.goal())


def _share(value: float, name: str, parent: QWidget) -> QDoubleSpinBox:
    """A field for a percentage."""
    field = QDoubleSpinBox(parent)
    field.setRange(0.0, 100.0)
    field.setDecimals(1)
    field.setSingleStep(1.0)
    field.setSuffix(" %")
    field.setValue(value)
    field.setKeyboardTracking(False)
    field.setAccessibleName(name)
    field.setToolTip(name)
    return field
