"""The header of the labels table: titles, the sorting mark and the menu of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QActionGroup, QColor, QContextMenuEvent, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from inference.types import Outcome
from widgets.labels_table.columns import GROUPS, STRETCHED, TEXTS, Column
from widgets.labels_table.keeper import ColumnKeeper
from widgets.labels_table.layout import NUMBER_PAD, Layout
from widgets.labels_table.model import LabelsModel
from widgets.labels_table.track import Track
from widgets.tables.measures import PAD
from widgets.tables.sort_header import SortHeader
from widgets.theme import current_theme

_OUTCOMES: Final = {
    Column.TP: Outcome.TP,
    Column.FP: Outcome.FP,
    Column.FN: Outcome.FN,
    Column.TN: Outcome.TN,
}
_LEFT_ALIGNED: Final = STRETCHED
_SCALE: Final = (  # most wanted first
    ("0.001", "0.999"),
    ("0.01", "0.99"),
    ("0.1", "0.9"),
    ("0.00001", "0.99999"),
    ("0.999",),
    ("0.001",),
)
_SCALE_SHARE: Final = 0.5  # of the header's height
_TICK: Final = 4.0
_CLEAR: Final = 7.0  # pixels between two texts


def fill_columns_menu(menu: QMenu, model: LabelsModel, keeper: ColumnKeeper) -> None:
    """Which columns are shown, and by which the rows are sorted."""
    _add_columns(menu, (Column.THRESHOLD, Column.SCORE), keeper)
    for title, columns in GROUPS.items():
        menu.addSection(title)
        _add_columns(menu, columns, keeper)
    menu.addSeparator()
    menu.addAction("Reset columns").triggered.connect(keeper.reset)
    menu.addSeparator()
    logit = menu.addAction("Spread scores near 0 and 1 (logit scale)")
    logit.setCheckable(True)
    logit.setChecked(keeper.logit)
    logit.setToolTip("The thresholds’ tracks are even in the logit: scores crowded at 0 or 1 spread out.")
    logit.toggled.connect(keeper.choose_scale)
    _fill_sort_menu(menu.addMenu("Sort by"), model, keeper)


def _add_columns(menu: QMenu, columns: Iterable[Column], keeper: ColumnKeeper) -> None:
    for column in columns:
        action = menu.addAction(TEXTS[column].name)
        action.setCheckable(True)
        action.setChecked(keeper.shown(column))
        action.setToolTip(TEXTS[column].meaning)
        action.toggled.connect(partial(keeper.set_shown, column))


def _fill_sort_menu(menu: QMenu, model: LabelsModel, keeper: ColumnKeeper) -> None:
    group = QActionGroup(menu)
    choices: list[tuple[str, Column | None, bool]] = [("The model’s order", None, False)]
    for column in (column for column in Column if keeper.shown(column) or column is model.sort_column):
        up, down = ("A to Z", "Z to A") if column is Column.NAME else ("lowest first", "highest first")
        choices += [(f"{TEXTS[column].name}, {up}", column, False), (f"{TEXTS[column].name}, {down}", column, True)]
    for text, choice, descending in choices:
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked((choice, descending) == (model.sort_column, model.descending))
        action.triggered.connect(partial(_sort, keeper, choice, descending))
        group.addAction(action)


def _sort(keeper: ColumnKeeper, column: Column | None, descending: bool, _checked: bool = False) -> None:
    keeper.sort_by(column, descending)


class LabelsHeader(SortHeader):
    """A click sorts: ascending, descending, not at all; the counts have the colours of their outcomes."""

    def __init__(self, model: LabelsModel, keeper: ColumnKeeper, parent: QWidget) -> None:
        super().__init__(model, parent)
        self._model = model
        self._keeper = keeper
        self.setMinimumSectionSize(20)
        self.setAccessibleName("Columns of the labels table")
        self.sectionClicked.connect(self._clicked)
        keeper.layoutReplaced.connect(self._fit_scale)

    def _clicked(self, section: int) -> None:
        self._keeper.cycle_sort(Column(section))

    def _fit_scale(self, layout: Layout) -> None:
        self.set_lines(1 if layout.span is None else 2)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Right click: which columns to show."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_columns_menu(menu, self._model, self._keeper)
        menu.popup(event.globalPos())

    def paint_title(self, painter: QPainter, section: int, area: QRectF) -> float:
        """Words at the left, numbers at the right."""
        column = Column(section)
        if column is Column.THRESHOLD and self._keeper.layout.span is not None:
            self._paint_scale(painter, area)
            painter.setPen(QColor(current_theme().text))
            area = area.adjusted(0, 0, 0, -area.height() * _SCALE_SHARE)
        elif self._keeper.layout.span is not None:
            area = area.adjusted(0, area.height() * (1 - _SCALE_SHARE) / 2, 0, 0)
        title, left = TEXTS[column].title, column in _LEFT_ALIGNED
        if column in _OUTCOMES:
            painter.setPen(QColor(current_theme().outcome[_OUTCOMES[column]]))
        side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
        room = area.adjusted(PAD + 2, 3, -PAD, 0) if left else area.adjusted(0, 3, -NUMBER_PAD, 0)
        painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), title)
        width = painter.fontMetrics().horizontalAdvance(title)
        return room.left() + width / 2 if left else room.right() - width / 2

    def _paint_scale(self, painter: QPainter, area: QRectF) -> None:
        """Scores at their places over the track, as many as stand clear of one another."""
        theme, track = current_theme(), self._keeper.layout.zones(area).track
        assert track.span is not None
        top = area.bottom() - area.height() * _SCALE_SHARE
        room = QRectF(0, top - 1, 0, area.bottom() - _TICK - top)
        for text in scale_texts(track, painter.fontMetrics().horizontalAdvance):
            x = track.x_of(float(text))
            width = painter.fontMetrics().horizontalAdvance(text) + 2
            room.setLeft(x - width / 2)
            room.setWidth(width)
            painter.setPen(QColor(theme.muted))
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter), text)
            painter.fillRect(QRectF(x - 0.5, area.bottom() - _TICK, 1, _TICK - 1), QColor(theme.border))


def scale_texts(track: Track, width_of: Callable[[str], float]) -> list[str]:
    """The scores to write over a track that is even in the logit: 0.5, and others that find room.

    Args:
        track: the track.
        width_of: the width of a text in pixels.
    """
    taken: list[tuple[float, float]] = []
    chosen: list[str] = []
    for texts in (("0.5",), *_SCALE):
        spans = [(track.x_of(float(text)), (width_of(text) + _CLEAR) / 2) for text in texts]
        inside = all(0.0 < track.place(float(text)) < 1.0 for text in texts)
        if inside and all(abs(x - other) >= half + wide for x, half in spans for other, wide in taken):
            taken += spans
            chosen += texts
    return sorted(chosen, key=float)
