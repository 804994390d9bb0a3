"""The annotating panel: every label of the image or images in hand, keyboard first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from inference.types import BoolArray, ScoreArray, StatementArray, Task
from inference.types.annotating_view import AnnotateLabel, HistoryLine, SaveState


class AnnotatePanel(QWidget):
    """Setters never emit; an edit is only asked for, and shown when its setter is called."""

    statementRequested = Signal(int, int)  # label id, POSITIVE, NEGATIVE, UNKNOWN or UNSAID
    noneRequested = Signal()
    asPredictedRequested = Signal()
    clearRequested = Signal()
    confirmRequested = Signal()
    noteEdited = Signal(str)
    labelAddRequested = Signal(str)
    labelRenameRequested = Signal(int, str)
    labelMergeRequested = Signal(int, int)  # id of the label that goes, id of the label that takes its statements
    labelRetireRequested = Signal(int)
    labelKeyRequested = Signal(int, str)  # id, a letter or "" for none
    labelChosen = Signal(int)  # id
    autoAdvanceToggled = Signal(bool)
    nextRequested = Signal()
    previousRequested = Signal()
    nextUnannotatedRequested = Signal()
    nextInQueueRequested = Signal()
    retrySaveRequested = Signal()
    historyWanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Annotate")

    def setLabels(self, labels: Sequence[AnnotateLabel]) -> None:
        """Start over with other rows."""

    def setStatements(self, values: StatementArray) -> None:
        """What is said under each label, int8 (rows,): POSITIVE, NEGATIVE, UNKNOWN, UNSAID or MIXED."""

    def setScores(self, scores: ScoreArray, predicted: BoolArray) -> None:
        """The model's score, NaN where there is none, and decision under each label, (rows,)."""

    def setTask(self, task: Task) -> None:
        """Multi-class: exactly one label, chosen as with radio buttons."""

    def setSelection(self, n_images: int, name: str) -> None:
        """How many images are in hand, and the name of the first."""

    def setSaveState(self, state: SaveState) -> None:
        """What has become of the last edits."""

    def setNote(self, text: str) -> None:
        """The note on the image in hand."""

    def setHistory(self, lines: Sequence[HistoryLine]) -> None:
        """What was done to the image in hand, the latest first."""

    def setAutoAdvance(self, on: bool) -> None:
        """Whether the next image comes by itself."""

    def setHint(self, text: str) -> None:
        """A line of help under the title."""

    def setReadOnly(self, read_only: bool) -> None:
        """Whether nothing can be edited."""

    def setLabelUse(self, counts: Sequence[int]) -> None:
        """How many images have a statement under each label, (rows,)."""

    def setCurrentLabel(self, label_id: int) -> None:
        """Choose a row; -1 chooses none."""

    def setTakenKeys(self, taken: Mapping[str, str]) -> None:
        """Keys that a label cannot have, and what each does."""

    def setQueueAvailable(self, available: bool) -> None:
        """Whether there is a queue to go on in."""

    def focusFinder(self) -> None:
        """Begin to type part of a label's name."""

    def commitNote(self) -> None:
        """Tell what was typed into the note and not yet told; to be called before another image is taken in hand."""
