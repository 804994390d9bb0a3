"""The numbers under the labels table: averages over labels, exact match and Hamming loss."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inference.types import Averages, LabelQuality, MulticlassMetrics, RankingMetrics, Rates, Task, ZeroDivision
from widgets.averages_more import MoreAverages
from widgets.figure_label import FigureLabel
from widgets.numbers import UNDEFINED, format_count, format_fraction, format_rate

PLACES: Final = 3  # one more than in the table: averages move little
_RATES: Final = ("precision", "recall", "f1")
_TITLES: Final = {"precision": "Precision", "recall": "Recall", "f1": "F1"}
_KINDS: Final = {
    "micro": "All decisions of all labels counted together: frequent labels weigh most.",
    "macro": "The mean over the labels that can be measured: rare labels weigh as much as frequent ones.",
    "weighted": "The mean over the labels, each weighing as much as it has annotated positives.",
    "samples": "The mean over the images: how well the labels of a single image are found.",
}
_CHOICES: Final = {
    ZeroDivision.ZERO: ("0", "A rate that is undefined, as precision without any prediction, counts as 0 in a mean."),
    ZeroDivision.ONE: ("1", "A rate that is undefined, as precision without any prediction, counts as 1 in a mean."),
    ZeroDivision.LEAVE_OUT: (
        "left out",
        "A rate that is undefined, as precision without any prediction, is left out of the mean.",
    ),
}
_EXACT: Final = "The share of images whose labels are all decided right, among those whose labels are all known."
_HAMMING: Final = (
    "The share of wrong decisions among all pairs of image and label whose truth is known; lower is better."
)
_IMAGES: Final = "Scored images with at least one known label, and how many of them have every label known."
_GAP: Final = 16  # between rates and losses
_COLUMN_GAP: Final = 10


class AveragesPanel(QWidget):
    """Four kinds of average by three rates, two losses, and what undefined rates count as."""

    zeroDivisionChosen = Signal(object)  # ZeroDivision
    moreWanted = Signal(bool)  # the user unfolded the further numbers, or folded them

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Averages over the labels")
        self._rates: dict[tuple[str, str], QLabel] = {}
        self._exact, self._exact_counts = FigureLabel(self), FigureLabel(self)
        self._hamming, self._hamming_counts = FigureLabel(self), FigureLabel(self)
        self._images, self._full = FigureLabel(self), FigureLabel(self)
        self._choices: dict[ZeroDivision, QRadioButton] = {}
        self._choice = ZeroDivision.ZERO
        self._group = QButtonGroup(self)
        self._more, self._more_button = MoreAverages(self), QToolButton(self)
        self._more_shown = False
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._rates_side, self._losses_side = QGridLayout(), QGridLayout()
        self._choice_row = QHBoxLayout()
        self._column = QVBoxLayout(self)
        self._line = QFrame(self)
        self._titles: list[QLabel] = []
        self._build()
        self.setAverages(None)
        self.setZeroDivision(ZeroDivision.ZERO)

    # Setters

    def setAverages(self, averages: Averages | None) -> None:
        """The numbers in force; None, or a rate that is undefined, shows a dash."""
        for kind in _KINDS:
            rates = None if averages is None else getattr(averages, kind)
            self._show_rates(kind, rates)
        if averages is None:
            self._show(self._exact, UNDEFINED, "Exact match")
            self._show(self._hamming, UNDEFINED, "Hamming loss")
            self._show(self._images, UNDEFINED, "Images counted")
            for counts in (self._exact_counts, self._hamming_counts, self._full):
                self._show(counts, "", "")
            return
        self._show(self._exact, format_rate(averages.exact_match, PLACES), "Exact match")
        self._show(self._exact_counts, format_fraction(averages.n_exact, averages.n_full), "Exact match, counts")
        self._show(self._hamming, format_rate(averages.hamming_loss, PLACES), "Hamming loss")
        self._show(self._hamming_counts, format_fraction(averages.n_wrong, averages.n_known), "Hamming loss, counts")
        self._show(self._images, format_count(averages.n_images), "Images counted")
        self._show(self._full, f"{format_count(averages.n_full)} fully known", "Images fully known")

    def setZeroDivision(self, choice: ZeroDivision) -> None:
        """What undefined rates count as in the averages."""
        self._choice = choice
        self._choices[choice].setChecked(True)

    def setMoreShown(self, shown: bool) -> None:
        """Unfold the further numbers, or fold them."""
        self._unfold(shown)

    def setTask(self, task: Task) -> None:
        """Whether each image has one class: only then are there accuracies of classes."""
        single = task is Task.MULTICLASS
        self._more.setSingle(single)
        self._more_button.setText("More: ranking and accuracy" if single else "More: ranking")

    def setRanking(self, ranking: RankingMetrics | None) -> None:
        """How well images rank their labels; None while that is being measured."""
        self._more.setRanking(ranking)

    def setQuality(self, quality: LabelQuality | None) -> None:
        """What each label's curves enclose; None while that is being measured."""
        self._more.setQuality(quality)

    def setMulticlass(self, multiclass: MulticlassMetrics | None) -> None:
        """Accuracy and its kin; None under a rule that may predict any number of classes."""
        self._more.setMulticlass(multiclass)

    def _show_rates(self, kind: str, rates: Rates | None) -> None:
        for rate in _RATES:
            text = UNDEFINED if rates is None else format_rate(getattr(rates, rate), PLACES)
            self._show(self._rates[kind, rate], text, f"{_TITLES[rate]}, {kind}")

    @staticmethod
    def _show(where: QLabel, text: str, name: str) -> None:
        """Only what changed: a slider being dragged passes here with every move of the mouse."""
        if where.text() != text or not where.accessibleName():
            where.setText(text)
            said = "undefined" if text == UNDEFINED else text
            where.setAccessibleName(f"{name}, {said}" if name else "")

    # Room

    def minimumSizeHint(self) -> QSize:
        """As narrow as the rates above the losses, without their counts."""
        least = super().minimumSizeHint()
        return QSize(self._choice_row.minimumSize().width() + self._margins(), least.height())

    def event(self, event: QEvent) -> bool:
        """Longer numbers may need another arrangement."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the width there is."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Side by side with counts, without them, or one above the other: whatever is left is shown whole."""
        room = self.width() - self._margins()
        bare = max(map(_width, self._titles)) + _COLUMN_GAP + max(_width(number) for _, number, _, _ in self._losses())
        beside = self._rates_side.sizeHint().width() + self._line.sizeHint().width() + 2 * _GAP
        stacked = beside + bare > room
        left = room - bare - _COLUMN_GAP - (0 if stacked else beside)
        way = QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight
        if self._sides.direction() is not way:
            self._sides.setDirection(way)
            self._sides.setSpacing(_COLUMN_GAP if stacked else _GAP)
        self._line.setVisible(not stacked)
        height = 0 if stacked else self.fontMetrics().height()  # losses stand beside the rows of rates
        for row in (0, 4):
            if self._losses_side.rowMinimumHeight(row) != height:  # each call asks for a layout, which ends up here
                self._losses_side.setRowMinimumHeight(row, height)
        for _, number, count, meaning in self._losses():
            count.setVisible(_width(count) <= left)
            number.setToolTip(meaning if _width(count) <= left or not count.text() else f"{count.text()}\n{meaning}")

    def _margins(self) -> int:
        margins = self._column.contentsMargins()
        return margins.left() + margins.right()

    # Building

    def _build(self) -> None:
        self._build_rates(self._rates_side)
        self._build_choice(self._choice_row)
        self._build_losses(self._losses_side)
        self._build_more(self._more_button)
        self._sides.setSpacing(_GAP)
        self._sides.addLayout(self._rates_side)
        self._line.setFrameShape(QFrame.Shape.VLine)
        self._line.setFrameShadow(QFrame.Shadow.Plain)
        self._line.setForegroundRole(QPalette.ColorRole.Mid)
        self._sides.addWidget(self._line)
        self._sides.addLayout(self._losses_side)
        self._sides.addStretch(1)
        numbers = QHBoxLayout()
        numbers.addLayout(self._sides)
        numbers.addStretch(1)
        column = self._column
        column.setContentsMargins(7, 6, 7, 6)
        column.setSpacing(6)
        column.addLayout(numbers)
        column.addLayout(self._choice_row)
        column.addWidget(self._more_button)
        column.addWidget(self._more)
        column.addStretch(1)

    def _build_rates(self, grid: QGridLayout) -> None:
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(2)
        for column, rate in enumerate(_RATES, start=1):
            grid.addWidget(self._quiet(_TITLES[rate], Qt.AlignmentFlag.AlignRight), 0, column)
        for row, (kind, meaning) in enumerate(_KINDS.items(), start=1):
            title = self._quiet(kind)
            title.setToolTip(meaning)
            grid.addWidget(title, row, 0)
            for column, rate in enumerate(_RATES, start=1):
                number = self._number(FigureLabel(self), "0.000")
                number.setToolTip(meaning)
                self._rates[kind, rate] = number
                grid.addWidget(number, row, column)

    def _build_losses(self, grid: QGridLayout) -> None:
        grid.setHorizontalSpacing(_COLUMN_GAP)
        grid.setVerticalSpacing(2)
        for row, (name, number, counts, meaning) in enumerate(self._losses(), start=1):
            title = self._quiet(name)
            self._titles.append(title)
            grid.addWidget(title, row, 0)
            grid.addWidget(self._number(number, "0.000"), row, 1)
            counts.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            grid.addWidget(counts, row, 2)
            for part in (title, number, counts):
                part.setToolTip(meaning)

    def _losses(self) -> tuple[tuple[str, QLabel, QLabel, str], ...]:
        return (
            ("Exact match", self._exact, self._exact_counts, _EXACT),
            ("Hamming loss", self._hamming, self._hamming_counts, _HAMMING),
            ("Images", self._images, self._full, _IMAGES),
        )

    def _build_choice(self, row: QHBoxLayout) -> None:
        row.setSpacing(_COLUMN_GAP)
        row.addWidget(self._quiet("Undefined counts as"))
        for choice, (text, meaning) in _CHOICES.items():
            button = QRadioButton(text, self)
            button.setAccessibleName(f"Undefined counts as {text}")
            button.setToolTip(meaning)
            button.clicked.connect(partial(self._chosen, choice))
            self._group.addButton(button)
            self._choices[choice] = button
            row.addWidget(button)
        row.addStretch(1)

    def _build_more(self, button: QToolButton) -> None:
        button.setText("More: ranking")
        button.setToolTip("Numbers that take a pass over all images: measured in the background while they are shown.")
        button.setAutoRaise(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.clicked.connect(self._more_clicked)
        self._unfold(False)

    def _more_clicked(self) -> None:
        self._unfold(not self._more_shown)
        self.moreWanted.emit(self._more_shown)

    def _unfold(self, shown: bool) -> None:
        self._more_shown = shown
        self._more.setVisible(shown)
        self._more_button.setAccessibleName(f"More averages, {'shown' if shown else 'hidden'}")
        self._more_button.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)

    def _chosen(self, choice: ZeroDivision, _checked: bool = True) -> None:
        if choice is not self._choice:
            self._choice = choice
            self.zeroDivisionChosen.emit(choice)

    def _quiet(self, text: str, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft) -> QLabel:
        label = QLabel(text, self)
        label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        label.setAlignment(align | Qt.AlignmentFlag.AlignVCenter)
        return label

    def _number(self, label: QLabel, widest: str) -> QLabel:
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        label.setMinimumWidth(label.fontMetrics().horizontalAdvance(widest) + 2)
        return label


def _width(label: QLabel) -> int:
    return max(label.sizeHint().width(), label.minimumWidth())
