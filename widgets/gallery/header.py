"""The tools above the images: query, outcome chips, more filters, sorting, queue, and how many are listed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from inference.types.gallery import OUTCOME_FACETS, FacetItem
from widgets.elided_label import ElidedLabel
from widgets.gallery.chips import OutcomeChips
from widgets.gallery.facet_menu import FacetButton
from widgets.gallery.query_field import QueryField
from widgets.gallery.queue_bar import QueueBar
from widgets.gallery.sort_bar import SortBar
from widgets.wrapped_label import wrapped_label


class GalleryHeader(QWidget):
    """What nobody has set yet is not shown: no chips without facets, no sorting without keys, no queue without any."""

    facetToggled = Signal(str)
    gridToggled = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.field = QueryField(self)
        self.sorting = SortBar(self)
        self.queue = QueueBar(self)
        self._chips = OutcomeChips(self)
        self._more = FacetButton(self)
        self._list = _list_button(self)
        self._count = ElidedLabel(parent=self)
        self._error = wrapped_label(self)
        self._error.setForegroundRole(QPalette.ColorRole.BrightText)
        self._error.setAccessibleName("What is wrong with the query")
        self._error.hide()
        self._chips.hide()
        self._more.hide()
        self._lay_out()
        self._chips.facetToggled.connect(self.facetToggled)
        self._more.facetToggled.connect(self.facetToggled)
        self._list.toggled.connect(lambda as_list: self.gridToggled.emit(not as_list))

    def setQuery(self, text: str) -> None:
        """The text in the field."""
        self.field.setQuery(text)

    def setQueryError(self, sentence: str, position: int) -> None:
        """In place of the count; the count comes back with ""."""
        self.field.setError(sentence, position)
        self._error.setText(sentence)
        self._error.setVisible(bool(sentence))
        self._count.setVisible(not sentence)

    def setFacets(self, facets: Sequence[FacetItem]) -> None:
        """Chips for the outcomes, the menu for the others."""
        chips = [item for item in facets if item.key in OUTCOME_FACETS]
        others = [item for item in facets if item.key not in OUTCOME_FACETS]
        self._chips.setFacets(chips)
        self._more.setFacets(others)
        for part, filled in ((self._chips, chips), (self._more, others)):
            if part.isHidden() == bool(filled):
                part.setVisible(bool(filled))

    def setGrid(self, grid: bool) -> None:
        """Which of grid and list the button says."""
        with QSignalBlocker(self._list):
            self._list.setChecked(not grid)

    def setCount(self, text: str) -> None:
        """The line directly above the images."""
        self._count.setText(text)

    def _lay_out(self) -> None:
        search = QHBoxLayout()
        search.setSpacing(4)
        search.addWidget(self.field, 1)
        search.addWidget(self._list)
        sort = QHBoxLayout()
        sort.setSpacing(4)
        sort.addWidget(self._more)
        sort.addWidget(self.sorting, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 3, 4, 3)
        column.setSpacing(3)
        column.addLayout(search)
        column.addWidget(self._chips)
        column.addLayout(sort)
        column.addWidget(self.queue)
        for words in (self._count, self._error):
            words.setContentsMargins(2, 0, 2, 0)
            column.addWidget(words)


def _list_button(parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setText("List")
    button.setCheckable(True)
    button.setAccessibleName("Show the images as a list")
    button.setToolTip("A line an image instead of the grid")
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
