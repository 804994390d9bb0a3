"""Writes labels through the program's own store while it is killed, and measures the store.

    store_child kills <times> <seed> <folder>    one JSON line: what was acknowledged, and what of it was lost
    store_child speed <folder>                   one JSON line: what the store costs on 100,000 images and 80 labels

The killer forks the writer, so that a kill costs milliseconds and not a start of Python; neither has a project open
when it forks. The writer says on a pipe how many operations came back from the store; what they were follows from
their numbers alone, so that the killer's account owes nothing to the store.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import statistics
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from inference.data.store import ImageTable, NoteChange, Project, StatementChange, Step
from inference.types.annotating import UNSAID, StatementArray
from inference.types.base import Task

_N: Final = 200
_P: Final = 12
_PER_PROJECT: Final = 25  # kills before a new file, so that many a file is recovered from a crash again and again
_LONGEST: Final = 0.1  # s of writing before the kill
_EARLY: Final = 0.03  # s from the fork, for kills while the project is being opened
_EARLY_SHARE: Final = 0.2
_WORD: Final = struct.Struct("<q")


# What the writer does: operation 5k + 4 undoes the step before it, each other one is a step


@dataclass
class Account:
    """The truth after some operations, kept without the store."""

    cells: StatementArray
    notes: dict[int, str]

    @staticmethod
    def new() -> Account:
        return Account(np.full((_N, _P), UNSAID, dtype=np.int8), {})

    def copy(self) -> Account:
        return Account(self.cells.copy(), dict(self.notes))

    def equals(self, other: Account) -> bool:
        return np.array_equal(self.cells, other.cells) and self.notes == other.notes


def _undoes(operation: int) -> bool:
    return operation % 5 == 4


def _step(operation: int, now: Account) -> Step:
    """The step that the operation does, its number giving images, label, value and note."""
    choose = random.Random(operation)
    images = np.array(sorted(choose.sample(range(_N), choose.choice((1, 1, 1, 5, 60)))), dtype=np.int64)
    before = now.cells[images]
    after = before.copy()
    after[:, choose.randrange(_P)] = choose.choice((-2, -1, 0, 1))
    image = choose.randrange(_N)
    notes = (NoteChange(image, now.notes.get(image, ""), f"note {operation}"),) if operation % 7 == 3 else ()
    statements = StatementChange(images, before, after)
    return Step(operation, "annotate", "edit", "keyboard", statements=statements, notes=notes)


def _apply(step: Step, account: Account) -> None:
    assert step.statements is not None
    account.cells[step.statements.images] = step.statements.after
    for note in step.notes:
        account.notes[note.image] = note.after


class Writer:
    """Does operations one after the other, in the store and in an account."""

    def __init__(self, first: int, account: Account, before_last: Account) -> None:
        self.operation = first
        self.account, self._before = account, before_last

    def next(self, project: Project | None) -> None:
        """The next operation; without a project it is done in the account alone."""
        operation = self.operation
        if _undoes(operation):
            if project is not None:
                project.undo(operation - 1)
            self.account = self._before.copy()
        else:
            step = _step(operation, self.account)
            if project is not None:
                project.do(step)
            self._before = self.account.copy()
            _apply(step, self.account)
        self.operation += 1

    def copy(self) -> Writer:
        return Writer(self.operation, self.account.copy(), self._before.copy())


def _write_until_killed(path: Path, writer: Writer, pipe: int) -> None:
    project = Project.open(path, who="writer")
    while True:
        writer.next(project)
        os.write(pipe, _WORD.pack(writer.operation))


# The killer


@dataclass
class Losses:
    """What the kills did."""

    kills: int = 0
    operations: int = 0  # acknowledged
    labels: int = 0  # cells in them
    lost: int = 0  # acknowledged labels that were not there
    damaged: int = 0  # files that could not be opened or were not whole


def count_losses(kills: int, seed: int, folder: Path) -> Losses:
    """Kill a writer again and again, and look after each kill for what it had said was saved."""
    choose = random.Random(seed)
    losses = Losses()
    writer, path = Writer(1, Account.new(), Account.new()), folder
    for round_ in range(kills):
        if round_ % _PER_PROJECT == 0:
            path = folder / f"{round_}.cutline"
            _make(path)
            writer = Writer(1, Account.new(), Account.new())
        writer = _round(path, writer, choose, losses)
        losses.kills += 1
    return losses


def _make(path: Path) -> None:
    Project.create(
        path,
        source="bench",
        root="",
        task=Task.MULTILABEL,
        labels=[f"label {label}" for label in range(_P)],
        images=ImageTable.of_names(tuple(f"{image}.jpg" for image in range(_N))),
        statements=Account.new().cells,
        who="bench",
    ).close()


def _round(path: Path, writer: Writer, choose: random.Random, losses: Losses) -> Writer:
    """One kill; the writer as the file says it is now."""
    early = choose.random() < _EARLY_SHARE
    seconds = choose.uniform(0, _EARLY if early else _LONGEST)
    acknowledged = _killed_after(path, writer, seconds, early=early)
    known = writer.copy()
    while known.operation < acknowledged:
        before = known.account.cells.copy()
        known.next(None)
        losses.labels += int(np.count_nonzero(before != known.account.cells))
        losses.operations += 1
    further = known.copy()
    further.next(None)  # an operation may be saved and the writer killed before it could say so
    found = _found(path)
    if found is None:
        losses.damaged += 1
        return known
    if further.account.equals(found):
        return further
    losses.lost += int(np.count_nonzero(known.account.cells != found.cells)) + (known.account.notes != found.notes)
    return known


def _killed_after(path: Path, writer: Writer, seconds: float, *, early: bool) -> int:
    """Fork a writer, kill it some time after its first word (or its birth), and give the last operation it spoke of."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            _write_until_killed(path, writer, writing)
        finally:
            os._exit(1)
    os.close(writing)
    if not early:
        select.select([reading], [], [], 10)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    whole = said[: len(said) // _WORD.size * _WORD.size]
    return int(_WORD.unpack(whole[-_WORD.size :])[0]) if whole else writer.operation


def _found(path: Path) -> Account | None:
    """What the file says now; None where it is damaged."""
    try:
        with Project.open(path, who="killer") as project:
            project.check()
            contents = project.contents()
    except Exception as error:
        print(f"{path}: {error}", file=sys.stderr)
        return None
    return Account(contents.statements, contents.notes)


# Speed


def _large() -> tuple[ImageTable, StatementArray]:
    n, p = 100_000, 80
    rng = np.random.default_rng(0)
    names = tuple(f"folder {image % 100:03d}/image {image:08d}.jpg" for image in range(n))
    fingerprints = rng.integers(0, 256, size=(n, 16), dtype=np.uint8)
    sizes, times = rng.integers(0, 1 << 24, size=n), rng.integers(0, 1 << 60, size=n)
    images = ImageTable(names, sizes, times, fingerprints, np.ones(n, dtype=np.bool_))
    return images, rng.integers(-2, 2, size=(n, p)).astype(np.int8)


def measure(folder: Path) -> dict[str, float]:
    """Milliseconds of making, opening and reading a large project, of a label, and of a backup."""
    path = folder / "large.cutline"
    images, statements = _large()
    labels = [f"label {label}" for label in range(statements.shape[1])]
    began = time.perf_counter()
    Project.create(
        path,
        source="bench",
        root="",
        task=Task.MULTILABEL,
        labels=labels,
        images=images,
        statements=statements,
        who="bench",
    ).close()
    found = {"create_ms": _since(began)}
    found["label_ms"], found["slow_label_ms"] = _label_times(path, statements)
    reopen = []
    for _ in range(5):
        began = time.perf_counter()
        with Project.open(path, who="bench") as project:
            project.contents()
            reopen.append(_since(began))
    found["reopen_ms"] = statistics.median(reopen)
    with Project.open(path, who="bench") as project:
        began = time.perf_counter()
        project.backup("bench")
        found["backup_ms"] = _since(began)
    return found


def _label_times(path: Path, statements: StatementArray) -> tuple[float, float]:
    """Median and 99th percentile of saving one label."""
    times = []
    with Project.open(path, who="bench") as project:
        for id_ in range(1, 501):
            image = np.array([id_ * 191 % len(statements)])
            before = statements[image]
            after = before.copy()
            after[0, id_ % 80] = 1 if before[0, id_ % 80] != 1 else 0
            step = Step(id_, "annotate", "edit", "keyboard", statements=StatementChange(image, before, after))
            began = time.perf_counter()
            project.do(step)
            times.append(_since(began))
    return statistics.median(times), float(np.quantile(times, 0.99))


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def main(arguments: list[str]) -> None:
    """Do what the words say, and print one JSON line."""
    if arguments[0] == "kills":
        print(json.dumps(vars(count_losses(int(arguments[1]), int(arguments[2]), Path(arguments[3])))))
    else:
        print(json.dumps(measure(Path(arguments[1]))))


if __name__ == "__main__":
    main(sys.argv[1:])
