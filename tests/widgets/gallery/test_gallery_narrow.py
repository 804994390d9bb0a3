"""The gallery at the width that its pane usually has."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inference.types import ImageState, Outcome
from tests.widgets.gallery.test_gallery import painted
from widgets.elided_label import ElidedLabel
from widgets.gallery import Gallery


@pytest.fixture
def gallery(qtbot: QtBot) -> Gallery:
    widget = Gallery()
    qtbot.addWidget(widget)
    widget.resize(320, 600)
    widget.setImages([f"scans/sheet_{i:04d}.png" for i in range(400)])
    widget.show()
    qtbot.waitExposed(widget)
    return widget


@pytest.mark.parametrize("width", [170, 190])
def test_a_narrow_list_shows_names_that_can_be_told_apart(gallery: Gallery, width: int) -> None:
    gallery.setImages([f"scans/eight_{i:04d}_left.png" for i in range(400)])
    gallery.setStates(np.full(400, ImageState.SCORED, np.uint8))
    gallery.setOutcomes(np.full(400, Outcome.TP, np.uint8), np.full(400, 0.5, np.float32), "eight")
    gallery.setGrid(False)
    gallery.resize(width, 600)
    QApplication.processEvents()
    looks = [painted(gallery, index) for index in range(8)]
    for index in range(1, 7):  # not those whose cells the pointer or the choice may colour
        assert (looks[index] != looks[index + 1]).any(), index


def test_the_heading_is_one_line_with_the_whole_text_as_its_tool_tip(gallery: Gallery) -> None:
    gallery.setOutcomes(np.zeros(400, np.uint8), np.zeros(400, np.float32), "a label with a long name")
    heading = gallery.findChild(ElidedLabel)
    assert isinstance(heading, ElidedLabel)
    for width, cut in ((170, True), (700, False)):
        gallery.resize(width, 600)
        QApplication.processEvents()
        assert heading.height() < 2 * heading.fontMetrics().height()
        assert bool(heading.toolTip()) is cut
    gallery.resize(170, 600)
    QApplication.processEvents()
    assert heading.toolTip() == "400 images · outcome and score of a label with a long name"
