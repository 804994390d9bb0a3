"""One label's receiver operating characteristic, on which the operating point is dragged."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from inference.types import FloatArray, OperatingPoint, RocCurve
from widgets.plots.curve_plot import CurvePlot
from widgets.plots.saving import cells, table_text
from widgets.plots.threshold_plot import NO_LABEL, NO_SCORES
from widgets.plots.words import counted, joined, share, threshold_text
from widgets.plotting import label_axis
from widgets.pr_geometry import nearest_of, reduce_points, threshold_at
from widgets.pr_header import rate
from widgets.theme import current_theme

ONE_KIND: Final = "This picture needs annotated positives and negatives, and this label has only {kind}."


class RocPlot(CurvePlot):
    """True positive rate over false positive rate, the chance diagonal, and the operating point."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("ROC curve", parent)
        self._roc: RocCurve | None = None
        self._build_canvas()
        self._restyle()
        self._refresh()

    # Setters

    def setRoc(self, roc: RocCurve | None, label: str) -> None:
        """Show a label's curve; None, or one that cannot be drawn, shows a message instead."""
        self._roc = roc
        self._label = label
        self._picture_changed()

    # Reading

    def curve_pixel(self, index: int) -> QPointF:
        """Where the curve's point ``index`` stands, in logical pixels of this widget."""
        assert self._roc is not None
        place = self._canvas.to_pixels(float(self._roc.fpr[index]), float(self._roc.tpr[index]))
        return QPointF(self._canvas.mapTo(self, QPointF(place)))

    def data_text(self) -> str:
        """Threshold, both rates and counts at each distinct score, strictest first."""
        roc = self._roc
        if roc is None:
            return ""
        return table_text(
            (
                ("threshold", cells(roc.thresholds)),
                ("true positive rate", cells(roc.tpr)),
                ("false positive rate", cells(roc.fpr)),
                ("tp", cells(roc.tp)),
                ("fp", cells(roc.predicted - roc.tp)),
            )
        )

    # Building

    def _build_canvas(self) -> None:
        label_axis(self._canvas, "bottom", "false positive rate")
        label_axis(self._canvas, "left", "true positive rate")
        self._diagonal = pg.PlotCurveItem([0.0, 1.0], [0.0, 1.0])
        self._canvas.addItem(self._diagonal)
        self._add_curve()

    # Showing

    def _cuts(self) -> RocCurve | None:
        return self._roc

    def _drawable(self) -> bool:
        roc = self._roc
        return roc is not None and 0 < roc.support < roc.known and super()._drawable()

    def _title_rest(self) -> str:
        roc = self._roc
        if roc is None:
            return ""
        kinds = f"{counted(roc.support, 'positive')}, {counted(roc.negatives_known, 'negative')}"
        return f"AUC {rate(roc.auc)} · {kinds}"

    def _point_text(self, point: OperatingPoint) -> str:
        assert self._roc is not None
        return joined(
            threshold_text(point.threshold),
            f"true positives {share(point.tp, point.support)}",
            f"false positives {share(point.predicted - point.tp, self._roc.negatives_known)}",
        )

    def _empty_text(self) -> str:
        if self._message or self._roc is None:
            return self._message or NO_LABEL
        if not self._roc.known:
            return NO_SCORES
        return ONE_KIND.format(kind="positives" if self._roc.support else "negatives")

    def _draw(self) -> None:
        roc = self._roc
        if roc is None or not self._drawable():
            self._line.clear()
            return
        x, y = reduce_points(roc.fpr, roc.tpr, self._columns())
        self._line.setData(_with_corners(x), _with_corners(y))

    def _marker_place(self) -> QPointF | None:
        point, roc = self._point, self._roc
        if point is None or roc is None or not roc.negatives_known or math.isnan(point.recall):
            return None
        return QPointF((point.predicted - point.tp) / roc.negatives_known, point.recall)

    def _threshold_for(self, place: QPointF) -> float:
        assert self._roc is not None
        index = nearest_of(self._roc.fpr, self._roc.tpr, place.x(), place.y(), self._canvas.pixel_size())
        return threshold_at(self._roc.thresholds, index)

    def _restyle(self) -> None:
        super()._restyle()
        self._diagonal.setPen(self._canvas.pen(current_theme().muted, style=Qt.PenStyle.DashLine))


def _with_corners(rates: FloatArray) -> FloatArray:
    """The rates between those of predicting nothing and of predicting everything."""
    return np.concatenate(([0.0], rates, [1.0]))
