"""Promises about images not yet seen: precision at least p, recall at least r, or an honest "cannot say".

All of them presume that the folder is a random sample of the images to come. A label's own promise has the
confidence asked for; one that covers all labels divides the risk among them (`shared_confidence`).

Sources: Learn then Test, Angelopoulos et al., arXiv 2110.01052 (precision); split conformal prediction and order
statistics (recall), as in Angelopoulos et al., arXiv 2208.02814; Clopper and Pearson 1934 (the lower bound).
"""

from __future__ import annotations

import math

import numpy as np

from inference.types import BoolArray, IntArray

_GROWTH = 1.15  # from one tested cut size to the next
_SLACK = 1e-9  # 1 - 0.9 is a hair under 0.1, and a floor of ten times it must not be 0


def shared_confidence(confidence: float, n_labels: int) -> float:
    """The confidence each of ``n_labels`` promises needs for all to hold together with ``confidence`` (Bonferroni)."""
    return 1.0 - (1.0 - confidence) / max(1, n_labels)


def precision_needs(floor: float, confidence: float) -> int | None:
    """The smallest number of predicted images that, all correct, show a precision of ``floor``; None for never.

    All n correct has probability ``floor**n`` under a precision of ``floor``, and must be no likelier than the risk.
    """
    if floor >= 1.0 or confidence >= 1.0:
        return None
    if floor <= 0.0 or confidence <= 0.0:
        return 1
    return max(1, math.ceil(math.log(1.0 - confidence) / math.log(floor) - _SLACK))


def ltt_precision(pp: IntArray, tp: IntArray, floor: float, confidence: float) -> tuple[int | None, str]:
    """The loosest cut that is shown to have a precision of at least ``floor``.

    Learn then Test with a fixed sequence: cut sizes grow by 15 % from the smallest that can pass, fixed without a look
    at the labels; each is tested in turn, and the walk stops at the first that fails. So no correction for the number
    of tests is due. Given the score of the next image, those above it are independent draws, and the correct ones
    among them binomial: hence the Clopper-Pearson bound.

    Args:
        pp: (k,) predicted images of one label at its cuts, rising from 0; images with unknown truth left out.
        tp: (k,) how many of them are annotated positives.
        floor: the precision promised, 0..1.
        confidence: of the promise, 0..1: over folders, the share in which it may fail is ``1 - confidence``.

    Returns:
        The index into ``pp``, or None where nothing can be promised, and a sentence (without full stop) that says why.
    """
    promise = f"a precision of {_plain(floor)} with {_percent(confidence)} confidence"
    if floor <= 0.0:
        return len(pp) - 1, "every precision is at least 0"
    smallest = precision_needs(floor, confidence)
    if smallest is None:
        return None, f"no number of images can show {promise}"
    total = int(pp[-1])
    if total < smallest:
        return None, f"needs at least {smallest:,} predicted images, all correct; you have {total:,}"
    cuts = _cuts(pp, smallest)
    passed = _passing(pp[cuts], tp[cuts], floor, confidence)
    if not passed.all():
        cuts = cuts[: int(np.argmin(passed))]
    if len(cuts):
        k = int(cuts[-1])
        bound = clopper_pearson_lower(int(tp[k]), int(pp[k]), confidence)
        return k, f"{int(tp[k]):,} of {int(pp[k]):,} predicted are correct: at least {bound:.3f} of all to come"
    first = int(_cuts(pp, smallest)[0])
    size, correct = int(pp[first]), int(tp[first])
    needed = _needed(size, floor, confidence)
    asked = "all" if needed == size else f"{needed:,}"
    return None, f"of the {size:,} highest images {correct:,} are correct; {asked} must be to show {promise}"


def conformal_recall(positives: int, floor: float) -> int | None:
    """How many of a label's lowest positives may be missed so that recall is at least ``floor`` on average.

    With the threshold at the k-th lowest positive, a new positive lies below it with probability k / (positives + 1).
    The average is over folders: in single folders the true recall is below ``floor`` about every other time.

    Returns:
        k - 1; None where even a threshold at the lowest positive promises too much: everything must be predicted.
    """
    k = math.floor((1.0 - floor) * (positives + 1) + _SLACK)
    return min(k, positives) - 1 if k >= 1 and positives >= 1 else None


def pac_recall(positives: int, floor: float, confidence: float) -> int | None:
    """How many of a label's lowest positives may be missed so that recall is at least ``floor`` with ``confidence``.

    The threshold at the k-th lowest positive breaks the promise when fewer than k of the positives lie in the lowest
    ``1 - floor`` of all positives, which is binomial.

    Returns:
        The largest k - 1; None where everything must be predicted.
    """
    from scipy.special import bdtr  # kept out of the start of the program

    if floor <= 0.0:
        return positives - 1 if positives >= 1 else None
    if positives < 1 or floor >= 1.0 or confidence >= 1.0:
        return None
    missed = np.arange(positives)
    broken = bdtr(missed.astype(np.float64), positives, 1.0 - floor)
    n_kept = int(np.count_nonzero(broken <= 1.0 - confidence + _SLACK))  # ``broken`` rises
    return n_kept - 1 if n_kept else None


def recall_needs(floor: float, confidence: float | None = None) -> int | None:
    """The fewest positives from which a recall of ``floor`` can be promised without predicting everything.

    Args:
        floor: the recall.
        confidence: of the promise; None for one that holds on average.

    Returns:
        The number; None where no number is enough.
    """
    if floor >= 1.0:
        return None
    if confidence is None:
        return max(1, math.ceil(1.0 / (1.0 - floor) - 1.0 - _SLACK))
    return precision_needs(floor, confidence)  # the lowest of n positives must lie in the lowest 1 - floor: floor**n


def clopper_pearson_lower(correct: int, size: int, confidence: float) -> float:
    """The one-sided lower bound of a share, ``correct`` of ``size`` seen; 0 where none is correct."""
    from scipy.special import betaincinv

    if correct <= 0:
        return 0.0
    return float(betaincinv(correct, size - correct + 1, 1.0 - confidence))


def _cuts(pp: IntArray, smallest: int) -> IntArray:
    """Indices into ``pp`` of the sizes to test, rising: for each size the loosest cut that is no larger.

    Ties leave out sizes. A cut under ``smallest`` cannot pass whatever the labels are, so that leaving it out is no
    look at them. The last cut, everything predicted, is tested too.
    """
    total = int(pp[-1])
    n_steps = math.ceil(math.log(total / smallest) / math.log(_GROWTH)) + 1
    sizes = np.minimum(np.floor(smallest * _GROWTH ** np.arange(n_steps + 1) + _SLACK), total).astype(np.int64)
    cuts = np.unique(np.searchsorted(pp, sizes, side="right") - 1)
    return np.asarray(cuts[pp[cuts] >= smallest], dtype=np.int64)


def _passing(size: IntArray, correct: IntArray, floor: float, confidence: float) -> BoolArray:
    """Where the lower bound reaches ``floor``: so many correct are no likelier than the risk under that precision."""
    from scipy.special import betainc

    chance = betainc(np.maximum(correct, 1), size - correct + 1, floor)  # of ``correct`` or more out of ``size``
    return np.asarray((chance <= 1.0 - confidence + _SLACK) & (correct > 0))


def _needed(size: int, floor: float, confidence: float) -> int:
    """The fewest correct of ``size`` that pass."""
    correct = np.arange(size + 1)
    return int(np.argmax(_passing(np.full(size + 1, size), correct, floor, confidence)))


def _plain(value: float) -> str:
    text = f"{value:.4f}".rstrip("0")
    return text if len(text.split(".")[1]) >= 2 else f"{value:.2f}"


def _percent(value: float) -> str:
    return f"{100 * value:.4g} %"
