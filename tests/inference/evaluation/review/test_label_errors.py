"""Confident learning: against a slow reading of the papers, and against what cleanlab 2.9.0 said of the same data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.evaluation.review.label_errors import (
    image_quality,
    statement_quality,
    suspect_classes,
    suspect_statements,
    suspects,
)
from inference.types import FloatArray, IntArray, ScoreArray, TruthArray


def slow_rounding(row: list[float]) -> list[int]:
    """Whole numbers of the same sum: those that rounding changed most are changed back."""
    whole = [round(value) for value in row]
    while sum(whole) < round(sum(row)):
        whole[max(range(len(row)), key=lambda j: (row[j] - whole[j], j))] += 1
    while sum(whole) > round(sum(row)):
        whole[min(range(len(row)), key=lambda j: (row[j] - whole[j], j))] -= 1
    return whole


def slow_suspects(scores: FloatArray, annotated: list[int]) -> set[int]:
    """Northcutt et al. 2021, section 3, image by image: the confident joint, calibrated, pruned by noise rate."""
    m, c = scores.shape
    members = [[i for i in range(m) if annotated[i] == k] for k in range(c)]
    mean = [sum(scores[i, k] for i in members[k]) / len(members[k]) if members[k] else 2.0 for k in range(c)]
    joint = [[0] * c for _ in range(c)]
    for i in range(m):
        confident = [k for k in range(c) if scores[i, k] >= max(mean[k], 2e-6) - 1e-6]
        if confident:
            guess = confident[0] if len(confident) == 1 else int(np.argmax(scores[i]))
            joint[annotated[i]][guess] += 1
    found = set()
    for k in range(c):
        joint[k][k] = max(joint[k][k], 1)
        total = sum(joint[k])
        counts = slow_rounding([n / total * len(members[k]) for n in joint[k]])
        if counts[k] < 1:  # c is 2 wherever this is asked for
            counts = [max(0, n - 1) for n in counts]
        for j in range(c):
            if j != k and counts[j] and len(members[k]) > 1:
                falling = sorted(members[k], key=lambda i: (scores[i, k] - scores[i, j], i))
                found |= set(falling[: counts[j]])
    return {i for i in found if scores[i, annotated[i]] + 1e-6 < scores[i].max()}


@st.composite
def annotated_scores(draw: st.DrawFn) -> tuple[ScoreArray, TruthArray]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    m = draw(st.integers(0, 60))
    truth = (rng.random(m) < draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))).astype(np.int8)
    scores = rng.beta(2, 2, m) * 0.6 + 0.4 * truth
    scores = np.round(scores, draw(st.sampled_from([1, 9])))  # ties, or none
    flipped = rng.random(m) < 0.15
    return scores.astype(np.float32), np.where(flipped, 1 - truth, truth).astype(np.int8)


@settings(max_examples=150, deadline=None)
@given(problem=annotated_scores())
def test_suspects_of_a_label_are_those_of_its_two_classes_read_slowly(problem: tuple[ScoreArray, TruthArray]) -> None:
    scores, truth = problem
    yes = scores.astype(np.float64)
    expected = slow_suspects(np.stack([1 - yes, yes], axis=1), truth.tolist()) if len(yes) else set()
    assert set(np.flatnonzero(suspect_statements(scores, truth)).tolist()) == expected


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), m=st.integers(4, 60), c=st.integers(2, 4))
def test_suspects_among_classes_are_those_read_slowly(seed: int, m: int, c: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, c, m)
    truth[:c] = range(c)
    powers = np.exp(rng.normal(0, 1, (m, c)) + 2.0 * np.eye(c)[truth])
    scores = powers / powers.sum(axis=1, keepdims=True)
    truth = np.where(rng.random(m) < 0.2, rng.integers(0, c, m), truth)
    wrong, likely = suspect_classes(scores, truth)
    assert set(np.flatnonzero(wrong).tolist()) == slow_suspects(scores, truth.tolist())
    np.testing.assert_array_equal(likely, scores.argmax(axis=1))


# 24 images under 3 labels: scores in hundredths, and annotations of which some are wrong
SCORES = [
    (79, 37, 93), (84, 88, 58), (8, 84, 37), (38, 88, 40), (90, 41, 13), (86, 35, 6), (93, 72, 19), (28, 39, 7),
    (92, 25, 12), (19, 3, 68), (27, 13, 18), (78, 81, 46), (80, 19, 87), (71, 18, 33), (46, 54, 37), (53, 22, 10),
    (91, 39, 11), (48, 86, 20), (80, 14, 15), (21, 5, 63), (61, 21, 14), (8, 35, 37), (84, 17, 29), (86, 13, 36),
]  # fmt: skip
POSITIVES = [
    "012", "012", "1", "1", "", "", "012", "2", "0", "2", "", "01", "02", "2", "01", "", "0", "01", "", "2", "", "1",
    "0", "0",
]  # fmt: skip
# cleanlab.multilabel_classification.filter.find_multilabel_issues_per_class, find_label_issues ranked by self
# confidence, and cleanlab.multilabel_classification.get_label_quality_scores, version 2.9.0
CLEANLAB_BY_LABEL = [[4, 5, 13, 18], [], [6, 7]]
CLEANLAB_RANKED = [7, 4, 5, 6, 13, 18]
CLEANLAB_QUALITY = [
    0.4596, 0.6336, 0.6752, 0.6144, 0.2092, 0.2536, 0.3044, 0.1824, 0.7776, 0.7124, 0.75, 0.5892, 0.8044, 0.3176,
    0.4796, 0.5368, 0.6668, 0.5464, 0.3304, 0.6684, 0.4728, 0.4176, 0.7344, 0.6844,
]  # fmt: skip


def literal() -> tuple[ScoreArray, TruthArray]:
    truth = np.array([[str(label) in said for label in range(3)] for said in POSITIVES], dtype=np.int8)
    return (np.array(SCORES) / 100).astype(np.float32), truth


def test_several_labels_an_image_give_what_cleanlab_gave() -> None:
    scores, truth = literal()
    found = suspects(scores.T, truth.T)
    assert [np.flatnonzero(label).tolist() for label in found] == CLEANLAB_BY_LABEL
    quality = image_quality(statement_quality(scores, truth))
    np.testing.assert_allclose(quality, CLEANLAB_QUALITY, atol=1e-6)
    rows = np.flatnonzero(found.any(axis=0))
    assert rows[np.argsort(quality[rows])].tolist() == CLEANLAB_RANKED


def test_one_class_an_image_gives_what_cleanlab_gave() -> None:
    percent = [
        (63, 21, 16), (93, 5, 2), (34, 1, 65), (32, 20, 48), (6, 5, 89), (23, 26, 51), (11, 3, 86), (3, 73, 24),
        (40, 29, 31), (23, 21, 56), (38, 39, 23), (87, 3, 10), (24, 54, 22), (65, 22, 13), (9, 66, 25), (6, 6, 88),
        (14, 10, 76), (84, 3, 13), (7, 56, 37), (16, 77, 7), (40, 18, 42), (33, 3, 64), (11, 76, 13), (37, 25, 38),
    ]  # fmt: skip
    given_classes = np.array([0, 0, 2, 2, 1, 0, 2, 1, 1, 0, 0, 0, 0, 2, 1, 2, 2, 2, 1, 2, 2, 2, 1, 0])
    wrong, likely = suspect_classes(np.array(percent) / 100, given_classes)
    # cleanlab.filter.find_label_issues, version 2.9.0
    assert np.flatnonzero(wrong).tolist() == [4, 5, 9, 12, 13, 17, 19, 23]
    assert likely[[4, 13, 19]].tolist() == [2, 0, 1]


def test_what_is_unknown_is_as_if_it_were_not_there() -> None:
    scores, truth = literal()
    truth[[0, 4, 9], 0] = -1
    kept = truth[:, 0] != -1
    found = suspect_statements(scores[:, 0], truth[:, 0])
    assert not found[~kept].any()
    np.testing.assert_array_equal(found[kept], suspect_statements(scores[kept, 0], truth[kept, 0]))


@pytest.mark.parametrize("value", [-1, 0, 1])
def test_annotations_that_are_all_alike_are_not_suspected(value: int) -> None:
    scores = np.linspace(0.01, 0.99, 20, dtype=np.float32)
    assert not suspect_statements(scores, np.full(20, value, np.int8)).any()


def test_the_only_positive_of_a_label_is_left_in_it() -> None:
    truth = np.zeros(20, np.int8)
    truth[3] = 1
    scores = np.full(20, 0.9, np.float32)
    scores[3] = 0.1
    assert not suspect_statements(scores, truth)[3]


def test_quality_leaves_out_what_is_unknown() -> None:
    nan = np.float32(np.nan)
    quality = np.array([[0.9, 0.2, 0.5], [0.9, nan, 0.5], [nan, nan, nan]], np.float32)
    pooled = image_quality(quality)
    assert pooled[0] == pytest.approx(0.8 * 0.2 + 0.2 * (0.8 * 0.5 + 0.2 * 0.9))
    assert pooled[1] == pytest.approx(0.8 * 0.5 + 0.2 * 0.9)
    assert np.isnan(pooled[2])


def test_a_search_cut_short_leaves_the_other_labels_unsuspected() -> None:
    scores, truth = literal()
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 1

    found = suspects(scores.T, truth.T, cancelled)
    assert np.flatnonzero(found[0]).tolist() == CLEANLAB_BY_LABEL[0]
    assert not found[1:].any()


def test_nothing_annotated_has_no_errors() -> None:
    none: IntArray = np.zeros(0, dtype=np.int64)
    assert not len(suspect_statements(np.zeros(0, np.float32), np.zeros(0, np.int8)))
    assert [len(part) for part in suspect_classes(np.zeros((0, 3), np.float32), none)] == [0, 0]
