"""All actions and their keys, to be changed by pressing others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from widgets.dialogs.key_capture import KeyCapture
from widgets.dialogs.key_choice import KeyChoice
from widgets.dialogs.key_choice import KeyRow as KeyRow
from widgets.tuning.flow import FlowRow

_ACTION: Final = Qt.ItemDataRole.UserRole
_CHOOSE: Final = "Choose an action, then press its keys."
_NONE: Final = "none"


class KeyEditor(QDialog):
    """Emits once, when it is accepted: what differs from the defaults."""

    keysChanged = Signal(dict)  # dict[str, tuple[str, ...]], the user's own keys by action

    def __init__(self, rows: Sequence[KeyRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choice = KeyChoice(rows)
        self._waiting: tuple[str, tuple[str, ...]] | None = None  # action and the keys it would take over
        self._items: dict[str, QTreeWidgetItem] = {}
        self._filter = QLineEdit(self)
        self._tree = QTreeWidget(self)
        self._nothing = QLabel("No action or key like that. Esc clears the field.", self)
        self._title = QLabel(self)
        self._caps = _Caps(self)
        self._capture = KeyCapture(self)
        self._restore = QPushButton("Restore &default", self)
        self._restore_all = QPushButton("Restore &all defaults", self)
        self._conflict = _Conflict(self)
        self._build()
        self._fill()
        self._connect()
        self._show_action()

    # Setters

    def setFilter(self, text: str) -> None:
        """Show only actions that hold every word in their words, section or keys."""
        self._filter.setText(text)

    def setCurrentAction(self, action: str) -> None:
        """Choose an action."""
        self._tree.setCurrentItem(self._items[action])

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the button that has the focus; elsewhere it must not close the dialog."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            button = self.focusWidget()
            if isinstance(button, QPushButton):
                button.click()
            event.accept()
        else:
            super().keyPressEvent(event)

    # Building

    def _build(self) -> None:
        self.setWindowTitle("Change keys")
        self._filter.setPlaceholderText("Filter: an action or a key")
        self._filter.setAccessibleName("Filter actions")
        self._filter.setClearButtonEnabled(True)
        self._tree.setAccessibleName("Actions and their keys")
        self._tree.setHeaderLabels(["Action", "Keys"])
        self._tree.setUniformRowHeights(True)
        self._tree.setRootIsDecorated(False)
        self._tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._tree.header().setStretchLastSection(False)
        bold = QFont(self.font())
        bold.setBold(True)
        self._title.setFont(bold)
        self._restore.setToolTip("Gives the action chosen the program’s own keys again.")
        self._restore_all.setToolTip("Gives every action the program’s own keys again.")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        buttons.addButton("&Use these keys", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self._restore_all, QDialogButtonBox.ButtonRole.ResetRole)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        adding = QHBoxLayout()
        adding.addWidget(self._capture, 1)
        adding.addWidget(self._restore)
        column = QVBoxLayout(self)
        column.setSpacing(8)
        for part in (self._filter, self._nothing, self._tree, self._title, self._caps):
            column.addWidget(part, 1 if part is self._tree else 0)
        column.addLayout(adding)
        column.addWidget(self._conflict)
        column.addWidget(buttons)
        self._nothing.hide()
        line = self.fontMetrics().height()
        self.resize(line * 36, min(line * 38, round(self.screen().availableSize().height() * 0.9)))

    def _fill(self) -> None:
        sections: dict[str, QTreeWidgetItem] = {}
        bold = QFont(self.font())
        bold.setBold(True)
        for row in self._choice.rows:
            if row.section not in sections:
                heading = QTreeWidgetItem(self._tree, [row.section])
                heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
                heading.setFont(0, bold)
                sections[row.section] = heading
            item = QTreeWidgetItem(sections[row.section], [row.text])
            item.setData(0, _ACTION, row.key)
            self._items[row.key] = item
        self._tree.expandAll()
        self._tree.setItemsExpandable(False)
        self._show_keys()

    def _connect(self) -> None:
        self._filter.textChanged.connect(self._find)
        self._filter.returnPressed.connect(lambda: self._tree.setFocus(Qt.FocusReason.OtherFocusReason))
        self._tree.currentItemChanged.connect(lambda *_items: self._show_action())
        self._tree.itemActivated.connect(lambda *_item: self._capture.setFocus(Qt.FocusReason.OtherFocusReason))
        self._capture.captured.connect(self._captured)
        self._capture.left.connect(lambda: self._tree.setFocus(Qt.FocusReason.OtherFocusReason))
        self._caps.removeRequested.connect(self._remove)
        self._restore.clicked.connect(self._restore_one)
        self._restore_all.clicked.connect(self._restore_every)
        self._conflict.taken.connect(self._take_over)
        self._conflict.cancelled.connect(self._forget)
        self.accepted.connect(lambda: self.keysChanged.emit(self._choice.changes()))

    # Changing

    def _action(self) -> str:
        """The action chosen, "" for none."""
        item = self._tree.currentItem()
        return "" if item is None else str(item.data(0, _ACTION) or "")

    def _captured(self, keys: str) -> None:
        action = self._action()
        if action and keys not in self._choice.keys(action):
            self._wish(action, (*self._choice.keys(action), keys))

    def _remove(self, keys: str) -> None:
        action = self._action()
        self._wish(action, tuple(text for text in self._choice.keys(action) if text != keys))

    def _restore_one(self) -> None:
        self._wish(self._action(), self._choice.default(self._action()))

    def _restore_every(self) -> None:
        self._choice.restore_all()
        self._forget()

    def _wish(self, action: str, keys: tuple[str, ...]) -> None:
        """Let an action have keys; ask first where another has one of them."""
        owners = self._choice.owners(action, keys)
        if owners:
            self._waiting = (action, keys)
            self._conflict.show_owners([(text, row.text) for text, row in owners])
        else:
            self._choice.give(action, keys)
            self._forget()

    def _take_over(self) -> None:
        if self._waiting is not None:
            self._choice.give(*self._waiting)
        self._forget()
        self._capture.setFocus(Qt.FocusReason.OtherFocusReason)

    def _forget(self) -> None:
        self._waiting = None
        self._conflict.hide()
        self._show_keys()
        self._show_action()

    # Showing

    def _show_keys(self) -> None:
        for action, item in self._items.items():
            changed = self._choice.is_changed(action)
            item.setText(1, " or ".join(self._choice.keys(action)) or _NONE)
            font = QFont(self.font())
            font.setBold(changed)
            item.setFont(1, font)
            default = " or ".join(self._choice.default(action)) or _NONE
            item.setToolTip(1, f"Changed. The program’s own: {default}." if changed else "The program’s own keys.")

    def _show_action(self) -> None:
        action = self._action()
        item = self._items.get(action)
        if self._waiting is not None and self._waiting[0] != action:
            self._waiting = None
            self._conflict.hide()
        self._title.setText(item.text(0) if item is not None else _CHOOSE)
        self._caps.show_keys(self._choice.keys(action) if action else ())
        self._capture.setEnabled(bool(action))
        self._restore.setEnabled(bool(action) and self._choice.is_changed(action))
        self._restore_all.setEnabled(bool(self._choice.changes()))

    def _find(self, text: str) -> None:
        words = text.casefold().split()
        any_shown = False
        for place in range(self._tree.topLevelItemCount()):
            heading = self._tree.topLevelItem(place)
            assert heading is not None
            shown = False
            for child in (item for item in self._items.values() if item.parent() is heading):
                searchable = f"{heading.text(0)} {child.text(0)} {child.text(1)}".casefold()
                visible = all(word in searchable for word in words)
                child.setHidden(not visible)
                shown = shown or visible
            heading.setHidden(not shown)
            any_shown = any_shown or shown
        self._nothing.setVisible(not any_shown)


class _Caps(QWidget):
    """A button for each key of the action chosen; pressing it takes the key away."""

    removeRequested = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._row = FlowRow(self)
        self._column.addWidget(self._row)

    def show_keys(self, keys: Sequence[str]) -> None:
        buttons: list[QWidget] = [QLabel("" if keys else "No keys.", self)] if not keys else []
        for text in keys:
            button = QPushButton(f"{text}   ×".replace("&", "&&"), self)
            button.setAutoDefault(False)
            button.setToolTip(f"Take {text} away.")
            button.setAccessibleName(f"Take {text} away")
            button.clicked.connect(lambda _checked=False, text=text: self.removeRequested.emit(text))
            buttons.append(button)
        old, self._row = self._row, FlowRow(self, *buttons)
        self._column.replaceWidget(old, self._row)
        old.deleteLater()


class _Conflict(QWidget):
    """Who has the keys, and the two ways on."""

    taken = Signal()
    cancelled = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._words = QLabel(self)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._take = QPushButton("&Take it over", self)
        cancel = QPushButton("&Keep it there", self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._words, 1)
        row.addWidget(self._take)
        row.addWidget(cancel)
        self._take.clicked.connect(self.taken)
        cancel.clicked.connect(self.cancelled)
        self.hide()

    def show_owners(self, owners: Sequence[tuple[str, str]]) -> None:
        self._words.setText(" ".join(f"{keys} belongs to “{text}”." for keys, text in owners))
        self.show()
        self._take.setFocus(Qt.FocusReason.OtherFocusReason)
