"""Outlines that can be seen: Fusion derives those of boxes from the window's colour, which fails on a dark one."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QWidget

from widgets.theme import current_theme

_DARKER: Final = 140  # per cent by which Fusion darkens the window's colour for an outline


def outline(*boxes: QWidget) -> None:
    """Give check boxes and number fields the border colour of the theme; call it again when the theme changes."""
    wanted = QColor(current_theme().border).lighter(_DARKER)
    for box in boxes:
        if box.palette().color(QPalette.ColorRole.Window) != wanted:
            palette = box.palette()
            palette.setColor(QPalette.ColorRole.Window, wanted)
            box.setPalette(palette)
