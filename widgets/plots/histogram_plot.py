"""How the scores of one label's positives and negatives are spread, with the threshold as a line between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from inference.types import Bins, FloatArray, IntArray, LogitSpan, OperatingPoint, ScoreHistogram
from widgets.plots.legend import Entry, Legend
from widgets.plots.line_plot import LinePlot
from widgets.plots.saving import cells, table_text
from widgets.plots.threshold_plot import GRAB_PIXELS, NO_LABEL, NO_SCORES, arrow_of, is_enter
from widgets.plots.words import counted, joined, share, threshold_text
from widgets.plotting import label_axis, with_alpha
from widgets.theme import current_theme

HINT: Final = (
    "Drag the line to set the threshold; Left and Right step to the next score. "
    "Click a bar, or drag over several, to show the images behind them; Down and Up move between bars, Enter chooses."
)
ENTRIES: Final = (Entry("positives", "positive", is_bar=True), Entry("negatives", "negative", is_bar=True))
_GAP: Final = 0.08  # of a bar's width


class HistogramPlot(LinePlot):
    """Positives up, negatives down, in the same scale.

    ``scoreRangeChosen`` is emitted with the lowest and the highest float32 score of the bars clicked, both included.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Score histogram", HINT, "score", parent)
        self._histogram: ScoreHistogram | None = None
        self._heights = Heights.of(Bins(np.zeros(1, np.float32), np.zeros(0, np.int64), np.zeros(0, np.int64)), True)
        self._first: int | None = None  # bar where the choice began
        self._last = 0
        self._picking = False
        self._count_box = QCheckBox("Log counts")
        self._count_box.setChecked(True)  # of most labels, positives are too few to be seen otherwise
        self._count_box.setToolTip("Show few images beside many: even steps of the logarithm of the count")
        self._count_box.toggled.connect(self._picture_changed)
        label_axis(self._canvas, "bottom", "score")
        label_axis(self._canvas, "left", "images")
        self._zero = pg.PlotCurveItem()
        self._up = pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[], pen=None)
        self._down = pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[], pen=None)
        self._choice = pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[], pen=None)
        for item in (self._choice, self._up, self._down, self._zero, self._threshold_line):
            self._canvas.addItem(item)
        self._set_legend(Legend(ENTRIES))
        self._options.addStretch(1)
        self._options.addWidget(self._count_box)
        self._options.addWidget(self._logit_box)
        self._restyle()
        self._refresh()

    # Setters

    def setHistogram(self, histogram: ScoreHistogram | None, label: str) -> None:
        """Show how a label's scores are spread; None, or no scores, shows a message instead."""
        self._histogram = histogram
        self._label = label
        self._first = None
        self._picture_changed()

    def setLogCounts(self, on: bool) -> None:
        """Let the bars' heights be the logarithms of their counts."""
        self._count_box.setChecked(on)

    def clearChoice(self) -> None:
        """No bar is chosen any more."""
        self._first = None
        self._draw_choice()
        self._refresh()

    # Reading

    def bar_pixel(self, index: int) -> QPointF:
        """The middle of a bar's column, on the line of no images, in logical pixels of this widget."""
        x = self._axis.place(self._bins().edges)
        place = self._canvas.to_pixels(float(x[index] + x[index + 1]) / 2, self._heights.zero)
        return QPointF(self._canvas.mapTo(self, QPointF(place)))

    def data_text(self) -> str:
        """Edges and counts of each bar as shown, lowest scores first."""
        if self._histogram is None:
            return ""
        bins = self._bins()
        return table_text(
            (
                ("from", cells(bins.edges[:-1])),
                ("below", cells(bins.edges[1:])),
                ("positives", cells(bins.positives)),
                ("negatives", cells(bins.negatives)),
            )
        )

    # Showing

    def _cuts(self) -> ScoreHistogram | None:
        return self._histogram

    def _drawable(self) -> bool:
        return self._histogram is not None and self._histogram.known > 0

    def _bins(self) -> Bins:
        assert self._histogram is not None
        return self._histogram.even if self._axis.span is None else self._histogram.logit

    def _span(self) -> LogitSpan:
        assert self._histogram is not None
        return self._histogram.span

    def _title_rest(self) -> str:
        histogram = self._histogram
        if histogram is None:
            return ""
        if self._first is not None:
            return self._choice_text(*sorted((self._first, self._last)))
        return f"{counted(histogram.support, 'positive')}, {counted(histogram.negatives_known, 'negative')}"

    def _choice_text(self, first: int, last: int) -> str:
        bins = self._bins()
        positives, negatives = (int(counts[first : last + 1].sum()) for counts in (bins.positives, bins.negatives))
        kinds = f"{counted(positives, 'positive')}, {counted(negatives, 'negative')}"
        return f"{_score(bins.edges[first])} to {_score(bins.edges[last + 1])}: {kinds}"

    def _point_text(self, point: OperatingPoint) -> str:
        negatives = 0 if self._histogram is None else self._histogram.negatives_known
        return joined(
            threshold_text(point.threshold),
            f"true positives {share(point.tp, point.support)}",
            f"false positives {share(point.predicted - point.tp, negatives)}",
        )

    def _empty_text(self) -> str:
        return self._message or (NO_LABEL if self._histogram is None else NO_SCORES)

    def _draw(self) -> None:
        super()._draw()
        histogram = self._histogram
        if histogram is None or not self._drawable():
            return
        bins = self._bins()
        self._heights = Heights.of(bins, self._count_box.isChecked())
        x = self._axis.place(bins.edges)
        gap = np.diff(x) * _GAP
        columns = {"x0": x[:-1] + gap / 2, "x1": x[1:] - gap / 2, "y0": np.full(len(gap), self._heights.zero)}
        self._up.setOpts(**columns, y1=self._heights.up(bins.positives))
        self._down.setOpts(**columns, y1=self._heights.down(bins.negatives))
        self._zero.setData([0.0, 1.0], [self._heights.zero] * 2)
        label_axis(self._canvas, "left", "images", self._heights.ticks())
        self._draw_choice()

    def _draw_choice(self) -> None:
        """A band behind the bars chosen."""
        if self._first is None or self._histogram is None:
            self._choice.setOpts(x0=[], x1=[], y0=[], y1=[])
            return
        first, last = sorted((self._first, self._last))
        x = self._axis.place(self._bins().edges)
        self._choice.setOpts(x0=[x[first]], x1=[x[last + 1]], y0=[0.0], y1=[1.0])

    def _restyle(self) -> None:
        super()._restyle()
        theme = current_theme()
        dim = 1.0 if self._active else 0.5
        self._up.setOpts(brush=with_alpha(theme.positive, dim))
        self._down.setOpts(brush=with_alpha(theme.negative, dim))
        self._choice.setOpts(brush=with_alpha(theme.accent, 0.22))
        self._zero.setPen(self._canvas.pen(theme.border))

    # Choosing bars

    def _on_pressed(self, place: QPointF) -> None:
        handle = self._handle(place)
        near = handle is not None and self._canvas.near(handle, place) <= GRAB_PIXELS
        self._picking = self._shown() and not (near and self._can_drag())
        if not self._picking:
            super()._on_pressed(place)
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._first = self._last = self._bar_at(place)
        self._draw_choice()

    def _on_dragged(self, place: QPointF) -> None:
        if not self._picking:
            super()._on_dragged(place)
            return
        self._last = self._bar_at(place)
        self._draw_choice()

    def _on_released(self) -> None:
        if self._picking:
            self._picking = False
            self._choose()
        super()._on_released()

    def _bar_at(self, place: QPointF) -> int:
        x = self._axis.place(self._bins().edges)
        return int(np.clip(np.searchsorted(x, place.x(), side="right") - 1, 0, len(x) - 2))

    def _choose(self) -> None:
        if self._first is None or self._histogram is None:
            return
        low, high = self._bins().range_of(*sorted((self._first, self._last)))
        self._refresh()
        self.scoreRangeChosen.emit(low, high)

    # Keys

    def _step_of(self, event: QKeyEvent) -> int:
        """Left is the next lower score, which is looser."""
        return -arrow_of(event)

    def _is_own_key(self, event: QKeyEvent) -> bool:
        return super()._is_own_key(event) or _bar_step(event) != 0 or is_enter(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down move between bars, Enter chooses the one."""
        by = _bar_step(event)
        if self._histogram is not None and self._shown() and by:
            start = (-1 if by > 0 else len(self._bins().positives)) if self._first is None else self._last
            self._first = self._last = min(max(start + by, 0), len(self._bins().positives) - 1)
            self._draw_choice()
            self._refresh()
        elif self._shown() and self._first is not None and is_enter(event):
            self._choose()
        else:
            super().keyPressEvent(event)


@dataclass(frozen=True)
class Heights:
    """Counts to heights in the unit square, where the line of no images lies between positives and negatives."""

    is_log: bool
    highest: float  # tallest bar up, in units of height
    lowest: float  # tallest bar down

    @classmethod
    def of(cls, bins: Bins, is_log: bool) -> Heights:
        """Room for the tallest bars."""
        up, down = (int(counts.max(initial=0)) for counts in (bins.positives, bins.negatives))
        return cls(is_log, _height(up, is_log), _height(down, is_log))

    @property
    def zero(self) -> float:
        """Where no images lie."""
        return self.lowest / self._whole()

    def up(self, counts: IntArray) -> FloatArray:
        """Tops of the positives' bars."""
        return self.zero + self._units(counts) / self._whole()

    def down(self, counts: IntArray) -> FloatArray:
        """Bottoms of the negatives' bars."""
        return self.zero - self._units(counts) / self._whole()

    def ticks(self) -> list[tuple[float, str]]:
        """Round counts both ways, no closer than can be read."""
        result = [(self.zero, "0")]
        for top, side in ((self.highest, self.up), (self.lowest, self.down)):
            places: list[float] = []
            for count in reversed(_round_counts(top, self.is_log)):
                place = float(side(np.array([count]))[0])
                if all(abs(place - other) >= 0.09 for other in (*places, self.zero)):
                    places.append(place)
                    result.append((place, f"{count:,}"))
        return result

    def _whole(self) -> float:
        return max(self.highest + self.lowest, 1e-9)

    def _units(self, counts: IntArray) -> FloatArray:
        values = counts.astype(np.float64)
        return np.log10(1 + values) if self.is_log else values


def _height(count: int, is_log: bool) -> float:
    return math.log10(1 + count) if is_log else float(count)


def _round_counts(top: float, is_log: bool) -> list[int]:
    """Counts to mark up to a height: powers of ten, or 1, 2 or 5 times one."""
    if is_log:
        return [10**power for power in range(int(top) + 1) if _height(10**power, True) <= top]
    if top < 1:
        return []
    power = 10 ** math.floor(math.log10(top))
    step = next(step for step in (power / 5, power / 2, power, 2 * power) if top / step <= 4.5)
    step = max(1, round(step))
    return list(range(step, int(top) + 1, step))


def _score(edge: np.float32) -> str:
    """An edge in the digits that tell it from its neighbours."""
    smaller = min(float(edge), 1 - float(edge))
    return f"{edge:.3f}".rstrip("0").rstrip(".") if smaller == 0 or smaller >= 0.01 else f"{edge:.6f}"


def _bar_step(event: QKeyEvent) -> int:
    return arrow_of(event, Qt.Key.Key_Down, Qt.Key.Key_Up)
