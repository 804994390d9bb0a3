"""Commands about what is said of images, and about the labels it is said under."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.history import Command, Noted
from app.session import Session
from inference.data.store import LabelChange, NoteChange, StatementChange
from inference.types import Cells, ProjectLabel

NOTHING = Cells(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int8))


class Annotate(Command):
    """Other statements about some images."""

    def __init__(self, session: Session, cells: Cells, text: str, source: str, *, kind: str = "annotate") -> None:
        """``source``: from what the statements are, such as "keyboard"."""
        super().__init__(text)
        self._session, self._cells, self._source, self._kind = session, cells, source, kind
        self._before: Cells | None = None

    def forth(self) -> None:
        """Say it, and show the image that it is about."""
        _show(self._session, self._cells)
        self._before = self._session.annotate(self._cells)

    def back(self) -> None:
        """Say again what was said before."""
        assert self._before is not None
        _show(self._session, self._before)
        self._session.annotate(self._before)

    def noted(self) -> Noted:
        """Whole images, before and after."""
        assert self._before is not None
        return Noted(self._kind, source=self._source, statements=_change(self._session, self._before, self._cells))

    @classmethod
    def again(cls, session: Session, change: StatementChange, text: str, kind: str, source: str) -> Annotate:
        """The command that a project kept."""
        rows, labels = np.nonzero(change.before != change.after)
        images = change.images[rows]
        command = cls(session, Cells(images, labels, change.after[rows, labels]), text, source, kind=kind)
        command._before = Cells(images, labels, change.before[rows, labels])
        return command


class ChangeLabels(Command):
    """Labels added, renamed, merged or retired, and what is said under them because of it."""

    def __init__(
        self, session: Session, changes: Sequence[LabelChange], text: str, *, cells: Cells = NOTHING, source: str = ""
    ) -> None:
        """A label that is added is, before, one that is not offered: ids stay taken."""
        super().__init__(text)
        self._session, self._changes, self._cells, self._source = session, tuple(changes), cells, source
        self._before = cells

    def forth(self) -> None:
        """The later labels."""
        self._before = self._session.set_labels([_there(one.after) for one in self._changes], self._cells)

    def back(self) -> None:
        """The earlier ones, and what was said under them."""
        self._session.set_labels([_there(one.before) for one in self._changes], self._before)

    def noted(self) -> Noted:
        """The labels, and whole images before and after."""
        statements = _change(self._session, self._before, self._cells) if len(self._cells) else None
        return Noted("labels", source=self._source, labels=self._changes, statements=statements)

    @classmethod
    def again(
        cls, session: Session, changes: Sequence[LabelChange], change: StatementChange | None, text: str, source: str
    ) -> ChangeLabels:
        """The command that a project kept."""
        if change is None:
            return cls(session, changes, text, source=source)
        rows, labels = np.nonzero(change.before != change.after)
        images = change.images[rows]
        command = cls(session, changes, text, cells=Cells(images, labels, change.after[rows, labels]), source=source)
        command._before = Cells(images, labels, change.before[rows, labels])
        return command


class ChangeNote(Command):
    """Another note about an image."""

    def __init__(self, session: Session, image: int, before: str, after: str, text: str) -> None:
        super().__init__(text)
        self._session, self._image, self._before, self._after = session, image, before, after

    def forth(self) -> None:
        """The later note."""
        self._session.set_image(self._image)
        self._session.set_note(self._image, self._after)

    def back(self) -> None:
        """The earlier one."""
        self._session.set_image(self._image)
        self._session.set_note(self._image, self._before)

    def noted(self) -> Noted:
        """Both."""
        return Noted("note", source="typed", notes=(NoteChange(self._image, self._before, self._after),))


def added(label: ProjectLabel) -> LabelChange:
    """A label that comes in."""
    return LabelChange(ProjectLabel(label.id, label.name, retired=True), label)


def _there(label: ProjectLabel | None) -> ProjectLabel:
    assert label is not None
    return label


def _show(session: Session, cells: Cells) -> None:
    """Bring the user to where the change is, unless it is in sight."""
    if len(cells.images) and session.image not in cells.images:
        session.set_image(int(cells.images[0]))


def _change(session: Session, before: Cells, after: Cells) -> StatementChange:
    """Whole rows of the images that the cells are about."""
    truth = session.truth
    assert truth is not None
    images, rows = np.unique(after.images, return_inverse=True)
    now = truth.statements[images]
    then = now.copy()
    now[rows, after.labels] = after.values
    then[rows, before.labels] = before.values
    return StatementChange(images, then, now)
