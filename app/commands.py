"""What undo goes back over. A command knows both states, and which label to take the user to."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtGui import QUndoCommand

from app.session import Decision, Session
from app.state_values import Profile
from inference.types import ReviewBand, Split


class ChangeDecision(QUndoCommand):
    """Another activation, rule or threshold. Commands of one edit (one drag, say) merge into one step."""

    def __init__(self, session: Session, after: Decision, text: str, *, label: int = -1, edit: int = -1) -> None:
        """``edit`` numbers the edit that the change belongs to; -1 for a change that stands alone."""
        super().__init__(text)
        self._session = session
        self._before = session.decision
        self._after = after
        self._label = label
        self._edit = edit

    def id(self) -> int:
        """Qt asks whether to merge only where two commands share an id that is not -1."""
        return self._edit

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take the other's outcome as our own."""
        if not isinstance(other, ChangeDecision) or other._label != self._label:
            return False
        self._after = other._after
        self.setText(other.text())
        self.setObsolete(self._after == self._before)  # dragged away and back: nothing to take back
        return True

    def redo(self) -> None:
        """Into the later state."""
        self._go(self._after)

    def undo(self) -> None:
        """Back to the earlier state, and to the label it was about."""
        self._go(self._before)

    def _go(self, decision: Decision) -> None:
        if self._label >= 0:
            self._session.set_label(self._label)
        self._session.set_decision(decision)


class ChangeBand(QUndoCommand):
    """Another review band. Commands of one edit merge into one step."""

    def __init__(self, session: Session, after: ReviewBand | None, text: str, *, edit: int) -> None:
        """``edit`` numbers the edit that the change belongs to."""
        super().__init__(text)
        self._session = session
        self._before, self._after = session.band, after
        self._edit = edit

    def id(self) -> int:
        """Not a number that a `ChangeDecision` of the same edit has."""
        return -2 - self._edit

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take the other's outcome as our own."""
        if not isinstance(other, ChangeBand):
            return False
        self._after = other._after
        self.setText(other.text())
        self.setObsolete(self._after == self._before)
        return True

    def redo(self) -> None:
        """Into the later state."""
        self._session.set_band(self._after)

    def undo(self) -> None:
        """Back to the earlier state."""
        self._session.set_band(self._before)


class Shelf(Protocol):
    """Where profiles stand, as the commands about them need it."""

    def put(self, place: int, profile: Profile) -> None:
        """Let a profile stand at this place."""

    def take(self, key: str) -> tuple[int, Profile]:
        """Take a profile away; where it stood, and all that is known of it by now."""

    def call(self, key: str, name: str) -> None:
        """Give a profile another name."""


class SaveProfile(QUndoCommand):
    """A profile more. What was found out about it meanwhile comes back with redo."""

    def __init__(self, shelf: Shelf, place: int, profile: Profile) -> None:
        super().__init__(f"save profile {profile.name}")
        self._shelf, self._place, self._profile = shelf, place, profile

    def redo(self) -> None:
        """Put it there."""
        self._shelf.put(self._place, self._profile)

    def undo(self) -> None:
        """Take it away."""
        self._place, self._profile = self._shelf.take(self._profile.key)


class DeleteProfile(QUndoCommand):
    """A profile less, until the user thinks better of it."""

    def __init__(self, shelf: Shelf, profile: Profile) -> None:
        super().__init__(f"delete profile {profile.name}")
        self._shelf, self._place, self._profile = shelf, 0, profile

    def redo(self) -> None:
        """Take it away."""
        self._place, self._profile = self._shelf.take(self._profile.key)

    def undo(self) -> None:
        """Put it back where it was."""
        self._shelf.put(self._place, self._profile)


class RenameProfile(QUndoCommand):
    """Another name of a profile."""

    def __init__(self, shelf: Shelf, profile: Profile, name: str) -> None:
        super().__init__(f"rename profile {profile.name} to {name}")
        self._shelf, self._key, self._before, self._after = shelf, profile.key, profile.name, name

    def redo(self) -> None:
        """The new name."""
        self._shelf.call(self._key, self._after)

    def undo(self) -> None:
        """The old name."""
        self._shelf.call(self._key, self._before)


class ChangeSplit(QUndoCommand):
    """Measured on another part of the images."""

    def __init__(self, session: Session, after: Split | None) -> None:
        super().__init__("measure on all images" if after is None else f"measure on {after.words}")
        self._session = session
        self._before, self._after = session.split, after

    def redo(self) -> None:
        """Into the later state."""
        self._session.set_split(self._after)

    def undo(self) -> None:
        """Back to the earlier state."""
        self._session.set_split(self._before)
