"""One label's precision-recall curve, on which the operating point is dragged."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QGraphicsPolygonItem, QWidget

from inference.types import FloatArray, OperatingPoint, PRCurve
from widgets.plots.saving import cells, table_text
from widgets.plots.threshold_plot import NO_SCORES as NO_SCORES
from widgets.plots.threshold_plot import ThresholdPlot
from widgets.plotting import label_axis, style_canvas, with_alpha
from widgets.pr_geometry import (
    ISO_F1,
    iso_f1,
    nearest_point,
    reduce_points,
    step_path,
    threshold_at,
)
from widgets.pr_header import point_text, rate, title_rest
from widgets.pr_mark import Mark, intervals, precision_band
from widgets.theme import Theme, current_theme

NO_CURVE: Final = "Choose a label to see its precision and recall."
NO_POSITIVES: Final = "No annotated positives for this label: precision and recall cannot be measured."
HINT: Final = (
    "Click or drag along the curve to set the threshold; Left and Right step to the next score that decides otherwise. "
    "Shift and click, or Enter, shows the images at that score. "
    "The band and the cross are 90 % intervals (Wilson) of precision and recall."
)


class PRPlot(ThresholdPlot):
    """The step curve of one label with its operating point, lines of equal F1 and the prevalence.

    Round the curve lies the band of the intervals of precision, round the operating point the cross of those of
    both rates. Every threshold is that of a point of the curve, exactly a float32, or the first float32 above the
    highest score, with which nothing is predicted. Setters emit nothing.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Precision-recall curve", HINT, parent)
        self._curve: PRCurve | None = None
        self._mark: Mark | None = None
        self._painted: tuple[QRect, ...] = ()  # where the mark was when it was last painted
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
        iso = [iso_f1(f1) for f1 in ISO_F1]
        gap = [math.nan]
        x, y = (np.concatenate([part for line in iso for part in (line[axis], gap)]) for axis in (0, 1))
        self._iso = pg.PlotCurveItem(x, y, connect="finite")
        self._baseline = pg.PlotCurveItem()
        self._baseline_text = pg.TextItem(anchor=(0, 1))
        self._band = QGraphicsPolygonItem()
        # Steps run along pixels: without smoothing they are crisp and quick.
        self._line = pg.PlotCurveItem(antialias=False)
        for item in (self._iso, self._baseline_text, self._baseline, self._band, self._line):
            self._canvas.addItem(item)
        self._canvas.keep_items(self._paint_mark)

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
        """Curve, band and baseline, reduced to what the screen can show."""
        curve = self._curve
        self._canvas.forget_items()
        if curve is None or not self._drawable():
            self._line.clear()
            self._band.setPolygon(QPolygonF())
            return
        columns = self._columns()
        self._line.setData(*step_path(*reduce_points(curve.recall, curve.precision, columns)))
        self._band.setPolygon(band_outline(*precision_band(curve, columns)))
        self._baseline.setData([0.0, 1.0], [curve.prevalence] * 2)
        self._baseline_text.setText(f"prevalence {rate(curve.prevalence)}")
        self._baseline_text.setAnchor((0, 0) if curve.prevalence > 0.85 else (0, 1))
        self._baseline_text.setPos(0.0, curve.prevalence)
        if self._shown():
            self._draw_marker()  # its pixels are others now

    def _draw_marker(self) -> None:
        self._mark = self._find_mark()
        self._canvas.update_mark(*self._painted, *(self._mark.rects() if self._mark is not None else ()))

    def _find_mark(self) -> Mark | None:
        place, point = self._marker_place(), self._point
        if place is None or point is None:
            return None
        at = self._canvas.to_pixels
        precision, recall = intervals(point)
        return Mark(
            place=at(place.x(), place.y()),
            axes=self._canvas.axes_rect(),
            across=None if recall is None else (at(recall[0], 0.0).x(), at(recall[1], 0.0).x()),
            upright=None if precision is None else (at(0.0, precision[1]).y(), at(0.0, precision[0]).y()),
            hollow=point.predicted == 0,
        )

    def _paint_mark(self, painter: QPainter) -> None:
        self._painted = ()
        if self._mark is not None:
            self._painted = self._mark.rects()
            theme = current_theme()
            self._mark.paint(painter, theme, self._ink(theme))

    def _paint_body(self, painter: QPainter) -> None:
        super()._paint_body(painter)
        self._paint_mark(painter)

    def _handle(self, place: QPointF) -> QPointF | None:
        return self._marker_place()

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
        theme, pen = current_theme(), self._canvas.pen
        style_canvas(self._canvas, theme, self.font())
        self._iso.setPen(pen(theme.grid))
        self._baseline.setPen(pen(theme.muted, style=Qt.PenStyle.DashLine))
        self._baseline_text.setColor(theme.muted)
        self._baseline_text.fill = pg.mkBrush(with_alpha(theme.surface, 0.8))
        self._baseline_text.setFont(self.font())
        ink = theme.positive if self._active else theme.muted
        self._line.setPen(pen(ink if self._active else with_alpha(ink, 0.6), 2))
        self._band.setPen(Qt.PenStyle.NoPen)
        self._band.setBrush(with_alpha(ink, 0.16))
        self._canvas.forget_items()

    def _ink(self, theme: Theme) -> str:
        return theme.accent if self._active else theme.muted


def band_outline(recall: FloatArray, low: FloatArray, high: FloatArray) -> QPolygonF:
    """The band between two step curves over the same recalls, each (k,), as a polygon."""
    x, bottom = step_path(recall, low)
    _, top = step_path(recall, high)
    x, y = np.concatenate((x, x[::-1])), np.concatenate((top, bottom[::-1]))
    corners: QPolygonF = pg.functions.arrayToQPolygonF(x, y)  # point by point in Python it takes a third of a frame
    return corners
