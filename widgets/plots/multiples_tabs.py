"""The part of the tabs that swaps the picture in sight for small ones of all labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QToolButton, QWidget

from inference.types import FloatArray, LabelMetrics, MultipleKind, ScoreArray, SmallPicture, Thresholds
from widgets.plots.multiples_page import MultiplesPage

KEY: Final = "M"
HELP: Final = f"This picture for every label side by side ({KEY})"
ONLY_ONE: Final = "There is one such picture, not one for each label"


class MultiplesTabs(QWidget):
    """What the grid needs to know is kept here, as it is made when it is first seen. Setters emit nothing.

    ``multiplesRequested`` carries a MultipleKind's value and the labels in sight whose pictures are missing, int64
    (k,); whoever hears it calls ``setMultiples``. ``multipleNumbersRequested`` wants ``setMultipleNumbers``, to sort.
    """

    multiplesRequested = Signal(str, object)
    multipleNumbersRequested = Signal(str)
    labelChosen = Signal(int)
    labelThresholdChanged = Signal(int, float)
    allLabelsChanged = Signal(bool)  # by the user

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid: MultiplesPage | None = None
        self._labels: tuple[str, ...] = ()
        self._thresholds: ScoreArray = np.zeros(0, dtype=np.float32)
        self._metrics: LabelMetrics | None = None
        self._label = -1
        self._all_button = QToolButton()
        self._all_button.setText("All labels")
        self._all_button.setCheckable(True)
        self._all_button.setToolTip(HELP)
        self._all_button.setAccessibleDescription(HELP)
        self._all_button.clicked.connect(self._on_all_labels)
        key = QShortcut(QKeySequence(KEY), self, context=Qt.ShortcutContext.WindowShortcut)
        key.activated.connect(self._all_button.click)

    # Setters

    def setLabels(self, names: tuple[str, ...]) -> None:
        """The labels there are."""
        self._labels = tuple(names)
        if self._grid is not None:
            self._fill(self._grid)

    def setThresholds(self, thresholds: Thresholds) -> None:
        """Where every label's threshold stands."""
        self._thresholds = thresholds.values
        if self._grid is not None and len(thresholds) == len(self._labels):
            self._grid.setThresholds(self._thresholds)

    def setMetrics(self, metrics: LabelMetrics | None) -> None:
        """What every threshold counts; None where nothing is scored."""
        self._metrics = metrics
        if self._grid is not None:
            self._grid.setMetrics(self._fitting_metrics())

    def setCurrentLabel(self, label: int) -> None:
        """Which label is chosen."""
        self._label = label
        if self._grid is not None:
            self._grid.setCurrentLabel(label)

    def setMultiples(self, kind: str, pictures: Mapping[int, SmallPicture]) -> None:
        """Small pictures of some labels, by label."""
        if self._grid is not None:
            self._grid.setMultiples(kind, pictures)

    def setMultipleNumbers(self, kind: str, numbers: FloatArray) -> None:
        """The number of every label (c,), to sort by."""
        if self._grid is not None:
            self._grid.setNumbers(kind, numbers)

    def forgetMultiples(self) -> None:
        """All small pictures are out of date; they stay until newer ones come."""
        if self._grid is not None:
            self._grid.forget()

    def setAllLabels(self, on: bool) -> None:
        """Swap the picture in sight for those of all labels, or back; nothing is emitted but wishes for pictures."""
        self._all_button.setChecked(on)
        self._show_front()

    # Reading

    def allLabels(self) -> bool:
        """Whether pictures are shown for all labels where there is one for each."""
        return self._all_button.isChecked()

    # Acting

    def _show_front(self) -> None:
        """Bring what is to be seen to the front."""
        raise NotImplementedError

    def _fitting_metrics(self) -> LabelMetrics | None:
        """The counts, unless they are those of other labels."""
        fits = self._metrics is not None and len(self._metrics.tp) == len(self._labels)
        return self._metrics if fits else None

    def _grid_page(self, kind: MultipleKind) -> MultiplesPage:
        """The grid of a kind, made when it is first needed."""
        if self._grid is None:
            self._grid = grid = MultiplesPage()
            grid.setKind(kind)
            self._fill(grid)
            grid.multiplesRequested.connect(self.multiplesRequested)
            grid.numbersRequested.connect(self.multipleNumbersRequested)
            grid.labelChosen.connect(self.labelChosen)
            grid.thresholdChanged.connect(self.labelThresholdChanged)
            grid.opened.connect(self._on_opened)
        self._grid.setKind(kind)
        return self._grid

    def _fill(self, grid: MultiplesPage) -> None:
        """Everything that is known, as far as it is of these labels."""
        grid.setLabels(self._labels)
        if len(self._thresholds) == len(self._labels):
            grid.setThresholds(self._thresholds)
        grid.setMetrics(self._fitting_metrics())
        grid.setCurrentLabel(self._label)

    def _on_all_labels(self) -> None:
        self._show_front()
        self.allLabelsChanged.emit(self.allLabels())

    def _on_opened(self, label: int) -> None:
        """A label's large picture is wanted."""
        if label != self._label:
            self.labelChosen.emit(label)
        self._all_button.setChecked(False)
        self._on_all_labels()
