"""How much tuned thresholds flatter, on the demo's real networks.

    python -m tests.experiments.overfitting [number of splits]

A network scores its validation pictures once. Again and again the pictures are dealt into a part that thresholds are
tuned on, of 50 to all of one half, and a fresh half that tells what those thresholds are worth. Printed are means over
the splits of F1 on the tuning part ("apparent"), F1 on the fresh half, their difference ("optimism"), and how far the
out-of-fold estimate from the tuning part is from F1 on the fresh half ("out-of-fold bias").

Only labels with at least 5 positives in the tuning part count: the others are not tuned. A threshold of 0.5, fixed, is
the control: what it shows of optimism is noise. The errors behind ± are standard errors over splits, which all deal the
same few hundred pictures: they say how exactly the table can be repeated, not what other pictures would give.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from inference.evaluation.decisions import passes
from inference.evaluation.honesty.expected import expected
from inference.evaluation.honesty.tally import Tally
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.tuning.propose import MIN_POSITIVES, propose
from inference.types import POSITIVE, UNKNOWN, Activation, BoolArray, FloatArray, Goal, IntArray, Objective, Thresholds

DEMO: Final = Path(__file__).parents[2] / "assets" / "demo"
NETWORKS: Final = {"sheets": "sheets", "digits/bce": "digits"}  # model folder: folder of the validation pictures
METHODS: Final = {
    "fixed 0.5": Goal(Objective.HALF),
    "best F1 of each label, exact": Goal(Objective.MACRO_F, smoothed=False),
    "best F1 of each label, smoothed": Goal(Objective.MACRO_F),
    "Balanced (smoothed)": Goal(),
}
SIZES: Final = (50, 100, 10_000)  # images of the tuning part; the last is the whole half
BINS: Final = (5, 10, 20, 50, 10_000)  # positives of a label in the tuning part
N_SPLITS: Final = 200


@dataclass(frozen=True, eq=False)
class Trial:
    """One method on one split: F1 of every label (c,), NaN where it does not count, and micro-F1 of all labels."""

    method: str
    images: int  # in the tuning part
    positives: IntArray  # (c,) there
    apparent: FloatArray
    fresh: FloatArray
    out_of_fold: FloatArray
    micro: tuple[float, float, float]  # the same three


def trials(data: TuningData, n_splits: int, sizes: Sequence[int] = SIZES, seed: int = 0) -> Iterator[Trial]:
    """Every method on every split of the images."""
    rng = np.random.default_rng(seed)
    for _ in range(n_splits):
        order = rng.permutation(data.n_images)
        half = data.n_images // 2
        fresh = data.subset(np.sort(order[half:]))
        for size in sizes:
            part = data.subset(np.sort(order[: min(size, half)]))
            for method, goal in METHODS.items():
                yield _trial(method, goal, part, fresh)


def _trial(method: str, goal: Goal, part: TuningData, fresh: TuningData) -> Trial:
    start = Thresholds.uniform(part.n_labels)
    thresholds = propose(part, goal, start).thresholds
    estimate = expected(part, goal, start)
    assert estimate is not None
    seen, new = (Tally.of([_decide(each, thresholds)], each.truth) for each in (part, fresh))
    f1 = np.stack([seen.label_metrics().f1, new.label_metrics().f1, estimate.metrics.f1])
    f1[:, np.isnan(f1).any(axis=0) | (seen.positives < MIN_POSITIVES)] = np.nan
    micro = (_micro(seen), _micro(new), estimate.averages.micro.f1)
    return Trial(method, part.n_images, seen.positives, f1[0], f1[1], f1[2], micro)


def _decide(data: TuningData, thresholds: Thresholds) -> BoolArray:
    return passes(data.scores, thresholds.values[:, None])


def _micro(tally: Tally) -> float:
    return float(2 * tally.tp.sum() / max(1, tally.predicted.sum() + tally.positives.sum()))


# -- tables ------------------------------------------------------------------------------------------------------


def by_images(found: Sequence[Trial]) -> Iterator[str]:
    """Macro-F1 and micro-F1, by the number of images tuned on."""
    for average in ("macro-F1", "micro-F1"):
        yield _head(f"images, {average}")
        for images in sorted({trial.images for trial in found}):
            for method in METHODS:
                chosen = [trial for trial in found if trial.method == method and trial.images == images]
                rows = [_macro(trial) if average == "macro-F1" else np.array(trial.micro) for trial in chosen]
                yield _line(str(images), method, np.array(rows))
        yield ""


def by_positives(found: Sequence[Trial]) -> Iterator[str]:
    """F1 of single labels, by the number of positives tuned on."""
    yield _head("positives, F1 of a label")
    for low, high in pairwise(BINS):
        for method in METHODS:
            rows = []
            for trial in found:
                inside = (trial.positives >= low) & (trial.positives < high) & ~np.isnan(trial.fresh)
                if trial.method == method and inside.any():
                    every = np.stack([trial.apparent, trial.fresh, trial.out_of_fold])
                    rows.append(every[:, inside].mean(axis=1))
            if rows:
                yield _line(f"{low}-{high - 1}" if high < BINS[-1] else f"{low}+", method, np.array(rows))
    yield ""


def _macro(trial: Trial) -> FloatArray:
    counted = ~np.isnan(trial.fresh)
    every = np.stack([trial.apparent, trial.fresh, trial.out_of_fold])
    return every[:, counted].mean(axis=1) if counted.any() else np.full(3, np.nan)


def _head(first: str) -> str:
    return f"| {first} | method | apparent | fresh | optimism | out-of-fold bias |\n|---|---|---|---|---|---|"


def _line(first: str, method: str, rows: FloatArray) -> str:
    """``rows`` (splits, 3): apparent, fresh, out-of-fold."""
    rows = rows[~np.isnan(rows).any(axis=1)]
    apparent, fresh, out_of_fold = rows.T
    cells = [f"{apparent.mean():.3f}", f"{fresh.mean():.3f}"]
    gaps = (apparent - fresh, out_of_fold - fresh)
    cells += [f"{gap.mean():+.3f} ± {gap.std() / np.sqrt(len(gap)):.3f}" for gap in gaps]
    return f"| {first} | {method} | " + " | ".join(cells) + " |"


# -- the demo ----------------------------------------------------------------------------------------------------


def score_demo(model_folder: str, pictures: str) -> TuningData:
    """The demo's pictures, scored by one of its networks; images that nobody annotated left out."""
    from inference.data.datasets import open_dataset
    from inference.data.images import decode_image
    from inference.models.engine import WorkOrder, score
    from inference.models.opening import open_model

    model = open_model(DEMO / model_folder, device="cpu")
    dataset = open_dataset(DEMO / pictures / "validation").dataset
    paths = [str(Path(dataset.root) / name) for name in dataset.names]
    logits = np.full((len(dataset), len(model.labels)), np.nan, dtype=np.float32)
    batches = score(
        model,
        paths,
        WorkOrder(range(len(paths))),
        decode=lambda path: decode_image(path).rgb,
        cancelled=lambda: False,
    )
    for batch in batches:
        if batch.failures:
            raise RuntimeError(f"the demo's pictures cannot be scored: {batch.failures}")
        logits[batch.indices] = batch.logits
    columns = [dataset.labels.index(label) for label in model.labels]
    kept = dataset.annotated & np.isfinite(logits).all(axis=1)
    return TuningData.build(logits[kept], dataset.y_true[kept][:, columns], Activation.SIGMOID)


def main(n_splits: int) -> None:
    """Print the tables of every network."""
    for model_folder, pictures in NETWORKS.items():
        data = score_demo(model_folder, pictures)
        known = np.count_nonzero(data.truth != UNKNOWN)
        positives = np.count_nonzero(data.truth == POSITIVE, axis=1)
        print(f"## {model_folder}: {data.n_images} images, {data.n_labels} labels with {positives.min()} to", end=" ")
        print(f"{positives.max()} positives, {known} known annotations, {n_splits} splits\n")
        found = list(trials(data, n_splits))
        for line in (*by_images(found), *by_positives(found)):
            print(line, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else N_SPLITS)
