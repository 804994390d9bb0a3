"""More numbers under the averages, folded away until asked for: how well labels rank, and accuracy of one class."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from inference.types import FloatArray, LabelQuality, MulticlassMetrics, RankingMetrics
from widgets.figure_label import FigureLabel
from widgets.numbers import UNDEFINED, format_count, format_rate

PLACES: Final = 3
_GAP: Final = 10
_BETWEEN: Final = 24  # two blocks side by side
_WAITING: Final = "Being measured."
_NO_IMAGES: Final = "Undefined: no scored image has a known label."
_NO_CLASSES: Final = "Undefined: no scored image has a single known class."
_ANY_NUMBER: Final = "Measured where argmax is the rule: a threshold per label may predict any number of classes."


@dataclass(frozen=True)
class _Figure:
    """One number: what it is called, what it means, and how it reads."""

    title: str
    meaning: str
    places: int = PLACES
    bounded: bool = True  # a rate from 0 to 1

    def text(self, value: float) -> str:
        if self.bounded or math.isnan(value):
            return format_rate(value, self.places)
        return f"{value:.{self.places}f}"


_LRAP: Final = _Figure(
    "Label ranking AP",
    "Label ranking average precision (LRAP): for each label that an image has, the share of right labels among those"
    " that score at least as much, averaged; 1 where all right labels come first.",
)
_COVERAGE: Final = _Figure(
    "Coverage error",
    "How many labels must be gone through, highest score first, until all that an image has are found, on average;"
    " lower is better.",
    2,
    bounded=False,
)
_LOSS: Final = _Figure(
    "Ranking loss",
    "The share of pairs of a right and a wrong label of one image in which the wrong one scores at least as much;"
    " lower is better.",
)
_MAP: Final = _Figure("mAP", "Mean average precision: the mean over labels of the area under their curve.")
_AUC: Final = _Figure("Macro AUC", "The mean over labels of the area under the ROC curve: 0.5 is what guessing gives.")
_ACCURACY: Final = _Figure("Accuracy", "The share of images whose class is predicted; a rejected image is a wrong one.")
_BALANCED: Final = _Figure("Balanced accuracy", "The mean recall of the classes that occur.")
_LOG_LOSS: Final = _Figure(
    "Log loss",
    "Minus the logarithm of the score of the right class, on average; lower is better.",
    bounded=False,
)
_TOP_3: Final = _Figure("Top-3 accuracy", "The share of images whose class is among the three highest scores.")
_TOP_5: Final = _Figure("Top-5 accuracy", "The share of images whose class is among the five highest scores.")

_RANKING: Final = (_LRAP, _COVERAGE, _LOSS, _MAP, _AUC)
_CLASSES: Final = (_ACCURACY, _BALANCED, _LOG_LOSS, _TOP_3, _TOP_5)


class MoreAverages(QWidget):
    """Two blocks of numbers, side by side where there is room, each with what it stands on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("More averages")
        self._grid = QGridLayout(self)
        self._parts: dict[_Figure, tuple[QLabel, QLabel, QLabel]] = {}
        self._single = False  # whether each image has one class
        self._arranged: tuple[bool, bool] | None = None
        self._ranking: RankingMetrics | None = None
        self._quality: LabelQuality | None = None
        self._multiclass: MulticlassMetrics | None = None
        self._build()
        self._show_all()

    # Setters

    def setRanking(self, ranking: RankingMetrics | None) -> None:
        """How well images rank their labels; None while that is being measured."""
        self._ranking = ranking
        self._show_ranking()

    def setQuality(self, quality: LabelQuality | None) -> None:
        """What each label's curves enclose; None while that is being measured."""
        self._quality = quality
        self._show_quality()

    def setMulticlass(self, multiclass: MulticlassMetrics | None) -> None:
        """Accuracy and its kin; None where the rule may predict any number of classes."""
        self._multiclass = multiclass
        self._show_multiclass()

    def setSingle(self, single: bool) -> None:
        """Whether each image has exactly one class; without it the second block is not there."""
        if single != self._single:
            self._single = single
            self._arrange()

    # Numbers

    def _show_all(self) -> None:
        self._show_ranking()
        self._show_quality()
        self._show_multiclass()

    def _show_ranking(self) -> None:
        ranking = self._ranking
        values = (math.nan,) * 3 if ranking is None else (ranking.lrap, ranking.coverage_error, ranking.ranking_loss)
        on = "" if ranking is None else _images(ranking.n_images)
        reason = _WAITING if ranking is None else _NO_IMAGES
        for figure, value in zip((_LRAP, _COVERAGE, _LOSS), values, strict=True):
            self._show(figure, value, on, reason)

    def _show_quality(self) -> None:
        quality = self._quality
        if quality is None:
            for figure in (_MAP, _AUC):
                self._show(figure, math.nan, "", _WAITING)
            return
        self._show(_MAP, *_mean(quality.average_precision), "Undefined: no label has positives.")
        self._show(_AUC, *_mean(quality.roc_auc), "Undefined: no label has both positives and negatives.")

    def _show_multiclass(self) -> None:
        found = self._multiclass
        if found is None:
            for figure in _CLASSES:
                self._show(figure, math.nan, "", _ANY_NUMBER)
            return
        on, some = _images(found.n_images), found.n_images > 0
        self._show(_ACCURACY, found.accuracy, on, _NO_CLASSES)
        occurring = int(np.count_nonzero(found.confusion.sum(axis=1)))
        of = f"{format_count(occurring)} of {format_count(len(found.top_k))} classes"
        self._show(_BALANCED, found.balanced_accuracy, of, _NO_CLASSES)
        sigmoid = "Undefined: sigmoid scores are no distribution over the classes."
        self._show(_LOG_LOSS, found.log_loss, on if some else "", sigmoid if some else _NO_CLASSES)
        for figure, k in ((_TOP_3, 3), (_TOP_5, 5)):
            enough = k < len(found.top_k)
            few = f"Undefined: of {len(found.top_k)} classes, every one is among the {k} highest."
            value = float(found.top_k[k - 1]) if enough else math.nan
            self._show(figure, value, on if enough else "", _NO_CLASSES if enough else few)

    def _show(self, figure: _Figure, value: float, on: str, reason: str) -> None:
        title, number, count = self._parts[figure]
        text = figure.text(value)
        tip = f"{figure.meaning}\n{reason if text == UNDEFINED else f'Measured on {on}.'}"
        for part in (title, number, count):
            part.setToolTip(tip)
        count.setText(on)
        count.setAccessibleName(f"{figure.title}, measured on {on}" if on else "")
        number.setText(text)
        number.setAccessibleName(f"{figure.title}, {'undefined' if text == UNDEFINED else text}")

    # Room

    def minimumSizeHint(self) -> QSize:
        """One block, without what its numbers stand on."""
        least = super().minimumSizeHint()
        return QSize(self._width(_RANKING, counts=False), least.height())

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
        both = self._width(_RANKING, counts=True) + _BETWEEN + self._width(_CLASSES, counts=True)
        beside = self._single and both <= self.width()
        for block in (_RANKING, _CLASSES):
            shown = self._width(block, counts=True) <= self.width()
            for figure in block:
                title, number, count = self._parts[figure]
                for part in (title, number):
                    part.setVisible(block is _RANKING or self._single)
                count.setVisible(title.isVisibleTo(self) and shown)
        if self._arranged != (self._single, beside):
            self._arranged = self._single, beside
            self._place(beside)

    def _place(self, beside: bool) -> None:
        for row, figure in enumerate(_RANKING):
            self._put(figure, row, 0)
        for row, figure in enumerate(_CLASSES):
            self._put(figure, row if beside else len(_RANKING) + row, 4 if beside else 0)
        self._grid.setColumnMinimumWidth(3, _BETWEEN - 2 * _GAP if beside else 0)

    def _put(self, figure: _Figure, row: int, column: int) -> None:
        for offset, part in enumerate(self._parts[figure]):
            self._grid.addWidget(part, row, column + offset)

    def _width(self, block: tuple[_Figure, ...], *, counts: bool) -> int:
        columns = (0, 1, 2) if counts else (0, 1)
        widths = [max(_room(self._parts[figure][column]) for figure in block) for column in columns]
        return sum(widths) + _GAP * (len(widths) - 1)

    # Building

    def _build(self) -> None:
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(_GAP)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(7, 1)
        for figure in _RANKING + _CLASSES:
            title, number, count = QLabel(figure.title, self), FigureLabel(self), QLabel(self)
            title.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            count.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            number.setMinimumWidth(number.fontMetrics().horizontalAdvance("0.000") + 2)
            self._parts[figure] = title, number, count
        self._arrange()


def _room(label: QLabel) -> int:
    return max(label.sizeHint().width(), label.minimumWidth())


def _images(count: int) -> str:
    return f"{format_count(count)} image{'' if count == 1 else 's'}"


def _mean(values: FloatArray) -> tuple[float, str]:
    """The mean over the labels that have a value, and which those are."""
    defined = values[~np.isnan(values)]
    on = f"{format_count(len(defined))} of {format_count(len(values))} labels"
    return (float(defined.mean()), on) if len(defined) else (math.nan, on)
