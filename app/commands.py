"""What undo goes back over: decisions, bands, splits and profiles. A command knows both states, and where to go."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtGui import QUndoCommand

from app.history import Command, Noted
from app.kept_steps import band_noted, decision_noted, profile_noted, rename_noted, split_noted
from app.session import Decision, Session
from app.state_values import Profile
from inference.types import ReviewBand, Split


class ChangeDecision(Command):
    """Another activation, rule or threshold. Commands of one edit (one drag, say) merge into one step."""

    def __init__(
        self,
        session: Session,
        after: Decision,
        text: str,
        *,
        label: int = -1,
        edit: int = -1,
        before: Decision | None = None,
    ) -> None:
        """``edit`` numbers the edit that the change belongs to; -1 for a change that stands alone."""
        super().__init__(text)
        self._session = session
        self._before = session.decision if before is None else before
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

    def forth(self) -> None:
        """Into the later state."""
        self._go(self._after)

    def back(self) -> None:
        """Back to the earlier state, and to the label it was about."""
        self._go(self._before)

    def noted(self) -> Noted:
        """What differs between the two."""
        return decision_noted(self._before, self._after, _labels(self._session), self._label)

    def _go(self, decision: Decision) -> None:
        if self._label >= 0:
            self._session.set_label(self._label)
        self._session.set_decision(decision)


class ChangeBand(Command):
    """Another review band. Commands of one edit merge into one step."""

    def __init__(
        self,
        session: Session,
        after: ReviewBand | None,
        text: str,
        *,
        edit: int,
        before: tuple[ReviewBand | None] | None = None,
    ) -> None:
        """``edit`` numbers the edit that the change belongs to; ``before``, in a tuple, where it is not in force."""
        super().__init__(text)
        self._session = session
        self._before, self._after = session.band if before is None else before[0], after
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

    def forth(self) -> None:
        """Into the later state."""
        self._session.set_band(self._after)

    def back(self) -> None:
        """Back to the earlier state."""
        self._session.set_band(self._before)

    def noted(self) -> Noted:
        """Both bands."""
        return band_noted(self._before, self._after, _labels(self._session))


class Shelf(Protocol):
    """Where profiles stand, as the commands about them need it."""

    def put(self, place: int, profile: Profile) -> None:
        """Let a profile stand at this place."""

    def take(self, key: str) -> tuple[int, Profile]:
        """Take a profile away; where it stood, and all that is known of it by now."""

    def call(self, key: str, name: str) -> None:
        """Give a profile another name."""


class SaveProfile(Command):
    """A profile more. What was found out about it meanwhile comes back with redo."""

    def __init__(self, shelf: Shelf, place: int, profile: Profile) -> None:
        super().__init__(f"save profile {profile.name}")
        self._shelf, self._place, self._profile = shelf, place, profile

    def forth(self) -> None:
        """Put it there."""
        self._shelf.put(self._place, self._profile)

    def back(self) -> None:
        """Take it away."""
        self._place, self._profile = self._shelf.take(self._profile.key)

    def noted(self) -> Noted:
        """The profile and its place."""
        return profile_noted("save_profile", self._place, self._profile)


class DeleteProfile(Command):
    """A profile less, until the user thinks better of it."""

    def __init__(self, shelf: Shelf, profile: Profile, place: int = 0) -> None:
        super().__init__(f"delete profile {profile.name}")
        self._shelf, self._place, self._profile = shelf, place, profile

    def forth(self) -> None:
        """Take it away."""
        self._place, self._profile = self._shelf.take(self._profile.key)

    def back(self) -> None:
        """Put it back where it was."""
        self._shelf.put(self._place, self._profile)

    def noted(self) -> Noted:
        """The profile and its place."""
        return profile_noted("delete_profile", self._place, self._profile)


class RenameProfile(Command):
    """Another name of a profile."""

    def __init__(self, shelf: Shelf, key: str, before: str, after: str) -> None:
        super().__init__(f"rename profile {before} to {after}")
        self._shelf, self._key, self._before, self._after = shelf, key, before, after

    def forth(self) -> None:
        """The new name."""
        self._shelf.call(self._key, self._after)

    def back(self) -> None:
        """The old name."""
        self._shelf.call(self._key, self._before)

    def noted(self) -> Noted:
        """Both names."""
        return rename_noted(self._key, self._before, self._after)


class ChangeSplit(Command):
    """Measured on another part of the images."""

    def __init__(self, session: Session, after: Split | None, before: tuple[Split | None] | None = None) -> None:
        """``before``, in a tuple, where it is not in force."""
        super().__init__("measure on all images" if after is None else f"measure on {after.words}")
        self._session = session
        self._before, self._after = session.split if before is None else before[0], after

    def forth(self) -> None:
        """Into the later state."""
        self._session.set_split(self._after)

    def back(self) -> None:
        """Back to the earlier state."""
        self._session.set_split(self._before)

    def noted(self) -> Noted:
        """Both splits."""
        return split_noted(self._before, self._after, self._session)


def _labels(session: Session) -> tuple[str, ...]:
    return session.dataset.labels if session.dataset else ()
