"""Named decisions, and which images are decided otherwise since one of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal
from PySide6.QtGui import QUndoStack

from app.commands import DeleteProfile, RenameProfile, SaveProfile
from app.controllers.decisions import DecisionController
from app.controllers.evaluation import EvaluationController
from app.controllers.pair_memory import PairMemory
from app.controllers.profile_shelf import ProfileShelf
from app.controllers.profile_words import f1_then, finite, row_of
from app.controllers.reference_flips import ReferenceFlips
from app.controllers.tuning import TuningController
from app.jobs import Job, Jobs, Lane
from app.logit_numbers import map_of, numbers_of
from app.session import Decision, Session
from app.state import Profile, Tuned
from inference.evaluation.comparing import measured_intervals
from inference.evaluation.evaluator import Evaluator
from inference.types import AverageIntervals, ProfileRow, Thresholds

HALF = "half"
_SETTLE_MS = 120  # the list follows a slider when it rests
_SEED = 0  # of the redrawn images: the same folder gives the same intervals


class ProfileController(QObject):
    """Profiles belong to a model on a dataset and are kept with them. All that changes them can be undone."""

    profilesChanged = Signal(object)  # list of ProfileRow
    referencesChanged = Signal(object, str)  # (key, words) to compare with, and the one in use
    flipsChanged = Signal(object)  # list of LabelFlips, None before anything is scored
    saveBlocked = Signal(str)  # why nothing can be saved now, "" where it can
    shelfChanged = Signal()  # which profiles there are, or what they are called
    referenceChanged = Signal()
    failed = Signal(Exception)

    def __init__(
        self,
        session: Session,
        kept: PairMemory,
        shelf: ProfileShelf,
        evaluation: EvaluationController,
        decisions: DecisionController,
        tuning: TuningController,
        stack: QUndoStack,
        jobs: Jobs,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._evaluation, self._stack, self._jobs = session, evaluation, stack, jobs
        self._decisions, self._tuning = decisions, tuning
        self._shelf = shelf
        self._applied = ""  # the profile that was in force last
        self._before: Decision | None = None  # what was in force until it was applied
        self._reference = HALF
        self._wanted = False
        self._awaiting = ""  # the profile whose expected F1 is still being estimated
        self._flips = ReferenceFlips(session, evaluation, jobs, self)
        self._flips.flipsChanged.connect(self.flipsChanged)
        self._flips.failed.connect(self.failed)
        self._soon = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._soon.timeout.connect(self._tell)
        session.thresholdsChanged.connect(self._soon.start)
        session.schemeChanged.connect(self._soon.start)
        session.splitChanged.connect(self._soon.start)
        evaluation.evaluatorChanged.connect(self._soon.start)
        tuning.tunedChanged.connect(self._on_tuned)
        self._shelf.changed.connect(self._on_shelf_changed)

    def restore(self) -> None:
        """The profiles of the pair that was just opened."""
        self._shelf.restore()
        self._applied, self._before, self._awaiting = "", None, ""
        self._reference = HALF
        self._tell()
        self.shelfChanged.emit()

    def set_wanted(self, wanted: bool) -> None:
        """Whether the lists are in sight: nobody should pay for them otherwise."""
        self._wanted = wanted
        self._tell()

    # -- what the user asks for ----------------------------------------------------------------------------------

    def save(self, name: str) -> None:
        """Keep what decides now under a name. Intervals follow as soon as they are computed."""
        evaluator = self._evaluation.evaluator
        if self._session.dataset is None or self._session.model is None or evaluator is None:
            return
        profile = self._made(name, evaluator)
        self._applied, self._before = profile.key, None
        self._stack.push(SaveProfile(self._shelf, len(self._shelf.profiles), profile))
        if profile.interval != "out_of_fold":
            self._awaiting = profile.key if self._tuning.in_force else ""
            self._find_intervals(profile.key, evaluator)

    def apply(self, key: str) -> None:
        """Put a profile in force, all that it knows: one step of undo. Labels it does not know stay as they are."""
        profile, decision = self._shelf.of(key), self.decision_of(key)
        if profile is not None and decision is not None:
            self._applied, self._before = key, self._session.decision
            self._decisions.apply(decision, f"profile {profile.name}")
            self._tell()

    def rename(self, key: str, name: str) -> None:
        """Call it otherwise: one step of undo."""
        profile = self._shelf.of(key)
        if profile is not None and profile.name != name:
            self._stack.push(RenameProfile(self._shelf, key, profile.name, name))

    def delete(self, key: str) -> None:
        """Forget it: one step of undo."""
        profile = self._shelf.of(key)
        if profile is not None:
            self._stack.push(DeleteProfile(self._shelf, profile))

    def set_reference(self, key: str) -> None:
        """What to compare the decision in force with."""
        self._reference = key
        self.referenceChanged.emit()
        self._tell()

    # -- reading -------------------------------------------------------------------------------------------------

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """All of them, in the order to show."""
        return self._shelf.profiles

    def profile_of(self, key: str) -> Profile | None:
        """The profile of a key; None where there is none."""
        return self._shelf.of(key)

    def decision_of(self, key: str) -> Decision | None:
        """What applying a profile puts in force: what it does not know stays as it is. None where there is none."""
        profile, dataset, now = self._shelf.of(key), self._session.dataset, self._session.decision
        if profile is None or dataset is None:
            return None
        values = now.thresholds.values.copy()
        for index, label in enumerate(dataset.labels):
            values[index] = np.float32(profile.thresholds.get(label, values[index]))
        if profile.activation is None or profile.rule is None:
            return replace(now, thresholds=Thresholds(values))
        return Decision(
            activation=profile.activation,
            rule=profile.rule,
            thresholds=Thresholds(values),
            k=profile.k,
            calibration=map_of(profile.calibration, dataset.labels),
            biases=map_of(profile.biases, dataset.labels),
        )

    @property
    def reference(self) -> tuple[str, Decision]:
        """What the decision in force is compared with, in words and as a decision."""
        profile, decision = self._shelf.of(self._reference), self.decision_of(self._reference)
        if profile is not None and decision is not None:
            return profile.name, decision
        half = Thresholds.uniform(len(self._session.decision.thresholds))
        return "0.5 for every label", replace(self._session.decision, thresholds=half)

    # -- saving --------------------------------------------------------------------------------------------------

    def _made(self, name: str, evaluator: Evaluator) -> Profile:
        """The decision in force as a profile, with what it gives and where it comes from."""
        session, decision = self._session, self._session.decision
        dataset, model = session.dataset, session.model
        assert dataset is not None
        assert model is not None
        averages, metrics = evaluator.averages(session.zero_division), evaluator.label_metrics()
        tuned = self._tuning.tuned if self._tuning.in_force else None
        profile = Profile(
            key=uuid4().hex,
            name=name,
            goal="set by hand" if tuned is None else tuned.goal,
            method="" if tuned is None else tuned.method,
            saved=datetime.now().isoformat(timespec="seconds"),
            thresholds=dict(zip(dataset.labels, map(float, decision.thresholds.values), strict=True)),
            micro_f1=finite(averages.micro.f1),
            macro_f1=finite(averages.macro.f1),
            model=model.fingerprint,
            data=session.digest,
            activation=decision.activation,
            rule=decision.rule,
            k=decision.k,
            calibration=numbers_of(decision.calibration, dataset.labels),
            biases=numbers_of(decision.biases, dataset.labels),
            split="" if session.split is None else session.split.words,
            n_images=averages.n_images,
            n_positives=int(metrics.support.sum()),
            seed=_SEED,
            versions={"cutline": QCoreApplication.applicationVersion(), "numpy": np.__version__},
        )
        return profile if tuned is None else replace(profile, **_expectation(tuned))  # type: ignore[arg-type]

    def _find_intervals(self, key: str, evaluator: Evaluator) -> None:
        """Redraw the images, on the worker, and complete the profile."""
        thresholds = self._session.decision.thresholds
        averages = evaluator.averages(self._session.zero_division)

        def found(intervals: AverageIntervals | None) -> None:
            profile = self._shelf.of(key)
            if intervals is None or profile is None or profile.interval == "out_of_fold":
                return
            micro, macro = intervals.micro, intervals.macro
            self._shelf.complete(
                key,
                interval="redrawn",
                micro=f1_then(averages.micro.f1, micro.low, micro.high),
                macro=f1_then(averages.macro.f1, macro.low, macro.high),
                confidence=intervals.confidence,
            )

        def work(job: Job) -> AverageIntervals | None:
            return measured_intervals(evaluator, thresholds, _SEED, job.cancelled)

        self._jobs.run(Lane.NUMBERS, work, found, self.failed.emit)

    def _on_tuned(self) -> None:
        """What tuning is expected to do on new images is known by now: it belongs to the profile saved meanwhile."""
        tuned, profile = self._tuning.tuned, self._shelf.of(self._awaiting)
        if tuned is None or profile is None or tuned.thresholds != profile.thresholds:
            self._awaiting = ""
        elif tuned.expected is not None:
            self._awaiting = ""
            self._shelf.complete(profile.key, **_expectation(tuned))

    # -- telling -------------------------------------------------------------------------------------------------

    def _on_shelf_changed(self) -> None:
        if self._shelf.of(self._reference) is None:
            self._reference = HALF
        self._tell()
        self.shelfChanged.emit()

    def _tell(self) -> None:
        self._soon.stop()
        if not self._wanted or self._session.dataset is None:
            return
        if self._session.decision == self._before:  # applying it was undone
            self._applied, self._before = "", None
        rows = [self._row(profile) for profile in self._shelf.profiles]
        self.profilesChanged.emit(rows)
        references = [(HALF, "0.5 for every label"), *((one.key, one.name) for one in self._shelf.profiles)]
        self.referencesChanged.emit(references, self._reference)
        self.saveBlocked.emit("" if self._evaluation.evaluator else "Score a validation folder with a model first.")
        self._flips.tell(self.reference[1])

    def _row(self, profile: Profile) -> ProfileRow:
        decision = self.decision_of(profile.key)
        assert decision is not None
        same = decision == self._session.decision
        applied = profile.key == self._applied
        return row_of(
            profile,
            self._session,
            decision,
            alone=profile.rule is None,
            in_force=same or applied,
            modified=applied and not same,
        )


def _expectation(tuned: Tuned) -> dict[str, object]:
    """What tuning expects on new images, as fields of a profile; nothing where it is not estimated."""
    if tuned.expected is None:
        return {}
    return {
        "interval": "out_of_fold",
        "micro": f1_then(tuned.expected, tuned.low, tuned.high),
        "macro": f1_then(tuned.macro, None, None),
        "confidence": tuned.confidence,
    }
