"""What an import would change, against cell-by-cell reasoning with dictionaries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.data.formats.base import FileAnnotations, Rest
from inference.data.importing import Conflicts, ImportPlan, cells_of, export_of, plan_import
from inference.types import NEGATIVE, POSITIVE, UNKNOWN, Task
from inference.types.annotating import UNSAID, ProjectLabel, StatementArray

P, N, U, X = POSITIVE, NEGATIVE, UNKNOWN, UNSAID
VALUES = st.sampled_from([P, N, U, X])


def table(rows: list[list[int]], width: int) -> StatementArray:
    return np.array(rows, dtype=np.int8).reshape(len(rows), width)


def project(*names: str) -> list[ProjectLabel]:
    return [ProjectLabel(index, name) for index, name in enumerate(names)]


def a_file(images: list[str], labels: list[str], rows: list[list[int]], rest: Rest = Rest.NONE) -> FileAnnotations:
    return FileAnnotations(
        format="test", images=tuple(images), statements=table(rows, len(labels)), labels=tuple(labels), rest=rest
    )


def after(plan: ImportPlan, current: StatementArray, conflicts: Conflicts) -> list[list[int]]:
    """The project's statements once the import is applied."""
    added, cells = cells_of(plan, conflicts)
    result = np.full((len(current), current.shape[1] + len(added)), X, dtype=np.int8)
    result[:, : current.shape[1]] = current
    pairs = set(zip(cells.images.tolist(), cells.labels.tolist(), strict=True))
    assert len(pairs) == len(cells)
    for image, label, value in zip(cells.images, cells.labels, cells.values, strict=True):
        assert result[image, label] != value, "a cell that changes nothing"
        result[image, label] = value
    rows: list[list[int]] = result.tolist()
    return rows


@st.composite
def cases(draw: st.DrawFn) -> tuple[StatementArray, FileAnnotations]:
    n, p = draw(st.integers(1, 5)), draw(st.integers(0, 4))
    current = table(draw(st.lists(st.lists(VALUES, min_size=p, max_size=p), min_size=n, max_size=n)), p)
    images = draw(st.lists(st.sampled_from([f"{i}.jpg" for i in range(7)]), max_size=7, unique=True))
    labels = draw(st.lists(st.sampled_from([f"label {i}" for i in range(6)]), max_size=6, unique=True))
    row = st.lists(VALUES, min_size=len(labels), max_size=len(labels))
    return current, a_file(images, labels, draw(st.lists(row, min_size=len(images), max_size=len(images))))


@given(cases(), st.sampled_from(["keep", "take", "unknown"]))
def test_an_import_merges_cell_by_cell(case: tuple[StatementArray, FileAnnotations], conflicts: Conflicts) -> None:
    current, file = case
    n, p = current.shape
    names = [f"{i}.jpg" for i in range(n)]
    plan = plan_import(current, project(*(f"label {i}" for i in range(p))), names, file)

    new = [label for label in file.labels if int(label.split()[1]) >= p]
    titles = [f"label {i}" for i in range(p)] + new
    said = {
        (image, label): int(value)
        for image, row in zip(file.images, file.statements, strict=True)
        for label, value in zip(file.labels, row, strict=True)
        if value != X and image in names
    }
    counts = {"new": 0, "same": 0, "conflict": 0}
    expected = []
    for i, image in enumerate(names):
        row = []
        for j, label in enumerate(titles):
            ours = int(current[i, j]) if j < p else X
            theirs = said.get((image, label), X)
            kind = None
            if theirs != X:
                kind = "new" if ours == X else "same" if ours == theirs else "conflict"
                counts[kind] += 1
            decided = {"keep": ours, "take": theirs, "unknown": U}[conflicts] if kind == "conflict" else theirs
            row.append(decided if kind in ("new", "conflict") else ours)
        expected.append(row)

    assert plan.new_labels == tuple(new)
    assert (plan.n_new, plan.n_same, plan.n_conflicts) == (counts["new"], counts["same"], counts["conflict"])
    assert plan.unmatched == tuple(image for image in file.images if image not in names)
    assert after(plan, current, conflicts) == expected
    for change in plan.labels:
        here = [key for key in said if key[1] == change.name]
        assert change.n_new + change.n_same + change.n_conflicts == len(here)
        assert titles[change.label] == change.name


def test_conflicts_are_shown_with_both_words() -> None:
    current = table([[P, N], [U, X]], 2)
    file = a_file(["b.jpg", "a.jpg"], ["dog", "cat"], [[N, P], [P, P]])
    plan = plan_import(current, project("cat", "dog"), ["a.jpg", "b.jpg"], file)
    shown = [(example.image, example.label, example.ours, example.theirs) for example in plan.examples]
    assert shown == [("a.jpg", "dog", N, P), ("b.jpg", "cat", U, P)]
    assert plan.summary() == "1 new annotation, 1 the same, 2 conflicts"


def test_a_list_of_positives_asks_what_the_rest_means() -> None:
    current = table([[X, X], [X, P], [X, X]], 2)
    labels, names = project("cat", "dog"), ["a.jpg", "b.jpg", "c.jpg"]
    file = a_file(["a.jpg", "b.jpg"], ["cat", "dog"], [[P, X], [X, X]], Rest.ASK)
    asked = plan_import(current, labels, names, file)
    assert asked.asks_unlisted
    assert asked.n_new == 1
    negative = plan_import(current, labels, names, file, unlisted_means="negative")
    assert not negative.asks_unlisted
    assert after(negative, current, "keep") == [[P, N], [N, P], [X, X]]
    assert after(negative, current, "take") == [[P, N], [N, N], [X, X]]
    unknown = plan_import(current, labels, names, file, unlisted_means="unknown")
    assert not unknown.asks_unlisted
    assert after(unknown, current, "take") == [[P, X], [X, P], [X, X]]


def test_labels_are_matched_loosely_mapped_left_out_or_added() -> None:
    current = table([[X, X, X]], 3)
    labels = project("Red Fox", "dog", "bird")
    file = a_file(["a.jpg"], ["red_fox", "hound", "junk", "newt"], [[P, N, P, U]])
    mapping = {"hound": "dog", "junk": None}
    plan = plan_import(current, labels, ["a.jpg"], file, label_mapping=mapping)
    assert plan.guessed == {"red_fox": "Red Fox"}
    assert plan.left_out_labels == ("junk",)
    assert plan.new_labels == ("newt",)
    assert after(plan, current, "keep") == [[P, N, X, U]]
    assert [(label.name, label.sources, label.is_new) for label in plan.labels] == [
        ("Red Fox", ("red_fox",), False),
        ("dog", ("hound",), False),
        ("newt", ("newt",), True),
    ]


def test_several_labels_mapped_to_one_are_joined() -> None:
    rows = [[P, N], [N, N], [N, U], [N, X], [X, X], [U, P]]
    names = [f"{i}.jpg" for i in range(len(rows))]
    current = table([[X]] * len(rows), 1)
    file = a_file(names, ["cat", "kitten"], rows)
    plan = plan_import(current, project("cat"), names, file, label_mapping={"kitten": "cat"})
    assert after(plan, current, "keep") == [[P], [N], [U], [X], [X], [P]]


def test_rows_about_one_image_are_joined() -> None:
    current = table([[X, X, X, X]], 4)
    file = a_file(["a.jpg", "a.jpg"], ["a", "b", "c", "d"], [[P, P, U, X], [N, X, N, X]])
    plan = plan_import(current, project("a", "b", "c", "d"), ["a.jpg"], file)
    assert after(plan, current, "keep") == [[U, P, N, X]]
    assert any("1 cell contradicted" in warning for warning in plan.warnings)


def test_merged_labels_lead_on_and_retired_ones_are_not_brought_back() -> None:
    labels = [
        ProjectLabel(0, "cat", merged_into=1),
        ProjectLabel(1, "felid", merged_into=2),
        ProjectLabel(2, "feline"),
        ProjectLabel(3, "dodo", retired=True),
    ]
    current = table([[X, X, X, X]], 4)
    plan = plan_import(current, labels, ["a.jpg"], a_file(["a.jpg"], ["cat", "dodo"], [[P, P]]))
    assert after(plan, current, "keep") == [[X, X, P, X]]
    assert plan.left_out_labels == ("dodo",)
    assert any("'dodo'" in warning and "retired" in warning for warning in plan.warnings)


def test_a_name_in_use_wins_over_one_that_was_merged_away() -> None:
    labels = [ProjectLabel(0, "cat", merged_into=1), ProjectLabel(1, "pet"), ProjectLabel(2, "cat")]
    current = table([[X, X, X]], 3)
    plan = plan_import(current, labels, ["a.jpg"], a_file(["a.jpg"], ["cat"], [[P]]))
    assert after(plan, current, "keep") == [[X, X, P]]


@pytest.mark.parametrize(
    ("conflicts", "expected"),
    [
        ("keep", [[P, N, N, X], [N, P, N, N], [X, X, X, X]]),
        ("take", [[N, P, N, N], [N, P, N, N], [X, X, X, X]]),
        ("unknown", [[U, U, N, X], [N, P, N, N], [X, X, X, X]]),
    ],
)
def test_multi_class_images_change_as_a_whole(conflicts: Conflicts, expected: list[list[int]]) -> None:
    current = table([[P, N, N], [X, X, X], [X, X, X]], 3)
    file = a_file(["a.jpg", "b.jpg", "c.jpg"], ["b", "d"], [[P, X], [P, X], [P, P]])
    plan = plan_import(current, project("a", "b", "c"), ["a.jpg", "b.jpg", "c.jpg"], file, task=Task.MULTICLASS)
    assert after(plan, current, conflicts) == expected
    assert any("1 image left out" in warning for warning in plan.warnings)


def test_an_export_leaves_retired_and_merged_labels_behind() -> None:
    labels = [ProjectLabel(0, "a"), ProjectLabel(1, "b", retired=True), ProjectLabel(2, "c", merged_into=0)]
    labels.append(ProjectLabel(3, "d"))
    statements = table([[P, P, P, N], [X, N, N, U], [N, X, X, P]], 4)
    scores = {3: np.array([0.25, 0.5, np.nan], dtype=np.float32)}
    file = export_of(
        ["x.jpg", "y.jpg", "z.jpg"],
        labels,
        statements,
        parts=("train", "", "test"),
        scores=scores,
        images=np.array([2, 0]),
    )
    assert file.images == ("z.jpg", "x.jpg")
    assert file.labels == ("a", "d")
    assert file.statements.tolist() == [[N, P], [P, N]]
    assert file.parts == ("test", "train")
    assert file.scores is not None
    assert np.array_equal(file.scores, np.array([[np.nan, np.nan], [np.nan, 0.25]], np.float32), equal_nan=True)


def test_an_export_comes_back_as_the_same() -> None:
    labels = project("a", "b")
    statements = table([[P, X], [U, N]], 2)
    file = export_of(["x.jpg", "y.jpg"], labels, statements)
    plan = plan_import(statements, labels, ["x.jpg", "y.jpg"], file)
    assert plan.is_empty
    assert plan.n_same == 3
