"""Profiles beside each other: real clicks and keys, with plain numpy as oracle."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from inference.types import Alternative, Averages, BoolArray, Comparison, LabelMetrics, Rates
from tests.widgets.labels_table.table import counted
from tests.widgets.tuning.stage import NAN, Told, named, part, thresholds, visible
from widgets.theme import DARK, apply_theme
from widgets.tuning import CompareView
from widgets.tuning.compare_table import CompareTable

LABELS = ("cat", "dog & bone", "fish", "bird 10", "bird 2")
NAMES = ("In force", "0.5", "cautious")
IMAGES = np.arange(3, 33, dtype=np.int64)  # the first three images of the dataset have no scores
VALUES = ((0.3, 0.4, 0.5, 0.6, 0.7), (0.5, 0.5, 0.5, 0.5, 0.5), (0.9, 0.4, 0.5, 0.65, 0.2))


def world(labels: int = len(LABELS)) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    truth = (rng.random((len(IMAGES), labels)) < 0.4).astype(np.int64)
    return truth, np.clip(0.3 * truth + rng.random((len(IMAGES), labels)) * 0.7, 0, 1).astype(np.float32)


TRUTH, SCORES = world()


def decided(values: tuple[float, ...]) -> BoolArray:
    lowest = np.array(values, dtype=np.float32)
    return np.asarray(lowest <= SCORES)


def alternative(key: str, name: str, values: tuple[float, ...]) -> Alternative:
    metrics = counted(TRUTH, SCORES, np.array(values, dtype=np.float32))
    return Alternative(
        key, name, "sigmoid", thresholds(*values), metrics, means(metrics), np.packbits(decided(values).T, axis=1)
    )


def means(metrics: LabelMetrics) -> Averages:
    tp, predicted, support = metrics.tp.sum(), metrics.predicted.sum(), metrics.support.sum()
    micro = Rates(tp / predicted, tp / support, 2 * tp / (predicted + support))
    macro = Rates(*(float(np.nanmean(rate)) for rate in (metrics.precision, metrics.recall, metrics.f1)))
    return Averages(micro, macro, macro, macro, NAN, NAN, 1, 1, 1, 0, 0, 1)


def comparison(*places: int) -> Comparison:
    return Comparison(IMAGES, tuple(alternative(str(place), NAMES[place], VALUES[place]) for place in places))


@pytest.fixture
def shown(qtbot: QtBot) -> CompareView:
    made = CompareView()
    qtbot.addWidget(made)
    made.setLabels(LABELS)
    made.setChoices([(str(place), name) for place, name in enumerate(NAMES)], ["0", "1", "2"])
    made.setComparison(comparison(0, 1, 2))
    made.resize(1500, 500)
    made.show()
    return made


@pytest.fixture
def told(shown: CompareView) -> Told:
    made = Told()
    made.listen(shown, "choicesChanged", "labelChosen", "imagesChosen", "wantedChanged")
    return made


def table(shown: CompareView) -> CompareTable:
    return part(shown, CompareTable)


def names(shown: CompareView) -> list[str]:
    model = table(shown).model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def column(shown: CompareView, group: int, title: str) -> int:
    """The column of a title in the group-th group, as the eye finds it from left to right."""
    model = table(shown).model()
    titles = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    return [at for at, own in enumerate(titles) if own == title][group]


def cell(shown: CompareView, label: str, group: int, title: str) -> str:
    return str(table(shown).model().index(names(shown).index(label), column(shown, group, title)).data())


def place_of(shown: CompareView, label: str, at: int) -> QPoint:
    return table(shown).visualRect(table(shown).model().index(names(shown).index(label), at)).center()


def click(shown: CompareView, label: str, at: int) -> None:
    view = table(shown)
    view.scrollTo(view.model().index(names(shown).index(label), at))
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place_of(shown, label, at)
    )


def chip(shown: CompareView, words: str) -> QPushButton:
    return named(shown, QPushButton, f"Compare {words}")


def press(button: QAbstractButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_each_group_says_its_numbers(shown: CompareView) -> None:
    for group, values in enumerate(VALUES):
        metrics = counted(TRUTH, SCORES, np.array(values, dtype=np.float32))
        for label, name in enumerate(LABELS):
            assert float(cell(shown, name, group, "Threshold")) == pytest.approx(values[label], abs=1e-6)
            assert float(cell(shown, name, group, "F1")) == pytest.approx(metrics.f1[label], abs=0.0051)
            assert int(cell(shown, name, group, "Pred.")) == decided(values)[:, label].sum()
            if group:
                changed = decided(values)[:, label] != decided(VALUES[0])[:, label]
                assert int(cell(shown, name, group - 1, "Other")) == changed.sum()


def test_the_biggest_difference_stands_first_and_a_header_sorts(shown: CompareView) -> None:
    f1 = [counted(TRUTH, SCORES, np.array(values, dtype=np.float32)).f1 for values in VALUES]
    biggest = np.maximum(np.abs(f1[1] - f1[0]), np.abs(f1[2] - f1[0]))
    by_difference = [biggest[LABELS.index(name)] for name in names(shown)]
    assert by_difference == sorted(by_difference, reverse=True)
    header = table(shown).horizontalHeader()

    def click_title(at: int) -> None:
        where = QPoint(header.sectionViewportPosition(at) + header.sectionSize(at) // 2, header.height() - 5)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)

    first = names(shown)
    click_title(0)
    assert names(shown) == ["bird 2", "bird 10", "cat", "dog & bone", "fish"]
    at = column(shown, 0, "Pred.")
    click_title(at)
    predicted = [int(table(shown).model().index(row, at).data()) for row in range(5)]
    assert predicted == sorted(predicted, reverse=True)
    click_title(at)
    predicted = [int(table(shown).model().index(row, at).data()) for row in range(5)]
    assert predicted == sorted(predicted)
    click_title(at)
    assert names(shown) == first


def test_only_what_differs_and_a_filter_hide_labels(shown: CompareView) -> None:
    press(part(shown, QCheckBox))
    assert set(names(shown)) == {"cat", "dog & bone", "bird 10", "bird 2"}  # fish is 0.5 everywhere
    QTest.keyClicks(named(shown, QLineEdit, "Filter"), "bird")
    assert set(names(shown)) == {"bird 10", "bird 2"}
    shown.setComparison(comparison(0, 2, 1))
    assert set(names(shown)) == {"bird 10", "bird 2"}


def test_a_row_chooses_its_label_and_a_count_its_images(shown: CompareView, told: Told) -> None:
    click(shown, "cat", 0)
    assert told.events == [("labelChosen", 0)]
    click(shown, "cat", column(shown, 1, "Other"))
    images, words = told.of("imagesChosen")[0]
    assert isinstance(images, np.ndarray)
    changed = decided(VALUES[2])[:, 0] != decided(VALUES[0])[:, 0]
    assert images.tolist() == IMAGES[changed].tolist()
    assert words == "cat: “cautious” decides otherwise than “In force”"
    told.events.clear()
    click(shown, "fish", column(shown, 1, "Other"))  # none: nothing to show
    assert told.names() == ["labelChosen"]


def test_images_of_any_label_by_a_button_and_by_keyboard(shown: CompareView, told: Told) -> None:
    changed = (decided(VALUES[2]) != decided(VALUES[0])).any(axis=1)
    button = next(b for b in visible(shown, QPushButton) if b.text() == f"cautious: {changed.sum()}")
    press(button)
    images, words = told.of("imagesChosen")[0]
    assert isinstance(images, np.ndarray)
    assert images.tolist() == IMAGES[changed].tolist()
    assert str(words).startswith("Any label")
    told.events.clear()
    view = table(shown)
    view.setCurrentIndex(view.model().index(names(shown).index("cat"), column(shown, 1, "Pred.")))
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert [name for name in told.names() if name == "imagesChosen"] == ["imagesChosen"]


def test_the_first_is_what_the_others_are_compared_with(shown: CompareView, told: Told) -> None:
    press(chip(shown, "0.5"))
    assert told.of("choicesChanged") == [(("0", "2"),)]
    press(chip(shown, "0.5"))
    assert told.of("choicesChanged")[-1] == (("0", "2", "1"),)
    box = named(shown, QComboBox, "Differences to")
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert told.of("choicesChanged")[-1] == (("2", "0", "1"),)
    shown.setComparison(comparison(2, 0, 1))
    first = [label.text() for label in visible(shown, QLabel)]
    assert any("“cautious”" in text for text in first)
    for label, name in enumerate(LABELS):
        changed = decided(VALUES[0])[:, label] != decided(VALUES[2])[:, label]
        assert int(cell(shown, name, 0, "Other")) == changed.sum()


def test_the_table_is_copied_as_tab_separated_text(shown: CompareView) -> None:
    press(next(b for b in visible(shown, QPushButton) if b.text().replace("&", "") == "Copy table"))
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert len({len(line) for line in lines}) == 1
    assert lines[0][:2] == ["Label", "In force: Threshold"]
    assert [line[0] for line in lines[1:6]] == names(shown)
    at = lines[0].index("cautious: F1")
    f1 = counted(TRUTH, SCORES, np.array(VALUES[2], dtype=np.float32)).f1
    for line in lines[1:6]:
        assert float(line[at]) == pytest.approx(f1[LABELS.index(line[0])], abs=1e-6)
    assert lines[6][0] == "micro average"
    micro = means(counted(TRUTH, SCORES, np.array(VALUES[2], dtype=np.float32))).micro
    assert float(lines[6][at]) == pytest.approx(micro.f1, abs=0.0051)


def test_setters_are_silent_and_keep_the_place(shown: CompareView, told: Told) -> None:
    shown.setCurrentLabel(2)
    shown.setComparison(comparison(0, 1, 2))
    shown.setChoices([("0", "In force"), ("2", "renamed")], ["0", "2"])
    shown.setComparison(comparison(0, 2))
    shown.setBusy("Measuring …")
    shown.setComparison(None)
    shown.setLabels(["a"])
    assert told.events == []


def test_being_in_sight_is_told(shown: CompareView, told: Told) -> None:
    shown.hide()
    shown.show()
    assert told.of("wantedChanged") == [(False,), (True,)]


def test_fewer_than_two_say_what_to_do_and_dark_is_another_picture(shown: CompareView, qapp: object) -> None:
    before = shown.grab().toImage()
    apply_theme(qapp, DARK)  # type: ignore[arg-type]
    assert shown.grab().toImage() != before
    shown.setChoices([("0", "In force"), ("1", "0.5")], ["0"])
    shown.setComparison(None)
    assert "two or more" in table(shown).empty_text
    assert not any(b.isEnabled() for b in visible(shown, QPushButton) if b.text().startswith("Cop"))
    shown.setChoices([("0", "In force"), ("1", "0.5")], ["0", "1"])
    assert "Score" in table(shown).empty_text


def test_undefined_rates_and_thresholds_without_end_are_shown(qtbot: QtBot) -> None:
    view = CompareView()
    qtbot.addWidget(view)
    view.setLabels(["a"])
    truth, scores = np.zeros((4, 1), dtype=np.int64), np.full((4, 1), 0.25, dtype=np.float32)
    groups = []
    for key, value in (("0", np.inf), ("1", -np.inf), ("2", np.inf)):
        metrics = counted(truth, scores, np.array([value], dtype=np.float32))
        bits = np.packbits((scores >= np.float32(value)).T, axis=1)
        rates = Averages(*(Rates(NAN, NAN, NAN),) * 4, NAN, NAN, 1, 1, 1, 0, 0, 1)
        groups.append(Alternative(key, key, "", thresholds(value), metrics, rates, bits))
    view.setComparison(Comparison(np.arange(4), tuple(groups)))
    view.resize(900, 300)
    view.show()
    assert cell(view, "a", 0, "Threshold") == "inf"
    assert cell(view, "a", 0, "P") == "–"
    assert cell(view, "a", 0, "Other") == "4"
    assert cell(view, "a", 1, "Other") == "0"
    view.grab()
