"""Statements and what follows from them: always what reading them anew would give, and every edit can be taken back."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inference.data.truth import Truth, statements_of
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, UNSAID, Cells, ProjectLabel, Task

N = 6


def truth_of(statements: np.ndarray, task: Task = Task.MULTILABEL, names: str = "abcd") -> Truth:
    labels = [ProjectLabel(index, name) for index, name in enumerate(names)]
    truth = Truth(labels, statements.astype(np.int8), task)
    truth.meet(("b", "x", "c"), {"a": "b", "b": "b", "c": "c"})  # a and b are one label to the model, d has no output
    return truth


def oracle(truth: Truth) -> tuple[list[list[int]], list[bool]]:
    """y_true under b, x and c, and which images are annotated, cell by cell; a and b are one label to the model."""
    rows, annotated = [], []
    for said in truth.statements.tolist():
        known = [UNKNOWN if one == UNSAID else one for one in said]
        either = POSITIVE if POSITIVE in known[:2] else NEGATIVE if known[:2] == [NEGATIVE] * 2 else UNKNOWN
        row, any_said = [either, UNKNOWN, known[2]], any(one != UNSAID for one in said)
        if truth.task is Task.MULTICLASS:
            any_said = POSITIVE in row
            row = [POSITIVE if one == POSITIVE else NEGATIVE if any_said else UNKNOWN for one in row]
        rows.append(row)
        annotated.append(any_said)
    return rows, annotated


tasks = st.sampled_from([Task.MULTILABEL, Task.MULTICLASS])
images = st.lists(st.integers(0, N - 1), min_size=1, max_size=N, unique=True).map(lambda some: np.array(sorted(some)))
acts = st.tuples(
    st.sampled_from(["said", "all", "decided", "merged"]),
    images,
    st.integers(0, 3),
    st.sampled_from([POSITIVE, NEGATIVE, UNKNOWN, UNSAID]),
    st.integers(0, 2**18 - 1),
)


@given(task=tasks, seed=st.integers(0, 99), edits=st.lists(acts, max_size=8))
def test_any_edits_leave_what_reading_anew_gives_and_can_be_taken_back(
    task: Task, seed: int, edits: list[tuple[str, np.ndarray, int, int, int]]
) -> None:
    rng = np.random.default_rng(seed)
    truth = truth_of(rng.integers(UNSAID, POSITIVE + 1, (N, 4)), task)
    first = truth.statements.copy()
    seen = truth.y_true.copy()
    undo = []
    for what, some, label, value, bits in edits:
        if what == "said":
            cells = truth.said(some, label, value)
        elif what == "all":
            cells = truth.said_of_all(some, value)
        elif what == "merged":
            cells = truth.merged(label, (label + 1) % 4)
        else:
            predicted = np.array([(bits >> i) & 1 for i in range(3 * len(some))], dtype=bool).reshape(-1, 3)
            cells = truth.as_decided(some, predicted, only_unsaid=bool(bits & 1))
        applied = truth.apply(cells)
        undo.append(applied.before)
        assert (seen[applied.edit.images, applied.edit.labels] == applied.edit.before).all()
        seen[applied.edit.images, applied.edit.labels] = applied.edit.after
        assert (seen == truth.y_true).all()  # the edit tells all of the change
        assert (truth.y_true.tolist(), truth.annotated.tolist()) == oracle(truth)
    for before in reversed(undo):
        truth.apply(before)
    assert (truth.statements == first).all()


def test_a_multi_class_image_has_one_label_at_a_time() -> None:
    truth = truth_of(np.full((2, 4), UNSAID), Task.MULTICLASS)
    some = np.array([0])
    truth.apply(truth.said(some, 0, POSITIVE))
    truth.apply(truth.said(some, 3, POSITIVE))
    assert truth.statements[0].tolist() == [NEGATIVE, NEGATIVE, NEGATIVE, POSITIVE]
    truth.apply(truth.said(some, 3, UNSAID))
    assert truth.statements[0].tolist() == [UNSAID] * 4


def test_accepting_decisions_keeps_what_was_said_if_asked_to() -> None:
    truth = truth_of(np.array([[NEGATIVE, UNSAID, POSITIVE, UNSAID]]))
    some, predicted = np.array([0]), np.array([[True, True, False]])
    assert len(truth.as_decided(some, predicted, only_unsaid=True)) == 1
    truth.apply(truth.as_decided(some, predicted, only_unsaid=False))
    assert truth.statements[0].tolist() == [NEGATIVE, POSITIVE, NEGATIVE, UNSAID]
    assert truth.y_true[0].tolist() == [POSITIVE, UNKNOWN, NEGATIVE]


def test_a_rejected_image_has_no_decision_to_accept() -> None:
    truth = truth_of(np.full((1, 4), UNSAID), Task.MULTICLASS)
    assert len(truth.as_decided(np.array([0]), np.zeros((1, 3), dtype=bool), only_unsaid=False)) == 0


def test_labels_are_added_and_renamed_without_moving_a_column() -> None:
    truth = truth_of(np.array([[POSITIVE, NEGATIVE, UNKNOWN, UNSAID]]))
    truth.set_label(truth.new_label("e"))
    truth.apply(Cells(np.array([0]), np.array([4]), np.array([POSITIVE], dtype=np.int8)))
    truth.set_label(ProjectLabel(1, "renamed"))
    assert [label.name for label in truth.offered] == ["a", "renamed", "c", "d", "e"]
    assert truth.statements[0].tolist() == [POSITIVE, NEGATIVE, UNKNOWN, UNSAID, POSITIVE]


def test_what_a_reader_found_becomes_statements() -> None:
    y_true = np.array([[1, -1], [-1, -1], [-1, -1]], dtype=np.int8)
    found = statements_of(y_true, np.array([True, True, False]))
    assert found.tolist() == [[POSITIVE, UNSAID], [UNKNOWN, UNKNOWN], [UNSAID, UNSAID]]
