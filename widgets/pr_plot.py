"""One label's precision-recall curve, on which the operating point is dragged."""

from __future__ import annotations

import math
from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from inference.types import OperatingPoint, PRCurve
from widgets.plots.curve_plot import CurvePlot
from widgets.plots.saving import cells, table_text
from widgets.plots.threshold_plot import NO_SCORES as NO_SCORES
from widgets.plotting import label_axis, with_alpha
from widgets.pr_geometry import (
    ISO_F1,
    iso_f1,
    nearest_point,
    reduce_points,
    step_path,
    threshold_at,
)
from widgets.pr_header import point_text, rate, title_rest
from widgets.theme import current_theme

NO_CURVE: Final = "Choose a label to see its precision and recall."
NO_POSITIVES: Final = "No annotated positives for this label: precision and recall cannot be measured."


class PRPlot(CurvePlot):
    """The step curve of one label with its operating point, lines of equal F1 and the prevalence.

    Every threshold is that of a point of the curve, exactly a float32, or the first float32 above the highest
    score, with which nothing is predicted. Setters emit nothing.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Precision-recall curve", parent)
        self._curve: PRCurve | None = None
        self._build_canvas()
        self._restyle()
        self._refresh()

    # Setters

    def setCurve(self, curve: PRCurve | None, label: str) -> None:
        """Show a label's curve; None, or one that cannot be drawn, shows the message instead."""
        self._curve = curve
        self._label = label
        self._picture_changed()

    # Reading

    def curve_pixel(self, index: int) -> QPointF:
        """Where the curve's point ``index`` stands, in logical pixels of this widget."""
        assert self._curve is not None
        place = self._canvas.to_pixels(float(self._curve.recall[index]), float(self._curve.precision[index]))
        return QPointF(self._canvas.mapTo(self, QPointF(place)))

    def data_text(self) -> str:
        """Threshold, precision, recall and counts at each distinct score, strictest first."""
        curve = self._curve
        if curve is None:
            return ""
        columns = ("thresholds", "precision", "recall", "tp", "predicted")
        return table_text((name.removesuffix("s"), cells(getattr(curve, name))) for name in columns)

    # Building

    def _build_canvas(self) -> None:
        label_axis(self._canvas, "bottom", "recall")
        label_axis(self._canvas, "left", "precision")
        label_axis(self._canvas, "right", "", [(f1 / (2 - f1), f"F1 {f1:.1f}") for f1 in ISO_F1])
        self._iso = [pg.PlotCurveItem(*iso_f1(f1)) for f1 in ISO_F1]
        self._baseline = pg.PlotCurveItem()
        self._baseline_text = pg.TextItem(anchor=(0, 1))
        for item in (*self._iso, self._baseline_text, self._baseline):
            self._canvas.addItem(item)
        self._add_curve()

    # Showing

    def _cuts(self) -> PRCurve | None:
        return self._curve

    def _drawable(self) -> bool:
        return self._curve is not None and self._curve.support > 0 and super()._drawable()

    def _title_rest(self) -> str:
        return "" if self._curve is None else title_rest(self._curve)

    def _point_text(self, point: OperatingPoint) -> str:
        return point_text(point)

    def _empty_text(self) -> str:
        if self._message or self._curve is None:
            return self._message or NO_CURVE
        return NO_SCORES if math.isnan(self._curve.prevalence) else NO_POSITIVES

    def _draw(self) -> None:
        """Curve and baseline, reduced to what the screen can show."""
        curve = self._curve
        if curve is None or not self._drawable():
            self._line.clear()
            return
        self._line.setData(*step_path(*reduce_points(curve.recall, curve.precision, self._columns())))
        self._baseline.setData([0.0, 1.0], [curve.prevalence] * 2)
        self._baseline_text.setText(f"prevalence {rate(curve.prevalence)}")
        self._baseline_text.setAnchor((0, 0) if curve.prevalence > 0.85 else (0, 1))
        self._baseline_text.setPos(0.0, curve.prevalence)

    def _marker_place(self) -> QPointF | None:
        """Recall and precision of the operating point; at the curve's start where nothing is predicted."""
        if self._point is None or self._curve is None or math.isnan(self._point.recall):
            return None
        if self._point.predicted == 0:
            return QPointF(0.0, float(self._curve.precision[0]))
        return QPointF(self._point.recall, self._point.precision)

    def _threshold_for(self, place: QPointF) -> float:
        assert self._curve is not None
        index = nearest_point(self._curve, place.x(), place.y(), self._canvas.pixel_size())
        return threshold_at(self._curve.thresholds, index)

    def _restyle(self) -> None:
        super()._restyle()
        theme, pen = current_theme(), self._canvas.pen
        for item in self._iso:
            item.setPen(pen(theme.grid))
        self._baseline.setPen(pen(theme.muted, style=Qt.PenStyle.DashLine))
        self._baseline_text.setColor(theme.muted)
        self._baseline_text.fill = pg.mkBrush(with_alpha(theme.surface, 0.8))
        self._baseline_text.setFont(self.font())
