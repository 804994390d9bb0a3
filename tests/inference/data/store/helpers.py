"""Small projects, steps about single cells, and connections that fail where they are told to."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.data.store import Contents, ImageTable, Project, StatementChange, Step, connection
from inference.types.annotating import UNSAID, StatementArray
from inference.types.base import Task

NAMES = ("a.jpg", "b/c.png", "b/\udcff\udcfe.jpg", "d e.jpg", "é.webp", "f.jpg")
LABELS = ("cat", "dog", "naïve", "\udc80", "x")
N, P = len(NAMES), len(LABELS)
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None  # where bringing a file to the disk costs nothing


class Clock:
    """A clock that the test sets; each look is a second later."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def beginning() -> StatementArray:
    """What came with the images: all four statements, and one image about which nothing was said."""
    values = np.random.default_rng(3).integers(-2, 2, size=(N, P)).astype(np.int8)
    values[4] = UNSAID
    return values


def make(path: Path, *, statements: StatementArray | None = None, clock: Callable[[], float] | None = None) -> Project:
    return Project.create(
        path,
        source="/data/labels.csv",
        root="/data",
        task=Task.MULTILABEL,
        labels=LABELS,
        images=ImageTable.of_names(NAMES),
        statements=beginning() if statements is None else statements,
        who="ann",
        clock=clock or Clock(),
    )


def reopened(project: Project, *, read_only: bool = False) -> Project:
    project.close()
    return Project.open(project.path, who="ann", clock=Clock(), read_only=read_only)


def rows(before: StatementArray, cells: Sequence[tuple[int, int, int]]) -> StatementChange:
    """The change that gives some (image, label) cells another value."""
    images = np.array(sorted({image for image, _, _ in cells}), dtype=np.int64)
    after = before.copy()
    for image, label, value in cells:
        after[image, label] = value
    return StatementChange(images, before[images], after[images])


def edit(step_id: int, before: StatementArray, *cells: tuple[int, int, int], **more: Any) -> Step:
    """A step that gives some cells another value."""
    return Step(step_id, "annotate", f"edit {step_id}", "keyboard", statements=rows(before, cells), **more)


def same(contents: Contents, statements: StatementArray) -> bool:
    return bool(np.array_equal(contents.statements, statements))


def files_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Faults:
    """Which call of a connection fails: counted from the moment it is armed."""

    def __init__(self) -> None:
        self.left = -1
        self.afterwards = False
        self.code = sqlite3.SQLITE_IOERR
        self.calls = 0

    def arm(self, call: int, *, afterwards: bool, code: int = sqlite3.SQLITE_IOERR) -> None:
        """Let the given call fail (0 the next), before it does anything or after it did all."""
        self.left, self.afterwards, self.code, self.calls = call, afterwards, code, 0

    def due(self) -> bool:
        self.calls += 1
        self.left -= 1
        return self.left == -1

    def error(self) -> sqlite3.OperationalError:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = self.code
        error.sqlite_errorname = "SQLITE_IOERR"
        return error


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Faults]:
    """Connections made inside the block fail when the faults are armed."""
    faults = Faults()

    class Failing(sqlite3.Connection):
        def _run(self, call: Callable[[], sqlite3.Cursor]) -> sqlite3.Cursor:
            due = faults.due()
            if due and not faults.afterwards:
                raise faults.error()
            found = call()
            if due:
                raise faults.error()
            return found

        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            return self._run(lambda: super(Failing, self).execute(*arguments))

        def executemany(self, *arguments: Any) -> sqlite3.Cursor:
            return self._run(lambda: super(Failing, self).executemany(*arguments))

    with monkeypatch.context() as patch:
        patch.setattr(connection, "FACTORY", Failing)
        yield faults
        faults.left = -1


def patched(path: Path, place: int, content: bytes) -> None:
    raw = bytearray(path.read_bytes())
    raw[place : place + len(content)] = content
    path.write_bytes(bytes(raw))
