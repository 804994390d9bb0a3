"""The labels panel: filter, table and the row for all labels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from inference.types import (
    ImageScores,
    Intervals,
    LabelMetrics,
    LabelQuality,
    LabelRates,
    LogitSpan,
    ThresholdIntervals,
    Thresholds,
)
from widgets.labels_table.all_row import AllLabelsRow
from widgets.labels_table.columns import COUNTS, MORE_RATES, QUALITY, Column
from widgets.labels_table.header import fill_columns_menu
from widgets.labels_table.layout import Room
from widgets.labels_table.model import LabelsModel
from widgets.labels_table.view import LabelsView
from widgets.numbers import format_count, format_threshold
from widgets.tables.filter_field import FilterField

SETTLE_MS: Final = 400  # rows move to their places this long after the numbers came to rest
_SETTLE_AT_LEAST_EVERY_MS: Final = 2000  # and as often while they never rest, as in a long run
_ROOMS: Final = (5, 7, 10, 12)  # characters of a threshold; steps, so that columns seldom move
_MANY: Final = 64
_SPAN: Final = LogitSpan(-8.0, 8.0)  # at least: scores of 0.0003 and 0.9997
_NO_LABELS: Final = "Open a model and a validation folder: each label gets a row with its threshold and its numbers."


class LabelsPanel(QWidget):
    """One row a label. Setters never emit; what the user does is shown at once and told."""

    thresholdChanged = Signal(int, float)  # label, exact float32
    allThresholdsChanged = Signal(float)  # exact float32
    thresholdEditFinished = Signal()
    labelChosen = Signal(int)
    stopRequested = Signal(int, bool)  # label, up: to the next score at which a decision changes
    trackScaleChanged = Signal(str)  # "even" or "logit"
    ratesWanted = Signal(bool)  # a column of LabelRates came into use, or the last one went
    qualityWanted = Signal(bool)  # the same of LabelQuality

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Labels")
        self._model = LabelsModel(self)
        self._view = LabelsView(self._model, self)
        self._all = AllLabelsRow(self._view.keeper.layout, self)
        self._filter = FilterField("Filter labels (Ctrl+F)", self)
        self._count = QLabel(self)
        self._columns = QToolButton(self)
        self._settle = QTimer(self)
        self._unsettled = QElapsedTimer()
        self._wanted = (False, False)
        self._build()
        self._connect()
        self._refresh_count()

    def _build(self) -> None:
        self._count.setAccessibleName("Labels shown")
        self._columns.setText("Columns")
        self._columns.setAccessibleName("Columns and sorting")
        self._columns.setToolTip("Which columns are shown, and by which the rows are sorted.")
        self._columns.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._columns.setMenu(QMenu(self._columns))
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        top = QHBoxLayout()
        top.setContentsMargins(4, 4, 4, 4)
        top.setSpacing(8)
        top.addWidget(self._filter, 1)
        top.addWidget(self._count)
        top.addWidget(self._columns)
        for first, second in pairwise((self._filter, self._columns, self._view, self._all)):
            self.setTabOrder(first, second)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self._view, 1)
        column.addWidget(self._all)

    def _connect(self) -> None:
        self._view.thresholdChanged.connect(self._one_changed)
        self._view.thresholdEditFinished.connect(self._finish)
        self._view.labelChosen.connect(self.labelChosen)
        self._view.stopRequested.connect(self.stopRequested)
        self._view.keeper.scaleChosen.connect(self._scale_chosen)
        self._view.keeper.choiceChanged.connect(self._tell_wanted)
        self._view.keeper.columnsChanged.connect(self._align)
        self._all.thresholdChanged.connect(self._all_changed)
        self._all.thresholdEditFinished.connect(self._finish)
        self._filter.textChanged.connect(self._filter_changed)
        self._filter.rowsRequested.connect(self._go_to_rows)
        self._columns.menu().aboutToShow.connect(self._fill_menu)
        self._settle.timeout.connect(self._try_to_settle)

    # Setters

    def setLabels(self, labels: Sequence[str]) -> None:
        """Start over with other labels; thresholds, numbers, filter and sorting are forgotten."""
        self._drop_gestures()
        self._filter.blockSignals(True)
        self._filter.clear()
        self._filter.blockSignals(False)
        self._view.set_current(-1)
        self._model.set_labels(labels)
        self._view.keeper.set_room(Room(name=Room.for_names(labels)))
        self._all.set_thresholds(self._model.values.thresholds)
        self._refresh_count()

    def setThresholds(self, thresholds: Thresholds) -> None:
        """The thresholds in force, one a label."""
        self._model.set_thresholds(thresholds)
        self._thresholds_changed()

    def setMetrics(self, metrics: LabelMetrics | None) -> None:
        """Counts and rates of every label; None shows dashes."""
        self._model.set_metrics(metrics)
        self._numbers_changed()

    def setImageScores(self, image: ImageScores | None) -> None:
        """The scores of the image being looked at; None shows dashes."""
        self._model.set_image(image)
        self._numbers_changed()

    def setIntervals(self, intervals: Intervals | None) -> None:
        """90 % intervals of precision, recall and F1 of every label, as bars under the rates; None hides them."""
        self._model.set_intervals(intervals)

    def setThresholdIntervals(self, intervals: ThresholdIntervals | None) -> None:
        """Where tuning on other images would put each threshold, as a band behind its handle; None hides it."""
        self._model.set_threshold_intervals(intervals)

    def setPlateau(self, label: int, low: float, high: float) -> None:
        """Any threshold of the label in (low, high] decides alike; label -1 for none. Shown while its threshold is."""
        self._model.set_plateau(label, low, high)

    def setRates(self, rates: LabelRates | None) -> None:
        """The rates behind the columns that are hidden at first; None shows dashes."""
        self._model.set_rates(rates)
        self._numbers_changed()

    def setQuality(self, quality: LabelQuality | None) -> None:
        """Average precision and its kin; None shows dashes."""
        self._model.set_quality(quality)
        self._numbers_changed()

    def setTrackScale(self, scale: str) -> None:
        """Tracks "even" in the score or in the "logit"."""
        self._view.keeper.logit = scale == "logit"
        self._fit_span()

    def setCurrentLabel(self, label: int) -> None:
        """Choose a row; -1 chooses none."""
        if label != self._view.current_label():
            self._view.set_current(label)

    def setThresholdsActive(self, active: bool, reason: str = "") -> None:
        """Grey the sliders and say why, where the decision rule does not use thresholds."""
        if not active:
            self._drop_gestures()
        self._model.set_active(active, reason)
        self._all.set_active(active, reason)

    def focusFilter(self) -> None:
        """Ctrl+F: go to the filter."""
        self._filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._filter.selectAll()

    # The scale of the tracks

    def _scale_chosen(self, scale: str) -> None:
        self._fit_span()
        self.trackScaleChanged.emit(scale)

    def _fit_span(self) -> None:
        """Wide enough for every threshold in use; it never shrinks, so that tracks do not jump."""
        keeper = self._view.keeper
        if not keeper.logit:
            keeper.set_span(None)
            return
        values = self._model.values.thresholds
        inside = values[(values > 0) & (values < 1)]
        needed = LogitSpan.around(inside.min(), inside.max()) if len(inside) else _SPAN
        old = keeper.layout.span or _SPAN
        keeper.set_span(LogitSpan(min(old.low, needed.low), max(old.high, needed.high)))

    def _tell_wanted(self) -> None:
        used = {column for column in Column if self._view.keeper.shown(column)} | {self._model.sort_column}
        before, self._wanted = self._wanted, (not used.isdisjoint(MORE_RATES), not used.isdisjoint(QUALITY))
        for was, now, told in zip(before, self._wanted, (self.ratesWanted, self.qualityWanted), strict=True):
            if was != now:
                told.emit(now)

    # What the parts tell

    def _one_changed(self, label: int, value: float) -> None:
        self._all.set_thresholds(self._model.values.thresholds)
        self.thresholdChanged.emit(label, value)

    def _all_changed(self, value: float) -> None:
        self._model.set_thresholds(Thresholds.uniform(len(self._model.values.labels), value))
        self._all.set_thresholds(self._model.values.thresholds)
        self.allThresholdsChanged.emit(value)

    def _finish(self) -> None:
        self.thresholdEditFinished.emit()
        self._settle_now()

    def _drop_gestures(self) -> None:
        self._view.drop_gesture()
        self._all.drop_gesture()

    # Room and order, which wait while the user moves something

    def _thresholds_changed(self) -> None:
        self._all.set_thresholds(self._model.values.thresholds)
        self._numbers_changed()

    def _numbers_changed(self) -> None:
        if not self._busy():
            self._make_room()
            self._fit_span()
        if self._model.sort_column not in (None, Column.NAME):
            if not self._unsettled.isValid():
                self._unsettled.start()
            if not self._settle.isActive() or self._unsettled.elapsed() < _SETTLE_AT_LEAST_EVERY_MS:
                self._settle.start()

    def _busy(self) -> bool:
        return self._view.busy() or self._all.busy()

    def _try_to_settle(self) -> None:
        if self._busy():
            self._settle.start()
        else:
            self._settle_now()

    def _settle_now(self) -> None:
        self._settle.stop()
        self._unsettled.invalidate()
        self._model.settle()
        self._make_room()
        self._fit_span()

    def _make_room(self) -> None:
        old = self._view.keeper.room
        counts = tuple(map(max, old.counts, self._widest_counts()))
        self._view.keeper.set_room(Room(counts, max(Room.threshold, self._widest_threshold()), old.name))

    def _widest_counts(self) -> tuple[int, ...]:
        metrics = self._model.values.metrics
        if metrics is None or not len(metrics.tp):
            return Room.counts
        return tuple(len(format_count(int(getattr(metrics, column.name.lower()).max()))) for column in COUNTS)

    def _widest_threshold(self) -> int:
        values = np.unique(self._model.values.thresholds)
        if not len(values):
            return 0
        if len(values) > _MANY:
            return _ROOMS[-2]
        longest = max(len(format_threshold(value)) for value in values)
        return next((room for room in _ROOMS if room >= longest), _ROOMS[-1])

    def _align(self) -> None:
        view = self._view
        name, threshold = view.columnWidth(Column.NAME), view.columnWidth(Column.THRESHOLD)
        self._all.align(view.keeper.layout, name, threshold or view.keeper.layout.least(Column.THRESHOLD))

    # Filter

    def _go_to_rows(self) -> None:
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _filter_changed(self, text: str) -> None:
        self._view.end_gesture()
        self._model.set_filter(text)
        self._refresh_count()

    def _refresh_count(self) -> None:
        shown, total = self._model.rowCount(), len(self._model.values.labels)
        if shown == total:
            text = f"{format_count(total)} label{'' if total == 1 else 's'}"
        else:
            text = f"{format_count(shown)} of {format_count(total)}"
        self._count.setText(text)
        self._view.empty_text = f"No label contains “{self._filter.text()}”. Esc clears the filter."
        if not total:
            self._view.empty_text = _NO_LABELS
        self._view.viewport().update()

    def _fill_menu(self) -> None:
        menu = self._columns.menu()
        menu.clear()
        fill_columns_menu(menu, self._model, self._view.keeper)

    # Keys

    def event(self, event: QEvent) -> bool:
        """Ctrl+F inside the panel is this panel's, whatever the window does with it elsewhere."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Find)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+F."""
        if event.matches(QKeySequence.StandardKey.Find):
            self.focusFilter()
        else:
            super().keyPressEvent(event)
