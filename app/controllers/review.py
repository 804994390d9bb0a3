"""Which images the gallery lists and in what order: a query, filters by click, sorting, and queues to work off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.controllers.evaluation import EvaluationController
from app.jobs import Job, Jobs, Lane
from app.session import Session
from inference.choices import QueueKind, SortKey
from inference.evaluation.query import (
    SORT_WORDS,
    QuerySyntaxError,
    ReviewData,
    complete,
    evaluate,
    facet_counts,
    facets,
    is_on,
    order,
    parse,
    toggle,
)
from inference.evaluation.review.queues import make_queue
from inference.types import BoolArray, IntArray, LabelFlips, Queue, TruthEdit
from inference.types.gallery import FacetItem, QueueStatus
from inference.types.querying import CompletionContext, Query, TermKind

_LIST_MS: Final = 120  # after the last change, until the list follows
_COUNT_MS: Final = 30

QUEUES: Final = (
    (QueueKind.UNCERTAIN, "", "Most uncertain", "Scores nearest their threshold, under any label"),
    (QueueKind.UNCERTAIN, "this", "Most uncertain, this label", "Scores of the chosen label nearest its threshold"),
    (QueueKind.CONFIDENT_MISTAKES, "", "Most confident mistakes", "Decided otherwise than annotated, farthest first"),
    (QueueKind.LABEL_ERRORS, "", "Suspected label errors", "Annotations that are probably wrong (confident learning)"),
    (QueueKind.BALANCED_SAMPLE, "this", "Sample to calibrate, this label", "Unannotated images of all scores alike"),
    (QueueKind.NARROWING, "this", "Narrow this threshold", "Unannotated images that say most about the threshold"),
    (QueueKind.UNANNOTATED, "", "Not annotated", "Images that nobody annotated"),
)
_SECTIONS: Final = {"any": "Any label", "part": "Split"}


class ReviewController(QObject):
    """Owns the query's data. What it lists follows thresholds and annotations; the image in hand stays listed."""

    orderChanged = Signal(object)  # int64 indices, or None for all as they came
    queryChanged = Signal(str)  # by a click
    queryErrorChanged = Signal(str, int)  # sentence and place; "" when there is none
    completionsChanged = Signal(object)  # list of Completion
    facetsChanged = Signal(object)  # list of FacetItem
    queueChanged = Signal(object)  # QueueStatus, or None
    queueKeyChanged = Signal(str)
    sortSet = Signal(str, bool)  # key, descending: without the user
    flipsWanted = Signal(bool)  # whether the query asks what flipped
    failed = Signal(Exception)

    def __init__(
        self, session: Session, jobs: Jobs, evaluation: EvaluationController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._evaluation = session, jobs, evaluation
        self._data: ReviewData | None = None
        self._text, self._query = "", Query()
        self._sort, self._descending = SortKey.NAME, False
        self._only: IntArray | None = None  # images that something else chose
        self._queue: Queue | None = None
        self._queue_key = ""
        self._done: set[int] = set()
        self._job: Job | None = None
        self._shown: IntArray | None = None
        self._list_soon = QTimer(self, singleShot=True, interval=_LIST_MS)
        self._list_soon.timeout.connect(self._list)
        self._count_soon = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._count_soon.timeout.connect(self._tell_facets)
        session.datasetChanged.connect(self._on_dataset_changed)
        session.truthReplaced.connect(self._start_over)
        session.truthEdited.connect(self._on_truth_edited)
        session.statementsChanged.connect(self._on_statements_changed)
        session.noteChanged.connect(lambda _: self._refresh(TermKind.NOTE, TermKind.EDITED))
        session.thresholdsChanged.connect(self._on_thresholds_changed)
        session.labelChanged.connect(self._on_label_changed)
        session.imageChanged.connect(lambda _: self._tell_queue())
        evaluation.evaluatorChanged.connect(self._start_over)

    # -- what the user asks for --------------------------------------------------------------------------------------

    def ask(self, text: str) -> None:
        """List what a query finds; one that cannot be read leaves the list as it is and is said."""
        self._text = text
        try:
            self._query = parse(text, self._labels, self._parts)
        except QuerySyntaxError as error:
            sentence = f"{error.sentence} {error.hint}".strip()
            self.queryErrorChanged.emit(sentence, error.position)
            return
        self.queryErrorChanged.emit("", -1)
        self.flipsWanted.emit(TermKind.FLIPPED in self._query.kinds)
        self._list()

    def toggle(self, term: str) -> None:
        """A filter was clicked: its term comes into the query or leaves it."""
        try:
            text = toggle(self._text, term, self._labels, self._parts)
        except QuerySyntaxError:
            text = term
        self.queryChanged.emit(text)
        self.ask(text)

    def clear(self) -> None:
        """List all images."""
        self._only = None
        self.queryChanged.emit("")
        self.ask("")

    def complete(self, text: str, cursor: int) -> None:
        """What may stand at the cursor."""
        dataset = self._session.dataset
        names = dataset.names if dataset else ()
        folders = sorted({name.rpartition("/")[0] for name in names if "/" in name}) if len(names) < 200_000 else []
        label = self._session.label
        chosen = self._labels[label] if 0 <= label < len(self._labels) else ""
        context = CompletionContext(self._labels, self._parts, folders, chosen)
        self.completionsChanged.emit(complete(text, cursor, context))

    def sort(self, key: str, descending: bool) -> None:
        """By what the list is in order."""
        self._sort, self._descending = SortKey(key), descending
        self._list()

    def show_only(self, images: IntArray | None) -> None:
        """Among these images, or among all."""
        self._only = images
        self._list()

    @property
    def sort_keys(self) -> list[tuple[str, str]]:
        """Key and words of everything that can be sorted by."""
        return [(key.value, words) for key, words in SORT_WORDS.items()]

    # -- queues ------------------------------------------------------------------------------------------------------

    @property
    def queue_choices(self) -> list[tuple[str, str, str]]:
        """Key, words and tip of every queue."""
        return [(f"{kind.value} {of}".strip(), text, tip) for kind, of, text, tip in QUEUES]

    def choose_queue(self, key: str) -> None:
        """Work off a queue; "" ends it."""
        self._drop_job()
        self._queue, self._queue_key, self._done = None, key, set()
        evaluator, dataset = self._evaluation.evaluator, self._session.dataset
        if not key or evaluator is None or dataset is None:
            self._queue_key = ""
            self.queueKeyChanged.emit("")
            self._tell_queue()
            self._list()
            return
        kind, _, of = key.partition(" ")
        label = self._session.label if of else None
        y_true, annotated = dataset.y_true.copy(), dataset.annotated.copy()  # somebody may be annotating meanwhile

        def work(job: Job) -> Queue:
            return make_queue(
                QueueKind(kind), evaluator, label=label, y_true=y_true, annotated=annotated, cancelled=job.cancelled
            )

        self._job = self._jobs.run(Lane.NUMBERS, work, self._take_queue, self._on_failed)

    def _take_queue(self, queue: Queue) -> None:
        self._job, self._queue = None, queue
        if self._data is not None:
            self._data.queue = np.zeros(len(self._data), dtype=bool)
            self._data.queue[queue.images] = True
        self._list()
        if len(queue):
            self._go(0)
        self._tell_queue()

    def next_in_queue(self) -> None:
        """The next image of the queue that was not dealt with; the one in hand has been looked at."""
        queue = self._queue
        if queue is None or not len(queue):
            return
        self._done.add(self._session.image)
        here = np.flatnonzero(queue.images == self._session.image)
        start = int(here[0]) + 1 if len(here) else 0
        places = [*range(start, len(queue)), *range(start)]
        following = next((place for place in places if int(queue.images[place]) not in self._done), None)
        if following is not None:
            self._go(following)
        self._tell_queue()

    @property
    def has_queue(self) -> bool:
        """Whether there is a queue to go on in."""
        return self._queue is not None and len(self._queue) > 0

    def _go(self, place: int) -> None:
        assert self._queue is not None
        label = int(self._queue.labels[place])
        if label >= 0:
            self._session.set_label(label)
        self._session.set_image(int(self._queue.images[place]))

    def _tell_queue(self) -> None:
        queue = self._queue
        if queue is None:
            self.queueChanged.emit(None)
            return
        title = next(text for kind, of, text, _ in QUEUES if f"{kind.value} {of}".strip() == self._queue_key)
        here = np.flatnonzero(queue.images == self._session.image)
        text = queue.reasons[int(here[0])] if len(here) else queue.note
        done = sum(int(image) in self._done for image in queue.images)
        self.queueChanged.emit(QueueStatus(title, len(queue), done, text))

    # -- what happened -----------------------------------------------------------------------------------------------

    def _on_dataset_changed(self) -> None:
        self._drop_job()
        self._only, self._queue, self._queue_key, self._done = None, None, "", set()
        self._text, self._query, self._data = "", Query(), None
        self._sort, self._descending = SortKey.NAME, False
        self.queryChanged.emit("")
        self.queueKeyChanged.emit("")
        self.sortSet.emit(self._sort.value, False)
        self._shown = None
        self._start_over()
        self._tell_queue()

    def _start_over(self) -> None:
        """Another evaluator, or other annotations throughout."""
        session, dataset = self._session, self._session.dataset
        if dataset is None:
            self._data = None
            return
        if self._data is not None and self._data.y_true is dataset.y_true:
            self._data = self._data.with_evaluator(self._evaluation.evaluator)
        else:
            names = self._data.known_names if self._data is not None and self._data.names is dataset.names else None
            self._data = ReviewData(
                dataset.names,
                dataset.labels,
                dataset.y_true,
                dataset.annotated,
                evaluator=self._evaluation.evaluator,
                parts=dataset.parts,
                known_names=names,
            )
        self._data.notes, self._data.edited = session.notes, session.edited
        self._data.states = session.run.state if session.run else None
        self._data.failures = session.failures
        self._count_soon.start()
        if self._filtering:
            self._list_soon.start()

    def _on_truth_edited(self, edit: TruthEdit) -> None:
        if self._data is not None:
            self._data.edit(edit)

    def _on_statements_changed(self, images: IntArray) -> None:
        if self._data is not None:
            self._data.edit_rows(images)
        if self._queue is not None:
            self._done.update(np.intersect1d(images, self._queue.images).tolist())
            self._tell_queue()
        self._count_soon.start()
        if self._filtering:
            self._list_soon.start()

    def _on_thresholds_changed(self) -> None:
        self._count_soon.start() if not self._count_soon.isActive() else None
        if self._query.kinds & _DECIDED or self._sort in (SortKey.UNCERTAINTY, SortKey.N_PREDICTED):
            self._list_soon.start()

    def _on_label_changed(self) -> None:
        self._count_soon.start()
        if self._filtering:
            self._list_soon.start()

    def _refresh(self, *kinds: TermKind) -> None:
        self._count_soon.start()
        if self._query.kinds & set(kinds):
            self._list_soon.start()

    def set_flips(self, flips: Sequence[LabelFlips] | None) -> None:
        """What is decided otherwise than by the reference that is chosen among the changes."""
        data = self._data
        if data is None:
            return
        data.flipped = None if flips is None else _flipped(len(data), flips)
        self._refresh(TermKind.FLIPPED)

    def set_differing(self, images: IntArray | None) -> None:
        """Images that the two profiles compared decide differently; None where none are compared."""
        data = self._data
        if data is not None:
            data.differs = None if images is None else _mask(len(data), images)
            self._refresh(TermKind.DIFFERS)

    # -- listing -----------------------------------------------------------------------------------------------------

    @property
    def _filtering(self) -> bool:
        return self._query.node is not None or self._sort is not SortKey.NAME or self._descending

    @property
    def _labels(self) -> tuple[str, ...]:
        return self._session.dataset.labels if self._session.dataset else ()

    @property
    def _parts(self) -> tuple[str, ...]:
        return self._data.in_parts()[0] if self._data is not None else ()

    def _list(self) -> None:
        """The images that are listed now, told where they are others."""
        self._list_soon.stop()
        data = self._data
        if data is None:
            return
        shown = self._listed(data)
        same = self._shown is None if shown is None else self._shown is not None and np.array_equal(shown, self._shown)
        if not same:
            self._shown = shown
            self.orderChanged.emit(shown)
        self._tell_facets()

    def _listed(self, data: ReviewData) -> IntArray | None:
        label = self._session.label if 0 <= self._session.label < len(data.labels) else None
        data.chosen = label
        plain = self._query.node is None and self._sort is SortKey.NAME and not self._descending
        if plain and self._queue is not None:
            return self._queue.images if self._only is None else np.intersect1d(self._queue.images, self._only)
        if plain:
            return self._only
        mask = np.ones(len(data), dtype=bool) if self._query.node is None else evaluate(self._query, data)
        if self._only is not None:
            mask &= _mask(len(data), self._only)
        if self._queue is not None:
            mask &= _mask(len(data), self._queue.images)
        return order(data, self._sort, label, self._descending, mask)

    def _tell_facets(self) -> None:
        self._count_soon.stop()
        data = self._data
        if data is None:
            self.facetsChanged.emit([])
            return
        label = self._session.label if 0 <= self._session.label < len(data.labels) else None
        counts = facet_counts(facets(data, label), this=True)
        items = [
            FacetItem(
                one.key,
                one.text,
                one.count,
                one.term,
                bool(self._text) and is_on(self._text, one.term, self._labels, self._parts),
                _SECTIONS.get(one.key.partition("_")[0].partition(":")[0], "Images"),
            )
            for one in counts
        ]
        self.facetsChanged.emit(items)

    def _drop_job(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self.failed.emit(error)


_DECIDED: Final = {
    TermKind.OUTCOME,
    TermKind.WRONG,
    TermKind.PREDICTED,
    TermKind.NEAR,
    TermKind.N_PREDICTED,
    TermKind.FLIPPED,
    TermKind.DIFFERS,
}


def _mask(n: int, images: IntArray) -> BoolArray:
    found = np.zeros(n, dtype=bool)
    found[images] = True
    return found


def _flipped(n: int, flips: Sequence[LabelFlips]) -> BoolArray:
    found = np.zeros(n, dtype=bool)
    for one in flips:
        for images in (one.tp_gained, one.tp_lost, one.fp_gained, one.fp_lost, one.unknown):
            found[images] = True
    return found
