"""Project files of earlier versions: backed up, brought up to date, or left as they were."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from inference.data.store import Project, opening, schema
from inference.errors import (
    ProjectError,
)

from .helpers import Clock, beginning, same


def test_an_older_project_is_backed_up_and_brought_up_to_date(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (schema, opening):
        monkeypatch.setattr(module, "VERSION", 2)
    monkeypatch.setitem(schema.MIGRATIONS, 1, lambda connection: connection.execute("ALTER TABLE runs ADD COLUMN x"))
    monkeypatch.setattr("inference.data.store.files.VERSION", 2)
    with Project.open(path, who="", clock=Clock()) as project:
        assert project.contents().version == 2
        assert same(project.contents(), beginning())
    (backup,) = Project.backups(path)
    assert backup.reason == "before version 2"
    with Project.open(path, who="") as project:
        assert project.contents().version == 2
    assert [each.reason for each in Project.backups(path)].count("before version 2") == 1


def test_a_migration_that_fails_leaves_the_old_version(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        for module in (schema, opening):
            patch.setattr(module, "VERSION", 2)

        def half(connection: sqlite3.Connection) -> None:
            connection.execute("DROP TABLE runs")
            connection.execute("nonsense")

        patch.setitem(schema.MIGRATIONS, 1, half)
        with pytest.raises(ProjectError):
            Project.open(path, who="")
    with Project.open(path, who="") as project:
        assert project.contents().version == 1
        assert project.runs() == ()


def test_a_file_of_version_1_is_read(tmp_path: Path) -> None:
    """Made from SQL that is kept, whatever the tables of today are."""
    connection = sqlite3.connect(tmp_path / "old.cutline")
    connection.executescript((Path(__file__).parent / "version_1.sql").read_text("utf-8"))
    connection.close()
    with Project.open(tmp_path / "old.cutline", who="") as project:
        found = project.contents()
        assert found.images.names == ("a.jpg", "b/\udcff.jpg")
        assert found.statements.tolist() == [[1, 0, -2], [-1, -2, 1]]
        assert [label.name for label in found.labels] == ["cat", "dog", "owl"]
        assert [(step.id, step.state) for step in found.steps] == [(1, "done"), (2, "undone")]
        assert found.notes == {1: "blurred"}
        assert found.settings == {"view": b"\1"}
        assert [entry.action for entry in project.history(1)] == ["imported", "did", "did", "undid"]
        project.redo(2)
        project.undo(2)
        project.undo(1)
        assert project.contents().notes == {}
