"""What the user sees and can say before annotations are exported."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.widgets.dialogs.test_import_dialog import named
from widgets.dialogs.export_dialog import ExportDialog
from widgets.transfer.notice_list import NoticeList
from widgets.transfer.values import Asking, ExportAsked, ExportView, FormatRow, Question

FORMATS = (FormatRow("own_jsonl", "Cutline JSON lines", "All."), FormatRow("voc", "Pascal VOC", "Folders."))
IMAGES = Question("images", "&Images", "all", (("all", "all (9)"), ("listed", "those listed now (2)")))
KEEP = Question("keep", "&Keep the rest", "yes", (), Asking.YES)
BASE = Question("base", "&Continue from", "", (), Asking.FOLDER)
VIEW = ExportView(FORMATS, "own_jsonl", (IMAGES, KEEP, BASE), "9 images, 3 labels", ())


@pytest.fixture
def dialog(qtbot: QtBot) -> ExportDialog:
    made = ExportDialog(ExportAsked("own_jsonl"))
    qtbot.addWidget(made)
    made.show()
    return made


def export_button(dialog: ExportDialog) -> QPushButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.text() == "&Export…")


def test_setters_tell_nobody(dialog: ExportDialog, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(dialog.askedChanged), qtbot.assertNotEmitted(dialog.exportRequested):
        dialog.setView(VIEW)
        dialog.setAnswer("base", "/data")
        dialog.setProblem("No.")
        dialog.setBusy("Writing …")


def test_what_is_lost_is_said_before(dialog: ExportDialog) -> None:
    assert not export_button(dialog).isEnabled()
    notes = dialog.findChild(NoticeList)
    assert notes is not None
    dialog.setView(ExportView(FORMATS, "voc", (IMAGES,), "9 images, 3 labels", None))
    assert "Finding out" in notes.notices()
    assert not export_button(dialog).isEnabled()
    dialog.setView(ExportView(FORMATS, "voc", (IMAGES,), "9 images, 3 labels", ("No scores.", "No split.")))
    assert notes.notices().split("\n") == ["No scores.", "No split."]
    dialog.setView(VIEW)
    assert notes.notices() == "No statement is lost: all of them can be read back."
    dialog.setView(replace(VIEW, stays="Notes stay in the project."))
    assert notes.notices().split("\n")[1:] == ["Notes stay in the project."]  # whatever else is lost
    dialog.setView(VIEW)
    assert "9 images, 3 labels" in [label.text() for label in dialog.findChildren(QLabel)]
    assert export_button(dialog).isEnabled()


def test_answers_are_told_and_kept_images_survive_another_format(dialog: ExportDialog, qtbot: QtBot) -> None:
    dialog.setView(VIEW)
    box = named(dialog, QComboBox, "Images")
    box.setCurrentIndex(1)
    with qtbot.waitSignal(dialog.askedChanged):
        box.activated.emit(1)
    with qtbot.waitSignal(dialog.askedChanged):
        named(dialog, QCheckBox, "Keep the rest").click()
    assert dialog.asked() == ExportAsked("own_jsonl", {"images": "listed", "keep": ""})
    formats = named(dialog, QComboBox, "Format")
    formats.setCurrentIndex(1)
    with qtbot.waitSignal(dialog.askedChanged):
        formats.activated.emit(1)
    assert dialog.asked() == ExportAsked("voc", {"images": "listed"})


def test_a_folder_is_asked_for(dialog: ExportDialog, qtbot: QtBot) -> None:
    dialog.setView(VIEW)
    with qtbot.waitSignal(dialog.pathRequested) as caught:
        named(dialog, QPushButton, "Browse: Continue from").click()
    assert caught.args == ["base", True]


def test_a_failure_leaves_the_dialog_ready_for_another_try(dialog: ExportDialog, qtbot: QtBot) -> None:
    dialog.setView(VIEW)
    with qtbot.waitSignal(dialog.exportRequested):
        export_button(dialog).click()
    dialog.setBusy("Writing labels.jsonl …")
    assert not export_button(dialog).isEnabled()
    dialog.setProblem("The disk is full: make room.")
    assert export_button(dialog).isEnabled()
    assert "The disk is full: make room." in [label.text() for label in dialog.findChildren(QLabel)]
