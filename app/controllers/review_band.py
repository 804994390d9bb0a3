"""The review band: proposed, moved, counted. Images between two thresholds are for a person to look at."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.controllers.decisions import DecisionController
from app.controllers.evaluation import EvaluationController
from app.jobs import Job, Jobs, Lane
from app.session import Session
from inference.evaluation.band_proposal import propose_band
from inference.evaluation.decisions import eligible
from inference.evaluation.evaluator import Evaluator
from inference.evaluation.review_band import Part, Recount, ReviewCounter
from inference.evaluation.tuning.data import TuningData
from inference.evaluation.whatif import scored
from inference.types import BandGoal, BandProposal, BoolArray, DecisionRule, ReviewBand, format_float32

_SORTED_AT_ONCE = 150_000  # scores; a worker sorts more
_COUNTED_AT_ONCE = 1_000_000  # decisions that one frame can look at; a worker counts more
_NO_BAND = {
    DecisionRule.ARGMAX: "Argmax takes the highest score, however low: there is no threshold to be unsure beside. "
    "Choose argmax that may reject, or a threshold per label, to have images reviewed.",
    DecisionRule.PER_IMAGE: "The best set of labels is found image by image, without thresholds: there is none to be "
    "unsure beside. Choose a threshold per label to have images reviewed.",
}
_NOTHING = "Open a model and a validation folder and score its images: then a band for review can be set here."
_WORDS = {
    Part.REVIEW: "to review",
    Part.ACCEPTED: "accepted unseen",
    Part.WRONG: "accepted unseen, and wrong",
    Part.LOST: "rejected unseen, though positive",
}


class ReviewBandController(QObject):
    """Keeps the numbers of the session's band current while anybody looks."""

    bandChanged = Signal(object)  # ReviewBand, None where there is none
    countsChanged = Signal(object)  # ReviewCounts, None while not known
    loadChanged = Signal(object)  # ReviewLoad, None while not known
    proposalChanged = Signal(object)  # BandProposal that was put in force last, None where there is none
    obstacleChanged = Signal(str)  # why there can be no band, "" where there can
    busyChanged = Signal(bool)  # whether a band is being proposed
    imagesChosen = Signal(object, str)  # int64 indices of images, and what they are
    failed = Signal(Exception)

    def __init__(
        self,
        session: Session,
        jobs: Jobs,
        evaluation: EvaluationController,
        decisions: DecisionController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._evaluation, self._decisions = session, jobs, evaluation, decisions
        self._wanted = False
        self._counter: ReviewCounter | None = None
        self._counting: Job | None = None
        self._proposing: Job | None = None
        self._data: tuple[Evaluator, TuningData, BoolArray | None] | None = None
        session.bandChanged.connect(self._on_band_changed)
        session.schemeChanged.connect(self._tell_obstacle)
        evaluation.evaluatorChanged.connect(self._start_over)

    def set_wanted(self, wanted: bool) -> None:
        """Whether the panel is in sight: nobody should pay for it otherwise."""
        if wanted != self._wanted:
            self._wanted = wanted
            self._start_over()

    # -- what the user asks for ----------------------------------------------------------------------------------

    def begin(self) -> None:
        """An empty band at the thresholds in force, to be widened by hand."""
        if not self._obstacle():
            self._set(ReviewBand.at(self._session.decision.thresholds), "review band at the thresholds")

    def clear(self) -> None:
        """No band any more."""
        self._set(None, "no review band")

    def set_low(self, label: int, value: float) -> None:
        """Where one label's band begins; changes until `finish_edit` are one step of undo."""
        band = self._band()
        if band is not None and 0 <= label < len(band):
            text = f"reject {self._name(label)} below {format_float32(value)}"
            self._decisions.set_band(band.with_low(label, value), text)

    def set_high(self, label: int, value: float) -> None:
        """Where one label's band ends; changes until `finish_edit` are one step of undo."""
        band = self._band()
        if band is not None and 0 <= label < len(band):
            text = f"accept {self._name(label)} from {format_float32(value)}"
            self._decisions.set_band(band.with_high(label, value), text)

    def finish_edit(self) -> None:
        """The drag or the typing is over."""
        self._decisions.finish_edit()

    def propose(self, goal: BandGoal) -> None:
        """Find the narrowest band that keeps the goal, in a worker, and put it in force as one step."""
        evaluator = self._evaluation.evaluator
        self.cancel()
        if evaluator is None or self._obstacle():
            return
        current = self._band() or ReviewBand.at(self._session.decision.thresholds)
        kept = self._data if self._data is not None and self._data[0] is evaluator else None

        def work(job: Job) -> tuple[tuple[Evaluator, TuningData, BoolArray | None], BandProposal | None]:
            data = kept or _tunable(evaluator)
            return data, propose_band(data[1], goal, current, data[2], cancelled=job.cancelled)

        self._proposing = self._jobs.run(Lane.NUMBERS, work, self._take, self._on_refused)
        self.busyChanged.emit(True)

    def cancel(self) -> None:
        """Stop proposing; the band stays as it is."""
        if self._proposing is not None:
            self._proposing.cancel()
            self._proposing = None
            self.busyChanged.emit(False)

    def choose_images(self, label: int, part: str) -> None:
        """Show the images behind a count; for label -1 those with any label in review."""
        if self._counter is not None:
            words = "Any label" if label < 0 else self._name(label)
            self.imagesChosen.emit(self._counter.images(label, Part(part)), f"{words}: {_WORDS[Part(part)]}")

    def _set(self, band: ReviewBand | None, text: str) -> None:
        self._decisions.finish_edit()
        self._decisions.set_band(band, text)
        self._decisions.finish_edit()

    def _name(self, label: int) -> str:
        dataset = self._session.dataset
        return dataset.labels[label] if dataset is not None else ""

    def _band(self) -> ReviewBand | None:
        """The session's band where it is one of the labels now open."""
        band = self._session.band
        return band if band is not None and len(band) == len(self._session.decision.thresholds) else None

    # -- proposing -----------------------------------------------------------------------------------------------

    def _take(self, found: tuple[tuple[Evaluator, TuningData, BoolArray | None], BandProposal | None]) -> None:
        data, proposal = found
        self._proposing = None
        self.busyChanged.emit(False)
        if proposal is None or data[0] is not self._evaluation.evaluator:
            return
        self._data = data
        goal = proposal.goal
        self._set(proposal.band, f"review band for precision {goal.precision:g} and at most {goal.lost:g} lost")
        self.proposalChanged.emit(proposal)

    def _on_refused(self, error: Exception) -> None:
        self._proposing = None
        self.busyChanged.emit(False)
        self.failed.emit(error)

    # -- counting ------------------------------------------------------------------------------------------------

    def _obstacle(self) -> str:
        if self._evaluation.evaluator is None:
            return _NOTHING
        return _NO_BAND.get(self._session.decision.rule, "")

    def _tell_obstacle(self) -> None:
        self.obstacleChanged.emit(self._obstacle())

    def _start_over(self) -> None:
        self.cancel()
        self._stop_counting()
        self._counter = self._data = None
        if not self._wanted:
            return
        self._tell_obstacle()
        self.proposalChanged.emit(None)
        self.bandChanged.emit(self._band())
        self._make()

    def _on_band_changed(self) -> None:
        if not self._wanted:
            return
        band = self._band()
        self.bandChanged.emit(band)
        if band is None:
            self._stop_counting()
            self._counter = None
            self._tell()
        elif self._counter is not None:
            self._counter.set_band(band)
            self._tell()
        elif self._counting is None:
            self._make()

    def _make(self) -> None:
        """A counter for the evaluator there is."""
        evaluator, band = self._evaluation.evaluator, self._band()
        if evaluator is None or band is None or len(band) != evaluator.n_labels or self._obstacle():
            self._tell()
            return

        def build(job: Job) -> ReviewCounter:
            counter = ReviewCounter(evaluator, band, job.cancelled)
            if not job.cancelled():
                counter.load()
            return counter

        if len(evaluator.rows) * evaluator.n_labels <= _SORTED_AT_ONCE:
            self._use(build(Job()))
        else:
            self._tell()
            self._counting = self._jobs.run(Lane.NUMBERS, build, self._use, self._on_failed)

    def _use(self, counter: ReviewCounter) -> None:
        self._counting = None
        self._counter = counter
        band = self._band()
        if band is not None:
            counter.set_band(band)  # it may have moved meanwhile
        self._tell()

    def _tell(self) -> None:
        counter = self._counter
        if counter is None:
            self.countsChanged.emit(None)
            self.loadChanged.emit(None)
            return
        self.countsChanged.emit(counter.counts())
        if counter.pending <= _COUNTED_AT_ONCE:
            self.loadChanged.emit(counter.load())
        elif self._counting is None:
            self.loadChanged.emit(None)
            work = counter.recount()
            self._counting = self._jobs.run(Lane.NUMBERS, lambda _: work(), self._adopt, self._on_failed)

    def _adopt(self, recount: Recount) -> None:
        self._counting = None
        if self._counter is not None:
            self._counter.adopt(recount)
            self._tell()

    def _stop_counting(self) -> None:
        if self._counting is not None:
            self._counting.cancel()
            self._counting = None

    def _on_failed(self, error: Exception) -> None:
        self._counting = None
        self.failed.emit(error)


def _tunable(evaluator: Evaluator) -> tuple[Evaluator, TuningData, BoolArray | None]:
    """The images that may be tuned on, and where the rule allows each label."""
    logits, truth = scored(evaluator)
    data = TuningData.build(logits, truth, evaluator.activation)
    return evaluator, data, eligible(logits, data.scores.T, evaluator.rule, evaluator.k)
