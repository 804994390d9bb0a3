"""Counts on new images against deciding every image."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.choices import CalibrationMethod
from inference.evaluation.activations import scores_from_logits
from inference.evaluation.decisions import decide
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.fresh import FreshScores, Scheme, decided, margins
from inference.evaluation.logit_maps import mapped
from inference.export.predictions import predictions_csv
from inference.types import Activation, DecisionRule, LogitMap, ScoreArray, Thresholds, TruthArray
from tests.inference.evaluation.cases import problems, run_of


@settings(max_examples=120, deadline=None)
@given(
    problem=problems(),
    rule=st.sampled_from(list(DecisionRule)),
    activation=st.sampled_from(list(Activation)),
    calibrated=st.booleans(),
    value=st.one_of(st.floats(-0.5, 1.5, width=32), st.sampled_from([0.0, 0.5, 1.0])),
)
def test_counts_are_those_of_the_decisions(
    problem: tuple[ScoreArray, TruthArray], rule: DecisionRule, activation: Activation, calibrated: bool, value: float
) -> None:
    logits, _ = problem
    n_labels = logits.shape[1]
    platt = LogitMap(CalibrationMethod.PLATT, np.linspace(0.5, 2, n_labels), np.linspace(-1, 1, n_labels))
    scheme = Scheme(activation, rule, 2, platt if calibrated else None)
    thresholds = Thresholds.uniform(n_labels, value)
    fresh = FreshScores.build(logits, scheme)
    assert fresh is not None
    through = mapped(logits, scheme.logit_map)
    scores = scores_from_logits(through, activation)
    wanted = decide(through, scores, thresholds.values, rule, 2)
    assert fresh.predicted(thresholds).tolist() == wanted.sum(axis=0).tolist()
    found = np.concatenate([part for _, _, part in decided(logits, scheme, thresholds)])
    np.testing.assert_array_equal(found, wanted)


def test_shares_stand_beside_those_of_the_validation_folder() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(200, 2)).astype(np.float32)
    truth = (logits + rng.normal(size=(200, 2)) > 0).astype(np.int8)
    truth[:50, 0] = -1
    thresholds = Thresholds.uniform(2)
    evaluator = Evaluator(run_of(logits), truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, thresholds)
    fresh = FreshScores.build(logits[:80], Scheme(Activation.SIGMOID, DecisionRule.THRESHOLDS))
    assert fresh is not None
    counts = fresh.counts(thresholds, evaluator.label_metrics())
    known = truth[:, 0] >= 0
    predicted = logits[:, 0] >= 0
    assert counts.validation_share[0] == pytest.approx((predicted & known).sum() / known.sum())
    precision = (predicted & (truth[:, 0] == 1)).sum() / (predicted & known).sum()
    assert counts.expected_right[0] == pytest.approx(predicted[:80].sum() * precision)
    assert counts.share[0] == pytest.approx(predicted[:80].mean())
    assert (counts.low < counts.share).all()
    assert (counts.share < counts.high).all()


def test_margins_tell_scores_apart_that_float32_cannot() -> None:
    logits = np.array([[40.0, 0.0], [50.0, 0.0]], dtype=np.float32)
    assert (scores_from_logits(logits, Activation.SOFTMAX)[:, 0] == 1).all()
    found = margins(logits, Activation.SOFTMAX)[0]
    assert found[0] < found[1]


def test_the_table_reads_back_exactly() -> None:
    scores = np.array([[0.1, 0.7], [1 / 3, 0.5]], dtype=np.float32)
    text = predictions_csv(
        ("cat, big", "dog"), ("a.png", 'b "2".png'), [(scores, scores > 0.4)], [("c.png", "it is damaged")]
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["image"] for row in rows] == ["a.png", 'b "2".png', "c.png"]
    assert [row["dog"] for row in rows] == ["1", "1", ""]
    assert [row["cat, big"] for row in rows] == ["0", "0", ""]
    assert [np.float32(row["score of cat, big"]) for row in rows[:2]] == scores[:, 0].tolist()
    assert rows[2]["left out because"] == "it is damaged"
