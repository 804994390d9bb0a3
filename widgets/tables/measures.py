"""Distances and fonts that all tables of labels use."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QFont

PAD: Final = 4.0  # pixels beside a text
_SMALL: Final = 0.82


def smaller(font: QFont) -> QFont:
    """The font of titles, and of counts beside a rate."""
    small = QFont(font)
    if font.pointSizeF() > 0:
        small.setPointSizeF(font.pointSizeF() * _SMALL)
    else:
        small.setPixelSize(max(round(font.pixelSize() * _SMALL), 1))
    return small
