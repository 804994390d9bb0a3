"""Images in an order: what has no value comes last, and equal ones stay in the order of the folder."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.choices import SortKey
from inference.evaluation.query.data import ReviewData
from inference.types import BoolArray, IntArray, ScoreArray

SORT_WORDS: Final[dict[SortKey, str]] = {
    SortKey.NAME: "Name",
    SortKey.SCORE: "Score",
    SortKey.UNCERTAINTY: "Distance to threshold",
    SortKey.LOSS: "Loss",
    SortKey.ENTROPY: "Entropy",
    SortKey.MARGIN: "Margin",
    SortKey.EDITED: "Edited",
    SortKey.N_PREDICTED: "Predicted labels",
}


def order(
    data: ReviewData,
    key: SortKey,
    label: int | None = None,
    descending: bool = False,
    mask: BoolArray | None = None,
) -> IntArray:
    """The images of the mask, all by default, in order, int64 (q,).

    Args:
        data: the images.
        key: what they are sorted by.
        label: the label in question; None for the whole image, where every key has a meaning as well.
        descending: the largest first.
        mask: bool (n,).
    """
    rows = np.arange(len(data)) if mask is None else np.flatnonzero(mask)
    values = sort_values(data, key, label)
    if values is None:
        return rows[::-1] if descending else rows
    return rows[sorted_places(values[rows], descending)]


def sort_values(data: ReviewData, key: SortKey, label: int | None = None) -> ScoreArray | None:
    """What images are sorted by, float32 (n,), NaN where there is none; None where it is their place."""
    if key is SortKey.NAME:
        return None
    if key is SortKey.EDITED:
        return np.zeros(len(data), dtype=np.float32) if data.edited is None else data.edited.astype(np.float32)
    measures, tallies = data.measures, data.tallies if key is SortKey.N_PREDICTED else None
    output = -1 if label is None else data.output(label)
    if measures is None or (label is not None and output < 0 and key in _OF_LABEL):
        return np.full(len(data), np.nan, dtype=np.float32)
    if tallies is not None:
        return np.where(tallies.scored, tallies.predicted, np.float32(np.nan)).astype(np.float32)
    if key is SortKey.SCORE:
        found = None if label is None else data.scores(label)
        return measures.highest() if found is None else found
    if label is not None and key in _OF_LABEL:
        of_label = {
            SortKey.UNCERTAINTY: measures.label_uncertainty,
            SortKey.LOSS: measures.label_loss,
            SortKey.ENTROPY: measures.label_entropy,
        }
        return of_label[key](output)
    whole = {
        SortKey.UNCERTAINTY: measures.uncertainty,
        SortKey.LOSS: measures.loss,
        SortKey.ENTROPY: measures.entropy,
        SortKey.MARGIN: measures.margin,
    }
    return whole[key]()


_OF_LABEL: Final = frozenset({SortKey.SCORE, SortKey.UNCERTAINTY, SortKey.LOSS, SortKey.ENTROPY})


def sorted_places(values: ScoreArray, descending: bool) -> NDArray[np.int64]:
    """The order of the values, equal ones as they come, NaN last.

    Value and place in one number of 64 bits: numpy sorts numbers faster than it finds the order of numbers. The bits of
    a float order as it does where it is positive, and the other way round where it is negative.
    """
    bits = (values + np.float32(0)).view(np.uint32)  # + 0: a negative zero is a zero
    bits = bits ^ np.where(bits >> np.uint32(31), np.uint32(0xFFFFFFFF), np.uint32(0x80000000))
    if descending:
        bits = ~bits
    bits[np.isnan(values)] = 0xFFFFFFFF
    packed = bits.astype(np.uint64) << np.uint64(32)
    packed |= np.arange(len(values), dtype=np.uint64)
    packed.sort()
    return (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)
