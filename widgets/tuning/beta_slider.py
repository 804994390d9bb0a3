"""A slider for beta on a logarithmic scale, with a field for the exact number."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QLocale, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSlider, QWidget

from widgets.tuning.objectives import BETA_LEAST, BETA_MOST, beta_sentence

STEPS: Final = 160  # from the least beta to 1 half of them, from 1 to the most the other half
_OCTAVES: Final = math.log2(BETA_MOST / BETA_LEAST)
_SNAP: Final = 3  # steps around 1 that mean 1, under the mouse


def beta_at(step: int) -> float:
    """Beta of a step, to two places; the middle step is exactly 1."""
    return round(BETA_LEAST * 2 ** (_OCTAVES * step / STEPS), 2)


def step_of(beta: float) -> int:
    """The step nearest to beta."""
    clipped = min(max(beta, BETA_LEAST), BETA_MOST)
    return round(STEPS * math.log2(clipped / BETA_LEAST) / _OCTAVES)


class BetaSlider(QWidget):
    """Tells every move while it is being dragged. The handle is a picture of beta, the field holds it."""

    betaChanged = Signal(float)  # by the user

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._field = QDoubleSpinBox(self)
        self._slider.setRange(0, STEPS)
        self._slider.setPageStep(STEPS // 8)
        self._slider.setMinimumWidth(80)
        self._slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self._slider.setTickInterval(STEPS // 4)
        self._field.setLocale(QLocale.c())
        self._field.setRange(BETA_LEAST, BETA_MOST)
        self._field.setDecimals(2)
        self._field.setSingleStep(0.05)
        self._field.setKeyboardTracking(False)
        self._field.setAccessibleName("Beta")
        self._slider.setToolTip("Left: precision weighs more. Middle: both the same. Right: recall weighs more.")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._slider, 1)
        row.addWidget(self._field)
        self.setFocusProxy(self._slider)
        self.setBeta(1.0)
        self._slider.valueChanged.connect(self._slid)
        self._field.valueChanged.connect(self._typed)

    def beta(self) -> float:
        """Beta, to two places."""
        return self._field.value()

    def setBeta(self, beta: float) -> None:
        """Show a beta; nothing is emitted."""
        with QSignalBlocker(self._slider), QSignalBlocker(self._field):
            self._slider.setValue(step_of(beta))
            self._field.setValue(beta)
        self._describe()

    def _slid(self, step: int) -> None:
        near = self._slider.isSliderDown() and abs(step - STEPS // 2) <= _SNAP
        with QSignalBlocker(self._field):
            self._field.setValue(1.0 if near else beta_at(step))
        self._tell()

    def _typed(self, beta: float) -> None:
        with QSignalBlocker(self._slider):
            self._slider.setValue(step_of(beta))
        self._tell()

    def _tell(self) -> None:
        self._describe()
        self.betaChanged.emit(self.beta())

    def _describe(self) -> None:
        self._slider.setAccessibleName(f"Beta {self.beta():.2f}: {beta_sentence(self.beta())}")
