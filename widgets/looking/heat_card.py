"""The card under the picture while a heat map lies over it: method, opacity, legend, and what it means."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QSlider, QVBoxLayout, QWidget

from inference.types.looking import HeatMethod, HeatState
from widgets.looking.legend import HeatLegend
from widgets.segmented import Choice, Segmented
from widgets.tuning.flow import FlowRow
from widgets.wrapped_label import wrapped_label
from widgets.zoom_view import tool_button

FIRST_OPACITY: Final = 55  # percent
_CAVEAT: Final = "A coarse picture by one method, no proof of a cause."
_MEANING: Final = (
    "What this means: where the picture raises the score of this label, for this model and by this method, each map "
    "scaled to its own strongest place.\n\n"
    "What it does not mean: that the model needs these places, that it uses nothing else, or that it would be right "
    "for the right reason. Places that lower the score, and what is missing from the picture, are not shown. Two maps "
    "cannot be compared by their brightness, and the two methods may disagree."
)
_CHOICES: Final = (
    Choice(
        HeatMethod.GRAD_CAM,
        "&Grad-CAM",
        "From the gradients at the network's last layer that tells places apart (Selvaraju et al. 2017). Quick.",
    ),
    Choice(
        HeatMethod.OCCLUSION,
        "Occ&lusion",
        "Cover one place after the other with grey and see how far the score falls (Zeiler and Fergus 2014). "
        "Slower; works with any model.",
    ),
)


class HeatCard(QFrame):
    """Says what the heat map shows, or why there is none."""

    methodChosen = Signal(object)  # HeatMethod, by the user
    opacityChanged = Signal(float)  # 0..1, by the user
    closeRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Heat map")
        self._method = Segmented("Method", _CHOICES, self)
        self._method.hideCaption()
        self._opacity = QSlider(Qt.Orientation.Horizontal, self)
        self._opacity.setRange(0, 100)
        self._opacity.setValue(FIRST_OPACITY)
        self._opacity.setPageStep(10)
        self._opacity.setAccessibleName("Opacity of the heat map")
        self._legend = HeatLegend(self)
        self._close = tool_button("×", "Take the heat map away", self)
        self._close.setAccessibleName("Close the heat map")
        self._close.setAutoRaise(True)
        self._words = wrapped_label(self)
        self._words.setToolTip(_MEANING)
        self._progress = QProgressBar(self)
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(4)
        self._progress.setAccessibleName("Progress of the heat map")
        policy = self._progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the picture must not move when a map is whole
        self._progress.setSizePolicy(policy)
        self._lay_out()
        self._method.chosen.connect(self.methodChosen)
        self._opacity.valueChanged.connect(lambda value: self.opacityChanged.emit(value / 100))
        self._close.clicked.connect(self.closeRequested)
        self.setState(HeatState())

    # Setters

    def setState(self, state: HeatState) -> None:
        """What is shown, or how far it is."""
        self._method.setValue(state.method)
        self._words.setText(words_of(state))
        self._progress.setVisible(state.busy)
        self._progress.setRange(0, max(state.total, 1))
        self._progress.setValue(state.done)

    def setOpacity(self, opacity: float) -> None:
        """0..1; nothing is emitted."""
        with QSignalBlocker(self._opacity):
            self._opacity.setValue(round(opacity * 100))

    # What is shown

    def opacity(self) -> float:
        """0..1."""
        return self._opacity.value() / 100

    def text(self) -> str:
        """The sentences."""
        return self._words.text()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the size of the letters."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._size()

    # Inside

    def _lay_out(self) -> None:
        strength = QWidget(self)
        row = QHBoxLayout(strength)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        name = QLabel("&Opacity", strength)
        name.setBuddy(self._opacity)
        row.addWidget(name)
        row.addWidget(self._opacity)
        self._words.setForegroundRole(QPalette.ColorRole.WindowText)
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 2)
        column.setSpacing(4)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(FlowRow(self, self._method, strength, self._legend), 1)
        top.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(top)
        column.addWidget(self._progress)
        column.addWidget(self._words)
        self._size()

    def _size(self) -> None:
        self._opacity.setFixedWidth(self.fontMetrics().height() * 4)
        self._words.setMinimumHeight(2 * self.fontMetrics().lineSpacing())


def words_of(state: HeatState) -> str:
    """The card's sentences."""
    if state.message:
        return state.message
    if not state.sentence:
        return f"Looking for what raises the score of {state.label} …" if state.busy else ""
    return " ".join(part for part in (state.note, state.sentence, _CAVEAT) if part)
