"""What can be done to the labels themselves: the menu of a row, the menu of the button, and their questions."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu, QWidget

from widgets.annotate.label_dialogs import MERGE_RULE, KeyQuestion, MergeQuestion, NameQuestion, RetireQuestion
from widgets.annotate.rows import AnnotateRows


class LabelMenu(QObject):
    """Asks first, then tells. Labels come in as places in the rows and go out as the project's ids."""

    addRequested = Signal(str)
    renameRequested = Signal(int, str)
    mergeRequested = Signal(int, int)
    retireRequested = Signal(int)
    keyRequested = Signal(int, str)

    def __init__(self, rows: AnnotateRows, owner: QWidget) -> None:
        super().__init__(owner)
        self._rows = rows
        self._owner = owner
        self.taken_keys: dict[str, str] = {}  # what else a letter does
        self.merge_rule = MERGE_RULE

    def fill(self, menu: QMenu, label: int) -> None:
        """The entries for one label, -1 for none, after the one that adds a label."""
        menu.clear()
        editable = not self._rows.read_only
        menu.addAction("&Add a label…", self.add).setEnabled(editable)
        if label < 0:
            return
        name = self._rows.name(label).replace("&", "&&")
        menu.addSection(name if len(name) <= 40 else f"{name[:39]}…")
        entries = (
            ("&Rename…", lambda: self.rename(label)),
            ("&Key…", lambda: self.choose_key(label)),
            ("&Merge into another…", lambda: self.merge(label)),
            ("Re&tire…", lambda: self.retire(label)),
        )
        for text, act in entries:
            menu.addAction(text, act).setEnabled(editable)

    def popup(self, label: int, at: QPoint) -> None:
        """The menu of one row."""
        menu = QMenu(self._owner)
        menu.setAccessibleName("What can be done to the label")
        menu.aboutToHide.connect(menu.deleteLater)
        self.fill(menu, label)
        menu.popup(at)

    # Questions

    def add(self, suggestion: str = "") -> None:
        """Ask for the name of a new label."""
        question = NameQuestion("", self._names(), self._owner, suggestion=suggestion)
        question.named.connect(self.addRequested)
        question.open()

    def rename(self, label: int) -> None:
        """Ask for another name."""
        if self._rows.read_only:
            return
        label_id = self._rows.entries[label].id
        question = NameQuestion(self._rows.labels[label], self._names(), self._owner)
        question.named.connect(lambda name: self.renameRequested.emit(label_id, name))
        question.open()

    def merge(self, label: int) -> None:
        """Ask into which label."""
        ids = [entry.id for entry in self._rows.entries]
        use = [int(count) for count in self._rows.use]
        question = MergeQuestion(label, self._rows.labels, use, self.merge_rule, self._owner)
        question.chosen.connect(lambda target: self.mergeRequested.emit(ids[label], ids[target]))
        question.open()

    def retire(self, label: int) -> None:
        """Ask whether it is meant."""
        label_id = self._rows.entries[label].id
        question = RetireQuestion(self._rows.name(label), int(self._rows.use[label]), self._owner)
        question.accepted.connect(lambda: self.retireRequested.emit(label_id))
        question.open()

    def choose_key(self, label: int) -> None:
        """Ask for a letter."""
        entry = self._rows.entries[label]
        others = {other.key: other.name for other in self._rows.entries if other.key and other.id != entry.id}
        taken = {key: what for key, what in self.taken_keys.items() if key not in others and key != entry.key}
        question = KeyQuestion(self._rows.name(label), entry.key, others, taken, self._owner)
        question.pressed.connect(lambda letter: self.keyRequested.emit(entry.id, letter))
        question.open()

    def _names(self) -> dict[str, str]:
        """Every name in use, by its case-folded form."""
        return {" ".join(name.split()).casefold(): name for name in self._rows.labels}
