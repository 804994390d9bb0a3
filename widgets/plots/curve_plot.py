"""A picture whose operating point is a dot on a curve, with dotted guides to both axes."""

from __future__ import annotations

from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from widgets.plots.threshold_plot import ThresholdPlot
from widgets.plotting import style_canvas, with_alpha
from widgets.theme import Theme, current_theme

HINT: Final = (
    "Click or drag along the curve to set the threshold; Left and Right step to the next score that decides otherwise. "
    "Shift and click, or Enter, shows the images at that score."
)


class CurvePlot(ThresholdPlot):
    """Base of the precision-recall and the ROC curve; a subclass puts what lies under the curve on the canvas."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, HINT, parent)
        self._guides = pg.PlotCurveItem()
        # Steps run along pixels: without smoothing they are crisp and quick.
        self._line = pg.PlotCurveItem(antialias=False)
        self._marker = pg.ScatterPlotItem(pxMode=True, size=13)

    def _marker_place(self) -> QPointF | None:
        """Where the operating point stands; None where it cannot be said."""
        raise NotImplementedError

    def _add_curve(self) -> None:
        """The curve and its marker, over everything that was put on the canvas before."""
        for item in (self._guides, self._line, self._marker):
            self._canvas.addItem(item)

    def _handle(self, place: QPointF) -> QPointF | None:
        return self._marker_place()

    def _draw_marker(self) -> None:
        place = self._marker_place()
        if place is None:
            self._marker.clear()
            self._guides.clear()
            return
        theme = current_theme()
        hollow = self._point is not None and self._point.predicted == 0
        ink = self._ink(theme)
        pen = pg.mkPen(ink if hollow else theme.surface, width=2)
        self._marker.setData([place.x()], [place.y()], pen=pen, brush=theme.surface if hollow else ink)
        self._guides.setData([-1.0, place.x(), place.x()], [place.y(), place.y(), -1.0])

    def _restyle(self) -> None:
        theme = current_theme()
        style_canvas(self._canvas, theme, self.font())
        pen = self._canvas.pen
        self._guides.setPen(pen(with_alpha(self._ink(theme), 0.55), style=Qt.PenStyle.DotLine))
        self._line.setPen(pen(theme.positive if self._active else with_alpha(theme.muted, 0.6), 2))

    def _ink(self, theme: Theme) -> str:
        return theme.accent if self._active else theme.muted
