"""What honesty asks of the data that is tuned on: less than tuning asks, so that the two need not know each other."""

from __future__ import annotations

from typing import Protocol, TypeVar, runtime_checkable

from inference.types import BoolArray, IntArray, Proposal, ScoreArray, TruthArray


class Scored(Protocol):
    """Scores beside the truth, label by label, of which a part can be taken."""

    @property
    def scores(self) -> ScoreArray:
        """float32 (c, n)."""

    @property
    def truth(self) -> TruthArray:
        """int8 (c, n)."""

    def subset(self: S, rows: IntArray, /) -> S:
        """The same labels on these images (rising indices); an image may come several times."""


@runtime_checkable
class Deciding(Protocol):
    """Data that know what a proposal with another rule, calibration or biases makes of them."""

    def decided_by(self, proposal: Proposal, /) -> BoolArray:
        """The predicted labels, bool (c, n)."""


S = TypeVar("S", bound=Scored)


def never() -> bool:
    """Nobody cancels."""
    return False


def nowhere(done: int, total: int) -> None:
    """Nobody wants to hear of progress."""
