"""A project file, opened: every change is one transaction, on the disk when the call comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from inference.data.store.values import (
    Backup,
    Contents,
    FingerprintArray,
    HistoryEntry,
    ImageTable,
    ModelNote,
    RunNote,
    StatementChange,
    Step,
)
from inference.types.annotating import StatementArray
from inference.types.base import BoolArray, IntArray, Task


class Project:
    """One SQLite file, held by one process; used by one thread at a time."""

    path: Path
    source: str
    note: str  # why it can only be read, or what else the user should know; "" nothing
    read_only: bool

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        source: str,
        root: str,
        task: Task,
        labels: Sequence[str],
        images: ImageTable,
        statements: StatementArray,
        settings: Mapping[str, bytes] | None = None,
        who: str,
        clock: Callable[[], float] = time.time,
    ) -> Project:
        """Make a project file, whole or not at all, and open it."""
        raise NotImplementedError

    @classmethod
    def open(
        cls, path: str | Path, *, who: str, clock: Callable[[], float] = time.time, read_only: bool = False
    ) -> Project:
        """Open a project file and hold it."""
        raise NotImplementedError

    def contents(self) -> Contents:
        """All of it."""
        raise NotImplementedError

    def do(self, step: Step) -> None:
        """Do a step."""
        raise NotImplementedError

    def amend(self, step: Step) -> None:
        """Replace the step of the same id."""
        raise NotImplementedError

    def undo(self, step_id: int) -> None:
        """Undo a step."""
        raise NotImplementedError

    def redo(self, step_id: int) -> None:
        """Redo a step."""
        raise NotImplementedError

    def drop(self, step_id: int) -> None:
        """Forget a step."""
        raise NotImplementedError

    def step(self, step_id: int) -> Step:
        """A step, whole."""
        raise NotImplementedError

    def changes_of(self, step_id: int) -> StatementChange | None:
        """Its statements."""
        raise NotImplementedError

    def history(self, image_id: int) -> tuple[HistoryEntry, ...]:
        """What happened to an image."""
        raise NotImplementedError

    def log(self, limit: int = 200) -> tuple[HistoryEntry, ...]:
        """The latest events."""
        raise NotImplementedError

    def add_images(self, images: ImageTable, statements: StatementArray, *, source: str = "") -> IntArray:
        """Add images; their ids."""
        raise NotImplementedError

    def set_files(
        self, ids: IntArray, sizes: IntArray, times: IntArray, fingerprints: FingerprintArray, present: BoolArray
    ) -> None:
        """What is known of the files."""
        raise NotImplementedError

    def rename_images(self, names: Mapping[int, str]) -> None:
        """New names by id."""
        raise NotImplementedError

    def set_root(self, root: str) -> None:
        """The folder of the images."""
        raise NotImplementedError

    def set_task(self, task: Task) -> None:
        """The task."""
        raise NotImplementedError

    def replace_baseline(
        self,
        *,
        source: str,
        root: str,
        task: Task,
        labels: Sequence[str],
        images: ImageTable,
        statements: StatementArray,
    ) -> None:
        """Read the dataset anew while nobody did anything yet."""
        raise NotImplementedError

    @property
    def is_pristine(self) -> bool:
        """Whether nobody did anything yet."""
        raise NotImplementedError

    @property
    def last_step(self) -> int:
        """The greatest step id in the file."""
        raise NotImplementedError

    def set_setting(self, key: str, value: bytes | None) -> None:
        """Keep or forget a setting."""
        raise NotImplementedError

    def note_model(self, fingerprint: str, path: str, name: str, labels: Sequence[str]) -> None:
        """Remember a model."""
        raise NotImplementedError

    def note_run(self, model: str, preprocessing: str, n_scored: int) -> None:
        """Remember a run."""
        raise NotImplementedError

    def models(self) -> tuple[ModelNote, ...]:
        """Models, last used first."""
        raise NotImplementedError

    def runs(self) -> tuple[RunNote, ...]:
        """Runs, last first."""
        raise NotImplementedError

    def backup(self, reason: str) -> Path:
        """A whole copy in the backups folder."""
        raise NotImplementedError

    @staticmethod
    def backups(path: str | Path) -> list[Backup]:
        """Backups of a project, newest first."""
        raise NotImplementedError

    @staticmethod
    def restore(backup: str | Path, path: str | Path) -> None:
        """Put a backup in the project's place."""
        raise NotImplementedError

    def save_as(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """A whole copy elsewhere."""
        raise NotImplementedError

    def check(self) -> None:
        """Look for damage."""
        raise NotImplementedError

    def reopen(self) -> None:
        """Connect again."""
        raise NotImplementedError

    def close(self) -> None:
        """Write all back and release the file."""
        raise NotImplementedError
