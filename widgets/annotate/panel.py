"""The annotating panel: every label of the image or images in hand, keyboard first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal, SignalInstance
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from inference.types import UNSAID, BoolArray, ScoreArray, StatementArray, Task
from inference.types.annotating_view import MIXED, AnnotateLabel, HistoryLine, SaveState
from widgets.annotate.buttons import WayButtons, WholeImageButtons
from widgets.annotate.finder import Finder
from widgets.annotate.history import HistoryBox
from widgets.annotate.label_menu import LabelMenu
from widgets.annotate.model import AnnotateModel
from widgets.annotate.note_field import NoteField
from widgets.annotate.save_line import SaveLine
from widgets.annotate.view import AnnotateView
from widgets.elided_label import ElidedLabel
from widgets.figure_label import StillLabel
from widgets.numbers import format_count
from widgets.wrapped_label import wrapped_label

_NO_IMAGE: Final = "No image in hand"
_CHOOSE: Final = "Open a folder and choose an image in the gallery: then its labels stand here."
_NO_LABELS: Final = "No labels yet. Add one with Labels, or open a model: then its labels stand here."
_DIFFER: Final = "The model decides otherwise than was said: triangles and diamonds beside the scores."
_SEVERAL: Final = "What you say goes for all of them."


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
        self._n_images = 0
        self._name = ""
        self._hint = ""
        self._came_from: QWidget | None = None  # had the focus before the finder
        self._model = AnnotateModel(self)
        self._rows = self._model.rows
        self._menu = LabelMenu(self._rows, self)
        self._title = ElidedLabel("", self, mode=Qt.TextElideMode.ElideMiddle)
        self._count = StillLabel(self)  # it changes while a slider moves
        self._hint_line = wrapped_label(self)
        self._save = SaveLine(self)
        self._finder = Finder(self)
        self._labels_button = QPushButton(self)
        self._labels_menu = QMenu(self._labels_button)
        self._view = AnnotateView(self._model, self)
        self._add = QPushButton(self)
        self._whole = WholeImageButtons(self)
        self._note = NoteField(self)
        self._way = WayButtons(self)
        self._history = HistoryBox(self)
        self._build()
        self._connect()
        self._refresh()

    # Setters

    def setLabels(self, labels: Sequence[AnnotateLabel]) -> None:
        """Start over with other rows; the chosen label and what is looked for stay where they can."""
        current, wanted = self.currentLabel(), self._finder.text()
        self._view.set_current(-1)
        self._model.set_entries(labels)
        self._model.set_filter(wanted)
        self._view.set_current(self._rows.place_of(current))
        self._refresh()

    def setStatements(self, values: StatementArray) -> None:
        """What is said under each label, int8 (rows,): POSITIVE, NEGATIVE, UNKNOWN, UNSAID or MIXED."""
        self._model.set_statements(values)
        self._show_counts()

    def setScores(self, scores: ScoreArray, predicted: BoolArray) -> None:
        """The model's score, NaN where there is none, and decision under each label, (rows,)."""
        self._model.set_scores(scores, predicted)
        self._show_counts()

    def setTask(self, task: Task) -> None:
        """Multi-class: exactly one label, chosen as with radio buttons."""
        self._model.set_task(task)
        self._whole.set_task(task)

    def setSelection(self, n_images: int, name: str) -> None:
        """How many images are in hand, and the name of the first."""
        if (n_images, name) != (self._n_images, self._name):
            self._model.expect_image()
            self._note.reset()
        if not n_images:
            self._model.blank()
        self._n_images, self._name = n_images, name
        self._refresh()

    def setSaveState(self, state: SaveState) -> None:
        """What has become of the last edits."""
        self._save.setState(state)

    def setNote(self, text: str) -> None:
        """The note on the image in hand."""
        self._note.set_text(text)

    def setHistory(self, lines: Sequence[HistoryLine]) -> None:
        """What was done to the image in hand, the latest first."""
        self._history.set_lines(lines)

    def setAutoAdvance(self, on: bool) -> None:
        """Whether the next image comes by itself."""
        self._way.set_auto(on)

    def setHint(self, text: str) -> None:
        """A line of help under the title."""
        self._hint = text
        self._refresh()

    def setReadOnly(self, read_only: bool) -> None:
        """Whether nothing can be edited."""
        if read_only == self._rows.read_only:  # told with every edit that is saved
            return
        self._model.set_read_only(read_only)
        self._refresh()

    def setLabelUse(self, counts: Sequence[int]) -> None:
        """How many images have a statement under each label, (rows,)."""
        self._model.set_use(counts)

    def setCurrentLabel(self, label_id: int) -> None:
        """Choose a row; -1 chooses none."""
        if label_id != self.currentLabel():
            self._view.set_current(self._rows.place_of(label_id))

    def setTakenKeys(self, taken: Mapping[str, str]) -> None:
        """Keys that a label cannot have, and what each does."""
        self._menu.taken_keys = dict(taken)

    def setMergeRule(self, sentence: str) -> None:
        """What becomes of images about which both labels say something, said before a merge."""
        self._menu.merge_rule = sentence

    def setActionKeys(self, keys: Mapping[str, Sequence[str]]) -> None:
        """The keys of the program's actions by name (``confirm``, ``next_image``, ``none_of_them``), for tool tips."""
        self._whole.show_keys(keys)
        self._way.show_keys(keys)
        self._finder.show_keys(keys.get("find_to_annotate", ()))

    def setQueueAvailable(self, available: bool) -> None:
        """Whether there is a queue to go on in."""
        self._way.set_queue(available)

    # Asked from outside

    def currentLabel(self) -> int:
        """The id of the chosen label, -1 for none."""
        place = self._view.current_label()
        return self._rows.entries[place].id if 0 <= place < len(self._rows.entries) else -1

    def focusFinder(self) -> None:
        """Begin to type part of a label's name; Escape gives the focus back."""
        before = QApplication.focusWidget()
        if before is not self._finder:
            self._came_from = before
        self._finder.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._finder.selectAll()

    def focusNote(self) -> None:
        """Begin to type a note; Enter gives the focus back."""
        before = QApplication.focusWidget()
        if before is not self._note:
            self._came_from = before
        self._note.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def commitNote(self) -> None:
        """Tell what was typed into the note and not yet told; to be called before another image is taken in hand."""
        self._note.commit()

    # Building

    def _build(self) -> None:
        bold = QFont(self.font())
        bold.setBold(True)
        self._title.setFont(bold)
        self.setFocusProxy(self._view)
        self._labels_button.setText("La&bels")
        self._labels_button.setToolTip("Add, rename, merge or retire labels, or give one a key.")
        self._labels_button.setAccessibleName("Labels: add, rename, merge, retire, key")
        self._labels_button.setAutoDefault(False)
        self._labels_button.setMenu(self._labels_menu)
        self._add.setAutoDefault(False)
        self._add.hide()
        self._count.setRoom(self.fontMetrics().averageCharWidth() * 12, 0)
        numbers = QHBoxLayout()
        numbers.addWidget(self._count, 1)
        numbers.addWidget(self._save)
        find = QHBoxLayout()
        find.addWidget(self._finder, 1)
        find.addWidget(self._labels_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addLayout(numbers)
        column.addWidget(self._hint_line)
        column.addLayout(find)
        column.addWidget(self._view, 1)
        column.addWidget(self._add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._whole)
        column.addWidget(self._note)
        column.addWidget(self._way)
        column.addWidget(self._history)

    def _connect(self) -> None:
        self._view.statementAsked.connect(self._ask)
        self._view.labelChosen.connect(lambda place: self.labelChosen.emit(self._rows.entries[place].id))
        self._view.renameAsked.connect(self._menu.rename)
        self._view.menuAsked.connect(self._open_menu)
        self._view.confirmAsked.connect(self._leaving(self.confirmRequested))
        self._view.nextAsked.connect(self._leaving(self.nextRequested))
        self._view.previousAsked.connect(self._leaving(self.previousRequested))
        self._finder.textChanged.connect(self._find)
        self._finder.positiveAsked.connect(lambda: self._view.toggle_positive(self._found()))
        self._finder.negativeAsked.connect(lambda: self._view.toggle_negative(self._found()))
        self._finder.confirmAsked.connect(self._leaving(self.confirmRequested))
        self._finder.moved.connect(self._view.move_by)
        self._finder.left.connect(self._give_back)
        self._note.left.connect(self._give_back)
        self._note.edited.connect(self.noteEdited)
        self._add.clicked.connect(lambda: self.labelAddRequested.emit(self._wanted()))
        self._connect_buttons()

    def _connect_buttons(self) -> None:
        whole, way, menu = self._whole, self._way, self._menu
        whole.noneRequested.connect(self.noneRequested)
        whole.asPredictedRequested.connect(self.asPredictedRequested)
        whole.clearRequested.connect(self.clearRequested)
        way.confirmRequested.connect(self._leaving(self.confirmRequested))
        way.previousRequested.connect(self._leaving(self.previousRequested))
        way.nextRequested.connect(self._leaving(self.nextRequested))
        way.nextUnannotatedRequested.connect(self._leaving(self.nextUnannotatedRequested))
        way.nextInQueueRequested.connect(self._leaving(self.nextInQueueRequested))
        way.autoAdvanceToggled.connect(self.autoAdvanceToggled)
        self._labels_menu.aboutToShow.connect(
            lambda: menu.fill(self._labels_menu, self._rows.place_of(self.currentLabel()))
        )
        menu.addRequested.connect(self.labelAddRequested)
        menu.renameRequested.connect(self.labelRenameRequested)
        menu.mergeRequested.connect(self.labelMergeRequested)
        menu.retireRequested.connect(self.labelRetireRequested)
        menu.keyRequested.connect(self.labelKeyRequested)
        self._save.retryRequested.connect(self.retrySaveRequested)
        self._history.wanted.connect(self.historyWanted)

    # What the parts tell

    def _leaving(self, signal: SignalInstance) -> Callable[[], None]:
        """A slot that keeps the note before the image goes."""

        def go() -> None:
            self._note.commit()
            signal.emit()

        return go

    def _ask(self, place: int, value: int) -> None:
        if self._n_images:
            self.statementRequested.emit(self._rows.entries[place].id, value)

    def _open_menu(self, place: int, at: QPoint) -> None:
        self._menu.popup(place, at)

    def _wanted(self) -> str:
        """What is typed into the finder, as a name."""
        return " ".join(self._finder.text().split())

    def _find(self, text: str) -> None:
        """Show the labels that match and stand on the best of them."""
        self._model.set_filter(text)
        if self._wanted() and self._model.rowCount():
            self._view.set_current(self._model.label_at(0))
        self._refresh()

    def _found(self) -> int:
        """The row that Enter in the finder means."""
        place = self._view.current_label()
        if self._model.row_of(place) >= 0:
            return place
        return self._model.label_at(0) if self._model.rowCount() else -1

    def _give_back(self) -> None:
        """The focus to whoever had it before; the table is the next best."""
        before, self._came_from = self._came_from, None
        target = before if before is not None and isValid(before) and before.isVisible() else self._view
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    # Showing

    def _refresh(self) -> None:
        some, editable = self._n_images > 0, self._n_images > 0 and not self._rows.read_only
        several = self._n_images > 1
        self._title.setText(self._title_text())
        hint = self._hint or (_SEVERAL if several else "")
        self._hint_line.setText(hint)
        self._hint_line.setVisible(bool(hint))
        self._view.setEnabled(some)
        self._whole.set_possible(edit=editable, predictions=any(entry.has_output for entry in self._rows.entries))
        self._way.set_possible(some=some, edit=editable)
        self._note.set_possible(one=self._n_images == 1, edit=not self._rows.read_only)
        self._show_counts()
        self._show_empty()

    def _title_text(self) -> str:
        if not self._n_images:
            return _NO_IMAGE
        return self._name if self._n_images == 1 else f"{format_count(self._n_images)} images"

    def _show_counts(self) -> None:
        """How far the image has come."""
        total = len(self._rows.labels)
        if not self._n_images or not total:
            self._count.setText("")
            return
        if self._n_images > 1:
            mixed = int((self._rows.statements == MIXED).sum())
            self._count.setText(f"{format_count(mixed)} of {format_count(total)} not the same" if mixed else "")
            return
        said = int((self._rows.statements != UNSAID).sum())
        parts = [f"{format_count(said)} of {format_count(total)} annotated"]
        differ = self._rows.differs()
        if differ:
            parts.append(f"{format_count(differ)} {'differs' if differ == 1 else 'differ'}")
        self._count.setText(" · ".join(parts))
        self._count.setAccessibleDescription(_DIFFER if differ else "")

    def _show_empty(self) -> None:
        """What to do where there are no rows."""
        wanted = self._wanted()
        nothing = bool(self._rows.labels) and self._model.rowCount() == 0
        offered = nothing and not self._rows.read_only
        self._add.setVisible(offered)
        self._add.setText(f"Add “{wanted}” as a label".replace("&", "&&"))
        self._finder.setEnabled(bool(self._rows.labels))
        self._labels_button.setEnabled(not self._rows.read_only)
        if nothing:
            self._view.empty_text = f"No label contains “{wanted}”. Esc clears the field."
        elif not self._rows.labels:
            self._view.empty_text = _NO_LABELS if self._n_images else _CHOOSE
        self._view.viewport().update()
