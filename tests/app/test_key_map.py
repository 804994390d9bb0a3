"""The user's keys and the program's."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app.actions import ACTIONS, BY_USE, WIDGET_KEYS, ActionSpec
from app.key_map import (
    Conflict,
    conflicts,
    editor_rows,
    label_keys,
    merged,
    sheet_rows,
    taken_keys,
    words_of,
)

SPECS = (
    ActionSpec("next", "Images", "&Next image", ("D", "Right")),
    ActionSpec("previous", "Images", "&Previous image…", ("A",)),
    ActionSpec("about", "Help", "About R&&D"),
)


def test_without_wishes_every_action_has_its_own_keys() -> None:
    assert merged(SPECS, {}) == {"next": ("D", "Right"), "previous": ("A",), "about": ()}


def test_a_wish_replaces_all_keys_of_its_action() -> None:
    assert merged(SPECS, {"next": ["n"], "previous": []}) == {"next": ("N",), "previous": (), "about": ()}


def test_a_wish_goes_before_a_default_wherever_that_stands() -> None:
    assert merged(SPECS, {"about": ["d"]})["next"] == ("Right",)
    assert merged(SPECS, {"next": ["A"]})["previous"] == ()


def test_what_is_no_key_and_what_is_no_action_is_left_out() -> None:
    assert merged(SPECS, {"next": ["nonsense", "N", "n", ""], "gone": ["D"]})["next"] == ("N",)


KEYS = st.sampled_from(["D", "A", "Right", "ctrl+d", "Ctrl+D", "N", "nonsense", ""])


@given(st.dictionaries(st.sampled_from(["next", "previous", "about", "gone"]), st.lists(KEYS, max_size=4)))
def test_no_key_is_there_twice_and_wishes_are_granted(wishes: dict[str, list[str]]) -> None:
    keys = merged(SPECS, wishes)
    assert list(keys) == ["next", "previous", "about"]
    counts = Counter(text for own in keys.values() for text in own)
    assert set(counts.values()) <= {1}
    assert conflicts(keys) == ()
    wished = {
        text for action, own in wishes.items() if action != "gone" for text in merged(SPECS, {action: own})[action]
    }
    assert wished <= set(counts)
    # what the editor would store gives the same keys again
    changes = {row.key: row.shortcuts for row in editor_rows(SPECS, wishes) if row.shortcuts != row.default}
    assert merged(SPECS, changes) == keys


def test_conflicts_name_the_key_and_everyone_who_has_it() -> None:
    assert conflicts({"a": ["ctrl+x", "B"], "b": ["Ctrl+X"], "c": ["C"]}) == (Conflict("Ctrl+X", ("a", "b")),)


def test_the_programs_own_keys_do_not_conflict() -> None:
    assert conflicts({spec.key: spec.shortcuts for spec in ACTIONS}) == ()
    assert merged(ACTIONS, {}) == {spec.key: spec.shortcuts for spec in ACTIONS}


def test_editor_rows_hold_keys_and_defaults_in_plain_words() -> None:
    row = editor_rows(SPECS, {"previous": ["P"]})[1]
    assert (row.key, row.section, row.text, row.shortcuts, row.default) == (
        "previous",
        "Images",
        "Previous image",
        ("P",),
        ("A",),
    )
    assert words_of(SPECS[2]) == "About R&D"


def test_the_sheet_has_what_has_keys_and_the_widgets_own() -> None:
    rows = sheet_rows(SPECS, {"previous": []}, [("Image", "Wheel", "Zoom")])
    assert rows == [("Images", "D or Right", "Next image"), ("Image", "Wheel", "Zoom")]


def test_taken_keys_say_what_they_do() -> None:
    assert taken_keys(SPECS, {"next": ["N"]}) == {"N": "Next image", "A": "Previous image"}


def test_the_first_ten_labels_have_digits_and_any_a_letter() -> None:
    ids = [40 + place for place in range(12)]
    keys = label_keys(ids, {41: "c", 51: "Q", 50: "q", 42: "", 43: "xy", 99: "Z"})
    assert [keys[label] for label in ids] == [
        ("1",),
        ("2", "C"),
        *((digit,) for digit in "34567890"),
        ("Q",),
        (),  # the letter is the other's already
    ]


def test_on_the_sheet_what_is_used_most_comes_first_and_digits_are_one_line() -> None:
    rows = sheet_rows(ACTIONS, {}, WIDGET_KEYS, BY_USE)
    sections = list(dict.fromkeys(section for section, _, _ in rows))
    assert sections[: len(BY_USE)] == list(BY_USE)
    assert rows[0][:2] == ("Label", "1 … 0")
    shifted = next(words for _, keys, words in rows if keys == "Shift+1 … 0")
    assert "with one label an image: takes it back" in shifted
    assert ("Label", "Space or Enter", "Confirm and go on") in rows
    changed = sheet_rows(ACTIONS, {"say_3": ("J",)}, WIDGET_KEYS, BY_USE)
    assert ("Label", "J", "Label 3: positive") in changed
    assert ("Label", "2", "Label 2: positive") in changed
