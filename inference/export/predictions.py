"""Predictions image by image as a CSV table: whether each label is predicted, and the score that decides it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence

from inference.types import BoolArray, ScoreArray, format_float32


def predictions_csv(
    labels: Sequence[str],
    names: Sequence[str],
    scored: Iterable[tuple[ScoreArray, BoolArray]],
    left_out: Sequence[tuple[str, str]] = (),
    cancelled: Callable[[], bool] = lambda: False,
) -> str:
    """One line an image: its name, 1 or 0 under each label, the score under each, and why it has none.

    Args:
        labels: (c,) names of the labels.
        names: (n,) images with scores.
        scored: their scores and decisions (k, c), some at a time, in the order of ``names``.
        left_out: images without scores, each with the reason.
        cancelled: asked now and then; the text is cut short.

    Scores have as many digits as read back as the same float32.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["image", *labels, *(f"score of {label}" for label in labels), "left out because"])
    images = iter(names)
    for scores, decided in scored:
        if cancelled():
            break
        for row, predicted in zip(scores, decided, strict=True):
            flags = predicted.astype(int).tolist()
            writer.writerow([next(images), *flags, *(format_float32(value) for value in row), ""])
    blank = [""] * (2 * len(labels))
    for name, reason in left_out:
        writer.writerow([name, *blank, reason])
    return text.getvalue()
