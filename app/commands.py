"""What undo goes back over. A command knows both states, and which label to take the user to."""

from __future__ import annotations

from PySide6.QtGui import QUndoCommand

from app.session import Decision, Session
from inference.types import ReviewBand


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
