"""Changed decisions, with numpy as oracle."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QTableView
from pytestqt.qtbot import QtBot

from inference.types import BoolArray, LabelFlips
from tests.widgets.labels_table.table import example
from tests.widgets.tuning.stage import Told, click_cell, named, part
from widgets.tuning import FlipList
from widgets.tuning.flip_model import Column

NAMES = ("cat", "dog", "owl", "ape", "elk")


def changed(before: float, after: float) -> tuple[list[LabelFlips], dict[Column, list[BoolArray]]]:
    """The flips as the app gives them, and masks (n,) a label by plain numpy."""
    y_true, y_score = example(len(NAMES))
    was, now = y_score >= np.float32(before), y_score >= np.float32(after)
    masks = {
        Column.TP_GAINED: ~was & now & (y_true == 1),
        Column.TP_LOST: was & ~now & (y_true == 1),
        Column.FP_GAINED: ~was & now & (y_true == 0),
        Column.FP_LOST: was & ~now & (y_true == 0),
        Column.UNKNOWN: (was != now) & (y_true == -1),
        Column.ANY: was != now,
    }
    by_label = {column: [mask[:, label] for label in range(len(NAMES))] for column, mask in masks.items()}
    order = (Column.TP_GAINED, Column.TP_LOST, Column.FP_GAINED, Column.FP_LOST, Column.UNKNOWN)
    flips = [
        LabelFlips(label, *(np.flatnonzero(by_label[column][label]) for column in order)) for label in range(len(NAMES))
    ]
    return flips, by_label


@pytest.fixture
def shown(qtbot: QtBot) -> FlipList:
    made = FlipList()
    qtbot.addWidget(made)
    made.setLabels(NAMES)
    made.setReferences([("half", "threshold 0.5"), ("saved", "the last saved")], "half")
    made.resize(700, 400)
    made.show()
    return made


@pytest.fixture
def told(shown: FlipList) -> Told:
    made = Told()
    made.listen(shown, "imagesChosen", "referenceChosen")
    return made


def view(shown: FlipList) -> QTableView:
    return part(shown, QTableView)


def text(shown: FlipList, row: int, column: Column) -> str:
    return str(view(shown).model().index(row, column).data())


@pytest.mark.parametrize(("before", "after"), [(0.5, 0.3), (0.3, 0.6)])
def test_counts_and_images_are_those_that_changed(shown: FlipList, told: Told, before: float, after: float) -> None:
    flips, masks = changed(before, after)
    shown.setFlips(flips)
    rows = view(shown).model().rowCount()
    any_change = [label for label in range(len(NAMES)) if masks[Column.ANY][label].any()]
    assert rows == len(any_change) + 1
    for row in range(1, rows):
        label = NAMES.index(text(shown, row, Column.NAME))
        for column, by_label in masks.items():
            assert text(shown, row, column) == str(by_label[label].sum())
            told.events.clear()
            click_cell(view(shown), row, column)
            if by_label[label].any():
                ((images, title),) = told.of("imagesChosen")
                np.testing.assert_array_equal(images, np.flatnonzero(by_label[label]))
                assert str(title).startswith(NAMES[label])
            else:
                assert told.events == []


def test_the_first_row_holds_each_image_once(shown: FlipList, told: Told) -> None:
    flips, masks = changed(0.5, 0.3)
    shown.setFlips(flips)
    for column, by_label in masks.items():
        assert text(shown, 0, column) == str(np.logical_or.reduce(by_label).sum())
    click_cell(view(shown), 0, Column.TP_GAINED)
    ((images, title),) = told.of("imagesChosen")
    np.testing.assert_array_equal(images, np.flatnonzero(np.logical_or.reduce(masks[Column.TP_GAINED])))
    assert title == "All labels: TP gained"


def test_labels_with_most_changes_come_first(shown: FlipList) -> None:
    flips, masks = changed(0.5, 0.3)
    shown.setFlips(flips)
    counts = [int(text(shown, row, Column.ANY)) for row in range(1, view(shown).model().rowCount())]
    assert counts == sorted((int(mask.sum()) for mask in masks[Column.ANY] if mask.any()), reverse=True)


def test_the_sentence_sums_decisions_up(shown: FlipList) -> None:
    flips, masks = changed(0.5, 0.3)
    shown.setFlips(flips)
    sums = {column: sum(int(mask.sum()) for mask in by_label) for column, by_label in masks.items()}
    images = int(np.logical_or.reduce(masks[Column.ANY]).sum())
    right, wrong = sums[Column.TP_GAINED] + sums[Column.FP_LOST], sums[Column.TP_LOST] + sums[Column.FP_GAINED]
    assert shown.sentence() == (
        f"{sums[Column.ANY]} decisions changed on {images} images: {right} right now, {wrong} wrong now, "
        f"{sums[Column.UNKNOWN]} of unknown truth."
    )


def test_arrows_and_enter_choose_a_cell(shown: FlipList, told: Told) -> None:
    flips, _ = changed(0.5, 0.3)
    shown.setFlips(flips)
    table = view(shown)
    table.setFocus()
    table.setCurrentIndex(table.model().index(0, Column.NAME))
    assert told.events == []
    QTest.keyClick(table, Qt.Key.Key_Right)
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert [title for _, title in told.of("imagesChosen")] == ["All labels: TP gained"]


def test_the_unknown_column_is_there_only_where_it_is_needed(shown: FlipList) -> None:
    flips, _ = changed(0.5, 0.3)
    shown.setFlips(flips)
    assert not view(shown).isColumnHidden(Column.UNKNOWN)
    shown.setFlips([flip for flip in flips if not len(flip.unknown)])
    assert view(shown).isColumnHidden(Column.UNKNOWN)


def test_empty_states_say_why(shown: FlipList) -> None:
    table = view(shown)
    empty = "empty_text"
    assert "Score the images" in getattr(table, empty)
    flips, _ = changed(0.5, 0.5)
    shown.setFlips(flips)
    assert table.model().rowCount() == 0
    assert getattr(table, empty) == "Every decision is the same as with threshold 0.5."


def test_a_reference_is_chosen_and_setters_are_silent(shown: FlipList, told: Told) -> None:
    shown.setFlips(changed(0.5, 0.3)[0])
    shown.setReferences([("half", "threshold 0.5"), ("p1", "High recall")], "p1")
    assert told.events == []
    box = named(shown, QComboBox, "Compare with")
    assert box.currentText() == "High recall"
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert told.events == [("referenceChosen", "half")]


def test_flips_of_a_label_that_is_not_there_are_refused(shown: FlipList) -> None:
    with pytest.raises(ValueError, match="beyond the 5"):
        shown.setFlips([LabelFlips(5)])
