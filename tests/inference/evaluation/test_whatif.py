"""Other thresholds beside the ones in force: the same numbers as an evaluator made for them, and nothing touched."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.evaluation.decisions import decide
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.whatif import at, eligible, flips, label_flips, predicted, scored
from inference.types import Activation, DecisionRule, ScoreArray, Thresholds, TruthArray
from tests.inference.evaluation.cases import problems, run_of


@settings(max_examples=80, deadline=None)
@given(problem=problems(), rule=st.sampled_from(list(DecisionRule)), value=st.floats(0, 1, width=32), data=st.data())
def test_what_other_thresholds_would_do(
    problem: tuple[ScoreArray, TruthArray], rule: DecisionRule, value: float, data: st.DataObject
) -> None:
    logits, truth = problem
    now = Thresholds.uniform(logits.shape[1])
    then = now.replace(data.draw(st.integers(0, logits.shape[1] - 1)), value)
    evaluator = Evaluator(run_of(logits), truth, Activation.SIGMOID, rule, now)
    before = evaluator.label_metrics(), evaluator.averages()
    other = at(evaluator, then)
    fresh = Evaluator(run_of(logits), truth, Activation.SIGMOID, rule, then)
    np.testing.assert_array_equal(other.label_metrics().tp, fresh.label_metrics().tp)
    np.testing.assert_array_equal(other.label_metrics().fp, fresh.label_metrics().fp)
    assert other.averages() == fresh.averages() or np.isnan(fresh.averages().exact_match)
    np.testing.assert_array_equal(evaluator.label_metrics().tp, before[0].tp)
    assert evaluator.averages() == before[1] or np.isnan(before[1].exact_match)

    scores = (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)
    changed = decide(logits, scores, now.values, rule) != decide(logits, scores, then.values, rule)
    changed &= truth >= 0
    np.testing.assert_array_equal(predicted(evaluator, then), decide(logits, scores, then.values, rule))
    may = eligible(evaluator, 0)
    assert (may is None) == (rule not in (DecisionRule.ARGMAX_REJECT, DecisionRule.TOP_K))
    if may is not None:  # of the k highest, k is 1 here
        assert may.tolist() == (logits.argmax(axis=1) == 0).tolist()
    counts, total = flips(evaluator, then)
    assert counts.tolist() == changed.sum(axis=0).tolist()
    assert total == changed.any(axis=1).sum()
    outcome = np.where(decide(logits, scores, then.values, rule), 1, -1) * changed
    seen = np.zeros(truth.shape, dtype=int)
    for one in label_flips(evaluator, now, then):
        for images, positive, step in (
            (one.tp_gained, 1, 1),
            (one.fp_gained, 0, 1),
            (one.tp_lost, 1, -1),
            (one.fp_lost, 0, -1),
        ):
            assert (truth[images, one.label] == positive).all()
            seen[images, one.label] = step
    np.testing.assert_array_equal(seen, outcome)
    kept_logits, kept_truth = scored(evaluator)
    np.testing.assert_array_equal(kept_logits, logits)
    np.testing.assert_array_equal(kept_truth, truth)
