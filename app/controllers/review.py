"""Which images the gallery lists and in what order: a query, filters by click, sorting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.controllers.evaluation import EvaluationController
from app.controllers.queues import QueueController
from app.jobs import Job, Jobs, Lane
from app.session import Session
from inference.choices import SortKey
from inference.evaluation.query import (
    SORT_WORDS,
    QuerySyntaxError,
    ReviewData,
    complete,
    evaluate,
    facet_counts,
    facets,
    order,
    parse,
    toggle,
    which_on,
)
from inference.types import BoolArray, Comparison, Dataset, IntArray, LabelFlips, TruthEdit
from inference.types.gallery import OUTCOME_FACETS, FacetItem
from inference.types.querying import CompletionContext, Query, TermKind

_LIST_MS: Final = 120  # after the last change, until the list follows
_COUNT_MS: Final = 30
_AT_ONCE: Final = 300_000  # statements that are counted within a frame

_SECTIONS: Final = {"any": "Any label", "part": "Split"}


class ReviewController(QObject):
    """Owns the query's data. What it lists follows thresholds and annotations; the image in hand stays listed."""

    orderChanged = Signal(object)  # int64 indices, or None for all as they came
    queryChanged = Signal(str)  # by a click
    queryErrorChanged = Signal(str, int)  # sentence and place; "" when there is none
    completionsChanged = Signal(object)  # list of Completion
    facetsChanged = Signal(object)  # list of FacetItem
    sortSet = Signal(str, bool)  # key, descending: without the user
    flipsWanted = Signal(bool)  # whether the query asks what flipped
    comparisonWanted = Signal(bool)  # whether it asks what profiles decide differently

    failed = Signal(Exception)

    def __init__(
        self,
        session: Session,
        jobs: Jobs,
        evaluation: EvaluationController,
        queues: QueueController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._evaluation = session, jobs, evaluation
        self._job: Job | None = None
        self._queue: IntArray | None = None  # the images of the queue that is worked off
        self._data: ReviewData | None = None
        self._text, self._query = "", Query()
        self._sort, self._descending = SortKey.NAME, False
        self._only: IntArray | None = None  # images that something else chose
        self._shown: IntArray | None = None
        self._list_soon = QTimer(self, singleShot=True, interval=_LIST_MS)
        self._list_soon.timeout.connect(self._follow)
        self._count_soon = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._count_soon.timeout.connect(self._tell_facets)
        session.datasetChanged.connect(self._on_dataset_changed)
        session.truthReplaced.connect(self._start_over)
        session.truthEdited.connect(self._on_truth_edited)
        session.statementsChanged.connect(self._on_statements_changed)
        session.noteChanged.connect(lambda _: self._refresh(TermKind.NOTE, TermKind.EDITED))
        session.thresholdsChanged.connect(self._on_thresholds_changed)
        session.labelChanged.connect(self._on_label_changed)
        evaluation.evaluatorChanged.connect(self._on_evaluator_changed)
        queues.queueTaken.connect(self._on_queue)

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
        self.comparisonWanted.emit(TermKind.DIFFERS in self._query.kinds)
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
        folders = self._data.known_names.folders if self._data is not None else ()
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

    # -- what happened -----------------------------------------------------------------------------------------------

    def _on_dataset_changed(self) -> None:
        self._only, self._queue = None, None
        self._text, self._query, self._data = "", Query(), None
        self._sort, self._descending = SortKey.NAME, False
        self.queryChanged.emit("")
        self.sortSet.emit(self._sort.value, False)
        self._shown = None
        self._start_over()

    def _on_evaluator_changed(self) -> None:
        data, dataset = self._data, self._session.dataset
        followed = data is not None and dataset is not None and data.y_true is dataset.y_true and self._job is None
        if followed and data is not None and data.evaluator is self._evaluation.evaluator:
            self._take(data)  # edits came to rest: each has been followed
        else:
            self._start_over()

    def _start_over(self) -> None:
        """Another evaluator, or other annotations throughout. What is long to find out is found in a worker."""
        self._drop_job()
        dataset = self._session.dataset
        if dataset is None:
            self._data = None
            return
        data = self._made(dataset)
        if len(dataset) * len(dataset.labels) < _AT_ONCE or self._evaluation.evaluator is None:
            self._take(data)
        else:
            self._job = self._jobs.run(
                Lane.NUMBERS, lambda job: data.prepare(job.cancelled), lambda _: self._take(data), self.failed.emit
            )

    def _made(self, dataset: Dataset) -> ReviewData:
        evaluator = self._evaluation.evaluator
        if self._data is not None and self._data.y_true is dataset.y_true:
            return self._data.with_evaluator(evaluator)
        names = self._data.known_names if self._data is not None and self._data.names is dataset.names else None
        return ReviewData(
            dataset.names,
            dataset.labels,
            dataset.y_true,
            dataset.annotated,
            evaluator=evaluator,
            parts=dataset.parts,
            known_names=names,
        )

    def _take(self, data: ReviewData) -> None:
        session = self._session
        self._job, self._data = None, data
        data.notes, data.edited = session.notes, session.edited
        data.states = session.run.state if session.run else None
        data.failures = session.failures
        data.queue = None if self._queue is None else _mask(len(data), self._queue)
        self._count_soon.start()
        if self._filtering:
            self._list_soon.start()

    def _drop_job(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _on_truth_edited(self, edit: TruthEdit) -> None:
        if self._job is not None:  # it may have counted what was true before
            self._start_over()
        elif self._data is not None:
            self._data.edit(edit)

    def _on_statements_changed(self, images: IntArray) -> None:
        if self._data is not None:
            self._data.edit_rows(images)
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

    def set_comparison(self, comparison: Comparison | None) -> None:
        """The profiles that are compared: images that any of them decides otherwise than the first."""
        data = self._data
        if data is not None:
            data.differs = None
            if comparison is not None and len(comparison.alternatives) > 1:
                others = range(1, len(comparison.alternatives))
                images = np.concatenate([comparison.changed_images(place) for place in others])
                data.differs = _mask(len(data), images)
            self._refresh(TermKind.DIFFERS)

    def _on_queue(self, images: IntArray | None) -> None:
        """A queue is worked off, or no more."""
        self._queue = images
        if self._data is not None:
            self._data.queue = None if images is None else _mask(len(self._data), images)
        self._list()

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

    def _follow(self) -> None:
        """What is listed follows numbers and annotations, but the image in hand does not go from under the user."""
        self._list(keep=self._session.image)

    def _list(self, keep: int = -1) -> None:
        """The images that are listed now, told where they are others; ``keep`` stays if it was."""
        self._list_soon.stop()
        data = self._data
        if data is None:
            return
        shown = self._listed(data, keep if self._shown is None or keep in self._shown else -1)
        same = self._shown is None if shown is None else self._shown is not None and np.array_equal(shown, self._shown)
        if not same:
            self._shown = shown
            self.orderChanged.emit(shown)
        self._tell_facets()

    def _listed(self, data: ReviewData, keep: int) -> IntArray | None:
        label = self._session.label if 0 <= self._session.label < len(data.labels) else None
        data.chosen = label
        plain = self._query.node is None and self._sort is SortKey.NAME and not self._descending
        if plain and self._queue is None:
            return self._only
        mask = np.ones(len(data), dtype=bool) if self._query.node is None else evaluate(self._query, data)
        if self._only is not None:
            mask &= _mask(len(data), self._only)
        if keep >= 0:
            mask[keep] = True
        if self._queue is not None:  # which decides the order, whatever the images were sorted by before
            return np.compress(mask[self._queue], self._queue)
        return order(data, self._sort, label, self._descending, mask)

    def _tell_facets(self) -> None:
        self._count_soon.stop()
        data = self._data
        if data is None:
            self.facetsChanged.emit([])
            return
        label = self._session.label if 0 <= self._session.label < len(data.labels) else None
        counts = facet_counts(facets(data, label), this=True)
        if self._session.model is None:  # nothing is right or wrong
            counts = tuple(one for one in counts if one.key not in OUTCOME_FACETS)
        on = [False] * len(counts)
        if self._text:
            on = which_on(self._text, [one.term for one in counts], self._labels, self._parts)
        items = [
            FacetItem(
                one.key,
                one.text,
                one.count,
                one.term,
                is_on,
                _SECTIONS.get(one.key.partition("_")[0].partition(":")[0], "Images"),
            )
            for one, is_on in zip(counts, on, strict=True)
        ]
        self.facetsChanged.emit(items)


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
