"""Importing and exporting in the real window: nothing before OK, one step of undo, a backup first."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QPushButton, QRadioButton
from pytestqt.qtbot import QtBot

from app.application import Cutline
from inference.data.store import Project
from inference.errors import ProjectWriteError
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, UNSAID
from tests.app.conftest import LABELS, stop
from tests.app.test_labeling import parts_of, said, wait_until_saved
from tests.app.test_window import LONG, open_and_score
from widgets.dialogs.export_dialog import ExportDialog
from widgets.dialogs.import_dialog import ImportDialog
from widgets.transfer.values import ImportView

Statements = list[list[int]]


@pytest.fixture
def opened(program: Cutline, qtbot: QtBot, colour_folder: Path) -> Cutline:
    open_folder(program, qtbot, colour_folder)
    return program


def open_folder(program: Cutline, qtbot: QtBot, folder: Path) -> None:
    made = parts_of(program)[0]
    made.opening.open_paths([str(folder)])
    qtbot.waitUntil(lambda: made.session.dataset is not None and not made.opening.busy, timeout=LONG)
    wait_until_saved(program, qtbot)
    qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)  # libraries are loaded meanwhile, which cannot be stopped


def write_csv(path: Path, rows: list[list[str]]) -> str:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return str(path)


def start_import(program: Cutline, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, path: str) -> ImportDialog:
    """Ctrl+I, File…, and wait for the preview."""
    program.window.actions_by_key["import_annotations"].trigger()
    dialog = program.window.findChild(ImportDialog)
    assert dialog is not None
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (path, ""))
    next(one for one in dialog.findChildren(QPushButton) if "file" in one.accessibleName()).click()
    wait_for_view(dialog, qtbot)
    return dialog


def wait_for_view(dialog: ImportDialog, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not dialog._busy and bool(dialog._problem or dialog._view.summary), timeout=LONG)


def view_of(dialog: ImportDialog) -> ImportView:
    return dialog._view


def press_import(program: Cutline, dialog: ImportDialog, qtbot: QtBot) -> None:
    made = parts_of(program)[0]
    before = made.stack.index()
    next(one for one in dialog.findChildren(QPushButton) if one.isDefault()).click()
    qtbot.waitUntil(lambda: made.stack.index() > before, timeout=LONG)


def names_of(program: Cutline) -> tuple[str, ...]:
    dataset = parts_of(program)[0].session.dataset
    assert dataset is not None
    return dataset.names


def expected_of(
    before: Statements, names: tuple[str, ...], cells: dict[tuple[str, int], int], conflicts: str
) -> Statements:
    """What an import makes of a project, cell by cell."""
    after = [row.copy() for row in before]
    for (name, label), value in cells.items():
        row = after[names.index(name)]
        if row[label] in (UNSAID, value) or conflicts == "take":
            row[label] = value
        elif conflicts == "unknown":
            row[label] = UNKNOWN
    return after


@pytest.mark.parametrize("conflicts", ["keep", "take", "unknown"])
def test_an_import_does_what_was_shown_and_undo_takes_it_back(
    opened: Cutline, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conflicts: str
) -> None:
    made, _ = parts_of(opened)
    names, before = names_of(opened), said(opened)
    rng = np.random.default_rng(5)
    cells = {(name, label): int(rng.integers(0, 2)) for name in names[:20] for label in range(3)}
    rows = [["image", *LABELS], *([name, *(str(cells[name, j]) for j in range(3))] for name in names[:20])]
    dialog = start_import(
        opened, qtbot, monkeypatch, write_csv(tmp_path / "more.csv", [*rows, ["gone.png", "1", "1", "1"]])
    )
    view = view_of(dialog)
    flat = [(before[names.index(name)][label], value) for (name, label), value in cells.items()]
    assert view.n_new == sum(mine == UNSAID for mine, _ in flat)
    assert view.n_conflicts == sum(mine not in (UNSAID, value) for mine, value in flat)
    assert any("gone.png" in notice for notice in view.notices)
    assert said(opened) == before  # nothing before OK
    assert made.stack.index() == 0
    if conflicts != "keep":
        wanted = "Take" if conflicts == "take" else "unknown"
        next(one for one in dialog.findChildren(QRadioButton) if wanted in one.text()).click()
    press_import(opened, dialog, qtbot)
    expected = expected_of(before, names, cells, conflicts)
    assert said(opened) == expected
    assert made.stack.undoText() == "import more.csv"
    made.stack.undo()
    assert said(opened) == before
    made.stack.redo()
    assert said(opened) == expected
    assert made.stack.count() == 1
    wait_until_saved(opened, qtbot)
    project = made.opening.projects.path
    assert project is not None
    reasons = [backup.reason for backup in Project.backups(project)]
    assert "import" in reasons


def test_an_import_is_kept_with_what_it_came_from(
    start: Callable[[], Cutline],
    qtbot: QtBot,
    colour_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = start()
    open_folder(program, qtbot, colour_folder)
    names = names_of(program)
    path = write_csv(tmp_path / "more.csv", [["image", "violet"], [names[4], "1"], [names[5], "0"]])
    before = said(program)
    dialog = start_import(program, qtbot, monkeypatch, path)
    assert view_of(dialog).n_new_labels == 1
    press_import(program, dialog, qtbot)
    truth = parts_of(program)[0].session.truth
    assert truth is not None
    assert truth.labels[3].name == "violet"
    assert [row[3] for row in said(program)] == [
        POSITIVE if i == 4 else NEGATIVE if i == 5 else UNSAID for i in range(30)
    ]
    assert parts_of(program)[0].stack.count() == 1
    wait_until_saved(program, qtbot)
    entries: list[object] = []
    parts_of(program)[0].opening.projects.ask_history(4, entries.extend)
    qtbot.waitUntil(lambda: bool(entries), timeout=LONG)
    assert "import more.csv" in [getattr(entry, "source", "") for entry in entries]
    after = said(program)
    stop(program)

    again = start()
    open_folder(again, qtbot, colour_folder)
    assert said(again) == after
    parts_of(again)[0].stack.undo()
    assert [row[:3] for row in said(again)] == before
    assert not any(label.name == "violet" for label in parts_of(again)[0].session.truth.offered)  # type: ignore[union-attr]


def test_the_answer_about_unlisted_labels_is_asked_once(
    start: Callable[[], Cutline], qtbot: QtBot, colour_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = start()
    open_folder(program, qtbot, colour_folder)
    made, names = parts_of(program)[0], names_of(program)
    free = next(i for i, row in enumerate(said(program)) if UNSAID in row)
    path = write_csv(tmp_path / "list.csv", [["image", "labels"], [names[free], "red"], [names[1], "green|blue|red"]])
    dialog = start_import(program, qtbot, monkeypatch, path)
    assert view_of(dialog).unanswered
    button = next(one for one in dialog.findChildren(QPushButton) if one.isDefault())
    assert not button.isEnabled()
    dialog._questions.answered.emit("unlisted", "negative")
    qtbot.waitUntil(lambda: not dialog._busy and not view_of(dialog).unanswered, timeout=LONG)
    next(one for one in dialog.findChildren(QRadioButton) if "Take" in one.text()).click()
    press_import(program, dialog, qtbot)
    assert said(program)[free] == [POSITIVE, NEGATIVE, NEGATIVE]
    made.stack.undo()
    wait_until_saved(program, qtbot)
    stop(program)

    again = start()
    open_folder(again, qtbot, colour_folder)
    dialog = start_import(again, qtbot, monkeypatch, path)
    assert not view_of(dialog).unanswered
    dialog.reject()


def test_closing_the_dialog_changes_nothing(
    opened: Cutline, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = said(opened)
    path = write_csv(tmp_path / "more.csv", [["image", *LABELS], [names_of(opened)[3], "1", "1", "1"]])
    dialog = start_import(opened, qtbot, monkeypatch, path)
    dialog.reject()
    qtbot.waitUntil(lambda: opened.window.findChild(ImportDialog) is None, timeout=LONG)
    assert said(opened) == before
    assert parts_of(opened)[0].stack.count() == 0


def test_an_edit_meanwhile_is_not_run_over(
    opened: Cutline, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_csv(tmp_path / "more.csv", [["image", *LABELS], [names_of(opened)[3], "1", "1", "1"]])
    dialog = start_import(opened, qtbot, monkeypatch, path)
    next(one for one in dialog.findChildren(QRadioButton) if "Take" in one.text()).click()
    made = parts_of(opened)[0]
    made.session.set_image(3)
    made.annotating.say(0, UNKNOWN)
    edited = said(opened)
    next(one for one in dialog.findChildren(QPushButton) if one.isDefault()).click()
    qtbot.waitUntil(lambda: "import it again" in opened.window.message_bar.currentText(), timeout=LONG)
    assert said(opened) == edited
    assert made.stack.count() == 1


def test_an_import_without_room_for_a_backup_is_saved_all_the_same(
    opened: Cutline, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Project, reason: str) -> Path:
        raise ProjectWriteError(f"No room for a backup ({reason}): make room.")

    monkeypatch.setattr(Project, "backup", full)
    names = names_of(opened)
    path = write_csv(tmp_path / "more.csv", [["image", "violet"], [names[4], "1"]])
    dialog = start_import(opened, qtbot, monkeypatch, path)
    press_import(opened, dialog, qtbot)
    wait_until_saved(opened, qtbot)
    qtbot.waitUntil(lambda: "not backed up" in opened.window.message_bar.currentText(), timeout=LONG)


def test_importing_needs_open_images(program: Cutline) -> None:
    for key in ("import_annotations", "export_annotations"):
        program.window.actions_by_key[key].trigger()
        assert "Open a folder of images first" in program.window.message_bar.currentText()
        program.window.message_bar.clear()
    assert program.window.findChild(ImportDialog) is None
    assert program.window.findChild(ExportDialog) is None


def test_a_file_that_cannot_be_read_is_explained_in_the_dialog(
    opened: Cutline, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "twice.csv"
    write_csv(path, [["image", "red", "red"], [names_of(opened)[0], "1", "0"]])
    dialog = start_import(opened, qtbot, monkeypatch, str(path))
    assert "twice.csv" in dialog._problem
    assert not next(one for one in dialog.findChildren(QPushButton) if one.isDefault()).isEnabled()
    dialog.reject()


def start_export(program: Cutline, qtbot: QtBot, key: str) -> ExportDialog:
    program.window.actions_by_key["export_annotations"].trigger()
    dialog = program.window.findChild(ExportDialog)
    assert dialog is not None
    dialog._format.setCurrentIndex(dialog._format.findData(key))
    dialog._format.activated.emit(dialog._format.currentIndex())
    qtbot.waitUntil(lambda: dialog._view.notes is not None, timeout=LONG)
    return dialog


def press_export(dialog: ExportDialog, monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    next(one for one in dialog.findChildren(QPushButton) if one.text() == "&Export…").click()


def test_what_is_exported_comes_back_by_an_import(
    opened: Cutline, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = said(opened)
    dialog = start_export(opened, qtbot, "own_jsonl")
    assert dialog._view.notes == ()
    assert "Notes" in dialog._view.stays
    assert "history" in dialog._view.stays
    press_export(dialog, monkeypatch, tmp_path / "labels")
    qtbot.waitUntil(lambda: (tmp_path / "labels.jsonl").exists(), timeout=LONG)
    qtbot.waitUntil(lambda: "Exported 30 images" in opened.window.message_bar.currentText(), timeout=LONG)
    qtbot.waitUntil(lambda: opened.window.findChild(ExportDialog) is None, timeout=LONG)
    made = parts_of(opened)[0]
    made.annotating.select(np.arange(30))
    made.annotating.clear()
    assert all(value == UNSAID for row in said(opened) for value in row)
    back = start_import(opened, qtbot, monkeypatch, str(tmp_path / "labels.jsonl"))
    press_import(opened, back, qtbot)
    assert said(opened) == before


def test_a_file_whose_name_was_completed_is_not_written_over(
    opened: Cutline, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "labels.jsonl").write_text("mine")
    dialog = start_export(opened, qtbot, "own_jsonl")
    press_export(dialog, monkeypatch, tmp_path / "labels")
    assert "is there already" in dialog._note.text()
    press_export(dialog, monkeypatch, tmp_path / "nowhere" / "labels.jsonl")
    qtbot.waitUntil(lambda: "nowhere" in dialog._note.text(), timeout=LONG)
    assert (tmp_path / "labels.jsonl").read_text() == "mine"
    dialog.reject()


def test_only_the_images_selected_are_exported(
    opened: Cutline, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, gallery = parts_of(opened)
    gallery.setSelection([2, 5])
    dialog = start_export(opened, qtbot, "own_jsonl")
    assert "predictions.csv" not in [row.key for row in dialog._view.formats]  # nothing is scored
    dialog._questions.answered.emit("images", "chosen")
    qtbot.waitUntil(
        lambda: dialog._view.summary.startswith("2 images") and dialog._view.notes is not None, timeout=LONG
    )
    press_export(dialog, monkeypatch, tmp_path / "two.jsonl")
    qtbot.waitUntil(lambda: (tmp_path / "two.jsonl").exists(), timeout=LONG)
    found = [json.loads(line).get("image") for line in (tmp_path / "two.jsonl").read_text().splitlines()]
    names = names_of(opened)
    assert [name for name in found if name] == [names[2], names[5]]
    qtbot.waitUntil(lambda: opened.window.findChild(ExportDialog) is None, timeout=LONG)


def test_predictions_are_exported_as_they_are_shown(
    program: Cutline,
    qtbot: QtBot,
    colour_model: Path,
    colour_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    dialog = start_export(program, qtbot, "predictions.csv")
    press_export(dialog, monkeypatch, tmp_path / "predictions.csv")
    qtbot.waitUntil(lambda: program.window.findChild(ExportDialog) is None, timeout=LONG)
    with (tmp_path / "predictions.csv").open(newline="") as file:
        rows = {row["image"]: row for row in csv.DictReader(file)}
    run = parts_of(program)[0].session.run
    assert run is not None
    for image, name in enumerate(names_of(program)):
        shown = [float(rows[name][label]) for label in LABELS]
        np.testing.assert_allclose(shown, 1 / (1 + np.exp(-run.logits[image].astype(float))), rtol=1e-5)
