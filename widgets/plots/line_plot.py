"""A picture over the score, or its logit, in which the threshold is an upright line."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from inference.types import LogitSpan
from widgets.plots.score_axis import ScoreAxis, logit_box
from widgets.plots.threshold_plot import ThresholdPlot
from widgets.plotting import label_axis, style_canvas
from widgets.theme import current_theme


class LinePlot(ThresholdPlot):
    """Base of the pictures over the score. A drag sets any threshold, the arrows go from score to score."""

    def __init__(self, name: str, hint: str, axis_name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, hint, parent)
        self._axis_name = axis_name
        self._axis = ScoreAxis()
        self._threshold_line = pg.PlotCurveItem()
        self._logit_box = logit_box()
        self._logit_box.toggled.connect(self._picture_changed)

    def _span(self) -> LogitSpan:
        """The logits that there are."""
        raise NotImplementedError

    def setLogitScale(self, on: bool) -> None:
        """Lay out the logits of the scores evenly, instead of the scores."""
        self._logit_box.setChecked(on)

    def isLogitScale(self) -> bool:
        """Whether logits are laid out evenly."""
        return self._logit_box.isChecked()

    def score_pixel(self, score: float, height: float = 0.5) -> QPointF:
        """Where a score lies, at a share of the axes' height, in logical pixels of this widget."""
        place = self._canvas.to_pixels(self._axis.place_of(score), height)
        return QPointF(self._canvas.mapTo(self, QPointF(place)))

    def _draw(self) -> None:
        self._axis = ScoreAxis(self._span() if self.isLogitScale() and self._drawable() else None)
        name = f"{self._axis_name}, on a logit scale" if self._axis.span is not None else self._axis_name
        label_axis(self._canvas, "bottom", name, self._axis.ticks())

    def _line_place(self) -> float | None:
        return None if self._point is None else self._axis.place_of(self._point.threshold)

    def _draw_marker(self) -> None:
        x = self._line_place()
        if x is None:
            self._threshold_line.clear()
        else:
            self._threshold_line.setData([x, x], [-1.0, 2.0])

    def _handle(self, place: QPointF) -> QPointF | None:
        x = self._line_place()
        return None if x is None else QPointF(x, place.y())

    def _threshold_for(self, place: QPointF) -> float:
        return self._axis.threshold(place.x())

    def _is_move(self, threshold: float) -> bool:
        return self._point is None or np.float32(self._point.threshold) != np.float32(threshold)

    def _restyle(self) -> None:
        theme = current_theme()
        style_canvas(self._canvas, theme, self.font())
        ink = theme.accent if self._active else theme.muted
        self._threshold_line.setPen(self._canvas.pen(ink, 2, Qt.PenStyle.SolidLine))
