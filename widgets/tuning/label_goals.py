"""Goals of single labels: the menu over the table, and the window in which such a goal is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from inference.types import Goal
from widgets.numbers import format_count
from widgets.tuning.goal_form import GoalForm
from widgets.tuning.objectives import OF_A_LABEL
from widgets.tuning.rows import TuningRows
from widgets.tuning.view import TuningView

_NAMED: Final = 3  # labels that are called by name
_WIDTH: Final = 460


def whom(names: Sequence[str]) -> str:
    """Whose goal it is: "cat", "cat, dog and owl", "cat, dog and 38 others", each name in quotes."""
    quoted = [f"“{name}”" for name in names]
    if len(names) == 1:
        return quoted[0]
    if len(names) <= _NAMED:
        return f"{', '.join(quoted[:-1])} and {quoted[-1]}"
    return f"{', '.join(quoted[: _NAMED - 1])} and {format_count(len(names) - _NAMED + 1)} others"


class LabelGoalDialog(QDialog):
    """One goal for the labels that were chosen, or the goal of all again."""

    goalChosen = Signal(object)  # Goal, or None for "as all"

    def __init__(self, names: Sequence[str], goal: Goal, *, own: bool, parent: QWidget | None = None) -> None:
        """``own``: some of the labels have a goal of their own now."""
        super().__init__(parent)
        one = len(names) == 1
        self.setWindowTitle("Goal of one label" if one else f"Goal of {format_count(len(names))} labels")
        self._form = GoalForm(self)
        self._form.setOffered(OF_A_LABEL)
        self._form.setGoal(goal if goal.objective in OF_A_LABEL else Goal())
        head = QLabel(f"Tune {whom(names)} for {'its' if one else 'their'} own goal:", self)
        head.setTextFormat(Qt.TextFormat.PlainText)
        head.setWordWrap(True)
        head.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        buttons = QDialogButtonBox(self)
        take = buttons.addButton("&Set goal", QDialogButtonBox.ButtonRole.AcceptRole)
        as_all = QPushButton("&As all", self)
        as_all.setToolTip("Tune again for what all labels are tuned for.")
        as_all.setEnabled(own)
        buttons.addButton(as_all, QDialogButtonBox.ButtonRole.ResetRole)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        take.setDefault(True)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addWidget(head)
        column.addWidget(self._form)
        column.addStretch(1)
        column.addWidget(buttons)
        self.setMinimumWidth(_WIDTH)
        buttons.accepted.connect(lambda: self._tell(self._form.goal()))
        buttons.rejected.connect(self.reject)
        as_all.clicked.connect(lambda: self._tell(None))

    def form(self) -> GoalForm:
        """Where the goal is chosen."""
        return self._form

    def _tell(self, goal: Goal | None) -> None:
        self.goalChosen.emit(goal)
        self.accept()


class LabelGoals(QObject):
    """What can be done with the labels chosen in the table: a goal of their own, as all, lock and unlock."""

    goalSet = Signal(list, object)  # labels, Goal or None
    lockSet = Signal(list, bool)  # labels, locked

    def __init__(self, view: TuningView, rows: TuningRows, form: GoalForm, parent: QWidget) -> None:
        super().__init__(parent)
        self._view, self._rows, self._form, self._parent = view, rows, form, parent
        view.goalWanted.connect(self.ask)
        view.menuWanted.connect(self.popup)

    @property
    def possible(self) -> bool:
        """Whether the goal of all leaves room for goals of single labels."""
        return self._form.goal().objective in OF_A_LABEL

    def ask(self) -> None:
        """Open the window for the chosen labels."""
        labels, rows = self._view.chosen_labels(), self._rows
        if not labels or not self.possible:
            return
        own = next((rows.goals[label] for label in labels if label in rows.goals), None)
        names = [rows.name(label) for label in labels]
        dialog = LabelGoalDialog(names, own or self._form.goal(), own=own is not None, parent=self._parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.goalChosen.connect(lambda goal: self.goalSet.emit(labels, goal))
        dialog.open()

    def popup(self, at: QPoint) -> None:
        """Open the menu for the chosen labels at a point of the screen."""
        if self._view.chosen_labels():
            self.menu().popup(at)

    def menu(self) -> QMenu:
        """What can be done with the chosen labels."""
        labels, rows = self._view.chosen_labels(), self._rows
        locked = bool(rows.locked[labels].all())
        menu = QMenu(self._parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        what = "this label" if len(labels) == 1 else f"these {format_count(len(labels))} labels"
        goal = menu.addAction(f"&Goal for {what}…\tReturn")
        as_all = menu.addAction("&As all")
        menu.addSeparator()
        lock = menu.addAction(f"Un&lock {what}" if locked else f"&Lock {what}")
        goal.setEnabled(self.possible)
        as_all.setEnabled(any(label in rows.goals for label in labels))
        goal.triggered.connect(self.ask)
        as_all.triggered.connect(lambda: self.goalSet.emit(labels, None))
        lock.triggered.connect(lambda: self.lockSet.emit(labels, not locked))
        return menu
