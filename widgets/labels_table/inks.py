"""The theme's colours as the cells of the labels table need them."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QColor

from widgets.theme import Theme

_SELECTED_SHARE: Final = 0.13


class Inks:
    """The theme's colours as QColor, made once a theme."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.text = QColor(theme.text)
        self.muted = QColor(theme.muted)
        self.line = QColor(theme.line)
        self.bar = QColor(theme.positive)
        self.track = QColor(theme.track)
        self.border = QColor(theme.border)
        # The current row: a wash of the accent over the surface, so that glyphs keep their colours.
        self.selected = mixed(QColor(theme.surface), QColor(theme.accent), _SELECTED_SHARE)


def mixed(ground: QColor, over: QColor, share: float) -> QColor:
    """``ground`` with ``share`` of ``over`` in it."""
    parts = zip((ground.red(), ground.green(), ground.blue()), (over.red(), over.green(), over.blue()), strict=True)
    return QColor(*(round(a + (b - a) * share) for a, b in parts))
