"""The per-label table as text."""

from __future__ import annotations

import math
from collections.abc import Sequence

from inference.types import Averages, LabelMetrics, Rates, Thresholds, format_float32

_HEAD = ("label", "threshold", "precision", "recall", "F1", "TP", "FP", "FN", "TN", "support")


def rate(value: float) -> str:
    """Three decimals, a dash where undefined."""
    return "–" if math.isnan(value) else f"{value:.3f}"


def per_label_table(labels: Sequence[str], thresholds: Thresholds, metrics: LabelMetrics, averages: Averages) -> str:
    """One line a label, then the averages."""
    rows: list[Sequence[str]] = [_HEAD]
    for index, label in enumerate(labels):
        rates = (metrics.precision[index], metrics.recall[index], metrics.f1[index])
        counts = (metrics.tp, metrics.fp, metrics.fn, metrics.tn, metrics.support)
        rows.append(
            (
                label,
                format_float32(thresholds.values[index]),
                *(rate(float(value)) for value in rates),
                *(str(int(count[index])) for count in counts),
            )
        )
    for name in ("micro", "macro", "weighted", "samples"):
        average: Rates = getattr(averages, name)
        rows.append((f"{name} average", "", rate(average.precision), rate(average.recall), rate(average.f1)))
    widths = [max(len(row[i]) for row in rows if i < len(row)) for i in range(len(_HEAD))]
    lines = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows]
    lines.insert(1, "-" * (sum(widths) + 2 * (len(widths) - 1)))
    lines.append(
        f"exact match {rate(averages.exact_match)} ({averages.n_exact}/{averages.n_full} images)   "
        f"Hamming loss {rate(averages.hamming_loss)} ({averages.n_wrong}/{averages.n_known})"
    )
    return "\n".join(lines)
