"""Two pictures beside each other: linked views, and labels in the order of what differs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

from inference.types import Activation, DecisionRule, ImageScores
from inference.types.gallery import SidePicture
from widgets.side_by_side import SideBySideView
from widgets.side_by_side.differences import pair_rows, summary

LABELS = ("cat", "dog", "bird", "fish")


def scored(values: list[float], predicted: list[bool]) -> ImageScores:
    count = len(values)
    return ImageScores(
        np.array(values, dtype=np.float32),
        np.full(count, 0.5, dtype=np.float32),
        np.array(predicted),
        np.zeros(count, dtype=np.int8),
        True,
        DecisionRule.THRESHOLDS,
        Activation.SIGMOID,
    )


def side(
    values: list[float] | None = None, title: str = "a.jpg", size: tuple[int, int] = (60, 80), **more: object
) -> SidePicture:
    labels = more.get("labels", LABELS)
    scores = None if values is None else scored(values, [value >= 0.5 for value in values])
    assert isinstance(labels, tuple)
    return SidePicture(title, "", np.full((*size, 3), 128, np.uint8), "", labels, scores)


@pytest.fixture
def view(qtbot: QtBot) -> SideBySideView:
    widget = SideBySideView()
    qtbot.addWidget(widget)
    widget.resize(700, 500)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def listed(view: SideBySideView) -> list[str]:
    return [row.name for row in view.rows().rows()]


@given(
    st.lists(st.tuples(st.floats(0, 1, width=16), st.booleans()), max_size=8),
    st.lists(st.tuples(st.floats(0, 1, width=16), st.booleans()), max_size=8),
    st.permutations(range(12)),
)
@settings(max_examples=120, deadline=None)
def test_rows_equal_brute_force(one: list[tuple[float, bool]], two: list[tuple[float, bool]], names: list[int]) -> None:
    left_names = tuple(f"label {i}" for i in range(len(one)))
    right_names = tuple(f"label {i}" for i in names[: len(two)])
    left = SidePicture("", labels=left_names, scores=scored([v for v, _ in one], [p for _, p in one]))
    right = SidePicture("", labels=right_names, scores=scored([v for v, _ in two], [p for _, p in two]))
    known = {name: one[i] for i, name in enumerate(left_names)}, {name: two[i] for i, name in enumerate(right_names)}
    rows = pair_rows(left, right)
    assert {row.name for row in rows} == set(left_names) | set(right_names)
    differ = {name for name in known[0] if name in known[1] and known[0][name][1] != known[1][name][1]}
    assert {row.name for row in rows[: len(differ)]} == differ
    gaps = [abs(known[0][row.name][0] - known[1][row.name][0]) for row in rows[: len(differ)]]
    assert gaps == sorted(gaps, reverse=True)
    rest = [max(part.get(row.name, (0.0,))[0] for part in known) for row in rows[len(differ) :]]
    assert rest == sorted(rest, reverse=True)
    for row in rows:
        assert (row.left >= 0, row.right >= 0) == (row.name in known[0], row.name in known[1])
        assert row.left < 0 or left_names[row.left] == row.name
        assert row.right < 0 or right_names[row.right] == row.name


def test_what_differs_is_listed_first_and_said(view: SideBySideView) -> None:
    view.setPair(side([0.9, 0.1, 0.6, 0.2]), side([0.95, 0.7, 0.4, 0.1]))
    assert listed(view) == ["dog", "bird", "cat", "fish"]
    assert view.summaryText() == "2 of 4 labels are decided differently."
    spoken = view.rows().accessibleDescription()
    assert spoken.startswith("dog 0.10 not predicted, 0.70 predicted, decided differently")
    view.setOnlyDifferences(True)
    assert listed(view) == ["dog", "bird"]
    view.setPair(side([0.9, 0.1, 0.6, 0.2]), side([0.9, 0.1, 0.6, 0.2]))
    assert listed(view) == []
    assert view.summaryText() == "All 4 labels are decided alike."


def test_words_for_sides_that_cannot_be_compared() -> None:
    bare = side(None)
    assert "once both sides are scored" in summary(pair_rows(bare, side([0.1] * 4)), bare, side([0.1] * 4))
    other = side([0.5], labels=("tree",))
    assert "no label in common" in summary(pair_rows(side([0.1] * 4), other), side([0.1] * 4), other)


def test_zoom_and_place_are_one(view: SideBySideView) -> None:
    view.setPair(side(size=(600, 800)), side(size=(300, 400)))
    left, right = view.canvases()
    assert left.isAtFit()
    assert right.isAtFit()
    right.zoomBy(3.0, QPointF(20, 30))
    assert left.scale() * 2 == pytest.approx(right.scale())
    assert left.place().x == pytest.approx(right.place().x)
    assert left.place().y == pytest.approx(right.place().y)
    middle = left.place()
    QTest.mousePress(left, Qt.MouseButton.LeftButton, pos=left.rect().center())
    QTest.mouseMove(left, left.rect().center() - left.rect().center() / 4)
    QTest.mouseRelease(left, Qt.MouseButton.LeftButton)
    assert left.place() != middle
    assert right.place().x == pytest.approx(left.place().x)
    view.fit()
    assert right.isAtFit()


def test_the_place_is_kept_when_the_pair_changes(view: SideBySideView) -> None:
    view.setPair(side(size=(600, 800)), side(size=(600, 800)))
    view.canvases()[0].zoomBy(4.0, QPointF(10, 10))
    place = view.canvases()[0].place()
    view.setPair(side(size=(600, 800), title="b"), side(size=(60, 80), title="c"))
    for canvas in view.canvases():
        assert canvas.place().x == pytest.approx(place.x)
        assert canvas.place().zoom == pytest.approx(place.zoom)


def test_keys_and_buttons(view: SideBySideView, qtbot: QtBot) -> None:
    view.setPair(side([0.9, 0.1, 0.6, 0.2], size=(600, 800)), side([0.1, 0.1, 0.6, 0.2], size=(600, 800)))
    told: list[str] = []
    view.closed.connect(lambda: told.append("closed"))
    view.swapRequested.connect(lambda: told.append("swap"))
    canvas = view.canvases()[1]
    before = canvas.scale()
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.scale() == pytest.approx(before * 1.25)
    QTest.keyClick(canvas, Qt.Key.Key_F)
    assert canvas.isAtFit()
    QTest.keyClick(canvas, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert view.canvases()[0].scale() == pytest.approx(1.0)
    QTest.keyClick(canvas, Qt.Key.Key_S)
    QTest.keyClick(view.rows(), Qt.Key.Key_Escape)
    for button in view.findChildren(QToolButton):
        if button.text() in ("Swap", "Close"):
            button.click()
    assert told == ["swap", "closed", "swap", "closed"]


def test_setters_say_nothing(view: SideBySideView) -> None:
    told: list[object] = []
    view.closed.connect(lambda: told.append(1))
    view.swapRequested.connect(lambda: told.append(2))
    view.setPair(side([0.9] * 4), side([0.1] * 4))
    view.setOnlyDifferences(True)
    assert told == []


def test_a_thousand_labels_paint_only_what_is_in_sight(view: SideBySideView, monkeypatch: pytest.MonkeyPatch) -> None:
    from widgets.overlay_paint import RowPainter

    painted: list[int] = []
    original = RowPainter.paint

    def spy(self: RowPainter, rect: object, label: int, *, current: bool) -> None:
        painted.append(label)
        original(self, rect, label, current=current)  # type: ignore[arg-type]

    monkeypatch.setattr(RowPainter, "paint", spy)
    labels = tuple(f"label {i}" for i in range(1_000))
    values = np.random.default_rng(0).random(1_000).tolist()
    view.setPair(side(values, labels=labels), side(values[::-1], labels=labels))
    view.rows().verticalScrollBar().setValue(5_000)
    painted.clear()
    view.rows().viewport().repaint()
    assert 2 <= len(painted) < 60


def test_every_control_has_a_name(view: SideBySideView) -> None:
    for child in view.findChildren(QWidget):
        if child.focusPolicy() & Qt.FocusPolicy.TabFocus and not child.focusProxy():
            assert child.accessibleName(), child


def test_a_missing_picture_says_why(view: SideBySideView) -> None:
    view.setPair(side(), SidePicture("gone.jpg", message="gone.jpg is not in the folder any more."))
    left, right = view.canvases()
    assert left.hasImage()
    assert not right.hasImage()
    assert "not in the folder" in right.accessibleDescription()


def test_rows_get_the_room_that_the_view_has(view: SideBySideView) -> None:
    names = tuple(f"label {i}" for i in range(300))
    left, right = (side([0.1] * 300, labels=names) for _ in range(2))
    view.resize(700, 900)
    view.setPair(left, right)
    row = view.rows().rowRect(0).height()
    assert view.rows().viewport().height() >= 10 * row  # of 300, and the pictures still have more than half
    assert view.canvases()[0].height() > 400
    few = side([0.1, 0.2, 0.3], labels=LABELS[:3])
    view.setPair(few, few)
    assert view.rows().viewport().height() < 6 * row


def test_the_image_in_hand_is_marked_and_the_other_one_asked_for(view: SideBySideView) -> None:
    asked: list[int] = []
    view.sideChosen.connect(asked.append)
    view.setPair(side([0.1] * 4), side([0.9] * 4, "b.jpg"))
    left, right = view.canvases()
    QTest.mouseClick(right, Qt.MouseButton.LeftButton)
    assert asked == []  # one image on both sides: there is nothing to choose
    left.setFocus()
    view.setCurrentSide(0)
    assert "In hand" in left.accessibleDescription()
    assert "In hand" not in right.accessibleDescription()
    QTest.mouseClick(right, Qt.MouseButton.LeftButton)
    assert asked == [1]
    view.setCurrentSide(1)
    assert right.hasFocus()
    assert "In hand" in right.accessibleDescription()
    assert asked == [1]
