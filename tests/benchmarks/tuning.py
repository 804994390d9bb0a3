"""How long tuning takes when the curves are there: 100,000 images under 80 labels, made up and the same each time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from statistics import median

import numpy as np

from inference.choices import Objective
from inference.evaluation.tuning.choices import Choices
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.joint import micro_f
from inference.evaluation.tuning.propose import propose
from inference.types import Activation, FloatArray, Goal, Thresholds
from tests.benchmarks.figures import Figure

_IMAGES, _LABELS = 100_000, 80
_RUNS = 5


def folder(n_images: int = _IMAGES, n_labels: int = _LABELS, seed: int = 0) -> TuningData:
    """Normal logits, apart by one to three, prevalences from 0.3 % to 25 %."""
    rng = np.random.default_rng(seed)
    truth = (rng.random((n_images, n_labels)) < np.geomspace(0.003, 0.25, n_labels)).astype(np.int8)
    logits = rng.standard_normal((n_images, n_labels), dtype=np.float32)
    logits += truth * rng.uniform(1, 3, n_labels).astype(np.float32) - np.float32(2)
    return TuningData.build(logits, truth, Activation.SIGMOID)


def _milliseconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1e3)
    return median(taken)


def _reached(options: list[Choices]) -> float:
    """Micro-F1 where Dinkelbach ends."""
    picked = micro_f(options, 1.0)

    def total(values: Callable[[Choices], FloatArray]) -> float:
        return sum(float(values(each)[index]) for each, index in zip(options, picked, strict=True))

    positives = sum(each.positives for each in options)
    return 2 * total(lambda each: each.tp) / (positives + total(lambda each: each.pp))


def figures() -> Iterator[Figure]:
    """Medians of five proposals; the curves are built before."""
    data, current = folder(), Thresholds.uniform(_LABELS)
    data.prepare()
    size = f"{_IMAGES:,} images x {_LABELS} labels, curves built"
    micro = _milliseconds(lambda: propose(data, Goal(Objective.MICRO_F, smoothed=False), current))
    yield Figure(f"tuning: exact micro-F1 on hulls, {size}", f"{micro:.1f} ms", "< 10 ms", micro < 10)
    labels = range(_LABELS)
    full = [Choices.of_cuts(data.staircase(label), np.arange(len(data.staircase(label).pp))) for label in labels]
    apart = abs(_reached([data.hull(label) for label in labels]) - _reached(full))
    yield Figure("tuning: exact micro-F1, hulls less full staircase", f"{apart:.1g}", "<= 1e-12", apart <= 1e-12)
    balanced = _milliseconds(lambda: propose(data, Goal(), current))
    yield Figure(f'tuning: "Balanced", {size}', f"{balanced:.0f} ms", "< 1000 ms", balanced < 1000)
    exact = _milliseconds(lambda: propose(data, Goal(smoothed=False), current))
    yield Figure(f'tuning: "Balanced", exact, {size}', f"{exact:.0f} ms", "< 1000 ms", exact < 1000)
