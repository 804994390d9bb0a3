"""What the keys mean in a grid of cells."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

_ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_MOVES: Final = (
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
)


def is_own_key(event: QKeyEvent) -> bool:
    """Whether a key means something in a grid: none does with Ctrl, Alt or Shift."""
    if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
        return False
    return event.key() in (*_ENTER, *_MOVES)


def next_place(event: QKeyEvent, here: int | None, count: int, columns: int, page: int) -> int | None:
    """The cell that a key leads to, the first one from nowhere; None for a key that chooses.

    Args:
        event: a key of which `is_own_key` says yes.
        here: place of the cell where the keys are.
        count: of cells, at least one.
        columns: cells in a row.
        page: rows that a page key goes.
    """
    key = Qt.Key(event.key())
    if key in _ENTER:
        return None
    if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        return 0 if key == Qt.Key.Key_Home else count - 1
    if here is None:
        return 0
    steps = {
        Qt.Key.Key_Left: -1,
        Qt.Key.Key_Right: 1,
        Qt.Key.Key_Up: -columns,
        Qt.Key.Key_Down: columns,
        Qt.Key.Key_PageUp: -columns * page,
        Qt.Key.Key_PageDown: columns * page,
    }
    there = here + steps[key]
    if abs(steps[key]) == 1:
        return min(max(there, 0), count - 1)
    if there < 0:
        return here % columns
    last_row = (count - 1) // columns
    if there >= count:
        return here if here // columns == last_row else min(last_row * columns + here % columns, count - 1)
    return there
