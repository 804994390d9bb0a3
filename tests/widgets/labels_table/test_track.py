"""Tracks even in the logit: where values stand on them, and what drags and steps make of them."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from inference.types import LogitSpan, format_float32
from tests.widgets.labels_table.table import Table, click, move, press, release, thresholds
from widgets.labels_table import Column
from widgets.labels_table.header import scale_texts
from widgets.labels_table.track import Track, stepped

SPAN = LogitSpan(-9.0, 12.0)
SHIFT = Qt.KeyboardModifier.ShiftModifier
float32s = st.floats(width=32, allow_nan=False)


@given(st.floats(0, 1), st.floats(-3, 3))
def test_values_stand_where_the_span_puts_them(inside: float, anywhere: float) -> None:
    track = Track(10.0, 200.0, SPAN)
    assert track.place(inside) == pytest.approx(float(SPAN.place(np.array([inside]))[0]), abs=1e-9)
    assert track.left <= track.x_of(anywhere) <= track.left + track.width


@given(st.floats(0, 200), st.booleans())
def test_a_place_gives_a_value_that_stands_there(x: float, fine: bool) -> None:
    track = Track(0.0, 200.0, SPAN)
    value = track.rounded(track.place_at(x), fine=fine)
    assert abs(track.x_of(value) - x) <= 1.0
    assert float(np.float32(value)) == value


def test_the_ends_of_the_track_are_0_and_1() -> None:
    track = Track(0.0, 200.0, SPAN)
    assert (track.rounded(0.0, fine=False), track.rounded(1.0, fine=False)) == (0.0, 1.0)


def test_values_on_a_logit_track_are_no_longer_than_a_pixel_asks() -> None:
    track = Track(0.0, 200.0, LogitSpan(-8.0, 8.0))
    assert len(format_float32(track.rounded(track.place(0.5), fine=False))) <= 4
    assert len(format_float32(track.rounded(track.place(0.9987654), fine=False))) <= 7


@given(float32s, st.sampled_from((-1, 1)), st.booleans(), st.booleans())
def test_a_step_goes_its_way_or_stays_at_an_end(value: float, way: int, fine: bool, even: bool) -> None:
    there = stepped(value, way, fine=fine, even=even)
    assert float(np.float32(there)) == there
    if (value < 0 and way < 0) or (value > 1 and way > 0):
        assert there == value or math.isinf(value)
    elif 0 <= value <= 1:
        assert 0 <= there <= 1
        assert (there - value) * way >= 0


@pytest.mark.parametrize("value", [0.5, 0.9, 0.999, 0.99999, 0.001, 1e-6])
def test_steps_on_a_logit_track_are_even_in_the_logit(value: float) -> None:
    there = stepped(float(np.float32(value)), 1, fine=False, even=False)
    logits = [math.log(one) - math.log1p(-one) for one in (value, there)]
    assert logits[1] - logits[0] == pytest.approx(0.1, rel=0.1)


def test_crowded_scores_spread_out(qtbot: QtBot) -> None:
    table = Table(qtbot, ["a", "b", "c", "d"], width=900)
    table.panel.setThresholds(thresholds(0.999, 0.9995, 1.5, -0.5))
    even = table.handle(1, 0.9995).x() - table.handle(0, 0.999).x()
    table.panel.setTrackScale("logit")
    assert table.handle(1, 0.9995).x() - table.handle(0, 0.999).x() > 20 * even
    track = table.zones(0).track
    assert (track.place(1.5), track.place(-0.5)) == (1.0, 0.0)
    assert table.column(Column.THRESHOLD) == ["0.999", "0.9995", "1.5", "-0.5"]
    table.panel.grab()
    table.panel.setTrackScale("even")
    assert table.zones(0).track.span is None
    assert table.told.events == []


def test_dragging_and_typing_on_a_logit_track(qtbot: QtBot) -> None:
    table = Table(qtbot, ["a", "b"], width=900)
    table.panel.setThresholds(thresholds(0.5, 0.5))
    table.panel.setTrackScale("logit")
    viewport, start = table.view.viewport(), table.handle(0, 0.5)
    press(viewport, start)
    for x in (60, 90, -40, 3000, -3000, 15):
        move(viewport, start + QPointF(x, 0))
        value = float(table.text(0, Column.THRESHOLD))
        track = table.zones(0).track
        wanted = min(max(start.x() + x, track.left), track.left + track.width)
        assert abs(track.x_of(value) - wanted) <= 1
    release(viewport, start)
    click(viewport, table.number(1))
    QTest.keyClicks(table.open_editor(), "0.9999998")
    QTest.keyClick(table.open_editor(), Qt.Key.Key_Return)
    assert table.text(1, Column.THRESHOLD) == "0.9999998"
    assert 0 < table.zones(1).track.place(0.9999998) < 1  # the track grew to hold it


def test_the_track_does_not_change_under_the_pointer(qtbot: QtBot) -> None:
    table = Table(qtbot, ["a", "b"], width=900)
    table.panel.setTrackScale("logit")
    viewport, start = table.view.viewport(), table.handle(0, 0.5)
    before = table.zones(0).track
    press(viewport, start)
    move(viewport, start + QPointF(20, 0))
    table.panel.setThresholds(thresholds(0.7, 0.999999))
    assert table.zones(0).track == before
    release(viewport, start)
    assert table.zones(0).track != before


def test_the_menu_turns_the_scale_on_and_tells(qtbot: QtBot) -> None:
    table = Table(qtbot, ["a"], width=900)
    told: list[str] = []
    table.panel.trackScaleChanged.connect(told.append)
    height = table.view.horizontalHeader().height()
    table.panel.setTrackScale("logit")
    table.panel.setTrackScale("even")
    menu = next(b for b in table.panel.findChildren(QToolButton) if b.text() == "Columns").menu()
    for scale in ("logit", "even"):
        menu.aboutToShow.emit()
        next(action for action in menu.actions() if "logit" in action.text()).trigger()
        assert told[-1] == scale
        assert (table.zones(0).track.span is not None) == (scale == "logit")
        assert (table.view.horizontalHeader().height() > height) == (scale == "logit")
    assert told == ["logit", "even"]


@pytest.mark.parametrize("width", [40.0, 70.0, 120.0, 300.0, 900.0])
@pytest.mark.parametrize("span", [LogitSpan(-8, 8), LogitSpan(-8, 17), LogitSpan(-17, 17)])
def test_the_scale_writes_scores_that_stand_clear_of_one_another(width: float, span: LogitSpan) -> None:
    track = Track(0.0, width, span)
    texts = scale_texts(track, lambda text: 6.0 * len(text))
    assert "0.5" in texts
    places = [(track.x_of(float(text)), 6.0 * len(text) / 2) for text in texts]
    for (x, half), (other, wide) in pairwise(places):
        assert x + half < other - wide
    assert width < 300 or {"0.001", "0.5", "0.999"} <= set(texts)
