"""What the gallery is told beside the images: filters with their counts, marks on thumbnails, the queue at work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from inference.types.base import BoolArray, ImageScores, RgbArray

# Keys of the facets that stand as chips of their own: the outcomes under the chosen label, in this order.
OUTCOME_FACETS: Final = ("tp", "fp", "fn", "tn", "unknown")


@dataclass(frozen=True)
class FacetItem:
    """A filter that is switched by a click, with the number of images that it leaves."""

    key: str  # stable; one of OUTCOME_FACETS for a chip, anything else for the menu
    text: str  # as "annotated"
    count: int  # images; below 0 where it is not known
    term: str  # what the click adds to the query, or takes from it
    on: bool = False  # the query has the term
    section: str = ""  # the menu's heading over it and its neighbours of the same section


@dataclass(frozen=True, eq=False)
class ImageMarks:
    """What is to be marked on thumbnails, each (n,) or None for nowhere; not copied."""

    edited: BoolArray | None = None  # a person changed what was imported
    unsaved: BoolArray | None = None  # an edit of it has not reached the disk
    noted: BoolArray | None = None  # it has a note
    vanished: BoolArray | None = None  # its file is gone
    changed: BoolArray | None = None  # its file holds something else than when it was annotated


@dataclass(frozen=True)
class QueueStatus:
    """How far a queue has been worked through."""

    title: str  # the queue's name
    total: int  # images that it had at first
    done: int  # of them, those that were seen: passed, or something was said of them
    text: str = ""  # why the image in hand is in it, or what the queue holds
    annotated: int = 0  # of those seen, those of which something was said meanwhile

    @property
    def left(self) -> int:
        """Images yet to be seen."""
        return max(self.total - self.done, 0)


@dataclass(frozen=True, eq=False)
class SidePicture:
    """One of two pictures that are compared, with what was decided about it."""

    title: str  # the file's name, or the profile's or run's
    detail: str = ""  # a second, muted line
    rgb: RgbArray | None = None  # (h, w, 3) uint8; None with ``message`` in its place
    message: str = ""  # why there is no picture
    labels: tuple[str, ...] = ()  # (c,) names, in the order of the arrays of ``scores``
    scores: ImageScores | None = None  # None where it was not scored
