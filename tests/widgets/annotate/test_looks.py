"""What a row looks like, and what a change of it costs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inference.types import NEGATIVE, POSITIVE, UNKNOWN, UNSAID, Task
from inference.types.annotating_view import MIXED, AnnotateLabel
from tests.widgets.annotate.cases import Stage
from tests.widgets.layouts import layouts_asked_for
from widgets.annotate.columns import Column
from widgets.theme import DARK, LIGHT, Theme, apply_theme

EVERY = (POSITIVE, NEGATIVE, UNKNOWN, UNSAID, MIXED)


def looks(stage: Stage) -> list[np.ndarray]:
    """The annotation of each row in shades of grey, (height, width) each."""
    result = []
    for row in range(len(EVERY)):
        rect = stage.view.visualRect(stage.view.model().index(row, Column.SAID))
        image = stage.view.viewport().grab(rect).toImage().convertToFormat(QImage.Format.Format_Grayscale8)
        lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        result.append(lines[:, : image.width()].astype(int))
    return result


@pytest.mark.parametrize("task", list(Task))
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_every_statement_is_told_apart_without_colour(
    qtbot: QtBot, qapp: QApplication, theme: Theme, task: Task
) -> None:
    stage = Stage(qtbot, [AnnotateLabel(i, "same") for i in range(len(EVERY))])
    apply_theme(qapp, theme)
    stage.panel.setTask(task)
    stage.statements(*EVERY)
    pairs = list(itertools.combinations(looks(stage), 2))
    # multi-class has no negative: what is not chosen is an empty ring, solid where somebody said so
    assert all((abs(one - other) > 25).sum() >= 12 for one, other in pairs)


def test_a_row_that_cannot_be_changed_is_quieter(qtbot: QtBot) -> None:
    stage = Stage(qtbot, [AnnotateLabel(i, "same") for i in range(len(EVERY))])
    stage.statements(*EVERY)
    before = looks(stage)
    stage.panel.setReadOnly(True)
    after = looks(stage)
    assert all((255 - one).sum() > (255 - other).sum() for one, other in zip(before, after, strict=True))


def test_the_look_follows_the_theme(qtbot: QtBot, qapp: QApplication) -> None:
    stage = Stage(qtbot, [AnnotateLabel(i, "same") for i in range(len(EVERY))])
    stage.statements(*EVERY)
    light = looks(stage)
    apply_theme(qapp, DARK)
    assert all(one.mean() > other.mean() + 60 for one, other in zip(light, looks(stage), strict=True))


def test_another_decision_or_statement_lays_nothing_out_anew(qtbot: QtBot) -> None:
    stage = Stage(qtbot)
    stage.statements(POSITIVE, NEGATIVE, UNSAID)
    scores = (0.2, 0.8, float("nan"))
    stage.scores(*scores, predicted=[True, False, False])

    def move() -> None:
        stage.scores(*scores, predicted=[False, True, False])
        stage.statements(POSITIVE, NEGATIVE, POSITIVE)

    assert layouts_asked_for(stage.panel, move) == 0
    assert stage.panel._count.text() == "3 of 3 annotated · 2 differ"


def test_without_a_model_names_have_the_room_of_the_scores(qtbot: QtBot) -> None:
    stage = Stage(qtbot, [AnnotateLabel(place, f"label {place}", "", False) for place in range(300)])
    wide = stage.view.columnWidth(Column.NAME)
    assert stage.view.isColumnHidden(Column.SCORE)
    stage.panel.setLabels([AnnotateLabel(place, f"label {place}", "", place < 1) for place in range(300)])
    assert not stage.view.isColumnHidden(Column.SCORE)
    assert stage.view.columnWidth(Column.NAME) < wide
