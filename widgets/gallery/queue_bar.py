"""The queue that is worked through: which, how far, the next image in it, and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from inference.types.gallery import QueueStatus
from widgets.elided_label import ElidedLabel
from widgets.theme import current_theme

_NONE: Final = "No queue"
_BAR: Final = 4  # height of the progress bar


def status_text(status: QueueStatus) -> str:
    """ "12 of 40 left · 28 seen, 9 annotated"; in other words where nothing is left or nothing was there.

    To see an image is not to say anything of it, so the two are counted apart.
    """
    if status.total <= 0:
        return "Nothing is in this queue"
    annotated = f"{status.annotated:,} annotated"
    if status.left == 0:
        return f"All {status.total:,} seen, {annotated}"
    return f"{status.left:,} of {status.total:,} left · {status.done:,} seen, {annotated}"


class QueueBar(QWidget):
    """Hidden until there are queues to choose from."""

    queueChosen = Signal(str)
    nextRequested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._status: QueueStatus | None = None
        self._queues = QComboBox(self)
        self._queues.setAccessibleName("Queue to work through")
        self._queues.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._queues.setMinimumContentsLength(4)
        self._queues.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._next = _button("Next", "Go to the next image in the queue that was not seen yet", self)
        self._close = _button("×", "Leave the queue and list the images as before", self)
        self._close.setAccessibleName("Leave the queue")
        self._words = ElidedLabel(parent=self)
        self._reason = ElidedLabel(parent=self, role=QPalette.ColorRole.PlaceholderText)
        self._progress = _Progress(self)
        self._lay_out()
        self._queues.activated.connect(self._on_activated)
        self._next.clicked.connect(self.nextRequested)
        self._close.clicked.connect(self._leave)
        self.setQueues(())

    def setQueues(self, queues: Sequence[tuple[str, str, str]]) -> None:
        """(key, text, tip) of each; the choice is kept where it is still there."""
        chosen = str(self._queues.currentData() or "")
        with QSignalBlocker(self._queues):
            self._queues.clear()
            self._queues.addItem(_NONE, "")
            self._tip(0, "Choose a queue: images worth a look, in the best order")
            for key, text, tip in queues:
                self._queues.addItem(text, key)
                self._tip(self._queues.count() - 1, tip)
        self.setQueue(chosen)
        self.setVisible(bool(queues))

    def setQueue(self, key: str) -> None:
        """The queue at work; "" for none."""
        with QSignalBlocker(self._queues):
            self._queues.setCurrentIndex(max(self._queues.findData(key), 0))
        self._show()

    def setStatus(self, status: QueueStatus | None) -> None:
        """How far it is; None when there is none, which also chooses "No queue"."""
        self._status = status
        if status is None:
            self.setQueue("")
        self._show()

    def queue(self) -> str:
        """The chosen queue's key."""
        return str(self._queues.currentData() or "")

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self._queues, 1)
        top.addWidget(self._next)
        top.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self._progress)
        column.addWidget(self._words)
        column.addWidget(self._reason)

    def _tip(self, row: int, tip: str) -> None:
        self._queues.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)

    def _show(self) -> None:
        status = self._status
        at_work = status is not None
        for part in (self._next, self._close, self._words, self._progress):
            part.setVisible(at_work)
        self._reason.setVisible(status is not None and bool(status.text))
        self._queues.setToolTip(str(self._queues.currentData(Qt.ItemDataRole.ToolTipRole) or ""))
        if status is None:
            return
        text = status_text(status)
        self._words.setText(text)
        self._reason.setText(status.text)
        self._next.setEnabled(status.left > 0)
        self._progress.setShare(status.done / status.total if status.total > 0 else 0.0)
        self.setAccessibleDescription(f"{status.title}: {text}")

    def _on_activated(self) -> None:
        self._show()
        self.queueChosen.emit(self.queue())

    def _leave(self) -> None:
        self.setStatus(None)
        self.queueChosen.emit("")


class _Progress(QWidget):
    """A thin bar; the words below it say the same."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def setShare(self, share: float) -> None:
        """From 0 to 1."""
        self._share = min(max(share, 0.0), 1.0)
        self.update()

    def sizeHint(self) -> QSize:
        """Thin."""
        return QSize(40, _BAR)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The track, and how much of it was seen."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.track))
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)
        painter.setBrush(QColor(theme.accent))
        painter.drawRoundedRect(QRectF(0, 0, self.width() * self._share, self.height()), 2, 2)


def _button(text: str, tip: str, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(f"{text} image in the queue")
    button.setAccessibleDescription(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
