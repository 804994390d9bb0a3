"""The undo stack, and what is to be written down of it: each command is a step in the project, so that undo survives.

A command knows how to go forth and back; the stack tells the project what was done, undone, redone or went on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from inference.data.store import LabelChange, NoteChange, StatementChange, Step

_SOON_MS: Final = 300  # an edit that goes on, such as a drag, is written once


@dataclass(frozen=True, eq=False)
class Noted:
    """What a project keeps of a command, beside its text."""

    kind: str
    payload: bytes = b""
    source: str = ""  # from what: "keyboard", say
    of_model: bool = False  # means something under this model alone
    statements: StatementChange | None = None
    labels: tuple[LabelChange, ...] = ()
    notes: tuple[NoteChange, ...] = ()


class Command(QUndoCommand):
    """A step that can be taken back. Asleep it does nothing: so it is put on the stack when a project is opened."""

    asleep = False

    def forth(self) -> None:
        """Into the later state."""
        raise NotImplementedError

    def back(self) -> None:
        """Into the earlier state."""
        raise NotImplementedError

    def noted(self) -> Noted:
        """What is to be kept of it; asked for after it went forth."""
        raise NotImplementedError

    def redo(self) -> None:
        """As Qt calls it."""
        if not self.asleep:
            self.forth()

    def undo(self) -> None:
        """As Qt calls it."""
        if not self.asleep:
            self.back()


class Together(Command):
    """Several commands as one step."""

    def __init__(self, parts: Sequence[Command], text: str) -> None:
        super().__init__(text)
        self.parts = tuple(parts)

    def forth(self) -> None:
        """All of them, in order."""
        for part in self.parts:
            part.forth()

    def back(self) -> None:
        """All of them, the last first."""
        for part in reversed(self.parts):
            part.back()

    def noted(self) -> Noted:
        """The kinds and payloads of the parts, one after the other."""
        from app.kept_json import encode

        found = [part.noted() for part in self.parts]
        payload = encode([(one.kind, one.payload) for one in found])
        return Noted("together", payload, of_model=any(one.of_model for one in found))


class History(QUndoStack):
    """An undo stack that tells what becomes of every step. Its owner says which number the next step has."""

    did = Signal(object)  # Step
    amended = Signal(object)  # Step: what it was before, gone on
    undid = Signal(int)  # id of the step
    redid = Signal(int)
    dropped = Signal(int)  # as if it had never been

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        for told in (self.did, self.amended, self.undid, self.redid, self.dropped):
            told.connect(self._count)
        self.model = ""  # fingerprint of the model that is open
        self.version = 0  # counts what was done, undone and redone
        self._next = 1
        self._ids: list[int] = []
        self._going_on = -1  # id of the step that may go on and was not written yet as it is now
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self.settle)

    def push(self, command: QUndoCommand) -> None:
        """Do it; it may become part of the step before."""
        at = self.index()
        gone, self._ids = self._ids[at:], self._ids[:at]
        super().push(command)
        now = self.index()
        for step in gone:
            self.dropped.emit(step)
        if now > at:
            self.settle()
            self._ids.append(self._next)
            self._next += 1
            self.did.emit(self._step(at))
        elif now < at:  # dragged away and back
            self._going_on = -1
            self.dropped.emit(self._ids.pop())
        else:
            self._going_on = self._ids[-1]
            self._soon.start()

    def undo(self) -> None:
        """Take the last step back."""
        if self.canUndo():
            self.settle()
            step = self._ids[self.index() - 1]
            super().undo()
            self.undid.emit(step)

    def redo(self) -> None:
        """Take the step again that was taken back last."""
        if self.canRedo():
            self.settle()
            step = self._ids[self.index()]
            super().redo()
            self.redid.emit(step)

    def settle(self) -> None:
        """Tell now what a step has gone on to be."""
        self._soon.stop()
        if self._going_on >= 0:
            place, self._going_on = self._ids.index(self._going_on), -1
            self.amended.emit(self._step(place))

    @property
    def settled(self) -> bool:
        """Whether all that was done has been told."""
        return self._going_on < 0

    def begin(self, commands: Sequence[tuple[int, Command, bool]], next_step: int, model: str) -> None:
        """Start over with these steps (id, command, done; the done ones first), without doing any of them."""
        self.settle()
        super().clear()
        self.model, self._next = model, max(self._next, next_step)
        self._ids = [step for step, _, _ in commands]
        for _, command, _ in commands:
            command.asleep = True
            super().push(command)
        for _, _, done in commands:
            if not done:
                super().undo()
        for _, command, _ in commands:
            command.asleep = False

    def _count(self, _: object) -> None:
        self.version += 1

    def next_id(self) -> int:
        """A number for a step that is not on this stack."""
        self._next += 1
        return self._next - 1

    def _step(self, place: int) -> Step:
        command = self.command(place)
        assert isinstance(command, Command)
        noted = command.noted()
        return Step(
            id=self._ids[place],
            kind=noted.kind,
            text=command.text(),
            source=noted.source,
            model=self.model if noted.of_model else "",
            payload=noted.payload,
            statements=noted.statements,
            labels=noted.labels,
            notes=noted.notes,
        )
