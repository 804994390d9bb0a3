"""What the badge says of a number, and how it gives way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from inference.types import Honesty, HonestyState
from widgets.theme import DARK, apply_theme
from widgets.tuning import HonestyBadge

APART = HonestyState(
    Honesty.SEPARATE, measured=0.61, low=0.52, high=0.69, n_images=150, n_tuned=350, part="30 % held out"
)
TUNED = HonestyState(Honesty.TUNED, measured=0.63, expected=0.55, low=0.42, high=0.67)


@pytest.fixture
def badge(qtbot: QtBot) -> HonestyBadge:
    made = HonestyBadge()
    qtbot.addWidget(made)
    made.resize(800, 30)
    made.show()
    return made


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (HonestyState(), "set by hand, measured on this folder"),
        (TUNED, "tuned on this folder: 0.63, expected on new images 0.55 [0.42–0.67]"),
        (
            HonestyState(Honesty.TUNED, measured=0.63),
            "tuned on this folder: 0.63, not yet estimated for new images",
        ),
        (
            HonestyState(Honesty.SEPARATE, measured=0.57, n_images=1200),
            "checked on a separate split: 0.57, 1,200 images",
        ),
        (APART, "tuned on 350 images, checked on 150 held out: 0.61 [0.52–0.69]"),
        (replace(APART, modified=True), "tuned apart, then moved by hand: 0.61 on 150 images held out"),
        (
            HonestyState(measured=0.61, n_images=150, part="30 % held out"),
            "set by hand, measured on 150 images (30 % held out): 0.61",
        ),
        (
            HonestyState(Honesty.TUNED, measured=0.61, expected=0.55, n_images=150, part="30 % held out"),
            "tuned on all images, also on the 150 measured: 0.61",
        ),
    ],
)
def test_each_state_has_its_words(badge: HonestyBadge, state: HonestyState, text: str) -> None:
    badge.setState(state)
    assert badge.shownText() == badge.text() == text
    assert badge.accessibleName() == f"micro F1, {text}"


def test_tuned_says_why_it_flatters(badge: HonestyBadge) -> None:
    badge.setState(TUNED)
    assert "flatters" in badge.toolTip()
    assert "90 % interval" in badge.toolTip()
    badge.setState(HonestyState(Honesty.SEPARATE, measured=0.5))
    assert "flatters" not in badge.toolTip()


def test_both_numbers_stay_where_room_is_short(badge: HonestyBadge) -> None:
    badge.setState(TUNED)
    full = badge.sizeHint().width()
    shorter = {badge.text()}
    for width in range(full, badge.minimumSizeHint().width() - 1, -10):
        badge.resize(width, 30)
        shown = badge.shownText()
        assert "0.63" in shown
        assert "0.55" in shown
        assert badge.fontMetrics().horizontalAdvance(shown) < width
        shorter.add(shown)
    assert len(shorter) >= 3


def test_an_estimate_of_other_thresholds_is_never_shown_as_theirs(badge: HonestyBadge) -> None:
    badge.setState(HonestyState(Honesty.TUNED, measured=0.62, expected=0.55, low=0.42, high=0.67, modified=True))
    for width in range(badge.sizeHint().width(), 100, -10):
        badge.resize(width, 30)
        shown = badge.shownText()
        assert "before that" in shown or "0.55" not in shown


def test_a_click_and_a_key_ask_for_details(badge: HonestyBadge, qtbot: QtBot) -> None:
    asked: list[bool] = []
    badge.detailsRequested.connect(lambda: asked.append(True))
    badge.setState(TUNED)
    assert asked == []
    QTest.mouseClick(badge, Qt.MouseButton.LeftButton)
    badge.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(badge, Qt.Key.Key_Space)
    assert len(asked) == 2


def test_states_differ_by_shape_in_both_themes(badge: HonestyBadge, qapp: QApplication) -> None:
    seen = set()
    for state in (HonestyState(), TUNED, HonestyState(Honesty.SEPARATE)):
        badge.setState(state)
        side = badge.fontMetrics().height()
        image = badge.grab().toImage().copy(6, 6, side, badge.height() - 12)
        ground = image.pixel(0, 0)
        places = [(x, y) for x in range(image.width()) for y in range(image.height())]
        seen.add(tuple(image.pixel(x, y) != ground for x, y in places))
    assert len(seen) == 3
    light = badge.grab().toImage()
    apply_theme(qapp, DARK)
    assert badge.grab().toImage() != light


def test_the_interval_of_what_is_held_out_stays_where_room_is_short(badge: HonestyBadge) -> None:
    badge.setState(APART)
    badge.resize(badge.minimumSizeHint().width(), 30)
    assert "0.61 [0.52–0.69]" in badge.shownText()
    assert "30 % held out" in badge.toolTip()
