"""Any sequence of edits, undo, redo, amending, growing and reopening equals a plain model that did the same."""

from __future__ import annotations

import shutil
import tempfile
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from inference.data.store import ImageTable, LabelChange, NoteChange, Project, StatementChange, Step
from inference.types.annotating import UNSAID, ProjectLabel
from inference.types.base import POSITIVE, Task

from .helpers import MEMORY, Clock

FIRST = {(0, 0): 1, (0, 1): 0, (1, 0): -1}


@dataclass
class World:
    """What a project says, as plain dictionaries."""

    names: list[str] = field(default_factory=lambda: ["a", "b"])
    labels: list[ProjectLabel] = field(default_factory=lambda: [ProjectLabel(0, "x"), ProjectLabel(1, "y")])
    cells: dict[tuple[int, int], int] = field(default_factory=lambda: dict(FIRST))
    notes: dict[int, str] = field(default_factory=dict)

    def table(self) -> np.ndarray:
        found = np.full((len(self.names), len(self.labels)), UNSAID, dtype=np.int8)
        for cell, value in self.cells.items():
            found[cell] = value
        return found


class Store(RuleBasedStateMachine):
    """Whole worlds are kept for undo: the model knows nothing of changes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="store-", dir=MEMORY))
        self.world = World()
        self.past: list[tuple[int, World, World]] = []
        self.future: list[tuple[int, World, World]] = []
        self.ids = 0
        self.project = Project.create(
            self.folder / "p.cutline",
            source="",
            root="",
            task=Task.MULTILABEL,
            labels=[label.name for label in self.world.labels],
            images=ImageTable.of_names(tuple(self.world.names)),
            statements=self.world.table(),
            who="",
            clock=Clock(),
        )

    def step(self, id_: int, before: World, after: World, kind: str) -> Step:
        """All that differs between two worlds."""
        tables = before.table(), after.table()
        n, p = tables[1].shape
        wide = np.full((n, p), UNSAID, dtype=np.int8)
        wide[:, : tables[0].shape[1]] = tables[0]
        images = np.flatnonzero((wide != tables[1]).any(axis=1))
        statements = StatementChange(images, wide[images], tables[1][images]) if len(images) else None
        known = dict(enumerate(before.labels))
        labels = [LabelChange(known.get(id_), label) for id_, label in enumerate(after.labels)]
        noted = sorted(before.notes.keys() | after.notes.keys())
        notes = [NoteChange(image, before.notes.get(image, ""), after.notes.get(image, "")) for image in noted]
        return Step(
            id_,
            kind,
            f"step {id_}",
            statements=statements,
            labels=tuple(change for change in labels if change.before != change.after),
            notes=tuple(change for change in notes if change.before != change.after),
        )

    def go_to(self, after: World, kind: str) -> None:
        self.ids += 1
        self.project.do(self.step(self.ids, self.world, after, kind))
        self.past.append((self.ids, self.world, after))
        self.future.clear()
        self.world = after

    @rule(data=st.data())
    def annotate(self, data: st.DataObject) -> None:
        self.go_to(self.annotated(data, self.world), "annotate")

    def annotated(self, data: st.DataObject, world: World) -> World:
        image, label = st.integers(0, len(world.names) - 1), st.integers(0, len(world.labels) - 1)
        cells = data.draw(st.lists(st.tuples(image, label, st.integers(UNSAID, POSITIVE)), max_size=5))
        after = deepcopy(world)
        after.cells.update({(image, label): value for image, label, value in cells})
        return after

    @precondition(lambda self: self.past and len(self.past[-1][1].labels) == len(self.world.labels))
    @rule(data=st.data())
    def amend(self, data: st.DataObject) -> None:
        id_, before, _ = self.past[-1]
        if self.future or before.notes != self.world.notes or before.labels != self.world.labels:
            return
        after = self.annotated(data, before)
        self.project.amend(self.step(id_, before, after, "annotate"))
        self.past[-1] = (id_, before, after)
        self.world = after

    @rule(data=st.data(), text=st.sampled_from(["", "n", "é\udcff"]))
    def note(self, data: st.DataObject, text: str) -> None:
        after = deepcopy(self.world)
        image = data.draw(st.integers(0, len(after.names) - 1))
        after.notes.pop(image, None)
        if text:
            after.notes[image] = text
        self.go_to(after, "annotate")

    @precondition(lambda self: len(self.world.labels) < 10)
    @rule()
    def add_label(self) -> None:
        after = deepcopy(self.world)
        after.labels.append(ProjectLabel(len(after.labels), f"new {self.ids}"))
        self.go_to(after, "annotate")

    @rule(data=st.data(), retired=st.booleans())
    def change_label(self, data: st.DataObject, retired: bool) -> None:
        after = deepcopy(self.world)
        id_ = data.draw(st.integers(0, len(after.labels) - 1))
        after.labels[id_] = ProjectLabel(id_, f"renamed {self.ids}", retired, merged_into=0 if retired else -1)
        self.go_to(after, "annotate")

    @precondition(lambda self: self.past)
    @rule(times=st.integers(1, 3))
    def undo(self, times: int) -> None:
        for _ in range(min(times, len(self.past))):
            id_, before, after = self.past.pop()
            self.project.undo(id_)
            self.future.append((id_, before, after))
            self.world = self.with_images_of_now(before)

    @precondition(lambda self: self.future)
    @rule(times=st.integers(1, 3))
    def redo(self, times: int) -> None:
        for _ in range(min(times, len(self.future))):
            id_, before, after = self.future.pop()
            self.project.redo(id_)
            self.past.append((id_, before, after))
            self.world = self.with_images_of_now(after)

    @precondition(lambda self: self.future)
    @rule()
    def drop(self) -> None:
        self.project.drop(self.future.pop(0)[0])
        self.future.clear()
        for record in self.project.contents().steps:
            if record.state == "undone":
                self.project.drop(record.id)

    @precondition(lambda self: len(self.world.names) < 6)
    @rule(value=st.integers(UNSAID, POSITIVE))
    def grow(self, value: int) -> None:
        id_ = len(self.world.names)
        said = np.full((1, len(self.world.labels)), UNSAID, dtype=np.int8)
        said[0, 0] = value
        assert self.project.add_images(ImageTable.of_names((f"image {id_}",)), said).tolist() == [id_]
        for world in (self.world, *(each for entry in self.past + self.future for each in entry[1:])):
            if len(world.names) == id_:
                world.names.append(f"image {id_}")
                world.cells[id_, 0] = value

    def with_images_of_now(self, world: World) -> World:
        assert world.names == self.world.names
        return world

    @rule()
    def reopen(self) -> None:
        self.project.close()
        self.project = Project.open(self.project.path, who="", clock=Clock())

    @rule()
    def connect_again(self) -> None:
        self.project.reopen()

    @rule()
    def open_a_copy(self) -> None:
        copy = self.project.save_as(self.folder / "copy.cutline", overwrite=True)
        with Project.open(copy, who="", clock=Clock()) as project:
            np.testing.assert_array_equal(project.contents().statements, self.world.table())

    @invariant()
    def equals_the_model(self) -> None:
        found = self.project.contents()
        np.testing.assert_array_equal(found.statements, self.world.table())
        assert found.labels == tuple(self.world.labels)
        assert found.notes == self.world.notes
        assert found.images.names == tuple(self.world.names)
        stacks = [(id_, "done") for id_, _, _ in self.past] + [(id_, "undone") for id_, _, _ in self.future[::-1]]
        assert [(step.id, step.state) for step in found.steps] == stacks
        for image in range(len(self.world.names)):
            self.history_leads_here(image, found.statements[image])

    def history_leads_here(self, image: int, now: np.ndarray) -> None:
        """Played forwards, an image's history ends at what the project says."""
        said: dict[int, int] = {}
        for entry in self.project.history(image):
            for label, before, after in entry.cells:
                assert said.get(label, UNSAID) == before
                said[label] = after
        assert {label: value for label, value in said.items() if value != UNSAID} == {
            label: int(value) for label, value in enumerate(now) if value != UNSAID
        }

    def teardown(self) -> None:
        self.project.close()
        shutil.rmtree(self.folder)


TestStore = Store.TestCase
TestStore.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
