"""What was found in a dataset, and how the user corrects it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTableView,
)
from pytestqt.qtbot import QtBot

from widgets.dialogs.dataset_dialog import DatasetCorrections, DatasetDialog, DatasetView, LabelRow

LIST = DatasetView(
    source="/data/val/labels.csv",
    summary="412 images, 3 labels, multi-label; 3 files missing",
    layout="csv_list",
    warnings=("Line 17 has 3 cells where the header has 4.",),
    labels=(
        LabelRow("Rose", 40, 300, 2, "rose"),
        LabelRow("Tulip", 7, 333, 0, "tulip"),
        LabelRow("Poppy", 1234, 1, 0, ""),
    ),
    model_labels=("rose", "tulip", "poppy_flower"),
    columns=("file", "labels", "split"),
    delimiter=",",
    separator="|",
    image_column="file",
    label_column="labels",
    unlisted_means="negative",
    images_root="/data/val/images",
    task="multilabel",
)
COLUMNS = replace(
    LIST, layout="csv_columns", separator=None, label_column=None, unlisted_means=None, minus_one_means="unknown"
)
FOLDERS = replace(
    LIST,
    layout="folders",
    delimiter=None,
    separator=None,
    image_column=None,
    label_column=None,
    unlisted_means=None,
    images_root=None,
    columns=(),
    warnings=(),
)


@pytest.fixture
def dialog(qtbot: QtBot) -> DatasetDialog:
    dialog = DatasetDialog(LIST)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def boxes(dialog: DatasetDialog) -> dict[str, QComboBox]:
    """The questions that are asked now, by name."""
    found = {box.accessibleName(): box for box in dialog.findChildren(QComboBox) if box.isVisible()}
    return {name: box for name, box in found.items() if name != "Model label"}


def choose(dialog: DatasetDialog, name: str, key: str) -> None:
    """As the user does: by keyboard, to the entry with this key."""
    box = boxes(dialog)[name]
    steps = box.findData(key) - box.currentIndex()
    box.setFocus()
    for _ in range(abs(steps)):
        QTest.keyClick(box, Qt.Key.Key_Down if steps > 0 else Qt.Key.Key_Up)


def table(dialog: DatasetDialog) -> QTableView:
    return dialog.findChildren(QTableView)[0]


def cell(dialog: DatasetDialog, row: int, column: int) -> str:
    return str(table(dialog).model().index(row, column).data()).strip()


def map_row(dialog: DatasetDialog, row: int, model_label: str) -> None:
    index: QModelIndex = table(dialog).model().index(row, 4)
    table(dialog).setCurrentIndex(index)
    table(dialog).edit(index)
    editor = [box for box in dialog.findChildren(QComboBox) if box.accessibleName() == "Model label"][-1]  # the newest
    editor.setCurrentIndex(editor.findText(model_label))
    editor.activated.emit(editor.currentIndex())


def said(dialog: DatasetDialog) -> str:
    return " ".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def ok(dialog: DatasetDialog) -> QPushButton:
    return dialog.findChildren(QDialogButtonBox)[0].button(QDialogButtonBox.StandardButton.Ok)


def test_it_says_what_was_found(dialog: DatasetDialog) -> None:
    assert LIST.summary in said(dialog)
    assert LIST.source in said(dialog)
    warnings = dialog.findChildren(QListWidget)[0]
    assert warnings.isVisible()
    assert [warnings.item(i).text() for i in range(warnings.count())] == list(LIST.warnings)
    assert [cell(dialog, 2, column) for column in range(5)] == ["Poppy", "1,234", "1", "0", "not used"]
    assert [cell(dialog, 0, column) for column in range(5)] == ["Rose", "40", "300", "2", "rose"]


def test_it_asks_only_what_the_layout_leaves_open(dialog: DatasetDialog) -> None:
    always = {"Layout", "Each image has"}
    csv = always | {"Between columns", "Image column"}
    assert set(boxes(dialog)) == csv | {"Label column", "Between labels", "Labels not listed are"}
    dialog.setView(COLUMNS)
    assert set(boxes(dialog)) == csv | {"-1 means"}
    dialog.setView(FOLDERS)
    assert set(boxes(dialog)) == always
    assert not dialog.findChildren(QListWidget)[0].isVisible()
    assert not any(field.isVisible() for field in dialog.findChildren(QLineEdit))


def test_a_correction_asks_for_reading_again(dialog: DatasetDialog, qtbot: QtBot) -> None:
    assert dialog.corrections() == DatasetCorrections()
    with qtbot.waitSignal(dialog.correctionsChanged):
        choose(dialog, "Between labels", ";")
    assert dialog.corrections() == DatasetCorrections(separator=";")
    with qtbot.waitSignal(dialog.correctionsChanged):
        choose(dialog, "Image column", "labels")
    assert dialog.corrections() == DatasetCorrections(separator=";", image_column="labels")


def test_no_separator_at_all_is_an_answer(dialog: DatasetDialog, qtbot: QtBot) -> None:
    choose(dialog, "Between labels", "")
    assert dialog.corrections().separator == ""
    with qtbot.waitSignal(dialog.correctionsChanged):
        QTest.keyClick(boxes(dialog)["Between labels"], Qt.Key.Key_Home)  # in one step back to what was found
    assert dialog.corrections().separator == "|"


def test_another_layout_starts_afresh_but_keeps_the_mapping(dialog: DatasetDialog) -> None:
    choose(dialog, "Between labels", ";")
    map_row(dialog, 2, "poppy_flower")
    choose(dialog, "Layout", "csv_columns")
    assert dialog.corrections() == DatasetCorrections(layout="csv_columns", mapping={"Poppy": "poppy_flower"})


def test_setters_say_nothing(dialog: DatasetDialog, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(dialog.correctionsChanged):
        dialog.setView(COLUMNS)
        dialog.setImagesFolder("/elsewhere")
        dialog.setProblem("no")
    assert dialog.corrections().images_root == "/elsewhere"


def test_the_images_folder_is_typed_or_picked(dialog: DatasetDialog, qtbot: QtBot) -> None:
    field = next(field for field in dialog.findChildren(QLineEdit) if field.accessibleName() == "Images folder")
    field.setText("/data/pictures")
    with qtbot.waitSignal(dialog.correctionsChanged):
        field.editingFinished.emit()
    assert dialog.corrections().images_root == "/data/pictures"
    with qtbot.assertNotEmitted(dialog.correctionsChanged):
        field.editingFinished.emit()
    browse = next(button for button in dialog.findChildren(QPushButton) if "Browse" in button.accessibleName())
    with qtbot.waitSignal(dialog.imagesFolderRequested):
        QTest.mouseClick(browse, Qt.MouseButton.LeftButton)


def test_a_choice_that_cannot_be_read_is_said_and_keeps_ok_waiting(dialog: DatasetDialog, qtbot: QtBot) -> None:
    choose(dialog, "Image column", "split")
    dialog.setProblem("None of the values in the column “split” is a file.")
    assert not ok(dialog).isEnabled()
    assert "None of the values" in said(dialog)
    with qtbot.waitSignal(dialog.correctionsChanged):
        choose(dialog, "Image column", "file")
    dialog.setView(LIST)
    assert ok(dialog).isEnabled()


def test_mapping_a_label_needs_no_reading_again(dialog: DatasetDialog, qtbot: QtBot) -> None:
    assert "2 of 3 dataset labels" in said(dialog)
    assert "Not used: Poppy." in said(dialog)
    assert "Without annotations: poppy_flower (1 of 3 model labels)." in said(dialog)
    with qtbot.assertNotEmitted(dialog.correctionsChanged):
        map_row(dialog, 2, "poppy_flower")
    assert dialog.corrections().mapping == {"Poppy": "poppy_flower"}
    assert cell(dialog, 2, 4) == "poppy_flower"
    assert "3 of 3 dataset labels" in said(dialog)
    assert "Not used" not in said(dialog)
    map_row(dialog, 0, "not used")
    assert dialog.corrections().mapping == {"Poppy": "poppy_flower", "Rose": ""}
    assert "Not used: Rose." in said(dialog)


@pytest.mark.qt_log_ignore("does not support")  # of popups, on the offscreen platform
def test_one_click_opens_the_list_and_another_chooses(dialog: DatasetDialog) -> None:
    view = table(dialog)
    for chosen in ("poppy_flower", "not used"):
        place = view.visualRect(view.model().index(2, 4)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
        editors = [box for box in view.findChildren(QComboBox) if box.view().isVisible()]
        assert len(editors) == 1
        entries = editors[0].view()
        row = entries.visualRect(entries.model().index(editors[0].findText(chosen), 0)).center()
        QTest.mouseMove(entries.viewport(), row)
        QTest.mouseClick(entries.viewport(), Qt.MouseButton.LeftButton, pos=row)
        if editors[0].view().isVisible():  # Qt takes a release just after opening for the end of the opening click
            QTest.keyClick(entries, Qt.Key.Key_Return)
        assert cell(dialog, 2, 4) == chosen
    assert dialog.corrections().mapping == {"Poppy": ""}


def test_labels_that_are_joined_are_said(dialog: DatasetDialog) -> None:
    map_row(dialog, 2, "rose")
    assert "Joined: Rose, Poppy as “rose”." in said(dialog)


def test_what_was_mapped_stays_mapped_after_reading_again(qtbot: QtBot) -> None:
    dialog = DatasetDialog(LIST, DatasetCorrections(separator=";", mapping={"Poppy": "poppy_flower", "Gone": "rose"}))
    qtbot.addWidget(dialog)
    assert cell(dialog, 2, 4) == "poppy_flower"
    dialog.setView(replace(LIST, model_labels=("rose",)))
    assert cell(dialog, 2, 4) == "not used"
    assert dialog.corrections().separator == ";"


def test_without_a_model_nothing_can_be_mapped(dialog: DatasetDialog) -> None:
    dialog.setView(replace(LIST, model_labels=()))
    assert cell(dialog, 0, 4) == "no model is open"
    assert not table(dialog).model().index(0, 4).flags() & Qt.ItemFlag.ItemIsEditable
    assert "dataset labels stand" not in said(dialog)


def test_a_thousand_labels_sort_filter_and_map(dialog: DatasetDialog) -> None:
    names = [f"label {number:04d}" for number in range(1000)]
    rows = tuple(LabelRow(name, 1000 - number, number, 0, name) for number, name in enumerate(names))
    dialog.setView(replace(LIST, labels=rows, model_labels=tuple(names)))
    view = table(dialog)
    assert view.model().rowCount() == 1000
    assert len(dialog.findChildren(QComboBox)) < 15
    view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert [cell(dialog, row, 1) for row in (0, 1, 999)] == ["1", "2", "1,000"]
    field = next(field for field in dialog.findChildren(QLineEdit) if field.accessibleName() == "Filter labels")
    QTest.keyClicks(field, "LABEL 0777")
    assert view.model().rowCount() == 1
    map_row(dialog, 0, "label 0001")
    assert dialog.corrections().mapping == {"label 0777": "label 0001"}


def test_every_control_has_a_name(dialog: DatasetDialog) -> None:
    controls = [*boxes(dialog).values(), *dialog.findChildren(QLineEdit), table(dialog)]
    assert all(control.accessibleName() for control in controls)
