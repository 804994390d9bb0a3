"""What the gallery shows: names, thumbnails, selection and marks, and one state, outcome and score an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QStringListModel, Qt

from inference.types import BoolArray, ImageState, IntArray, Outcome, ScoreArray, StateArray, format_float32
from inference.types.gallery import ImageMarks
from widgets.gallery.marks import MARK_TEXT, Mark
from widgets.gallery.selection import ImageSelection
from widgets.gallery.thumbnails import FittedThumbnails, ThumbnailCache
from widgets.glyphs import OUTCOME_TEXT

_Index = QModelIndex | QPersistentModelIndex

BROKEN_TEXT: Final = "The file could not be read."
UNUSABLE_TEXT: Final = "The model gave NaN or infinity for this image; it is left out of the metrics."


class GalleryModel(QStringListModel):
    """Rows are the images in the order given.

    "index" means the image's number in the dataset, "row" its place in the gallery. The base class keeps as many
    empty texts as there are rows: a ``rowCount`` in Python would be called for every one of 100,000 rows at each
    layout, and names would be copied at each change of the order.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.names: tuple[str, ...] = ()
        self.thumbnails = ThumbnailCache()
        self.fitted = FittedThumbnails()
        self.selection = ImageSelection()
        self.failed: dict[int, str] = {}  # thumbnails that could not be made
        self.reasons: Mapping[int, str] = {}  # why images have no score
        self.states: StateArray | None = None
        self.outcomes: StateArray | None = None
        self.scores: ScoreArray | None = None
        self.annotated: BoolArray | None = None
        self.none_annotated = False
        self.marks = ImageMarks()
        self.rows: IntArray = np.zeros(0, dtype=np.int64)  # the images listed, top to bottom
        self._row_of: IntArray = np.zeros(0, dtype=np.int64)
        self._blank: list[str] = []

    # Content

    def set_images(self, names: Sequence[str]) -> None:
        """New images; all that was known of the old ones is forgotten."""
        self.names = tuple(names)
        self.thumbnails.clear()
        self.fitted.clear()
        self.selection.reset(len(self.names))
        self.failed.clear()
        self.reasons = {}
        self.states = self.outcomes = self.scores = self.annotated = None
        self.none_annotated = False
        self.marks = ImageMarks()
        self._blank = [""] * len(self.names)
        self.set_order(None)

    def set_order(self, order: Sequence[int] | IntArray | None) -> None:
        """Show only these images, in this order; None for all."""
        count = len(self.names)
        self.rows = np.arange(count, dtype=np.int64) if order is None else np.array(order, dtype=np.int64)
        self._row_of = np.full(count, -1, dtype=np.int64)
        self._row_of[self.rows] = np.arange(len(self.rows))
        self.selection.keep_listed(self.rows)
        if len(self.rows) != self.rowCount():  # else the rows only hold other images: nothing is to be laid out
            self.setStringList(self._blank[: len(self.rows)])

    def set_annotated(self, annotated: BoolArray | None) -> None:
        """Which images somebody annotated (n,)."""
        self.annotated = annotated
        self.none_annotated = annotated is not None and not bool(np.any(annotated))

    # Rows and images

    def index_of_row(self, row: int) -> int:
        """The image in a row, or -1."""
        return int(self.rows[row]) if 0 <= row < len(self.rows) else -1

    def row_of_index(self, index: int) -> int:
        """The row of an image, or -1 where it is not shown."""
        return int(self._row_of[index]) if 0 <= index < len(self._row_of) else -1

    @property
    def row_of(self) -> IntArray:
        """The row of every image (n,), -1 where it is not shown."""
        return self._row_of

    def filtered(self) -> bool:
        """Whether some images are left out."""
        return len(self.rows) != len(self.names)

    # One image

    def state(self, index: int) -> ImageState | None:
        """How far the image is; None where nothing is being scored."""
        return None if self.states is None else ImageState(int(self.states[index]))

    def outcome(self, index: int) -> Outcome | None:
        """The outcome under the chosen label; None where there is none to show."""
        if self.outcomes is None or self.state(index) not in (None, ImageState.SCORED):
            return None
        return Outcome(int(self.outcomes[index]))

    def score(self, index: int) -> float | None:
        """The score of the chosen label; None where there is none to show."""
        if self.scores is None or self.state(index) not in (None, ImageState.SCORED):
            return None
        value = float(self.scores[index])
        return None if np.isnan(value) else value

    def unannotated(self, index: int) -> bool:
        """Whether nobody annotated the image."""
        return self.annotated is not None and not self.annotated[index]

    def marked_unannotated(self, index: int) -> bool:
        """Whether to say so on the image: where all are unannotated, the mark would be noise."""
        return self.unannotated(index) and not self.none_annotated and not self.problem(index)

    def marks_of(self, index: int) -> tuple[Mark, ...]:
        """What is to be marked on the image, the weightiest first."""
        marks = self.marks
        by_mark = (
            (Mark.UNSAVED, marks.unsaved),
            (Mark.VANISHED, marks.vanished),
            (Mark.CHANGED, marks.changed),
            (Mark.EDITED, marks.edited),
            (Mark.NOTED, marks.noted),
        )
        return tuple(mark for mark, where in by_mark if where is not None and index < len(where) and where[index])

    def problem(self, index: int) -> str:
        """Why the image is broken or unusable; empty where it is neither."""
        if index in self.reasons:
            return self.reasons[index]
        if index in self.failed:
            return self.failed[index]
        state = self.state(index)
        if state == ImageState.BROKEN:
            return BROKEN_TEXT
        return UNUSABLE_TEXT if state == ImageState.UNUSABLE else ""

    def describe(self, index: int) -> str:
        """All that the cell shows, in words: its tool tip."""
        lines = [self.names[index]]
        problem = self.problem(index)
        if problem:
            lines.append(problem)
        elif self.state(index) == ImageState.PENDING:
            lines.append("not scored yet")
        score, outcome = self.score(index), self.outcome(index)
        if score is not None:
            lines.append(f"score {format_float32(score)}")
        if self.unannotated(index):
            lines.append("not annotated")
        elif outcome is not None:
            lines.append(OUTCOME_TEXT[outcome])
        lines += [MARK_TEXT[mark] for mark in self.marks_of(index)]
        return "\n".join(lines)

    # Qt's model

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: D102
        image = self.index_of_row(index.row())
        if image < 0:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.names[image]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.describe(image)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self.describe(image).replace("\n", ", ")
        return None
