"""Switches and sliders for the edits of a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QSlider, QVBoxLayout, QWidget

from inference.types.looking import NO_EDITS, Edits
from widgets.theme import tabular
from widgets.tuning.flow import FlowRow

_BEST: Final = 96  # a step beyond the best quality: not compressed


@dataclass(frozen=True)
class _Slide:
    """One slider: whole steps, and what they mean."""

    field: str
    text: str  # with a mnemonic
    help: str
    least: int
    most: int
    value: Callable[[int], float | int]
    step: Callable[[float], int]
    words: Callable[[float], str]


_SLIDES: Final = (
    _Slide("turn", "&Turn", "Degrees clockwise; the corners are filled with grey", -45, 45, float, round,
           lambda v: f"{v:+.0f}°" if v else "0°"),
    _Slide("zoom", "&Zoom", "Keep the middle of the picture only", 100, 400, lambda s: s / 100,
           lambda v: round(v * 100), lambda v: f"× {v:.2f}"),
    _Slide("brightness", "&Brightness", "0 % is black", 0, 200, lambda s: s / 100, lambda v: round(v * 100),
           lambda v: f"{v * 100:.0f} %"),
    _Slide("contrast", "&Contrast", "0 % is one grey", 0, 200, lambda s: s / 100, lambda v: round(v * 100),
           lambda v: f"{v * 100:.0f} %"),
    _Slide("blur", "B&lur", "Gaussian; its standard deviation in percent of the shorter side", 0, 100,
           lambda s: s / 20, lambda v: round(v * 20), lambda v: f"{v:.2f} %" if v else "none"),
    _Slide("quality", "&JPEG quality", "Compress and decompress; the lower, the coarser", 1, _BEST,
           lambda s: 0 if s == _BEST else s, lambda v: round(v) or _BEST, lambda v: f"{v:.0f}" if v else "as it is"),
)  # fmt: skip
_SWITCHES: Final = (
    ("mirrored", "&Mirror", "Left becomes right"),
    ("upside_down", "&Upside down", "Top becomes bottom"),
    ("grey", "Gre&y", "Without colours"),
)


class EditControls(QWidget):
    """Everything but the boxes, which are dragged over the picture."""

    editsChanged = Signal(object)  # Edits, by the user, at every step

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edits = NO_EDITS
        self._boxes = {name: self._switch(name, text, tip) for name, text, tip in _SWITCHES}
        self._sliders: dict[str, QSlider] = {}
        self._values: dict[str, QLabel] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(FlowRow(self, *self._boxes.values()))
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, slide in enumerate(_SLIDES):
            self._add_slide(grid, row, slide)
        column.addLayout(grid)
        self.setEdits(NO_EDITS)

    # Setters

    def setEdits(self, edits: Edits) -> None:
        """Show these; nothing is emitted."""
        self._edits = edits
        for name, box in self._boxes.items():
            with QSignalBlocker(box):
                box.setChecked(getattr(edits, name))
        for slide in _SLIDES:
            with QSignalBlocker(self._sliders[slide.field]):
                self._sliders[slide.field].setValue(slide.step(getattr(edits, slide.field)))
            self._show_value(slide)

    # What is shown

    def edits(self) -> Edits:
        """As shown, with the boxes that were set."""
        return self._edits

    # Inside

    def _switch(self, name: str, text: str, tip: str) -> QCheckBox:
        box = QCheckBox(text, self)
        box.setToolTip(tip)
        box.toggled.connect(lambda on: self._change(replace(self._edits, **{name: on})))
        return box

    def _add_slide(self, grid: QGridLayout, row: int, slide: _Slide) -> None:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(slide.least, slide.most)
        slider.setPageStep(max(1, (slide.most - slide.least) // 10))
        slider.setToolTip(slide.help)
        slider.setAccessibleName(slide.text.replace("&", ""))
        slider.setAccessibleDescription(slide.help)
        name, value = QLabel(slide.text, self), QLabel(self)
        name.setBuddy(slider)
        name.setToolTip(slide.help)
        value.setFont(tabular(self.font()))
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        value.setMinimumWidth(self.fontMetrics().horizontalAdvance("as it is "))
        for place, widget in enumerate((name, slider, value)):
            grid.addWidget(widget, row, place)
        self._sliders[slide.field], self._values[slide.field] = slider, value
        slider.valueChanged.connect(lambda step: self._slid(slide, step))

    def _slid(self, slide: _Slide, step: int) -> None:
        self._change(replace(self._edits, **{slide.field: slide.value(step)}))  # type: ignore[arg-type]
        self._show_value(slide)

    def _show_value(self, slide: _Slide) -> None:
        text = slide.words(getattr(self._edits, slide.field))
        self._values[slide.field].setText(text)
        self._sliders[slide.field].setAccessibleDescription(f"{text}. {slide.help}")

    def _change(self, edits: Edits) -> None:
        self._edits = edits
        self.editsChanged.emit(edits)
