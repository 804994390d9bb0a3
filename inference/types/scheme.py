"""What stands between logits and decisions beside thresholds: maps of logits, and the part that is measured."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from inference.choices import CalibrationMethod as CalibrationMethod
from inference.types.base import BoolArray, FloatArray, locked

Knots = tuple[tuple[float, ...], tuple[float, ...]]  # logits, strictly rising, and what they become, rising


@dataclass(frozen=True, eq=False)
class LogitMap:
    """Logits to mapped logits, which the activation then makes scores of; increasing under each label.

    Each label's logit goes through its ``knots`` where it has any (linear between them, slope 1 beyond), and then
    becomes ``scale * logit + shift``.
    """

    method: CalibrationMethod
    scale: FloatArray  # (c,), above 0
    shift: FloatArray  # (c,)
    knots: tuple[Knots, ...] = ()  # one a label, empty ones for none; () where no label has any

    def __post_init__(self) -> None:
        for name in ("scale", "shift"):
            object.__setattr__(self, name, locked(np.array(getattr(self, name), dtype=np.float64, ndmin=1)))
        if self.scale.shape != self.shift.shape or (self.knots and len(self.knots) != len(self.scale)):
            raise ValueError(f"{len(self.scale)} scales, {len(self.shift)} shifts, {len(self.knots)} sets of knots")
        if not (np.isfinite(self.scale).all() and np.isfinite(self.shift).all() and (self.scale > 0).all()):
            raise ValueError("scales must be above 0, and both they and shifts finite")

    @classmethod
    def identity(cls, n_labels: int) -> LogitMap:
        """The map that leaves logits as they are."""
        return cls(CalibrationMethod.NONE, np.ones(n_labels), np.zeros(n_labels))

    def then_add(self, biases: FloatArray) -> LogitMap:
        """This map with a bias (c,) added to each label's mapped logit."""
        return replace(self, shift=self.shift + biases)

    def __len__(self) -> int:
        return len(self.scale)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, LogitMap)
            and self.method is other.method
            and self.knots == other.knots
            and np.array_equal(self.scale, other.scale)
            and np.array_equal(self.shift, other.shift)
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class Split:
    """Which images the numbers are measured on; thresholds are tuned on the others."""

    measured: BoolArray  # (n,)
    words: str  # "30 % held out", "split column: test"
