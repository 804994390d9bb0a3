"""Backups: when they are made, which are kept, and how one is put back."""

from __future__ import annotations

from pathlib import Path

import pytest

from inference.data.store import Project
from inference.errors import ProjectBusyError, ProjectDamagedError, ProjectError

from .helpers import Clock, beginning, edit, files_below, make, same

DAY = 86_400.0
START = 1_800_000_000.0


def opened(path: Path, now: float) -> Project:
    return Project.open(path, who="ann", clock=Clock(now))


def test_a_backup_is_the_whole_project(tmp_path: Path) -> None:
    with make(tmp_path / "p.cutline") as project:
        project.do(edit(1, beginning(), (0, 0, 0)))
        said = project.contents().statements
        path = project.backup("before import: a/b*c\n")
        project.do(edit(2, said, (1, 1, 0)))
        (backup,) = Project.backups(project.path)
        assert (backup.path, backup.reason, backup.size) == (str(path), "before import a b c", path.stat().st_size)
        assert START < backup.when < START + 60
    with Project.open(path, who="") as copy:
        assert same(copy.contents(), said)
        assert copy.history(0)[-1].text == "edit 1"


def test_the_last_ten_and_one_a_day_are_kept(quick_path: Path) -> None:
    clock = Clock(START)
    project = make(quick_path / "p.cutline", clock=clock)
    for day in range(40):
        for hour in (1, 2):
            clock.now = START + day * DAY + hour * 3600
            project.backup(f"{day} {hour}")
    kept = [backup.reason for backup in Project.backups(project.path)]
    assert kept[:10] == [f"{day} {hour}" for day in range(39, 34, -1) for hour in (2, 1)]
    assert kept[10:] == [f"{day} 2" for day in range(34, 9, -1)]
    project.close()


def test_one_a_day_when_something_changed(tmp_path: Path) -> None:
    path = tmp_path / "p.cutline"
    make(path).close()
    opened(path, START + DAY).close()
    assert Project.backups(path) == [], "nothing happened yet"
    with opened(path, START + DAY) as project:
        project.do(edit(1, beginning(), (0, 0, 0)))
    for hours in (1, 2, 3):
        with opened(path, START + DAY + hours * 3600) as project:
            project.do(edit(hours + 1, beginning(), (0, 0, hours % 2)))
    assert [backup.reason for backup in Project.backups(path)] == ["daily"]
    opened(path, START + 2 * DAY).close()
    opened(path, START + 3 * DAY).close()
    assert len(Project.backups(path)) == 2, "and none on a day before which nothing changed"


def test_two_backups_in_a_second(tmp_path: Path) -> None:
    with make(tmp_path / "p.cutline", clock=lambda: START) as project:
        assert len({project.backup("same") for _ in range(3)}) == 3
        assert len(Project.backups(project.path)) == 3


def test_a_backup_is_put_back_and_what_was_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "p.cutline"
    with make(path) as project:
        backup = project.backup("first")
        project.do(edit(1, beginning(), (0, 0, 0)))
        said = project.contents().statements
        with pytest.raises(ProjectBusyError):
            Project.restore(backup, path)
    Project.restore(backup, path)
    with opened(path, START) as project:
        assert same(project.contents(), beginning())
    replaced = [each for each in Project.backups(path) if each.reason == "replaced"]
    with Project.open(replaced[0].path, who="", read_only=True) as old:
        assert same(old.contents(), said)
    path.unlink()
    Project.restore(backup, path)
    with opened(path, START) as project:
        assert same(project.contents(), beginning())


def test_a_damaged_backup_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "p.cutline"
    with make(path) as project:
        backup = project.backup("first")
    raw = bytearray(backup.read_bytes())
    raw[4096:12288] = b"\xee" * 8192
    backup.write_bytes(bytes(raw))
    before = files_below(tmp_path)
    with pytest.raises(ProjectDamagedError, match="first"):
        Project.restore(backup, path)
    backup.write_bytes(b"junk")
    with pytest.raises(ProjectError):
        Project.restore(backup, path)
    backup.write_bytes(bytes(raw))
    assert files_below(tmp_path) == before


@pytest.mark.parametrize("length", [0, 50, 5000])
def test_a_damaged_project_names_its_backups(tmp_path: Path, length: int) -> None:
    path = tmp_path / "p.cutline"
    with make(path) as project:
        made = [str(project.backup(reason)) for reason in ("first", "second")]
    path.write_bytes(b"junk" if length == 0 else path.read_bytes()[:length])
    with pytest.raises(ProjectDamagedError) as refused:
        Project.open(path, who="")
    assert refused.value.backups == tuple(reversed(made))


def test_saving_under_another_name(tmp_path: Path) -> None:
    with make(tmp_path / "p.cutline") as project, make(tmp_path / "open.cutline") as other:
        project.do(edit(1, beginning(), (0, 0, 0)))
        copy = project.save_as(tmp_path / "new" / "copy.cutline")
        with pytest.raises(ProjectError, match="exists"):
            project.save_as(copy)
        with pytest.raises(ProjectError, match="itself"):
            project.save_as(project.path, overwrite=True)
        with pytest.raises(ProjectBusyError):
            project.save_as(other.path, overwrite=True)
        with Project.open(copy, who="") as found:
            assert same(found.contents(), project.contents().statements)
            assert [step.id for step in found.contents().steps] == [1]
        project.do(edit(2, project.contents().statements, (1, 1, 0)))
        project.save_as(copy, overwrite=True)
        with Project.open(copy, who="") as found:
            assert found.contents().last_step == 2
