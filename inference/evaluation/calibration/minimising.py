"""The one minimiser, and the log loss of scores that are the sigmoid of a logit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from inference.types import FloatArray

STEEPEST: Final = 30.0  # slopes per standard deviation of the logits; beyond, scores are 0 or 1 anyway
FLATTEST: Final = 0.01  # below, scores say nothing

Bounds = Sequence[tuple[float | None, float | None]]


def minimised(
    function: Callable[[FloatArray], tuple[float, FloatArray]], start: FloatArray, bounds: Bounds
) -> FloatArray:
    """Where a convex function is least, (p,).

    L-BFGS-B (Byrd, Lu, Nocedal and Zhu 1995), whose line search keeps it from running away as Newton's undamped
    steps do.

    Args:
        function: from parameters (p,) to the value and its gradient (p,).
        start: (p,).
        bounds: lower and upper end of each parameter.
    """
    from scipy.optimize import minimize

    options = {"maxiter": 500, "maxfun": 2000, "ftol": 1e-15, "gtol": 1e-9}
    found = minimize(function, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(found.x, dtype=np.float64)


def dot(one: FloatArray, other: FloatArray) -> float:
    """The sum of products of two (k,); not ``@``, whose threads fight with those of scipy's linear algebra."""
    return float(np.einsum("i,i->", one, other))


def sigmoid_loss(logits: FloatArray, target: FloatArray, weight: FloatArray) -> tuple[float, FloatArray]:
    """Log loss, and what it changes by with each logit, (k,).

    Args:
        logits: (k,).
        target: how much of each place's weight is positive, (k,).
        weight: how many images stand at each place, (k,).
    """
    loss = dot(weight, np.logaddexp(0.0, logits)) - dot(target, logits)
    decayed = np.exp(-np.abs(logits))
    scores = np.where(logits < 0, decayed, 1.0) / (1.0 + decayed)
    return loss, weight * scores - target
