"""A folder that nobody annotated: scored with the open model, counted at the thresholds in force, compared."""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.controllers.evaluation import EvaluationController
from app.controllers.fresh_folder import FreshFolder, read_images, save_predictions
from app.controllers.scoring import ScoringController
from app.jobs import Job, Jobs, Lane
from app.predicted import PredictedModel
from app.session import Session
from inference.data.images import decode_image
from inference.evaluation import drift
from inference.evaluation.fresh import FreshScores, Scheme, margins
from inference.evaluation.logit_maps import mapped
from inference.evaluation.whatif import all_logits
from inference.models.engine import ScoredBatch, WorkOrder, score
from inference.models.opening import LoadedModel
from inference.types import Dataset, DriftReport, FreshState, ImageState, RgbArray, ScoreArray, Severity

_SETTLE_MS = 250  # the comparison follows the validation folder when it rests
_BLOCKED = (
    "Open a model and a validation folder first: the one scores the new images, the other they are compared with."
)
_WAITS = "Waits until the validation folder is scored."
_YIELDS = "Waits until the device is free."


def _decode(path: str) -> RgbArray:
    return decode_image(path).rgb


class FreshController(QObject):
    """One folder at a time. It shares the device with the validation run and always lets that go first."""

    stateChanged = Signal(object)  # FreshState
    progressChanged = Signal(object)  # Progress while images are scored, None else
    countsChanged = Signal(object)  # FreshCounts, None while nothing is scored
    driftChanged = Signal(object, object, str)  # DriftReport or None, words a label, the warning over all or ""
    said = Signal(str, object)  # sentence, Severity
    failed = Signal(Exception)

    def __init__(
        self,
        session: Session,
        jobs: Jobs,
        evaluation: EvaluationController,
        scoring: ScoringController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._evaluation, self._scoring = session, jobs, evaluation, scoring
        self._folder: FreshFolder | None = None
        self._scores: FreshScores | None = None
        self._note = ""
        self._opening: Job | None = None
        self._job: Job | None = None  # in the device's lane
        self._sorting: Job | None = None
        self._comparing: Job | None = None
        self._giving_way = False
        self._soon = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._soon.timeout.connect(self._compare)
        session.modelChanged.connect(self._on_model_changed)
        session.datasetChanged.connect(self._tell_state)
        session.thresholdsChanged.connect(self._tell_counts)
        session.schemeChanged.connect(self._sort)
        evaluation.evaluatorChanged.connect(self._on_evaluator_changed)
        scoring.started.connect(self._requeue)

    @property
    def is_open(self) -> bool:
        """Whether there is a folder."""
        return self._folder is not None

    @property
    def blocked(self) -> str:
        """Why no new images can be scored now; "" where they can."""
        model = self._session.model
        if isinstance(model, PredictedModel):
            return model.why_not("score new images")
        return "" if self._session.ready else _BLOCKED

    @property
    def running(self) -> bool:
        """Whether images are being scored or wait for the device."""
        return self._job is not None or self._giving_way

    # -- what the user asks for ----------------------------------------------------------------------------------

    def open(self, path: str) -> None:
        """List the images of a folder, then score them; what was open stays until the list is read."""
        if blocked := self.blocked:
            self.said.emit(blocked, Severity.WARNING)
            return
        if self._opening is not None:
            self._opening.cancel()
        self._opening = self._jobs.run(
            Lane.FILES, lambda job: read_images(path, job), self._on_listed, self._on_not_listed
        )

    def again(self) -> None:
        """Score what has no score yet, broken files included: they may have been mended."""
        folder, model = self._folder, self._session.model
        if folder is None or model is None or self.running or self.blocked:
            return
        if folder.fingerprint != model.fingerprint:
            self._take_folder(folder.dataset)
            return
        folder.retry_broken()
        self._note = ""
        self._start()

    def cancel(self) -> None:
        """Stop; what is scored is kept."""
        folder = self._folder
        if not self.running or folder is None:
            return
        self._drop_job()
        self._giving_way = False
        done, total = folder.count(ImageState.SCORED), len(folder.dataset)
        self._note = f"Cancelled: the numbers are of {done:,} of {total:,} images, taken at random."
        self._end()

    def close(self) -> None:
        """Forget the folder."""
        for job in (self._opening, self._job):
            if job is not None:
                job.cancel()
        self._opening = self._job = None
        self._giving_way = False
        self._folder, self._note = None, ""
        self.progressChanged.emit(None)
        self._tell_state()
        self._sort()

    def give_way(self, why: str) -> None:
        """Leave the device to something else while ``why`` is not empty, then go on."""
        if why and self._job is not None:
            self._drop_job()
            self._giving_way = True
            self._note = _YIELDS
            self._tell_state()
        elif not why and self._giving_way:
            self._giving_way = False
            self._start()

    def save(self, path: str) -> None:
        """Write scores and decisions of every image to a CSV file."""
        folder, session = self._folder, self._session
        if folder is None or self._scores is None or session.dataset is None:
            return
        thresholds, scheme, labels = session.decision.thresholds, self._scheme(), session.dataset.labels
        kept = folder.frozen()
        self._jobs.run(
            Lane.FILES,
            lambda job: save_predictions(path, kept, labels, scheme, thresholds, job),
            lambda words: self.said.emit(words, Severity.INFO),
            self.failed.emit,
        )

    # -- the folder ----------------------------------------------------------------------------------------------

    def _on_listed(self, found: tuple[Dataset, tuple[str, ...]]) -> None:
        self._opening = None
        dataset, warnings = found
        for warning in warnings:
            self.said.emit(warning, Severity.WARNING)
        self._take_folder(dataset)

    def _on_not_listed(self, error: Exception) -> None:
        self._opening = None
        self.failed.emit(error)

    def _take_folder(self, dataset: Dataset) -> None:
        model = self._session.model
        if model is None or self.blocked:
            return
        self._drop_job()
        self._giving_way = False
        self._folder, self._note = FreshFolder(dataset, len(model.labels), model.fingerprint), ""
        self._sort()  # forgets the numbers of the folder before
        self._start()

    def _on_model_changed(self) -> None:
        folder, model = self._folder, self._session.model
        if folder is not None and (model is None or model.fingerprint != folder.fingerprint):
            self._drop_job()
            self._giving_way = False
            folder.forget()
            self._note = "Another model is open now: score the folder again with it."
            self.progressChanged.emit(None)
            self._sort()
        self._tell_state()

    # -- scoring -------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        folder, model = self._folder, self._session.model
        left = 0 if folder is None else folder.count(ImageState.PENDING)
        if folder is None or not isinstance(model, LoadedModel) or self._job is not None or not left:
            self._end()
            return
        # in a shuffled order, so that numbers shown halfway estimate those at the end
        pending = np.random.default_rng(0).permutation(np.flatnonzero(folder.run.state == ImageState.PENDING))
        order = WorkOrder(pending.tolist())
        root, names = folder.dataset.root, folder.dataset.names

        def work(job: Job) -> Iterator[ScoredBatch]:
            paths = [os.path.join(root, name) for name in names]
            yield from score(model, paths, order, decode=_decode, cancelled=job.cancelled)

        folder.begin()
        self._note = _WAITS if self._scoring.running else ""
        self._job = self._jobs.stream(Lane.DEVICE, work, self._on_batch, self._end, self._on_failed)
        self.progressChanged.emit(folder.progress())
        self._tell_state()

    def _requeue(self) -> None:
        """The validation run starts: go behind it."""
        if self._job is not None:
            self._drop_job()
            self._start()

    def _drop_job(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _on_batch(self, batch: ScoredBatch) -> None:
        folder = self._folder
        if folder is None:
            return
        folder.take(batch)
        self._note = ""
        if batch.note:
            self.said.emit(batch.note, Severity.WARNING)
        self.progressChanged.emit(folder.progress())
        self._tell_state()

    def _on_failed(self, error: Exception) -> None:
        self._end()
        self.failed.emit(error)

    def _end(self) -> None:
        self._job = None
        self.progressChanged.emit(None)
        self._tell_state()
        self._sort()

    def _tell_state(self) -> None:
        blocked = self.blocked
        if self._folder is None:
            self.stateChanged.emit(FreshState(blocked=blocked))
        else:
            self.stateChanged.emit(self._folder.state(self.running, self._note, blocked))

    # -- counting ------------------------------------------------------------------------------------------------

    def _scheme(self) -> Scheme:
        decision = self._session.decision
        return Scheme(decision.activation, decision.rule, decision.k, decision.logit_map)

    def _logits(self) -> ScoreArray | None:
        """Of the scored images; None where there is none to count."""
        folder, thresholds = self._folder, self._session.decision.thresholds
        if folder is None or self.running or folder.run.logits.shape[1] != len(thresholds):
            return None
        logits = folder.logits()
        return logits if len(logits) else None

    def _sort(self) -> None:
        """Sort anew: other images, or another scheme."""
        self._soon.stop()
        for job in (self._sorting, self._comparing):
            if job is not None:
                job.cancel()
        self._sorting = self._comparing = self._scores = None
        self._tell_counts()
        self.driftChanged.emit(None, (), "")
        logits, scheme = self._logits(), self._scheme()
        if logits is not None:
            self._sorting = self._jobs.run(
                Lane.NUMBERS,
                lambda job: FreshScores.build(logits, scheme, job.cancelled),
                self._on_sorted,
                self._on_not_counted,
            )

    def _on_sorted(self, scores: FreshScores | None) -> None:
        self._sorting, self._scores = None, scores
        self._tell_counts()
        self._compare()

    def _on_not_counted(self, error: Exception) -> None:
        self._sorting = self._comparing = None
        self.failed.emit(error)

    def _on_evaluator_changed(self) -> None:
        self._tell_counts()
        if self._scores is not None:
            self._soon.start()

    def _tell_counts(self) -> None:
        """A look-up a label: cheap enough for every tick of a slider."""
        scores, evaluator, thresholds = self._scores, self._evaluation.evaluator, self._session.decision.thresholds
        if scores is None or len(scores.rising) != len(thresholds):
            self.countsChanged.emit(None)
            return
        same = evaluator is not None and evaluator.n_labels == len(thresholds)
        self.countsChanged.emit(scores.counts(thresholds, evaluator.label_metrics() if evaluator and same else None))

    # -- comparing -----------------------------------------------------------------------------------------------

    def _compare(self) -> None:
        """Test the scores against the validation folder's, once that is scored."""
        evaluator, logits = self._evaluation.evaluator, self._logits()
        if self._scores is None or evaluator is None or logits is None or self._scoring.running:
            return
        if evaluator.n_labels != logits.shape[1]:
            return
        if self._comparing is not None:
            self._comparing.cancel()
        scheme = self._scheme()

        def work(job: Job) -> DriftReport | None:
            here = margins(mapped(logits, scheme.logit_map), scheme.activation)
            there = margins(all_logits(evaluator), scheme.activation)
            return drift.compare(here, there, cancelled=job.cancelled)

        self._comparing = self._jobs.run(Lane.NUMBERS, work, self._on_compared, self._on_not_counted)

    def _on_compared(self, report: DriftReport | None) -> None:
        self._comparing = None
        if report is not None:
            words = tuple(drift.drift_words(report, label) for label in range(len(report.p)))
            self.driftChanged.emit(report, words, drift.summary(report))
