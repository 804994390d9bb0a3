"""Maps for scores that are the sigmoid of a logit: temperature for all labels, Platt and isotonic label by label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.evaluation.calibration.minimising import FLATTEST, STEEPEST, dot, minimised, sigmoid_loss
from inference.types import FloatArray
from inference.types.scheme import Knots

FEWEST: Final = 10  # positives, and negatives, that a label's own map needs
ISOTONIC_FEWEST: Final = 200  # positives from which on isotonic is recommended
_LEVEL: Final = 0.01  # knots between which the logit rises less per logit become one, so that scores stay apart
_NO_KNOTS: Final[Knots] = ((), ())

NO_USE: Final = "higher scores are not more often right"


@dataclass(frozen=True)
class LabelMap:
    """One label's map; the identity where it is left alone."""

    scale: float = 1.0
    shift: float = 0.0
    knots: Knots = _NO_KNOTS
    left: str = ""  # why it is left alone
    caveat: str = ""


def temperature(x: FloatArray, positive: FloatArray, negative: FloatArray) -> float | None:
    """The one factor of the logits of all labels with the least log loss (Guo et al. 2017); its inverse is T.

    Args:
        x: logits (k,).
        positive: how many positives stand at each, (k,).
        negative: likewise.

    Returns:
        The factor, above 0; None where the least loss is that of a factor of 0 or less.
    """
    weight = positive + negative
    total = float(weight.sum())
    spread = float(np.sqrt(dot(weight, x**2) / total)) if total else 0.0
    if not spread:
        return None
    places = x / spread

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        value, change = sigmoid_loss(parameters[0] * places, positive, weight)
        return value / total, np.array([dot(change, places)]) / total

    (factor,) = minimised(loss, np.array([min(max(spread, 0.1), 5.0)]), [(FLATTEST, STEEPEST)])
    return None if factor <= FLATTEST else float(factor) / spread


def platt(x: FloatArray, positive: FloatArray, negative: FloatArray, fewest: int = FEWEST) -> LabelMap:
    """Slope and shift of one label's logits with the least log loss (Platt 1999).

    His targets (P + 1) / (P + 2) and 1 / (N + 2) stand for 1 and 0, so that separated scores do not run away.

    Args:
        x: logits (k,).
        positive: how many of the label's P positives stand at each, (k,).
        negative: how many of its N negatives, (k,).
        fewest: of each, or the label is left alone.
    """
    n_pos, n_neg = float(positive.sum()), float(negative.sum())
    reason = too_few(n_pos, n_neg, fewest)
    weight = positive + negative
    if reason:
        return LabelMap(left=reason)
    centre = dot(weight, x) / (n_pos + n_neg)
    spread = float(np.sqrt(dot(weight, (x - centre) ** 2) / (n_pos + n_neg)))
    if not spread > 0:
        return LabelMap(left="all its scores are equal")
    places, total = (x - centre) / spread, n_pos + n_neg
    target = positive * (n_pos + 1) / (n_pos + 2) + negative / (n_neg + 2)

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        slope, shift = parameters
        value, change = sigmoid_loss(slope * places + shift, target, weight)
        return value / total, np.array([dot(change, places), float(change.sum())]) / total

    slope, shift = minimised(loss, np.array([1.0, np.log(n_pos / n_neg)]), [(None, None), (None, None)]).tolist()
    if not slope > FLATTEST:
        return LabelMap(left=NO_USE)
    return LabelMap(scale=slope / spread, shift=shift - slope * centre / spread)


def isotonic(x: FloatArray, positive: FloatArray, negative: FloatArray, fewest: int = FEWEST) -> LabelMap:
    """The rising steps nearest to the truth, as straight lines between their centres in logit space.

    Pool-adjacent-violators with one positive added at the lowest logit and one negative at the highest, so that
    neither end is 0 or 1; then one knot a block at the mean of its logits (centered isotonic regression, Oron and
    Flournoy 2017), which rises where plain steps tie scores that were apart.

    Args:
        x: logits (k,), rising.
        positive: how many positives stand at each, (k,).
        negative: likewise.
        fewest: of each, or the label is left alone.
    """
    reason = too_few(float(positive.sum()), float(negative.sum()), fewest)
    if reason:
        return LabelMap(left=reason)
    blocks = _risen(_blocks(x, positive, negative))
    if len(blocks) < 2:
        return LabelMap(left=NO_USE)
    places, values = (tuple(part) for part in zip(*((block.centre, block.value) for block in blocks), strict=True))
    n_pos = int(positive.sum())
    few = n_pos < ISOTONIC_FEWEST
    caveat = f"fitted to {n_pos:,} positives; isotonic is recommended from {ISOTONIC_FEWEST} on" if few else ""
    return LabelMap(knots=(places, values), caveat=caveat)


@dataclass(frozen=True)
class _Block:
    """Neighbouring images that get one probability."""

    images: float
    logits: float  # sum
    positive: float  # with what was added
    total: float

    @property
    def centre(self) -> float:
        return self.logits / self.images

    @property
    def value(self) -> float:
        """The logit of the share of positives."""
        return float(np.log(self.positive) - np.log(self.total - self.positive))

    def joined(self, other: _Block) -> _Block:
        return _Block(
            self.images + other.images,
            self.logits + other.logits,
            self.positive + other.positive,
            self.total + other.total,
        )


def _blocks(x: FloatArray, positive: FloatArray, negative: FloatArray) -> list[_Block]:
    from scipy.optimize import isotonic_regression

    weight, hits = positive + negative, positive.copy()
    total = weight.copy()
    hits[0] += 1
    total[0] += 1
    total[-1] += 1
    starts = np.asarray(isotonic_regression(hits / total, weights=total).blocks)[:-1]
    sums = [np.add.reduceat(part, starts) for part in (weight, weight * x, hits, total)]
    return [_Block(*values) for values in np.column_stack(sums).tolist()]


def _risen(blocks: list[_Block]) -> list[_Block]:
    """The blocks, of which neighbours become one where the line between them is all but level."""
    kept: list[_Block] = []
    for block in blocks:
        kept.append(block)
        while len(kept) > 1 and not _rises(kept[-2], kept[-1]):
            last = kept.pop()
            kept[-1] = kept[-1].joined(last)
    return kept


def _rises(low: _Block, high: _Block) -> bool:
    away = high.centre - low.centre
    return away > 0 and high.value - low.value > _LEVEL * away


def too_few(n_pos: float, n_neg: float, fewest: int = FEWEST) -> str:
    """Why a label has too few images for a map of its own; "" where it has enough."""
    for count, name in ((n_pos, "positive"), (n_neg, "negative")):
        if count < fewest:
            return (
                f"only {count:.0f} {name}{'' if count == 1 else 's'}, {fewest} are needed" if count else f"no {name}s"
            )
    return ""
