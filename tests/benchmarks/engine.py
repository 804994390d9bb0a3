"""What a threshold's move, an edit of the truth and a queue cost on 100,000 images and 80 labels, and building curves.

The engine and its yardstick (scikit-learn, numpy's argsort) are measured by turns in one child process; ratios are
of medians. Both get the data as they like it best: scikit-learn the decisions ready made, argsort contiguous columns.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from tests.benchmarks.figures import Figure


def _child() -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.engine_child"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the engine could not be measured: {done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def figures() -> Iterator[Figure]:
    """Rows 1, 2, 4 and 5 of the threshold lab's table; edits and queues."""
    found = _child()
    where = f"{found['n_images']:,.0f} x {found['n_labels']:.0f}"
    move, by_label = found["move_us"], found["sklearn_labels_ms"]
    yield _time(f"engine: a threshold moves, per-label and averages over labels, {where}", move, 100, "us")
    yield _times("engine: the same, times scikit-learn's speed", by_label * 1000 / move, 5000, by_label)
    step, by_image = found["step_us"], found["sklearn_images_ms"]
    named = (
        f"median step of 0.001, {found['flipped']:.0f} images flip; 99 % under {found['slow_step_us'] / 1000:.2g} ms"
    )
    yield _time(f"engine: with samples F1, exact match and Hamming ({named})", step / 1000, 2, "ms")
    yield _times("engine: the same, times scikit-learn's speed", by_image * 1000 / step, 1000, by_image)
    build, argsort, evaluator = found["curves_ms"], found["argsort_ms"], found["evaluator_ms"]
    yield _build("engine: building the curves from scores", build, argsort)
    yield _build("engine: a whole evaluator from logits", evaluator, argsort)
    for name, size in (("kept", found["kept"]), ("at the most while building", found["peak"])):
        yield Figure(f"engine: bytes a score beyond the logits, {name}", f"{size:.1f}", "<= 16", size <= 16)
    yield from _edits(found, where)


def _edits(found: dict[str, float], where: str) -> Iterator[Figure]:
    for name, size, target in (
        ("one label of one image", "cell", 1.0),
        ("all labels of one image", "image", 8.0),
        ("one label of 1,000 images", "many", 16.0),
    ):
        slow = found[f"slow_edit_{size}_ms"]
        named = f"engine: truth edited, {name}, with all numbers, {where} (99 % under {slow:.2g} ms)"
        yield _time(named, found[f"edit_{size}_ms"], target, "ms")
    yield _time(f"queue: suspected label errors of all labels, {where}", found["label_errors_ms"], 1000, "ms")
    yield _time(f"queue: the slowest of the others, half annotated, {where}", found["queue_ms"], 3000, "ms")


def _time(name: str, value: float, target: float, unit: str) -> Figure:
    return Figure(name, f"{value:.3g} {unit}", f"< {target:g} {unit}", value < target)


def _times(name: str, ratio: float, target: float, sklearn_ms: float) -> Figure:
    return Figure(name, f"{ratio:,.0f} (scikit-learn {sklearn_ms:,.0f} ms)", f">= {target:,.0f}", ratio >= target)


def _build(name: str, ours: float, argsort: float) -> Figure:
    ratio = ours / argsort
    value = f"{ratio:.2f} ({ours:.0f} ms / {argsort:.0f} ms)"
    return Figure(f"{name}, times numpy's bare argsort", value, "<= 1.5", ratio <= 1.5)
