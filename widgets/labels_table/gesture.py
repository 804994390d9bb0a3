"""What mouse, wheel and keys do to one threshold: many changes, then one end, so that undo has one step a gesture."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from widgets.labels_table.track import Drag, Track, stepped

PAUSE_MS: Final = 500  # a wheel has no release: this long without a turn ends the edit
_NOTCH: Final = 120


class ThresholdGesture(QObject):
    """Owned by whoever paints the slider; says what the threshold becomes."""

    valueChanged = Signal(float)
    finished = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._drag: Drag | None = None
        self._before = 0.0
        self._value = 0.0
        self._changing = False
        self._wheel = 0
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.end)

    @property
    def dragging(self) -> bool:
        """Whether the mouse button is down on the handle."""
        return self._drag is not None

    @property
    def changing(self) -> bool:
        """Whether a change was told whose end was not."""
        return self._changing

    def press(self, track: Track, x: float, value: float, *, on_handle: bool, fine: bool) -> None:
        """The button went down on the track; beside the handle this moves it at once."""
        self.end()
        self._before = self._value = value
        self._drag = Drag(track, x, value, on_handle=on_handle, fine=fine)
        if not on_handle:
            self._tell(self._drag.move(x, fine=fine))

    def move(self, x: float, *, fine: bool) -> None:
        """The pointer moved with the button down."""
        if self._drag is not None:
            self._tell(self._drag.move(x, fine=fine))

    def cancel(self) -> None:
        """Escape during a drag: the threshold goes back to where it was."""
        if self._drag is not None:
            self._tell(self._before)
            self.end()

    def step(self, value: float, steps: float, *, fine: bool, even: bool = True) -> None:
        """A key, until whose release ``end`` must be called. ``even``: in the score, else in the logit."""
        if self._drag is not None:
            return
        self._pause.stop()
        self._value = value
        self._tell(stepped(value, steps, fine=fine, even=even))

    def ask(self) -> bool:
        """Somebody else is about to move the threshold, until ``end``; False during a drag."""
        if self._drag is not None:
            return False
        self._pause.stop()
        self._changing = True
        return True

    def turn(self, value: float, angle: int, *, fine: bool, even: bool = True) -> None:
        """The wheel, in eighths of a degree; fine wheels send parts of a notch. A pause ends it."""
        self._wheel += angle
        notches = int(self._wheel / _NOTCH)
        if notches:
            self._wheel -= notches * _NOTCH
            self.step(value, notches, fine=fine, even=even)
            if self._drag is None:
                self._pause.start()

    def end(self) -> None:
        """Release, lost focus or a pause: tells ``finished`` if anything changed."""
        self._drag = None
        self._wheel = 0
        self._pause.stop()
        if self._changing:
            self._changing = False
            self.finished.emit()

    def drop(self) -> None:
        """Forget it all without a word: the labels were replaced."""
        self._changing = False
        self.end()

    def _tell(self, value: float) -> None:
        if value != self._value:
            self._value = value
            self._changing = True
            self.valueChanged.emit(value)
