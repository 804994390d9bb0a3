"""All labels at once: small pictures of one kind, sorted and filtered as wished, asked for as they come into sight."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QObject, QRectF, QSize, QTimer, Signal
from PySide6.QtGui import QPainter, QShowEvent
from PySide6.QtWidgets import QComboBox, QWidget

from inference.types import FloatArray, IntArray, LabelMetrics, MultipleKind, ScoreArray, SmallPicture
from widgets.plots.frame import PlotFrame
from widgets.plots.histogram_plot import ENTRIES as BARS
from widgets.plots.legend import Legend
from widgets.plots.multiples_layout import Grid
from widgets.plots.multiples_order import ORDERS, GridOrder, arranged
from widgets.plots.multiples_paint import MEASURES
from widgets.plots.multiples_view import MultiplesView
from widgets.plots.rates_plot import ENTRIES as RATES
from widgets.plots.saving import cells, name_cell, table_text
from widgets.plots.words import joined
from widgets.tables.filter_field import FilterField

TITLE: Final = "All labels"
NOTHING_YET: Final = "Score a folder with annotations to see all its labels side by side."
MOST_SAVED: Final = 150  # labels in a file
READINGS: Final = {
    MultipleKind.PR: ("across: recall", "up: precision", "dashed: prevalence"),
    MultipleKind.ROC: ("across: false positive rate", "up: true positive rate"),
    MultipleKind.RATES: ("across: threshold, 0 to 1", "up: rate"),
    MultipleKind.HISTOGRAM: ("across: score, 0 to 1", "up and down: images, logarithmic"),
    MultipleKind.RELIABILITY: ("across: mean score", "up: share of positives", "bars: 90% interval"),
}
HINT: Final = "Click: choose the label. Double click: its large picture."
LINE_HINT: Final = "Drag a line: move that label's threshold."


class MultiplesPage(PlotFrame):
    """The grid with its title, its sorting and its filter. Setters emit nothing.

    ``multiplesRequested`` carries the kind and the labels, int64 (k,), whose pictures are missing among those in
    sight, shortly after they came into sight; ``numbersRequested`` the kind whose number of every label is needed to
    sort by it.
    """

    multiplesRequested = Signal(str, object)
    numbersRequested = Signal(str)
    labelChosen = Signal(int)
    opened = Signal(int)
    thresholdChanged = Signal(int, float)
    thresholdEditFinished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("All labels side by side", parent)
        self._names: tuple[str, ...] = ()
        self._kind = MultipleKind.PR
        self._metrics: LabelMetrics | None = None
        self._thresholds: ScoreArray = np.zeros(0, dtype=np.float32)
        self._numbers: dict[MultipleKind, FloatArray] = {}
        self._known: dict[int, float] = {}  # numbers of single labels, of this kind
        self._stale: set[int] = set()  # labels whose picture is out of date
        self._asked: set[int] = set()  # labels asked for, not here yet
        self._asked_numbers: set[MultipleKind] = set()
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._ask)
        self._build_view()
        self._build_options()
        self._show_kind()
        self._refresh()

    # Setters

    def setLabels(self, names: tuple[str, ...]) -> None:
        """The labels there are; nothing is known of them yet."""
        self._names = names
        self._metrics = None
        self._thresholds = np.zeros(0, dtype=np.float32)
        self._view.setNames(names)
        self.forget()

    def setKind(self, kind: MultipleKind) -> None:
        """Which kind of picture is shown."""
        if kind is self._kind:
            return
        self._kind = kind
        self._known.clear()
        self._stale.clear()
        self._asked.clear()
        self._view.setKind(kind)
        self._show_kind()
        self._arrange()

    def setMultiples(self, kind: str, pictures: Mapping[int, SmallPicture]) -> None:
        """Pictures of some labels, by label; those of another kind come too late and are dropped."""
        if MultipleKind(kind) is not self._kind:
            return
        mine = {label: picture for label, picture in pictures.items() if 0 <= label < len(self._names)}
        self._known |= {label: picture.number for label, picture in mine.items()}
        self._asked -= mine.keys()
        self._stale -= mine.keys()
        self._view.setPictures(mine)

    def setNumbers(self, kind: str, numbers: FloatArray) -> None:
        """The number of every label (c,), to sort by."""
        self._numbers[MultipleKind(kind)] = numbers
        self._asked_numbers.discard(MultipleKind(kind))
        if MultipleKind(kind) is self._kind and self.order() is GridOrder.WORST:
            self._arrange()

    def setThresholds(self, values: ScoreArray) -> None:
        """Thresholds (c,); marks follow, the order of the labels stays."""
        self._thresholds = np.asarray(values, dtype=np.float32)
        self._view.setThresholds(self._thresholds)

    def setMetrics(self, metrics: LabelMetrics | None) -> None:
        """Counts at the thresholds; None where nothing is scored."""
        first = (self._metrics is None) != (metrics is None)
        self._metrics = metrics
        self._view.setMetrics(metrics)
        if first:
            self._arrange()

    def setCurrentLabel(self, label: int) -> None:
        """Outline the chosen label."""
        self._view.setCurrentLabel(label)

    def setActive(self, active: bool, reason: str = "") -> None:
        """Whether thresholds matter now; if not, pictures are dimmed and the reason shown."""
        super().setActive(active, reason)
        self._view.setActive(active)

    def setOrder(self, order: GridOrder) -> None:
        """Sort the labels."""
        self._order.setCurrentIndex([value for value, _ in ORDERS].index(order))

    def setFilter(self, text: str) -> None:
        """Show only labels whose name contains the text."""
        self._filter.setText(text)

    def forget(self) -> None:
        """What is shown is out of date: it stays until newer pictures come."""
        self._numbers.clear()
        self._known.clear()
        self._asked.clear()
        self._asked_numbers.clear()
        self._stale = set(self._view.order().tolist())
        self._arrange()

    # Reading

    def kind(self) -> MultipleKind:
        """The kind of picture shown."""
        return self._kind

    def order(self) -> GridOrder:
        """What the labels are sorted by."""
        return ORDERS[self._order.currentIndex()][0]

    def view(self) -> MultiplesView:
        """The grid itself."""
        return self._view

    def data_text(self) -> str:
        """A line a label as shown: its number, its threshold and what that counts."""
        counts, at = self._metrics, self._view.order()
        if not self._drawable() or counts is None:
            return ""
        columns = [("label", [name_cell(self._names[label]) for label in at.tolist()])]
        if not self._kind.has_line:
            columns.append((MEASURES[self._kind], [_number(self._number(label)) for label in at.tolist()]))
        if len(self._thresholds) == len(self._names):
            columns.append(("threshold", cells(self._thresholds[at])))
        names = ("tp", "fp", "fn", "tn", "precision", "recall", "f1")
        return table_text([*columns, *((name, cells(getattr(counts, name)[at])) for name in names)])

    # Building

    def _build_view(self) -> None:
        self._view = MultiplesView()
        self._view.viewMoved.connect(self._soon.start)
        self._view.labelChosen.connect(self.labelChosen)
        self._view.opened.connect(self.opened)
        self._view.thresholdChanged.connect(self.thresholdChanged)
        self._view.thresholdEditFinished.connect(self.thresholdEditFinished)
        self._view.installEventFilter(self)
        self.setFocusProxy(self._view)
        self._set_body(self._view)
        self._menu_button.menu().aboutToShow.connect(self._ask_for_file)
        self._label = TITLE

    def _build_options(self) -> None:
        self._order = QComboBox()
        for order, text in ORDERS:
            self._order.addItem(text, order)
        self._order.setAccessibleName("Order of the labels")
        self._order.setToolTip("Sorted when chosen; labels stay where they are while thresholds move")
        self._order.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._order.setMinimumContentsLength(12)
        self._order.activated.connect(self._arrange)
        self._order.currentIndexChanged.connect(self._arrange)
        self._filter = FilterField("Filter labels", self)
        self._filter.setMinimumWidth(70)
        self._filter.setMaximumWidth(220)
        self._filter.textChanged.connect(self._arrange)
        self._filter.rowsRequested.connect(self._view.setFocus)
        self._options.addWidget(self._order)
        self._options.addWidget(self._filter)
        self._options.addStretch(1)
        self._legends = {MultipleKind.RATES: Legend(RATES), MultipleKind.HISTOGRAM: Legend(BARS)}
        for legend in self._legends.values():
            self._options.addWidget(legend)

    # Showing

    def _show_kind(self) -> None:
        for kind, legend in self._legends.items():
            legend.setVisible(kind is self._kind)
        self._legend = self._legends.get(self._kind)
        hint = f"{HINT} {LINE_HINT}" if self._kind.has_line else HINT
        self._header.setToolTip(hint)
        self._view.setAccessibleDescription(hint)

    def _drawable(self) -> bool:
        return bool(self._names) and self._metrics is not None

    def _empty_text(self) -> str:
        return self._message or NOTHING_YET

    def _title_rest(self) -> str:
        shown = len(self._view.order())
        everything = f"{len(self._names):,}"
        return everything if shown == len(self._names) else f"{shown:,} of {everything}"

    def _caption_text(self) -> str:
        if not self._active:
            return self._reason
        waits = self.order() is GridOrder.WORST and self._badness() is None
        return "Finding the worst labels…" if waits else joined(*READINGS[self._kind])

    def _longest_caption(self) -> str:
        return joined(*READINGS[self._kind])

    def _restyle(self) -> None:
        self._view.viewport().update()

    def _number(self, label: int) -> float | None:
        """The label's number, None where it is not known yet."""
        numbers = self._numbers.get(self._kind)
        return self._known.get(label) if numbers is None else float(numbers[label])

    def _badness(self) -> FloatArray | None:
        """How bad each label is, (c,): an error, or a rate the other way round."""
        if self._kind.has_line:
            return None if self._metrics is None else 1.0 - self._metrics.f1
        numbers = self._numbers.get(self._kind)
        if numbers is None:
            return None
        return numbers if self._kind is MultipleKind.RELIABILITY else 1.0 - numbers

    def _arrange(self) -> None:
        """Sort and filter anew."""
        text = self._filter.text()
        support = None if self._metrics is None else self._metrics.support
        self._view.empty_text = f"No label is called “{text.strip()}”." if text.strip() else ""
        order = arranged(self._names, self.order(), text, self._badness(), support)
        if not np.array_equal(order, self._view.order()):
            self._view.setOrder(order)
            self._view.verticalScrollBar().setValue(0)
        self._refresh()
        self._soon.start()

    # Asking

    def _missing(self, labels: IntArray) -> list[int]:
        return [label for label in labels.tolist() if label in self._stale or not self._view.has(label)]

    def _ask(self) -> None:
        """Ask for what is missing, unless it is on its way."""
        if not self.isVisible() or not self._drawable():
            return
        self._request(self._missing(self._view.inSight()))
        wanted = self.order() is GridOrder.WORST and self._badness() is None
        if wanted and self._kind not in self._asked_numbers:
            self._asked_numbers.add(self._kind)
            self.numbersRequested.emit(self._kind.value)

    def _request(self, missing: list[int]) -> None:
        if not self._asked.issuperset(missing):
            self._asked = set(missing)
            self.multiplesRequested.emit(self._kind.value, np.array(missing, dtype=np.int64))

    def _ask_for_file(self) -> None:
        """A file shows cells that were never in sight: they come while its name is chosen."""
        seen = self._view.inSight().tolist()
        shown = [label for label in self._view.order()[:MOST_SAVED].tolist() if label not in seen]
        self._request(self._missing(np.array([*seen, *shown], dtype=np.int64)))

    # Files

    def _saved(self) -> Grid:
        """The grid from its first cell on, not the part that is scrolled to."""
        count = min(len(self._view.order()), MOST_SAVED)
        room = (float(self._view.viewport().width()), float(self._view.viewport().height()))
        return Grid.fitted(count, room, self._view.least())

    def _body_size(self) -> QSize:
        return QSize(max(self._view.viewport().width(), 200), math.ceil(self._saved().total_height))

    def _paint_body(self, painter: QPainter) -> None:
        grid, look = self._saved(), self._view.look()
        for place, label in enumerate(self._view.order()[: grid.count].tolist()):
            painter.save()
            self._view.paint_cell(painter, QRectF(grid.cell(place)), label, look)
            painter.restore()

    # Qt's events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The frame says where the keys go."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return False

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for what has come into sight."""
        super().showEvent(event)
        self._soon.start()


def _number(value: float | None) -> str:
    return "" if value is None else str(value)
