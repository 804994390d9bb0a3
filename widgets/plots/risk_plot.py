"""How often decided images are wrong, over how many are decided: the threshold on the winner's score is dragged."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPolygonF
from PySide6.QtWidgets import QGraphicsPolygonItem, QWidget

from inference.types import FloatArray, OperatingPoint, RiskCoverage
from widgets.plots.curve_plot import CurvePlot
from widgets.plots.saving import cells, table_text
from widgets.plots.words import counted, joined, share, threshold_text
from widgets.plotting import label_axis, with_alpha
from widgets.pr_geometry import nearest_of, operating_point, point_at, reduce_points, step_path, threshold_at
from widgets.pr_header import rate
from widgets.theme import current_theme

HINT: Final = (
    "Click or drag along the curve to set the score under which an image is rejected; Left and Right step to the next "
    "image. The band is the 90 % interval (Wilson)."
)
NO_CURVE: Final = "How many images can be decided, and how many of them wrongly, appears here once images are scored."
NO_CLASSES: Final = "No scored image has one known class: nothing says how often decisions are wrong."
_TOPS: Final = (0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)  # that the upright axis may end at
_STEADY: Final = 0.05  # coverage from which on risks must fit on the axis: those of few images jump


class RiskPlot(CurvePlot):
    """The risk-coverage curve with its operating point, and the risk when every image is decided.

    The upright axis ends a little above the curve. Setters emit nothing.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Errors by share decided", parent)
        self._hint = HINT
        self._canvas.setAccessibleDescription(HINT)
        self._risk: RiskCoverage | None = None
        self._awaited = math.nan  # the threshold to mark once there is a curve
        self._coverages: FloatArray = np.zeros(0)
        self._heights: FloatArray = np.zeros(0)  # risks, 1 at the top of the axis
        self._top = 1.0
        self._build_canvas()
        self._restyle()
        self._refresh()

    # Setters

    def setCurve(self, curve: RiskCoverage | None) -> None:
        """Show a curve; None, or one without images, shows a message instead."""
        here = self._awaited if self._point is None else self._point.threshold
        self._risk = curve
        if curve is None or not len(curve.thresholds):
            self._coverages = self._heights = np.zeros(0)
        else:
            self._top = _top_of(curve)
            self._coverages, self._heights = curve.coverage, np.minimum(curve.risk / self._top, 1.0)
        label_axis(self._canvas, "left", "share of them wrong", _ticks(self._top))
        self._place(here)
        self._picture_changed()

    def setThreshold(self, threshold: float) -> None:
        """Mark the score under which an image is rejected; NaN where the classes differ in it."""
        self._awaited = threshold
        self._place(threshold)
        self._refresh()

    # Reading

    def threshold(self) -> float:
        """Where the marker stands; NaN without one."""
        return math.nan if self._point is None else self._point.threshold

    def curve_pixel(self, index: int) -> QPointF:
        """Where the curve's point ``index`` stands, in logical pixels of this widget."""
        place = self._canvas.to_pixels(float(self._coverages[index]), float(self._heights[index]))
        return QPointF(self._canvas.mapTo(self, QPointF(place)))

    def data_text(self) -> str:
        """Threshold, both shares with the interval, and counts at each distinct score, strictest first."""
        curve = self._risk
        if curve is None:
            return ""
        return table_text(
            (
                ("threshold", cells(curve.thresholds)),
                ("share decided", cells(curve.coverage)),
                ("share wrong", cells(curve.risk)),
                ("share wrong, low", cells(curve.risk_low)),
                ("share wrong, high", cells(curve.risk_high)),
                ("decided", cells(curve.predicted)),
                ("wrong", cells(curve.predicted - curve.tp)),
            )
        )

    # Building

    def _build_canvas(self) -> None:
        label_axis(self._canvas, "bottom", "share of images decided")
        label_axis(self._canvas, "left", "share of them wrong", _ticks(self._top))
        self._band = QGraphicsPolygonItem()
        self._baseline = pg.PlotCurveItem()
        self._baseline_text = pg.TextItem(anchor=(0, 1))
        for item in (self._baseline_text, self._baseline, self._band):
            self._canvas.addItem(item)
        self._add_curve()

    # Showing

    def _cuts(self) -> RiskCoverage | None:
        return self._risk

    def _title_rest(self) -> str:
        curve = self._risk
        if curve is None:
            return ""
        return f"Errors by share decided · AURC {rate(curve.aurc)} · {counted(curve.known, 'image')}"

    def _point_text(self, point: OperatingPoint) -> str:
        assert self._risk is not None
        wrong = point.predicted - point.tp
        told = f"wrong {share(wrong, point.predicted)}" if point.predicted else "every image rejected"
        return joined(threshold_text(point.threshold), f"decided {share(point.predicted, self._risk.known)}", told)

    def _empty_text(self) -> str:
        return self._message or (NO_CURVE if self._risk is None else NO_CLASSES)

    def _draw(self) -> None:
        curve = self._risk
        if curve is None or not self._drawable():
            self._line.clear()
            self._band.setPolygon(QPolygonF())
            return
        columns = self._columns()
        self._line.setData(*step_path(*reduce_points(self._coverages, self._heights, columns)))
        self._band.setPolygon(self._band_outline(curve, columns))
        whole = float(self._heights[-1])
        self._baseline.setData([0.0, 1.0], [whole] * 2)
        self._baseline_text.setText(f"all decided: {rate(float(curve.risk[-1]))} wrong")
        self._baseline_text.setAnchor((0, 0) if whole > 0.85 else (0, 1))
        self._baseline_text.setPos(0.0, whole)

    def _band_outline(self, curve: RiskCoverage, columns: int) -> QPolygonF:
        """The interval at one point a column: it changes little from image to image."""
        wanted = np.linspace(0.0, 1.0, columns + 1)[1:]
        at = np.unique(np.searchsorted(self._coverages, wanted).clip(0, len(self._coverages) - 1))
        x = self._coverages[at]
        low, high = (np.minimum(ends[at] / self._top, 1.0) for ends in (curve.risk_low, curve.risk_high))
        corners = zip(np.append(x, x[::-1]).tolist(), np.append(high, low[::-1]).tolist(), strict=True)
        return QPolygonF([QPointF(*corner) for corner in corners])

    def _marker_place(self) -> QPointF | None:
        if self._point is None or self._risk is None or not len(self._coverages):
            return None
        index = point_at(self._risk.thresholds, self._point.threshold)
        if index < 0:
            return QPointF(0.0, float(self._heights[0]))
        return QPointF(float(self._coverages[index]), float(self._heights[index]))

    def _threshold_for(self, place: QPointF) -> float:
        assert self._risk is not None
        index = nearest_of(self._coverages, self._heights, place.x(), place.y(), self._canvas.pixel_size())
        return threshold_at(self._risk.thresholds, index)

    def _restyle(self) -> None:
        super()._restyle()
        theme = current_theme()
        self._baseline.setPen(self._canvas.pen(theme.muted, style=Qt.PenStyle.DashLine))
        self._baseline_text.setColor(theme.muted)
        self._baseline_text.fill = pg.mkBrush(with_alpha(theme.surface, 0.8))
        self._baseline_text.setFont(self.font())
        self._band.setPen(Qt.PenStyle.NoPen)
        self._band.setBrush(with_alpha(theme.positive if self._active else theme.muted, 0.16))

    # Acting

    def _place(self, threshold: float) -> None:
        known = self._risk is not None and not math.isnan(threshold)
        self._point = operating_point(self._risk, threshold) if known and self._risk is not None else None

    def _step(self, by: int) -> None:
        """To the next point: here the curve itself knows every image that can be decided otherwise."""
        curve = self._risk
        if curve is None or self._point is None or not self._can_drag():
            return
        here = point_at(curve.thresholds, self._point.threshold)
        there = min(max(here + by, -1), len(curve.thresholds) - 1)
        if there != here:
            self._move_to(threshold_at(curve.thresholds, there))
        self._finish()


def _top_of(curve: RiskCoverage) -> float:
    """The first of the tops that leaves room over the risks which are not of a few images alone."""
    highest = float(curve.risk[curve.coverage >= _STEADY].max())
    return next(top for top in _TOPS if top >= min(1.15 * highest, 1.0))


def _ticks(top: float) -> list[tuple[float, str]]:
    """Five steps, as "0.05"."""
    digits = 2 if top >= 0.1 else 3
    return [(step / 5, f"{top * step / 5:.{digits if top < 1 else 1}f}") for step in range(6)]
