"""What tables of texts have in common: order, filter, readers' texts, titles, and columns that share the width."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from inference.types import FloatArray
from widgets.tables.columns import ColumnText
from widgets.tables.filter_field import FilterField
from widgets.tables.fitted_view import FittedView
from widgets.tables.frozen_view import prepare
from widgets.tables.text_model import TextModel
from widgets.tables.title_header import TitleHeader
from widgets.wrapped_label import wrapped_label


class Column(IntEnum):
    NAME = 0
    AGE = 1


AGES = {"cat": 3.0, "dog": 12.0, "Catfish": float("nan"), "emu": 7.0}
TEXTS = {
    Column.NAME: ColumnText("Who", "Animal", "An animal."),
    Column.AGE: ColumnText("Age", "Age in years", "How old it is."),
}


class Animals:
    labels: tuple[str, ...] = ()
    folded: tuple[str, ...] = ()

    def set_labels(self, labels: Sequence[str]) -> None:
        self.labels, self.folded = tuple(labels), tuple(label.casefold() for label in labels)

    def text(self, column: Column, label: int) -> str:
        return self.labels[label] if column is Column.NAME else str(AGES[self.labels[label]])

    def tooltip(self, column: Column, label: int) -> str:
        return f"tip of {self.text(column, label)}"

    def accessible_text(self, column: Column, label: int) -> str:
        return f"{TEXTS[column].name}: {self.text(column, label)}"

    def values(self, column: Column) -> FloatArray:
        if column is Column.NAME:
            return np.array([sorted(self.folded).index(name) for name in self.folded], dtype=np.float64)
        return np.array([AGES[label] for label in self.labels])


class AnimalModel(TextModel[Column]):
    def __init__(self) -> None:
        super().__init__(TEXTS, Animals())

    def set_filter(self, text: str) -> None:
        self._filter_by(text)


class AnimalView(FittedView):
    def __init__(self, model: AnimalModel) -> None:
        super().__init__(model, Column.NAME)
        self.header = TitleHeader(model, Column, self, left=(Column.NAME,), words=(Column.NAME,))
        prepare(self, self.header)
        self.start()

    def _lay_out(self) -> None:
        height = self.fontMetrics().height() + 5
        self._set_row_height(height)
        self.setColumnWidth(Column.AGE, 60)
        self.setColumnWidth(Column.NAME, max(self._available(height) - 60, 40))


@pytest.fixture
def model(qtbot: QtBot) -> AnimalModel:
    made = AnimalModel()
    made.set_labels(tuple(AGES))
    return made


@pytest.fixture
def view(qtbot: QtBot, model: AnimalModel) -> AnimalView:
    made = AnimalView(model)
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    return made


def shown(model: AnimalModel) -> list[str]:
    return [str(model.index(row, Column.NAME).data()) for row in range(model.rowCount())]


def test_each_role_of_a_cell_has_its_text(model: AnimalModel) -> None:
    cell = model.index(1, Column.AGE)
    assert cell.data() == "12.0"
    assert cell.data(Qt.ItemDataRole.ToolTipRole) == "tip of 12.0"
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "Age in years: 12.0"
    assert cell.data(Qt.ItemDataRole.CheckStateRole) is None


def test_unknown_numbers_come_last_both_ways(model: AnimalModel) -> None:
    model.sort_by(Column.AGE)
    assert shown(model) == ["cat", "emu", "dog", "Catfish"]
    model.sort_by(Column.AGE, descending=True)
    assert shown(model) == ["dog", "emu", "cat", "Catfish"]


def test_the_filter_keeps_the_order(model: AnimalModel) -> None:
    model.sort_by(Column.NAME, descending=True)
    model.set_filter(" CAT ")
    assert shown(model) == ["Catfish", "cat"]
    model.set_filter("")
    assert shown(model) == ["emu", "dog", "Catfish", "cat"]


def test_other_labels_start_over(model: AnimalModel) -> None:
    model.sort_by(Column.AGE)
    model.set_filter("cat")
    model.set_labels(("emu", "dog"))
    assert shown(model) == ["emu", "dog"]
    assert model.sort_column is None


def test_a_click_sorts_words_from_a_and_numbers_from_the_highest(view: AnimalView, model: AnimalModel) -> None:
    orders = []
    for section in (Column.NAME, Column.AGE, Column.AGE, Column.AGE):
        view.header.sectionClicked.emit(int(section))
        orders.append(shown(model))
    assert orders == [
        ["cat", "Catfish", "dog", "emu"],
        ["dog", "emu", "cat", "Catfish"],
        ["cat", "emu", "dog", "Catfish"],
        ["cat", "dog", "Catfish", "emu"],
    ]


def test_columns_follow_the_size_the_font_and_the_labels(view: AnimalView, model: AnimalModel) -> None:
    view.resize(600, 300)
    assert view.columnWidth(Column.NAME) + view.columnWidth(Column.AGE) == 600 - 2 * view.frameWidth()
    font = view.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    view.setFont(font)
    assert view.rowHeight(0) == view.fontMetrics().height() + 5
    model.set_labels(("emu",) * 50)
    bar = view.verticalScrollBar().sizeHint().width()
    assert view.columnWidth(Column.NAME) + view.columnWidth(Column.AGE) == 600 - 2 * view.frameWidth() - bar


def test_going_to_a_cell_never_scrolls_sideways(view: AnimalView, model: AnimalModel) -> None:
    view.setColumnWidth(Column.NAME, 900)
    view.doItemsLayout()
    assert view.horizontalScrollBar().maximum() > 0
    view.scrollTo(model.index(3, Column.AGE))
    assert view.horizontalScrollBar().value() == 0


def test_a_forgotten_filter_tells_nobody(qtbot: QtBot, view: AnimalView) -> None:
    field = FilterField("Filter", view)
    field.setText("cat")
    with qtbot.assertNotEmitted(field.textChanged):
        field.forget()
    assert field.text() == ""


def test_a_wrapped_label_takes_tags_as_text_and_asks_for_no_width(qtbot: QtBot, view: AnimalView) -> None:
    label = wrapped_label(view)
    label.setText("<b>" + "word " * 50)
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert label.wordWrap()
