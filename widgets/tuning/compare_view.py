"""Profiles beside each other: what is compared is chosen above, labels and averages stand below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from inference.types import Comparison
from widgets.elided_label import ElidedLabel
from widgets.numbers import format_count
from widgets.tables.filter_field import FilterField
from widgets.theme import current_theme
from widgets.tuning.compare_model import CompareModel
from widgets.tuning.compare_table import CompareFoot, CompareTable
from widgets.tuning.flow import FlowRow

_LONGEST: Final = 28  # characters of a name on a button
_FEWER: Final = "Choose two or more above: their thresholds and what they give stand beside each other here."
_WAIT: Final = "Score a validation folder with a model first: then profiles can be compared on it."
_SAME: Final = "No label is treated differently."
_FILTERED: Final = "No label has these words."


class CompareView(QWidget):
    """Setters never emit. The first of what is chosen is what the others are compared with."""

    choicesChanged = Signal(object)  # tuple of keys, the first to compare with
    labelChosen = Signal(int)
    imagesChosen = Signal(object, str)  # (k,) indices of images, what they are called
    wantedChanged = Signal(bool)  # whether it is in sight

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Comparison of profiles")
        self._choices: tuple[tuple[str, str], ...] = ()
        self._chosen: tuple[str, ...] = ()
        self._model = CompareModel(self)
        self._table = CompareTable(self._model, self)
        self._foot = CompareFoot(self._table, self._model, self)
        self._chips = FlowRow(self)
        self._links = FlowRow(self)
        self._base = QComboBox(self)
        self._only = QCheckBox("&Only what differs", self)
        self._filter = FilterField("Filter labels", self)
        self._copy = QPushButton("Cop&y table", self)
        self._status = ElidedLabel(parent=self)
        self._build()
        self._connect()
        self._refresh()

    # Setters

    def setLabels(self, names: Sequence[str]) -> None:
        """Other labels; the comparison of the old ones is forgotten."""
        self._model.set_labels(names)
        self._refresh()

    def setChoices(self, choices: Sequence[tuple[str, str]], chosen: Sequence[str]) -> None:
        """What can be compared, as (key, words), and the keys of what is, the first to compare with."""
        rebuilt = tuple(choices) != self._choices
        self._choices, self._chosen = tuple(choices), tuple(chosen)
        if rebuilt:
            self._make_chips()
        self._show_chosen()
        self._refresh()

    def setComparison(self, comparison: Comparison | None) -> None:
        """What the chosen ones give; None while that is not known."""
        self._model.set_comparison(comparison)
        self._table.fit()
        self._make_links()
        self._refresh()

    def setBusy(self, text: str) -> None:
        """What is being computed, "" when nothing is."""
        self._status.setText(text)
        self._status.setVisible(bool(text))

    def setCurrentLabel(self, label: int) -> None:
        """The label being looked at."""
        self._table.set_current(label)

    # Building

    def _build(self) -> None:
        self._base.setAccessibleName("Differences to")
        self._base.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._base.setToolTip("The others are compared with this one, which stands first.")
        self._only.setToolTip("Hides labels with the same threshold and the same numbers everywhere.")
        self._copy.setToolTip("Copies the labels in sight and the averages, tab-separated, for a spreadsheet.")
        self._filter.setMinimumWidth(self.fontMetrics().averageCharWidth() * 16)
        title = QLabel("Differences &to", self)
        title.setBuddy(self._base)
        base = QWidget(self)
        pair = QHBoxLayout(base)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.addWidget(title)
        pair.addWidget(self._base)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 8, 8, 8)
        self._column.setSpacing(6)
        self._column.addWidget(self._chips)
        self._column.addWidget(FlowRow(self, base, self._only, self._filter, self._copy))
        self._column.addWidget(self._links)
        self._column.addWidget(self._status)
        below = QVBoxLayout()
        below.setSpacing(0)
        below.addWidget(self._table, 1)
        below.addWidget(self._foot)
        self._column.addLayout(below, 1)
        self._status.hide()

    def _connect(self) -> None:
        self._base.activated.connect(self._base_chosen)
        self._only.toggled.connect(self._filter_changed)
        self._filter.textChanged.connect(self._filter_changed)
        self._filter.rowsRequested.connect(self._table.setFocus)
        self._copy.clicked.connect(self._copy_table)
        self._table.copyRequested.connect(self._copy_table)
        self._table.labelChosen.connect(self.labelChosen)
        self._table.changedChosen.connect(self._show_images)
        self._foot.changedChosen.connect(lambda at: self._show_images(None, at))

    def _make_chips(self) -> None:
        """A button to press and release for everything that can be compared."""
        title = QLabel("Compare", self)
        chips = []
        for key, words in self._choices:
            chip = QPushButton(_on_button(words), self)
            chip.setCheckable(True)
            chip.setProperty("key", key)
            chip.setToolTip(words)
            chip.setAccessibleName(f"Compare {words}")
            chip.clicked.connect(self._chip_clicked)
            chips.append(chip)
        self._chips = self._replaced(self._chips, FlowRow(self, title, *chips))
        self._restyle()

    def _make_links(self) -> None:
        """How many images the others decide otherwise, each a way to these images."""
        rows = self._model.rows
        parts: list[QWidget] = []
        if len(rows.groups) > 1:
            title = QLabel(f"Images decided otherwise than with “{_short(rows.groups[0].name)}”:", self)
            title.setTextFormat(Qt.TextFormat.PlainText)
            parts.append(title)
        for at, group in enumerate(rows.groups[1:], start=1):
            count = rows.changed_images[at]
            link = QPushButton(f"{_on_button(group.name)}: {format_count(count)}", self)
            link.setProperty("place", at)
            link.setEnabled(count > 0)
            link.setToolTip(
                f"Shows the images on which {group.name} ({group.words}) decides otherwise under any label."
            )
            link.clicked.connect(self._link_clicked)
            parts.append(link)
        self._links = self._replaced(self._links, FlowRow(self, *parts))

    def _replaced(self, old: FlowRow, new: FlowRow) -> FlowRow:
        """Put a row in the place of another."""
        self._column.replaceWidget(old, new)
        old.hide()
        old.deleteLater()
        new.show()
        return new

    # Acting

    def _chip_clicked(self) -> None:
        chip = self.sender()
        key = str(chip.property("key"))
        kept = tuple(one for one in self._chosen if one != key)
        self._choose((*kept, key) if key not in self._chosen else kept)

    def _base_chosen(self, place: int) -> None:
        key = str(self._base.itemData(place))
        if self._chosen[:1] != (key,):
            self._choose((key, *(one for one in self._chosen if one != key)))

    def _choose(self, chosen: tuple[str, ...]) -> None:
        self._chosen = chosen
        self._show_chosen()
        self._refresh()
        self.choicesChanged.emit(chosen)

    def _filter_changed(self) -> None:
        self._model.set_filter(self._filter.text(), only_differing=self._only.isChecked())
        self._refresh()

    def _link_clicked(self) -> None:
        self._show_images(None, int(self.sender().property("place")))

    def _show_images(self, label: int | None, at: int) -> None:
        rows = self._model.rows
        assert rows.comparison is not None
        images = rows.comparison.changed_images(at, label)
        what = "Any label" if label is None else rows.name(label)
        self.imagesChosen.emit(
            images, f"{what}: “{rows.groups[at].name}” decides otherwise than “{rows.groups[0].name}”"
        )

    def _copy_table(self) -> None:
        if self._model.rows.groups:
            QGuiApplication.clipboard().setText(self._model.rows.table(self._model.shown()))

    # Showing

    def _show_chosen(self) -> None:
        for chip in self._chips.findChildren(QPushButton):
            chip.setChecked(chip.property("key") in self._chosen)
        words = dict(self._choices)
        with QSignalBlocker(self._base):
            self._base.clear()
            for key in self._chosen:
                self._base.addItem(_short(words.get(key, "")), key)
            self._base.setCurrentIndex(0 if self._chosen else -1)
        self._base.setEnabled(len(self._chosen) > 1)

    def _refresh(self) -> None:
        rows = self._model.rows
        some = bool(rows.groups)
        self._links.setVisible(len(rows.groups) > 1)
        self._foot.setVisible(some)
        self._copy.setEnabled(some)
        self._foot.refresh()
        self._table.empty_text = self._empty_text()
        self._table.viewport().update()

    def _empty_text(self) -> str:
        if len(self._chosen) < 2 and self._choices:
            return _FEWER
        if not self._model.rows.groups:
            return _WAIT
        return _FILTERED if self._filter.text().strip() else _SAME

    def _restyle(self) -> None:
        theme = current_theme()
        self._chips.setStyleSheet(
            f"QPushButton {{ color: {theme.text}; background: {theme.surface}; border: 1px solid {theme.border};"
            " border-radius: 9px; padding: 2px 9px; }"
            f"QPushButton:hover:!checked {{ background: {theme.raised}; }}"
            f"QPushButton:checked {{ color: {theme.on_accent}; background: {theme.accent};"
            f" border-color: {theme.accent}; }}"
            f"QPushButton:focus {{ border: 2px solid {theme.text}; padding: 1px 8px; }}"
        )

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_column"):
            self._restyle()

    def showEvent(self, event: QShowEvent) -> None:
        """It is worth computing now."""
        super().showEvent(event)
        self.wantedChanged.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody sees it."""
        super().hideEvent(event)
        self.wantedChanged.emit(False)


def _short(words: str) -> str:
    """A name that leaves room for others."""
    line = " ".join(words.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _on_button(words: str) -> str:
    """The same where an ampersand alone would become a key."""
    return _short(words).replace("&", "&&")
