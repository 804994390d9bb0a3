"""Gives every image its logits, those that were kept first: progress, cancel, what went wrong."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.controllers.known_logits import Doubted, FileReader, KnownLogits, Recalled
from app.controllers.pairing import Paired
from app.file_facts import FileFacts, SeenFiles
from app.jobs import Job, Jobs, Lane
from app.session import Session
from inference.data.images import decode_image
from inference.data.store import ImageTable
from inference.errors import DatasetError
from inference.models.engine import ScoredBatch, WorkOrder, score
from inference.models.opening import LoadedModel
from inference.types import ImageState, IntArray, Progress, RgbArray, Run, Severity

log = logging.getLogger(__name__)

_TRIED: Final = 100  # images that are looked for where none of a batch is there

UNUSABLE = "the model gave NaN or infinity for this image, so it is left out of the metrics"


def _decode(path: str) -> RgbArray:
    return decode_image(path).rgb


class _FolderGone(DatasetError):
    """The folder, or the drive that it is on, went away during a run."""

    def __init__(self, root: str) -> None:
        super().__init__(
            f"The images in {root} are not there any more: what was scored is kept; bring them back and press Resume."
        )


def _any_there(paths: Sequence[str], images: IntArray) -> bool:
    """Whether any of these images is there, or any of some others: a few may be missing together."""
    others = paths[:: max(1, len(paths) // _TRIED)]
    return any(map(os.path.exists, (*(paths[image] for image in images), *others)))


class ScoringController(QObject):
    """One run at a time, in the device's lane. What is scored stays, however the run ends."""

    progressChanged = Signal(object)  # Progress while running, None when idle
    started = Signal()
    recalled = Signal()  # kept logits were taken, or taken back
    ended = Signal()  # finished, cancelled or failed
    said = Signal(str, object)  # sentence, Severity
    failed = Signal(Exception)

    def __init__(
        self, session: Session, jobs: Jobs, facts: FileFacts, known: KnownLogits, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._jobs = jobs
        self._facts, self._known = facts, known
        self._job: Job | None = None
        self._order: WorkOrder | None = None
        self._total = 0
        self._holds = 0
        self._held = False  # a run waits for the last hold to be released
        self._filled: tuple[Run, IntArray] | None = None  # a run with kept logits of files that nobody looked at yet
        self._said = ""  # of what the disk refused, once is enough
        self._recent: deque[tuple[float, int]] = deque(maxlen=40)  # (time, images done): the speed of late
        session.imageChanged.connect(self._prioritise)
        session.runReset.connect(self._on_run_reset)

    @property
    def running(self) -> bool:
        """Whether images are being scored."""
        return self._job is not None

    @property
    def pending(self) -> int:
        """Images that have no score yet and were not found broken."""
        run = self._session.run
        return 0 if run is None else int(np.count_nonzero(run.state == ImageState.PENDING))

    def hold(self) -> None:
        """Free the device for something else; each `hold` needs its `release`."""
        self._holds += 1
        if self.running:
            self.cancel()
            self._held = True

    def release(self) -> None:
        """Go on with what `hold` interrupted."""
        self._holds -= 1
        if not self._holds and self._held:
            self._held = False
            self.start()

    def again(self) -> None:
        """Score what is pending, and try the broken files once more: they may have been mended."""
        run = self._session.run
        if run is not None and not self.running:
            broken = np.flatnonzero(run.state == ImageState.BROKEN)
            run.state[broken] = ImageState.PENDING
            for index in broken.tolist():
                self._session.failures.pop(index, None)
        self.start()

    def fill(self, made: Paired, images: ImageTable) -> Paired:
        """In any worker: give a run that nobody sees yet the logits that were kept; `start` looks at the files."""
        model, run = made.model, made.run
        if isinstance(model, LoadedModel) and run is not None and (run.state == ImageState.PENDING).all():
            self._filled = run, KnownLogits(self._known.cache).fill(model, run, images)
        return made

    @property
    def _unchecked(self) -> IntArray:
        """Images whose logits were kept, and whose files nobody looked at yet."""
        if self._filled is None or self._filled[0] is not self._session.run:
            return np.zeros(0, dtype=np.int64)
        return self._filled[1]

    def start(self) -> None:
        """Give what is pending its logits."""
        session = self._session
        if self.running or not session.ready or not (self.pending or len(self._unchecked)):
            return
        if self._holds:
            self._held = True
            return
        assert session.dataset is not None
        self._total = len(session.dataset)
        self._recall()
        self.started.emit()
        self._tell_progress()

    def _recall(self) -> None:
        """First what was scored before, by this window or another."""
        session = self._session
        model, dataset, run = session.model, session.dataset, session.run
        assert isinstance(model, LoadedModel)  # predictions leave nothing to score
        assert dataset is not None
        assert run is not None
        filled = self._unchecked
        known = self._facts.of(np.union1d(np.flatnonzero(run.state == ImageState.PENDING), filled))
        root, names = dataset.root, dataset.names

        def work(job: Job) -> Iterator[Recalled | Doubted]:
            return self._known.recall(model, root, names, known, filled, job.cancelled)

        self._count_from_now()
        self._job = self._jobs.stream(Lane.DEVICE, work, self._on_recalled, self._score, self._on_not_recalled)

    def _on_recalled(self, recalled: Recalled | Doubted) -> None:
        if isinstance(recalled, Doubted):
            self._take_back(recalled.images)
            return
        if recalled.seen is not None:
            self._facts.take(recalled.seen)
        if len(recalled.batch.indices):
            self._take(recalled.batch)
            self.recalled.emit()

    def _take_back(self, images: IntArray) -> None:
        """These were scored when they were other pictures."""
        run = self._session.run
        assert run is not None
        run.logits[images] = np.nan
        run.state[images] = ImageState.PENDING
        self._session.runGrew.emit(images)
        self.recalled.emit()

    def _on_not_recalled(self, error: Exception) -> None:
        """Whatever is wrong with what was kept: it can be computed."""
        log.warning("kept logits cannot be used: %s", error)
        self._score()

    def _score(self) -> None:
        """Then the rest, the image being looked at first."""
        session = self._session
        model, dataset, run = session.model, session.dataset, session.run
        assert isinstance(model, LoadedModel)  # predictions leave nothing to score
        assert dataset is not None
        assert run is not None
        self._filled = None
        if not self.pending:
            self._end()
            return
        # in a shuffled order, always the same: so that numbers shown halfway estimate those at the end
        pending = np.random.default_rng(0).permutation(np.flatnonzero(run.state == ImageState.PENDING))
        order = self._order = WorkOrder(pending.tolist())
        self._prioritise(session.image)
        root, names, known = dataset.root, dataset.names, self._known

        def work(job: Job) -> Iterator[tuple[ScoredBatch, SeenFiles]]:
            paths = [os.path.join(root, name) for name in names]
            reader = FileReader()

            def decode(path: str) -> RgbArray:
                return reader.reading(path, _decode)

            for batch in score(model, paths, order, decode=decode, cancelled=job.cancelled):
                if batch.failures and not _any_there(paths, batch.indices):
                    raise _FolderGone(root)
                seen = reader.seen(batch.indices, [paths[index] for index in batch.indices])
                known.keep(model, batch, seen)
                yield batch, seen

        self._count_from_now()
        self._job = self._jobs.stream(Lane.DEVICE, work, self._on_batch, self._on_done, self._on_failed)

    def cancel(self) -> None:
        """Stop; what is scored is kept and `start` goes on from there."""
        self._held = False
        if self._job is not None:
            self._job.cancel()
            self._end()

    def _on_run_reset(self) -> None:
        self.cancel()

    def _prioritise(self, image: int) -> None:
        if self._order is not None and image >= 0:
            self._order.prioritise(image)

    def _on_batch(self, scored: tuple[ScoredBatch, SeenFiles]) -> None:
        batch, seen = scored
        self._facts.take(seen)
        self._take(batch)

    def _take(self, batch: ScoredBatch) -> None:
        session = self._session
        run, dataset = session.run, session.dataset
        if run is None or dataset is None:
            return
        run.logits[batch.indices] = batch.logits
        states = np.full(len(batch.indices), ImageState.SCORED, dtype=np.uint8)
        states[np.isin(batch.indices, list(batch.failures))] = ImageState.BROKEN
        states[np.isin(batch.indices, batch.unusable)] = ImageState.UNUSABLE
        run.state[batch.indices] = states
        self._recent.append((perf_counter(), self._done()))
        session.failures.update(batch.failures)
        session.failures.update(dict.fromkeys(batch.unusable, UNUSABLE))
        if batch.note:
            self.said.emit(batch.note, Severity.WARNING)
        session.runGrew.emit(batch.indices)
        self._tell_progress()

    def _on_done(self) -> None:
        self._end()

    def _on_failed(self, error: Exception) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._job = self._order = None
        self._facts.settle()
        if self._known.note and self._known.note != self._said:
            self._said = self._known.note
            self.said.emit(self._said, Severity.WARNING)
        self.progressChanged.emit(None)
        self.ended.emit()

    def _done(self) -> int:
        return self._total - self.pending

    def _count_from_now(self) -> None:
        """The speed of what comes next says nothing of what was before."""
        self._recent.clear()
        self._recent.append((perf_counter(), self._done()))

    def _tell_progress(self) -> None:
        if not self.running:
            return
        (began, before), (now, done) = self._recent[0], self._recent[-1]
        speed = (done - before) / (now - began) if now > began and done > before else float("nan")
        left = (self._total - done) / speed if speed == speed else float("nan")
        self.progressChanged.emit(Progress(done, self._total, speed, left, len(self._session.failures)))
