"""All actions and their keys, to be changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QWidget


@dataclass(frozen=True)
class KeyRow:
    """One action. Keys are portable texts, such as ``Ctrl+E``."""

    key: str  # what the action is called in the program
    section: str
    text: str
    shortcuts: tuple[str, ...]
    default: tuple[str, ...]


class KeyEditor(QDialog):
    """Emits once, when it is accepted: what differs from the defaults."""

    keysChanged = Signal(dict)  # dict[str, tuple[str, ...]], the user's own keys by action

    def __init__(self, rows: Sequence[KeyRow], parent: QWidget | None = None) -> None:
        super().__init__(parent)
