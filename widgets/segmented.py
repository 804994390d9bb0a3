"""A choice of one of few, as joined buttons that are all in sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from widgets.theme import Theme, current_theme

_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


@dataclass(frozen=True)
class Choice:
    """One of the buttons."""

    value: StrEnum
    text: str  # with a mnemonic
    help: str  # a whole sentence


class Segmented(QWidget):
    """A caption and joined buttons, one of which is down.

    Tab reaches the one that is down, arrows move the choice. A click takes no focus, so that the window's
    own arrow keys go on working.
    """

    chosen = Signal(object)  # the value, by the user, when it is another than before

    def __init__(self, caption: str, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(caption)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._theme: Theme | None = None
        self._value = choices[0].value
        self._group = QButtonGroup(self)
        self._values: dict[QAbstractButton, StrEnum] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._caption = QLabel(caption, self)
        row.addWidget(self._caption)
        row.addSpacing(6)
        for index, choice in enumerate(choices):
            row.addWidget(self._button(caption, choice, _place(index, len(choices))))
        self._group.buttonToggled.connect(_take_tab)
        self._group.buttons()[0].setChecked(True)
        self._group.buttonClicked.connect(self._on_clicked)
        self._restyle()

    def value(self) -> StrEnum:
        """The choice in force."""
        return self._value

    def setValue(self, value: StrEnum) -> None:
        """Put one button down; nothing is emitted."""
        self._value = value
        self.button(value).setChecked(True)

    def hideCaption(self) -> None:
        """Leave the caption to screen readers, where the choices say enough."""
        self._caption.hide()

    def captionWidth(self) -> int:
        """Pixels before the first button, to line up groups that stand under each other."""
        return self._caption.sizeHint().width()

    def button(self, value: StrEnum) -> QAbstractButton:
        """The button of a value."""
        return next(button for button, own in self._values.items() if own is value)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._theme is not None:
            self._restyle()

    def _button(self, caption: str, choice: Choice, place: str) -> QPushButton:
        button = _Segment(choice.text, self)
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.setProperty("place", place)
        button.setToolTip(choice.help)
        button.setAccessibleName(f"{caption}: {choice.text.replace('&', '')}")
        button.setAccessibleDescription(choice.help)
        self._group.addButton(button)
        self._values[button] = choice.value
        return button

    def _on_clicked(self, button: QAbstractButton) -> None:
        value = self._values[button]
        if value is not self._value:
            self._value = value
            self.chosen.emit(value)

    def _restyle(self) -> None:
        theme = current_theme()
        if theme is not self._theme:  # a new style sheet changes the palette once more
            self._theme = theme
            self.setStyleSheet(_stylesheet(theme))


class _Segment(QPushButton):
    """Keeps the arrow keys from the window's shortcuts while it has the focus."""

    def event(self, event: QEvent) -> bool:
        is_ours = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride
        if is_ours and isinstance(event, QKeyEvent) and event.key() in _ARROWS:
            event.accept()
            return True
        return super().event(event)


def _take_tab(button: QAbstractButton, checked: bool) -> None:
    """Tab goes to the button that is down, as with radio buttons; a click takes no focus at all."""
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus if checked else Qt.FocusPolicy.NoFocus)


def _place(index: int, count: int) -> str:
    return "first" if index == 0 else "last" if index == count - 1 else "middle"


def _stylesheet(theme: Theme) -> str:
    return f"""
        QPushButton {{ color: {theme.text}; background: {theme.surface}; border: 1px solid {theme.border};
            border-left-width: 0; padding: 3px 10px; }}
        QPushButton[place="first"] {{ border-left-width: 1px; border-top-left-radius: 4px;
            border-bottom-left-radius: 4px; }}
        QPushButton[place="last"] {{ border-top-right-radius: 4px; border-bottom-right-radius: 4px; }}
        QPushButton:hover:!checked {{ background: {theme.raised}; }}
        QPushButton:checked {{ color: {theme.on_accent}; background: {theme.accent}; border-color: {theme.accent}; }}
        QPushButton:focus {{ border: 2px solid {theme.text}; padding: 2px 9px; }}
        QPushButton:disabled {{ color: {theme.muted}; background: {theme.window}; border-color: {theme.line}; }}
        QPushButton:disabled:checked {{ background: {theme.track}; }}
    """
