"""What is painted anew after an edit or a move: the cells that say something else, and no others."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QImage, QPaintEvent, QRegion
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inference.types import Outcome
from inference.types.gallery import ImageMarks
from widgets.gallery import Gallery

N = 400


class Painted(QObject):
    """What of a gallery's images was painted."""

    def __init__(self, gallery: Gallery) -> None:
        super().__init__()
        self.region = QRegion()
        gallery.view().viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.region += event.region()
        return False


class Case:
    """A gallery with outcomes, marks and annotations, the arrays of which are edited in place."""

    def __init__(self, qtbot: QtBot) -> None:
        self.gallery = Gallery()
        qtbot.addWidget(self.gallery)
        self.gallery.resize(420, 600)
        self.gallery.setImages([f"{i}.png" for i in range(N)])
        self.gallery.show()
        qtbot.waitExposed(self.gallery)
        self.outcomes = np.full(N, Outcome.TP, dtype=np.uint8)
        self.scores = np.linspace(0, 1, N, dtype=np.float32)
        self.annotated = np.ones(N, dtype=bool)
        self.flags = {name: np.zeros(N, dtype=bool) for name in ("edited", "unsaved", "noted", "vanished", "changed")}
        self.tell()
        QApplication.processEvents()
        self.painted = Painted(self.gallery)

    def tell(self) -> None:
        """As the window does after every edit."""
        self.gallery.setOutcomes(self.outcomes, self.scores, "cat")
        self.gallery.setAnnotated(self.annotated)
        self.gallery.setMarks(ImageMarks(**self.flags))

    def cells_painted(self) -> set[int]:
        """The rows in sight that were painted since."""
        view = self.gallery.view()
        QApplication.processEvents()
        region, self.painted.region = self.painted.region, QRegion()
        rows = view.visibleRows()
        return {row for row in rows if region.intersects(view.visualRect(view.model().index(row, 0)))}

    def screen(self) -> QImage:
        """As painted anew altogether."""
        return self.gallery.view().viewport().grab().toImage()


@pytest.fixture
def case(qtbot: QtBot) -> Case:
    return Case(qtbot)


@pytest.mark.parametrize("flag", ["edited", "unsaved", "noted", "vanished", "changed"])
def test_a_mark_paints_its_own_cell(case: Case, flag: str) -> None:
    before = case.screen()
    case.painted.region = QRegion()
    case.flags[flag][3] = True
    case.tell()
    assert case.cells_painted() == {3}
    assert case.screen() != before, "the mark is not to be seen"


def test_an_outcome_and_an_annotation_paint_their_own_cells(case: Case) -> None:
    case.outcomes = case.outcomes.copy()
    case.outcomes[5] = Outcome.FN
    case.annotated[2] = False
    case.tell()
    assert case.cells_painted() == {2, 5}


def test_nothing_is_painted_for_images_out_of_sight(case: Case) -> None:
    case.outcomes = case.outcomes.copy()
    case.outcomes[N - 1], case.annotated[N - 2], case.flags["edited"][N - 3] = Outcome.FP, False, True
    case.tell()
    assert case.cells_painted() == set()


def test_many_changes_paint_all_of_them(case: Case) -> None:
    case.outcomes = np.full(N, Outcome.FP, dtype=np.uint8)
    case.tell()
    assert case.cells_painted() == set(case.gallery.view().visibleRows())


def test_other_images_in_sight_are_compared_with_nothing_old(case: Case) -> None:
    case.gallery.view().verticalScrollBar().setValue(case.gallery.view().verticalScrollBar().maximum())
    case.cells_painted()
    row = case.gallery.view().visibleRows().start + 2
    case.flags["edited"][row] = True
    case.tell()
    assert row in case.cells_painted()
    case.flags["noted"][row] = True
    case.tell()
    assert case.cells_painted() == {row}


def test_no_annotation_at_all_takes_the_words_from_every_cell(case: Case) -> None:
    case.annotated[:] = False
    case.annotated[1] = True
    case.tell()
    case.cells_painted()
    case.annotated[1] = False
    case.tell()
    assert case.cells_painted() == set(case.gallery.view().visibleRows())
