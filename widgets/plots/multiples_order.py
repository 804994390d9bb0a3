"""In which order labels stand in the grid of small pictures."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np

from inference.types import FloatArray, IntArray


class GridOrder(StrEnum):
    """What the cells are sorted by."""

    LABELS = "labels"
    NAME = "name"
    WORST = "worst"
    SUPPORT = "support"


ORDERS: Final = (
    (GridOrder.LABELS, "Order of the model"),
    (GridOrder.NAME, "By name"),
    (GridOrder.WORST, "Worst first"),
    (GridOrder.SUPPORT, "Most positives first"),
)


def arranged(
    names: tuple[str, ...], order: GridOrder, filter_text: str, badness: FloatArray | None, support: IntArray | None
) -> IntArray:
    """The labels whose name contains the text, sorted; of equals the first in the model's order.

    Args:
        names: (c,).
        order: what to sort by; as the model has it where the numbers for it are missing.
        filter_text: in any case; "" leaves all in.
        badness: (c,), the worst highest; NaN comes last.
        support: (c,), positives.
    """
    wanted = filter_text.strip().casefold()
    kept = np.array([at for at, name in enumerate(names) if wanted in name.casefold()], dtype=np.int64)
    if order is GridOrder.NAME:
        return np.array(sorted(kept.tolist(), key=lambda at: names[at].casefold()), dtype=np.int64)
    if order is GridOrder.WORST and badness is not None and len(badness) == len(names):
        return kept[np.argsort(-badness[kept], kind="stable")]
    if order is GridOrder.SUPPORT and support is not None and len(support) == len(names):
        return kept[np.argsort(-support[kept], kind="stable")]
    return kept
