"""The images that a query lets through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from inference.evaluation.decisions import passes
from inference.evaluation.query.data import ReviewData
from inference.evaluation.query.matching import contains
from inference.evaluation.query.tallies import Counts
from inference.types import (
    NEGATIVE,
    POSITIVE,
    UNKNOWN,
    UNSAID,
    BoolArray,
    FloatArray,
    IntArray,
    Outcome,
    ScoreArray,
)
from inference.types.querying import ANY, NO_LABEL, THIS, And, Bounds, Node, Not, Query, Term, TermKind

_INF: Final = np.float32(np.inf)
_BELOW, _ABOVE = -1.0, 2.0  # no score is there


def evaluate(query: Query, data: ReviewData) -> BoolArray:
    """Whether each image is let through, bool (n,); the array is the caller's to keep."""
    if query.node is None:
        return np.ones(len(data), dtype=bool)
    return _holds(query.node, data).copy()


def _holds(node: Node, data: ReviewData) -> BoolArray:
    if isinstance(node, Term):
        return _ANSWERS[node.kind](node, data)
    if isinstance(node, Not):
        return ~_holds(node.node, data)
    join = np.logical_and if isinstance(node, And) else np.logical_or
    found = _holds(node.nodes[0], data)
    for each in node.nodes[1:]:
        found = join(found, _holds(each, data))
    return found


def within(values: FloatArray | ScoreArray | IntArray | Counts, bounds: Bounds) -> BoolArray:
    """Where numbers lie in the bounds; NaN lies in none."""
    above = values >= bounds.low if bounds.with_low else values > bounds.low
    below = values <= bounds.high if bounds.with_high else values < bounds.high
    return np.asarray(above & below)


def scores_within(scores: ScoreArray, bounds: Bounds) -> BoolArray:
    """Where scores lie in the bounds, compared as with thresholds, in float32; NaN lies in none."""
    low, high = np.float32(_near_scores(bounds.low)), np.float32(_near_scores(bounds.high))
    found = passes(scores, low if bounds.with_low else np.nextafter(low, _INF))
    if bounds.high < _ABOVE:
        found &= ~passes(scores, np.nextafter(high, _INF) if bounds.with_high else high)
    return found


def near(scores: ScoreArray, place: float, bounds: Bounds) -> BoolArray:
    """Where scores lie in the bounds away from a place, on either side; NaN lies nowhere.

    What is in is an interval less a smaller one, so that every comparison is one of scores in float32.
    """
    outer = Bounds(place - bounds.high, place + bounds.high, bounds.with_high, bounds.with_high)
    found = _between(scores, outer)
    if bounds.low > 0 or (bounds.low == 0 and not bounds.with_low):
        inner = Bounds(place - bounds.low, place + bounds.low, not bounds.with_low, not bounds.with_low)
        found &= ~_between(scores, inner)
    return found


def _between(scores: ScoreArray, bounds: Bounds) -> BoolArray:
    """As `scores_within`, for bounds that are no float32: they are moved inwards to the next one."""
    wide_low, wide_high = _near_scores(bounds.low), _near_scores(bounds.high)
    low, high = np.float32(wide_low), np.float32(wide_high)
    with_low, with_high = bounds.with_low, bounds.with_high
    if float(low) != wide_low:
        low, with_low = (low if float(low) > wide_low else np.nextafter(low, _INF)), True
    if float(high) != wide_high:
        high, with_high = (high if float(high) < wide_high else np.nextafter(high, -_INF)), True
    return scores_within(scores, Bounds(float(low), float(high), with_low, with_high))


def _near_scores(number: float) -> float:
    """The number, or one beyond all scores on its side that float32 can hold."""
    return min(max(number, _BELOW), _ABOVE)


def _label(term: Term, data: ReviewData) -> int:
    """The label that is meant; without a chosen one "this" is any."""
    if term.label != THIS:
        return term.label
    return ANY if data.chosen is None else data.chosen


def _nowhere(data: ReviewData) -> BoolArray:
    return np.zeros(len(data), dtype=bool)


def _outcome(term: Term, data: ReviewData) -> BoolArray:
    label, wanted = _label(term, data), term.outcome
    assert wanted is not None
    if label == ANY:
        tallies = data.tallies
        if tallies is not None:
            return np.asarray(tallies.of(wanted) > 0)
    else:
        found = data.outcomes(label)
        if found is not None:
            return np.asarray(found == wanted)
    return np.full(len(data), wanted is Outcome.UNKNOWN)


def _wrong(term: Term, data: ReviewData) -> BoolArray:
    label = _label(term, data)
    if label == ANY:
        tallies = data.tallies
        return _nowhere(data) if tallies is None else (tallies.of(Outcome.FP) > 0) | (tallies.of(Outcome.FN) > 0)
    found = data.outcomes(label)
    return _nowhere(data) if found is None else (found == Outcome.FP) | (found == Outcome.FN)


def _predicted(term: Term, data: ReviewData) -> BoolArray:
    label = _label(term, data)
    if label != ANY:
        return data.predicted(label)
    tallies = data.tallies
    return _nowhere(data) if tallies is None else np.asarray(tallies.predicted > 0)


def _annotated(term: Term, data: ReviewData) -> BoolArray:
    label = _label(term, data)
    if label == NO_LABEL:
        return data.annotated
    return _said(term, data, POSITIVE)


def _negative(term: Term, data: ReviewData) -> BoolArray:
    return _said(term, data, NEGATIVE)


def _unknown(term: Term, data: ReviewData) -> BoolArray:
    """Somebody said "unknown": where nobody said anything, a dataset's truth is unknown as well, and that is unsaid."""
    return _said(term, data, UNKNOWN) & data.annotated


def _unsaid(term: Term, data: ReviewData) -> BoolArray:
    return _said(term, data, UNSAID) | (_said(term, data, UNKNOWN) & ~data.annotated)


def _said(term: Term, data: ReviewData, statement: int) -> BoolArray:
    label = _label(term, data)
    return np.asarray(data.n_said(statement) > 0 if label == ANY else data.truth(label) == statement)


def _score(term: Term, data: ReviewData) -> BoolArray:
    def find(label: int) -> BoolArray | None:
        scores = data.scores(label)
        return None if scores is None or term.bounds is None else scores_within(scores, term.bounds)

    return _of_labels(term, data, find)


def _near(term: Term, data: ReviewData) -> BoolArray:
    evaluator = data.evaluator

    def find(label: int) -> BoolArray | None:
        scores, bounds = data.scores(label), term.bounds
        if evaluator is None or scores is None or bounds is None or not evaluator.rule.uses_thresholds:
            return None
        return near(scores, float(evaluator.thresholds.values[data.output(label)]), bounds)

    return _of_labels(term, data, find)


def _of_labels(term: Term, data: ReviewData, find: Callable[[int], BoolArray | None]) -> BoolArray:
    """What is found for the term's label, or for any label."""
    label = _label(term, data)
    found = _nowhere(data)
    for each in range(len(data.labels)) if label == ANY else (label,):
        also = find(each)
        if also is not None:
            found |= also
    return found


def _measured(term: Term, data: ReviewData) -> BoolArray:
    """Loss, entropy and margin."""
    measures, label = data.measures, _label(term, data)
    if measures is None or term.bounds is None:
        return _nowhere(data)
    if term.kind is TermKind.LOSS and label not in (NO_LABEL, ANY):
        output = data.output(label)
        return _nowhere(data) if output < 0 else within(measures.label_loss(output), term.bounds)
    whole = {TermKind.LOSS: measures.loss, TermKind.ENTROPY: measures.entropy, TermKind.MARGIN: measures.margin}
    return within(whole[term.kind](), term.bounds)


def _n_labels(term: Term, data: ReviewData) -> BoolArray:
    assert term.bounds is not None
    return within(data.n_said(POSITIVE), term.bounds) & data.annotated


def _n_predicted(term: Term, data: ReviewData) -> BoolArray:
    tallies = data.tallies
    if tallies is None or term.bounds is None:
        return _nowhere(data)
    return within(tallies.predicted, term.bounds) & tallies.scored


def _name(term: Term, data: ReviewData) -> BoolArray:
    return data.known_names.named(term.text or "")


def _folder(term: Term, data: ReviewData) -> BoolArray:
    return data.known_names.in_folder(term.text or "")


def _part(term: Term, data: ReviewData) -> BoolArray:
    parts, codes = data.in_parts()
    return codes == parts.index(term.text) if term.text in parts else _nowhere(data)


def _note(term: Term, data: ReviewData) -> BoolArray:
    if term.text is None:
        return data.noted
    found = _nowhere(data)
    found[[image for image, note in data.notes.items() if contains(note, term.text)]] = True
    return found


def _flag(term: Term, data: ReviewData) -> BoolArray:
    found: BoolArray | None = getattr(data, term.kind.value)
    return _nowhere(data) if found is None else found


_ANSWERS: Final[dict[TermKind, Callable[[Term, ReviewData], BoolArray]]] = {
    TermKind.OUTCOME: _outcome,
    TermKind.WRONG: _wrong,
    TermKind.PREDICTED: _predicted,
    TermKind.ANNOTATED: _annotated,
    TermKind.NEGATIVE: _negative,
    TermKind.UNKNOWN: _unknown,
    TermKind.UNSAID: _unsaid,
    TermKind.SCORE: _score,
    TermKind.NEAR: _near,
    TermKind.LOSS: _measured,
    TermKind.ENTROPY: _measured,
    TermKind.MARGIN: _measured,
    TermKind.N_LABELS: _n_labels,
    TermKind.N_PREDICTED: _n_predicted,
    TermKind.NAME: _name,
    TermKind.FOLDER: _folder,
    TermKind.PART: _part,
    TermKind.NOTE: _note,
    TermKind.EDITED: _flag,
    TermKind.UNSAVED: _flag,
    TermKind.FLIPPED: _flag,
    TermKind.DIFFERS: _flag,
    TermKind.QUEUE: _flag,
    TermKind.BROKEN: _flag,
    TermKind.SCORED: _flag,
    TermKind.VANISHED: _flag,
    TermKind.CHANGED: _flag,
}
