"""The averages panel shows what it is given and tells only what the user chooses."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from inference.types import Averages, Rates, ZeroDivision
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
