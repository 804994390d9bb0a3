"""Puts annotating, reviewing and the project into words, and takes the user from image to image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu

from app.actions import ACTIONS, BY_USE, WIDGET_KEYS
from app.assembly import Controllers
from app.key_map import editor_rows, merged, sheet_rows, taken_keys
from app.main_window import MainWindow
from app.presenter import Presenter
from app.workbench import Workbench
from inference.data.store import HistoryEntry
from inference.types import ImageScores, IntArray, Severity
from inference.types.annotating_view import HistoryLine, SaveState
from inference.types.gallery import ImageMarks, QueueStatus
from widgets.dialogs.key_editor import KeyEditor
from widgets.dialogs.key_sheet import KeySheet

_WORDS = {1: "positive", 0: "negative", -1: "unknown", -2: "not said"}
_MANY = "said of many images"  # names the message
_ACTIONS = {"did": "", "undid": "undone: ", "redid": "redone: ", "imported": ""}


class LabelingPresenter(QObject):
    """Reads the session, writes the panes that labeling is done in."""

    def __init__(self, window: MainWindow, bench: Workbench, made: Controllers, presenter: Presenter) -> None:
        super().__init__(window)
        self._window, self._bench, self._made, self._presenter = window, bench, made, presenter
        self._session = made.session
        self._history_wanted = False
        self._letters: list[QShortcut] = []
        self._saved = SaveState("", "idle")
        bench.annotate.setMergeRule(
            "Where both say something, positive wins, and what is negative under one and unknown under the other "
            "becomes unknown."
        )
        self.apply_keys()

    # -- what is open ------------------------------------------------------------------------------------------------

    def show_dataset(self) -> None:
        """Rows, task and marks of what was opened."""
        dataset = self._session.dataset
        if dataset is not None:
            self._bench.annotate.setTask(dataset.task)
        self.show_marks()

    def show_marks(self) -> None:
        """Which images are edited, noted or cannot be found."""
        session = self._session
        dataset = session.dataset
        if dataset is None or len(session.edited) != len(dataset):
            self._bench.gallery.setMarks(None)
            return
        noted = np.zeros(len(dataset), dtype=bool)
        noted[[image for image in session.notes if image < len(dataset)]] = True
        watch = self._made.watch
        vanished, changed = (marks if len(marks) == len(dataset) else None for marks in (watch.vanished, watch.changed))
        unsaved = np.zeros(len(dataset), dtype=bool)
        unsaved[self._made.opening.projects.unsaved_images] = True
        marks = ImageMarks(session.edited, unsaved, noted, vanished, changed)
        self._bench.gallery.setMarks(marks)

    def show_annotated(self, images: IntArray) -> None:
        """The gallery marks images that nobody annotated."""
        dataset = self._session.dataset
        if dataset is not None:
            self._bench.gallery.setAnnotated(dataset.annotated)
        self.show_marks()
        if self._history_wanted and self._session.image in images:
            self.ask_history()

    def show_image_scores(self, scores: ImageScores | None) -> None:
        """The model's scores beside what is said."""
        self._made.annotating.set_scores(None if scores is None else (scores.scores, scores.predicted))

    def show_save_state(self, state: SaveState) -> None:
        """Whether everything is on the disk."""
        before, self._saved = self._saved, state
        self._bench.annotate.setSaveState(state)
        if "unsaved" in (before.kind, state.kind):
            self.show_marks()
        self._bench.annotate.setReadOnly(state.kind == "read_only")

    def say_saved(self) -> None:
        """Ctrl+S: everything is saved all the time; say so, and where."""
        path = self._made.opening.projects.path
        if self._saved.kind in ("unsaved", "saving"):
            self._made.opening.projects.retry()
            self._presenter.say(f"{self._saved.text}.", Severity.WARNING)
        elif path is not None:
            self._presenter.say(f"{self._saved.text or 'Saved'}: {path}", Severity.INFO)

    def show_queue(self, status: QueueStatus | None) -> None:
        """How far the queue is."""
        self._bench.gallery.setQueueStatus(status)
        self._bench.annotate.setQueueAvailable(status is not None)

    def choose_label(self, label_id: int) -> None:
        """A row of the panel: the same label in the table, where the model has it."""
        column = self._made.annotating.column_of(label_id)
        if column >= 0:
            self._session.set_label(column)

    def show_label(self, column: int) -> None:
        """The label that is looked at, in the panel."""
        self._bench.annotate.setCurrentLabel(self._made.annotating.row_of(column))

    def show_selection(self) -> None:
        """Which images are in hand."""
        self._made.annotating.select(self._bench.gallery.selection())

    def open_gallery_menu(self, at: QPoint, _: IntArray) -> None:
        """What can be done with the images that were clicked."""
        menu = QMenu(self._bench.gallery)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for keys in (("as_predicted", "none_of_them", "clear_labels", "chosen_unknown"), ("note", "side_by_side")):
            for key in keys:
                menu.addAction(self._window.actions_by_key[key])
            menu.addSeparator()
        menu.popup(at)

    def say_of_many(self, sentence: str) -> None:
        """An edit of several images, which is not all in sight, with the way back."""
        bar = self._window.message_bar
        bar.clear(_MANY)
        keys = merged(ACTIONS, self._made.memory.state.keys)["undo"]
        back = f"Undo ({keys[0]}) takes it back." if keys else "Undo takes it back."
        bar.showMessage(f"{sentence} {back}", Severity.INFO, action="Undo", key=_MANY)

    def forget_many(self) -> None:
        """What Undo would take back is another step by now."""
        self._window.message_bar.clear(_MANY)

    def on_message_action(self) -> None:
        """The button on that message."""
        if self._window.message_bar.currentKey() == _MANY:
            self._made.stack.undo()

    # -- history -----------------------------------------------------------------------------------------------------

    def want_history(self, wanted: bool) -> None:
        """Whether the history of the image is in sight."""
        self._history_wanted = wanted
        self.ask_history()

    def ask_history(self) -> None:
        """What was done to the image in hand."""
        image = self._session.image
        if not self._history_wanted or image < 0:
            self._bench.annotate.setHistory(())
            return

        def show(entries: tuple[HistoryEntry, ...]) -> None:
            if self._session.image == image:
                self._bench.annotate.setHistory([self._line(entry) for entry in reversed(entries)])

        self._made.opening.projects.ask_history(image, show)

    def _line(self, entry: HistoryEntry) -> HistoryLine:
        truth = self._session.truth
        labels = truth.labels if truth is not None else ()
        cells = [
            f"{labels[label].name} {_WORDS[before]} → {_WORDS[after]}"
            for label, before, after in entry.cells[:6]
            if label < len(labels)
        ]
        more = f" and {len(entry.cells) - 6} more" if len(entry.cells) > 6 else ""
        what = ", ".join(cells) + more if cells else entry.text
        source = f" ({entry.source})" if entry.source else ""
        return HistoryLine(entry.when, entry.who, f"{_ACTIONS.get(entry.action, '')}{what}{source}")

    # -- from image to image -----------------------------------------------------------------------------------------

    def go_on(self) -> None:
        """The next image: of the queue, where one is worked off, else of the list."""
        if self._made.queues.is_on:
            self._made.queues.go_on()
        else:
            self._bench.gallery.nextImage()

    def next_unannotated(self) -> None:
        """The next listed image of which nobody said anything, from the one in hand on."""
        dataset = self._session.dataset
        if dataset is None:
            return
        shown = np.asarray(self._bench.gallery.shown(), dtype=np.int64)
        here = np.flatnonzero(shown == self._session.image)
        start = int(here[0]) + 1 if len(here) else 0
        around = np.concatenate([shown[start:], shown[:start]])
        found = around[~dataset.annotated[around]]
        if len(found):
            self._session.set_image(int(found[0]))
        else:
            self._presenter.say("Every listed image is annotated.", Severity.INFO)

    def find_to_annotate(self) -> None:
        """Type part of a label's name."""
        self._bench.bring_forward(self._bench.annotate_dock)
        self._bench.annotate.focusFinder()

    def write_note(self) -> None:
        """About the image in hand."""
        self._bench.bring_forward(self._bench.annotate_dock)
        self._bench.annotate.focusNote()

    # -- keys --------------------------------------------------------------------------------------------------------

    def apply_keys(self) -> None:
        """The user's keys on every action."""
        keys = merged(ACTIONS, self._made.memory.state.keys)
        for key, action in self._window.actions_by_key.items():
            action.setShortcuts([QKeySequence(text) for text in keys[key]])
        self._bench.annotate.setTakenKeys(taken_keys(ACTIONS, self._made.memory.state.keys))
        self._bench.annotate.setActionKeys(keys)

    def show_keys(self) -> None:
        """Every key, on a sheet."""
        rows = sheet_rows(ACTIONS, self._made.memory.state.keys, WIDGET_KEYS, BY_USE)
        sheet = KeySheet(rows, self._window, editable=True)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.editRequested.connect(self.edit_keys)
        sheet.open()

    def edit_keys(self) -> None:
        """Other keys for what can be asked for."""
        editor = KeyEditor(editor_rows(ACTIONS, self._made.memory.state.keys), self._window)
        editor.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        editor.keysChanged.connect(self._take_keys)
        editor.open()

    def _take_keys(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        self._made.memory.update(lambda state: replace(state, keys=dict(keys)))
        self.apply_keys()

    def show_letters(self, letters: Mapping[str, str]) -> None:
        """The letters that labels were given, as keys of the panes that labeling is done in."""
        for old in self._letters:
            old.setEnabled(False)
            old.deleteLater()
        self._letters = []
        bench = self._bench
        for letter in letters:
            for pane in (bench.gallery, bench.image_view, bench.side_by_side, bench.annotate):
                for text, negative in ((letter, False), (f"Shift+{letter}", True)):
                    key = QShortcut(QKeySequence(text), pane, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
                    key.activated.connect(
                        lambda letter=letter, negative=negative: self._made.annotating.press_key(
                            letter, negative=negative
                        )
                    )
                    self._letters.append(key)
