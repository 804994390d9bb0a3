"""Colours and fonts of the whole window: one accent, Okabe-Ito for outcomes, a light and a dark theme.

Custom-painted widgets read ``current_theme()`` while painting and repaint on ``QEvent.Type.PaletteChange``,
which every widget receives when ``apply_theme`` changes the palette.

Every pair of text and background keeps a contrast of 4.5:1 and every other mark 3:1 (WCAG 2.2, 1.4.3 and 1.4.11).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from inference.choices import Outcome


@dataclass(frozen=True)
class Theme:
    """One set of colours, all "#rrggbb"."""

    name: str
    dark: bool
    window: str  # behind everything
    surface: str  # tables, plots, fields, the picture's surroundings
    raised: str  # buttons, headers, alternate rows
    text: str
    muted: str  # secondary text; still 4.5:1
    border: str  # outlines that carry meaning: fields, thumbnails (3:1)
    line: str  # hairlines that carry none
    accent: str  # selection, focus, the operating point, threshold ticks
    on_accent: str  # text on the accent
    grid: str  # grid lines and iso-F1 curves
    positive: str  # a score bar, or the positives of a histogram
    negative: str  # the negatives of a histogram
    track: str  # the empty part of a bar
    warning: str
    error: str
    outcome: Mapping[Outcome, str]


# Okabe-Ito's bluish green, vermillion and reddish purple, each made darker or lighter until it reads on its background.
LIGHT = Theme(
    name="light",
    dark=False,
    window="#f2f3f5",
    surface="#ffffff",
    raised="#e6e8ec",
    text="#1a1d21",
    muted="#525961",
    border="#7a828c",
    line="#d3d7dd",
    accent="#0b62c4",
    on_accent="#ffffff",
    grid="#d3d7dd",
    positive="#4a86cf",
    negative="#8a6d3b",
    track="#dfe3e8",
    warning="#8a5a00",
    error="#b3261e",
    outcome=MappingProxyType(
        {
            Outcome.UNKNOWN: "#666d76",
            Outcome.TP: "#007a58",
            Outcome.FP: "#b84d00",
            Outcome.FN: "#a23b78",
            Outcome.TN: "#666d76",
        }
    ),
)

DARK = Theme(
    name="dark",
    dark=True,
    window="#202327",
    surface="#17191c",
    raised="#2c3036",
    text="#e7e9ec",
    muted="#a9b0b9",
    border="#7d858f",
    line="#3a3f46",
    accent="#6cb0ff",
    on_accent="#0d1a29",
    grid="#3a3f46",
    positive="#5b97dc",
    negative="#c9a462",
    track="#363b42",
    warning="#e0a526",
    error="#ff8a80",
    outcome=MappingProxyType(
        {
            Outcome.UNKNOWN: "#9aa2ac",
            Outcome.TP: "#2fc096",
            Outcome.FP: "#f0803a",
            Outcome.FN: "#dc8fbb",
            Outcome.TN: "#9aa2ac",
        }
    ),
)

# Fusion draws the outlines of these in the window's colour made darker, which cannot be seen on a dark one.
_OUTLINED: Final = ("QCheckBox", "QAbstractSpinBox", "QComboBox", "QMenu")
_DARKER: Final = 140  # per cent by which it does

_current = LIGHT


def current_theme() -> Theme:
    """The theme in force; light until ``apply_theme`` is called."""
    return _current


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Fusion style, the theme's palette and figures of equal width, for every widget there is and will be."""
    global _current
    _current = theme
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    font = tabular(app.font())
    if app.font() != font:
        app.setFont(font)
    app.setPalette(palette(theme))
    for kind in _OUTLINED:
        app.setPalette(_outlined(theme), kind)  # type: ignore[arg-type]  # the stub wants bytes, Qt text
    app.setStyleSheet(_stylesheet(theme))


def system_prefers_dark(app: QApplication) -> bool:
    """Whether the desktop asks for dark colours; False where it does not say."""
    return app.styleHints().colorScheme() == Qt.ColorScheme.Dark


def tabular(font: QFont) -> QFont:
    """The font with figures of equal width, so that columns of numbers do not dance (Qt 6.7 and newer)."""
    wanted = QFont(font)
    if hasattr(wanted, "setFeature"):
        wanted.setFeature(QFont.Tag("tnum"), 1)
    return wanted


def palette(theme: Theme) -> QPalette:
    """The theme as Qt's standard roles, with greyed text for what is disabled."""
    role = QPalette.ColorRole
    result = QPalette(QColor(theme.raised), QColor(theme.window))
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.window,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.error,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.ToolTipBase: theme.surface,
        role.ToolTipText: theme.text,
        role.Light: theme.surface,
        role.Midlight: theme.raised,
        role.Mid: theme.line,
        role.Dark: theme.border,
    }
    for key, colour in colours.items():
        result.setColor(key, QColor(colour))
    for key in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, key, QColor(theme.muted))
    result.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.track))
    result.setColor(QPalette.ColorGroup.Disabled, role.HighlightedText, QColor(theme.muted))
    return result


def _outlined(theme: Theme) -> QPalette:
    """The palette of boxes: a window colour from which Fusion makes an outline in the border colour."""
    result = palette(theme)
    result.setColor(QPalette.ColorRole.Window, QColor(theme.border).lighter(_DARKER))
    return result


def _stylesheet(theme: Theme) -> str:
    """Only what the palette cannot say: each rule here costs every widget a little."""
    return (
        f"QToolTip {{ color: {theme.text}; background: {theme.surface}; border: 1px solid {theme.border}; }}"
        f"QMainWindow::separator {{ background: {theme.line}; width: 1px; height: 1px; margin: 2px; }}"
        f"QMainWindow::separator:hover {{ background: {theme.accent}; }}"
        # the list of a combo box takes the menu's window colour for its ground
        f"QComboBox QAbstractItemView {{ background: {theme.surface};"
        f" border: 1px solid {theme.border}; }}"
        # outlines of other fields than those in _OUTLINED
        f'QLineEdit[frame="true"], QPlainTextEdit {{ border: 1px solid {theme.border}; border-radius: 3px;'
        f" padding: 2px 3px; background: {theme.surface}; }}"
        f'QLineEdit[frame="true"]:focus, QPlainTextEdit:focus {{ border-color: {theme.accent}; }}'
        f"QRadioButton::indicator {{ width: 10px; height: 10px; border: 1px solid {theme.border};"
        f" border-radius: 6px; background: {theme.surface}; }}"
        f"QRadioButton::indicator:checked {{ width: 4px; height: 4px; border: 4px solid {theme.accent}; }}"
        f"QRadioButton::indicator:focus {{ border-color: {theme.accent}; }}"
    )
