"""What a change of the filter costs on 100,000 images and 80 labels: read the query, answer it, put in order; and what
the counts beside the filters cost while a threshold moves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from inference.choices import SortKey
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.query import ReviewData, evaluate, facets, order, parse
from inference.types import Activation, DecisionRule, Thresholds, TruthEdit
from tests.benchmarks.engine_data import N_IMAGES, N_LABELS, logits_and_truth, scored
from tests.benchmarks.figures import Figure

_ROUNDS = 100
_FILTER_MS, _FACETS_MS = 30.0, 5.0
LABELS = tuple(f"label {index}" for index in range(N_LABELS))
PARTS = ("train", "validation", "test")
CASES: tuple[tuple[str, str, SortKey, int | None], ...] = (
    ("an outcome under a label, by score", 'fp:"label 3"', SortKey.SCORE, 3),
    ("an outcome under any label, by name", "fn:any", SortKey.NAME, None),
    ("a score under any label, by loss", "score:any>0.8", SortKey.LOSS, None),
    ("near any threshold, by distance", "near:any<0.002", SortKey.UNCERTAINTY, None),
    ("everything, by distance to a threshold", "", SortKey.UNCERTAINTY, 3),
    (
        "ten terms, by entropy",
        'fp:"label 3"|fn:"label 3" score:"label 7"<0.9 -annotated:"label 9" labels<9 folder:folder_1 name:"img 0NN*" '
        'part:test -edited predictions>0 near:"label 3"<0.4',
        SortKey.ENTROPY,
        None,
    ),
    ("part of a file name, by margin", "name:NN", SortKey.MARGIN, None),
    ("never annotated as unknown, by distance", "-unknown:any wrong:any", SortKey.UNCERTAINTY, None),
)


def review_data() -> ReviewData:
    """A tuned model's review, prepared as in a worker."""
    logits, truth = logits_and_truth()
    thresholds = Thresholds.uniform(N_LABELS, 0.4)
    evaluator = Evaluator(scored(logits), truth, Activation.SIGMOID, DecisionRule.THRESHOLDS, thresholds)
    data = ReviewData(
        [f"folder_{image % 37}/IMG {image:06d}.jpg" for image in range(N_IMAGES)],
        LABELS,
        truth,
        np.ones(N_IMAGES, dtype=bool),
        evaluator=evaluator,
        parts=[PARTS[image % 3] for image in range(N_IMAGES)],
        edited=np.arange(N_IMAGES) % 50 == 0,
        notes=dict.fromkeys(range(0, N_IMAGES, 1000), "blurred"),
        states=np.ones(N_IMAGES, dtype=np.uint8),
    )
    data.prepare()
    return data


def figures() -> Iterator[Figure]:
    """One line a query, and one for the counts; 99 of 100 changes."""
    data = review_data()
    evaluator = data.evaluator
    assert evaluator is not None
    where = f"{N_IMAGES:,} x {N_LABELS}"
    steps = iter(np.tile(np.linspace(0.3, 0.5, 41, dtype=np.float32), 400))
    asked = iter(range(1_000_000))

    def move() -> None:
        evaluator.set_thresholds(evaluator.thresholds.replace(3, float(next(steps))))

    def change(text: str, key: SortKey, label: int | None) -> None:
        query = parse(text.replace("NN", f"{next(asked) % 100:02}"), LABELS, PARTS)  # names are looked up each time
        order(data, key, label, descending=True, mask=evaluate(query, data))

    for name, text, key, label in CASES:
        yield _figure(
            f"review: filter change {where}, {name}", _slow_ms(partial(change, text, key, label), move), _FILTER_MS
        )
    yield _figure(
        f"review: counts beside the filters, a threshold moves, {where}",
        _slow_ms(lambda: facets(data, 3), move),
        _FACETS_MS,
    )

    def move_all() -> None:
        evaluator.set_thresholds(Thresholds.uniform(N_LABELS, float(next(steps))))

    yield _figure(f"review: the same, all thresholds move, {where}", _slow_ms(lambda: facets(data, 3), move_all), 30)

    def edit() -> TruthEdit:
        cells = np.array([17]), np.array([3])
        before = data.y_true[cells].copy()
        data.y_true[cells] = after = 1 - before
        made = TruthEdit(*cells, before, after)
        evaluator.edit(made)
        return made

    def follow() -> None:
        data.edit(edit())
        facets(data, 3)

    yield _figure(f"review: counts after an edit, {where}", _slow_ms(follow, lambda: None), _FACETS_MS)


def _slow_ms(work: Callable[[], object], before: Callable[[], object]) -> float:
    """Milliseconds that 99 of 100 runs stay under; ``before`` is not counted."""
    taken = []
    for _ in range(_ROUNDS):
        before()
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1e3)
    return float(np.percentile(taken, 99))


def _figure(name: str, value: float, target: float) -> Figure:
    return Figure(name, f"p99 {value:.1f} ms", f"< {target:g} ms", value < target)
