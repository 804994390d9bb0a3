"""What is exported decides elsewhere as it does in the window: every rule, calibrated or not, with numpy alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.decisions import decide
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.logit_maps import mapped
from inference.export.thresholds import Decisions, to_json, to_python
from inference.export.vectors import lowest_passing, probes
from inference.types import (
    Activation,
    BoolArray,
    CalibrationMethod,
    DecisionRule,
    LogitMap,
    ReviewBand,
    ScoreArray,
    Thresholds,
    TruthArray,
)
from tests.inference.evaluation.cases import problems, run_of
from tests.inference.export.numpy_alone import NumpyAlone

NAMES = ('a "quoted" name', "ü", "c\\d", "e f", "g")


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[NumpyAlone]:
    with NumpyAlone() as made:
        yield made


@st.composite
def calibrations(draw: st.DrawFn, count: int) -> LogitMap | None:
    """None, Platt, one temperature, or knots under some of the labels."""
    method = draw(st.sampled_from([None, *CalibrationMethod]))
    if method is None:
        return None
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale, shift = rng.uniform(0.1, 3.0, count), rng.normal(0, 1, count)
    knots: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...] = ()
    if method is CalibrationMethod.ISOTONIC:
        steps = rng.uniform(0.1, 2.0, (2, count, 4)).cumsum(axis=2) - 4
        knots = tuple(
            (tuple(x.tolist()), tuple(y.tolist())) if rng.random() < 0.7 else ((), ())
            for x, y in zip(*steps, strict=True)
        )
        scale, shift = np.ones(count), np.zeros(count)
    return LogitMap(method, scale, shift, knots)


@st.composite
def exported(draw: st.DrawFn) -> tuple[Decisions, ScoreArray]:
    """Thresholds and ends of the band that are some image's very scores, where a wrong comparison shows."""
    logits, truth = draw(problems())
    count = logits.shape[1]
    activation, rule = draw(st.sampled_from(list(Activation))), draw(st.sampled_from(list(DecisionRule)))
    calibration = draw(calibrations(count))
    biases = None
    if draw(st.booleans()):
        rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        biases = LogitMap.identity(count).then_add(rng.normal(0, 1, count))
    bare = Decisions(
        NAMES[:count], activation, rule, Thresholds.uniform(count), metrics_of(logits, truth), calibration=calibration
    )
    plan = Decisions(**{**vars(bare), "biases": biases})
    scores = scores_from_logits(mapped(logits, plan.logit_map), activation)
    first, last = scores[0], scores[-1]
    band = ReviewBand(Thresholds(np.minimum(first, last)), Thresholds(np.maximum(first, last)))
    changed = {
        "thresholds": Thresholds(first),
        "k": draw(st.integers(1, count + 1)),
        "band": draw(st.sampled_from([None, band])),
        "about": {"model": 'nets/"one"', "created": "2026-01-02"},
    }
    return Decisions(**{**vars(plan), **changed}), logits


def metrics_of(logits: ScoreArray, truth: TruthArray) -> Any:
    half = Thresholds.uniform(logits.shape[1])
    return Evaluator(run_of(logits), truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, half).label_metrics()


def scored(decisions: Decisions, logits: ScoreArray) -> tuple[ScoreArray, ScoreArray]:
    z = mapped(logits, decisions.logit_map)
    return z, scores_from_logits(z, decisions.activation)


def expected(decisions: Decisions, logits: ScoreArray, thresholds: Thresholds | None = None) -> BoolArray:
    z, scores = scored(decisions, logits)
    values = (thresholds or decisions.thresholds).values
    return decide(z, scores, values, decisions.rule, decisions.k)


@settings(max_examples=250, deadline=None)
@given(case=exported())
def test_the_python_module_decides_as_the_window_does(
    elsewhere: NumpyAlone, case: tuple[Decisions, ScoreArray]
) -> None:
    decisions, logits = case
    everything = np.concatenate([logits, probes(decisions)])
    band = decisions.reviewed
    calls = ("decide", "predict") if band is None else ("decide", "predict", "accept", "review")
    told = elsewhere.run(to_python(decisions), everything, *calls)
    wanted = expected(decisions, everything)
    assert told["labels"] == list(decisions.labels)
    assert told["decide"] == wanted.tolist()
    names = [[name for name, yes in zip(decisions.labels, row, strict=True) if yes] for row in wanted]
    assert told["predict"] == names
    if band is not None:
        accepted, low = expected(decisions, everything, band.high), expected(decisions, everything, band.low)
        assert told["accept"] == accepted.tolist()
        assert told["review"] == (low & ~accepted).tolist()


@settings(max_examples=100, deadline=None)
@given(case=exported())
def test_json_reads_back_exactly_and_decides_alike(case: tuple[Decisions, ScoreArray]) -> None:
    decisions, logits = case
    read = json.loads(to_json(decisions))
    assert read["format"] == "cutline-thresholds/2"
    assert read["comparator"] == ">="
    assert [row["name"] for row in read["labels"]] == list(decisions.labels)
    back = read_back(read, decisions)
    np.testing.assert_array_equal(back.thresholds.values, decisions.thresholds.values)
    np.testing.assert_array_equal(expected(back, logits), expected(decisions, logits))
    assert back.reviewed == decisions.reviewed
    for index, row in enumerate(read["labels"]):
        assert row["tp"] == decisions.metrics.tp[index]
        precision = decisions.metrics.precision[index]
        assert row["precision"] is None if np.isnan(precision) else abs(row["precision"] - precision) < 1e-6


def read_back(read: dict[str, Any], like: Decisions) -> Decisions:
    """As somebody would who has the file alone."""
    rows = read["labels"]

    def column(name: str) -> Thresholds:
        return Thresholds(np.array([row[name] for row in rows]).astype(np.float32))

    logit_map = None
    if "mapped_logit" in read:
        shift = np.array([row["shift"] for row in rows]) + np.array([row["bias"] for row in rows])
        sides = [row.get("knots", ((), ())) for row in rows]
        knots = tuple((tuple(x), tuple(y)) for x, y in sides)
        logit_map = LogitMap(CalibrationMethod.NONE, np.array([row["scale"] for row in rows]), shift, knots)
    return Decisions(
        tuple(row["name"] for row in rows),
        Activation(read["activation"]),
        DecisionRule(read["rule"]),
        column("threshold"),
        like.metrics,
        k=read.get("k", 1),
        calibration=logit_map,
        band=ReviewBand(column("review_low"), column("review_high")) if "review_band" in read else None,
    )


@settings(max_examples=60, deadline=None)
@given(case=exported())
def test_vectors_hold_and_stand_on_the_boundaries(case: tuple[Decisions, ScoreArray]) -> None:
    decisions, _ = case
    vectors = json.loads(to_json(decisions))["test_vectors"]
    logits = np.array([vector["logits"] for vector in vectors]).astype(np.float32)
    wanted = expected(decisions, logits)
    assert [vector["predicted"] for vector in vectors] == [
        [name for name, yes in zip(decisions.labels, row, strict=True) if yes] for row in wanted
    ]
    if decisions.rule is DecisionRule.THRESHOLDS and decisions.activation is Activation.SIGMOID:
        # one float32 decides otherwise, under every label that a logit can decide at all
        for label, threshold in enumerate(decisions.thresholds.values):
            if 1e-6 < threshold < 1 - 1e-6:
                pairs = sorted(set(zip(logits[:, label].tolist(), wanted[:, label].tolist(), strict=True)))
                lowest = min(value for value, yes in pairs if yes)
                assert (float(np.nextafter(np.float32(lowest), np.float32(-np.inf))), False) in pairs
    if decisions.reviewed is not None:
        assert all(not set(vector["accepted"]) & set(vector["review"]) for vector in vectors)


def test_thresholds_without_a_logit_have_no_boundary_and_are_written_as_numbers(elsewhere: NumpyAlone) -> None:
    logits = np.array([[0.0, -200.0, 3.0], [30.0, 200.0, -3.0]], dtype=np.float32)
    thresholds = Thresholds(np.array([np.inf, -np.inf, 0.5]))
    decisions = Decisions(
        ("never", "always", "c"),
        Activation.SIGMOID,
        DecisionRule.THRESHOLDS,
        thresholds,
        metrics_of(logits, np.ones((2, 3), dtype=np.int8)),
    )
    read = json.loads(to_json(decisions))
    assert read["labels"][0]["threshold"] > 1
    assert read["labels"][1]["threshold"] < 0
    assert elsewhere.run(to_python(decisions), logits, "predict")["predict"] == [["always", "c"], ["always"]]


@pytest.mark.parametrize("count", [1, 2, 40, 300])
def test_many_labels_are_written_so_that_python_reads_them(elsewhere: NumpyAlone, count: int) -> None:
    rng = np.random.default_rng(count)
    logits = rng.normal(-2, 2, (60, count)).astype(np.float32)
    labels = tuple(f"label number {index}" for index in range(count))
    calibration = LogitMap(CalibrationMethod.PLATT, rng.uniform(0.5, 2, count), rng.normal(0, 1, count))
    metrics = metrics_of(logits, np.ones(logits.shape, dtype=np.int8))
    for rule in DecisionRule:
        decisions = Decisions(
            labels,
            Activation.SIGMOID,
            rule,
            Thresholds(rng.random(count).astype(np.float32)),
            metrics,
            k=3,
            calibration=calibration,
        )
        told = elsewhere.run(to_python(decisions), logits, "decide")
        assert told["decide"] == expected(decisions, logits).tolist()


@given(
    st.lists(st.floats(-(2.0**80), 2.0**80, width=32), min_size=1, max_size=5),
    st.sampled_from([0.0, 1e-30, -1.5, 7.25]),
)
def test_halving_finds_the_lowest_float32_that_passes(borders: list[float], extra: float) -> None:
    wanted = np.array([*borders, extra], dtype=np.float32)
    found = lowest_passing(lambda logits: logits >= wanted, len(wanted))
    np.testing.assert_array_equal(found, wanted)


def test_of_equally_good_sets_the_module_takes_the_smallest_too(elsewhere: NumpyAlone) -> None:
    logits = np.zeros((3, 1), dtype=np.float32)  # one label at 0.5: no label and this label are equally good
    metrics = metrics_of(logits, np.ones((3, 1), dtype=np.int8))
    decisions = Decisions(("a",), Activation.SIGMOID, DecisionRule.PER_IMAGE, Thresholds.uniform(1), metrics)
    assert expected(decisions, logits).tolist() == [[False]] * 3
    assert elsewhere.run(to_python(decisions), logits, "decide")["decide"] == [[False]] * 3
