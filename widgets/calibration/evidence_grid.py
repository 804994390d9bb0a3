"""The methods as a small table: one can be chosen, and each has its errors beside those without calibration."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLabel, QRadioButton, QSizePolicy, QWidget

from inference.types import CALIBRATION_NAMES, CalibrationEvidence, CalibrationMethod
from widgets.calibration.words import HELP, MEASURES, NONE, OUT_OF_FOLD, calibrated, change, number
from widgets.theme import current_theme
from widgets.tuning.delegate import change_ink

_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LABELS_TIP: Final = "Labels that the method calibrates; the others keep their scores."
_SHORT: Final = {CalibrationMethod.BIAS_CORRECTED: "Temperature + biases"}
_GAP: Final = 8  # pixels before the next kind of error, beside the grid's own spacing
_LABELS: Final = 10  # column


class EvidenceGrid(QWidget):
    """Setters emit nothing; ``methodChosen`` is the user's choice."""

    methodChosen = Signal(object)  # CalibrationMethod

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Calibration methods")
        self._evidence: CalibrationEvidence | None = None
        self._method = NONE
        self._group = QButtonGroup(self)
        self._radios: dict[CalibrationMethod, QRadioButton] = {}
        self._changes: list[tuple[QLabel, int]] = []  # with the sign of what is better
        self._cells: dict[tuple[CalibrationMethod, str], QLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(5)
        self._group.idClicked.connect(self._on_clicked)

    # Setters

    def setEvidence(self, evidence: CalibrationEvidence | None) -> None:
        """The methods that were judged; None shows nothing."""
        focused = next((method for method, radio in self._radios.items() if radio.hasFocus()), None)
        self._evidence = evidence
        self._clear()
        if evidence is not None:
            self._build(evidence)
        if focused in self._radios:
            self._radios[focused].setFocus()
        self.setMethod(self._method)

    def setMethod(self, method: CalibrationMethod) -> None:
        """Mark the one in force."""
        self._method = method
        self._group.setExclusive(False)  # a method that is not offered leaves every button up
        for own, radio in self._radios.items():
            radio.setChecked(own is method)
        self._group.setExclusive(True)

    # Reading

    def radio(self, method: CalibrationMethod) -> QRadioButton:
        """The button of a method."""
        return self._radios[method]

    def text(self, method: CalibrationMethod, column: str) -> str:
        """What a cell says: "log_loss", "brier", "ece" or "labels"."""
        return self._cells[method, column].text()

    # Building

    def _clear(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for radio in self._radios.values():
            self._group.removeButton(radio)
        self._radios, self._changes, self._cells = {}, [], {}

    def _build(self, evidence: CalibrationEvidence) -> None:
        for place, (title, meaning) in enumerate(MEASURES.values()):
            self._grid.addWidget(self._quiet(title, f"{meaning}\n{OUT_OF_FOLD}"), 0, 1 + 3 * place)
            self._grid.setColumnMinimumWidth(3 + 3 * place, _GAP)
        self._grid.addWidget(self._quiet("Labels", _LABELS_TIP), 0, _LABELS)
        for row, method in enumerate((NONE, *(report.method for report in evidence.reports)), start=1):
            self._add_radio(evidence, method, row)
            self._add_errors(evidence, method, row)
        self._grid.setColumnStretch(0, 1)
        self._fit(self.width())
        self._restyle()

    def _add_radio(self, evidence: CalibrationEvidence, method: CalibrationMethod, row: int) -> None:
        report = evidence.report(method)
        radio = QRadioButton(_SHORT.get(method, CALIBRATION_NAMES[method]), self)
        help_text = HELP[method]
        if report is not None and report.setting:
            help_text += f"\nFitted here: {report.setting}."
        if report is not None and not report.n_calibrated:
            radio.setEnabled(False)
            help_text += f"\nNothing to turn on: {report.left[0] if report.left else 'there are no labels'}."
        radio.setToolTip(help_text)
        radio.setAccessibleDescription(help_text)
        if method is evidence.recommended and method is not NONE:
            radio.setAccessibleName(f"{CALIBRATION_NAMES[method]}, recommended")
        else:
            radio.setAccessibleName(CALIBRATION_NAMES[method])
        self._radios[method] = radio
        self._group.addButton(radio, row)
        self._grid.addWidget(radio, row, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def _add_errors(self, evidence: CalibrationEvidence, method: CalibrationMethod, row: int) -> None:
        errors, before, report = evidence.errors(method), evidence.before.overall, evidence.report(method)
        assert errors is not None
        for place, (field, (title, _)) in enumerate(MEASURES.items()):
            was, now = getattr(before, field), getattr(errors.overall, field)
            text = self._number(number(now), f"{CALIBRATION_NAMES[method]}: {title} {number(now)}")
            if method is evidence.recommended:
                text.setFont(_bold(text.font()))
            self._cells[method, field] = text
            self._grid.addWidget(text, row, 1 + 3 * place, _RIGHT)
            if method is not NONE:
                difference = self._number(change(was, now), f"{title} changes by {change(was, now) or 'nothing'}")
                self._changes.append((difference, (was > now) - (was < now) if difference.text() else 0))
                self._grid.addWidget(difference, row, 2 + 3 * place, _RIGHT)
        labels = "" if report is None else calibrated(report)
        self._cells[method, "labels"] = self._number(labels, f"{CALIBRATION_NAMES[method]} calibrates {labels} labels")
        self._cells[method, "labels"].setToolTip(_LABELS_TIP)
        self._grid.addWidget(self._cells[method, "labels"], row, _LABELS, _RIGHT)

    def _number(self, text: str, name: str) -> QLabel:
        label = QLabel(text, self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAlignment(_RIGHT)
        label.setAccessibleName(name)
        label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        return label

    def _quiet(self, text: str, tip: str) -> QLabel:
        label = QLabel(text, self)
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        label.setToolTip(tip)
        return label

    # Widths: where room is short the differences go, the numbers stay

    def minimumSizeHint(self) -> QSize:
        """All but the differences."""
        size = self._grid.minimumSize()
        return QSize(self._whole_width() - self._changes_width(), size.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the differences where they fit."""
        super().resizeEvent(event)
        self._fit(event.size().width())

    def _fit(self, width: int) -> None:
        fits = width >= self._whole_width()
        for label, _ in self._changes:
            label.setVisible(fits)

    def _changes_width(self) -> int:
        if not self._changes:
            return 0
        metrics = self._changes[0][0].fontMetrics()
        return 3 * (metrics.horizontalAdvance("−0.000") + self._grid.horizontalSpacing())

    def _whole_width(self) -> int:
        hidden = bool(self._changes) and self._changes[0][0].isHidden()
        return self._grid.minimumSize().width() + (self._changes_width() if hidden else 0)

    # Looks

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_changes"):
            self._restyle()

    def _restyle(self) -> None:
        theme = current_theme()
        for label, sign in self._changes:
            palette = label.palette()
            ink = QColor(change_ink(sign, theme))
            if palette.color(QPalette.ColorRole.WindowText) != ink:
                palette.setColor(QPalette.ColorRole.WindowText, ink)
                label.setPalette(palette)

    def _on_clicked(self, row: int) -> None:
        method = next(method for method, radio in self._radios.items() if self._group.id(radio) == row)
        if method is not self._method:
            self.methodChosen.emit(method)


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold
