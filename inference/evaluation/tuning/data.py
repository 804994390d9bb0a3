"""What tuning works on: margins, scores and truth label by label, sorted once and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.decisions import decide, passes
from inference.evaluation.logit_maps import mapped
from inference.evaluation.tuning.choices import Choices
from inference.evaluation.tuning.smoothing import Smoother
from inference.evaluation.tuning.staircase import Staircase
from inference.types import (
    Activation,
    BoolArray,
    DecisionRule,
    FloatArray,
    IntArray,
    Proposal,
    ScoreArray,
    TruthArray,
)

_CHUNK = 1 << 18  # elements held in float64 at a time
_LARGEST = 3e38  # of float32, so that no margin is infinite


class CutShortError(Exception):
    """The caller cancelled; never leaves this room."""


@dataclass(frozen=True, eq=False)
class TuningData:
    """One folder's scores against its annotations, label-major; curves are built at first use and kept.

    Tuning looks at scores against thresholds alone: under argmax rules its thresholds are not the best.
    """

    margins: ScoreArray  # (c, n) the logit whose sigmoid is the score
    scores: ScoreArray  # (c, n)
    truth: TruthArray  # (c, n)
    activation: Activation = Activation.SIGMOID  # under softmax margins are no logits, but in the same order
    _kept: _Kept = field(default_factory=lambda: _Kept(), repr=False)

    @classmethod
    def build(cls, logits: ScoreArray, y_true: TruthArray, activation: Activation) -> TuningData:
        """Prepare the scored images.

        Args:
            logits: float32 (n, c), finite: rows of scored images only.
            y_true: int8 (n, c).
            activation: how logits become scores.
        """
        logits = np.asarray(logits, dtype=np.float32)
        margins = logits if activation is Activation.SIGMOID else _softmax_margins(logits)
        scores = scores_from_logits(logits, activation)
        truth = np.ascontiguousarray(y_true.T)
        return cls(np.ascontiguousarray(margins.T), np.ascontiguousarray(scores.T), truth, activation)

    @property
    def n_labels(self) -> int:
        """How many labels."""
        return len(self.truth)

    @property
    def n_images(self) -> int:
        """How many images."""
        return int(self.truth.shape[1])

    def subset(self, rows: IntArray) -> TuningData:
        """The same labels on some of the images."""
        return TuningData(self.margins[:, rows], self.scores[:, rows], self.truth[:, rows], self.activation)

    def decided_by(self, proposal: Proposal) -> BoolArray:
        """The labels that a proposal predicts on these images, bool (c, n)."""
        rule = proposal.rule or DecisionRule.THRESHOLDS
        if rule is DecisionRule.THRESHOLDS and proposal.calibration is None:
            return passes(self.scores, proposal.thresholds.values[:, None])
        logits, scores = mapped(np.ascontiguousarray(self.margins.T), proposal.calibration), self.scores.T
        if proposal.calibration is not None:
            scores = scores_from_logits(logits, Activation.SIGMOID)
        return decide(logits, scores, proposal.thresholds.values, rule, proposal.k).T

    def prepare(self, cancelled: Callable[[], bool] = lambda: False) -> bool:
        """Build all curves now, in a worker; False when cancelled."""
        try:
            for label in range(self.n_labels):
                _stop_if(cancelled)
                self.hull(label)
            self.smoothed(cancelled)
        except CutShortError:
            return False
        return True

    def staircase(self, label: int) -> Staircase:
        """The cuts of one label."""
        if label not in self._kept.staircases:
            self._kept.staircases[label] = Staircase.build(self.scores[label], self.truth[label], self.margins[label])
        return self._kept.staircases[label]

    def corners(self, label: int) -> Choices:
        """The cuts of one label that can be best for anything that wants many found and few predicted."""
        if label not in self._kept.corners:
            staircase = self.staircase(label)
            self._kept.corners[label] = Choices.of_cuts(staircase, staircase.corners())
        return self._kept.corners[label]

    def hull(self, label: int) -> Choices:
        """The cuts of one label on the convex hull."""
        if label not in self._kept.hulls:
            self._kept.hulls[label] = self.corners(label).hull()
        return self._kept.hulls[label]

    def smoother(self, cancelled: Callable[[], bool] = lambda: False) -> Smoother:
        """The kernel smoother of all labels."""
        if self._kept.smoother is None:
            staircases = []
            for label in range(self.n_labels):
                _stop_if(cancelled)
                staircases.append(self.staircase(label))
            self._kept.smoother = Smoother.build(staircases)
        return self._kept.smoother

    def smoothed(self, cancelled: Callable[[], bool] = lambda: False) -> list[Choices]:
        """The smoothed cuts of every label."""
        if self._kept.smoothed is None:
            self._kept.smoothed = self.smoother(cancelled).choices()
        return self._kept.smoothed

    def pooled(self, labels: IntArray) -> TuningData:
        """The named labels as one: every known (image, label) pair is an image of it."""
        key = tuple(labels.tolist())
        if key not in self._kept.pooled:
            flat = [part[labels].reshape(1, -1) for part in (self.margins, self.scores)]
            self._kept.pooled = {key: TuningData(flat[0], flat[1], self.truth[labels].reshape(1, -1))}
        return self._kept.pooled[key]


@dataclass(eq=False)
class _Kept:
    """What was built already."""

    staircases: dict[int, Staircase] = field(default_factory=dict)
    corners: dict[int, Choices] = field(default_factory=dict)
    hulls: dict[int, Choices] = field(default_factory=dict)
    smoother: Smoother | None = None
    smoothed: list[Choices] | None = None
    pooled: dict[tuple[int, ...], TuningData] = field(default_factory=dict)


def _stop_if(cancelled: Callable[[], bool]) -> None:
    if cancelled():
        raise CutShortError


def _softmax_margins(logits: ScoreArray) -> ScoreArray:
    """``z_l - logsumexp(the other z)``, the logit of the softmax score, (n, c); large where there is no other."""
    margins = np.empty_like(logits)
    step = max(1, _CHUNK // max(1, logits.shape[1]))
    for start in range(0, len(logits), step):
        part = slice(start, start + step)
        margins[part] = np.clip(_softmax_margins64(logits[part].astype(np.float64)), -_LARGEST, _LARGEST)
    return margins


def _softmax_margins64(logits: FloatArray) -> FloatArray:
    rows = np.arange(len(logits))
    if not logits.shape[1]:
        return logits.copy()
    winner = logits.argmax(axis=1)
    top = logits[rows, winner][:, None]
    powers = np.exp(logits - top)
    # the winner's own term is 1, so what is left for another label is at least 1
    with np.errstate(divide="ignore"):
        margins = logits - top - np.log(np.maximum(powers.sum(axis=1, keepdims=True) - powers, 0.0))
    others = logits.copy()
    others[rows, winner] = -np.inf
    if logits.shape[1] == 1:
        return np.full_like(logits, _LARGEST)
    second = others.max(axis=1)
    margins[rows, winner] = top[:, 0] - second - np.log(np.exp(others - second[:, None]).sum(axis=1))
    return np.asarray(margins)
