"""match_labels, and datasets under a model's labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inference.data.datasets import match_labels, open_dataset
from inference.data.truth import Truth, statements_of
from inference.types import Dataset, ProjectLabel, Task
from tests.inference.data.helpers import write

NAMES = st.sampled_from(["cat", "Cat", "CAT ", "red fox", "red_fox", "RedFox", "dog", "owl"])


def dataset(labels: list[str], rows: list[list[int]], task: Task = Task.MULTILABEL) -> Dataset:
    y_true = np.array(rows, dtype=np.int8).reshape(len(rows), len(labels))
    names = tuple(f"{index}.jpg" for index in range(len(rows)))
    annotated = ~(y_true == -1).all(axis=1)
    return Dataset("x", "x", names, tuple(labels), task, y_true, annotated)


def align(source: Dataset, model_labels: list[str], mapping: dict[str, str]) -> Dataset:
    """The dataset with the model's labels, as the program puts the two together."""
    labels = [ProjectLabel(index, name) for index, name in enumerate(source.labels)]
    truth = Truth(labels, statements_of(source.y_true, source.annotated), source.task)
    truth.meet(model_labels, mapping)
    return truth.dataset(source)


def test_exact_names_come_before_similar_ones() -> None:
    match = match_labels(["cat", "Red Fox", "dog"], ["dog", "cat", "Cat", "red_fox", "owl"])
    assert match.mapping == {"dog": "dog", "cat": "cat", "red_fox": "Red Fox"}
    assert match.guessed == ("red_fox",)
    assert match.unmatched_dataset == ("Cat", "owl")  # "Cat" may be joined to "cat" by the user only
    assert match.unmatched_model == ()


def test_nothing_is_guessed_where_two_fit() -> None:
    assert match_labels(["cat", "CAT"], ["Cat"]).mapping == {}
    assert match_labels(["cat"], ["Cat", "CAT"]).mapping == {}


def test_the_users_mapping_wins_and_may_join() -> None:
    match = match_labels(["cat", "dog"], ["cat", "Cat", "hound", "dog"], {"Cat": "cat", "hound": "dog", "dog": ""})
    assert match.mapping == {"cat": "cat", "Cat": "cat", "hound": "dog"}
    assert match.unmatched_dataset == ("dog",)
    assert match.guessed == ()


@given(st.lists(NAMES, unique=True), st.lists(NAMES, unique=True), st.dictionaries(NAMES, NAMES))
def test_a_match_accounts_for_every_label(model: list[str], data: list[str], mapping: dict[str, str]) -> None:
    match = match_labels(model, data, mapping)
    assert set(match.mapping) | set(match.unmatched_dataset) == set(data)
    assert not set(match.mapping) & set(match.unmatched_dataset)
    assert set(match.mapping.values()) | set(match.unmatched_model) == set(model)
    assert set(match.mapping.values()) <= set(model)
    for name, label in match.mapping.items():
        assert mapping.get(name, label) == label
    exact = set(model) & set(data) - set(mapping)
    assert all(match.mapping[name] == name for name in exact)


def test_align_reorders_and_fills_with_unknown() -> None:
    aligned = align(dataset(["b", "a"], [[1, 0], [0, -1], [-1, -1]]), ["a", "new", "b"], {"a": "a", "b": "b"})
    assert aligned.labels == ("a", "new", "b")
    assert aligned.y_true.tolist() == [[0, -1, 1], [-1, -1, 0], [-1, -1, -1]]
    assert aligned.annotated.tolist() == [True, True, False]


def test_align_joins_labels() -> None:
    rows = [[1, 0], [0, 1], [0, 0], [0, -1], [1, -1]]
    aligned = align(dataset(["cat", "Cat"], rows), ["cat"], {"cat": "cat", "Cat": "cat"})
    assert aligned.y_true[:, 0].tolist() == [1, 1, 0, -1, 1]


def test_align_keeps_one_positive_each_in_multiclass() -> None:
    rows = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, -1, -1]]
    source = dataset(["cat", "dog", "owl"], rows, Task.MULTICLASS)
    aligned = align(source, ["dog", "emu", "cat"], {"cat": "cat", "dog": "dog"})
    assert aligned.y_true.tolist() == [[0, 0, 1], [1, 0, 0], [-1, -1, -1], [-1, -1, -1]]
    assert aligned.annotated.tolist() == [True, True, False, False]
    assert source.annotated.tolist() == [True, True, True, False]


def test_align_without_any_label(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    aligned = align(open_dataset(tmp_path).dataset, ["cat"], {})
    assert aligned.y_true.tolist() == [[-1]]
    assert not aligned.annotated.any()


def test_labels_with_spaces_around_them_match(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    report = open_dataset(write(tmp_path / "l.csv", "image, cat , dog\na.jpg, 1, 0\n"))
    assert match_labels(["cat", "dog"], report.dataset.labels).guessed == ()
