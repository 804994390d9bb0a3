"""The queue of annotations that are probably wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from inference.evaluation.evaluator import Evaluator
from inference.evaluation.multiclass import NO_CLASS, classes_of
from inference.evaluation.review.label_errors import (
    image_quality,
    statement_quality,
    suspect_classes,
    suspect_statements,
    suspects,
)
from inference.evaluation.review.worklist import Found, score_words
from inference.types import POSITIVE, Activation, IntArray

_NONE = "No annotation is suspected."


def label_errors(evaluator: Evaluator, label: int | None, cancelled: Callable[[], bool]) -> Found:
    """Images with a suspected annotation, the least likely one first.

    Where scores sum to 1 and no image has two classes, classes are compared with each other, and the label told is the
    one an image probably belongs to. Otherwise each label stands for itself, and images are in the order of their
    pooled quality, with their least likely annotation told; of one label in the order of its own.

    Args:
        evaluator: scores, and annotations of all scored images, measured or not.
        label: only errors of this label; of classes, those taken for it and those it is taken for.
        cancelled: asked between labels.
    """
    if evaluator.activation is Activation.SOFTMAX and evaluator.n_labels > 1:
        classes = classes_of(evaluator._annotations.T)
        if not ((evaluator._annotations == POSITIVE).sum(axis=0) > 1).any():
            return _class_errors(evaluator, label, classes)
    return _all_labels(evaluator, cancelled) if label is None else _one_label(evaluator, label)


def _one_label(evaluator: Evaluator, label: int) -> Found:
    scores, truth = evaluator._scores[label], evaluator._annotations[label]
    rows = np.flatnonzero(suspect_statements(scores, truth))
    rows = rows[np.argsort(statement_quality(scores[rows], truth[rows]), kind="stable")]
    return _statements(evaluator, rows, np.full(len(rows), label, dtype=np.int64))


def _all_labels(evaluator: Evaluator, cancelled: Callable[[], bool]) -> Found:
    found = suspects(evaluator._scores, evaluator._annotations, cancelled)
    rows = np.flatnonzero(found.any(axis=0))
    quality = statement_quality(evaluator._scores[:, rows], evaluator._annotations[:, rows]).T
    order = np.argsort(image_quality(quality), kind="stable")
    worst = np.where(found[:, rows].T, quality, np.float32(2)).argmin(axis=1)
    return _statements(evaluator, rows[order], worst[order].astype(np.int64))


def _statements(evaluator: Evaluator, rows: IntArray, labels: IntArray) -> Found:
    def reason(place: int) -> str:
        row, label = rows[place], labels[place]
        said = "positive" if evaluator._annotations[label, row] == POSITIVE else "negative"
        return f"annotated {said}, score {score_words(evaluator._scores[label, row])}"

    return Found(evaluator.rows[rows], labels, reason, "" if len(rows) else _NONE)


def _class_errors(evaluator: Evaluator, label: int | None, classes: IntArray) -> Found:
    known = np.flatnonzero(classes != NO_CLASS)
    given = classes[known]
    scores = np.ascontiguousarray(evaluator._scores[:, known].T)
    wrong, likely = suspect_classes(scores, given)
    if label is not None:
        wrong &= (given == label) | (likely == label)
    places = np.flatnonzero(wrong)
    own = scores[places, given[places]]
    places = places[np.argsort(own, kind="stable")]

    def reason(place: int) -> str:
        at = places[place]
        here, there = score_words(scores[at, likely[at]]), score_words(scores[at, given[at]])
        return f"annotated as another class, score {there}; {here} here"

    return Found(evaluator.rows[known[places]], likely[places], reason, "" if len(places) else _NONE)
