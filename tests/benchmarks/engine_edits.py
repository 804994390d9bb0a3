"""What editing the truth costs, and making queues: 100,000 images and 80 labels; run by `engine_child`."""

from __future__ import annotations

import statistics
from time import perf_counter

import numpy as np

from inference.evaluation.evaluator import Evaluator
from inference.evaluation.review.queues import make_queue
from inference.types import Activation, DecisionRule, IntArray, QueueKind, Run, Thresholds, TruthArray, TruthEdit

_ROUNDS = 200
_MANY = 1000  # images under one label


def edits(run: Run, truth: TruthArray) -> dict[str, float]:
    """Milliseconds from an edit to all numbers of labels and images, median and 99th percentile of each size."""
    truth = truth.copy()
    evaluator = _evaluator(run, truth)
    rng = np.random.default_rng(7)
    n, c = truth.shape
    times: dict[str, list[float]] = {"cell": [], "image": [], "many": []}
    for _ in range(_ROUNDS):
        one = rng.integers(n, size=1)
        sizes = {
            "cell": (one, rng.integers(c, size=1)),
            "image": (np.repeat(one, c), np.arange(c)),
            "many": (rng.choice(n, _MANY, replace=False), np.repeat(rng.integers(c), _MANY)),
        }
        for name, (images, labels) in sizes.items():
            times[name].append(_timed(evaluator, truth, images, labels, rng))
    found = {f"edit_{name}_ms": statistics.median(taken) for name, taken in times.items()}
    return found | {f"slow_edit_{name}_ms": sorted(taken)[int(0.99 * len(taken))] for name, taken in times.items()}


def _timed(
    evaluator: Evaluator, truth: TruthArray, images: IntArray, labels: IntArray, rng: np.random.Generator
) -> float:
    before = truth[images, labels].copy()
    after = rng.integers(-1, 2, len(images)).astype(np.int8)
    truth[images, labels] = after
    began = perf_counter()
    evaluator.edit(TruthEdit(images, labels, before, after))
    evaluator.label_metrics()
    evaluator.averages()
    return 1000 * (perf_counter() - began)


def queues(run: Run, truth: TruthArray) -> dict[str, float]:
    """Milliseconds to find the suspected label errors of all labels, and for the slowest of the other queues."""
    annotated = np.arange(len(truth)) % 2 == 0
    half = np.where(annotated[:, None], truth, np.int8(-1))
    whole = _queue(QueueKind.LABEL_ERRORS, run, truth, np.ones(len(truth), dtype=bool))
    others = [_queue(kind, run, half, annotated) for kind in QueueKind if kind is not QueueKind.LABEL_ERRORS]
    return {"label_errors_ms": whole, "queue_ms": max(others)}


def _queue(kind: QueueKind, run: Run, truth: TruthArray, annotated: np.typing.NDArray[np.bool_]) -> float:
    evaluator = _evaluator(run, truth)
    began = perf_counter()
    make_queue(kind, evaluator, label=None, y_true=truth, annotated=annotated)
    return 1000 * (perf_counter() - began)


def _evaluator(run: Run, truth: TruthArray) -> Evaluator:
    return Evaluator(run, truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, Thresholds.uniform(truth.shape[1]))
