"""What is exported decides elsewhere as it does in the window."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.evaluation.evaluator import Evaluator, image_scores
from inference.export.thresholds import Decisions, to_json, to_python
from inference.types import Activation, DecisionRule, ScoreArray, Thresholds, TruthArray
from tests.inference.evaluation.cases import problems, run_of

SCHEMES = st.tuples(st.sampled_from(list(Activation)), st.sampled_from(list(DecisionRule)))


def decisions_of(logits: ScoreArray, truth: TruthArray, scheme: tuple[Activation, DecisionRule]) -> Decisions:
    """Thresholds that are some image's very scores, where a wrong comparison shows."""
    activation, rule = scheme
    count = logits.shape[1]
    first = image_scores(logits[0], truth[0], True, Thresholds.uniform(count), activation, rule)
    thresholds = Thresholds(first.scores)
    metrics = Evaluator(run_of(logits), truth, activation, rule, thresholds).label_metrics()
    labels = tuple(['a "quoted" name', "ü", "c\\d", "e", "f"][:count])
    return Decisions(labels, activation, rule, thresholds, metrics, {"model": 'nets/"one"', "created": "2026-01-02"})


def expected(decisions: Decisions, logits: ScoreArray) -> list[list[bool]]:
    truth = np.zeros(logits.shape[1], dtype=np.int8)
    return [
        image_scores(row, truth, True, decisions.thresholds, decisions.activation, decisions.rule).predicted.tolist()
        for row in logits
    ]


@settings(max_examples=60, deadline=None)
@given(problem=problems(), scheme=SCHEMES)
def test_the_python_module_decides_as_the_window_does(
    problem: tuple[ScoreArray, TruthArray], scheme: tuple[Activation, DecisionRule]
) -> None:
    logits, truth = problem
    decisions = decisions_of(logits, truth, scheme)
    module: dict[str, Any] = {}
    exec(to_python(decisions), module)
    assert module["decide"](logits).tolist() == expected(decisions, logits)
    assert module["LABELS"] == list(decisions.labels)


@settings(max_examples=60, deadline=None)
@given(problem=problems(), scheme=SCHEMES)
def test_json_reads_back_exactly_and_its_vectors_hold(
    problem: tuple[ScoreArray, TruthArray], scheme: tuple[Activation, DecisionRule]
) -> None:
    logits, truth = problem
    decisions = decisions_of(logits, truth, scheme)
    read = json.loads(to_json(decisions))
    assert (read["comparator"], read["activation"], read["rule"]) == (">=", scheme[0].value, scheme[1].value)
    assert [row["name"] for row in read["labels"]] == list(decisions.labels)
    values = np.array([row["threshold"] for row in read["labels"]]).astype(np.float32)
    np.testing.assert_array_equal(values, decisions.thresholds.values)
    module: dict[str, Any] = {}
    exec(to_python(decisions), module)
    assert len(read["test_vectors"]) >= 8
    for vector in read["test_vectors"]:
        assert module["predict"](np.array([vector["logits"]], dtype=np.float32))[0] == vector["predicted"]
    for index, row in enumerate(read["labels"]):
        assert row["tp"] == decisions.metrics.tp[index]
        precision = decisions.metrics.precision[index]
        assert row["precision"] is None if np.isnan(precision) else abs(row["precision"] - precision) < 1e-6


def test_an_infinite_threshold_is_written_as_a_number() -> None:
    logits = np.zeros((3, 1), dtype=np.float32)
    truth = np.ones((3, 1), dtype=np.int8)
    thresholds = Thresholds(np.array([np.inf]))
    metrics = Evaluator(run_of(logits), truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, thresholds).label_metrics()
    decisions = Decisions(("a",), Activation.SIGMOID, DecisionRule.THRESHOLDS, thresholds, metrics)
    row = json.loads(to_json(decisions))["labels"][0]
    assert row["threshold"] > 1
    module: dict[str, Any] = {}
    exec(to_python(decisions), module)
    assert module["predict"](logits) == [[], [], []]
