"""Small pictures of all labels: what is asked for, chosen, dragged, sorted and saved."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inference.types import (
    MultipleKind,
    Thresholds,
)
from tests.widgets.plots.cases import REASON, show
from tests.widgets.plots.multiples_cases import LEFT, Folder, centre, click, drag, page_of
from widgets.plots.multiples_layout import Grid
from widgets.plots.multiples_order import GridOrder
from widgets.plots.multiples_page import MultiplesPage
from widgets.theme import DARK, LIGHT, apply_theme

# What is asked for


def test_only_cells_in_sight_are_asked_for(qtbot: QtBot) -> None:
    folder = Folder(300, 40)
    page = page_of(qtbot, folder)
    seen = page.view().inSight().tolist()
    assert folder.asked == [("pr", seen)]
    assert 3 < len(seen) < 40
    bar = page.view().verticalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: len(folder.asked) == 2)
    assert folder.asked[1][1] == page.view().inSight().tolist()
    assert folder.asked[1][1][-1] == 299
    bar.setValue(0)
    QApplication.processEvents()
    assert len(folder.asked) == 2


def test_nothing_is_asked_for_before_anything_is_scored(qtbot: QtBot) -> None:
    folder, page = Folder(), MultiplesPage()
    folder.serve(page)
    page.setLabels(folder.names)
    show(qtbot, page)
    QApplication.processEvents()
    assert folder.asked == []
    assert "Score a folder" in page.text()
    assert page.svg() == page.png() == b""
    assert page.data_text() == ""


def test_out_of_date_pictures_stay_until_newer_ones_come(qtbot: QtBot) -> None:
    folder = Folder()
    page = page_of(qtbot, folder)
    page.forget()
    assert page.view().has(0)
    qtbot.waitUntil(lambda: len(folder.asked) == 2)
    assert folder.asked[1] == ("pr", [0, 1, 2, 3, 4])


def test_another_kind_asks_anew_and_drops_late_answers(qtbot: QtBot) -> None:
    folder = Folder()
    page = page_of(qtbot, folder)
    late = folder.pictures("pr", [0])
    page.setKind(MultipleKind.ROC)
    page.setMultiples("pr", late)
    assert not page.view().has(0)
    qtbot.waitUntil(lambda: len(folder.asked) == 2)
    assert folder.asked[1][0] == "roc"
    assert "false positive rate" in page.text()


# What a cell says


@pytest.mark.parametrize("kind", list(MultipleKind))
def test_cells_say_their_numbers(qtbot: QtBot, kind: MultipleKind) -> None:
    folder = Folder()
    page = page_of(qtbot, folder, kind)
    number = folder.metrics().f1[4] if kind.has_line else folder.numbers(kind)[4]
    places = 3 if kind is MultipleKind.RELIABILITY else 2
    assert f"{number:.{places}f}" in page.view().words(4)
    assert page.view().words(4).startswith("label 4\n")
    assert ("no positives" in page.view().words(2)) == (kind.value in ("pr", "roc", "rates"))


def test_marks_follow_thresholds_without_new_pictures(qtbot: QtBot) -> None:
    folder = Folder()
    page = page_of(qtbot, folder, MultipleKind.RATES)
    before = page.view().grab().toImage()
    folder.evaluator.set_thresholds(Thresholds.uniform(5).replace(3, 0.25))
    page.setThresholds(folder.evaluator.thresholds.values)
    page.setMetrics(folder.metrics())
    mark = page.view().mark(3)
    assert mark is not None
    assert (mark.threshold, mark.tp) == (0.25, folder.metrics().tp[3])
    after = page.view().grab().toImage()
    for label, changed in ((3, True), (1, False)):
        rect = page.view().cell_rect(label).toRect()
        assert (before.copy(rect) != after.copy(rect)) == changed
    assert len(folder.asked) == 1


@pytest.mark.parametrize("kind", [MultipleKind.RATES, MultipleKind.HISTOGRAM])
def test_the_line_stands_at_the_threshold(qtbot: QtBot, kind: MultipleKind) -> None:
    folder = Folder()
    page = page_of(qtbot, folder, kind)
    accent = QColor(LIGHT.accent)
    for threshold in (0.3, 0.8):
        page.setThresholds(np.full(5, threshold, dtype=np.float32))
        image = page.view().viewport().grab().toImage()
        for score in (0.3, 0.8):
            place = page.view().score_pixel(4, score).toPoint()
            inks = [image.pixelColor(place.x() + by, place.y() + 7) for by in (-1, 0, 1)]
            near = min(abs(ink.red() - accent.red()) + abs(ink.green() - accent.green()) for ink in inks)
            assert (near < 40) == (score == threshold)


# Choosing and dragging


def test_a_click_chooses_and_a_double_click_opens(qtbot: QtBot) -> None:
    page = page_of(qtbot, Folder())
    chosen: list[int] = []
    opened: list[int] = []
    page.labelChosen.connect(chosen.append)
    page.opened.connect(opened.append)
    click(page, centre(page, 3))
    assert (chosen, opened) == ([3], [])
    QTest.mouseDClick(page.view().viewport(), LEFT, pos=centre(page, 1).toPoint())
    assert opened == [1]


def test_a_cell_cut_off_stays_where_it_was_clicked(qtbot: QtBot) -> None:
    page = page_of(qtbot, Folder(300, 40))
    page.labelChosen.connect(page.setCurrentLabel)
    page.view().verticalScrollBar().setValue(40)
    label = int(page.view().inSight()[0])
    edge = page.view().cell_rect(label).bottomLeft() + QPointF(30, -12)
    for _ in range(2):
        click(page, edge)
        assert page.view().verticalScrollBar().value() == 40
    page.setCurrentLabel(200)
    assert 200 in page.view().inSight()


def test_keys_move_choose_and_open(qtbot: QtBot) -> None:
    folder = Folder()
    page = page_of(qtbot, folder)
    chosen: list[int] = []
    opened: list[int] = []
    page.labelChosen.connect(chosen.append)
    page.labelChosen.connect(page.setCurrentLabel)
    page.opened.connect(opened.append)
    page.setCurrentLabel(0)
    view = page.view()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Return):
        QTest.keyClick(view, key)
    assert (chosen, opened) == ([1], [])
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert opened == [1]
    for key in (Qt.Key.Key_End, Qt.Key.Key_Right, Qt.Key.Key_Enter, Qt.Key.Key_Home, Qt.Key.Key_Enter):
        QTest.keyClick(view, key)
    assert chosen == [1, 4, 0]
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert "label" in view.accessibleDescription()
    assert not view.accessibleDescription().startswith("label 0")


def test_keys_bring_their_cell_into_sight(qtbot: QtBot) -> None:
    page = page_of(qtbot, Folder(300, 40))
    for key, label in ((Qt.Key.Key_End, 299), (Qt.Key.Key_PageUp, None), (Qt.Key.Key_Home, 0)):
        QTest.keyClick(page.view(), key)
        if label is not None:
            assert label in page.view().inSight()
            rect = page.view().cell_rect(label)
            assert rect.top() >= 0
            assert rect.bottom() <= page.view().viewport().height()
    page.setCurrentLabel(150)
    assert 150 in page.view().inSight()


@pytest.mark.parametrize("kind", [MultipleKind.RATES, MultipleKind.HISTOGRAM])
def test_a_line_is_dragged(qtbot: QtBot, kind: MultipleKind) -> None:
    page = page_of(qtbot, Folder(), kind)
    said: list[float] = []
    finished: list[int] = []
    page.thresholdChanged.connect(lambda label, value: said.extend((label, value)))
    page.thresholdEditFinished.connect(lambda: finished.append(len(said)))
    view = page.view()
    drag(view.viewport(), view.score_pixel(3, 0.5), view.score_pixel(3, 0.8) + QPointF(0, 500))
    label, value = said
    assert (label, finished) == (3, [2])
    assert value == pytest.approx(0.8, abs=0.01)
    assert value == float(np.float32(round(value, 3)))
    drag(view.viewport(), view.score_pixel(3, 0.2), view.score_pixel(3, 0.4))
    assert len(said) == 2  # not taken hold of
    page.setActive(False, REASON)
    drag(view.viewport(), view.score_pixel(1, 0.5), view.score_pixel(1, 0.4))
    assert len(said) == 2
    assert REASON in page.text()


def test_a_curve_has_no_line_to_drag(qtbot: QtBot) -> None:
    page = page_of(qtbot, Folder(), MultipleKind.PR)
    said: list[object] = []
    page.thresholdChanged.connect(lambda *_: said.append(1))
    view = page.view()
    drag(view.viewport(), view.score_pixel(3, 0.5), view.score_pixel(3, 0.8))
    assert said == []


# Order


def test_labels_are_sorted_and_filtered(qtbot: QtBot) -> None:
    folder = Folder(12)
    page = page_of(qtbot, folder)
    page.setOrder(GridOrder.WORST)
    expected = np.argsort(folder.numbers("pr"), kind="stable")  # NaN last
    qtbot.waitUntil(lambda: page.view().order().tolist() == expected.tolist())
    page.setKind(MultipleKind.RELIABILITY)
    errors = folder.numbers("reliability")
    qtbot.waitUntil(lambda: page.view().order().tolist() == np.argsort(-errors, kind="stable").tolist())
    page.setOrder(GridOrder.NAME)
    assert page.view().order().tolist()[:4] == [0, 1, 10, 11]
    page.setOrder(GridOrder.SUPPORT)
    support = folder.metrics().support[page.view().order()]
    assert (np.diff(support) <= 0).all()
    page.setFilter("EL 1")
    assert sorted(page.view().order().tolist()) == [1, 10, 11]
    assert "All labels · 3 of 12" in page.text()
    page.setFilter("zebra")
    assert len(page.view().order()) == 0
    assert page.view().empty_text == "No label is called “zebra”."


def test_the_order_holds_still_while_thresholds_move(qtbot: QtBot) -> None:
    folder = Folder()
    page = page_of(qtbot, folder, MultipleKind.RATES)
    page.setOrder(GridOrder.WORST)
    before = page.view().order().tolist()
    folder.evaluator.set_thresholds(Thresholds.uniform(5, 0.99))
    page.setMetrics(folder.metrics())
    assert page.view().order().tolist() == before
    page.forget()  # sorted anew, for other numbers
    assert page.view().order().tolist() != before


# Room


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_few_labels_fill_the_room(count: int) -> None:
    grid = Grid.fitted(count, (900.0, 400.0), (180.0, 130.0))
    assert grid.total_height <= 401
    assert grid.cell(count - 1).right() <= 900
    area = sum(grid.cell(place).width() * grid.cell(place).height() for place in range(count))
    assert area > 0.5 * 900 * 400 * min(1, count / 2)


@pytest.mark.parametrize("width", [150.0, 420.0, 1600.0])
def test_many_labels_scroll_and_every_cell_is_found(width: float) -> None:
    grid = Grid.fitted(1000, (width, 400.0), (180.0, 130.0))
    assert grid.total_height > 400
    for place in (0, 7, 500, 999):
        rect = grid.cell(place)
        assert grid.place_at(rect.center()) == place
        assert place in grid.within(rect.top() + 1, rect.bottom() - 1)
        assert rect.right() <= max(width, 60)
    assert grid.place_at(grid.cell(999).bottomRight() + QPointF(5, 50)) is None


# Files


@pytest.mark.parametrize("kind", list(MultipleKind))
def test_the_grid_is_saved_and_copied(qtbot: QtBot, kind: MultipleKind, qapp: QApplication) -> None:
    folder = Folder()
    page = page_of(qtbot, folder, kind)
    apply_theme(qapp, DARK)
    words = " ".join("".join(node.itertext()) for node in ElementTree.fromstring(page.svg()).iter())
    assert all(name in words for name in folder.names)
    assert b"<image" not in page.svg()
    image = QImage.fromData(QByteArray(page.png()))
    assert image.pixelColor(2, 2) == QColor(DARK.surface)
    assert image.width() > 1000
    names, *lines = (line.split("\t") for line in page.data_text().splitlines())
    assert len(lines) == 5
    assert names[0] == "label"
    column = names.index("f1")
    np.testing.assert_array_equal([float(line[column]) for line in lines], folder.metrics().f1)
    assert np.float32(lines[0][names.index("threshold")]) == np.float32(0.5)


def test_a_file_asks_for_cells_that_were_never_in_sight(qtbot: QtBot) -> None:
    folder = Folder(60, 40)
    page = page_of(qtbot, folder)
    assert len(folder.all_asked()) < 60
    page._menu_button.menu().aboutToShow.emit()
    assert folder.all_asked() == set(range(60))
