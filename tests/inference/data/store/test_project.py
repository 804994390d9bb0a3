"""What a project gives back is what was put into it, now and after it was closed and opened again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inference.data.store import ImageTable, LabelChange, NoteChange, Project, Step, reading
from inference.errors import ProjectError
from inference.types.annotating import UNSAID, ProjectLabel
from inference.types.base import Task

from .helpers import LABELS, NAMES, Clock, N, P, beginning, edit, make, reopened, rows, same

CAT = ProjectLabel(0, "cat")


def test_all_that_was_given_comes_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    fingerprints = rng.integers(0, 256, size=(N, 16), dtype=np.uint8)
    fingerprints[1] = 0
    present = np.array([True, False] * 3)
    images = ImageTable(
        NAMES, np.arange(N) - 1, np.arange(N) * 10**18, fingerprints, present, ("test", "", "é", "test", "", "")
    )
    made = Project.create(
        tmp_path / "deep" / "er" / "a.cutline",
        source="/s\udcff",
        root="/r",
        task=Task.MULTICLASS,
        labels=LABELS,
        images=images,
        statements=beginning(),
        settings={"view": b"\0\xff"},
        who="ann",
        clock=Clock(1000.0),
    )
    with reopened(made) as project:
        found = project.contents()
        assert project.source == "/s\udcff"
    assert (found.source, found.root, found.task) == ("/s\udcff", "/r", Task.MULTICLASS)
    assert found.images.names == NAMES
    assert found.images.parts == images.parts
    for column in ("sizes", "times", "fingerprints", "present"):
        np.testing.assert_array_equal(getattr(found.images, column), getattr(images, column))
    assert found.labels == tuple(ProjectLabel(id_, name) for id_, name in enumerate(LABELS))
    np.testing.assert_array_equal(found.statements, beginning())
    assert (found.settings, found.notes, found.steps) == ({"view": b"\0\xff"}, {}, ())
    assert not found.edited.any()
    assert (found.created, found.version, found.last_step) == (1001.0, 1, 0)
    assert found.opened > found.created


@pytest.mark.parametrize("shape", [(0, 0), (3, 0), (0, 3)])
def test_empty_projects(tmp_path: Path, shape: tuple[int, int]) -> None:
    n, p = shape
    made = Project.create(
        tmp_path / "a.cutline",
        source="",
        root="",
        task=Task.MULTILABEL,
        labels=LABELS[:p],
        images=ImageTable.of_names(NAMES[:n]),
        statements=np.full(shape, UNSAID, dtype=np.int8),
        who="",
    )
    with reopened(made) as project:
        found = project.contents()
    assert found.statements.shape == shape
    assert (len(found.images), len(found.labels), len(found.edited)) == (n, p, n)


def test_arrays_that_do_not_fit_make_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="statements"):
        make(tmp_path / "a.cutline", statements=np.zeros((N, P + 1), dtype=np.int8))
    assert list(tmp_path.iterdir()) == []


def test_an_image_that_is_listed_twice_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="twice"):
        Project.create(
            tmp_path / "a.cutline",
            source="",
            root="",
            task=Task.MULTILABEL,
            labels=(),
            images=ImageTable.of_names(("a", "a")),
            statements=np.zeros((2, 0), dtype=np.int8),
            who="",
        )
    assert list(tmp_path.iterdir()) == []


# Steps


def test_a_step_is_done_undone_and_done_again(project: Project) -> None:
    before = beginning()
    step = edit(1, before, (0, 0, 1), (4, 2, 0), payload=b"{}", model="abc")
    after = before.copy()
    after[0, 0], after[4, 2] = 1, 0
    project.do(step)
    assert same(project.contents(), after)
    project.undo(1)
    assert same(project.contents(), before)
    project.redo(1)
    with reopened(project) as again:
        found = again.contents()
        whole = again.step(1)
    assert same(found, after)
    (record,) = found.steps
    assert (record.id, record.kind, record.text, record.source) == (1, "annotate", "edit 1", "keyboard")
    assert (record.model, record.payload, record.n_images, record.who, record.state) == ("abc", b"{}", 2, "ann", "done")
    assert record.statements is None
    assert whole.statements is not None
    assert step.statements is not None
    for side in ("images", "before", "after"):
        np.testing.assert_array_equal(getattr(whole.statements, side), getattr(step.statements, side))


def test_repeating_a_call_changes_nothing(project: Project) -> None:
    before = beginning()
    step = edit(1, before, (0, 0, 1), (1, 1, -1))
    for _ in range(2):
        project.do(step)
    done = project.contents().statements
    for _ in range(2):
        project.undo(1)
    assert same(project.contents(), before)
    for _ in range(2):
        project.redo(1)
    assert same(project.contents(), done)
    assert [entry.action for entry in project.log(10)] == ["redid", "undid", "did", "imported"]
    project.undo(1)
    for _ in range(2):
        project.drop(1)
    assert project.contents().steps == ()


def test_doing_something_new_empties_the_redo_stack(project: Project) -> None:
    before = beginning()
    project.do(edit(1, before, (0, 0, 1)))
    project.undo(1)
    project.do(edit(2, before, (1, 1, 1)))
    assert [step.id for step in project.contents().steps] == [2]
    with pytest.raises(ProjectError, match="dropped"):
        project.redo(1)
    assert [entry.action for entry in project.history(0)] == ["imported", "did", "undid"]
    assert project.last_step == 2


def test_ids_must_rise(project: Project) -> None:
    project.do(edit(5, beginning(), (0, 0, 1)))
    with pytest.raises(ProjectError, match="4"):
        project.do(edit(4, beginning(), (0, 0, 0)))
    with pytest.raises(ProjectError, match="5"):
        project.do(Step(5, "note", "another"))
    with pytest.raises(ProjectError, match="7"):
        project.undo(7)
    with pytest.raises(ProjectError, match="7"):
        project.step(7)


def test_an_edit_that_goes_on_replaces_its_step(project: Project) -> None:
    before = beginning()
    project.do(edit(1, before, (0, 0, 1), (1, 0, 1)))
    project.amend(edit(1, before, (2, 3, 0), (4, 4, 1), payload=b"later"))
    after = before.copy()
    after[2, 3], after[4, 4] = 0, 1
    assert same(project.contents(), after)
    assert project.contents().steps[0].payload == b"later"
    assert [len(project.history(image)) for image in (0, 2)] == [1, 2]
    project.undo(1)
    assert same(project.contents(), before)


def test_what_another_step_did_to_the_same_image_stays(project: Project) -> None:
    before = beginning()
    project.do(edit(1, before, (0, 0, 1), model="a"))
    middle = project.contents().statements
    project.do(edit(2, middle, (0, 3, 1), model="b"))
    project.undo(1)
    after = before.copy()
    after[0, 3] = 1
    assert same(project.contents(), after)


def test_a_step_without_changes_can_be_dropped_where_it_stands(project: Project) -> None:
    project.do(Step(1, "decision", "threshold", payload=b"0.5"))
    project.do(edit(2, beginning(), (0, 0, 1)))
    project.drop(1)
    with pytest.raises(ProjectError, match="undone before"):
        project.drop(2)
    assert [step.id for step in project.contents().steps] == [2]


def test_steps_that_do_not_fit_leave_no_trace(project: Project) -> None:
    wide = np.zeros((N, P + 1), dtype=np.int8)
    for step in (edit(1, wide, (0, P, 1)), Step(1, "note", "", notes=(NoteChange(N, "", "no such image"),))):
        with pytest.raises(ProjectError):
            project.do(step)
    far = rows(np.zeros((N + 1, P), dtype=np.int8), [(N, 0, 1)])
    with pytest.raises(ProjectError):
        project.do(Step(1, "annotate", "", statements=far))
    assert project.contents().steps == ()
    assert same(project.contents(), beginning())
    project.do(edit(1, beginning(), (0, 0, 1)))


def test_the_last_steps_come_back_oldest_first(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reading.STEPS == 500
    monkeypatch.setattr(reading, "STEPS", 5)
    for id_ in range(1, 9):
        project.do(Step(id_, "labels", str(id_), labels=(LabelChange(CAT, CAT),), notes=(NoteChange(0, "", str(id_)),)))
    found = project.contents()
    assert [step.id for step in found.steps] == [4, 5, 6, 7, 8]
    assert [step.notes[0].after for step in found.steps] == ["4", "5", "6", "7", "8"]
    assert {step.labels for step in found.steps} == {(LabelChange(CAT, CAT),)}


# Labels and notes


def test_labels_are_added_renamed_merged_and_retired(project: Project) -> None:
    new = ProjectLabel(P, "owl")
    project.do(Step(1, "labels", "Add owl", labels=(LabelChange(None, new),)))
    wide = project.contents().statements
    assert (wide[:, P] == UNSAID).all()
    project.do(edit(2, wide, (0, P, 1)))
    cat = ProjectLabel(0, "cat")
    merged = ProjectLabel(0, "cat", retired=True, merged_into=P)
    project.do(Step(3, "labels", "Merge", labels=(LabelChange(cat, merged), LabelChange(new, ProjectLabel(P, "Eule")))))
    with reopened(project) as again:
        found = again.contents()
        assert found.labels[0] == merged
        assert found.labels[P].name == "Eule"
        assert found.statements[0, P] == 1
        assert found.steps[2].labels[0] == LabelChange(cat, merged)
        for id_ in (3, 2, 1):
            again.undo(id_)
        assert again.contents().labels == tuple(ProjectLabel(id_, name) for id_, name in enumerate(LABELS))
        assert same(again.contents(), beginning())
        again.redo(1)
        assert again.contents().labels[P] == new


def test_a_label_and_its_statements_in_one_step(project: Project) -> None:
    wide = np.pad(beginning(), ((0, 0), (0, 1)), constant_values=UNSAID)
    step = Step(
        1, "import", "Import", statements=rows(wide, [(3, P, 1)]), labels=(LabelChange(None, ProjectLabel(P, "owl")),)
    )
    project.do(step)
    assert project.contents().statements[3, P] == 1
    project.undo(1)
    assert same(project.contents(), beginning())
    project.redo(1)
    assert project.contents().statements[3, P] == 1


def test_a_label_in_use_is_not_taken_away(project: Project) -> None:
    project.do(Step(1, "labels", "Add", labels=(LabelChange(None, ProjectLabel(P, "owl")),)))
    project.do(edit(2, project.contents().statements, (0, P, 0)))
    with pytest.raises(ProjectError, match="owl"):
        project.undo(1)
    assert project.contents().statements[0, P] == 0
    with pytest.raises(ProjectError, match="gap"):
        project.do(Step(3, "labels", "Add", labels=(LabelChange(None, ProjectLabel(P + 2, "far")),)))


def test_notes(project: Project) -> None:
    project.do(Step(1, "note", "Note", notes=(NoteChange(2, "", "blurred\n\udcff"), NoteChange(0, "", "x"))))
    project.do(Step(2, "note", "Note", notes=(NoteChange(0, "x", ""),)))
    with reopened(project) as again:
        found = again.contents()
        assert found.notes == {2: "blurred\n\udcff"}
        assert found.edited.tolist() == [False, False, True, False, False, False]
        assert [entry.note for entry in again.history(0)] == [None, ("", "x"), ("x", "")]
        again.undo(2)
        again.undo(1)
        assert again.contents().notes == {}
        assert again.history(2)[-1].note == ("blurred\n\udcff", "")


# History


def test_an_images_history_says_who_did_what_when(tmp_path: Path) -> None:
    clock = Clock(100.0)
    project = make(tmp_path / "a.cutline", clock=clock)
    before = beginning()
    project.do(edit(1, before, (0, 0, 1 - abs(int(before[0, 0])))))
    project.undo(1)
    project.close()
    with Project.open(project.path, who="bob", clock=clock) as again:
        again.redo(1)
        again.do(edit(2, before, (1, 1, 1)))
        entries = again.history(0)
    value = 1 - abs(int(before[0, 0]))
    assert [(entry.action, entry.who) for entry in entries] == [
        ("imported", "ann"),
        ("did", "ann"),
        ("undid", "ann"),
        ("redid", "bob"),
    ]
    assert entries[0].source == "/data/labels.csv"
    assert entries[0].cells == tuple((label, UNSAID, int(said)) for label, said in enumerate(before[0]) if said != -2)
    assert [entry.cells for entry in entries[1:]] == [
        ((0, before[0, 0], value),),
        ((0, value, before[0, 0]),),
        ((0, before[0, 0], value),),
    ]
    assert [entry.when for entry in entries] == sorted({entry.when for entry in entries})
    assert (entries[1].text, entries[1].source, entries[1].step, entries[1].n_images) == ("edit 1", "keyboard", 1, 1)


def test_edited_is_what_differs_from_what_came_with_the_image(project: Project) -> None:
    before = beginning()
    project.do(edit(1, before, (0, 0, 0), (4, 0, 0)))
    project.do(edit(2, project.contents().statements, (0, 0, before[0, 0]), (4, 0, UNSAID), (1, 1, 1 - before[1, 1])))
    expected = (project.contents().statements != before).any(axis=1)
    np.testing.assert_array_equal(project.contents().edited, expected)
    assert expected.tolist() == [False, True, False, False, False, False]
    project.undo(2)
    project.undo(1)
    assert not project.contents().edited.any()
