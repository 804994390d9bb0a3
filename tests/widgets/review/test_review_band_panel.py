"""The review panel as a user meets it: shown, dragged, stepped, typed, clicked."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from inference.types import BandGoal, BandProposal, Promise, ReviewBand, ReviewCounts, ReviewLoad, Thresholds
from tests.widgets.mouse import move, press, release
from widgets.review import ReviewBandPanel
from widgets.review.columns import Column
from widgets.review.view import ReviewView

LABELS = ("cat", "dog", "owl")


def band_of(low: list[float], high: list[float]) -> ReviewBand:
    return ReviewBand(Thresholds(np.array(low)), Thresholds(np.array(high)))


BAND = band_of([0.2, 0.3, 0.5], [0.6, 0.8, 0.5])


def counts_of(n: int = 200) -> ReviewCounts:
    whole = lambda *values: np.array(values, dtype=np.int64)  # noqa: E731
    part = lambda *values: np.array(values, dtype=np.float64)  # noqa: E731
    return ReviewCounts(
        n_images=n,
        review=whole(30, 12, 0),
        accepted=whole(20, 5, 7),
        accepted_known=whole(20, 0, 7),
        accepted_right=whole(19, 0, 7),
        lost=whole(2, 0, 1),
        positives=whole(40, 0, 8),
        precision_low=part(0.8, np.nan, 0.7),
        precision_high=part(0.99, np.nan, 1.0),
        lost_low=part(0.01, np.nan, 0.02),
        lost_high=part(0.1, np.nan, 0.4),
        confidence=0.9,
    )


class Heard:
    """All that the panel tells, in order."""

    def __init__(self, panel: ReviewBandPanel) -> None:
        self.all: list[tuple[object, ...]] = []
        panel.lowChanged.connect(lambda label, value: self.all.append(("low", label, value)))
        panel.highChanged.connect(lambda label, value: self.all.append(("high", label, value)))
        panel.editFinished.connect(lambda: self.all.append(("end",)))
        panel.imagesRequested.connect(lambda label, part: self.all.append(("images", label, part)))
        panel.labelChosen.connect(lambda label: self.all.append(("label", label)))
        panel.proposeRequested.connect(lambda goal: self.all.append(("propose", goal)))
        panel.cancelRequested.connect(lambda: self.all.append(("cancel",)))
        panel.beginRequested.connect(lambda: self.all.append(("begin",)))
        panel.clearRequested.connect(lambda: self.all.append(("clear",)))


@pytest.fixture
def panel(qtbot: QtBot) -> ReviewBandPanel:
    made = ReviewBandPanel()
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.setLabels(LABELS)
    made.setThresholds(Thresholds.uniform(3, 0.4))
    made.setBand(BAND)
    made.setCounts(counts_of())
    made.setLoad(ReviewLoad(38, 42, 200))
    made.show()
    return made


def view_of(panel: ReviewBandPanel) -> ReviewView:
    return panel.findChild(ReviewView)  # type: ignore[return-value]


def cell(panel: ReviewBandPanel, row: int, column: Column) -> str:
    return str(view_of(panel).model().index(row, column).data())


def button(panel: ReviewBandPanel, text: str) -> QPushButton:
    return next(one for one in panel.findChildren(QPushButton) if one.text().replace("&", "") == text)


def place(panel: ReviewBandPanel, row: int, value: float) -> QPointF:
    """Where a score stands on a row's track."""
    view = view_of(panel)
    where = view._delegate.layout.zones(view.visualRect(view.model().index(row, Column.BAND)).toRectF())
    return QPointF(where.track.x_of(value), where.middle)


def test_setters_never_tell(panel: ReviewBandPanel) -> None:
    heard = Heard(panel)
    panel.setBand(band_of([0.1] * 3, [0.9] * 3))
    panel.setCurrentLabel(1)
    panel.setCounts(None)
    panel.setLoad(None)
    panel.setProposal(None)
    panel.setObstacle("no")
    panel.setObstacle("")
    panel.setBusy(True)
    panel.setThresholds(Thresholds.uniform(3))
    panel.setBand(None)
    panel.setLabels(("one",))
    assert heard.all == []


def test_it_says_what_the_band_makes(panel: ReviewBandPanel) -> None:
    assert panel.sentence() == "38 of 200 images (19.0 %) have a label to review: 42 decisions."
    assert cell(panel, 0, Column.LOW) == "0.2"
    assert cell(panel, 0, Column.REVIEW) == "30 15.0 %"
    assert cell(panel, 0, Column.PRECISION) == "0.95 19/20"
    assert cell(panel, 0, Column.LOST) == "0.05 2/40"
    assert cell(panel, 1, Column.PRECISION) == cell(panel, 1, Column.LOST) == "–"
    tip = view_of(panel).model().index(0, Column.PRECISION).data(Qt.ItemDataRole.ToolTipRole)
    assert "[0.80–0.99]" in tip
    panel.setLoad(ReviewLoad(0, 0, 200))
    assert panel.sentence().startswith("Nothing to review")
    panel.setLoad(None)
    assert panel.sentence() == "Counting the images to review …"


def test_each_end_is_dragged_and_stops_at_the_other(panel: ReviewBandPanel) -> None:
    heard, view = Heard(panel), view_of(panel)
    press(view.viewport(), place(panel, 0, 0.2))
    move(view.viewport(), place(panel, 0, 0.4))
    move(view.viewport(), place(panel, 0, 0.95))
    release(view.viewport(), place(panel, 0, 0.95))
    moved = [entry for entry in heard.all if entry[0] == "low"]
    assert moved[0][1] == 0
    assert moved[0][2] == pytest.approx(0.4, abs=0.02)
    assert moved[-1][2] == float(np.float32(0.6))
    assert not [entry for entry in heard.all if entry[0] == "high"]
    assert heard.all[-1] == ("end",)
    assert [entry for entry in heard.all if entry[0] == "end"] == [("end",)]
    press(view.viewport(), place(panel, 1, 0.8))
    move(view.viewport(), place(panel, 1, 0.7))
    release(view.viewport(), place(panel, 1, 0.7))
    assert heard.all[-2][:2] == ("high", 1)
    assert heard.all[-2][2] == pytest.approx(0.7, abs=0.02)


@pytest.mark.parametrize(("to", "end"), [(0.3, "low"), (0.7, "high")])
def test_of_two_ends_in_one_place_the_direction_chooses(panel: ReviewBandPanel, to: float, end: str) -> None:
    heard, view = Heard(panel), view_of(panel)
    for at, act in ((0.5, press), (to, move), (to, release)):
        act(view.viewport(), place(panel, 2, at))
    moved = [entry for entry in heard.all if entry[0] in ("low", "high")]
    assert {entry[0] for entry in moved} == {end}
    assert moved[-1][2] == pytest.approx(to, abs=0.02)


def test_keys_step_the_filled_end_and_space_changes_ends(panel: ReviewBandPanel, qtbot: QtBot) -> None:
    panel.setCurrentLabel(0)
    heard, view = Heard(panel), view_of(panel)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert heard.all == [("low", 0, float(np.float32(0.21))), ("end",)]
    qtbot.keyClick(view, Qt.Key.Key_Space)
    qtbot.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert heard.all[2:] == [("high", 0, float(np.float32(0.599))), ("end",)]
    qtbot.keyClick(view, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert heard.all[-1] == ("images", 0, "review")


def test_any_number_can_be_typed_and_takes_the_other_end_along(panel: ReviewBandPanel, qtbot: QtBot) -> None:
    panel.setCurrentLabel(0)
    heard, view = Heard(panel), view_of(panel)
    view.setFocus()
    qtbot.keyClicks(view, "0")
    editor = next(one for one in view.findChildren(QLineEdit) if one.isVisible())
    qtbot.keyClicks(editor, ".7000001")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert heard.all == [("low", 0, float(np.float32(0.7000001))), ("end",)]
    assert cell(panel, 0, Column.LOW) == cell(panel, 0, Column.HIGH) == "0.7000001"


def test_a_count_leads_to_its_images_and_zero_does_not(panel: ReviewBandPanel, qtbot: QtBot) -> None:
    heard, view = Heard(panel), view_of(panel)
    for row, column in ((0, Column.REVIEW), (2, Column.LOST), (0, Column.PRECISION), (2, Column.REVIEW)):
        at = view.visualRect(view.model().index(row, column)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert [entry for entry in heard.all if entry[0] == "images"] == [
        ("images", 0, "review"),
        ("images", 2, "lost"),
        ("images", 0, "accepted"),
    ]
    button(panel, "Show them").click()
    assert heard.all[-1] == ("images", -1, "review")


def test_the_goal_is_told_as_it_stands_in_the_fields(panel: ReviewBandPanel) -> None:
    heard = Heard(panel)
    button(panel, "Propose band").click()
    assert heard.all.pop() == ("propose", BandGoal())
    fields = panel.findChildren(QDoubleSpinBox)
    fields[0].setValue(99)
    check = panel.findChild(QCheckBox)
    assert isinstance(check, QCheckBox)
    check.setChecked(True)
    button(panel, "Propose band").click()
    assert heard.all.pop() == ("propose", BandGoal(0.99, 0.05, Promise.CONFIDENT, 0.9))
    panel.setBusy(True)
    button(panel, "Cancel").click()
    assert heard.all[-1] == ("cancel",)


def test_a_note_stays_while_the_proposed_band_does(panel: ReviewBandPanel) -> None:
    yes = np.ones(3, dtype=bool)
    panel.setProposal(BandProposal(BandGoal(), "", BAND, yes, yes, ("", "Nothing can be accepted.", "")))
    assert cell(panel, 1, Column.NOTE) == "Nothing can be accepted."
    assert not view_of(panel).isColumnHidden(Column.NOTE)
    panel.setBand(BAND.with_low(1, 0.1))
    assert cell(panel, 1, Column.NOTE) == ""
    assert view_of(panel).isColumnHidden(Column.NOTE)


def test_without_a_band_it_says_how_to_get_one(panel: ReviewBandPanel) -> None:
    heard = Heard(panel)
    button(panel, "Remove band").click()
    panel.setBand(None)
    assert view_of(panel).model().rowCount() == 0
    assert "Propose one" in view_of(panel).empty_text
    button(panel, "Begin at the thresholds").click()
    assert heard.all == [("clear",), ("begin",)]
    panel.setObstacle("Argmax takes the highest score.")
    assert not view_of(panel).isVisible()
    panel.setObstacle("")
    assert view_of(panel).isVisible()


def test_a_filter_and_a_click_on_a_title_order_the_rows(panel: ReviewBandPanel) -> None:
    view = view_of(panel)
    view.horizontalHeader().sectionClicked.emit(int(Column.REVIEW))
    assert [cell(panel, row, Column.NAME) for row in range(3)] == ["cat", "dog", "owl"]
    view.horizontalHeader().sectionClicked.emit(int(Column.REVIEW))
    assert [cell(panel, row, Column.NAME) for row in range(3)] == ["owl", "dog", "cat"]
    panel.findChildren(QLineEdit)[-1].setText("o")
    field = next(one for one in panel.findChildren(QLineEdit) if one.placeholderText() == "Filter labels")
    field.setText("ow")
    assert view.model().rowCount() == 1


def test_every_control_has_a_name(panel: ReviewBandPanel) -> None:
    nameless = [one for one in panel.findChildren(QDoubleSpinBox) if not one.accessibleName()]
    assert not nameless
    said = view_of(panel).model().index(0, Column.LOW).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "cat, Reject below: 0.2"


@pytest.mark.parametrize("width", [520, 700, 1200])
def test_numbers_are_never_cut(panel: ReviewBandPanel, width: int) -> None:
    panel.resize(width, 400)
    view = view_of(panel)
    layout = view._delegate.layout
    for column in (Column.REVIEW, Column.PRECISION, Column.LOST):
        number, beside = view._review.rows.parts(column, 0)
        needed = layout.metrics.horizontalAdvance(number) + layout.small_metrics.horizontalAdvance(beside)
        needed += layout.third if view._delegate.intervals and column is not Column.REVIEW else 0
        assert view.columnWidth(column) >= needed, column
