"""Small datasets with everything a query can ask about, and what is true of them cell by cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.decisions import decide
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.query import ReviewData
from inference.types import Activation, BoolArray, DecisionRule, Run, ScoreArray, StateArray, Thresholds, TruthArray
from inference.types import outcomes as outcomes_of

LABELS = ("cat", "dog", "traffic light", "Traffic sign", "any")
PARTS = ("train", "test")


@dataclass(eq=False)
class Case:
    """A dataset and its scores; ``scored`` says which images have some."""

    logits: ScoreArray  # (n, c), NaN where there is none
    truth: TruthArray  # (n, c)
    annotated: BoolArray
    scored: BoolArray
    activation: Activation
    rule: DecisionRule
    thresholds: Thresholds
    names: list[str]
    parts: list[str]
    notes: dict[int, str]
    edited: BoolArray
    k: int = 1

    @property
    def labels(self) -> tuple[str, ...]:
        return LABELS[: self.truth.shape[1]]

    def evaluator(self) -> Evaluator:
        run = Run(self.logits, self.scored.astype(np.uint8))
        return Evaluator(run, self.truth, self.activation, self.rule, self.thresholds, k=self.k)

    def data(self, evaluator: Evaluator | None = None) -> ReviewData:
        return ReviewData(
            self.names,
            self.labels,
            self.truth,
            self.annotated,
            evaluator=evaluator or self.evaluator(),
            parts=self.parts,
            notes=self.notes,
            edited=self.edited,
            states=self.scored.astype(np.uint8),
        )

    # what is true, from all cells at once and without any of the code in question

    def scores(self) -> ScoreArray:
        found = np.full(self.logits.shape, np.nan, dtype=np.float32)
        found[self.scored] = scores_from_logits(self.logits[self.scored], self.activation)
        return found

    def predicted(self, thresholds: Thresholds | None = None) -> BoolArray:
        at = (thresholds or self.thresholds).values
        found = np.zeros(self.logits.shape, dtype=bool)
        found[self.scored] = decide(self.logits[self.scored], self.scores()[self.scored], at, self.rule, self.k)
        return found

    def outcomes(self, thresholds: Thresholds | None = None) -> StateArray:
        found = outcomes_of(self.predicted(thresholds), self.truth)
        found[~self.scored] = 0
        return found


@st.composite
def cases(draw: st.DrawFn, rules: tuple[DecisionRule, ...] = tuple(DecisionRule)) -> Case:
    """Ties, scores on thresholds, unknown cells, images without scores or annotation, every rule."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, c = draw(st.integers(1, 20)), draw(st.integers(1, len(LABELS)))
    rule = draw(st.sampled_from(rules))
    activation = Activation.SOFTMAX if rule.one_label else draw(st.sampled_from(list(Activation)))
    levels = draw(st.sampled_from([2, 1000]))
    logits = (rng.integers(-levels, levels + 1, (n, c)) / levels * 3).astype(np.float32)
    truth = (rng.random((n, c)) < 0.4).astype(np.int8)
    truth[rng.random((n, c)) < 0.2] = -1
    annotated = rng.random(n) < 0.8
    truth[~annotated] = -1
    scored = rng.random(n) < draw(st.sampled_from([0.7, 1.0]))
    logits[~scored] = np.nan
    values = rng.choice(np.array([0.0, 0.3, 0.5, 1.0], dtype=np.float32), c)
    if scored.any():  # exactly on a score
        values[0] = scores_from_logits(logits[scored][:1], activation)[0, 0]
    folders = ("", "test/", "test/deep/", "Other/")
    return Case(
        logits,
        truth,
        annotated,
        scored,
        activation,
        rule,
        Thresholds(values),
        [f"{folders[index % 4]}IMG {index:02}.jpg" for index in range(n)],
        [("train", "test", "")[index % 3] for index in range(n)],
        {index: ("blurred", "Dark", "")[index % 3] for index in range(0, n, 2)},
        rng.random(n) < 0.3,
        k=draw(st.integers(1, 3)),
    )
