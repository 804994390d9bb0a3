"""Precision, recall and F1 of one label against its threshold."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsPolygonItem, QWidget

from inference.types import FloatArray, LogitSpan, OperatingPoint, RatesByThreshold, format_float32
from widgets.plots.legend import Entry, Legend
from widgets.plots.line_plot import LinePlot
from widgets.plots.saving import cells, table_text
from widgets.plots.threshold_plot import arrow_of
from widgets.plots.words import joined, share, threshold_text
from widgets.plotting import label_axis, with_alpha
from widgets.pr_geometry import reduce_points, step_path
from widgets.pr_header import rate
from widgets.theme import current_theme

HINT: Final = (
    "Click or drag to set the threshold; Left and Right step to the next score that decides otherwise. "
    "Shift and click, or Enter, shows the images at that score. "
    "The bands are 90 % intervals (Wilson) of a threshold that was not tuned on these images."
)
BAND_COLUMNS: Final = 160
NO_POSITIVES: Final = "No annotated positives for this label: recall and F1 cannot be measured."
NO_LABEL: Final = "Choose a label to see its rates against the threshold."
_DASH: Final = Qt.PenStyle.DashLine
ENTRIES: Final = (
    Entry("precision", "positive"),
    Entry("recall", "negative", _DASH),
    Entry("F1", "text", width=2.5),
)


class RatesPlot(LinePlot):
    """Three step curves over the threshold, a dot on each where the threshold stands."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Precision, recall and F1 by threshold", HINT, "threshold", parent)
        self._rates: RatesByThreshold | None = None
        label_axis(self._canvas, "bottom", "threshold")
        label_axis(self._canvas, "left", "rate")
        self._bands = [QGraphicsPolygonItem() for _ in ENTRIES]
        self._lines = [pg.PlotCurveItem(antialias=False) for _ in ENTRIES]
        self._dots = pg.ScatterPlotItem(pxMode=True, size=10)
        for item in (*self._bands, *self._lines, self._threshold_line, self._dots):
            self._canvas.addItem(item)
        self._set_legend(Legend(ENTRIES))
        self._options.addStretch(1)
        self._options.addWidget(self._logit_box)
        self._restyle()
        self._refresh()

    # Setters

    def setRates(self, rates: RatesByThreshold | None, label: str) -> None:
        """Show a label's rates; None, or ones that cannot be drawn, show a message instead."""
        self._rates = rates
        self._label = label
        self._picture_changed()

    # Reading

    def data_text(self) -> str:
        """Threshold, three rates, their intervals and counts at each distinct score, strictest first."""
        rates = self._rates
        if rates is None:
            return ""
        columns = ("thresholds", "precision", "recall", "f1", "tp", "predicted")
        ends = [f"{rate}_{end}" for rate in ("precision", "recall", "f1") for end in ("low", "high")]
        return table_text(
            (
                *((name.removesuffix("s"), cells(getattr(rates, name))) for name in columns),
                *((name.replace("_", " "), cells(getattr(rates.intervals, name))) for name in ends),
            )
        )

    # Showing

    def _cuts(self) -> RatesByThreshold | None:
        return self._rates

    def _drawable(self) -> bool:
        return self._rates is not None and self._rates.support > 0 and super()._drawable()

    def _span(self) -> LogitSpan:
        assert self._rates is not None
        return LogitSpan.around(float(self._rates.thresholds[-1]), float(self._rates.thresholds[0]))

    def _title_rest(self) -> str:
        rates = self._rates
        if rates is None:
            return ""
        best = int(np.argmax(rates.f1))
        return f"best F1 {rate(float(rates.f1[best]))} at {format_float32(rates.thresholds[best])}"

    def _point_text(self, point: OperatingPoint) -> str:
        precision = f"precision {share(point.tp, point.predicted)}" if point.predicted else "nothing predicted"
        f1 = f"F1 {rate(_f1(point))}"
        return joined(threshold_text(point.threshold), precision, f"recall {share(point.tp, point.support)}", f1)

    def _empty_text(self) -> str:
        if self._rates is None:
            return self._message or NO_LABEL
        return self._message or (NO_POSITIVES if self._rates.known else super()._empty_text())

    def _draw(self) -> None:
        super()._draw()
        rates = self._rates
        if rates is None or not self._drawable():
            for line, band in zip(self._lines, self._bands, strict=True):
                line.clear()
                band.setPolygon(QPolygonF())
            return
        x = self._axis.place(rates.thresholds[::-1])
        above = (math.nan, 0.0, 0.0)  # beyond the highest score nothing is predicted
        for line, values, end in zip(self._lines, (rates.precision, rates.recall, rates.f1), above, strict=True):
            # three lines of few dashes: half the columns of one line's keep a drag within the frame
            line.setData(*_steps(x, values[::-1], end, self._columns() // 2))
        ends = rates.intervals
        pairs = (
            (ends.precision_low, ends.precision_high),
            (ends.recall_low, ends.recall_high),
            (ends.f1_low, ends.f1_high),
        )
        for band, (low, high) in zip(self._bands, pairs, strict=True):
            band.setPolygon(_outline(x, low[::-1], high[::-1]))

    def _draw_marker(self) -> None:
        super()._draw_marker()
        x, point = self._line_place(), self._point
        if x is None or point is None:
            self._dots.clear()
            return
        theme = current_theme()
        heights = (point.precision, point.recall, _f1(point))
        shown = [(y, entry) for y, entry in zip(heights, ENTRIES, strict=True) if not math.isnan(y)]
        inks = [getattr(theme, entry.color) if self._active else theme.muted for _, entry in shown]
        self._dots.setData(
            [x] * len(shown), [y for y, _ in shown], pen=pg.mkPen(theme.surface, width=1.5), brush=inks or None
        )

    def _restyle(self) -> None:
        super()._restyle()
        theme = current_theme()
        for line, entry in zip(self._lines, ENTRIES, strict=True):
            color = getattr(theme, entry.color) if self._active else with_alpha(theme.muted, 0.6)
            line.setPen(self._canvas.pen(color, entry.width, entry.style))
        for band, entry in zip(self._bands, ENTRIES, strict=True):
            band.setPen(QPen(Qt.PenStyle.NoPen))
            band.setBrush(with_alpha(getattr(theme, entry.color) if self._active else theme.muted, 0.13))

    def _step_of(self, event: QKeyEvent) -> int:
        """Left is the next lower score, which is looser."""
        return -arrow_of(event)


def _f1(point: OperatingPoint) -> float:
    both = point.predicted + point.support
    return 2 * point.tp / both if both else math.nan


def _outline(x: FloatArray, low: FloatArray, high: FloatArray) -> QPolygonF:
    """The steps between two curves over rising scores; of many, the lowest and the highest of each column."""
    if len(x) > BAND_COLUMNS:
        first = np.unique(np.searchsorted(x, np.arange(BAND_COLUMNS) / BAND_COLUMNS))
        first = first[first < len(x)]
        low, high = np.minimum.reduceat(low, first), np.maximum.reduceat(high, first)
        x = x[np.append(first[1:], len(x)) - 1]
    across, under = step_path(x, low)
    _, over = step_path(x, high)
    corners = zip(np.append(across, across[::-1]).tolist(), np.append(under, over[::-1]).tolist(), strict=True)
    return QPolygonF([QPointF(*corner) for corner in corners])


def _steps(x: FloatArray, y: FloatArray, end: float, columns: int) -> tuple[FloatArray, FloatArray]:
    """The corners over rising scores, and beyond the highest a fall to ``end``, unless that is NaN."""
    across, up = step_path(*reduce_points(x, y, columns))
    if math.isnan(end):
        return across, up
    return np.concatenate((across, [across[-1], 1.0])), np.concatenate((up, [end, end]))
