"""What views of pictures share: the commands that zoom, their keys, and the tools above the picture.

Keys: + and - zoom, F fit, Z fit and 100 %, Ctrl+0 100 %.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolButton, QWidget

from widgets.zoom_canvas import KEY_STEP, ZoomCanvas


class ZoomView(QWidget):
    """A view around one or more canvases, of which one leads. The commands are slots; windows may bind keys to them."""

    def zoomIn(self) -> None:
        """One step closer, around the middle of the view."""
        self._leader().zoomBy(KEY_STEP)

    def zoomOut(self) -> None:
        """One step further away."""
        self._leader().zoomBy(1 / KEY_STEP)

    def fit(self) -> None:
        """The whole picture."""
        self._leader().fit()

    def actualSize(self) -> None:
        """100 %: one pixel of the picture for one of the screen."""
        self._leader().zoomTo(1.0)

    def toggleFit(self) -> None:
        """Between fit and 100 %."""
        self._leader().toggleFit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: D102
        modifiers = event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
        plain = {
            Qt.Key.Key_Plus: self.zoomIn,
            Qt.Key.Key_Equal: self.zoomIn,
            Qt.Key.Key_Minus: self.zoomOut,
            Qt.Key.Key_F: self.fit,
            Qt.Key.Key_Z: self.toggleFit,
            **self._further_keys(),
        }
        if modifiers == Qt.KeyboardModifier.NoModifier and event.key() in plain:
            plain[Qt.Key(event.key())]()
        elif modifiers == Qt.KeyboardModifier.ControlModifier and event.key() == Qt.Key.Key_0:
            self.actualSize()
        else:
            super().keyPressEvent(event)

    def _leader(self) -> ZoomCanvas:
        """The canvas that the commands are for."""
        raise NotImplementedError

    def _further_keys(self) -> dict[Qt.Key, Callable[[], None]]:
        """What other keys without a modifier do."""
        return {}


def tool_button(text: str, tip: str, parent: QWidget, *, checkable: bool = False) -> QToolButton:
    """A tool above a picture, reached with Tab only, so that a click leaves the keys to the picture."""
    button = QToolButton(parent)
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(text)
    button.setAccessibleDescription(tip)
    button.setCheckable(checkable)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
