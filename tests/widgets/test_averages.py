"""The averages panel shows what it is given and tells only what the user chooses."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QRadioButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from inference.types import Averages, LabelQuality, MulticlassMetrics, RankingMetrics, Rates, Task, ZeroDivision
from widgets.averages import AveragesPanel

EXAMPLE = Averages(
    micro=Rates(0.7145, 0.8, 0.7548),
    macro=Rates(0.65, math.nan, 0.7),
    weighted=Rates(0.71, 0.81, 0.756),
    samples=Rates(0.61, 0.72, 0.63),
    exact_match=121 / 388,
    hamming_loss=124 / 3988,
    n_images=400,
    n_full=388,
    n_labels=9,
    n_exact=121,
    n_wrong=124,
    n_known=3988,
)


def panel_with(qtbot: QtBot, averages: Averages | None) -> AveragesPanel:
    panel = AveragesPanel()
    qtbot.addWidget(panel)
    panel.setAverages(averages)
    panel.show()
    return panel


def said(panel: AveragesPanel) -> set[str]:
    return {label.accessibleName() for label in panel.findChildren(QLabel) if label.accessibleName()}


def choice(panel: AveragesPanel, text: str) -> QRadioButton:
    return next(button for button in panel.findChildren(QRadioButton) if button.text() == text)


def test_every_number_is_shown_with_its_counts(qtbot: QtBot) -> None:
    spoken = said(panel_with(qtbot, EXAMPLE))
    for kind in ("micro", "macro", "weighted", "samples"):
        rates = getattr(EXAMPLE, kind)
        assert f"F1, {kind}, {rates.f1:.3f}" in spoken
        assert f"Precision, {kind}, {rates.precision:.3f}" in spoken
    assert "Recall, macro, undefined" in spoken
    assert {"Exact match, 0.312", "Exact match, counts, 121/388"} <= spoken
    assert {"Hamming loss, 0.031", "Hamming loss, counts, 124/3,988"} <= spoken
    assert "Images counted, 400" in spoken


@pytest.mark.parametrize("width", [*range(290, 640, 25)])
def test_no_digit_is_clipped_however_narrow(width: int, qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(width, 300)
    panel = AveragesPanel(host)
    panel.setGeometry(0, 0, width, panel.sizeHint().height())
    host.show()
    many = replace(EXAMPLE, n_images=12_000, n_full=11_998, n_exact=3_721, n_wrong=13_724, n_known=119_988)
    panel.setAverages(many)  # with the numbers of one image less room would do

    def cut() -> list[str]:
        panel.resize(width, panel.minimumSizeHint().height())
        labels = [label for label in panel.findChildren(QLabel) if label.isVisible()]
        whole = panel.rect()
        places = [QRect(label.mapTo(panel, QPoint(0, 0)), label.size()) for label in labels]
        return [
            label.text()
            for label, place in zip(labels, places, strict=True)
            if not whole.contains(place) or place.width() < label.sizeHint().width()
        ]

    qtbot.waitUntil(lambda: cut() == [])
    assert panel.minimumSizeHint().width() <= width
    images = next(label for label in panel.findChildren(QLabel) if label.text() == "12,000")
    assert images.isVisible()
    known = next(label for label in panel.findChildren(QLabel) if label.text() == "11,998 fully known")
    assert known.isVisible() or "11,998 fully known" in images.toolTip()


def test_nothing_yet_is_dashes(qtbot: QtBot) -> None:
    panel = panel_with(qtbot, EXAMPLE)
    panel.setAverages(None)
    shown = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert not [text for text in shown if any(digit in text for digit in "23456789")]
    assert shown.count("–") == 4 * 3 + 3


def test_every_number_is_explained_in_a_sentence(qtbot: QtBot) -> None:
    panel = panel_with(qtbot, EXAMPLE)
    for label in panel.findChildren(QLabel):
        if label.accessibleName():
            assert label.toolTip().endswith(".")


def test_the_choice_is_told_when_the_user_makes_it_and_only_then(qtbot: QtBot) -> None:
    panel = panel_with(qtbot, EXAMPLE)
    told: list[object] = []
    panel.zeroDivisionChosen.connect(told.append)
    panel.setZeroDivision(ZeroDivision.ONE)
    assert told == []
    assert choice(panel, "1").isChecked()
    QTest.mouseClick(choice(panel, "left out"), Qt.MouseButton.LeftButton)
    QTest.mouseClick(choice(panel, "left out"), Qt.MouseButton.LeftButton)
    assert told == [ZeroDivision.LEAVE_OUT]
    QTest.keyClick(choice(panel, "0"), Qt.Key.Key_Space)
    assert told == [ZeroDivision.LEAVE_OUT, ZeroDivision.ZERO]


RANKING = RankingMetrics(0.8123, 3.456, 0.0312, 1_200)
QUALITY = LabelQuality(np.array([0.3, np.nan, 0.9]), np.array([0.25, 0.5, 0.9]), np.zeros(3), np.zeros(3), 10)
CLASSES = MulticlassMetrics(0.812, 0.7, 1.2346, np.array([0.8, 0.9, 0.99, 1.0]), np.eye(4, 5, dtype=np.int64), 1_100)


def more(panel: AveragesPanel) -> QToolButton:
    return next(button for button in panel.findChildren(QToolButton) if "More" in button.text())


def figures(panel: AveragesPanel) -> dict[str, QLabel]:
    labels = [label for label in panel.findChildren(QLabel) if label.isVisible() and ", " in label.accessibleName()]
    return {label.accessibleName(): label for label in labels}


def test_more_is_folded_away_until_the_user_asks(qtbot: QtBot) -> None:
    panel = panel_with(qtbot, EXAMPLE)
    told: list[bool] = []
    panel.moreWanted.connect(told.append)
    panel.setRanking(RANKING)
    assert "Label ranking AP, 0.812" not in figures(panel)
    panel.setMoreShown(True)
    assert "Label ranking AP, 0.812" in figures(panel)
    panel.setMoreShown(False)
    assert told == []
    QTest.mouseClick(more(panel), Qt.MouseButton.LeftButton)
    assert "Coverage error, 3.46" in figures(panel)
    QTest.keyClick(more(panel), Qt.Key.Key_Space)
    assert told == [True, False]
    assert "Coverage error, 3.46" not in figures(panel)


def test_more_says_what_each_number_stands_on(qtbot: QtBot) -> None:
    panel = panel_with(qtbot, EXAMPLE)
    panel.setMoreShown(True)
    panel.setRanking(RANKING)
    panel.setQuality(QUALITY)
    panel.resize(700, 300)
    shown = figures(panel)
    assert "Measured on 1,200 images." in shown["Ranking loss, 0.031"].toolTip()
    assert "Measured on 2 of 3 labels." in shown["mAP, 0.600"].toolTip()
    assert "mAP, measured on 2 of 3 labels" in shown
    assert "Macro AUC, 0.550" in shown
    assert not any(name.startswith("Accuracy") for name in shown)


def test_accuracies_are_there_where_images_have_one_class(qtbot: QtBot) -> None:
    panel = panel_with(qtbot, EXAMPLE)
    panel.setMoreShown(True)
    panel.setTask(Task.MULTICLASS)
    assert "argmax" in figures(panel)["Accuracy, undefined"].toolTip()
    panel.setMulticlass(CLASSES)
    shown = figures(panel)
    assert {"Accuracy, 0.812", "Balanced accuracy, 0.700", "Log loss, 1.235", "Top-3 accuracy, 0.990"} <= set(shown)
    assert "every one is among the 5 highest" in shown["Top-5 accuracy, undefined"].toolTip()
    panel.setMulticlass(replace(CLASSES, log_loss=math.nan))
    assert "sigmoid" in figures(panel)["Log loss, undefined"].toolTip()


@pytest.mark.parametrize("empty", [RankingMetrics(math.nan, math.nan, math.nan, 0), None])
def test_undefined_further_numbers_are_dashes_with_a_reason(qtbot: QtBot, empty: RankingMetrics | None) -> None:
    panel = panel_with(qtbot, EXAMPLE)
    panel.setMoreShown(True)
    panel.setRanking(empty)
    label = figures(panel)["Label ranking AP, undefined"]
    assert label.text() == "–"
    assert ("Being measured." if empty is None else "no scored image has a known label") in label.toolTip()


@pytest.mark.parametrize("width", [300, 340, 420, 560, 800])
def test_no_further_digit_is_clipped_however_narrow(width: int, qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    panel = AveragesPanel(host)
    panel.setAverages(EXAMPLE)
    panel.setTask(Task.MULTICLASS)
    panel.setMoreShown(True)
    panel.setRanking(RANKING)
    panel.setQuality(QUALITY)
    panel.setMulticlass(CLASSES)
    host.show()

    def cut() -> list[str]:
        panel.resize(width, panel.minimumSizeHint().height())
        places = [(label, QRect(label.mapTo(panel, QPoint(0, 0)), label.size())) for label in figures(panel).values()]
        return [
            label.text()
            for label, place in places
            if not panel.rect().contains(place) or place.width() < label.sizeHint().width()
        ]

    qtbot.waitUntil(lambda: cut() == [])
    assert panel.width() == width
