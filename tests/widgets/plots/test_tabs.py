"""The tabs: what they ask for, what they pass on, what they save."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inference.evaluation.curves import LabelCurve, pr_curve
from inference.evaluation.pictures import (
    co_occurrence,
    confusion_table,
    rates_by_threshold,
    reliability,
    roc_curve,
    score_histogram,
)
from inference.evaluation.rejection import risk_coverage
from inference.types import Activation, TableKind, format_float32
from tests.widgets.mouse import Heard, move, press, release
from tests.widgets.plots.cases import REASON, SCORES, TRUTH, point_of, show
from widgets.plots.histogram_plot import HistogramPlot
from widgets.plots.tabs import TABS, Picture, PlotTabs
from widgets.theme import DARK, LIGHT, apply_theme


def fill(tabs: PlotTabs, wanted: str) -> None:
    """What an application does when a picture is asked for."""
    if wanted == "pr":
        tabs.setCurve(pr_curve(LabelCurve.build(SCORES, TRUTH)), "nine")
    elif wanted == "roc":
        tabs.setRoc(roc_curve(SCORES, TRUTH), "nine")
    elif wanted == "rates":
        tabs.setRates(rates_by_threshold(SCORES, TRUTH), "nine")
    elif wanted == "histogram":
        tabs.setHistogram(score_histogram(SCORES, TRUTH), "nine")
    elif wanted == "reliability":
        tabs.setReliability(reliability(SCORES, TRUTH), "nine")
    elif wanted == "risk":
        logits = np.array([[2.0, 0.0], [0.5, 0.0], [0.0, 1.0], [0.0, 3.0]], dtype=np.float32)
        tabs.setRisk(risk_coverage(logits, np.array([0, 1, 1, 1]), Activation.SOFTMAX))
    elif wanted == "confusion":
        tabs.setTable(confusion_table(np.array([0, 1, 1]), np.array([0, 1, 0]), ("a", "b")))
    else:
        tabs.setTable(co_occurrence(np.array([[1, 1], [1, 0]], dtype=np.int8), ("a", "b")))


@pytest.fixture
def tabs(qtbot: QtBot) -> PlotTabs:
    widget = PlotTabs()
    widget.setTableKinds((TableKind.CONFUSION,))
    widget.setRiskShown(True)
    widget.asked = []  # type: ignore[attr-defined]
    widget.pictureRequested.connect(widget.asked.append)  # type: ignore[attr-defined]
    show(qtbot, widget)
    return widget


def asked(tabs: PlotTabs) -> list[str]:
    said: list[str] = tabs.asked  # type: ignore[attr-defined]
    return said


def go_to(tabs: PlotTabs, picture: Picture) -> None:
    """Click the tab."""
    place = tabs._bar.tabRect(list(TABS).index(picture)).center()
    QTest.mouseClick(tabs._bar, Qt.MouseButton.LeftButton, pos=place)


ALL = tuple(Picture)


def test_only_what_comes_into_sight_is_asked_for(tabs: PlotTabs) -> None:
    assert asked(tabs) == ["pr"]
    go_to(tabs, Picture.HISTOGRAM)
    go_to(tabs, Picture.LABELS)
    assert asked(tabs) == ["pr", "histogram", "confusion"]
    tabs.hide()
    tabs.show()
    assert asked(tabs) == ["pr", "histogram", "confusion", "confusion"]
    assert set(tabs._pages) == {Picture.PR, Picture.HISTOGRAM, Picture.LABELS}


def test_setting_the_tab_asks_for_nothing(tabs: PlotTabs) -> None:
    tabs.setCurrentPicture(Picture.ROC)
    tabs.setOperatingPoint(point_of(0.55))
    fill(tabs, "roc")
    assert asked(tabs) == ["pr"]
    assert "AUC 0.90" in tabs.text()


def test_the_threshold_is_the_same_in_every_tab(tabs: PlotTabs) -> None:
    heard = Heard(tabs)
    tabs.pictureRequested.connect(lambda wanted: fill(tabs, wanted))
    fill(tabs, "pr")
    tabs.setOperatingPoint(point_of(0.55))
    for picture in (Picture.PR, Picture.ROC, Picture.RATES, Picture.HISTOGRAM):
        go_to(tabs, picture)
        assert "threshold 0.55 " in tabs.text()
    tabs.setOperatingPoint(point_of(0.4))
    assert "threshold 0.4 " in tabs.text()
    histogram = tabs._pages[Picture.HISTOGRAM]
    assert isinstance(histogram, HistogramPlot)
    press(tabs, QPointF(histogram.mapTo(tabs, histogram.score_pixel(0.4))))
    move(tabs, QPointF(histogram.mapTo(tabs, histogram.score_pixel(0.6))))
    release(tabs, QPointF(histogram.mapTo(tabs, histogram.score_pixel(0.6))))
    (threshold, end) = heard.said
    assert end == "end"
    assert threshold == pytest.approx(0.6, abs=0.003)
    go_to(tabs, Picture.PR)
    assert f"threshold {format_float32(float(threshold))} " in tabs.text()


@pytest.mark.parametrize("picture", [Picture.PR, Picture.ROC, Picture.RATES, Picture.HISTOGRAM])
def test_arrows_wish_for_the_next_stop(tabs: PlotTabs, picture: Picture) -> None:
    heard = Heard(tabs)
    wishes: list[bool] = []
    tabs.stopRequested.connect(wishes.append)
    go_to(tabs, picture)
    fill(tabs, picture.value)
    tabs.setOperatingPoint(point_of(0.55))
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
        QTest.keyClick(tabs._pages[picture], key)
    is_curve = picture in (Picture.PR, Picture.ROC)  # along which stricter is to the left
    assert wishes == [is_curve, not is_curve]
    assert heard.said == []


def test_ranges_and_cells_are_passed_on(tabs: PlotTabs) -> None:
    ranges: list[tuple[float, float]] = []
    cells: list[tuple[str, int, int]] = []
    tabs.scoreRangeChosen.connect(lambda low, high: ranges.append((low, high)))
    tabs.cellChosen.connect(lambda kind, row, column: cells.append((kind, row, column)))
    tabs.pictureRequested.connect(lambda wanted: fill(tabs, wanted))
    go_to(tabs, Picture.RELIABILITY)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(tabs._pages[Picture.RELIABILITY], key)
    assert len(ranges) == 1
    go_to(tabs, Picture.LABELS)
    view = tabs._matrix_page().view()
    view.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(view.focusProxy() or view, key)
    assert cells == [("confusion", 1, 0)]


def test_the_other_table_is_asked_for(tabs: PlotTabs) -> None:
    tabs.setTableKinds((TableKind.MISSED, TableKind.TOGETHER))
    go_to(tabs, Picture.LABELS)
    choice = tabs._matrix_page()._choice
    assert choice is not None
    choice.button(TableKind.TOGETHER).click()
    assert asked(tabs) == ["pr", "missed", "together"]
    assert tabs.wantedPicture() == "together"


def test_messages_and_activity_reach_tabs_seen_later(tabs: PlotTabs) -> None:
    tabs.setMessage("Score the images first.")
    tabs.setActive(False, REASON)
    go_to(tabs, Picture.ROC)
    assert tabs.text() == "Score the images first."
    fill(tabs, "roc")
    assert REASON in tabs.text()


def test_pictures_out_of_sight_are_forgotten(tabs: PlotTabs) -> None:
    tabs.pictureRequested.connect(lambda wanted: fill(tabs, wanted))
    for picture in ALL:
        go_to(tabs, picture)
    tabs.forgetPictures()
    assert tabs.data_text()
    assert [bool(page.data_text()) for page in tabs._pages.values()] == [False] * 6 + [True]


def test_the_risk_of_deciding_has_a_threshold_of_its_own(tabs: PlotTabs) -> None:
    heard: list[float] = []
    tabs.riskThresholdChanged.connect(heard.append)
    tabs.pictureRequested.connect(lambda wanted: fill(tabs, wanted))
    tabs.setOperatingPoint(point_of(0.55))
    tabs.setRiskThreshold(0.7)
    go_to(tabs, Picture.RISK)
    assert "threshold 0.7 " in tabs.text()
    QTest.keyClick(tabs._pages[Picture.RISK].focusProxy() or tabs._pages[Picture.RISK], Qt.Key.Key_Left)
    tabs.setRiskShown(False)
    assert tabs.currentPicture() is Picture.PR
    assert heard == [] or heard[0] != 0.7


# Files


@pytest.mark.parametrize("picture", ALL)
def test_every_picture_is_saved_with_its_words(tabs: PlotTabs, picture: Picture, qapp: QApplication) -> None:
    tabs.setCurrentPicture(picture)
    assert tabs.svg() == tabs.png() == b""
    fill(tabs, tabs.wantedPicture())
    tabs.setOperatingPoint(point_of(0.55))
    for theme in (LIGHT, DARK):
        apply_theme(qapp, theme)
        document = tabs.svg()
        words = " ".join("".join(node.itertext()) for node in ElementTree.fromstring(document).iter())
        assert tabs.text().split("\n")[0].split(" · ")[0] in words.replace("\N{NO-BREAK SPACE}", " ")
        assert b"<image" not in document
        assert b"clip-path" not in document
        image = QImage.fromData(QByteArray(tabs.png()))
        assert image.width() > 1000
        assert image.pixelColor(2, 2) == QColor(theme.surface)
        assert same_ink(drawn(document, image), image) > 0.7
    cells = {line.count("\t") for line in tabs.data_text().splitlines()}
    assert len(cells) == 1
    assert cells.pop() > 1


def drawn(document: bytes, like: QImage) -> QImage:
    """The SVG as pixels, of the size of another picture."""
    image = QImage(like.size(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(document)).render(painter)
    painter.end()
    return image


def same_ink(a: QImage, b: QImage) -> float:
    """Of the cells of a coarse grid in which one picture has ink, the share in which the other has it too."""
    inked = [coarse(image) for image in (a, b)]
    return float((inked[0] & inked[1]).sum() / max((inked[0] | inked[1]).sum(), 1))


def coarse(image: QImage, cell: int = 12) -> np.ndarray:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())[:, : grey.width()]
    rows, columns = pixels.shape[0] // cell, pixels.shape[1] // cell
    blocks = pixels[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell).astype(int)
    return np.asarray(abs(blocks - int(pixels[2, 2])).max(axis=(1, 3)) > 40)


def test_the_menu_asks_for_files_and_copies(tabs: PlotTabs) -> None:
    wanted: list[str] = []
    tabs.saveRequested.connect(wanted.append)
    fill(tabs, "pr")
    menu = tabs.prPlot()._menu_button.menu()
    for action in menu.actions():
        action.trigger()
    assert wanted == ["svg", "png"]
    copied = QGuiApplication.clipboard().text()
    assert copied == tabs.data_text()
    assert copied.splitlines()[0] == "threshold\tprecision\trecall\ttp\tpredicted"
    assert [np.float32(line.split("\t")[0]) for line in copied.splitlines()[1:]] == sorted(set(SCORES), reverse=True)


def test_nothing_can_be_saved_where_there_is_nothing(tabs: PlotTabs) -> None:
    assert not tabs.prPlot()._menu_button.isEnabled()
    fill(tabs, "pr")
    assert tabs.prPlot()._menu_button.isEnabled()
