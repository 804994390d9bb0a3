"""Whatever fails, the old state is readable, the same call can be made again, and nothing acknowledged is lost."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from inference.data.store import ImageTable, LabelChange, NoteChange, Project, Step
from inference.errors import ProjectError, ProjectWriteError
from inference.types.annotating import UNSAID, ProjectLabel
from inference.types.base import Task

from .helpers import Clock, N, P, beginning, edit, failing, files_below, make, rows, same

Act = Callable[[Project], object]


def prepared(folder: Path) -> Path:
    """A closed project with a step done, one undone, and a model."""
    project = make(folder / "p.cutline")
    project.do(edit(1, beginning(), (0, 0, 0), (1, 1, 0)))
    project.do(edit(2, project.contents().statements, (2, 2, 1)))
    project.undo(2)
    project.note_model("f", "/m.pt", "m", ["a"])
    project.close()
    return project.path


def everything(project: Project) -> list[object]:
    """All that can be asked of a project, but for times."""
    found = project.contents()
    return [
        *(found.source, found.root, found.task, found.labels, found.notes, found.settings),
        *(found.images.names, found.images.parts, found.images.sizes.tolist(), found.images.fingerprints.tolist()),
        *(found.images.present.tolist(), found.statements.tolist(), found.edited.tolist()),
        [
            (step.id, step.text, step.payload, step.state, step.labels, step.notes, step.n_images)
            for step in found.steps
        ],
        [(entry.action, entry.text, entry.n_images) for entry in project.log()],
        [[entry.cells for entry in project.history(image)] for image in range(len(found.images))],
        [(model.fingerprint, model.path, model.labels) for model in project.models()],
        [(run.model, run.n_scored) for run in project.runs()],
    ]


def whole_step() -> Step:
    wide = np.pad(beginning(), ((0, 0), (0, 1)), constant_values=UNSAID)
    return Step(
        3,
        "import",
        "all at once",
        statements=rows(wide, [(0, 1, 1), (3, P, 1)]),
        labels=(LabelChange(None, ProjectLabel(P, "owl")), LabelChange(ProjectLabel(0, "cat"), ProjectLabel(0, "x"))),
        notes=(NoteChange(1, "", "note"),),
    )


def new_baseline(project: Project) -> None:
    for id_ in (2, 1):
        project.undo(id_)
        project.drop(id_)
    project.replace_baseline(
        source="new",
        root="new",
        task=Task.MULTICLASS,
        labels=("one",),
        images=ImageTable.of_names(("z",)),
        statements=np.array([[1]], dtype=np.int8),
    )


ACTS: dict[str, Act] = {
    "do": lambda project: project.do(whole_step()),
    "amend": lambda project: project.amend(edit(1, beginning(), (4, 4, 1), payload=b"x")),
    "undo": lambda project: project.undo(1),
    "redo": lambda project: project.redo(2),
    "drop": lambda project: project.drop(2),
    "add_images": lambda project: project.add_images(
        ImageTable.of_names(("new",)), np.array([[1] * P], dtype=np.int8), source="x"
    ),
    "set_files": lambda project: project.set_files(
        np.array([1]), np.array([2]), np.array([3]), np.ones((1, 16), dtype=np.uint8), np.array([False])
    ),
    "rename_images": lambda project: project.rename_images({0: "b/c.png", 1: "a.jpg"}),
    "set_root": lambda project: project.set_root("/else"),
    "set_task": lambda project: project.set_task(Task.MULTICLASS),
    "replace_baseline": new_baseline,
    "set_setting": lambda project: project.set_setting("key", b"value"),
    "note_model": lambda project: project.note_model("f", "/n.pt", "n", ["b", "c"]),
    "note_run": lambda project: project.note_run("f", "p", 3),
}


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL])
@pytest.mark.parametrize("name", ACTS)
def test_a_statement_that_fails_changes_nothing_and_can_be_repeated(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int
) -> None:
    """Every statement of every call fails once, before it ran and after it ran (an answer that was lost)."""
    path, act = prepared(quick_path), ACTS[name]
    kept = path.read_bytes()
    with Project.open(path, who="ann", clock=Clock()) as project:
        old = everything(project)
        act(project)
        new = everything(project)
    assert new != old
    failures = 0
    for afterwards in (False, True):
        for call in range(200):
            path.write_bytes(kept)
            with failing(monkeypatch) as faults, Project.open(path, who="ann", clock=Clock()) as project:
                faults.arm(call, afterwards=afterwards, code=code)
                try:
                    act(project)
                except ProjectWriteError:
                    failures += 1
                    if name != "replace_baseline":  # several calls in one
                        assert everything(project) in ((old, new) if afterwards else (old,))
                        act(project)
                        assert everything(project) == new
                else:
                    assert faults.left >= 0, "a failure was not told"
                    break
            with Project.open(path, who="ann", clock=Clock()) as project:
                assert project.contents().statements.shape[1] in (1, P, P + 1)
                assert name == "replace_baseline" or everything(project) == new
    assert failures >= 6


def test_what_was_acknowledged_survives_a_failure_and_no_close(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file as it lies on the disk after a failed commit, without the connection's help."""
    path = prepared(quick_path)
    with failing(monkeypatch) as faults, Project.open(path, who="ann", clock=Clock()) as project:
        project.do(edit(3, project.contents().statements, (5, 0, 1)))
        said = project.contents().statements
        faults.arm(6, afterwards=False)
        with pytest.raises(ProjectWriteError):
            project.do(edit(4, said, (5, 1, 1)))
        crashed = quick_path / "crashed" / "p.cutline"
        crashed.parent.mkdir()
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{path}{suffix}", f"{crashed}{suffix}")
    with Project.open(crashed, who="ann") as project:
        assert same(project.contents(), said)


def test_a_statement_that_fails_while_opening_leaves_the_project_whole(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = prepared(quick_path)
    with Project.open(path, who="ann", clock=Clock()) as project:
        old = everything(project)
    refusals = 0
    for call in range(100):
        with failing(monkeypatch) as faults:
            faults.arm(call, afterwards=False)
            try:
                project = Project.open(path, who="ann", clock=Clock())
            except ProjectError:
                refusals += 1
            else:
                project.close()
                if faults.left >= 0:
                    break
        with Project.open(path, who="ann", clock=Clock()) as project:
            assert everything(project) == old
    assert refusals >= 8


def test_a_project_is_made_whole_or_not_at_all(quick_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = quick_path / "p.cutline"
    for call in range(100):
        with failing(monkeypatch) as faults:
            faults.arm(call, afterwards=False)
            with suppress(ProjectError):
                make(path).close()
            if faults.left >= 0:
                break
        if path.exists():  # it failed while it was opened
            with Project.open(path, who="ann") as project:
                assert same(project.contents(), beginning())
            path.unlink()
        assert files_below(quick_path) == {}
    assert call > 25
    assert path.exists()


# Files


FILE_CALLS = ("fsync", "link", "replace", "open")


class FailingCalls:
    """The n-th call of some functions of ``os`` fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]) -> None:
        self.left = -1
        for name in names:
            monkeypatch.setattr(os, name, self.guarded(getattr(os, name)))

    def guarded(self, call: Callable[..., object]) -> Callable[..., object]:
        def instead(*arguments: object, **more: object) -> object:
            self.left -= 1
            if self.left == -1:
                raise OSError(errno.EIO, "Input/output error")
            return call(*arguments, **more)

        return instead


def test_a_backup_that_fails_leaves_no_half_of_one(quick_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = prepared(quick_path)
    with Project.open(path, who="ann", clock=Clock()) as project:
        calls = FailingCalls(monkeypatch, FILE_CALLS)
        for call in range(20):
            calls.left = call
            try:
                project.backup("test")
            except ProjectWriteError:
                pass
            else:
                if calls.left >= 0:
                    break
            for backup in Project.backups(path):
                with Project.open(backup.path, who="ann", read_only=True) as copy:
                    assert same(copy.contents(), project.contents().statements)
        calls.left = -1
        assert call >= 3
        assert not [name for name in files_below(quick_path) if name.endswith(".tmp")]
        project.do(edit(9, beginning(), (0, 0, 1)))


@pytest.mark.parametrize("what", ["restore", "save_as"])
def test_replacing_a_file_that_fails_loses_neither(
    quick_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Both files are readable after each failure, under their names or among the backups."""
    path = prepared(quick_path)
    other = make(quick_path / "other.cutline", statements=np.zeros((N, P), dtype=np.int8))
    other.close()
    with Project.open(path, who="ann") as project:
        ours = project.contents().statements
    calls = FailingCalls(monkeypatch, FILE_CALLS)
    for call in range(30):
        calls.left = -1
        shutil.rmtree(f"{other.path}.backups", ignore_errors=True)
        other.path.unlink()
        make(other.path, statements=np.zeros((N, P), dtype=np.int8)).close()
        calls.left = call
        failed = False
        try:
            if what == "restore":
                Project.restore(path, other.path)
            else:
                with Project.open(path, who="ann") as project:
                    project.save_as(other.path, overwrite=True)
        except ProjectError:
            failed = True
        done = calls.left >= 0
        calls.left = -1
        with Project.open(other.path, who="ann") as found:
            values = found.contents().statements
        assert np.array_equal(values, ours) or not values.any()
        if np.array_equal(values, ours):
            kept = [backup for backup in Project.backups(other.path) if backup.reason == "replaced"]
            with Project.open(kept[0].path, who="ann", read_only=True) as copy:
                assert not copy.contents().statements.any()
        if done and not failed:
            break
    assert call >= 4
    assert np.array_equal(values, ours)


def test_folders_without_hard_links(quick_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    with make(quick_path / "p.cutline") as project:
        project.backup("test")
        project.save_as(quick_path / "copy.cutline")
        project.do(edit(1, beginning(), (0, 0, 0)))
        project.save_as(quick_path / "copy.cutline", overwrite=True)
        said = project.contents().statements
    with pytest.raises(ProjectError, match="exists"):
        make(quick_path / "p.cutline")
    with Project.open(quick_path / "copy.cutline", who="") as copy:
        assert same(copy.contents(), said)
    reasons = [backup.reason for backup in Project.backups(quick_path / "copy.cutline")]
    assert reasons.count("replaced") == 1
