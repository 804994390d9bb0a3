"""Which labels two pictures have in common and which were decided differently. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from inference.types import ImageScores
from inference.types.gallery import SidePicture


@dataclass(frozen=True)
class PairRow:
    """One label on both sides; -1 where a side has no such label or was not scored."""

    name: str
    left: int
    right: int
    differs: bool  # predicted on one side and not on the other


def pair_rows(left: SidePicture, right: SidePicture) -> tuple[PairRow, ...]:
    """Every label of either side by its name: those decided differently first, then by the highest score.

    Among those decided differently the larger difference between the scores comes first.
    """
    places = _places(left), _places(right)
    names = [*places[0], *(name for name in places[1] if name not in places[0])]
    rows = [PairRow(name, places[0].get(name, -1), places[1].get(name, -1), False) for name in names]
    rows = [PairRow(row.name, row.left, row.right, _differs(left, right, row)) for row in rows]
    return tuple(sorted(rows, key=lambda row: _rank(left, right, row)))


def summary(rows: tuple[PairRow, ...], left: SidePicture, right: SidePicture) -> str:
    """How many labels were decided differently, in words."""
    if left.scores is None or right.scores is None:
        return "Decisions can be compared once both sides are scored."
    count = sum(row.differs for row in rows)
    compared = sum(row.left >= 0 and row.right >= 0 for row in rows)
    if not compared:
        return "The two sides have no label in common."
    if not count:
        return f"All {compared:,} labels are decided alike."
    return f"{count:,} of {compared:,} labels {'is' if count == 1 else 'are'} decided differently."


def _places(side: SidePicture) -> dict[str, int]:
    if side.scores is None:
        return {}
    return {name: place for place, name in enumerate(side.labels)}


def _differs(left: SidePicture, right: SidePicture, row: PairRow) -> bool:
    if left.scores is None or right.scores is None or row.left < 0 or row.right < 0:
        return False
    return bool(left.scores.predicted[row.left] != right.scores.predicted[row.right])


def _rank(left: SidePicture, right: SidePicture, row: PairRow) -> tuple[bool, float]:
    scores = _score(left.scores, row.left), _score(right.scores, row.right)
    if row.differs:
        return False, -abs(scores[0] - scores[1])
    return True, -max(scores)


def _score(image: ImageScores | None, label: int) -> float:
    """The score; 0 where there is none."""
    if image is None or label < 0:
        return 0.0
    return float(np.nan_to_num(image.scores[label]))
