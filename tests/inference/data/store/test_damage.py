"""Damaged project files: found when opened, left as they are, read as far as they go."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inference.data.store import ImageTable, Project
from inference.errors import (
    ProjectDamagedError,
    ProjectError,
    ProjectWriteError,
)
from inference.types.base import Task

from .helpers import edit, files_below, patched, same


def large(path: Path) -> np.ndarray:
    n = 3000
    said = np.random.default_rng(1).integers(-2, 2, size=(n, 40)).astype(np.int8)
    Project.create(
        path,
        source="",
        root="",
        task=Task.MULTILABEL,
        labels=[f"l{label}" for label in range(40)],
        images=ImageTable.of_names(tuple(f"image {image:05d}.jpg" for image in range(n))),
        statements=said,
        who="",
    ).close()
    return said


def leaf_of(path: Path, table: str) -> int:
    """Byte offset of a leaf page in the middle of a table."""
    connection = sqlite3.connect(path)
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    connection.close()
    raw = path.read_bytes()
    page = raw[(root - 1) * 4096 : root * 4096]
    cells = int.from_bytes(page[3:5], "big")
    pointer = int.from_bytes(page[12 + cells // 2 * 2 :][:2], "big")
    return (int.from_bytes(page[pointer : pointer + 4], "big") - 1) * 4096


@pytest.mark.parametrize("table", ["images", "statements"])
def test_a_damaged_page_is_found_and_the_rest_can_be_read(tmp_path: Path, table: str) -> None:
    path = tmp_path / "p.cutline"
    said = large(path)
    with Project.open(path, who="") as project:
        backup = project.backup("before the damage")
    patched(path, leaf_of(path, table), b"\xee" * 4096)
    damaged = path.read_bytes()
    with pytest.raises(ProjectDamagedError, match=r"p\.cutline.*backups") as refused:
        Project.open(path, who="")
    assert refused.value.backups == (str(backup),)
    assert path.read_bytes() == damaged
    assert not Path(f"{path}-wal").exists()
    with Project.open(path, who="", read_only=True) as project:
        found = project.contents()
        assert project.read_only
        with pytest.raises(ProjectWriteError, match="reading only"):
            project.do(edit(1, said, (0, 0, 0)))
    assert path.read_bytes() == damaged
    assert found.statements.shape == said.shape
    whole = (found.statements == said).all(axis=1)
    assert 0.9 < np.mean(whole) < 1 or table == "images"
    known = np.array([name == f"image {image:05d}.jpg" for image, name in enumerate(found.images.names)])
    assert 0.9 < np.mean(known) <= 1
    assert known.all() == (table == "statements")
    Project.restore(backup, path)
    with Project.open(path, who="") as project:
        assert same(project.contents(), said)
    assert damaged in files_below(tmp_path).values(), "what was damaged is kept"


def test_damage_after_a_crash_leaves_file_and_journal_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "p.cutline"
    said = large(path)
    project = Project.open(path, who="")
    project.do(edit(1, said, (0, 0, 0)))
    journal = Path(f"{path}-wal").read_bytes()
    project.close()
    patched(path, leaf_of(path, "images"), b"\xee" * 4096)
    Path(f"{path}-wal").write_bytes(journal)
    before = files_below(tmp_path)
    with pytest.raises(ProjectDamagedError):
        Project.open(path, who="")
    assert files_below(tmp_path) == before


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_anywhere_is_refused_or_read_and_never_a_crash(path: Path, data: st.DataObject) -> None:
    whole = path.read_bytes()
    if data.draw(st.booleans()):
        content = whole[: data.draw(st.integers(0, len(whole) - 1))]
    else:
        place = data.draw(st.integers(0, len(whole) - 1))
        junk = data.draw(st.binary(min_size=1, max_size=64))
        content = (whole[:place] + junk + whole[place + len(junk) :])[: len(whole)]
    broken = path.with_name("broken.cutline")
    broken.write_bytes(content)
    said: list[str] = []
    for read_only in (False, True):
        try:
            with Project.open(broken, who="", read_only=read_only) as project:
                found = project.contents()
                project.log()
                assert found.statements.shape == (len(found.images), len(found.labels))
        except ProjectError as error:
            said.append(str(error))
        if broken.read_bytes() != content:
            break  # it was found whole, and opened
    assert all(str(broken) in sentence for sentence in said)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON steps BEGIN DELETE FROM images; END",
        "CREATE VIEW v AS SELECT 1",
        "DROP TABLE notes",
        "DELETE FROM project",
        "UPDATE project SET task = 'other'",
        "UPDATE images SET name = 'text' WHERE id = 1",
        "UPDATE images SET size = 'text'",
        "UPDATE images SET id = 10000000000 WHERE id = 5",
        "UPDATE images SET fingerprint = x'00'",
        "UPDATE labels SET id = -1 WHERE id = 0",
        "UPDATE labels SET name = NULL_VALUE(1)",
        "UPDATE statements SET cells = 'text'",
        "PRAGMA user_version = 0",
    ],
)
def test_rows_that_are_not_ours_are_damage(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.create_function("NULL_VALUE", 1, lambda _: 7)
    connection.execute(statement)
    connection.commit()
    connection.close()
    with pytest.raises(ProjectDamagedError, match=r"p\.cutline is damaged"), Project.open(path, who="") as project:
        project.contents()
