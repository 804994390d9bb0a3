"""Turns what the user says of images into steps of undo, and tells the panel what is said of those in hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.annotating import Annotate, ChangeLabels, ChangeNote, added
from app.annotating_words import not_taken_back, refused_name, said_of_many
from app.history import History
from app.kept_json import decode
from app.session import Session
from inference.data.store import LabelChange
from inference.types import (
    NEGATIVE,
    POSITIVE,
    UNSAID,
    BoolArray,
    Cells,
    IntArray,
    ProjectLabel,
    ScoreArray,
    Severity,
    Task,
)
from inference.types.annotating_view import (
    MIXED,
    AnnotateLabel,
    after_negative_key,
    after_positive_key,
)

if TYPE_CHECKING:
    from inference.data.truth import Truth

_VALUE_WORDS: Final = {1: "positive", 0: "negative", -1: "unknown", UNSAID: "not said"}
_DIGITS: Final = "1234567890"
_USES_MS: Final = 500  # after the last edit, until it is counted how often labels are used
LETTERS: Final = "label letters"  # under what a project keeps them
NO_ROW: Final = -(1 << 30)

Predicted = Callable[[IntArray], tuple[BoolArray, BoolArray]]


class AnnotatingController(QObject):
    """The images in hand are those selected in the gallery, else the one that is looked at."""

    rowsChanged = Signal(object)  # AnnotateLabel a row
    statementsChanged = Signal(object)  # int8 (rows,)
    scoresChanged = Signal(object, object)  # float32 (rows,), bool (rows,)
    selectionChanged = Signal(int, str)  # how many images, the name of the one
    noteChanged = Signal(str)
    usesChanged = Signal(object)  # images that say anything under each row's label
    keysChanged = Signal(object)  # {letter: label's name}
    letterChosen = Signal(object)  # the same, to be kept
    autoAdvanceChanged = Signal(bool)
    goOnRequested = Signal()  # to the next image
    saidOfMany = Signal(str)  # a sentence on an edit of several images
    said = Signal(str, object)  # sentence, Severity

    def __init__(self, session: Session, history: History, predicted: Predicted, parent: QObject | None = None) -> None:
        """``predicted``: of images (k,), which are scored (k,), and what is predicted of them (k, c)."""
        super().__init__(parent)
        self._session, self._history, self._predicted = session, history, predicted
        self._selection: IntArray = np.zeros(0, dtype=np.int64)
        self._one = False  # only the image that is looked at is in hand
        self._rows: tuple[AnnotateLabel, ...] = ()
        self._scores: tuple[ScoreArray, BoolArray] | None = None  # of the image that is looked at, by column
        self._columns: dict[int, int] = {}  # row's id -> column of the dataset
        self.letters: dict[str, str] = {}  # assigned by the user: letter -> label's name
        self.auto_advance = False
        self._uses_soon = QTimer(self, singleShot=True, interval=_USES_MS)
        self._uses_soon.timeout.connect(self._tell_uses)
        session.datasetChanged.connect(self._on_dataset_changed)
        session.labelsChanged.connect(self.tell_rows)
        session.truthReplaced.connect(self.tell_rows)
        session.statementsChanged.connect(self._on_statements_changed)
        session.imageChanged.connect(lambda _: self.tell_images())
        session.noteChanged.connect(lambda _: self._tell_note())

    # -- what is in hand ---------------------------------------------------------------------------------------------

    @property
    def images(self) -> IntArray:
        """The images in hand, rising."""
        if len(self._selection) > 1 and not self._one:
            return self._selection
        image = self._session.image
        return np.array([image] if image >= 0 else [], dtype=np.int64)

    def select(self, images: IntArray) -> None:
        """What is selected in the gallery."""
        before = self.images
        self._selection = np.sort(np.asarray(images, dtype=np.int64))
        if not np.array_equal(before, self.images):
            self.tell_images()

    def hold_one(self, one: bool) -> None:
        """Whether only the image that is looked at is in hand, though more are selected: as while two are compared."""
        before = self.images
        self._one = one
        if not np.array_equal(before, self.images):
            self.tell_images()

    # -- saying ------------------------------------------------------------------------------------------------------

    def say(self, label_id: int, value: int, source: str = "annotate panel") -> None:
        """One label of the images in hand."""
        truth, images = self._truth_and_images()
        if truth is None:
            return
        label = self._label(label_id, truth)
        if label is None:
            return
        text = f"{label.name}: {_VALUE_WORDS[value]}"
        self._push(truth.said(images, label.id, value), text, source)
        if self.auto_advance and len(images) == 1 and value in (POSITIVE, NEGATIVE):
            self.goOnRequested.emit()

    def press_key(self, key: str, *, negative: bool = False) -> bool:
        """A label's own key: positive and back; ``negative``: negative, then unknown. False: no label has this key."""
        name = self.letters.get(key)
        row = (
            _DIGITS.find(key) if name is None else next((i for i, one in enumerate(self._rows) if one.name == name), -1)
        )
        if not 0 <= row < len(self._rows):
            return False
        now = int(self._statements()[row])
        if not negative:
            self.say(self._rows[row].id, after_positive_key(now), "keyboard")
        elif self._exclusive:
            self._take_back(row, now)
        else:
            self.say(self._rows[row].id, after_negative_key(now), "keyboard")
        return True

    @property
    def _exclusive(self) -> bool:
        return self._session.truth is not None and self._session.truth.task is Task.MULTICLASS

    def _take_back(self, row: int, now: int) -> None:
        """Where labels exclude one another, "not this one" only means something of the one that was chosen."""
        sentence = not_taken_back(self._rows[row].name, now)
        if sentence:
            self.said.emit(sentence, Severity.WARNING)
        else:
            self.say(self._rows[row].id, UNSAID, "keyboard")

    def say_chosen(self, value: int) -> None:
        """The label that is looked at, of the images in hand."""
        row = self.row_of(self._session.label)
        if row != NO_ROW:
            self.say(row, value, "keyboard")

    def say_none(self) -> None:
        """The images in hand have none of the labels."""
        truth, images = self._truth_and_images()
        if truth is None:
            return
        if truth.task is Task.MULTICLASS:
            self.said.emit("Each of these images has exactly one label, so it cannot have none.", Severity.WARNING)
            return
        self._add_missing(truth)
        self._push(truth.said_of_all(images, NEGATIVE), "none of the labels", "keyboard")

    def clear(self) -> None:
        """As if nobody had said anything of the images in hand."""
        truth, images = self._truth_and_images()
        if truth is not None:
            self._push(truth.said_of_all(images, UNSAID), "clear", "keyboard")

    def as_predicted(self, *, only_unsaid: bool = False) -> None:
        """Take the decisions for the truth; ``only_unsaid`` keeps what anybody said."""
        truth, images = self._truth_and_images()
        if truth is None:
            return
        scored, predicted = self._predicted(images)
        if not scored.any():
            if not only_unsaid:
                self.said.emit("Nothing is predicted of these images yet: score them first (F5).", Severity.WARNING)
            return
        self._add_missing(truth)
        cells = truth.as_decided(images[scored], predicted[scored], only_unsaid=only_unsaid)
        model = self._session.model
        name = (model.card.name or model.path.parent.name) if model else "the model"
        text = "confirmed" if only_unsaid else "as predicted"
        self._push(cells, text, f"decisions of {name}", int(scored.sum()))

    def confirm(self) -> None:
        """What nobody said is as predicted; on to the next image."""
        self.as_predicted(only_unsaid=True)
        self.goOnRequested.emit()

    def _push(self, cells: Cells, text: str, source: str, n_about: int = 0) -> None:
        if len(cells):
            n, n_about = len(np.unique(cells.images)), n_about or len(self.images)
            self._history.push(Annotate(self._session, cells, f"{text} ({n:,} images)" if n > 1 else text, source))
            if n > 1:
                self.saidOfMany.emit(said_of_many(n_about, text))

    # -- notes -------------------------------------------------------------------------------------------------------

    def set_note(self, note: str) -> None:
        """What the user writes about the image that is looked at."""
        image, note = self._session.image, note.strip()
        before = self._session.notes.get(image, "")
        if self._session.truth is not None and image >= 0 and note != before:
            text = "note" if note else "remove the note"
            self._history.push(ChangeNote(self._session, image, before, note, text))

    # -- labels ------------------------------------------------------------------------------------------------------

    def add_label(self, name: str) -> None:
        """Another label, whether the model has an output for it or not."""
        truth = self._session.truth
        if truth is not None and self._may_be_called(name, truth):
            self._history.push(ChangeLabels(self._session, [added(truth.new_label(name))], f"add label {name}"))

    def rename_label(self, label_id: int, name: str) -> None:
        """Another name: what was said under the label stays."""
        truth = self._session.truth
        if truth is None or not self._may_be_called(name, truth):
            return
        label = self._label(label_id, truth)
        if label is not None and label.name != name:
            change = LabelChange(label, ProjectLabel(label.id, name))
            self._history.push(ChangeLabels(self._session, [change], f"rename label {label.name} to {name}"))

    def merge_label(self, label_id: int, into: int) -> None:
        """One label's statements become another's."""
        truth = self._session.truth
        if truth is None or label_id == into:
            return
        label, other = self._label(label_id, truth), self._label(into, truth)
        if label is None or other is None:
            return
        change = LabelChange(label, ProjectLabel(label.id, label.name, retired=True, merged_into=other.id))
        cells = truth.merged(label.id, other.id)
        text = f"merge label {label.name} into {other.name}"
        self._history.push(ChangeLabels(self._session, [change], text, cells=cells))

    def retire_label(self, label_id: int) -> None:
        """Offer a label no more; what was said under it is kept."""
        truth = self._session.truth
        label = None if truth is None else self._label(label_id, truth)
        if label is not None:
            change = LabelChange(label, ProjectLabel(label.id, label.name, retired=True))
            self._history.push(ChangeLabels(self._session, [change], f"retire label {label.name}"))

    def set_letter(self, label_id: int, letter: str) -> None:
        """Give a label a letter of its own; "" takes it away."""
        name = next((row.name for row in self._rows if row.id == label_id), "")
        letters = {key: label for key, label in self.letters.items() if label != name and key != letter}
        if letter and name:
            letters[letter] = name
        self._take_letters(letters)
        self.letterChosen.emit(letters)

    def restore(self, settings: Mapping[str, bytes]) -> None:
        """The letters that are kept with the project that was opened."""
        try:
            self._take_letters(decode(settings.get(LETTERS, b"{}"), dict[str, str]))
        except ValueError:
            self._take_letters({})

    def _take_letters(self, letters: dict[str, str]) -> None:
        self.letters = letters
        self.keysChanged.emit(letters)
        self.tell_rows()

    def set_auto_advance(self, on: bool) -> None:
        """Whether the next image comes by itself once a label is said."""
        if on != self.auto_advance:
            self.auto_advance = on
            self.autoAdvanceChanged.emit(on)

    def column_of(self, label_id: int) -> int:
        """The dataset's column of a row; -1 where the model has no output for it."""
        return self._columns.get(label_id, -1)

    def row_of(self, column: int) -> int:
        """The id of the row of a column of the dataset; a number that is no row's where there is none."""
        return next((one.id for one in self._rows if self._columns.get(one.id) == column), NO_ROW)

    def _may_be_called(self, name: str, truth: Truth) -> bool:
        reason = refused_name(name, taken=truth.named(name) is not None)
        if reason:
            self.said.emit(reason, Severity.WARNING)
        return not reason

    def _label(self, label_id: int, truth: Truth) -> ProjectLabel | None:
        """The project's label of a row; one that only the model knows is added first."""
        if label_id >= 0:
            return truth.labels[label_id] if label_id < len(truth.labels) else None
        column = self._columns.get(label_id)
        if column is None:
            return None
        name = truth.columns[column]
        self._add([name], truth)
        return truth.named(name)

    def _add_missing(self, truth: Truth) -> None:
        names = [name for name, ids in zip(truth.columns, truth.sources, strict=True) if not ids]
        if names:
            self._add(names, truth)

    def _add(self, names: Sequence[str], truth: Truth) -> None:
        first = len(truth.labels)
        changes = [added(ProjectLabel(first + place, name)) for place, name in enumerate(names)]
        what = f"label {names[0]}" if len(names) == 1 else f"{len(names):,} labels"
        self._history.push(ChangeLabels(self._session, changes, f"annotate {what} of the model", source="model"))

    # -- telling -----------------------------------------------------------------------------------------------------

    def _on_dataset_changed(self) -> None:
        self._selection = np.zeros(0, dtype=np.int64)
        self.tell_rows()

    def _on_statements_changed(self, images: IntArray) -> None:
        self._uses_soon.start()
        if np.isin(self.images, images).any():
            self.statementsChanged.emit(self._statements())

    def tell_rows(self) -> None:
        """Which labels there are: those of the dataset on the screen, then those without an output."""
        truth = self._session.truth
        rows: list[tuple[int, str, bool]] = []
        self._columns = {}
        if truth is not None:
            output = self._session.model is not None
            for column, ids in enumerate(truth.sources):
                row = ids[0] if ids else -1 - column
                name = truth.labels[ids[0]].name if ids else truth.columns[column]
                rows.append((row, name, output))
                self._columns.update(dict.fromkeys(ids or (row,), column))
                rows += [(label, truth.labels[label].name, output) for label in ids[1:]]
            known = {row for row, _, _ in rows}
            rows += [(label.id, label.name, False) for label in truth.offered if label.id not in known]
        letters = {name: letter for letter, name in self.letters.items()}
        self._rows = tuple(
            AnnotateLabel(row, name, letters.get(name) or _DIGITS[place : place + 1], output)
            for place, (row, name, output) in enumerate(rows)
        )
        self.rowsChanged.emit(self._rows)
        self._uses_soon.start()
        self.tell_images()

    def tell_images(self) -> None:
        """What is said and predicted of the images in hand."""
        images, dataset = self.images, self._session.dataset
        name = dataset.names[int(images[0])] if dataset is not None and len(images) == 1 else ""
        self.selectionChanged.emit(len(images), name)
        self.statementsChanged.emit(self._statements())
        self._tell_scores()
        self._tell_note()

    def set_scores(self, scores: tuple[ScoreArray, BoolArray] | None) -> None:
        """Scores and decisions of the image that is looked at, (c,) each; None where there are none."""
        self._scores = scores
        self._tell_scores()

    def _tell_scores(self) -> None:
        shown = np.full(len(self._rows), np.nan, dtype=np.float32)
        decided = np.zeros(len(self._rows), dtype=bool)
        if self._scores is not None and len(self.images) < 2:
            scores, predicted = self._scores
            for place, row in enumerate(self._rows):
                column = self._columns.get(row.id, -1)
                if 0 <= column < len(scores):
                    shown[place], decided[place] = scores[column], predicted[column]
        self.scoresChanged.emit(shown, decided)

    def _tell_uses(self) -> None:
        truth = self._session.truth
        if truth is not None:
            uses = truth.uses()
            self.usesChanged.emit([int(uses[row.id]) if row.id >= 0 else 0 for row in self._rows])

    def _tell_note(self) -> None:
        self.noteChanged.emit(self._session.notes.get(self._session.image, ""))

    def _statements(self) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
        truth, images = self._session.truth, self.images
        values = np.full(len(self._rows), UNSAID, dtype=np.int8)
        if truth is None or not len(images):
            return values
        part = truth.statements[images]
        same = (part == part[0]).all(axis=0)
        for place, row in enumerate(self._rows):
            if row.id >= 0:
                values[place] = part[0, row.id] if same[row.id] else MIXED
        return values

    def _truth_and_images(self) -> tuple[Truth | None, IntArray]:
        images = self.images
        return (self._session.truth if len(images) else None), images
