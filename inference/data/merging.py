"""Several rows about one image made into one annotation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from inference.data.reports import Annotations
from inference.data.sentences import counted, lines, some
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, IntArray, StateArray

# What a cell says, as bits, so that the cells of several rows can be joined by "or".
SAYS_NOTHING: Final = 0
SAYS_POSITIVE: Final = 1
SAYS_NEGATIVE: Final = 2
SAYS_UNKNOWN: Final = 4
_CONTRADICTION: Final = SAYS_POSITIVE | SAYS_NEGATIVE
_SHOWN: Final = 5


def merged(
    said: StateArray, images: IntArray, row_lines: Sequence[int], names: Sequence[str], labels: tuple[str, ...]
) -> Annotations:
    """Annotations of all ``names`` from rows of bits ``said`` (r, c) about ``images`` (r,).

    A known cell beats an empty or unknown one; where rows contradict each other the cell becomes unknown. An image of
    which no cell says anything is unannotated.
    """
    bits = np.zeros((len(names), len(labels)), dtype=np.uint8)
    order = np.argsort(images, kind="stable")
    present, starts, counts = np.unique(images[order], return_index=True, return_counts=True)
    if len(present) and labels:
        bits[present] = np.bitwise_or.reduceat(said[order], starts, axis=0)
    known = bits & _CONTRADICTION
    y_true = np.full(bits.shape, UNKNOWN, dtype=np.int8)
    y_true[known == SAYS_POSITIVE] = POSITIVE
    y_true[known == SAYS_NEGATIVE] = NEGATIVE

    disputed = known == _CONTRADICTION
    repeated = np.zeros(len(names), dtype=bool)
    repeated[present[counts > 1]] = True
    agreeing = np.flatnonzero(repeated & ~disputed.any(axis=1)).tolist()
    disagreeing = np.flatnonzero(disputed.any(axis=1)).tolist()
    warnings = []
    if agreeing:
        warnings.append(
            f"{counted(len(agreeing), 'image')} with several rows that agree, which were merged: "
            f"{some([names[index] for index in agreeing])}."
        )
    if disagreeing:
        numbers = np.asarray(row_lines, dtype=np.int64)
        examples = [
            f"{names[index]} ({some([labels[j] for j in np.flatnonzero(disputed[index])], 3)}; "
            f"{lines(numbers[images == index].tolist())})"
            for index in disagreeing[:_SHOWN]
        ]
        more = f" and {len(disagreeing) - _SHOWN:,} more" if len(disagreeing) > _SHOWN else ""
        warnings.append(
            f"{counted(len(disagreeing), 'image')} with rows that contradict each other, which makes the labels in "
            f"question unknown: {'; '.join(examples)}{more}."
        )
    return Annotations(labels, y_true, (bits != 0).any(axis=1), tuple(warnings))
