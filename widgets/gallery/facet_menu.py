"""The other filters in a menu: what they are called, how many images they leave, which are on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from inference.types.gallery import FacetItem


class FacetButton(QToolButton):
    """Opens the menu; says how many of its filters are on."""

    facetToggled = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._facets: tuple[FacetItem, ...] = ()
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self._menu.aboutToShow.connect(self._fill)
        self._menu.triggered.connect(lambda action: self.facetToggled.emit(str(action.data())))
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip("More filters, with the number of images that each leaves")
        self.setAccessibleDescription(self.toolTip())
        self._say()

    def setFacets(self, facets: Sequence[FacetItem]) -> None:
        """The filters to offer; while the menu is open its counts follow."""
        facets = tuple(facets)
        if facets == self._facets:
            return
        same = [item.key for item in facets] == [item.key for item in self._facets]
        self._facets = facets
        self._say()
        if self._menu.isVisible() and same:
            for action, item in zip(self._actions(), facets, strict=True):
                _show(action, item)

    def _say(self) -> None:
        on = sum(item.on for item in self._facets)
        text = f"More · {on}  " if on else "More  "  # the style draws its arrow over the last letters
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(f"More filters, {on} on" if on else "More filters")

    def _actions(self) -> list[QAction]:
        return [action for action in self._menu.actions() if not action.isSeparator()]

    def _fill(self) -> None:
        self._menu.clear()
        section = ""
        for item in self._facets:
            if item.section != section:
                section = item.section
                self._menu.addSection(section)
            action = self._menu.addAction("")
            action.setCheckable(True)
            _show(action, item)


def _show(action: QAction, item: FacetItem) -> None:
    """Text, count and state; the count stands where menus have shortcuts."""
    name = item.text.replace("&", "&&")
    action.setText(f"{name}\t{item.count:,}" if item.count >= 0 else name)
    action.setData(item.term)
    action.setToolTip(item.term)
    action.setChecked(item.on)
