"""Images that appear, change, vanish and move; settings, models and runs."""

from __future__ import annotations

import numpy as np
import pytest

from inference.data.store import ImageTable, Project, Step
from inference.errors import ProjectError
from inference.types.annotating import UNSAID
from inference.types.base import Task

from .helpers import NAMES, N, P, beginning, edit, reopened, same


def test_images_that_appeared(project: Project) -> None:
    fresh = ImageTable.of_names(("new/1.jpg", "new/\udc81.jpg"), ("train", ""))
    said = np.array([[1] * P, [UNSAID] * P], dtype=np.int8)
    for _ in range(2):
        assert project.add_images(fresh, said, source="folder").tolist() == [N, N + 1]
    with pytest.raises(ProjectError, match=r"a\.jpg"):
        project.add_images(ImageTable.of_names(("zzz.jpg", "a.jpg")), said)
    with reopened(project) as again:
        found = again.contents()
        assert found.images.names == NAMES + fresh.names
        assert found.images.parts == ("",) * N + fresh.parts
        np.testing.assert_array_equal(found.statements, np.concatenate([beginning(), said]))
        assert not found.edited.any()
        (entry,) = again.history(N)
        assert (entry.action, entry.source, entry.n_images) == ("imported", "folder", 2)


def test_files_that_changed_vanished_or_moved(project: Project) -> None:
    ids = np.array([3, 1])
    fingerprints = np.arange(32, dtype=np.uint8).reshape(2, 16)
    project.set_files(ids, np.array([7, 8]), np.array([1, 2]), fingerprints, np.array([True, False]))
    project.rename_images({0: NAMES[1], 1: NAMES[0], 5: "\udcaa"})
    project.set_root("/moved\udcff")
    project.set_task(Task.MULTICLASS)
    with pytest.raises(ProjectError):
        project.rename_images({0: "\udcaa"})
    with reopened(project) as again:
        found = again.contents()
    assert found.images.names == (NAMES[1], NAMES[0], *NAMES[2:5], "\udcaa")
    assert found.images.sizes.tolist() == [-1, 8, -1, 7, -1, -1]
    assert found.images.times.tolist() == [-1, 2, -1, 1, -1, -1]
    np.testing.assert_array_equal(found.images.fingerprints[ids], fingerprints)
    assert found.images.present.tolist() == [True, False, True, True, True, True]
    assert (found.root, found.task) == ("/moved\udcff", Task.MULTICLASS)
    assert same(found, beginning())


def test_a_dataset_is_read_anew_only_while_nobody_did_anything(project: Project) -> None:
    def read_anew() -> None:
        project.replace_baseline(
            source="/other.csv",
            root="/other",
            task=Task.MULTICLASS,
            labels=("one", "two"),
            images=ImageTable.of_names(("z.jpg",)),
            statements=np.array([[1, 0]], dtype=np.int8),
        )

    project.set_setting("view", b"kept")
    project.do(Step(1, "decision", "threshold"))
    assert project.is_pristine
    read_anew()
    found = project.contents()
    assert (found.images.names, found.source, found.root) == (("z.jpg",), "/other.csv", "/other")
    assert found.statements.tolist() == [[1, 0]]
    assert [label.name for label in found.labels] == ["one", "two"]
    assert found.settings == {"view": b"kept"}
    project.do(edit(2, found.statements, (0, 0, 0)))
    assert not project.is_pristine
    with pytest.raises(ProjectError, match="import"):
        read_anew()
    project.undo(2)
    assert not project.is_pristine, "it could be done again"
    project.drop(2)
    assert project.is_pristine
    read_anew()
    assert same(project.contents(), np.array([[1, 0]], dtype=np.int8))


# Settings, models, runs


def test_settings_models_and_runs(project: Project) -> None:
    project.set_setting("layout", b"\0\1")
    project.set_setting("layout", b"\0\2")
    project.set_setting("gone", b"x")
    project.set_setting("gone", None)
    project.note_model("f1", "/m\udcff.pt", "one", ["a", "\udc80"])
    project.note_model("f2", "/n.pt", "two", [])
    project.note_model("f1", "/m2.pt", "one", ["a"])
    project.note_run("f1", "p", 10)
    project.note_run("f1", "q", 5)
    project.note_run("f1", "p", 20)
    with reopened(project) as again:
        assert again.contents().settings == {"layout": b"\0\2"}
        assert [(model.fingerprint, model.path, model.labels) for model in again.models()] == [
            ("f1", "/m2.pt", ("a",)),
            ("f2", "/n.pt", ()),
        ]
        assert [(run.preprocessing, run.n_scored) for run in again.runs()] == [("p", 20), ("q", 5)]
