"""Who may open what: refusals that leave every byte as it was, one holder at a time, rescue of damaged files."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from inference.data.store import Project, schema
from inference.errors import (
    ProjectBusyError,
    ProjectDamagedError,
    ProjectError,
    ProjectNewerError,
)

from .helpers import beginning, edit, failing, files_below, make, patched, same

POSIX = pytest.mark.skipif(os.name == "nt", reason="POSIX")


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


def test_a_statement_that_fails_by_permission_opens_for_reading(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with failing(monkeypatch) as faults:
        faults.arm(3, afterwards=False, code=sqlite3.SQLITE_READONLY)
        with Project.open(path, who="") as project:
            assert project.read_only
            assert same(project.contents(), beginning())
            copy = project.save_as(path.with_name("copy.cutline"))
    with Project.open(copy, who="") as project:
        assert not project.read_only
