"""Dragging, stepping and typing thresholds with real mouse and key events."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow
from pytestqt.qtbot import QtBot

from inference.types import format_float32
from tests.widgets.labels_table.table import Table, click, counted, example, move, press, release, thresholds
from widgets.labels_table import Column
from widgets.labels_table.model import LabelsModel

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def table(qtbot: QtBot) -> Table:
    made = Table(qtbot, ["cat", "dog", "owl"], width=900)
    made.panel.setThresholds(thresholds(0.5, 0.25, 0.75))
    return made


def is_float32(value: object) -> bool:
    return isinstance(value, float) and float(np.float32(value)) == value


def test_a_drag_tells_every_move_and_its_end(table: Table) -> None:
    viewport, start = table.view.viewport(), table.handle(0, 0.5)
    press(viewport, start)
    assert table.told.of("changed") == []
    width = table.zones(0).track.width
    move(viewport, start + QPointF(width * 0.1, 0))
    move(viewport, start + QPointF(width * 0.2, 0))
    assert "finished" not in table.told.kinds()
    release(viewport, start + QPointF(width * 0.2, 0))
    changed = table.told.of("changed")
    assert [label for label, _ in changed] == [0, 0]
    assert [value for _, value in changed] == pytest.approx([0.6, 0.7], abs=0.006)
    assert all(is_float32(value) for _, value in changed)
    assert table.told.kinds() == ["chosen", "changed", "changed", "finished"]
    assert table.text(0, Column.THRESHOLD) == format_float32(changed[-1][1])  # type: ignore[arg-type]


def test_the_handle_stays_under_the_pointer(table: Table) -> None:
    viewport, start = table.view.viewport(), table.handle(1, 0.25)
    press(viewport, start)
    for x in (40, 80, -30, 3000, -3000, 12):
        move(viewport, start + QPointF(x, 0))
        value = float(table.text(1, Column.THRESHOLD))
        track = table.zones(1).track
        wanted = min(max(start.x() + x, track.left), track.left + track.width)
        assert abs(track.x_of(value) - wanted) <= 1
    release(viewport, start)


def test_shift_moves_ten_times_finer_and_never_jumps(table: Table) -> None:
    viewport, start = table.view.viewport(), table.handle(0, 0.5)
    width = table.zones(0).track.width
    press(viewport, start)
    move(viewport, start + QPointF(width * 0.2, 0))
    coarse = float(table.text(0, Column.THRESHOLD))
    move(viewport, start + QPointF(width * 0.2, 0), SHIFT)
    assert float(table.text(0, Column.THRESHOLD)) == pytest.approx(coarse, abs=0.006)
    move(viewport, start + QPointF(width * 0.3, 0), SHIFT)
    assert float(table.text(0, Column.THRESHOLD)) == pytest.approx(coarse + 0.01, abs=0.006)
    release(viewport, start)


def test_a_press_beside_the_handle_brings_it_there(table: Table) -> None:
    where = table.zones(2)
    click(table.view.viewport(), QPointF(where.track.x_of(0.2), where.middle))
    assert table.told.of("changed") == [(2, pytest.approx(0.2, abs=0.006))]
    assert table.told.kinds()[-1] == "finished"


def test_touching_the_handle_changes_nothing(table: Table) -> None:
    click(table.view.viewport(), table.handle(2, 0.75) + QPointF(3, 0))
    assert table.told.events == [("chosen", 2)]


def test_escape_undoes_a_drag(table: Table, qtbot: QtBot) -> None:
    viewport, start = table.view.viewport(), table.handle(0, 0.5)
    press(viewport, start)
    move(viewport, start + QPointF(30, 0))
    QTest.keyClick(table.view, Qt.Key.Key_Escape)
    assert table.text(0, Column.THRESHOLD) == "0.5"
    assert table.told.of("changed")[-1] == (0, 0.5)
    assert table.told.kinds()[-1] == "finished"
    move(viewport, start + QPointF(60, 0))
    assert table.text(0, Column.THRESHOLD) == "0.5"


def test_arrows_with_shift_or_control_step_by_a_fixed_amount(table: Table, qtbot: QtBot) -> None:
    table.panel.setCurrentLabel(1)
    QTest.keyPress(table.view, Qt.Key.Key_Right, SHIFT)
    assert table.told.kinds() == ["changed"]
    QTest.keyRelease(table.view, Qt.Key.Key_Right)
    assert table.told.kinds() == ["changed", "finished"]
    QTest.keyClick(table.view, Qt.Key.Key_Left, CONTROL)
    values = [value for _, value in table.told.of("changed")]
    assert values == [float(np.float32(0.26)), float(np.float32(0.259))]


class Stops:
    """Answers a wish for the next stop as the window does: by setting the thresholds."""

    def __init__(self, table: Table, scores: list[float]) -> None:
        self.asked: list[tuple[int, bool]] = []
        self._table, self._scores = table, scores
        table.panel.stopRequested.connect(self._answer)

    def _answer(self, label: int, up: bool) -> None:
        self.asked.append((label, up))
        model = self._table.view.model()
        assert isinstance(model, LabelsModel)
        now = model.values.thresholds.tolist()
        beyond = [score for score in self._scores if (score > now[label] if up else score < now[label])]
        if beyond:
            now[label] = min(beyond) if up else max(beyond)
            self._table.panel.setThresholds(thresholds(*now))


def test_an_arrow_asks_for_the_next_stop_of_the_current_row(table: Table, qtbot: QtBot) -> None:
    stops = Stops(table, [0.125, 0.375, 0.625])
    table.panel.setCurrentLabel(1)
    QTest.keyClick(table.view, Qt.Key.Key_Right)
    assert table.column(Column.THRESHOLD) == ["0.5", "0.375", "0.75"]
    QTest.keyClick(table.view, Qt.Key.Key_Left)
    assert table.column(Column.THRESHOLD) == ["0.5", "0.125", "0.75"]
    assert stops.asked == [(1, True), (1, False)]
    assert table.told.events == [("finished",), ("finished",)]  # the answer is told by whoever gives it


def test_a_held_arrow_is_one_edit_and_rows_keep_their_places(table: Table, qtbot: QtBot) -> None:
    stops = Stops(table, [0.25 + i / 16 for i in range(9)])
    table.view.keeper.sort_by(Column.THRESHOLD, False)
    assert table.column(Column.NAME) == ["dog", "cat", "owl"]
    table.panel.setCurrentLabel(1)
    for first in (True, False, False, False, False, False):
        hold(table, QEvent.Type.KeyPress, repeated=not first)
        assert table.text(0, Column.NAME) == "dog"
    hold(table, QEvent.Type.KeyRelease, repeated=True)
    qtbot.wait(600)  # longer than a pause that ends the turning of a wheel
    assert table.told.events == []
    hold(table, QEvent.Type.KeyRelease, repeated=False)
    assert table.told.events == [("finished",)]
    assert len(stops.asked) == 6
    assert table.column(Column.NAME) == ["cat", "dog", "owl"]


def hold(table: Table, kind: QEvent.Type, *, repeated: bool) -> None:
    QApplication.sendEvent(
        table.view, QKeyEvent(kind, Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, "", repeated, 1)
    )


def test_no_stop_is_asked_for_during_a_drag_or_without_thresholds(table: Table, qtbot: QtBot) -> None:
    stops = Stops(table, [0.9])
    press(table.view.viewport(), table.handle(0, 0.5))
    QTest.keyClick(table.view, Qt.Key.Key_Right)
    release(table.view.viewport(), table.handle(0, 0.5))
    table.panel.setThresholdsActive(False, "argmax")
    QTest.keyClick(table.view, Qt.Key.Key_Right)
    assert stops.asked == []
    assert set(table.column(Column.THRESHOLD)) == {"0.5", "0.25", "0.75"}


def test_steps_stop_at_the_ends_but_come_back_from_beyond(table: Table, qtbot: QtBot) -> None:
    table.panel.setThresholds(thresholds(0.995, 1.7, -0.25))
    table.panel.setCurrentLabel(0)
    QTest.keyClick(table.view, Qt.Key.Key_Right, SHIFT)
    assert table.text(0, Column.THRESHOLD) == "1"
    table.panel.setCurrentLabel(1)
    QTest.keyClick(table.view, Qt.Key.Key_Right, SHIFT)
    assert table.text(1, Column.THRESHOLD) == "1.7"
    QTest.keyClick(table.view, Qt.Key.Key_Left, SHIFT)
    assert table.text(1, Column.THRESHOLD) == "1.69"


def test_the_wheel_steps_with_control_and_scrolls_without(qtbot: QtBot) -> None:
    table = Table(qtbot, [f"label {i}" for i in range(100)], width=900)
    at = table.handle(1, 0.5)
    wheel(table, at, Qt.KeyboardModifier.NoModifier)
    assert table.view.verticalScrollBar().value() > 0
    assert table.told.events == []
    table.view.verticalScrollBar().setValue(0)
    wheel(table, at, CONTROL)
    assert table.told.of("changed") == [(1, float(np.float32(0.49)))]
    qtbot.waitUntil(lambda: table.told.kinds()[-1] == "finished")


def wheel(table: Table, at: QPointF, held: Qt.KeyboardModifier) -> None:
    viewport = table.view.viewport()
    place = QPointF(viewport.mapToGlobal(QPoint(0, 0))) + at
    none = Qt.MouseButton.NoButton
    event = QWheelEvent(at, place, QPoint(), QPoint(0, -120), none, held, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(viewport, event)


@pytest.mark.parametrize("typed", ["0.37", "1e-9", "1.7", "-0.25", "0.73214567"])
def test_clicking_the_number_takes_any_float(table: Table, qtbot: QtBot, typed: str) -> None:
    click(table.view.viewport(), table.number(1))
    editor = table.open_editor()
    assert editor.selectedText() == "0.25"
    QTest.keyClicks(editor, typed)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert table.editor() is None
    assert table.told.of("changed") == [(1, float(np.float32(typed)))]
    assert table.told.kinds()[-2:] == ["changed", "finished"]
    assert np.float32(table.text(1, Column.THRESHOLD)) == np.float32(typed)


def test_typing_a_digit_begins_an_edit_with_it(table: Table, qtbot: QtBot) -> None:
    table.panel.setCurrentLabel(2)
    QTest.keyClick(table.view, Qt.Key.Key_Period)
    editor = table.open_editor()
    assert editor.text() == "."
    QTest.keyClicks(editor, "125")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert table.told.of("changed") == [(2, 0.125)]


def test_f2_edits_escape_leaves(table: Table, qtbot: QtBot) -> None:
    table.panel.setCurrentLabel(0)
    QTest.keyClick(table.view, Qt.Key.Key_F2)
    QTest.keyClicks(table.open_editor(), "0.9")
    QTest.keyClick(table.open_editor(), Qt.Key.Key_Escape)
    assert table.editor() is None
    assert table.told.of("changed") == []
    assert table.text(0, Column.THRESHOLD) == "0.5"


def test_what_is_no_number_stays_in_the_field_with_the_reason(table: Table, qtbot: QtBot) -> None:
    table.panel.setCurrentLabel(0)
    QTest.keyClick(table.view, Qt.Key.Key_F2)
    editor = table.open_editor()
    QTest.keyClicks(editor, "0,4")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert table.open_editor() is editor
    assert "0.4" in editor.reason()
    assert "0.4" in editor.accessibleDescription()
    QTest.keyClick(editor, Qt.Key.Key_Backspace)
    assert editor.reason() == ""
    editor.setText("0.4")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert table.told.of("changed") == [(0, float(np.float32(0.4)))]


def test_the_same_value_typed_again_is_no_change(table: Table, qtbot: QtBot) -> None:
    table.panel.setCurrentLabel(1)
    QTest.keyClick(table.view, Qt.Key.Key_F2)
    QTest.keyClicks(table.open_editor(), "0.2500")
    QTest.keyClick(table.open_editor(), Qt.Key.Key_Return)
    assert table.told.events == []


def test_tab_goes_on_to_the_next_row(table: Table, qtbot: QtBot) -> None:
    table.panel.setCurrentLabel(0)
    QTest.keyClick(table.view, Qt.Key.Key_F2)
    for typed in ("0.1", "0.2", "0.3"):
        QTest.keyClicks(table.open_editor(), typed)
        QTest.keyClick(table.open_editor(), Qt.Key.Key_Tab)
    assert table.editor() is None
    assert table.column(Column.THRESHOLD) == ["0.1", "0.2", "0.3"]


def test_numbers_that_grow_do_not_disturb_what_is_typed(table: Table, qtbot: QtBot) -> None:
    table.panel.setCurrentLabel(0)
    QTest.keyClick(table.view, Qt.Key.Key_0)
    editor = table.open_editor()
    QTest.keyClicks(editor, ".6")
    y_true, y_score = example(3)
    table.panel.setMetrics(counted(y_true, y_score, thresholds(0.5, 0.25, 0.75).values))
    table.panel.setThresholds(thresholds(0.4, 0.25, 0.75))
    assert editor.text() == "0.6"
    assert table.open_editor() is editor


def test_argmax_greys_the_sliders_and_says_why(table: Table, qtbot: QtBot) -> None:
    reason = "argmax takes the highest score: thresholds are not used"
    active = table.panel.grab().toImage()
    table.panel.setThresholdsActive(False, reason)
    assert table.panel.grab().toImage() != active
    click(table.view.viewport(), table.zones(0).number.center())
    press(table.view.viewport(), table.handle(0, 0.5))
    move(table.view.viewport(), table.handle(0, 0.9))
    release(table.view.viewport(), table.handle(0, 0.9))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_F2, Qt.Key.Key_5):
        QTest.keyClick(table.view, key)
    assert table.editor() is None
    assert set(table.told.kinds()) <= {"chosen"}
    assert reason in table.role(0, Column.THRESHOLD, Qt.ItemDataRole.ToolTipRole)
    assert table.all.note() == reason


def test_new_labels_during_a_drag_end_it_in_silence(table: Table) -> None:
    viewport, start = table.view.viewport(), table.handle(2, 0.75)
    press(viewport, start)
    move(viewport, start + QPointF(-30, 0))
    before = list(table.told.events)
    table.panel.setLabels(["only one"])
    move(viewport, start + QPointF(-60, 0))
    release(viewport, start)
    assert table.told.events == before


def test_keys_of_the_table_win_over_shortcuts_of_the_window(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    taken: list[str] = []
    for key in ("Right", "Left", "Shift+Right", "Ctrl+Right", "5", "D", "Ctrl+F"):
        action = QAction(key, window)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda _checked=False, key=key: taken.append(key))
        window.addAction(action)
    table = Table(qtbot, ["cat", "dog"])
    stops = Stops(table, [])
    window.setCentralWidget(table.panel)
    window.show()
    window.activateWindow()
    table.view.setFocus()
    qtbot.waitUntil(table.view.hasFocus)
    table.panel.setCurrentLabel(0)
    QTest.keyClick(table.view, Qt.Key.Key_Right)
    QTest.keyClick(table.view, Qt.Key.Key_Left)
    QTest.keyClick(table.view, Qt.Key.Key_Right, SHIFT)
    QTest.keyClick(table.view, Qt.Key.Key_D)
    QTest.keyClick(table.view, Qt.Key.Key_F, CONTROL)
    assert taken == ["D"]
    assert stops.asked == [(0, True), (0, False)]
    assert table.told.of("changed") == [(0, float(np.float32(0.51)))]
    assert table.filter.hasFocus()
