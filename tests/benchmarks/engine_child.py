"""Measures the engine in a process of its own; prints what it found as JSON."""

from __future__ import annotations

import json
import statistics
import tracemalloc
from collections.abc import Callable
from time import perf_counter

import numpy as np
from sklearn import metrics as sk

from inference.evaluation.activations import scores_from_logits
from inference.evaluation.curves import LabelCurve
from inference.evaluation.decisions import passes
from inference.evaluation.evaluator import Evaluator
from inference.types import Activation, DecisionRule, Run, ScoreArray, Thresholds, TruthArray
from tests.benchmarks.engine_data import logits_and_truth, scored
from tests.benchmarks.engine_edits import edits, queues

_ROUNDS = 5
_MOVES = 400  # a round
_STEP = 0.001


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


class _Moves:
    """One label after another is moved by a step, each up or down by turns as the rounds go."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._moved = 0
        self.flipped: list[int] = []

    def next(self, *, images: bool) -> float:
        """Seconds from a new number to all that the window shows of it."""
        evaluator, n_labels = self._evaluator, self._evaluator.n_labels
        label = self._moved % n_labels
        # thresholds where they may stand in use, from 0.2 to 0.8, in steps that differ by label
        place = 0.2 + ((self._moved * 0.6180339) % 0.6)
        self._moved += 1
        evaluator.set_thresholds(evaluator.thresholds.replace(label, place))
        evaluator.averages()
        began = perf_counter()
        evaluator.set_thresholds(evaluator.thresholds.replace(label, place + _STEP))
        metrics = evaluator.label_metrics()
        evaluator.averages() if images else evaluator.label_averages()
        seconds = perf_counter() - began
        if images:
            self.flipped.append(self._flips(label, place))
        assert len(metrics.tp) == n_labels
        return seconds

    def _flips(self, label: int, place: float) -> int:
        scores = self._evaluator.label_scores(label)
        return int(np.count_nonzero((scores >= np.float32(place)) & (scores < np.float32(place + _STEP))))


def _speed(run: Run, truth: TruthArray) -> dict[str, float]:
    thresholds = Thresholds.uniform(truth.shape[1])

    def build() -> Evaluator:
        return Evaluator(run, truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, thresholds)

    by_image = scores_from_logits(run.logits, Activation.SIGMOID)
    scores = np.ascontiguousarray(by_image.T)
    by_label = np.ascontiguousarray(truth.T)
    decisions = passes(by_image, thresholds.values).astype(np.int8)
    moves = _Moves(build())

    def by_scikit_learn_by_image() -> None:
        sk.precision_recall_fscore_support(truth, decisions, average="samples", zero_division=0.0)
        sk.accuracy_score(truth, decisions)
        sk.hamming_loss(truth, decisions)

    def curves() -> None:
        for label_scores, label_truth in zip(scores, by_label, strict=True):
            LabelCurve.build(label_scores, label_truth)

    def argsort() -> None:
        for label_scores in scores:
            np.argsort(label_scores)

    works: dict[str, Callable[[], object]] = {
        "sklearn_labels": lambda: sk.precision_recall_fscore_support(truth, decisions, zero_division=0.0),
        "sklearn_images": by_scikit_learn_by_image,
        "argsort": argsort,
        "curves": curves,
        "evaluator": build,
    }
    times: dict[str, list[float]] = {name: [] for name in works}
    move, step = [], []
    for _ in range(_ROUNDS):
        for name, work in works.items():
            times[name].append(_seconds(work))
        move += [moves.next(images=False) for _ in range(_MOVES)]
        step += [moves.next(images=True) for _ in range(_MOVES)]
    found = {f"{name}_ms": 1000 * statistics.median(measured) for name, measured in times.items()}
    return found | {
        "move_us": 1e6 * statistics.median(move),
        "step_us": 1e6 * statistics.median(step),
        "slow_step_us": 1e6 * sorted(step)[int(0.99 * len(step))],
        "flipped": statistics.median(moves.flipped),
    }


def _memory(logits: ScoreArray, truth: TruthArray) -> dict[str, float]:
    """All that Python and numpy allocate for an evaluator, in bytes a score."""
    run, thresholds = scored(logits), Thresholds.uniform(truth.shape[1])
    tracemalloc.start()
    evaluator = Evaluator(run, truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, thresholds)
    evaluator.averages()
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"kept": kept / logits.size, "peak": peak / logits.size}


def main() -> None:
    """Memory first: tracing slows nothing that is timed afterwards."""
    logits, truth = logits_and_truth()
    size = {"n_images": len(logits), "n_labels": logits.shape[1]}
    run = scored(logits)
    print(json.dumps(size | _memory(logits, truth) | _speed(run, truth) | edits(run, truth) | queues(run, truth)))


if __name__ == "__main__":
    main()
