"""What the gallery shows: names, thumbnails in a bounded cache, and one state, outcome and score an image."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QStringListModel, Qt
from PySide6.QtGui import QImage

from inference.types import (
    BoolArray,
    ImageState,
    IntArray,
    Outcome,
    RgbArray,
    ScoreArray,
    StateArray,
    format_float32,
)
from widgets.glyphs import OUTCOME_TEXT

MAX_THUMBNAILS: Final = 3_000
MAX_BYTES: Final = 192 * 1024 * 1024
MAX_SIDE: Final = 256  # physical pixels; larger thumbnails are made smaller on arrival

_Index = QModelIndex | QPersistentModelIndex

BROKEN_TEXT: Final = "The file could not be read."
UNUSABLE_TEXT: Final = "The model gave NaN or infinity for this image; it is left out of the metrics."


class ThumbnailCache:
    """The thumbnails looked at last, at most ``max_items`` and ``max_bytes``."""

    def __init__(self, max_items: int = MAX_THUMBNAILS, max_bytes: int = MAX_BYTES) -> None:
        self._images: OrderedDict[int, QImage] = OrderedDict()
        self._max_items, self._max_bytes = max_items, max_bytes
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._images)

    def __contains__(self, index: object) -> bool:
        return index in self._images

    def get(self, index: int) -> QImage | None:
        """The image's thumbnail, which by this counts as looked at."""
        image = self._images.get(index)
        if image is not None:
            self._images.move_to_end(index)
        return image

    def put(self, index: int, image: QImage) -> None:
        """Keep a thumbnail and let the least recently seen ones go."""
        self._drop(index)
        self._images[index] = image
        self._bytes += image.sizeInBytes()
        while len(self._images) > 1 and (len(self._images) > self._max_items or self._bytes > self._max_bytes):
            self._drop(next(iter(self._images)))

    def clear(self) -> None:
        """Forget all."""
        self._images.clear()
        self._bytes = 0

    def _drop(self, index: int) -> None:
        old = self._images.pop(index, None)
        if old is not None:
            self._bytes -= old.sizeInBytes()


def thumbnail_image(rgb: RgbArray) -> QImage:
    """A QImage of its own memory from ``rgb`` (h, w, 3) uint8, at most MAX_SIDE long."""
    pixels = np.ascontiguousarray(rgb)
    height, width = pixels.shape[:2]
    image = QImage(pixels.data, width, height, width * 3, QImage.Format.Format_RGB888)
    if max(height, width) > MAX_SIDE:
        scaled = image.scaled(
            MAX_SIDE, MAX_SIDE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        if not scaled.isNull():
            return scaled.convertToFormat(QImage.Format.Format_RGB32)
        image = image.scaled(max(1, min(width, MAX_SIDE)), max(1, min(height, MAX_SIDE)))
    return image.convertToFormat(QImage.Format.Format_RGB32)


class GalleryModel(QStringListModel):
    """Rows are the images in the order given, less those whose name does not match the filter.

    "index" means the image's number in the dataset, "row" its place in the gallery. The base class keeps the rows'
    names: a ``rowCount`` in Python would be called for every one of 100,000 rows at each layout.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.names: tuple[str, ...] = ()
        self.thumbnails = ThumbnailCache()
        self.failed: dict[int, str] = {}  # thumbnails that could not be made
        self.reasons: Mapping[int, str] = {}  # why images have no score
        self.states: StateArray | None = None
        self.outcomes: StateArray | None = None
        self.scores: ScoreArray | None = None
        self.annotated: BoolArray | None = None
        self.none_annotated = False
        self._folded_names: tuple[str, ...] = ()
        self._order: IntArray | None = None
        self._filter = ""
        self._rows: IntArray = np.zeros(0, dtype=np.int64)
        self._row_of: IntArray = np.zeros(0, dtype=np.int64)

    # Content

    def set_images(self, names: Sequence[str]) -> None:
        """New images; all that was known of the old ones is forgotten."""
        self.names = tuple(names)
        self._folded_names = tuple(name.casefold() for name in self.names)
        self.thumbnails.clear()
        self.failed.clear()
        self.reasons = {}
        self.states = self.outcomes = self.scores = self.annotated = None
        self.none_annotated = False
        self._order = None
        self._arrange()

    def set_order(self, order: Sequence[int] | IntArray | None) -> None:
        """Show only these images, in this order; None for all."""
        self._order = None if order is None else np.asarray(order, dtype=np.int64)
        self._arrange()

    def set_filter(self, text: str) -> None:
        """Show only names that contain ``text``, whatever the case."""
        if text.casefold() == self._filter:
            return
        self._filter = text.casefold()
        self._arrange()

    def set_annotated(self, annotated: BoolArray | None) -> None:
        """Which images somebody annotated (n,)."""
        self.annotated = annotated
        self.none_annotated = annotated is not None and not bool(np.any(annotated))

    def _arrange(self) -> None:
        rows = np.arange(len(self.names), dtype=np.int64) if self._order is None else self._order
        if self._filter:
            names, wanted = self._folded_names, self._filter
            rows = np.array([i for i in rows.tolist() if wanted in names[i]], dtype=np.int64)
        self._rows = rows
        self._row_of = np.full(len(self.names), -1, dtype=np.int64)
        self._row_of[rows] = np.arange(len(rows))
        self.setStringList([self.names[i] for i in rows.tolist()])

    # Rows and images

    def index_of_row(self, row: int) -> int:
        """The image in a row, or -1."""
        return int(self._rows[row]) if 0 <= row < len(self._rows) else -1

    def row_of_index(self, index: int) -> int:
        """The row of an image, or -1 where it is not shown."""
        return int(self._row_of[index]) if 0 <= index < len(self._row_of) else -1

    def filtered(self) -> bool:
        """Whether some images are left out."""
        return len(self._rows) != len(self.names)

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
