"""What goes into a project and comes out of it: images, steps, their changes, and the history.

``n`` images, ``p`` labels of the project; an image's id is its row, a label's id its column, for ever. Statements are
POSITIVE, NEGATIVE, UNKNOWN or UNSAID. Texts are any ``str``, also names that are no UTF-8 (surrogate escapes).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inference.types.annotating import ProjectLabel, StatementArray
from inference.types.base import BoolArray, IntArray, Task

FINGERPRINT_BYTES = 16

DONE = "done"
UNDONE = "undone"
DROPPED = "dropped"

FingerprintArray = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class ImageTable:
    """Images by id: 0 to n-1. Ids never change and no image is ever deleted; one that is gone is not ``present``."""

    names: tuple[str, ...]  # relative to the root, with /
    sizes: IntArray  # (n,) bytes; -1 unknown
    times: IntArray  # (n,) modification time, ns; -1 unknown
    fingerprints: FingerprintArray  # (n, 16) blake2b-128 of the file's content; all zero = unknown
    present: BoolArray  # (n,) whether the file was there when the folder was last looked at
    parts: tuple[str, ...] = ()  # split part by image, or () where the images have none

    def __len__(self) -> int:
        return len(self.names)

    @staticmethod
    def of_names(names: tuple[str, ...], parts: tuple[str, ...] = ()) -> ImageTable:
        """Images of which nothing but the names is known yet."""
        n = len(names)
        unknown = np.full(n, -1, dtype=np.int64)
        fingerprints = np.zeros((n, FINGERPRINT_BYTES), dtype=np.uint8)
        return ImageTable(names, unknown, unknown.copy(), fingerprints, np.ones(n, dtype=np.bool_), parts)


@dataclass(frozen=True, eq=False)
class StatementChange:
    """Statements of whole images before and after; cells that are equal in both are not part of the change."""

    images: IntArray  # (k,) ids, each at most once
    before: StatementArray  # (k, p)
    after: StatementArray  # (k, p)


@dataclass(frozen=True)
class LabelChange:
    """A label added (``before`` None) or changed."""

    before: ProjectLabel | None
    after: ProjectLabel | None


@dataclass(frozen=True)
class NoteChange:
    """An image's note; "" is none."""

    image: int
    before: str
    after: str


@dataclass(frozen=True, eq=False)
class Step:
    """One undo command: what it changed, and the app's own words about it (``payload``, opaque)."""

    id: int  # given by the caller; rises, beyond every id in the file
    kind: str  # "annotate", "labels", "note", "import", or the app's own, such as "decision"
    text: str  # what Undo says
    source: str = ""  # from what: "keyboard", "import labels.csv", ...
    model: str = ""  # fingerprint of the model that the step belongs to; "" any
    payload: bytes = b""
    statements: StatementChange | None = None
    labels: tuple[LabelChange, ...] = ()
    notes: tuple[NoteChange, ...] = ()


@dataclass(frozen=True, eq=False)
class StepRecord:
    """A step as the file remembers it, without its statements: `Project.step` loads those."""

    id: int
    kind: str
    text: str
    source: str
    model: str
    payload: bytes
    labels: tuple[LabelChange, ...]
    notes: tuple[NoteChange, ...]
    n_images: int  # how many images' statements it changed
    when: float  # s since 1970
    who: str
    state: str  # DONE, UNDONE or DROPPED
    statements: None = None


@dataclass(frozen=True)
class HistoryEntry:
    """One event: a step done, undone or done again, or images that came in."""

    when: float  # s since 1970
    who: str
    action: str  # "did", "undid", "redid" or "imported"
    text: str
    source: str
    cells: tuple[tuple[int, int, int], ...] = ()  # (label id, before, after); of one image's history only
    note: tuple[str, str] | None = None  # before, after; of one image's history only
    n_images: int = 0
    step: int | None = None


@dataclass(frozen=True, eq=False)
class Contents:
    """All that a window needs to show a project."""

    source: str  # what was opened: a folder or label file
    root: str  # the folder that image names are relative to
    task: Task
    images: ImageTable
    labels: tuple[ProjectLabel, ...]  # by id
    statements: StatementArray  # (n, p)
    notes: dict[int, str]  # by image
    settings: dict[str, bytes]
    steps: tuple[StepRecord, ...]  # oldest first, done or undone, the last 500 at most
    edited: BoolArray  # (n,) statements differ from those that came with the image, or there is a note
    created: float  # s since 1970
    opened: float  # the time before this one; equal to ``created`` at the first
    version: int  # of the file's layout
    last_step: int = 0  # the greatest step id in the file, dropped ones too


@dataclass(frozen=True)
class ModelNote:
    """A model that was used with the project."""

    fingerprint: str
    path: str
    name: str
    labels: tuple[str, ...]
    when: float  # last used


@dataclass(frozen=True)
class RunNote:
    """A run whose logits may stand in the cache."""

    model: str  # fingerprint
    preprocessing: str  # digest
    n_scored: int
    when: float


@dataclass(frozen=True)
class Backup:
    """A whole copy of a project beside it."""

    path: str
    when: float  # s since 1970
    reason: str
    size: int = field(default=0, compare=False)  # bytes
