"""Numbers beside precision, recall and F1: what hangs on no threshold is measured in a worker, and only when wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.controllers.evaluation import EvaluationController
from app.jobs import Job, Jobs, Lane
from app.session import Session
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.honesty.intervals import intervals_of
from inference.types import DecisionRule, LabelMetrics, LabelQuality, MulticlassMetrics, RankingMetrics

_REST_MS = 300  # while images come in, or a slider moves, nothing that takes a pass over all of them begins


@dataclass(frozen=True)
class _Found:
    """What a pass over the images measured; None where it was not asked."""

    quality: LabelQuality | None = None
    ranking: RankingMetrics | None = None
    multiclass: MulticlassMetrics | None = None


class QualityController(QObject):
    """Tells None where there is nothing to say, or not yet. Intervals and plateaus come at once, in the frame."""

    intervalsChanged = Signal(object)  # Intervals of 90 %
    plateauChanged = Signal(int, float, float)  # of the chosen label, -1 for none: in (low, high] nothing changes
    ratesChanged = Signal(object)  # LabelRates
    qualityChanged = Signal(object)  # LabelQuality
    rankingChanged = Signal(object)  # RankingMetrics
    multiclassChanged = Signal(object)  # MulticlassMetrics
    failed = Signal(Exception)

    def __init__(
        self, session: Session, jobs: Jobs, evaluation: EvaluationController, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._evaluation = session, jobs, evaluation
        self._rates_wanted = self._quality_wanted = self._more_wanted = False
        self._beta = 1.0
        self._metrics: LabelMetrics | None = None
        self._job: Job | None = None
        self._known: Evaluator | None = None  # whose images were measured
        self._scheme: object = None  # under which run, activation and calibration
        self._found = _Found()
        self._soon = QTimer(self, singleShot=True, interval=_REST_MS)
        self._soon.timeout.connect(self._measure)
        evaluation.metricsChanged.connect(self._on_metrics_changed)
        evaluation.pointChanged.connect(self._tell_plateau)
        evaluation.evaluatorChanged.connect(self._on_evaluator_changed)
        session.thresholdsChanged.connect(self._on_thresholds_changed)

    # -- what is wanted ------------------------------------------------------------------------------------------

    def set_rates_wanted(self, wanted: bool) -> None:
        """Whether rates beyond precision, recall and F1 are in sight."""
        self._rates_wanted = wanted
        self._tell_rates()

    def set_quality_wanted(self, wanted: bool) -> None:
        """Whether average precision and its kin are in sight."""
        self._quality_wanted = wanted
        self._measure()

    def set_more_wanted(self, wanted: bool) -> None:
        """Whether the further averages are in sight."""
        self._more_wanted = wanted
        self._measure()

    def set_beta(self, beta: float) -> None:
        """Of F-beta: above 1, recall weighs more."""
        if beta != self._beta:
            self._beta = beta
            self._tell_rates()

    # -- what happened -------------------------------------------------------------------------------------------

    def _on_metrics_changed(self, metrics: LabelMetrics | None) -> None:
        self._metrics = metrics
        self.intervalsChanged.emit(None if metrics is None else intervals_of(metrics))
        self._tell_rates()

    def _tell_rates(self) -> None:
        if self._rates_wanted:
            evaluator = self._evaluation.evaluator
            self.ratesChanged.emit(None if evaluator is None else evaluator.label_rates(self._beta))

    def _tell_plateau(self) -> None:
        evaluator, label = self._evaluation.evaluator, self._session.label
        if evaluator is None or not 0 <= label < evaluator.n_labels:
            self.plateauChanged.emit(-1, 0.0, 0.0)
        else:
            self.plateauChanged.emit(label, *evaluator.plateau(label))

    def _on_thresholds_changed(self) -> None:
        if self._session.decision.rule is DecisionRule.ARGMAX_REJECT:  # which says what is rejected
            self._drop_job()
            self._found = _Found(self._found.quality, self._found.ranking)
            self._soon.start()

    def _on_evaluator_changed(self) -> None:
        self._drop_job()
        evaluator, session = self._evaluation.evaluator, self._session
        scheme = evaluator and (session.run, session.dataset, session.split, session.decision.scheme)
        if scheme != self._scheme:  # else more images came in, and the old numbers may stand for a moment
            self._scheme = scheme
            self._tell(_Found())
        self._known, self._found = None, _Found()
        if evaluator is not None:
            self._soon.start()

    # -- measuring -----------------------------------------------------------------------------------------------

    def _drop_job(self) -> None:
        self._soon.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _measure(self) -> None:
        """Begin a pass for whatever is wanted and not known."""
        evaluator = self._evaluation.evaluator
        if evaluator is None or self._job is not None or self._soon.isActive():
            return
        found = self._found if self._known is evaluator else _Found()
        quality = (self._quality_wanted or self._more_wanted) and found.quality is None
        ranking = self._more_wanted and found.ranking is None
        multiclass = self._more_wanted and found.multiclass is None and evaluator.rule.one_label
        if not (quality or ranking or multiclass):
            return

        def work(job: Job) -> Any:
            return _Found(
                quality=evaluator.label_quality(job.cancelled) if quality else found.quality,
                ranking=evaluator.ranking() if ranking and not job.cancelled() else found.ranking,
                # thresholds that move meanwhile drop the job
                multiclass=evaluator.multiclass() if multiclass and not job.cancelled() else found.multiclass,
            )

        def done(measured: _Found) -> None:
            self._job = None
            self._known, self._found = evaluator, measured
            self._tell(measured)
            self._measure()  # more may be wanted by now

        self._job = self._jobs.run(Lane.NUMBERS, work, done, self._on_failed)

    def _tell(self, found: _Found) -> None:
        self.qualityChanged.emit(found.quality)
        self.rankingChanged.emit(found.ranking)
        self.multiclassChanged.emit(found.multiclass)

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self.failed.emit(error)
