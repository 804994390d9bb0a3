"""What stands beside the buttons of the rule bar: how many labels are predicted, and that logits are calibrated."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QSpinBox, QWidget

from widgets.theme import Theme, current_theme


class CountBox(QWidget):
    """A small number, named k. `chosen` is the user's; a setter emits nothing."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wished = self._most = 1
        self._box = QSpinBox(self)
        self._box.setRange(1, 1)
        self._box.setAccessibleName("How many labels an image is given at most")
        self._box.setToolTip("How many labels an image is given at most")
        self._box.setKeyboardTracking(False)  # 1 on the way to 12 is not meant
        name = QLabel("k", self)
        name.setBuddy(self._box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(name)
        row.addWidget(self._box)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._box.valueChanged.connect(self._on_changed)

    def value(self) -> int:
        """The number in force, which may be more than there are labels."""
        return self._wished

    def setValue(self, k: int) -> None:
        """Show a number."""
        self._wished = k
        self._show()

    def setMost(self, n_labels: int) -> None:
        """As many as there are labels, and at least 1."""
        self._most = max(1, n_labels)
        self._show()

    def box(self) -> QSpinBox:
        """The field."""
        return self._box

    def _show(self) -> None:
        with QSignalBlocker(self._box):
            self._box.setMaximum(max(self._most, self._wished))
            self._box.setValue(self._wished)

    def _on_changed(self, k: int) -> None:
        self._wished = k
        self.chosen.emit(k)


class CalibrationChip(QPushButton):
    """A quiet note in a rounded frame; hidden without words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme: Theme | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip("The logits are mapped before the activation. Click to see how, and what it does.")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()
        self._restyle()

    def setText(self, text: str) -> None:
        """Say what is done, or hide."""
        super().setText(text.replace("&", "&&"))
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._theme is not None:
            self._restyle()

    def _restyle(self) -> None:
        theme = current_theme()
        if theme is self._theme:  # a new style sheet changes the palette once more
            return
        self._theme = theme
        self.setStyleSheet(
            f"QPushButton {{ color: {theme.muted}; background: transparent; border: 1px solid {theme.border};"
            " border-radius: 8px; padding: 1px 8px; }"
            f"QPushButton:hover {{ color: {theme.text}; background: {theme.raised}; }}"
            f"QPushButton:focus {{ color: {theme.text}; border-color: {theme.accent}; }}"
        )
