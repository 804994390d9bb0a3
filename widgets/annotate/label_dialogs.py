"""Questions about labels: a new name, the label to merge into, whether to retire one, its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from widgets.numbers import format_count

MERGE_RULE: Final = "Where both say something, what stands under the label that stays is kept."


class _Question(QDialog):
    """A sentence, a field, and two buttons; the reason why it cannot be answered yet stands between them."""

    def __init__(self, title: str, sentence: str, answer: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.sentence = _words(sentence, self)
        self.reason = _words("", self)
        self.reason.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.reason.setMinimumHeight(2 * self.fontMetrics().lineSpacing())  # it comes and goes; nothing may jump
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.answer = QPushButton(answer, self)
        self.answer.setDefault(True)
        self.buttons.addButton(self.answer, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.column = QVBoxLayout(self)
        self.column.setSpacing(8)
        self.column.addWidget(self.sentence)

    def finish(self, *fields: QWidget) -> None:
        """Put the fields between the sentence and the buttons. Whoever is asked can type at once, and Enter answers."""
        for field in fields:
            self.column.addWidget(field)
        for before, after in pairwise([*fields, self.answer]):  # the buttons were made first, but come last
            self.setTabOrder(before, after)
        self.column.addWidget(self.reason, 0 if any(isinstance(field, QListWidget) for field in fields) else 1)
        self.column.addWidget(self.buttons)
        (*fields, self.answer)[0].setFocus(Qt.FocusReason.OtherFocusReason)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 52)

    def refuse(self, reason: str, *, silently: bool = False) -> None:
        """Say why there can be no answer; "" where there can."""
        self.reason.setText("" if silently else reason)
        self.answer.setEnabled(not reason)


class NameQuestion(_Question):
    """A name for a new label, or another for one that is there."""

    named = Signal(str)

    def __init__(self, old: str, taken: Mapping[str, str], parent: QWidget, *, suggestion: str = "") -> None:
        renames = bool(old)
        sentence = f"Another name for “{old}”. What was said under it stays." if renames else "A new label."
        super().__init__(
            "Rename a label" if renames else "Add a label", sentence, "&Rename" if renames else "&Add", parent
        )
        self._old = old
        self._taken = taken
        self._field = QLineEdit(old or suggestion, self)
        self._field.setAccessibleName("Name of the label")
        self._field.selectAll()
        self._field.textChanged.connect(self._check)
        self.accepted.connect(lambda: self.named.emit(self.name()))
        self.finish(self._field)
        self._check()

    def name(self) -> str:
        """As typed, without blanks around it."""
        return " ".join(self._field.text().split())

    def _check(self) -> None:
        self.refuse(refused_name(self.name(), self._old, self._taken), silently=not self.name())


def refused_name(name: str, old: str, taken: Mapping[str, str]) -> str:
    """Why a label cannot have this name; ``taken`` has every name in use by its case-folded form."""
    if not name:
        return "Type a name."
    if name == old:
        return "It has this name already."
    other = taken.get(name.casefold())
    if other is not None and other.casefold() != old.casefold():
        return f"There is a label “{other}”. Merge the two instead, or choose another name."
    return ""


class MergeQuestion(_Question):
    """Which label takes the statements of another over."""

    chosen = Signal(int)  # place in the list of labels

    def __init__(self, gone: int, names: Sequence[str], use: Sequence[int], rule: str, parent: QWidget) -> None:
        super().__init__("Merge labels", f"Merge “{names[gone]}” into:", "&Merge", parent)
        self._gone, self._names, self._use, self._rule = gone, names, use, rule
        self._field = QLineEdit(self)
        self._field.setPlaceholderText("Find a label")
        self._field.setAccessibleName("Find the label to merge into")
        self._field.setClearButtonEnabled(True)
        self._list = QListWidget(self)
        self._list.setAccessibleName("Label to merge into")
        self._list.setUniformItemSizes(True)
        for place, name in enumerate(names):
            if place != gone:
                item = QListWidgetItem(f"{name}  ({statements(use[place])})", self._list)
                item.setData(Qt.ItemDataRole.UserRole, place)
        self._effect = _words("", self)
        self._field.textChanged.connect(self._find)
        self._list.currentRowChanged.connect(lambda _row: self._check())
        self._list.itemActivated.connect(lambda _item: self.accept())
        self.accepted.connect(self._tell)
        self.finish(self._field, self._list, self._effect)
        self._check()

    def target(self) -> int:
        """The place of the label chosen, -1 while none is."""
        item = self._list.currentItem()
        return -1 if item is None or item.isHidden() else int(item.data(Qt.ItemDataRole.UserRole))

    def _find(self, text: str) -> None:
        words = text.casefold().split()
        first = None
        for row in range(self._list.count()):
            item = self._list.item(row)
            name = self._names[int(item.data(Qt.ItemDataRole.UserRole))].casefold()
            item.setHidden(not all(word in name for word in words))
            first = item if first is None and not item.isHidden() else first
        if words and first is not None:
            self._list.setCurrentItem(first)
        self._check()

    def _check(self) -> None:
        place = self.target()
        self.refuse("Choose a label." if place < 0 else "", silently=True)
        gone, stays = self._names[self._gone], self._names[place]
        moved = f"{statements(self._use[self._gone])} of “{gone}” go over to “{stays}”, which has"
        effect = f"{moved} {format_count(self._use[place])}. {self._rule} It can be undone."
        self._effect.setText("" if place < 0 else effect)

    def _tell(self) -> None:
        if self.target() >= 0:
            self.chosen.emit(self.target())


class RetireQuestion(_Question):
    """Whether a label shall not be offered any more."""

    def __init__(self, name: str, use: int, parent: QWidget) -> None:
        kept = f"Its {statements(use)} {'is' if use == 1 else 'are'} kept in the project."
        kept = kept if use else "Nothing was said under it."
        super().__init__(
            "Retire a label", f"“{name}” is not offered any more. {kept} It can be undone.", "&Retire", parent
        )
        self.finish()


class KeyQuestion(_Question):
    """A letter that says a label."""

    pressed = Signal(str)  # a letter, "" for none

    def __init__(
        self, name: str, old: str, labels: Mapping[str, str], taken: Mapping[str, str], parent: QWidget
    ) -> None:
        super().__init__("Key of a label", f"Press a letter for “{name}”.", "&Use it", parent)
        self._labels, self._taken = labels, taken
        self._field = LetterField(old if old.isalpha() else "", self)
        self._remove = QPushButton("&No letter", self)
        self._remove.setAutoDefault(False)
        self._remove.setEnabled(old.isalpha())
        self._remove.clicked.connect(self._none)
        self.buttons.addButton(self._remove, QDialogButtonBox.ButtonRole.ResetRole)
        self._field.textChanged.connect(self._check)
        self.accepted.connect(lambda: self.pressed.emit(self._field.text()))
        self.finish(self._field)
        self._check(self._field.text())

    def _none(self) -> None:
        self._field.setText("")
        self.accept()

    def _check(self, letter: str) -> None:
        if not letter:
            self.refuse("Press a letter.", silently=True)
        elif letter in self._taken:
            self.refuse(f"{letter} is in use: {self._taken[letter]}. Press another letter.")
        else:
            self.refuse("")
            if letter in self._labels:
                self.reason.setText(f"{letter} is taken from “{self._labels[letter]}”.")


class LetterField(QLineEdit):
    """Holds the last letter that was pressed, as a capital."""

    def __init__(self, letter: str, parent: QWidget) -> None:
        super().__init__(letter, parent)
        self.setAccessibleName("Letter")
        self.setPlaceholderText("A letter")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)

    def event(self, event: QEvent) -> bool:
        """Letters come here and not to a shortcut."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.text().isalpha():
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A letter replaces the one before; other keys are the dialog's."""
        text = event.text()
        if len(text) == 1 and text.isalpha():
            self.setText(text.upper()[:1])
        else:
            event.ignore()


def statements(count: int) -> str:
    """``1 statement``, ``1,204 statements``."""
    return f"{format_count(count)} statement{'' if count == 1 else 's'}"


def _words(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
