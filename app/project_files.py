"""Finding, opening and making projects: the work that opening a dataset is, in the lanes of the store and the files."""

from __future__ import annotations

import gc
import getpass
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from app.controllers.pairing import plain, read_dataset, typed
from app.jobs import Job
from app.kept_json import decode, encode
from app.state import FOLDER_VARIABLE
from inference.data.csv_reading import TABLE_SUFFIXES
from inference.data.datasets import DatasetChoices, DatasetReport
from inference.data.folder_changes import quick_signature
from inference.data.reports import make_report
from inference.data.store import Contents, ImageTable, Project, Step, StepRecord
from inference.data.truth import Truth, statements_of
from inference.errors import CutlineError, DatasetError, ProjectWriteError
from inference.types import UNKNOWN, UNSAID, BoolArray, Dataset, ProjectLabel, locked

SUFFIX: Final = ".cutline"
CHOICES: Final = "choices"  # keys of a project's settings
LAYOUT: Final = "layout"
SIGNATURE: Final = "signature"  # of the folder as it was read
RESTORED: Final = 200  # steps of undo that come back


@dataclass(frozen=True, eq=False)
class Opened:
    """A project that was there before, with what stands in it."""

    project: Project
    contents: Contents
    steps: tuple[tuple[Step, bool], ...]  # the last ones, oldest first, and whether each is done
    explicit: bool  # the project file itself was opened
    pristine: bool  # nobody did anything in it yet

    @property
    def choices(self) -> DatasetChoices | None:
        """How its dataset was read; None where that is not known."""
        kept = self.contents.settings.get(CHOICES)
        return None if kept is None else typed(decode(kept, dict[str, str]))


@dataclass(frozen=True, eq=False)
class ReadDataset:
    """A dataset as it is to be shown: from its project, or read from the disk."""

    report: DatasetReport
    opened: Opened | None  # None: there is no project of it yet
    from_project: bool
    signature: str = ""

    def truth(self) -> Truth:
        """A new holder of its statements."""
        if self.opened is not None and self.from_project:
            contents = self.opened.contents
            return Truth(contents.labels, contents.statements.copy(), self.report.dataset.task)
        dataset = self.report.dataset
        labels = [ProjectLabel(index, name) for index, name in enumerate(dataset.labels)]
        return Truth(labels, statements_of(dataset.y_true, dataset.annotated), dataset.task)

    def edited(self) -> BoolArray:
        """Images that somebody changed since they came in."""
        if self.opened is not None and self.from_project:
            return self.opened.contents.edited.copy()
        return np.zeros(len(self.report.dataset), dtype=bool)

    def images(self) -> ImageTable:
        """What is known of the image files; of a folder that was read anew, by the names that were there before."""
        if self.opened is None:
            return ImageTable.of_names(self.report.dataset.names, self.report.dataset.parts)
        known = self.opened.contents.images
        if self.from_project:
            columns = known.sizes.copy(), known.times.copy(), known.fingerprints.copy(), known.present.copy()
            return ImageTable(known.names, *columns, known.parts)
        return _carried_over(known, ImageTable.of_names(self.report.dataset.names, self.report.dataset.parts))

    def notes(self) -> dict[int, str]:
        """What somebody wrote about images."""
        return dict(self.opened.contents.notes) if self.opened is not None and self.from_project else {}


def _carried_over(known: ImageTable, images: ImageTable) -> ImageTable:
    """``images`` with what is known of those of the same name."""
    at = {name: row for row, name in enumerate(known.names)}
    pairs = [(row, at[name]) for row, name in enumerate(images.names) if name in at]
    here, there = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    images.sizes[here], images.times[here] = known.sizes[there], known.times[there]
    images.fingerprints[here] = known.fingerprints[there]
    return images


def who() -> str:
    """The user's name, as histories show it."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "somebody"


def project_of(source: str, folder: Path) -> Path:
    """Where the project of a folder or label file stands that was opened without one."""
    if source.lower().endswith(SUFFIX):
        return Path(source)
    real = os.path.realpath(source)
    digest = hashlib.blake2s(real.encode(errors="surrogateescape"), digest_size=6).hexdigest()
    name = re.sub(r"[^\w.-]+", "-", os.path.basename(real), flags=re.ASCII).strip("-.")[:40] or "dataset"
    return folder / f"{name}-{digest}{SUFFIX}"


def look(project: Project, *, explicit: bool) -> Opened:
    """In the store's lane: all that stands in a project, and the steps that undo may go back over."""
    with _uncollected():
        contents = project.contents()
    steps = []
    for record in contents.steps[-RESTORED:]:
        step = project.step(record.id) if record.n_images else _bare(record)
        steps.append((step, record.state == "done"))
    return Opened(project, contents, tuple(steps), explicit, project.is_pristine)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the cyclic garbage collector, which would go through the whole program again and again.

    Reading makes hundreds of thousands of small objects and not one cycle; collecting took half the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _bare(record: StepRecord) -> Step:
    return Step(
        id=record.id,
        kind=record.kind,
        text=record.text,
        source=record.source,
        model=record.model,
        payload=record.payload,
        labels=record.labels,
        notes=record.notes,
    )


def read(path: str, choices: DatasetChoices | None, opened: Opened | None, job: Job) -> ReadDataset:
    """In the files' lane: the dataset of a path. ``choices``: how the user wants it read; None: as before.

    What people said in a project wins over the files it came from; where nobody said anything yet, the files win.
    """
    if opened is None:
        report = read_dataset(path, choices or DatasetChoices(), job)
        return ReadDataset(report, None, False, _signature(report))
    source = opened.contents.source if opened.explicit else path
    if choices is not None and not opened.pristine:
        raise DatasetError(
            f"Annotations of {os.path.basename(source)} were changed here, and reading it otherwise would lose them: "
            "import the file with the new settings instead (File > Import annotations)."
        )
    if choices is None and (not opened.pristine or _unchanged(opened)):
        return ReadDataset(_report_of(opened, path), opened, True)
    try:
        report = read_dataset(source, choices or opened.choices or DatasetChoices(), job)
    except CutlineError:
        if choices is not None or (not opened.explicit and os.path.exists(source)):
            raise
        return ReadDataset(_report_of(opened, path), opened, True)
    if opened.explicit:
        report = replace(report, dataset=replace(report.dataset, source=path))
    return ReadDataset(report, opened, False, _signature(report))


def _signature_of(source: str, root: str) -> str:
    """Changes when images come or go, or when a label file that may have been read is written."""
    try:
        tables = [name for name in os.listdir(root) if os.path.splitext(name)[1].lower() in TABLE_SUFFIXES]
    except OSError:
        return ""
    files = [os.path.join(root, name) for name in sorted(tables)]
    return quick_signature(root, [source, *files] if os.path.isfile(source) else files)


def _signature(report: DatasetReport) -> str:
    return _signature_of(report.dataset.source, report.dataset.root)


def _unchanged(opened: Opened) -> bool:
    contents = opened.contents
    kept = contents.settings.get(SIGNATURE, b"").decode()
    return bool(kept) and kept == _signature_of(contents.source, contents.root)


def _report_of(opened: Opened, source: str) -> DatasetReport:
    """What would be said of a project's dataset if it were read from files."""
    contents = opened.contents
    offered = [label for label in contents.labels if not label.retired]
    statements = contents.statements[:, [label.id for label in offered]]
    dataset = Dataset(
        source=os.path.abspath(source),
        root=contents.root,
        names=contents.images.names,
        labels=tuple(label.name for label in offered),
        task=contents.task,
        y_true=locked(np.maximum(statements, UNKNOWN)),
        annotated=locked((contents.statements != UNSAID).any(axis=1)),
        parts=contents.images.parts,
    )
    layout = contents.settings.get(LAYOUT, b"unlabelled").decode()
    choices = opened.choices or DatasetChoices()
    return make_report(dataset, replace(choices, task=contents.task), layout=layout, warnings=())


def make_project(path: Path, read_as: ReadDataset, choices: DatasetChoices) -> Project:
    """In the store's lane: a new project of what was read."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectWriteError(
            f"What you label cannot be saved: the folder {path.parent} cannot be made "
            f"({(error.strerror or 'error').lower()}). It stays in this window until it can: give write permission "
            f"or make room there, or set {FOLDER_VARIABLE} to another folder and start again.",
            detail=repr(error),
        ) from error
    dataset = read_as.report.dataset
    return Project.create(
        path,
        source=dataset.source,
        root=dataset.root,
        task=dataset.task,
        labels=dataset.labels,
        images=ImageTable.of_names(dataset.names, dataset.parts),
        statements=statements_of(dataset.y_true, dataset.annotated),
        settings=settings_of_reading(read_as, choices),
        who=who(),
    )


def read_anew(project: Project, read_as: ReadDataset, choices: DatasetChoices) -> None:
    """In the store's lane: what was read takes the place of what a project nobody worked in held."""
    dataset, opened = read_as.report.dataset, read_as.opened
    source = opened.contents.source if opened is not None and opened.explicit else dataset.source
    project.replace_baseline(
        source=source,
        root=dataset.root,
        task=dataset.task,
        labels=dataset.labels,
        images=read_as.images(),
        statements=statements_of(dataset.y_true, dataset.annotated),
    )
    for key, value in settings_of_reading(read_as, choices).items():
        project.set_setting(key, value)


def settings_of_reading(read_as: ReadDataset, choices: DatasetChoices) -> dict[str, bytes]:
    """How the dataset was read, to be told apart from how it is next time."""
    return {
        CHOICES: encode(plain(choices)),
        LAYOUT: read_as.report.layout.encode(),
        SIGNATURE: read_as.signature.encode(),
    }
