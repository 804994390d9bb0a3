"""What the user sees and can say before annotations are imported."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QLineEdit, QPushButton, QRadioButton, QTableView, QTabWidget
from pytestqt.qtbot import QtBot

from inference.types import NEGATIVE, POSITIVE, UNKNOWN
from widgets.dialogs.import_dialog import ImportDialog
from widgets.transfer.notice_list import NoticeList
from widgets.transfer.values import (
    LEFT_OUT,
    Asking,
    ConflictRow,
    Conflicts,
    FormatRow,
    ImportRow,
    ImportView,
    Question,
)

W = TypeVar("W", bound=QObject)

FORMATS = (FormatRow("csv_list", "CSV, a list", "Lists.", True), FormatRow("coco", "COCO JSON", "Boxes."))
UNLISTED = Question("unlisted", "Labels not li&sted are", "", (("negative", "negative"), ("unknown", "unknown")))
COLUMN = Question("image_column", "&Image column", "", (), Asking.TEXT, "find out", half=True)
FILE = Question("class_file", "&Names", "", (), Asking.FILE)
VIEW = ImportView(
    formats=FORMATS,
    format="csv_list",
    questions=(UNLISTED, COLUMN, FILE),
    summary="1,204 new annotations, 3 the same, 2 conflicts.",
    labels=(ImportRow("cat", "cat", False, 1200, 3, 2), ImportRow("hound", "hound", True, 4), ImportRow("x", LEFT_OUT)),
    targets=("cat", "dog"),
    notices=("labels.csv: <b>1 path</b> refused: ../x in line 3.",),
    conflicts=(ConflictRow("a.jpg", "cat", POSITIVE, NEGATIVE), ConflictRow("b.jpg", "cat", UNKNOWN, POSITIVE)),
    n_new=1204,
    n_conflicts=2,
    n_new_labels=1,
)


@pytest.fixture
def dialog(qtbot: QtBot) -> ImportDialog:
    made = ImportDialog()
    qtbot.addWidget(made)
    made.show()
    return made


def named(dialog: QDialog, kind: type[W], name: str) -> W:
    found = [one for one in dialog.findChildren(kind) if one.property("accessibleName") == name]
    assert len(found) == 1
    return found[0]


def button(dialog: QDialog) -> QPushButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.isDefault())


def tabs_of(dialog: QDialog) -> QTabWidget:
    return dialog.findChildren(QTabWidget)[0]


def texts(dialog: QDialog) -> str:
    return " ".join(one.text() for one in dialog.findChildren(QLabel) if one.isVisible())


def cells(table: QTableView) -> list[list[str]]:
    model = table.model()
    return [[model.index(r, c).data() for c in range(model.columnCount())] for r in range(model.rowCount())]


def test_it_says_what_to_do_first(dialog: ImportDialog) -> None:
    assert "Choose a file or a folder" in texts(dialog)
    assert not button(dialog).isEnabled()
    assert not tabs_of(dialog).isVisible()


def test_setters_tell_nobody(dialog: ImportDialog, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(dialog.askedChanged):
        dialog.setPath("/data/labels.csv")
        dialog.setView(VIEW)
        dialog.setAnswer("class_file", "/data/names.csv")
        dialog.setProblem("No.")
        dialog.setBusy("Reading …")
        dialog.setFormats(VIEW)


def test_what_would_change_is_shown(dialog: ImportDialog) -> None:
    dialog.setPath("/data/labels.csv")
    dialog.setView(VIEW)
    assert VIEW.summary in texts(dialog)
    assert button(dialog).text() == "Import 1,204 annotations"
    assert button(dialog).isEnabled()
    assert cells(named(dialog, QTableView, "Labels of the file and of the project")) == [
        ["cat", "cat", "1,200", "3", "2"],
        ["hound", "hound  (new)", "4", "0", "0"],
        ["x", "left out", "–", "–", "–"],
    ]
    assert cells(named(dialog, QTableView, "Conflicts")) == [
        ["a.jpg", "cat", "+  positive", "−  negative"],
        ["b.jpg", "cat", "?  unknown", "+  positive"],
    ]
    assert [one.notices() for one in dialog.findChildren(NoticeList)] == list(VIEW.notices)  # as it is, not as markup
    assert [tabs_of(dialog).tabText(i) for i in range(3)] == [
        "&Labels (3)",
        "&Conflicts (2)",
        "&Notices (1)",
    ]


def test_conflicts_are_kept_unless_the_user_says_otherwise(dialog: ImportDialog, qtbot: QtBot) -> None:
    dialog.setPath("/data/labels.csv")
    dialog.setView(VIEW)
    assert dialog.asked().conflicts is Conflicts.KEEP
    tabs_of(dialog).setCurrentIndex(1)
    take = next(one for one in dialog.findChildren(QRadioButton) if "Take" in one.text())
    with qtbot.assertNotEmitted(dialog.askedChanged):  # nothing is to be read again for it
        take.click()
    assert dialog.asked().conflicts is Conflicts.TAKE
    assert button(dialog).text() == "Import 1,206 annotations"
    dialog.setPath("/data/other.csv")
    assert dialog.asked().conflicts is Conflicts.KEEP


def test_nothing_is_imported_before_the_question_is_answered(dialog: ImportDialog, qtbot: QtBot) -> None:
    dialog.setPath("/data/labels.csv")
    dialog.setView(replace(VIEW, unanswered="Say first what unlisted labels mean."))
    assert not button(dialog).isEnabled()
    assert "Say first" in texts(dialog)
    box = named(dialog, QComboBox, "Labels not listed are")
    assert box.currentText() == "Choose…"
    box.setFocus()
    with qtbot.waitSignal(dialog.askedChanged):
        QTest.keyClick(box, Qt.Key.Key_Down)
        box.activated.emit(box.currentIndex())
    assert dialog.asked().answers == {"unlisted": "negative"}


def test_answers_survive_a_new_look_and_not_a_new_file(dialog: ImportDialog, qtbot: QtBot) -> None:
    dialog.setPath("/data/labels.csv")
    dialog.setView(VIEW)
    field = named(dialog, QLineEdit, "Image column")
    field.setFocus()
    QTest.keyClicks(field, "file")
    with qtbot.waitSignal(dialog.askedChanged):
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert dialog.asked().answers == {"image_column": "file"}
    assert dialog.isVisible()  # Return in a field does not import what is out of date
    dialog.setView(replace(VIEW, questions=(UNLISTED, replace(COLUMN, value="file"))))
    assert named(dialog, QLineEdit, "Image column").text() == "file"
    path = named(dialog, QLineEdit, "File or folder of annotations")
    path.selectAll()
    QTest.keyClicks(path, "/data/other.csv")
    with qtbot.waitSignal(dialog.askedChanged):
        QTest.keyClick(path, Qt.Key.Key_Return)
    assert (dialog.asked().path, dict(dialog.asked().answers)) == ("/data/other.csv", {})
    assert dialog.isVisible()
    assert not button(dialog).isEnabled()


def test_another_format_forgets_the_answers_for_this_one(dialog: ImportDialog, qtbot: QtBot) -> None:
    dialog.setPath("/data/labels.csv")
    dialog.setView(VIEW)
    dialog.setAnswer("image_column", "file")
    box = named(dialog, QComboBox, "Format")
    assert box.itemText(0) == "CSV, a list  (recognised)"
    box.setCurrentIndex(1)
    with qtbot.waitSignal(dialog.askedChanged):
        box.activated.emit(1)
    assert (dialog.asked().format, dict(dialog.asked().answers)) == ("coco", {})


def test_labels_are_mapped_with_the_keyboard(dialog: ImportDialog, qtbot: QtBot) -> None:
    dialog.setPath("/data/labels.csv")
    dialog.setView(VIEW)
    table = named(dialog, QTableView, "Labels of the file and of the project")
    table.setFocus()
    table.setCurrentIndex(table.model().index(1, 1))
    QTest.keyClick(table, Qt.Key.Key_F2)
    editor = named(dialog, QComboBox, "What hound is in the project")
    assert [editor.itemText(i) for i in range(editor.count())] == ["left out", "new label “hound”", "cat", "dog"]
    editor.setCurrentIndex(3)
    with qtbot.waitSignal(dialog.askedChanged):
        editor.activated.emit(3)
    assert dialog.asked().mapping == {"hound": "dog"}


def test_problems_stop_the_import_and_leave_the_formats(dialog: ImportDialog) -> None:
    dialog.setPath("/data/labels.csv")
    dialog.setFormats(VIEW)
    dialog.setProblem("labels.csv has two columns named cat: rename one.")
    assert "two columns" in texts(dialog)
    assert not button(dialog).isEnabled()
    assert named(dialog, QComboBox, "Format").count() == 2
    assert not tabs_of(dialog).isVisible()


def test_an_import_that_changes_nothing_says_so(dialog: ImportDialog) -> None:
    dialog.setPath("/data/labels.csv")
    dialog.setView(ImportView(formats=FORMATS, format="coco", summary="0 new annotations, 3 the same, 0 conflicts."))
    assert "Nothing would change." in texts(dialog)
    assert not button(dialog).isEnabled()
    dialog.setView(ImportView(formats=FORMATS, format="coco", summary="0 new.", n_new_labels=2))
    assert button(dialog).text() == "Add 2 labels"
    assert button(dialog).isEnabled()


def test_paths_are_asked_for(dialog: ImportDialog, qtbot: QtBot) -> None:
    dialog.setView(VIEW)
    for name, wanted in (
        ("Choose a file of annotations", ["", False]),
        ("Choose a folder of annotations", ["", True]),
        ("Browse: Names", ["class_file", False]),
    ):
        with qtbot.waitSignal(dialog.pathRequested) as caught:
            named(dialog, QPushButton, name).click()
        assert caught.args == wanted


def test_a_thousand_labels_can_be_filtered(dialog: ImportDialog) -> None:
    rows = tuple(ImportRow(f"label {i}", f"label {i}", n_new=i) for i in range(1000))
    dialog.setPath("/data/labels.csv")
    dialog.setView(replace(VIEW, labels=rows))
    field = named(dialog, QLineEdit, "Filter labels by name")
    assert field.isVisible()
    QTest.keyClicks(field, "99")
    table = named(dialog, QTableView, "Labels of the file and of the project")
    assert all("99" in row[0] for row in cells(table))
    assert table.model().rowCount() == sum("99" in str(i) for i in range(1000))


def test_tab_goes_from_top_to_bottom(dialog: ImportDialog) -> None:
    dialog.setPath("/data/labels.csv")
    dialog.setView(VIEW)
    dialog.setView(replace(VIEW, questions=(COLUMN, UNLISTED, FILE)))  # asked anew, in another order
    dialog.activateWindow()
    named(dialog, QLineEdit, "File or folder of annotations").setFocus()
    passed = []
    for _ in range(9):
        focus = dialog.focusWidget()
        assert focus is not None
        passed.append(focus.accessibleName() or type(focus).__name__)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert passed == [
        "File or folder of annotations",
        "Choose a file of annotations",
        "Choose a folder of annotations",
        "Format",
        "Image column",
        "Labels not listed are",
        "Names",
        "Browse: Names",
        "QTabBar",
    ]


def test_everything_has_a_name(dialog: ImportDialog) -> None:
    dialog.setPath("/data/labels.csv")
    dialog.setView(VIEW)
    for kind in (QLineEdit, QComboBox, QTableView):
        for one in dialog.findChildren(kind):
            assert one.accessibleName(), one


def test_a_name_that_is_only_written_otherwise_is_said_in_its_row(dialog: ImportDialog) -> None:
    rows = (ImportRow("One", "one", n_new=1, is_guessed=True), ImportRow("two", "two", n_new=1))
    dialog.setView(replace(VIEW, labels=rows))
    model = dialog._labels.model()
    assert model.index(0, 1).data() == "one  (only written otherwise)"
    assert model.index(1, 1).data() == "two"
