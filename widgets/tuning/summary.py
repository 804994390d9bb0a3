"""F1 of all labels together: at 0.5, now, proposed, and what to expect on new images."""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from inference.types import Averages, Estimate
from widgets.numbers import UNDEFINED, format_rate
from widgets.theme import current_theme
from widgets.tuning.delegate import change_ink, paint_change
from widgets.tuning.values import signed

PLACES: Final = 3  # averages move little
_SPACING: Final = 8
_KINDS: Final = {
    "micro": "F1 of all decisions of all labels counted together: frequent labels weigh most.",
    "macro": "The mean F1 of the labels that can be measured: rare labels weigh as much as frequent ones.",
    "samples": "The mean F1 of the images: how well the labels of a single image are found.",
}
_FLATTERS: Final = (
    "Measured on the images that the thresholds were tuned on, which flatters:\n"
    "they also fit the chance of this folder."
)
_SEPARATE: Final = "Measured on images that the thresholds were not tuned on."
_HALF, _NOW, _THEN, _CHANGE, _NEW = range(1, 6)
_TITLES: Final = {
    _HALF: ("at 0.5", "With the threshold 0.5 for every label, on this folder."),
    _NOW: ("now", "With the thresholds in force, on this folder."),
    _THEN: ("proposed", _FLATTERS),
    _NEW: ("on new images", "Tuned on a part of the images and counted on the rest, in turns."),
}


class AveragesSummary(QWidget):
    """Three kinds of average in a small grid; a dash where a number is undefined or not known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("F1 of all labels together")
        self._values: dict[int, Averages | None] = {_HALF: None, _NOW: None, _THEN: None}
        self._estimate: Estimate | None = None
        self._cells: dict[tuple[str, int], QLabel] = {}
        self._changes: dict[str, _Change] = {}
        self._heads: dict[int, QLabel] = {}
        self._build()
        self._show()

    def setHalf(self, averages: Averages | None) -> None:
        """At threshold 0.5."""
        self._set(_HALF, averages)

    def setNow(self, averages: Averages | None) -> None:
        """At the thresholds in force."""
        self._set(_NOW, averages)

    def setProposed(self, averages: Averages | None) -> None:
        """At the proposed thresholds."""
        self._set(_THEN, averages)

    def setEstimate(self, estimate: Estimate | None) -> None:
        """On new images."""
        self._estimate = estimate
        self._show()

    def setSeparate(self, separate: bool) -> None:
        """Whether numbers are measured on images that tuning does not see, so that they do not flatter."""
        for kind, meaning in _KINDS.items():
            said = _SEPARATE if separate else _FLATTERS
            self._cells[kind, _THEN].setToolTip(f"{meaning}\n{said}")
        self._heads[_THEN].setToolTip(_SEPARATE if separate else _FLATTERS)

    def text(self, kind: str, column: str) -> str:
        """What a cell says; ``column`` is its title in the head or "change"."""
        if column == "change":
            return self._changes[kind].text()
        place = next(place for place, (title, _) in _TITLES.items() if title == column)
        return self._cells[kind, place].text()

    def _set(self, column: int, averages: Averages | None) -> None:
        self._values[column] = averages
        self._show()

    # Showing

    def _show(self) -> None:
        for kind in _KINDS:
            f1 = {column: _f1(averages, kind) for column, averages in self._values.items()}
            for column, value in f1.items():
                self._say(kind, column, format_rate(value, PLACES))
            self._changes[kind].setChange(f1[_THEN] - f1[_NOW], f"{kind} F1")
            self._say(kind, _NEW, self._expected(kind))

    def _expected(self, kind: str) -> str:
        estimate = self._estimate
        if estimate is None:
            return UNDEFINED
        text = format_rate(_f1(estimate.averages, kind), PLACES)
        low, high = estimate.micro_f1_low, estimate.micro_f1_high
        if kind != "micro" or math.isnan(low) or math.isnan(high):
            return text
        return f"{text} [{format_rate(low)}–{format_rate(high)}]"

    def _say(self, kind: str, column: int, text: str) -> None:
        cell = self._cells[kind, column]
        if cell.text() != text or not cell.accessibleName():
            cell.setText(text)
            said = "unknown" if text == UNDEFINED else text
            cell.setAccessibleName(f"{kind} F1 {_TITLES[column][0]}, {said}")

    # Layout: where room is short the differences go, the numbers stay

    def minimumSizeHint(self) -> QSize:
        """All but the differences."""
        grid = self._grid.minimumSize()
        return QSize(self._width_with_changes() - self._change_width(), grid.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the differences where they fit."""
        super().resizeEvent(event)
        fits = event.size().width() >= self._width_with_changes()
        for change in self._changes.values():
            change.setVisible(fits)

    def _change_width(self) -> int:
        return next(iter(self._changes.values())).sizeHint().width() + _SPACING

    def _width_with_changes(self) -> int:
        hidden = next(iter(self._changes.values())).isHidden()
        return self._grid.minimumSize().width() + (self._change_width() if hidden else 0)

    # Building

    def _build(self) -> None:
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(_SPACING)
        grid.setVerticalSpacing(2)
        grid.addWidget(self._quiet("F1", "", Qt.AlignmentFlag.AlignLeft), 0, 0)
        for column, (title, meaning) in _TITLES.items():
            self._heads[column] = self._quiet(title, meaning, _side(column))
            grid.addWidget(self._heads[column], 0, column)
        for row, (kind, meaning) in enumerate(_KINDS.items(), start=1):
            grid.addWidget(self._quiet(kind, meaning, Qt.AlignmentFlag.AlignLeft), row, 0)
            for column in _TITLES:
                cell = QLabel(self)
                cell.setAlignment(_side(column) | Qt.AlignmentFlag.AlignVCenter)
                cell.setToolTip(f"{meaning}\n{_TITLES[column][1]}")
                cell.setMinimumWidth(cell.fontMetrics().horizontalAdvance("0.000") + 2)
                self._cells[kind, column] = cell
                grid.addWidget(cell, row, column)
            self._changes[kind] = _Change(self)
            grid.addWidget(self._changes[kind], row, _CHANGE)
        grid.setColumnStretch(_NEW, 1)

    def _quiet(self, text: str, meaning: str, side: Qt.AlignmentFlag) -> QLabel:
        label = QLabel(text, self)
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        label.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
        label.setToolTip(meaning)
        return label


def _side(column: int) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignLeft if column == _NEW else Qt.AlignmentFlag.AlignRight


def _f1(averages: Averages | None, kind: str) -> float:
    return math.nan if averages is None else float(getattr(averages, kind).f1)


class _Change(QWidget):
    """A difference: triangle, sign and colour."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._change = math.nan
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def setChange(self, change: float, what: str) -> None:
        self._change, self._text = change, signed(change, PLACES)
        self.setAccessibleName(f"{what} changes by {self._text or 'an unknown amount'}")
        self.update()

    def text(self) -> str:
        return self._text

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance("+0.0001") + round(metrics.height() * 0.42) + 4, metrics.height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        sign = 0 if math.isnan(self._change) else (self._change > 0) - (self._change < 0)
        ink = change_ink(sign, current_theme())
        side = round(self.fontMetrics().height() * 0.42)
        painter = QPainter(self)
        paint_change(painter, QRectF(0, 0, side, self.height()), sign, ink)
        painter.setPen(QColor(ink))
        room = QRectF(side + 3, 0, self.width() - side - 3, self.height())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), self._text)
        painter.end()
