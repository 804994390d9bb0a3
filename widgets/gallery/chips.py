"""The outcomes under the chosen label as chips, each with its glyph and its count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from inference.types import Outcome
from inference.types.gallery import OUTCOME_FACETS, FacetItem
from widgets.glyphs import OUTCOME_TEXT, paint_outcome
from widgets.theme import current_theme

_OUTCOMES: Final = dict(
    zip(OUTCOME_FACETS, (Outcome.TP, Outcome.FP, Outcome.FN, Outcome.TN, Outcome.UNKNOWN), strict=True)
)
_PAD: Final = 5
_GAP: Final = 2
_TINT: Final = 0.18


def compact(count: int) -> str:
    """A count in at most four characters: 999, 1.2k, 12k, 123k, 1.2M, 12M."""
    for limit, unit in ((1_000, ""), (1_000_000, "k"), (1_000_000_000, "M")):
        if count < limit or unit == "M":
            step = limit // 1_000
            if not unit:
                return str(count)
            tenths = count * 10 // step
            return f"{tenths // 10}.{tenths % 10}{unit}" if tenths < 100 else f"{tenths // 10}{unit}"
    raise AssertionError("every count is below a limit or in millions")


class OutcomeChip(QAbstractButton):
    """One outcome: on while the query asks for it. A click only says so; the query decides what is on."""

    def __init__(self, key: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._outcome = _OUTCOMES[key]
        self._item = FacetItem(key, "", -1, "")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._say()

    def item(self) -> FacetItem:
        """What it now stands for."""
        return self._item

    def setItem(self, item: FacetItem) -> None:
        """Its count, its term, and whether it is on."""
        if item == self._item:
            return
        self._item = item
        self.setChecked(item.on)
        self._say()
        self.update()

    def nextCheckState(self) -> None:
        """A click switches nothing by itself."""

    def sizeHint(self) -> QSize:
        """The glyph and the whole count."""
        metrics = self.fontMetrics()
        width = 2 * _PAD + metrics.ascent() + _GAP + metrics.horizontalAdvance(self._count_text())
        return QSize(width, metrics.height() + 8)

    def minimumSizeHint(self) -> QSize:
        """The glyph and a count of four characters."""
        metrics = self.fontMetrics()
        width = metrics.ascent() + _GAP + metrics.horizontalAdvance("0.0k") + 2
        return QSize(width, metrics.height() + 8)

    def event(self, event: QEvent) -> bool:
        """The frame follows the pointer and the focus."""
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave, QEvent.Type.PaletteChange):
            self.update()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Glyph and count in the middle; filled and framed in the accent where it is on."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        ground = QColor(theme.accent if on else theme.surface)
        ground.setAlphaF(_TINT if on else 1.0)
        strong = on or self.hasFocus() or self.underMouse()
        painter.setPen(QPen(QColor(theme.accent if strong else theme.border), 2 if on or self.hasFocus() else 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        metrics = self.fontMetrics()
        side = metrics.ascent()
        room = self.width() - side - _GAP - _PAD - 2
        text = self._count_text()
        if metrics.horizontalAdvance(text) > room:
            text = compact(self._item.count)
        left = max((self.width() - side - _GAP - metrics.horizontalAdvance(text)) / 2, 1.0)
        paint_outcome(painter, QRectF(left, (self.height() - side) / 2, side, side), self._outcome)
        painter.setPen(QColor(theme.text))
        words = QRectF(self.rect()).adjusted(left + side + _GAP, 0, 0, 0)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _count_text(self) -> str:
        return f"{self._item.count:,}" if self._item.count >= 0 else ""

    def _say(self) -> None:
        meaning = OUTCOME_TEXT[self._outcome]
        count = f"{self._item.count:,} images" if self._item.count >= 0 else ""
        self.setAccessibleName(f"{meaning.split(':')[0]}, {count}" if count else meaning.split(":")[0])
        does = "Take it out of the query." if self._item.on else "Click to list only these."
        lines = [self._item.text or meaning, *([count] if count else []), does]
        self.setToolTip("\n".join(lines))
        self.setAccessibleDescription(f"{meaning}. {does}")


class OutcomeChips(QWidget):
    """TP, FP, FN, TN and unknown, in equal widths."""

    facetToggled = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._chips = {key: OutcomeChip(key, self) for key in OUTCOME_FACETS}
        for chip in self._chips.values():
            chip.clicked.connect(self._on_clicked)
            row.addWidget(chip, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def chip(self, key: str) -> OutcomeChip:
        """The chip of one of OUTCOME_FACETS."""
        return self._chips[key]

    def setFacets(self, facets: Sequence[FacetItem]) -> None:
        """Take those of OUTCOME_FACETS; an outcome that is missing is hidden."""
        by_key = {item.key: item for item in facets}
        for key, chip in self._chips.items():
            item = by_key.get(key)
            if chip.isHidden() == (item is not None):
                chip.setVisible(item is not None)
            if item is not None:
                chip.setItem(item)

    def _on_clicked(self) -> None:
        chip = self.sender()
        if isinstance(chip, OutcomeChip):
            self.facetToggled.emit(chip.item().term)
