"""What changes the score: the picture with edits, and the scores before and after, live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QPalette, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from inference.types import ImageScores, RgbArray
from inference.types.looking import NO_EDITS, Edits
from widgets.elided_label import ElidedLabel
from widgets.looking.box_canvas import BoxCanvas
from widgets.looking.edit_controls import EditControls
from widgets.looking.score_rows import ScoreRows
from widgets.wrapped_label import wrapped_label

_EMPTY: Final = ("No picture", "Choose an image in the gallery.")
_MARKS: Final = "Bar: now · ring: before · tick: threshold"
_NOTE: Final = "The model sees the picture as it is shown here. Nothing is written: not to the file, not to the scores."


class EditsDialog(QDialog):
    """Stays beside the window and follows its image and label."""

    editsChanged = Signal(object)  # Edits, by the user, at every step
    shownChanged = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("What changes the score")
        self._edits = NO_EDITS
        self._name = ElidedLabel(parent=self, mode=Qt.TextElideMode.ElideMiddle)
        self._canvas = BoxCanvas(self)
        self._canvas.setMessage(*_EMPTY)
        self._rows = ScoreRows(self)
        self._controls = EditControls(self)
        self._hint = ElidedLabel(
            "Drag over the picture to cover a part of it.", self, role=QPalette.ColorRole.WindowText
        )
        self._uncover = QPushButton("Unco&ver", self)
        self._uncover.setToolTip("Take all boxes away")
        self._reset = QPushButton("&Reset", self)
        self._reset.setToolTip("The picture as it is")
        self._close = QPushButton("Close", self)
        for button in (self._uncover, self._reset, self._close):
            button.setAutoDefault(False)
        self._lay_out()
        self._controls.editsChanged.connect(lambda edits: self._change(replace(edits, boxes=self._edits.boxes)))
        self._canvas.boxesChanged.connect(lambda boxes: self._change(replace(self._edits, boxes=boxes)))
        self._uncover.clicked.connect(lambda: self._say(replace(self._edits, boxes=())))
        self._reset.clicked.connect(lambda: self._say(NO_EDITS))
        self._close.clicked.connect(self.close)
        self.setEdits(NO_EDITS)

    # Setters

    def setPicture(self, rgb: RgbArray | None) -> None:
        """The picture as edited, (h, w, 3) uint8; None where there is none."""
        self._canvas.setImage(rgb)
        if rgb is None:
            self._canvas.setMessage(*_EMPTY)

    def setName(self, name: str) -> None:
        """The file."""
        self._name.setText(name)

    def setEdits(self, edits: Edits) -> None:
        """Show these; nothing is emitted."""
        self._edits = edits
        self._controls.setEdits(edits)
        self._canvas.setBoxes(edits.boxes)
        self._uncover.setEnabled(bool(edits.boxes))
        self._reset.setEnabled(not edits.none)

    def setLabels(self, labels: Sequence[str]) -> None:
        """The names of the labels."""
        self._rows.setLabels(labels)

    def setCurrentLabel(self, label: int) -> None:
        """The label that is listed first; -1 for none."""
        self._rows.setCurrentLabel(label)

    def setScores(self, before: ImageScores | None, after: ImageScores | None) -> None:
        """As the picture is, and as edited; None while that is not known."""
        self._rows.setScores(before, after)

    def setMessage(self, text: str) -> None:
        """Why there are no scores; "" where there are."""
        self._rows.setMessage(text)

    # What is shown

    def edits(self) -> Edits:
        """What is done to the picture."""
        return self._edits

    def rows(self) -> ScoreRows:
        """The scores."""
        return self._rows

    def canvas(self) -> BoxCanvas:
        """The picture."""
        return self._canvas

    def controls(self) -> EditControls:
        """Switches and sliders."""
        return self._controls

    def sizeHint(self) -> QSize:  # noqa: D102
        letter = self.fontMetrics().averageCharWidth()
        return QSize(letter * 130, max(letter * 85, super().sizeHint().height()))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: D102
        super().showEvent(event)
        self.shownChanged.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: D102
        super().hideEvent(event)
        self.shownChanged.emit(False)

    # Inside

    def _say(self, edits: Edits) -> None:
        self.setEdits(edits)
        self.editsChanged.emit(edits)

    def _change(self, edits: Edits) -> None:
        """By a control that shows it already."""
        self._edits = edits
        self._uncover.setEnabled(bool(edits.boxes))
        self._reset.setEnabled(not edits.none)
        self.editsChanged.emit(edits)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addWidget(self._name)
        left.addWidget(self._canvas, 1)
        below = QHBoxLayout()
        below.addWidget(self._hint, 1)
        below.addWidget(self._uncover)
        left.addLayout(below)
        note = wrapped_label(self)
        note.setText(_NOTE)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(10)
        column.addWidget(self._rows)
        column.addWidget(ElidedLabel(_MARKS, inner, role=QPalette.ColorRole.PlaceholderText))
        column.addWidget(self._controls)
        column.addWidget(note)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        scroll.setMinimumWidth(self.fontMetrics().averageCharWidth() * 46)
        buttons = QHBoxLayout()
        buttons.addWidget(self._reset)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        right = QVBoxLayout()
        right.addWidget(scroll, 1)
        right.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setSpacing(14)
        row.addLayout(left, 1)
        row.addLayout(right)
