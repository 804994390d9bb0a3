"""One of the two sides: title, a second line, the picture, and whether its image is in hand."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QVBoxLayout, QWidget

from inference.types.gallery import SidePicture
from widgets.elided_label import ElidedLabel
from widgets.side_by_side.canvas import LinkedCanvas
from widgets.theme import current_theme

_STRIPE: Final = 3  # pixels beside the title of the one in hand


class SideCanvas(LinkedCanvas):
    """Tells when the user comes to it."""

    focused = Signal()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """By a click or a key; not when the window or the program gives the focus back."""
        super().focusInEvent(event)
        if event.reason() in _BY_USER:
            self.focused.emit()


_BY_USER: Final = (
    Qt.FocusReason.MouseFocusReason,
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
)


class Side(QWidget):
    """A title, a second line where there is one, and the picture."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._current = False
        self._own_detail = ""
        self._hand = ""
        self.canvas = SideCanvas(self)
        self.canvas.setAccessibleName(name)
        self._title = ElidedLabel(parent=self, mode=Qt.TextElideMode.ElideMiddle)
        bold = QFont(self.font())
        bold.setBold(True)
        self._title.setFont(bold)
        self._detail = ElidedLabel(parent=self, role=QPalette.ColorRole.PlaceholderText)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        words = QVBoxLayout()
        words.setContentsMargins(6 + _STRIPE, 1, 6, 2)
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        column.addLayout(words)
        column.addWidget(self.canvas, 1)

    def show_picture(self, picture: SidePicture) -> None:
        """Title and picture, or why there is none."""
        self._title.setText(picture.title)
        self._own_detail = picture.detail
        self._say()
        self.canvas.setImage(picture.rgb)
        if picture.message or picture.rgb is None:
            self.canvas.setMessage(picture.message or "This picture is being loaded", "")

    def show_hand(self, words: str, *, current: bool) -> None:
        """Whether this image is in hand, in words; "" where both sides show the same one."""
        self._hand, self._current = words, current
        self._say()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A stripe beside the title of the image in hand."""
        if self._current:
            QPainter(self).fillRect(0, 2, _STRIPE, self.canvas.y() - 4, QColor(current_theme().accent))

    def _say(self) -> None:
        self._detail.setText(" · ".join(part for part in (self._own_detail, self._hand) if part))
        self.canvas.setAccessibleDescription(f"{self._title.text()}. {self._detail.text()}")
