"""Queues: images that are worth looking at, worked off one after the other."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.controllers.evaluation import EvaluationController
from app.jobs import Job, Jobs, Lane
from app.session import Session
from inference.choices import QueueKind
from inference.evaluation.review.queues import make_queue
from inference.types import IntArray, Queue
from inference.types.gallery import QueueStatus

QUEUES: Final = (
    (QueueKind.UNCERTAIN, "", "Most uncertain", "Scores nearest their threshold, under any label"),
    (QueueKind.UNCERTAIN, "this", "Most uncertain, this label", "Scores of the chosen label nearest its threshold"),
    (QueueKind.CONFIDENT_MISTAKES, "", "Most confident mistakes", "Decided otherwise than annotated, farthest first"),
    (QueueKind.LABEL_ERRORS, "", "Suspected label errors", "Annotations that are probably wrong (confident learning)"),
    (QueueKind.BALANCED_SAMPLE, "this", "Sample to calibrate, this label", "Unannotated images of all scores alike"),
    (QueueKind.NARROWING, "this", "Narrow this threshold", "Unannotated images that say most about the threshold"),
    (QueueKind.UNANNOTATED, "", "Not annotated", "Images that nobody annotated"),
)


class QueueController(QObject):
    """One queue at a time. It stays as it was made; an image is seen once something was said of it or it was passed."""

    queueTaken = Signal(object)  # int64 images in order, or None
    queueChanged = Signal(object)  # QueueStatus, or None
    queueKeyChanged = Signal(str)
    failed = Signal(Exception)

    def __init__(
        self, session: Session, jobs: Jobs, evaluation: EvaluationController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._evaluation = session, jobs, evaluation
        self._queue: Queue | None = None
        self._queue_key = ""
        self._seen: set[int] = set()
        self._annotated: set[int] = set()  # of which something was said since
        self._job: Job | None = None
        session.imageChanged.connect(lambda _: self._tell_queue())
        session.statementsChanged.connect(self._on_statements_changed)
        session.datasetChanged.connect(lambda: self.choose(""))

    @property
    def choices(self) -> list[tuple[str, str, str]]:
        """Key, words and tip of every queue."""
        return [(f"{kind.value} {of}".strip(), text, tip) for kind, of, text, tip in QUEUES]

    def choose(self, key: str) -> None:
        """Work off a queue; "" ends it."""
        self._drop_job()
        self._queue, self._queue_key = None, key
        self._seen, self._annotated = set(), set()
        evaluator, dataset = self._evaluation.evaluator, self._session.dataset
        if not key or evaluator is None or dataset is None:
            self._queue_key = ""
            self.queueKeyChanged.emit("")
            self._tell_queue()
            self.queueTaken.emit(None)
            return
        kind, _, of = key.partition(" ")
        label = self._session.label if of else None
        y_true, annotated = dataset.y_true.copy(), dataset.annotated.copy()  # somebody may be annotating meanwhile

        def work(job: Job) -> Queue:
            return make_queue(
                QueueKind(kind), evaluator, label=label, y_true=y_true, annotated=annotated, cancelled=job.cancelled
            )

        self._job = self._jobs.run(Lane.NUMBERS, work, self._take, self._on_failed)

    def _take(self, queue: Queue) -> None:
        self._job, self._queue = None, queue
        self.queueTaken.emit(queue.images)
        if len(queue):
            self._go(0)
        self._tell_queue()

    def go_on(self) -> None:
        """The next image of the queue that was not seen; the one in hand has been looked at."""
        queue = self._queue
        if queue is None or not len(queue):
            return
        self._seen.add(self._session.image)
        here = np.flatnonzero(queue.images == self._session.image)
        start = int(here[0]) + 1 if len(here) else 0
        places = [*range(start, len(queue)), *range(start)]
        following = next((place for place in places if int(queue.images[place]) not in self._seen), None)
        if following is not None:
            self._go(following)
        self._tell_queue()

    @property
    def is_on(self) -> bool:
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
        members = set(queue.images.tolist())
        seen, annotated = len(members & self._seen), len(members & self._annotated)
        self.queueChanged.emit(QueueStatus(title, len(members), seen, text, annotated))

    def _on_statements_changed(self, images: IntArray) -> None:
        if self._queue is not None:
            edited = np.intersect1d(images, self._queue.images).tolist()
            self._seen.update(edited)
            self._annotated.update(edited)
            self._tell_queue()

    def _drop_job(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self.failed.emit(error)
