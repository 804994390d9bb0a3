"""All keys on one sheet, opened by ? and F1, with a field to search what a key does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement, pairwise
from typing import NamedTuple

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QVBoxLayout,
    QWidget,
)

_KEY_STYLE = (
    "background: palette(button); color: palette(button-text); border: 1px solid palette(dark); border-radius: 4px;"
    " padding: 0px 6px;"
)
_COLUMN = 32  # of a column's width, in heights of a line: few of the words wrap
_COLUMN_LEAST = 23
_MOST_COLUMNS = 3
_OF_SCREEN = 0.92  # of its height at most


class KeyRow(NamedTuple):
    """One line of the sheet. Alternative keys are separated by the word "or"."""

    section: str
    keys: str
    text: str


@dataclass
class _Section:
    """A titled group of rows."""

    box: QWidget
    grid: QGridLayout
    keys_width: int = 0
    rows: list[tuple[str, QWidget, QLabel]] = field(default_factory=list)  # (searchable text, keys, words)


class KeySheet(QDialog):
    """Sections in columns of about the same height, as many as the screen has room for.

    ``editable`` offers to change the keys.
    """

    editRequested = Signal()

    def __init__(
        self, rows: Sequence[tuple[str, str, str]], parent: QWidget | None = None, *, editable: bool = False
    ) -> None:
        super().__init__(parent)
        self._editable = editable
        self._sections: list[_Section] = []
        self._filter = QLineEdit(self)
        self._nothing = QLabel("No key does that.", self)
        self._scroll = QScrollArea(self)
        self._build([KeyRow(*row) for row in rows])

    def setFilter(self, text: str) -> None:
        """Show only rows that hold every word of ``text`` in their keys, words or section."""
        with QSignalBlocker(self._filter):
            self._filter.setText(text)
        words = text.lower().split()
        any_shown = False
        for section in self._sections:
            shown = False
            for searchable, keys, label in section.rows:
                visible = all(word in searchable for word in words)
                keys.setVisible(visible)
                label.setVisible(visible)
                shown = shown or visible
            section.box.setVisible(shown)
            any_shown = any_shown or shown
        self._nothing.setVisible(not any_shown)

    def _build(self, rows: Sequence[KeyRow]) -> None:
        self.setWindowTitle("Keys")
        self._filter.setPlaceholderText("Filter: what should the key do?")
        self._filter.setAccessibleName("Filter keys")
        self._filter.setClearButtonEnabled(True)
        self._filter.textChanged.connect(self.setFilter)
        columns = QHBoxLayout()
        columns.setSpacing(28)
        for part in _parted(_grouped(rows), self._n_columns()):
            column = QVBoxLayout()
            column.setSpacing(12)
            first = len(self._sections)
            for title, members in part:
                column.addWidget(self._section(title, members))
            width = max((section.keys_width for section in self._sections[first:]), default=0)
            for section in self._sections[first:]:
                section.grid.setColumnMinimumWidth(0, width)
            column.addStretch(1)
            columns.addLayout(column, 1)
        sheet = QWidget()
        sheet.setLayout(columns)
        scroll = self._scroll
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(sheet)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        if self._editable:
            change = buttons.addButton("C&hange keys…", QDialogButtonBox.ButtonRole.ActionRole)
            change.setToolTip("Gives actions other keys.")
            change.clicked.connect(self.editRequested)
        layout = QVBoxLayout(self)
        layout.addWidget(self._filter)
        layout.addWidget(self._nothing)
        layout.addWidget(scroll, 1)
        layout.addWidget(buttons)
        self._nothing.setVisible(not rows)
        self._fit(columns)

    def _n_columns(self) -> int:
        """As many as fit beside one another."""
        room = self.screen().availableSize().width() // (self.fontMetrics().height() * _COLUMN_LEAST)
        return min(max(room, 1), _MOST_COLUMNS)

    def _fit(self, columns: QHBoxLayout) -> None:
        """As large as all rows need, unless the screen is smaller."""
        layout = self.layout()
        assert layout is not None
        edges = 2 * self.style().pixelMetric(QStyle.PixelMetric.PM_LayoutLeftMargin)
        line = self.fontMetrics().height()
        screen = self.screen().availableSize()
        width = min(columns.count() * line * _COLUMN + edges, screen.width() - line)
        rows = columns.totalHeightForWidth(width - edges)
        # the filter, the button and the gaps between them
        rest = layout.sizeHint().height() - self._scroll.sizeHint().height()
        self.resize(width, min(rows + rest + line, round(screen.height() * _OF_SCREEN)))

    def _section(self, title: str, rows: Sequence[KeyRow]) -> QWidget:
        box = QWidget(self)
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        heading = QLabel(title, box)
        font = QFont(self.font())
        font.setBold(True)
        heading.setFont(font)
        grid.addWidget(heading, 0, 0, 1, 2)
        section = _Section(box, grid)
        for number, row in enumerate(rows, start=1):
            keys = _keys_widget(row.keys, box)
            section.keys_width = max(section.keys_width, keys.sizeHint().width())
            label = QLabel(row.text, box)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            grid.addWidget(keys, number, 0)
            grid.addWidget(label, number, 1)
            section.rows.append((f"{row.section} {row.keys} {row.text}".lower(), keys, label))
        self._sections.append(section)
        return box


def _keys_widget(keys: str, parent: QWidget) -> QWidget:
    """Each alternative as a key cap, with "or" between them."""
    holder = QWidget(parent)
    holder.setAccessibleName(keys)
    holder.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(5)
    for number, key in enumerate(keys.split(" or ")):
        if number:
            layout.addWidget(QLabel("or", holder))
        cap = QLabel(key, holder)
        cap.setTextFormat(Qt.TextFormat.PlainText)
        cap.setStyleSheet(_KEY_STYLE)
        layout.addWidget(cap)
    layout.addStretch(1)
    return holder


def _grouped(rows: Sequence[KeyRow]) -> list[tuple[str, list[KeyRow]]]:
    """Rows by section, in the order in which sections first appear."""
    groups: dict[str, list[KeyRow]] = {}
    for row in rows:
        groups.setdefault(row.section, []).append(row)
    return list(groups.items())


def _parted(groups: Sequence[tuple[str, list[KeyRow]]], n_parts: int) -> list[list[tuple[str, list[KeyRow]]]]:
    """The groups in order, cut where the tallest of the columns is lowest."""
    heights = [len(members) + 2 for _, members in groups]  # a heading and a gap each
    places = range(len(groups) + 1)
    cuts = min(
        combinations_with_replacement(places, n_parts - 1),
        key=lambda inner: [max(_sums(heights, inner)), *(-at for at in inner)],
    )
    edges = [0, *cuts, len(groups)]
    return [list(groups[begin:end]) for begin, end in pairwise(edges)]


def _sums(heights: Sequence[int], cuts: Sequence[int]) -> list[int]:
    return [sum(heights[begin:end]) for begin, end in pairwise([0, *cuts, len(heights)])]
