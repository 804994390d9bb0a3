"""Whether one label's scores mean what they say: share of positives over mean score, with its uncertainty."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from inference.types import Bins, LogitSpan, Reliability
from widgets.plots.drawing import paint_canvas
from widgets.plots.legend import Entry, Legend
from widgets.plots.saving import cells, table_text
from widgets.plots.score_axis import ScoreAxis, logit_box
from widgets.plots.threshold_plot import NO_LABEL, NO_SCORES, CanvasFrame, arrow_of
from widgets.plots.words import counted, joined, share
from widgets.plotting import UNIT_TICKS, Canvas, label_axis, style_canvas, with_alpha
from widgets.pr_header import rate
from widgets.theme import current_theme

HINT: Final = (
    "Click a point, or a bar below, to show the images behind it; Left and Right move between points, Enter chooses."
)
READING: Final = "points above the diagonal: more often true than the score says"
BEFORE: Final = Entry("uncalibrated", "muted", width=1.5)
AFTER: Final = Entry("calibrated", "positive")
REACH_PIXELS: Final = 16.0  # a click this near to a point means it
STRIP_HEIGHT: Final = 46


class ReliabilityPlot(CanvasFrame):
    """Points with Wilson intervals about the diagonal, and below them how many images have which score.

    ``scoreRangeChosen`` is emitted with the lowest and the highest score of the images chosen, both included.
    """

    scoreRangeChosen = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Reliability diagram", HINT, parent)
        self._reliability: Reliability | None = None
        self._before: Reliability | None = None
        self._chosen: int | None = None  # point
        self._axis = ScoreAxis()
        self._logit_box = logit_box()
        self._logit_box.toggled.connect(self._picture_changed)
        self._lines = Legend((BEFORE, AFTER))
        self._options.addWidget(self._lines)
        self._options.addStretch(1)
        self._options.addWidget(self._logit_box)
        self._build_canvas()
        self._build_strip()
        self._put_together()
        self._canvas.pressed.connect(self._on_pressed)
        self._strip.pressed.connect(self._on_strip_pressed)
        self._show_legend()
        self._restyle()
        self._refresh()

    # Setters

    def setReliability(self, reliability: Reliability | None, label: str) -> None:
        """Show a label's diagram; None, or no images, shows a message instead. Forgets what `setBefore` set."""
        self._reliability = reliability
        self._label = label
        self._before = self._chosen = None
        self._show_legend()
        self._restyle()
        self._picture_changed()

    def setBefore(self, before: Reliability | None) -> None:
        """The same label's diagram without calibration, drawn muted behind; None where there is none."""
        self._before = before
        self._show_legend()
        self._picture_changed()

    def setLogitScale(self, on: bool) -> None:
        """Lay out the logits of scores and shares evenly, instead of both."""
        self._logit_box.setChecked(on)

    def clearChoice(self) -> None:
        """No point is chosen any more."""
        self._chosen = None
        self._draw_points()
        self._refresh()

    # Reading

    def point_pixel(self, index: int) -> QPointF:
        """Where a point stands, in logical pixels of this widget."""
        assert self._reliability is not None
        values = (self._reliability.mean_score[index], self._reliability.observed[index])
        at = [self._axis.place_of(float(value)) for value in values]
        return QPointF(self._canvas.mapTo(self, QPointF(self._canvas.to_pixels(*at))))

    def data_text(self) -> str:
        """Each point with its interval and its counts, lowest scores first."""
        shown = self._reliability
        if shown is None:
            return ""
        columns = _columns(shown)
        if self._compared():
            assert self._before is not None
            columns += [(f"uncalibrated {name}", values) for name, values in _columns(self._before)]
        length = max(len(values) for _, values in columns)
        return table_text((name, values + [""] * (length - len(values))) for name, values in columns)

    # Building

    def _build_canvas(self) -> None:
        label_axis(self._canvas, "bottom", "")
        label_axis(self._canvas, "left", "share of positives")
        self._diagonal = pg.PlotCurveItem([0.0, 1.0], [0.0, 1.0])
        self._bars = pg.PlotCurveItem(connect="pairs")
        self._line = pg.PlotCurveItem()
        self._before_line = pg.PlotCurveItem()
        self._before_dots = pg.ScatterPlotItem(pxMode=True, size=6)
        self._dots = pg.ScatterPlotItem(pxMode=True, size=10)
        for item in (self._diagonal, self._before_line, self._before_dots, self._line, self._bars, self._dots):
            self._canvas.addItem(item)

    def _build_strip(self) -> None:
        self._strip = Canvas()
        self._strip.setAccessibleName("Images by score")
        self._strip.setToolTip(HINT)
        label_axis(self._strip, "bottom", "score", [(place, "") for place, _ in UNIT_TICKS])
        label_axis(self._strip, "left", "", [(0.0, ""), (1.0, "")])
        self._counts = pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[], pen=None)
        self._strip.addItem(self._counts)

    def _put_together(self) -> None:
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._stack.removeWidget(self._canvas)
        column.addWidget(self._canvas, 1)
        column.addWidget(self._strip)
        self._canvas.show()
        self._set_body(self._body)

    # Showing

    def _drawable(self) -> bool:
        return self._reliability is not None and self._reliability.total > 0

    def _empty_text(self) -> str:
        return self._message or (NO_LABEL if self._reliability is None else NO_SCORES)

    def _title_rest(self) -> str:
        shown = self._reliability
        if shown is None:
            return ""
        was = f" (uncalibrated {_three(self._before.ece)})" if self._before is not None and self._compared() else ""
        return f"ECE {_three(shown.ece)}{was} · {counted(shown.total, 'image')}"

    def _caption_text(self) -> str:
        shown, at = self._reliability, self._chosen
        if shown is None or at is None:
            return self._reason if not self._active else READING
        return joined(
            f"scores {_three(float(shown.lowest[at]))} to {_three(float(shown.highest[at]))}",
            f"mean {_three(float(shown.mean_score[at]))}",
            f"positives {share(int(shown.positives[at]), int(shown.count[at]))}",
            f"{shown.confidence:.0%} interval {rate(float(shown.low[at]))} to {rate(float(shown.high[at]))}",
        )

    def _longest_caption(self) -> str:
        total = 0 if self._reliability is None else self._reliability.total
        return joined(
            "scores 0.000 to 0.000", "mean 0.000", f"positives {share(total, total)}", "90% interval 0.00 to 0.00"
        )

    def _draw(self) -> None:
        shown = self._reliability
        if shown is None or not self._drawable():
            return
        self._axis = ScoreAxis(self._span(shown) if self._logit_box.isChecked() else None)
        x, y, low, high = (self._axis.place(v) for v in (shown.mean_score, shown.observed, shown.low, shown.high))
        self._bars.setData(np.repeat(x, 2), np.column_stack((low, high)).ravel())
        self._line.setData(x, y)
        ticks = self._axis.ticks()
        label_axis(self._canvas, "bottom", "", ticks)
        label_axis(self._canvas, "left", "share of positives", ticks)
        self._draw_strip()
        self._draw_before()
        self._draw_points()

    def _compared(self) -> bool:
        """Whether there is a diagram of the scores before calibration beside that of the scores in force."""
        return self._before is not None and self._before.total > 0 and self._drawable()

    def _span(self, shown: Reliability) -> LogitSpan:
        """Room for the scores of both."""
        if self._before is None or not self._compared():
            return shown.span
        return LogitSpan(min(shown.span.low, self._before.span.low), max(shown.span.high, self._before.span.high))

    def _show_legend(self) -> None:
        self._legend = self._lines if self._compared() else None  # which files have too
        self._lines.setVisible(self._compared())

    def _draw_before(self) -> None:
        before = self._before
        if before is None or not self._compared():
            self._before_line.setData([], [])
            self._before_dots.clear()
            return
        x, y = self._axis.place(before.mean_score), self._axis.place(before.observed)
        self._before_line.setData(x, y)
        ink = current_theme().muted
        self._before_dots.setData(x, y, brush=pg.mkBrush(ink), pen=pg.mkPen(current_theme().surface), size=6)

    def _spread(self) -> Bins:
        assert self._reliability is not None
        return self._reliability.spread if self._axis.span is None else self._reliability.logit_spread

    def _draw_strip(self) -> None:
        bins = self._spread()
        edges, images = self._axis.place(bins.edges), bins.positives + bins.negatives
        highest = int(images.max())
        heights = images / max(highest, 1)
        self._counts.setOpts(x0=edges[:-1] + 0.003, x1=edges[1:] - 0.003, y0=np.zeros(len(images)), y1=heights)
        name = "score" if self._axis.span is None else "score, on a logit scale"
        label_axis(self._strip, "bottom", name, [(place, "") for place, _ in self._axis.ticks()])
        label_axis(self._strip, "left", "", [(0.0, "0"), (1.0, f"{highest:,}")])

    def _draw_points(self) -> None:
        shown = self._reliability
        if shown is None or not self._drawable():
            self._dots.clear()
            return
        theme = current_theme()
        ink = theme.positive if self._active else theme.muted
        inks = [pg.mkBrush(theme.accent if at == self._chosen else ink) for at in range(len(shown.count))]
        sizes = [15 if at == self._chosen else 10 for at in range(len(shown.count))]
        x, y = self._axis.place(shown.mean_score), self._axis.place(shown.observed)
        self._dots.setData(x, y, brush=inks, size=sizes, pen=pg.mkPen(theme.surface))

    def _restyle(self) -> None:
        theme = current_theme()
        pen = self._canvas.pen
        metrics = QFontMetrics(self.font())
        highest = 0 if self._reliability is None else self._reliability.total
        width = metrics.horizontalAdvance(f"{highest:,}") + metrics.height() + 14
        for canvas in (self._canvas, self._strip):
            style_canvas(canvas, theme, self.font())
            canvas.getPlotItem().getAxis("left").setWidth(width)  # one below the other
        self._canvas.getPlotItem().getAxis("bottom").setHeight(metrics.height() + 6)
        self._strip.getPlotItem().getAxis("bottom").setHeight(metrics.height() + 8)
        self._strip.setFixedHeight(STRIP_HEIGHT + metrics.height() + 8)
        ink = theme.positive if self._active else theme.muted
        self._diagonal.setPen(pen(theme.muted, style=Qt.PenStyle.DashLine))
        self._bars.setPen(pen(ink, 1.5))
        self._line.setPen(pen(with_alpha(ink, 0.6)))
        self._before_line.setPen(pen(with_alpha(theme.muted, 0.6), BEFORE.width))
        self._counts.setOpts(brush=with_alpha(ink, 0.75))
        self._draw_before()
        self._draw_points()

    def _paint_body(self, painter: QPainter) -> None:
        super()._paint_body(painter)
        painter.save()
        painter.translate(0, self._canvas.height())
        paint_canvas(painter, self._strip, current_theme(), self.font())
        painter.restore()

    def _body_size(self) -> QSize:
        return QSize(self._canvas.width(), self._canvas.height() + self._strip.height())

    # Choosing

    def _on_pressed(self, place: QPointF) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        shown = self._reliability
        if shown is None or not self._shown():
            return
        places = (self._axis.place(shown.mean_score), self._axis.place(shown.observed))
        points = zip(*(values.tolist() for values in places), strict=True)
        away = [self._canvas.near(place, QPointF(*point)) for point in points]
        nearest = int(np.argmin(away))
        if away[nearest] <= REACH_PIXELS:
            self._choose(nearest)

    def _on_strip_pressed(self, place: QPointF) -> None:
        shown = self._reliability
        if shown is None or not self._shown():
            return
        bins = self._spread()
        edges = self._axis.place(bins.edges)
        at = int(np.clip(np.searchsorted(edges, place.x(), side="right") - 1, 0, len(edges) - 2))
        self.clearChoice()
        self.scoreRangeChosen.emit(*bins.range_of(at, at))

    def _choose(self, index: int) -> None:
        shown = self._reliability
        assert shown is not None
        self._select(index)
        self.scoreRangeChosen.emit(float(shown.lowest[index]), float(shown.highest[index]))

    def _select(self, index: int) -> None:
        self._chosen = index
        self._draw_points()
        self._refresh()

    # Keys

    def _is_own_key(self, event: QKeyEvent) -> bool:
        return arrow_of(event) != 0 or event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right move between points, Enter chooses the one."""
        by, shown = arrow_of(event), self._reliability
        if by and shown is not None and self._shown():
            start = (-1 if by > 0 else len(shown.count)) if self._chosen is None else self._chosen
            self._select(min(max(start + by, 0), len(shown.count) - 1))
        elif self._chosen is not None and self._is_own_key(event) and not by:
            self._choose(self._chosen)
        else:
            super().keyPressEvent(event)


def _columns(shown: Reliability) -> list[tuple[str, list[str]]]:
    """Every number of the diagram, a column each."""
    names = ("lowest", "highest", "mean_score", "observed", "low", "high", "positives", "count")
    return [(name.replace("_", " "), cells(getattr(shown, name))) for name in names]


def _three(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"
