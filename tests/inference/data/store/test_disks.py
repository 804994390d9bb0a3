"""Full disks, drives that go and come, files that move while they are open, torn journals, killed processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from inference.data.store import Project
from inference.errors import ProjectError, ProjectWriteError

from .helpers import Clock, N, P, beginning, edit, make, same

FILLING = """
import json, resource, signal, sys
import numpy as np
from inference.data.store import Project
from inference.errors import ProjectWriteError
from tests.inference.data.store.helpers import N, P, edit

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
room = int(sys.argv[2])
project = Project.open(sys.argv[1], who="ann")
now = project.contents().statements
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
acknowledged, refused = [], []
for id_ in range(1, 400):
    cell = (id_ % N, id_ % P, (id_ * 7) % 4 - 2)
    step = edit(id_, now, cell, payload=bytes(200))
    try:
        project.do(step)
    except ProjectWriteError as error:
        refused.append(str(error))
        readable = project.contents().statements
        assert (readable == now).all(), "the old state is not readable"
        try:
            project.do(step)  # connecting anew brings the journal back into the file, which may make room
        except ProjectWriteError:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            project.do(step)
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    now[cell[:2]] = cell[2]
    acknowledged.append(id_)
    if len(refused) == 3:
        break
print(json.dumps([acknowledged, refused]))
sys.stdout.flush()
import os
os._exit(0)
"""


@pytest.mark.skipif(os.name == "nt", reason="limits of file sizes are POSIX")
@pytest.mark.parametrize("room", [70_000, 120_001, 200_000])
def test_a_disk_without_room_refuses_and_goes_on_when_there_is(tmp_path: Path, room: int) -> None:
    """A file may not grow: writing is refused, the old state stays readable, and the same step is saved afterwards."""
    project = make(tmp_path / "p.cutline")
    project.close()
    done = subprocess.run(
        [sys.executable, "-c", FILLING, str(project.path), str(room)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    acknowledged, refused = json.loads(done.stdout)
    assert refused
    assert all("space" in sentence or "disk" in sentence for sentence in refused)
    expected = beginning()
    for id_ in acknowledged:
        expected[id_ % N, id_ % P] = (id_ * 7) % 4 - 2
    with Project.open(project.path, who="ann") as again:
        again.check()
        assert same(again.contents(), expected)
        assert [step.id for step in again.contents().steps] == acknowledged


def test_a_full_disk_says_so_and_the_connection_stays(tmp_path: Path) -> None:
    with make(tmp_path / "p.cutline") as project:
        raw = project._database.connection
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
        raw.execute(f"PRAGMA max_page_count = {pages}")
        step = edit(1, beginning(), (0, 0, 0), payload=bytes(100_000))
        for _ in range(3):
            with pytest.raises(ProjectWriteError, match=r"p\.cutline.*full.*space"):
                project.do(step)
            assert same(project.contents(), beginning())
        raw.execute("PRAGMA max_page_count = 100000")
        project.do(step)
        assert project._database.connection is raw
        assert project.contents().steps[0].id == 1


# A file that is not where it was


@pytest.mark.parametrize("how", ["moved", "deleted", "replaced", "folder moved"])
def test_what_would_be_written_elsewhere_is_not_called_saved(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "folder"
    with make(folder / "p.cutline") as project:
        project.do(edit(1, beginning(), (0, 0, 0)))
        said = project.contents().statements
        moved = tmp_path / "moved" / "p.cutline"
        if how == "folder moved":
            folder.rename(moved.parent)
        else:
            moved.parent.mkdir()
            project.path.rename(moved)
        if how == "replaced":
            shutil.copyfile(moved, project.path)
        step = edit(2, said, (1, 1, 0))
        for _ in range(2):
            with pytest.raises(ProjectWriteError, match="moved, replaced or deleted"):
                project.do(step)
        if how == "deleted":
            moved.unlink()
        assert same(project.contents(), said)
        saved = project.save_as(tmp_path / "saved.cutline")
    with Project.open(saved, who="") as copy:
        assert same(copy.contents(), said)
        copy.do(step)
    if how != "deleted":
        with Project.open(moved, who="") as found:
            assert same(found.contents(), said), "what was saved is in the file itself, wherever it is now"


def test_a_file_that_is_put_back_goes_on(tmp_path: Path) -> None:
    with make(tmp_path / "p.cutline") as project:
        away = tmp_path / "away"
        project.path.rename(away)
        step = edit(1, beginning(), (0, 0, 0))
        with pytest.raises(ProjectWriteError):
            project.do(step)
        away.rename(project.path)
        project.do(step)
    with Project.open(project.path, who="") as again:
        assert again.contents().last_step == 1


def test_a_drive_that_comes_back(tmp_path: Path) -> None:
    """After an I/O error the connection is made anew, to the same project only."""
    folder, away = tmp_path / "drive", tmp_path / "away"
    with make(folder / "p.cutline") as project:
        project.do(edit(1, beginning(), (0, 0, 0)))
        said = project.contents().statements
        step = edit(2, said, (1, 1, 0))
        project._database._suspect = True  # as an I/O error leaves it
        folder.rename(away)
        with pytest.raises(ProjectWriteError, match="reached"):
            project.do(step)
        away.rename(folder)
        project.do(step)
        assert project.contents().last_step == 2


def test_an_older_copy_that_came_in_its_place_is_refused(tmp_path: Path) -> None:
    project = make(tmp_path / "p.cutline")
    project.close()
    old = project.path.read_bytes()
    with Project.open(project.path, who="") as again:
        again.do(edit(1, beginning(), (0, 0, 0)))
        again._database._suspect = True
        project.path.unlink()
        project.path.write_bytes(old)
        with pytest.raises(ProjectError, match="not the file"):
            again.do(edit(2, beginning(), (0, 0, 0)))


# Power


def test_a_torn_journal_gives_a_state_that_was(quick_path: Path) -> None:
    """The journal cut at any length, or with a wrong byte, gives the state after some of the steps, none of them half.

    Cut where it ended when a step was acknowledged, it holds that step.
    """
    project = make(quick_path / "p.cutline")
    wal = Path(f"{project.path}-wal")
    states, lengths = [beginning()], [wal.stat().st_size]
    for id_ in range(1, 7):
        project.do(edit(id_, states[-1], *((image, id_ % P, id_ % 3 - 1) for image in range(N))))
        states.append(project.contents().statements)
        lengths.append(wal.stat().st_size)
    main, journal = project.path.read_bytes(), wal.read_bytes()
    project.close()
    torn = quick_path / "torn" / "p.cutline"
    torn.parent.mkdir()

    def steps_in(content: bytes) -> int:
        torn.write_bytes(main)
        Path(f"{torn}-wal").write_bytes(content)
        with Project.open(torn, who="") as found:
            contents = found.contents()
        assert same(contents, states[contents.last_step])
        return contents.last_step

    choose = np.random.default_rng(0)
    cuts = sorted({*choose.integers(0, len(journal), 60).tolist(), *lengths, len(journal)})
    found = [steps_in(journal[:cut]) for cut in cuts]
    assert found == sorted(found)
    for acknowledged, length in enumerate(lengths):
        assert found[cuts.index(length)] >= acknowledged
    for place in choose.integers(32, len(journal), 20).tolist():
        damaged = bytearray(journal)
        damaged[place] ^= 0x40
        assert steps_in(bytes(damaged)) <= 6


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_nothing_acknowledged_is_lost_when_the_process_is_killed(quick_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.store_child", "kills", "30", "11", str(quick_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["kills"] == 30
    assert found["operations"] > 0
    assert (found["lost"], found["damaged"]) == (0, 0)


def test_opening_does_not_need_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The daily backup and the note of the time may fail; the project is open all the same."""
    project = make(tmp_path / "p.cutline")
    project.do(edit(1, beginning(), (0, 0, 0)))
    project.close()

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with Project.open(project.path, who="", clock=Clock(1_900_000_000.0)) as again:
        assert again.contents().last_step == 1
        assert Project.backups(project.path) == []
