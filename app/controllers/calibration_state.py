"""What calibrations are fitted to, and which thresholds decide alike under which of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from app.session import Decision, Session
from inference.types import (
    Activation,
    BoolArray,
    CalibrationMethod,
    Dataset,
    ImageState,
    IntArray,
    LogitMap,
    Run,
    ScoreArray,
    Split,
    Thresholds,
)


@dataclass(frozen=True, eq=False)
class Source:
    """What calibrations are fitted to; a threshold, a rule or a calibration changes nothing of it."""

    run: Run
    dataset: Dataset
    activation: Activation
    split: Split | None
    n_scored: int
    version: int  # of the annotations, which are edited in place

    def is_same(self, other: Source | None) -> bool:
        """Whether the same calibrations fit."""
        return (
            other is not None
            and self.run is other.run
            and self.dataset is other.dataset
            and self.activation is other.activation
            and self.split is other.split
            and self.n_scored == other.n_scored
            and self.version == other.version
        )

    def rows(self) -> IntArray:
        """The scored images."""
        return np.flatnonzero(self.run.state == ImageState.SCORED)

    def tuning_rows(self) -> IntArray:
        """The scored images that may be fitted to: those that nothing is measured on, where there is a split."""
        scored: BoolArray = self.run.state == ImageState.SCORED
        return np.flatnonzero(scored if self.split is None else scored & ~self.split.measured)

    @classmethod
    def of(cls, session: Session) -> Source | None:
        """What there is now; None without a run of the dataset."""
        run, dataset = session.run, session.dataset
        if run is None or dataset is None or run.logits.shape != dataset.y_true.shape:
            return None  # the shapes differ between two datasets
        n_scored = int(np.count_nonzero(run.state == ImageState.SCORED))
        version = session.truth.version if session.truth else 0
        return cls(run, dataset, session.decision.activation, session.split, n_scored, version)


class Alike:
    """Thresholds that decide alike under several calibrations, so that off and on again is where it was."""

    def __init__(self) -> None:
        self._base: Decision | None = None  # without calibration and thresholds
        self._values: dict[CalibrationMethod, tuple[LogitMap | None, ScoreArray]] = {}  # NaN where not known

    def clear(self) -> None:
        """Images, truth or what else there was are others."""
        self._base = None
        self._values.clear()

    def known(self, now: Decision, after: LogitMap | None) -> ScoreArray:
        """The thresholds under another map that those of now were carried from or to, (c,); NaN where there is none.

        A label whose threshold was moved since has none.
        """
        self._note(now)
        there = self._values.get(_method(after))
        if there is None or there[0] != after:
            return np.full(len(now.thresholds), np.nan, dtype=np.float32)
        return there[1].copy()

    def add(self, decision: Decision) -> None:
        """This one decides as the one that was noted last."""
        self._values[_method(decision.calibration)] = decision.calibration, decision.thresholds.values.copy()

    def _note(self, now: Decision) -> None:
        base = replace(now, calibration=None, thresholds=Thresholds.uniform(0))
        if base != self._base:
            self.clear()
            self._base = base
        here = self._values.get(_method(now.calibration))
        moved: BoolArray = np.ones(len(now.thresholds), dtype=bool)
        if here is not None and here[0] == now.calibration:
            moved = here[1] != now.thresholds.values
        for method, (logit_map, values) in self._values.items():
            self._values[method] = logit_map, np.where(moved, np.float32(np.nan), values)
        self.add(now)


def _method(logit_map: LogitMap | None) -> CalibrationMethod:
    return CalibrationMethod.NONE if logit_map is None else logit_map.method
