"""Saved profiles: wishes told by real clicks and keys, and what is shown of each."""

from __future__ import annotations

from datetime import datetime

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QListView
from pytestqt.qtbot import QtBot

from inference.types import ProfileRow
from tests.widgets.tuning.stage import NAN, Told, named, part, visible
from widgets.elided_label import ElidedLabel
from widgets.tuning import ProfileList

ROWS = (
    ProfileRow("a", "High recall", "recall at least 90 %", datetime(2026, 7, 1, 10, 4), 0.61, 0.52, in_force=True),
    ProfileRow("b", "Balanced", "Balanced", datetime(2026, 6, 3), 0.63, 0.55, stale="40 annotations changed."),
    ProfileRow("c", "0.5", "set by hand", datetime(2026, 6, 1), 0.44, NAN),
)
SIGNALS = (
    "applyRequested",
    "saveRequested",
    "renameRequested",
    "deleteRequested",
    "compareRequested",
    "exportRequested",
    "profileChosen",
)


@pytest.fixture
def shown(qtbot: QtBot) -> ProfileList:
    made = ProfileList()
    qtbot.addWidget(made)
    made.setProfiles(ROWS)
    made.resize(520, 400)
    made.show()
    return made


@pytest.fixture
def told(shown: ProfileList) -> Told:
    made = Told()
    made.listen(shown, *SIGNALS)
    return made


def rows(shown: ProfileList) -> QListView:
    return part(shown, QListView)


def press(shown: ProfileList, words: str) -> None:
    found = [b for b in visible(shown, QAbstractButton) if b.text().replace("&", "") == words]
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)


def at(shown: ProfileList, place: int) -> QPoint:
    return rows(shown).visualRect(rows(shown).model().index(place, 0)).center()


def choose(shown: ProfileList, place: int) -> None:
    QTest.mouseClick(
        rows(shown).viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at(shown, place)
    )


def notice(shown: ProfileList) -> str:
    return " ".join(line.text() for line in visible(shown, ElidedLabel))


def detail(shown: ProfileList) -> str:
    return named(shown, QLabel, "About the chosen profile").text()


def test_the_chosen_one_is_told_and_described(shown: ProfileList, told: Told) -> None:
    choose(shown, 1)
    assert told.events == [("profileChosen", "b")]
    for part_of_it in ("Balanced", "2026-06-03", "micro 0.63", "macro 0.55", "Stale: 40 annotations changed."):
        assert part_of_it in detail(shown)
    choose(shown, 0)
    assert "It is in force." in detail(shown)
    choose(shown, 2)
    assert "macro –" in detail(shown)


def test_a_threshold_moved_later_shows_as_modified(shown: ProfileList) -> None:
    choose(shown, 0)
    before = rows(shown).viewport().grab().toImage()
    shown.setProfiles((ProfileRow(**{**vars(ROWS[0]), "modified": True}), *ROWS[1:]))
    assert "changed since it was applied" in detail(shown)
    assert rows(shown).viewport().grab().toImage() != before


def test_what_is_known_of_a_profile_is_said_with_its_intervals(shown: ProfileList) -> None:
    more = {
        "method": "exact on this folder",
        "decides": "sigmoid · a threshold per label · calibrated: Platt",
        "split": "30 % held out",
        "n_images": 1500,
        "n_positives": 1,
        "micro_low": 0.5,
        "micro_high": 0.7,
    }
    redrawn = ProfileRow(**{**vars(ROWS[0]), **more})
    folds = ProfileRow(**{**vars(redrawn), "out_of_fold": True, "expected_micro": 0.6, "expected_macro": 0.4})
    shown.setProfiles((redrawn,))
    choose(shown, 0)
    for part_of_it in ("exact on this folder.", "calibrated: Platt", "1,500 images (30 % held out) with 1 positive,"):
        assert part_of_it in detail(shown)
    assert "micro 0.61 [0.50–0.70]  macro 0.52 (90 % intervals, images redrawn)" in detail(shown)
    shown.setProfiles((folds,))
    assert "F1 then: micro 0.61  macro 0.52." in detail(shown)
    assert "Expected on new images: micro 0.60 [0.50–0.70]  macro 0.40 (90 % interval, out of fold)." in detail(shown)


@pytest.mark.parametrize(
    ("words", "signal"),
    [
        ("Apply", "applyRequested"),
        ("Export…", "exportRequested"),
        ("Delete", "deleteRequested"),
        ("Compare…", "compareRequested"),
    ],
)
def test_buttons_tell_the_key(shown: ProfileList, told: Told, words: str, signal: str) -> None:
    choose(shown, 1)
    press(shown, words)
    assert told.of(signal) == [("b",)]


def test_enter_and_a_double_click_apply(shown: ProfileList, told: Told) -> None:
    choose(shown, 2)
    QTest.keyClick(rows(shown), Qt.Key.Key_Return)
    choose(shown, 1)
    QTest.mouseDClick(rows(shown).viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at(shown, 1))
    assert told.of("applyRequested") == [("c",), ("b",)]


def test_delete_says_that_undo_brings_it_back(shown: ProfileList, told: Told) -> None:
    choose(shown, 1)
    QTest.keyClick(rows(shown), Qt.Key.Key_Delete)
    assert told.of("deleteRequested") == [("b",)]
    button = next(b for b in visible(shown, QAbstractButton) if b.text().replace("&", "") == "Delete")
    assert "Undo" in button.toolTip()


def test_a_new_profile_needs_a_name_of_its_own(shown: ProfileList, told: Told) -> None:
    shown.setSuggestedName("Best F1")
    press(shown, "Save as…")
    field = named(shown, QLineEdit, "Name of the new")
    assert field.selectedText() == "Best F1"
    QTest.keyClicks(field, " balanced ")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert "already" in notice(shown)
    assert told.events == []
    field.clear()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert notice(shown) == "Give the profile a name."
    QTest.keyClicks(field, "Night shift")
    press(shown, "Save")
    assert told.events == [("saveRequested", "Night shift")]
    assert not field.isVisible()


def test_escape_saves_nothing(shown: ProfileList, told: Told) -> None:
    press(shown, "Save as…")
    field = named(shown, QLineEdit, "Name of the new")
    QTest.keyClicks(field, "x")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not field.isVisible()
    assert told.events == []


def rename(shown: ProfileList, name: str) -> None:
    press(shown, "Rename")
    editor = next(field for field in visible(shown, QLineEdit) if field.accessibleName().startswith("New name"))
    editor.selectAll()
    QTest.keyClicks(editor, name)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()  # Qt takes the name over a moment after Enter


def test_a_profile_is_renamed_in_its_row(shown: ProfileList, told: Told) -> None:
    choose(shown, 0)
    told.events.clear()
    rename(shown, "  Very high recall ")
    assert told.events == [("renameRequested", "a", "Very high recall")]  # and Enter applied nothing


@pytest.mark.parametrize(("name", "said"), [("BALANCED", "already"), ("   ", "a name")])
def test_a_name_that_cannot_be_had_is_refused_with_a_sentence(
    shown: ProfileList, told: Told, name: str, said: str
) -> None:
    choose(shown, 0)
    rename(shown, name)
    assert told.of("renameRequested") == []
    assert said in notice(shown)


def test_nothing_chosen_nothing_to_do(qtbot: QtBot) -> None:
    empty = ProfileList()
    qtbot.addWidget(empty)
    empty.show()
    offered = {b.text().replace("&", "") for b in visible(empty, QAbstractButton) if b.isEnabled()}
    assert offered == {"Save as…"}
    empty.setSaveBlocked("Score the images first.")
    assert not any(b.isEnabled() for b in visible(empty, QAbstractButton))


def test_setters_are_silent_and_keep_the_choice(shown: ProfileList, told: Told) -> None:
    choose(shown, 1)
    told.events.clear()
    shown.setProfiles(tuple(reversed(ROWS)))
    assert shown.chosen() == "b"
    shown.setProfiles(ROWS[2:])
    assert shown.chosen() == ""
    assert told.events == []


def test_the_list_takes_the_focus_without_choosing_and_keys_choose(shown: ProfileList, told: Told) -> None:
    rows(shown).setFocus(Qt.FocusReason.TabFocusReason)
    assert told.events == []
    assert shown.chosen() == ""
    QTest.keyClick(rows(shown), Qt.Key.Key_Down)
    assert told.events == [("profileChosen", "a")]
