"""The form for weights without a card."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from widgets.dialogs.form_values import (
    labels_problem,
    read_labels,
    read_size,
    read_triple,
    size_advice,
    size_text,
    triple_text,
)
from widgets.dialogs.model_form import ModelForm, ModelFormValues

ARCHITECTURES = ("alexnet", "resnet18", "resnet50")
GUESS = ModelFormValues(
    file_name="flowers.safetensors",
    architecture="resnet18",
    labels="rose\ntulip",
    n_outputs=2,
    activation="sigmoid",
    resize=256,
    crop=224,
    sources={"architecture": "file", "labels": "default", "resize": "default"},
    reasons={"architecture": "All 122 tensors fit resnet18."},
    candidates=("resnet18",),
)


@pytest.fixture
def form(qtbot: QtBot) -> ModelForm:
    form = ModelForm(GUESS, ARCHITECTURES)
    qtbot.addWidget(form)
    form.show()
    return form


def line(form: ModelForm, name: str) -> QLineEdit:
    return next(child for child in form.findChildren(QLineEdit) if child.accessibleName() == name)


def box(form: ModelForm, name: str) -> QComboBox:
    return next(child for child in form.findChildren(QComboBox) if child.accessibleName() == name)


def labels(form: ModelForm) -> QPlainTextEdit:
    return form.findChildren(QPlainTextEdit)[0]


def ok(form: ModelForm) -> QPushButton:
    return form.findChildren(QDialogButtonBox)[0].button(QDialogButtonBox.StandardButton.Ok)


def said(form: ModelForm) -> list[str]:
    return [label.text() for label in form.findChildren(QLabel) if label.isVisible()]


def test_untouched_it_gives_back_what_it_was_given(form: ModelForm) -> None:
    assert form.values() == GUESS
    assert ok(form).isEnabled()
    assert form.problems() == ()


def test_it_says_where_each_guess_came_from(form: ModelForm) -> None:
    assert "from the file" in said(form)
    assert "default" in said(form)
    assert "you" not in said(form)
    assert "All 122 tensors fit resnet18." in said(form)


def test_what_the_user_changes_is_the_users(form: ModelForm) -> None:
    box(form, "Activation").setCurrentIndex(1)
    line(form, "Resize to").setText("200 x 300")
    line(form, "Centre crop").setText("none")
    line(form, "Mean (R, G, B)").setText("0.5")
    values = form.values()
    assert (values.activation, values.resize, values.crop, values.mean) == (
        "softmax",
        (200, 300),
        None,
        (0.5, 0.5, 0.5),
    )
    changed = {name for name, source in values.sources.items() if source == "you"}
    assert changed == {"activation", "resize", "crop", "mean"}
    assert said(form).count("you") == 4
    line(form, "Resize to").setText("256")
    assert form.values().sources["resize"] == "default"


def test_a_label_count_that_does_not_fit_blocks_with_both_numbers(form: ModelForm) -> None:
    labels(form).setPlainText("rose\ntulip\ndaisy")
    assert not ok(form).isEnabled()
    assert "3 labels for 2 outputs: 1 is too many." in said(form)
    assert "Labels: 3 labels for 2 outputs: 1 is too many." in said(form)
    labels(form).setPlainText("rose, tulip")
    assert ok(form).isEnabled()
    assert form.values().label_names == ("rose", "tulip")


def test_labels_read_from_a_file_take_the_place_of_the_text(form: ModelForm, qtbot: QtBot) -> None:
    button = next(child for child in form.findChildren(QPushButton) if "file" in child.text())
    with qtbot.waitSignal(form.labelsFileRequested):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    form.setLabels(["a", "b"])
    assert form.values().label_names == ("a", "b")
    assert form.values().sources["labels"] == "you"


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("Resize to", "big", "“big” is no size"),
        ("Resize to", "0", "out of range"),
        ("Centre crop", "1x2x3", "is no size"),
        ("Centre crop", "99999", "out of range"),
        ("Mean (R, G, B)", "1, 2", "three numbers"),
        ("Mean (R, G, B)", "1, 2, nan", "three numbers"),
        ("Standard deviation", "0.1, 0.2, 0", "above 0"),
    ],
)
def test_each_field_says_what_is_wrong_with_it(form: ModelForm, name: str, text: str, part: str) -> None:
    line(form, name).setText(text)
    assert not ok(form).isEnabled()
    assert len(form.problems()) == 1
    assert form.problems()[0].startswith(name)
    assert part in form.problems()[0]
    assert part in line(form, name).accessibleDescription()


def test_an_unknown_architecture_is_refused_by_name(form: ModelForm) -> None:
    box(form, "Architecture").setEditText("resnet19")
    assert "“resnet19”" in form.problems()[0]
    box(form, "Architecture").setEditText("")
    assert "Choose the architecture" in form.problems()[0]
    box(form, "Architecture").setEditText(" resnet50 ")
    assert form.values().architecture == "resnet50"


def test_what_fits_the_file_stands_first(form: ModelForm) -> None:
    assert box(form, "Architecture").itemText(0) == "resnet18"
    names = [box(form, "Architecture").itemText(i) for i in range(box(form, "Architecture").count())]
    assert sorted(name for name in names if name) == sorted(ARCHITECTURES)


def test_every_control_has_a_name(form: ModelForm) -> None:
    inside_boxes = {box.lineEdit() for box in form.findChildren(QComboBox)}
    controls: list[QWidget] = [*form.findChildren(QLineEdit), *form.findChildren(QComboBox), labels(form)]
    assert all(control.accessibleName() for control in controls if control not in inside_boxes)


def test_labels_are_read_by_line_or_by_comma() -> None:
    assert read_labels(" a \n\n b,c \n") == ("a", "b,c")
    assert read_labels("a, b,,c ") == ("a", "b", "c")
    assert read_labels(" \n ") == ()


@pytest.mark.parametrize(
    ("text", "n_outputs", "part"),
    [
        ("", None, "List the labels"),
        ("", 3, "List the 3 labels"),
        ("a", 3, "1 label for 3 outputs: 2 are missing."),
        ("a\nb\na", 3, "“a” is listed twice, as label 1 and 3"),
    ],
)
def test_what_is_wrong_with_labels(text: str, n_outputs: int | None, part: str) -> None:
    assert part in labels_problem(text, n_outputs)


sides = st.integers(1, 16384)


@given(st.one_of(st.none(), sides, st.tuples(sides, sides)))
def test_sizes_read_back(size: int | tuple[int, int] | None) -> None:
    assert read_size(size_text(size)) == size


numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(st.tuples(numbers, numbers, numbers))
def test_triples_read_back_exactly(triple: tuple[float, float, float]) -> None:
    assert read_triple(triple_text(triple)) == triple


def test_a_crop_beyond_the_picture_is_advised_against() -> None:
    assert "black" in size_advice(224, 256)
    assert "black" in size_advice((300, 100), (200, 200))
    assert size_advice(256, 224) == ""
    assert size_advice(None, 224) == ""
