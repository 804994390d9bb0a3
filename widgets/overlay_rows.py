"""Which labels the overlay lists, in which order, and in which words. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from inference.types import Activation, DecisionRule, ImageScores, Outcome

MODES: Final = ("top", "predicted", "all")
LOW_MARGIN: Final = 0.1
_NOTHING: Final = {
    DecisionRule.ARGMAX_REJECT: "none of the classes: the winner is under its threshold",
    DecisionRule.TOP_K: "no label is predicted: none of the highest reaches its threshold",
    DecisionRule.PER_IMAGE: "no label is predicted: the best set is empty",
}
_MAX_DIGITS: Final = 9  # as many as tell any two float32 scores apart


@dataclass(frozen=True)
class OverlayRows:
    """``main`` in the order of score, then under a line ``missed``: annotated positives that the mode left out."""

    main: tuple[int, ...]
    missed: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        """Every listed label, top to bottom."""
        return self.main + self.missed


def choose_rows(image: ImageScores, mode: str, k: int) -> OverlayRows:
    """The ``k`` highest scores ("top"), the predicted labels ("predicted") or every label ("all").

    Equal scores keep the order of the labels; NaN comes last. A missed positive (FN) is never hidden.
    """
    order = np.argsort(-image.scores.astype(np.float64), kind="stable")
    if mode == "all":
        return OverlayRows(tuple(int(i) for i in order), ())
    if mode == "predicted":
        main = tuple(int(i) for i in order if image.predicted[i])
    elif mode == "top":
        main = tuple(int(i) for i in order[: max(k, 0)])
    else:
        raise ValueError(f"overlay mode {mode!r} is none of {MODES}")
    listed = set(main)
    missed = order[image.outcomes[order] == Outcome.FN] if image.annotated else order[:0]
    return OverlayRows(main, tuple(int(i) for i in missed if int(i) not in listed))


def shows_threshold(image: ImageScores, label: int) -> bool:
    """Whether the label's threshold has a say: under rejection for the winner alone, under some rules for none."""
    if not image.rule.uses_thresholds:
        return False
    if image.rule == DecisionRule.ARGMAX_REJECT:
        return not np.isnan(image.scores).all() and label == int(np.nanargmax(image.scores))
    return True


def score_text(score: float, threshold: float | None = None) -> str:
    """Two decimals, or as many as it takes until the score and the threshold beside it no longer look equal."""
    if np.isnan(score):
        return "–"
    if threshold is not None and score != threshold:
        for digits in range(2, _MAX_DIGITS):
            if f"{score:.{digits}f}" != f"{threshold:.{digits}f}":
                return f"{score:.{digits}f}"
    return f"{score:.2f}"


def outcome_of(image: ImageScores, label: int) -> Outcome:
    """The label's outcome; unknown throughout an image that nobody annotated."""
    return Outcome(int(image.outcomes[label])) if image.annotated else Outcome.UNKNOWN


def notes(image: ImageScores, rows: OverlayRows) -> tuple[str, ...]:
    """What is to be said about the image as a whole, each a short line."""
    lines: list[str] = []
    if not image.annotated:
        lines.append("not annotated")
    competing = image.activation == Activation.SOFTMAX or image.rule.one_label
    if competing and not np.isnan(image.margin):
        certainty = ": low certainty" if image.margin < LOW_MARGIN else ""
        lines.append(f"margin {image.margin:.2f}{certainty}")
    if not image.predicted.any():
        lines.append(_NOTHING.get(image.rule, "no label is predicted"))
    hidden = int(image.predicted.sum()) - int(image.predicted[list(rows.all)].sum())
    if hidden:
        lines.append(f"{hidden:,} more predicted")
    return tuple(lines)
