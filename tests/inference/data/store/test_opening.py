"""Who may open what: refusals that leave every byte as it was, one holder at a time, rescue of damaged files."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inference.data.store import ImageTable, Project, opening, schema
from inference.errors import (
    ProjectBusyError,
    ProjectDamagedError,
    ProjectError,
    ProjectNewerError,
    ProjectWriteError,
)
from inference.types.base import Task

from .helpers import Clock, beginning, edit, failing, files_below, make, same

POSIX = pytest.mark.skipif(os.name == "nt", reason="POSIX")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    project = make(tmp_path / "p.cutline")
    project.close()
    return project.path


def patched(path: Path, place: int, content: bytes) -> None:
    raw = bytearray(path.read_bytes())
    raw[place : place + len(content)] = content
    path.write_bytes(bytes(raw))


# Refusals


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b"", ProjectError, "empty"),
        (b"hello", ProjectDamagedError, "no project file"),
        (b"[" * 100_000, ProjectDamagedError, "no project file"),
        (b"SQLite format 3\0", ProjectDamagedError, "ends after 16 bytes"),
        (b"SQLite format 3\0" + bytes(4096), ProjectError, "another program"),
    ],
)
def test_what_is_no_project_is_refused_and_untouched(
    tmp_path: Path, content: bytes, kind: type[ProjectError], words: str
) -> None:
    path = tmp_path / "p.cutline"
    path.write_bytes(content)
    for read_only in (False, True):
        with pytest.raises(kind, match=rf"p\.cutline.*{words}"):
            Project.open(path, who="", read_only=read_only)
    assert files_below(tmp_path) == {"p.cutline": content}


def test_a_newer_project_is_refused_and_untouched(path: Path) -> None:
    patched(path, 60, (schema.VERSION + 1).to_bytes(4, "big"))
    before = files_below(path.parent)
    with pytest.raises(ProjectNewerError, match="update Cutline"):
        Project.open(path, who="")
    assert files_below(path.parent) == before


@pytest.mark.parametrize("where", ["missing", "folder"])
def test_nothing_there(tmp_path: Path, where: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ProjectError, match=where):
        Project.open(tmp_path / where, who="")
    assert files_below(tmp_path) == {}


@POSIX
def test_links_and_pipes_are_refused(path: Path) -> None:
    link, pipe, second = path.with_name("link.cutline"), path.with_name("pipe.cutline"), path.with_name("2.cutline")
    link.symlink_to(path)
    os.mkfifo(pipe)
    with pytest.raises(ProjectError, match=r"link.*p\.cutline"):
        Project.open(link, who="")
    with pytest.raises(ProjectError, match="pipe"):
        Project.open(pipe, who="")
    os.link(path, second)
    with pytest.raises(ProjectError, match="second name"):
        Project.open(path, who="")
    with Project.open(path, who="", read_only=True) as project:
        assert same(project.contents(), beginning())


@POSIX
def test_a_name_that_was_taken_just_before_a_crash_is_finished(path: Path) -> None:
    os.link(path, path.with_name(".cutline-0123456789ab.tmp"))
    with Project.open(path, who="") as project:
        assert same(project.contents(), beginning())
    assert os.listdir(path.parent) == ["p.cutline"]


def test_an_existing_file_is_never_made_anew(path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(ProjectError, match="exists already"):
        make(path)
    assert path.read_bytes() == before


def test_a_journal_of_a_file_that_is_gone_is_not_played_into_a_new_one(tmp_path: Path) -> None:
    project = make(tmp_path / "p.cutline")
    project.do(edit(1, beginning(), (0, 0, 0)))
    journal = Path(f"{project.path}-wal").read_bytes()
    project.close()
    project.path.unlink()
    Path(f"{project.path}-wal").write_bytes(journal)
    with make(project.path) as new:
        assert new.contents().last_step == 0
        assert same(new.contents(), beginning())
    assert [content for name, content in files_below(tmp_path).items() if ".left-" in name] == [journal]


# One at a time


def test_a_second_opener_hears_who_has_it(path: Path) -> None:
    """In this process, and in another one; the first goes on."""
    with Project.open(path, who="") as project:
        with pytest.raises(ProjectBusyError) as here:
            Project.open(path, who="")
        assert here.value.owner == "this Cutline"
        lines = [
            "from inference.data.store import Project",
            "from inference.errors import ProjectBusyError",
            f"for read_only in (False, True):\n try: Project.open({str(path)!r}, who='', read_only=read_only)",
            " except ProjectBusyError as error: print(error.owner)",
        ]
        done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False)
        assert done.stdout.count("on this computer since") == 2, done.stderr
        with pytest.raises(ProjectBusyError):
            Project.restore(path, path)
        with pytest.raises(ProjectBusyError):
            Project.open(path, who="", read_only=True)
        project.do(edit(1, beginning(), (0, 0, 0)))
    assert not Path(f"{path}.lock").exists()
    with Project.open(path, who="") as again:
        assert again.contents().last_step == 1


def test_a_stale_lock_file_hinders_nobody(path: Path) -> None:
    lock = Path(f"{path}.lock")
    for content in (b"", b"[[[", json.dumps({"pid": 1, "host": "x", "user": "y", "since": 1e400}).encode()):
        lock.write_bytes(content)
        with Project.open(path, who="") as project:
            assert same(project.contents(), beginning())
            assert json.loads(lock.read_bytes())["pid"] == os.getpid()
        assert not lock.exists()


def test_a_crash_whose_journal_is_gone_is_said(path: Path) -> None:
    holder = {"pid": 1, "host": "elsewhere", "user": "bob", "since": 1.8e9}
    Path(f"{path}.lock").write_text(json.dumps(holder))
    with Project.open(path, who="") as project:
        assert "bob on elsewhere" in project.note
        assert "-wal" in project.note
    with Project.open(path, who="") as project:
        assert project.note == ""


# Damage


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


# Files that cannot be written

AS_NOBODY = """
import os, sys
from inference.data.store import Project
from inference.errors import ProjectWriteError
if os.getuid() == 0:
    os.setuid(65534)
project = Project.open(sys.argv[1], who="")
assert project.read_only, "it could be written"
print(project.note)
print(len(project.contents().images), len(project.history(0)), [step.id for step in project.contents().steps])
try:
    project.set_root("/")
except ProjectWriteError as error:
    print(error)
project.close()
"""


@POSIX
@pytest.mark.parametrize("what", ["file", "folder", "both"])
def test_a_project_that_cannot_be_written_is_opened_to_be_read(quick_path: Path, what: str) -> None:
    project = make(quick_path / "p.cutline")
    project.do(edit(1, beginning(), (0, 0, 0)))
    project.close()
    quick_path.chmod(0o755 if what != "file" else 0o777)
    project.path.chmod(0o666 if what == "folder" else 0o444)
    before = files_below(quick_path)
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, str(project.path)], capture_output=True, text=True, check=False
    )
    quick_path.chmod(0o755)
    assert done.returncode == 0, done.stderr[-1500:]
    note, counts, refusal = done.stdout.splitlines()
    assert "reading only" in note
    assert counts == "6 2 [1]"
    assert "reading only" in refusal
    assert files_below(quick_path) == before


# Versions


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


def test_a_statement_that_fails_by_permission_opens_for_reading(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with failing(monkeypatch) as faults:
        faults.arm(3, afterwards=False, code=sqlite3.SQLITE_READONLY)
        with Project.open(path, who="") as project:
            assert project.read_only
            assert same(project.contents(), beginning())
            copy = project.save_as(path.with_name("copy.cutline"))
    with Project.open(copy, who="") as project:
        assert not project.read_only
