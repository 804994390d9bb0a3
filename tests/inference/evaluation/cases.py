"""Random, tied, empty and one-sided data for the evaluation tests."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from inference.types import Run, ScoreArray, TruthArray


def run_of(logits: ScoreArray) -> Run:
    """A run in which every image is scored."""
    return Run(np.asarray(logits, dtype=np.float32), np.ones(len(logits), dtype=np.uint8))


@st.composite
def problems(draw: st.DrawFn, *, unknowns: bool = True) -> tuple[ScoreArray, TruthArray]:
    """Logits and truth: few distinct logits (so that ties and scores on a threshold abound), also lone classes."""
    n = draw(st.integers(1, 24))
    c = draw(st.integers(1, 5))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    levels = draw(st.sampled_from([2, 5, 1000]))
    logits = (rng.integers(-levels, levels + 1, (n, c)) / levels * draw(st.sampled_from([1, 4, 30]))).astype(np.float32)
    rate = rng.choice([0.0, 0.1, 0.5, 1.0], c)
    truth = (rng.random((n, c)) < rate).astype(np.int8)
    if unknowns:
        truth[rng.random((n, c)) < draw(st.sampled_from([0.0, 0.3]))] = -1
    return logits, truth


@st.composite
def threshold_moves(draw: st.DrawFn, n_labels: int) -> list[tuple[int, float]]:
    """A sequence of (label, threshold), thresholds outside 0..1 included."""
    value = st.one_of(st.floats(-0.5, 1.5, width=32), st.sampled_from([0.0, 0.5, 1.0]))
    return draw(st.lists(st.tuples(st.integers(0, n_labels - 1), value), max_size=8))
