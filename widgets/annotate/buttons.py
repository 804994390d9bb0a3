"""The panel's buttons: what is said of a whole image, and where to go next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QPushButton, QToolButton, QVBoxLayout, QWidget

from inference.types import Task
from widgets.tuning.flow import FlowRow


class WholeImageButtons(QWidget):
    """Statements about every label at once."""

    noneRequested = Signal()
    asPredictedRequested = Signal()
    clearRequested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._as_predicted = _button(
            self,
            "As predicted",
            "Says of every label that has an output what the model decided: positive where it is predicted, "
            "negative elsewhere.",
            self.asPredictedRequested.emit,
        )
        self._none = _button(
            self, "None of them", "Says negative of every label: none of them is there.", self.noneRequested.emit
        )
        self._clear = _button(
            self, "Clear", "Takes back what was said under every label of the image.", self.clearRequested.emit
        )
        _hold(self, FlowRow(self, self._as_predicted, self._none, self._clear))

    def show_keys(self, keys: Mapping[str, Sequence[str]]) -> None:
        """Name in the tool tips the keys that do the same."""
        _name_keys(self._as_predicted, keys.get("as_predicted", ()))
        _name_keys(self._none, keys.get("none_of_them", ()))
        _name_keys(self._clear, keys.get("clear_labels", ()))

    def set_task(self, task: Task) -> None:
        """A multi-class image has exactly one label, so never none."""
        self._none.setVisible(task is Task.MULTILABEL)

    def set_possible(self, *, edit: bool, predictions: bool) -> None:
        """Whether anything can be said, and whether there are decisions to accept."""
        self._none.setEnabled(edit)
        self._clear.setEnabled(edit)
        self._as_predicted.setEnabled(edit and predictions)


class WayButtons(QWidget):
    """Confirm, and where to go."""

    confirmRequested = Signal()
    previousRequested = Signal()
    nextRequested = Signal()
    nextUnannotatedRequested = Signal()
    nextInQueueRequested = Signal()
    autoAdvanceToggled = Signal(bool)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._confirm = _button(
            self,
            "Confirm",
            "Says that what stands here is right, and goes on to the next image.",
            self.confirmRequested.emit,
        )
        left, right = Qt.ArrowType.LeftArrow, Qt.ArrowType.RightArrow
        self._previous = _arrow(self, left, "Previous image", "The image before.", self.previousRequested)
        self._next = _arrow(self, right, "Next image", "The image after.", self.nextRequested)
        self._unannotated = _button(
            self,
            "Next unannotated",
            "The next image of which nobody said anything.",
            self.nextUnannotatedRequested.emit,
        )
        self._queue = _button(
            self, "Next in queue", "The next image of the queue that is not done yet.", self.nextInQueueRequested.emit
        )
        self._auto = QCheckBox("Go on by itself", self)
        tip = "After a label was said with a key, the next image comes by itself."
        self._auto.setToolTip(tip)
        self._auto.setAccessibleDescription(tip)
        self._auto.toggled.connect(self.autoAdvanceToggled)
        first = FlowRow(self, self._confirm, self._previous, self._next, self._unannotated, self._queue, self._auto)
        _hold(self, first)

    def show_keys(self, keys: Mapping[str, Sequence[str]]) -> None:
        """Name in the tool tips the keys that do the same."""
        _name_keys(self._confirm, keys.get("confirm", ()))
        _name_keys(self._previous, (*keys.get("previous_image", ()), "Left"))
        _name_keys(self._next, (*keys.get("next_image", ()), "Right"))
        _name_keys(self._unannotated, keys.get("next_unannotated", ()))
        _name_keys(self._queue, keys.get("next_in_queue", ()))
        _name_keys(self._auto, keys.get("auto_advance", ()))

    def set_auto(self, on: bool) -> None:
        """Tick the box; nothing is emitted."""
        self._auto.blockSignals(True)
        self._auto.setChecked(on)
        self._auto.blockSignals(False)

    def set_queue(self, available: bool) -> None:
        """Whether there is a queue to go on in."""
        self._queue.setVisible(available)

    def set_possible(self, *, some: bool, edit: bool) -> None:
        """Whether an image is in hand, and whether it can be confirmed."""
        self._previous.setEnabled(some)
        self._next.setEnabled(some)
        self._confirm.setEnabled(some and edit)


def _name_keys(button: QAbstractButton, keys: Sequence[str]) -> None:
    """Say the keys after the sentence that is there."""
    tip = button.accessibleDescription()
    button.setToolTip(f"{tip} ({' or '.join(dict.fromkeys(keys))})" if keys else tip)


def _button(parent: QWidget, text: str, tip: str, act: Callable[[], None]) -> QPushButton:
    """One that takes no focus by a click, so that the keys go on working where they were."""
    button = QPushButton(text, parent)
    button.setToolTip(tip)
    button.setAccessibleDescription(tip)
    button.setAutoDefault(False)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(lambda: act())
    return button


def _arrow(parent: QWidget, arrow: Qt.ArrowType, name: str, tip: str, signal: SignalInstance) -> QToolButton:
    """A narrow button, as high as the others."""
    button = QToolButton(parent)
    button.setArrowType(arrow)
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setAccessibleDescription(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.setFixedHeight(QPushButton("X").sizeHint().height())
    button.clicked.connect(lambda: signal.emit())
    return button


def _hold(widget: QWidget, row: QWidget) -> None:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(row)
