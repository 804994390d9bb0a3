"""What is in force, 0.5 and profiles beside each other on the images that are scored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from app.controllers.alternatives import Ground, is_small
from app.controllers.evaluation import EvaluationController
from app.controllers.profile_words import decides_words
from app.controllers.profiles import HALF, ProfileController
from app.jobs import Job, Jobs, Lane
from app.session import Decision, Session
from inference.evaluation.evaluator import Evaluator
from inference.types import Alternative, Comparison, Thresholds

NOW = "now"
_SETTLE_MS = 120  # a slider is still moving
_BUSY_MS = 300  # what is ready sooner flickers


class ComparisonController(QObject):
    """Works only while `set_wanted`. What was measured under one evaluator is not measured again."""

    choicesChanged = Signal(object, object)  # (key, words) of all that can be compared; keys of what is
    comparisonChanged = Signal(object)  # Comparison; None while nothing can be compared
    busyChanged = Signal(str)
    failed = Signal(Exception)

    def __init__(
        self,
        session: Session,
        jobs: Jobs,
        evaluation: EvaluationController,
        profiles: ProfileController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._evaluation, self._profiles = session, jobs, evaluation, profiles
        self._chosen: tuple[str, ...] = (NOW, HALF)
        self._wanted = False
        self._wanted_by: frozenset[str] = frozenset()
        self._job: Job | None = None
        self._ground: tuple[Evaluator, Ground] | None = None
        self._known: list[tuple[Decision, Alternative]] = []  # on this ground
        self._soon = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._soon.timeout.connect(self._compare)
        self._late = QTimer(self, singleShot=True, interval=_BUSY_MS)
        self._late.timeout.connect(lambda: self.busyChanged.emit("Measuring the profiles …"))
        profiles.shelfChanged.connect(self._on_shelf_changed)
        evaluation.evaluatorChanged.connect(self._measure_anew)
        session.thresholdsChanged.connect(self._restart)
        session.schemeChanged.connect(self._restart)
        session.zeroDivisionChanged.connect(self._measure_anew)

    # -- what the user asks for ----------------------------------------------------------------------------------

    def set_wanted(self, wanted: bool, by: str = "pane") -> None:
        """Whether the comparison is in sight, or somebody else needs it."""
        self._wanted_by = self._wanted_by | {by} if wanted else self._wanted_by - {by}
        before, self._wanted = self._wanted, bool(self._wanted_by)
        if self._wanted and (wanted or not before):
            self._tell_choices()
            self._compare()
        elif not self._wanted:
            self._stop()
            self._ground, self._known = None, []  # it holds an evaluator

    def choose(self, keys: tuple[str, ...]) -> None:
        """Compare these, the others with the first."""
        self._chosen = keys
        self._tell_choices()
        self._restart()

    def add(self, key: str) -> None:
        """Compare a profile too."""
        if key not in self._chosen:
            self.choose((*self._chosen, key))

    # -- what happened -------------------------------------------------------------------------------------------

    def _on_shelf_changed(self) -> None:
        there = {key for key, _ in self._choices()}
        self._chosen = tuple(key for key in self._chosen if key in there) or (NOW, HALF)
        self._tell_choices()
        self._restart()

    def _measure_anew(self) -> None:
        """Another evaluator, or the same after annotations were edited; or undefined values count otherwise."""
        self._ground, self._known = None, []
        self._restart()

    def _restart(self) -> None:
        if self._wanted:
            self._soon.start()

    def _stop(self) -> None:
        self._soon.stop()
        self._late.stop()
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self.busyChanged.emit("")

    # -- comparing -----------------------------------------------------------------------------------------------

    def _choices(self) -> list[tuple[str, str]]:
        saved = ((one.key, one.name) for one in self._profiles.profiles)
        return [(NOW, "In force"), (HALF, "0.5"), *saved]

    def _tell_choices(self) -> None:
        if self._wanted:
            self.choicesChanged.emit(self._choices(), self._chosen)

    def _decision(self, key: str) -> Decision | None:
        now = self._session.decision
        if key == HALF:
            return replace(now, thresholds=Thresholds.uniform(len(now.thresholds)))
        return now if key == NOW else self._profiles.decision_of(key)

    def _compare(self) -> None:
        self._stop()
        evaluator, n_labels = self._evaluation.evaluator, len(self._session.decision.thresholds)
        if not self._wanted or evaluator is None or evaluator.n_labels != n_labels or len(self._chosen) < 2:
            self.comparisonChanged.emit(None)
            return
        if self._ground is None or self._ground[0] is not evaluator:
            self._ground, self._known = (evaluator, Ground.of(self._session, evaluator)), []
        ground, words = self._ground[1], dict(self._choices())
        wanted = [(key, words[key], self._decision(key)) for key in self._chosen]
        known = list(self._known)

        def work(job: Job) -> list[tuple[Decision, Alternative]] | None:
            return _measured(ground, wanted, known, job.cancelled)

        if is_small(ground.run):
            self._take(ground, work(Job()))
        else:
            self._late.start()
            self._job = self._jobs.run(Lane.NUMBERS, work, lambda made: self._take(ground, made), self._on_failed)

    def _take(self, ground: Ground, measured: list[tuple[Decision, Alternative]] | None) -> None:
        self._job = None
        self._late.stop()
        self.busyChanged.emit("")
        if measured is None:  # images came in meanwhile: the next evaluator asks again
            return
        self._known = measured
        self.comparisonChanged.emit(Comparison(ground.evaluator.rows, tuple(one for _, one in measured)))

    def _on_failed(self, error: Exception) -> None:
        self._stop()
        self.failed.emit(error)


def _measured(
    ground: Ground,
    wanted: list[tuple[str, str, Decision | None]],
    known: list[tuple[Decision, Alternative]],
    cancelled: Callable[[], bool],
) -> list[tuple[Decision, Alternative]] | None:
    """Every alternative, those that are known without measuring; None when cancelled or overtaken."""
    found: list[tuple[Decision, Alternative]] = []
    for key, name, decision in wanted:
        if decision is None:
            continue
        same = next((one for own, one in known if own == decision), None)
        words = decides_words(decision)
        made = ground.alternative(key, name, words, decision, cancelled) if same is None else same
        if made is None or cancelled():
            return None
        found.append((decision, replace(made, key=key, name=name, words=words)))
    return found
