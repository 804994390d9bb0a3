"""What people say about images, label by label: statements, the labels of a project, and edits of both.

``n`` images, ``p`` labels of a project (those that were ever in it). A label's id is its column in every array of
statements, for ever: renaming, merging and retiring a label move no column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.types.base import IntArray

UNSAID: Final = -2  # nobody said anything; POSITIVE, NEGATIVE and UNKNOWN (-1) were said

StatementArray = NDArray[np.int8]


@dataclass(frozen=True)
class ProjectLabel:
    """A label that people annotate with, whether a model has an output for it or not."""

    id: int
    name: str
    retired: bool = False  # not offered any more; what was said under it is kept
    merged_into: int = -1  # id of the label that took its statements over


@dataclass(frozen=True, eq=False)
class Cells:
    """Statements about single (image, label) pairs, each pair at most once."""

    images: IntArray  # (k,)
    labels: IntArray  # (k,) ids
    values: StatementArray  # (k,)

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True, eq=False)
class TruthEdit:
    """What an edit changed in a dataset's ``y_true``, each (image, label) pair at most once."""

    images: IntArray  # (k,) rows
    labels: IntArray  # (k,) columns of the dataset: the model's labels
    before: StatementArray  # (k,) POSITIVE, NEGATIVE or UNKNOWN
    after: StatementArray  # (k,)

    def __len__(self) -> int:
        return len(self.images)
