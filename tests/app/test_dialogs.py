"""What is asked of the user, answered in the real dialogs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFileDialog, QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot

from app.application import Cutline
from inference.models.card import read_card
from inference.models.compat import import_torchvision
from tests.app.conftest import LABELS, write_images, write_labels
from tests.app.test_window import LONG, assert_table_is_scikit_learns, open_and_score, wait_until_scored
from widgets.dialogs.dataset_dialog import DatasetDialog
from widgets.dialogs.key_sheet import KeySheet
from widgets.dialogs.model_form import ModelForm


def dialog_of(program: Cutline, kind: type[QDialog], qtbot: QtBot) -> QDialog:
    def shown() -> list[QDialog]:
        return [dialog for dialog in program.window.findChildren(kind) if dialog.isVisible()]

    qtbot.waitUntil(lambda: len(shown()) == 1, timeout=LONG)
    return shown()[0]


def press_ok(dialog: QDialog, qtbot: QtBot) -> None:
    button = dialog.findChildren(QDialogButtonBox)[0].button(QDialogButtonBox.StandardButton.Ok)
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_weights_without_a_card_are_asked_about_and_get_one(
    program: Cutline, qtbot: QtBot, tmp_path: Path, colour_folder: Path
) -> None:
    torchvision = import_torchvision()
    import torch

    weights = tmp_path / "mine.pth"
    torch.save(torchvision.models.squeezenet1_1(weights=None, num_classes=3).state_dict(), weights)
    assert program.made is not None
    program.open_pair(str(weights), str(colour_folder))
    form = dialog_of(program, ModelForm, qtbot)
    assert isinstance(form, ModelForm)
    assert form.values().architecture == "squeezenet1_1"  # told by the file
    assert form.values().n_outputs == 3
    form.findChildren(QPlainTextEdit)[0].setPlainText("\n".join(LABELS))
    press_ok(form, qtbot)
    wait_until_scored(program, qtbot)
    assert program.made.session.model is not None
    assert program.made.session.model.labels == LABELS
    assert read_card(tmp_path / "model.toml").labels == LABELS
    assert_table_is_scikit_learns(program)


def test_a_wrong_number_of_labels_is_refused_with_both_numbers(program: Cutline, qtbot: QtBot, tmp_path: Path) -> None:
    torchvision = import_torchvision()
    import torch

    weights = tmp_path / "mine.pth"
    torch.save(torchvision.models.squeezenet1_1(weights=None, num_classes=3).state_dict(), weights)
    program.open_pair(str(weights), "")
    form = dialog_of(program, ModelForm, qtbot)
    form.findChildren(QPlainTextEdit)[0].setPlainText("red\ngreen")
    button = form.findChildren(QDialogButtonBox)[0].button(QDialogButtonBox.StandardButton.Ok)
    assert not button.isEnabled()
    said = " ".join(label.text() for label in form.findChildren(QLabel))
    assert "2 labels for 3 outputs" in said
    form.reject()


def test_a_reading_is_corrected_in_the_dialog_and_remembered(
    program: Cutline, qtbot: QtBot, colour_model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "celeba like"
    names = write_images(folder, 12)
    rows = ["image,red,green,blue", *(f"{name},1,-1,{1 if i % 2 else -1}" for i, name in enumerate(names))]
    (folder / "labels.csv").write_text("\n".join(rows))
    open_and_score(program, qtbot, colour_model, folder)
    made, presenter = program.made, program.presenter
    assert made is not None
    assert presenter is not None
    assert made.session.dataset is not None
    assert (made.session.dataset.y_true[:, 1] == -1).all()  # unknown, until the user says otherwise
    presenter.review_dataset()
    dialog = dialog_of(program, DatasetDialog, qtbot)
    for box in dialog.findChildren(QComboBox):
        at = box.findData("negative")
        if at >= 0 and "-1" in box.itemText(at) + box.accessibleName() + box.toolTip() + box.objectName():
            box.setCurrentIndex(at)
            box.activated.emit(at)
    qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)
    press_ok(dialog, qtbot)
    qtbot.waitUntil(
        lambda: made.session.dataset is not None and (made.session.dataset.y_true[:, 1] == 0).all(), timeout=LONG
    )
    wait_until_scored(program, qtbot)
    assert_table_is_scikit_learns(program)
    assert made.opening.kept.choices.minus_one_means == "negative"
    program.open_pair("", str(folder))
    wait_until_scored(program, qtbot)
    assert made.opening.kept.choices.minus_one_means == "negative"


def test_images_elsewhere_are_asked_for(
    program: Cutline, qtbot: QtBot, colour_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures, lists = tmp_path / "pictures", tmp_path / "lists"
    lists.mkdir()
    path = write_labels(lists, write_images(pictures, 10))
    made, bar = program.made, program.window.message_bar
    assert made is not None
    program.open_pair(str(colour_model), "")
    made.opening.open_paths([str(path)])
    qtbot.waitUntil(lambda: bar.currentKey() == "images", timeout=LONG)
    assert path.name in bar.currentText()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(pictures))
    bar.actionRequested.emit()
    wait_until_scored(program, qtbot)
    assert made.session.dataset is not None
    assert Path(made.session.dataset.root) == pictures
    assert np.count_nonzero(made.session.dataset.annotated) == 10


def test_the_key_sheet_opens_with_every_shortcut(program: Cutline, qtbot: QtBot) -> None:
    assert program.presenter is not None
    program.window.actions_by_key["keys"].trigger()
    sheet = dialog_of(program, KeySheet, qtbot)
    said = " ".join(label.text() for label in sheet.findChildren(QLabel))
    for words in ("Hide or show the scores", "Next image", "Undo"):
        assert words in said
    sheet.reject()


def test_the_form_offers_the_open_folders_labels(
    program: Cutline, qtbot: QtBot, tmp_path: Path, colour_folder: Path
) -> None:
    torchvision = import_torchvision()
    import torch

    weights = tmp_path / "mine.pth"
    torch.save(torchvision.models.squeezenet1_1(weights=None, num_classes=3).state_dict(), weights)
    made = program.made
    assert made is not None
    program.open_pair("", str(colour_folder))
    qtbot.waitUntil(lambda: made.session.report is not None and not made.opening.busy, timeout=LONG)
    program.open_pair(str(weights), "")
    form = dialog_of(program, ModelForm, qtbot)
    assert isinstance(form, ModelForm)
    assert form.values().label_names == LABELS
    form.reject()


def test_the_start_page_offers_nothing_that_does_nothing(program: Cutline, qtbot: QtBot) -> None:
    actions = program.window.actions_by_key
    for key in ("score", "cancel", "overlay", "next_image", "tune"):
        assert not actions[key].isEnabled(), key
    for key in ("open_model", "open_folder", "keys", "quit"):
        assert actions[key].isEnabled(), key
