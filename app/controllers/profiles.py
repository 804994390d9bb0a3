"""Named sets of thresholds, and which images decide otherwise since one of them."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.controllers.decisions import DecisionController
from app.controllers.evaluation import EvaluationController
from app.controllers.pair_memory import PairMemory
from app.controllers.tuning import TuningController
from app.session import Session
from app.state import Profile
from inference.evaluation.whatif import label_flips
from inference.types import ProfileRow, Thresholds

HALF = "half"
_SETTLE_MS = 120  # the list follows a slider when it rests


class ProfileController(QObject):
    """Profiles belong to a model on a dataset and are kept with them."""

    profilesChanged = Signal(object)  # list of ProfileRow
    referencesChanged = Signal(object, str)  # (key, words) to compare with, and the one in use
    flipsChanged = Signal(object)  # list of LabelFlips, None before anything is scored
    saveBlocked = Signal(str)  # why nothing can be saved now, "" where it can

    def __init__(
        self,
        session: Session,
        kept: PairMemory,
        evaluation: EvaluationController,
        decisions: DecisionController,
        tuning: TuningController,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._kept, self._evaluation = session, kept, evaluation
        self._decisions, self._tuning = decisions, tuning
        self._profiles: tuple[Profile, ...] = ()
        self._deleted: dict[str, tuple[int, Profile]] = {}
        self._applied = ""  # the profile that was in force last
        self._reference = HALF
        self._wanted = False
        self._soon = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._soon.timeout.connect(self._tell)
        session.thresholdsChanged.connect(self._soon.start)
        evaluation.evaluatorChanged.connect(self._soon.start)

    def restore(self) -> None:
        """The profiles of the pair that was just opened."""
        self._profiles, self._deleted, self._applied = self._kept.settings().profiles, {}, ""
        self._reference = HALF
        self._tell()

    def set_wanted(self, wanted: bool) -> None:
        """Whether the lists are in sight: nobody should pay for them otherwise."""
        self._wanted = wanted
        self._tell()

    # -- what the user asks for ----------------------------------------------------------------------------------

    def save(self, name: str) -> None:
        """Keep the thresholds in force under a name."""
        session, evaluator = self._session, self._evaluation.evaluator
        if session.dataset is None or session.model is None or evaluator is None:
            return
        averages = evaluator.averages(session.zero_division)
        tuned = self._tuning.tuned
        profile = Profile(
            key=uuid4().hex,
            name=name,
            goal=tuned.goal if tuned is not None and self._tuning.in_force else "set by hand",
            saved=datetime.now().isoformat(timespec="seconds"),
            thresholds=dict(zip(session.dataset.labels, map(float, session.decision.thresholds.values), strict=True)),
            micro_f1=_finite(averages.micro.f1),
            macro_f1=_finite(averages.macro.f1),
            model=session.model.fingerprint,
            data=session.digest,
        )
        self._applied = profile.key
        self._keep((*self._profiles, profile))

    def apply(self, key: str) -> None:
        """Put a profile in force: one step of undo. Labels it does not know keep their threshold."""
        profile = self._of(key)
        if profile is not None:
            self._applied = key
            self._decisions.set_thresholds(self._thresholds(profile), f"profile {profile.name}")
            self._tell()

    def thresholds_of(self, key: str) -> tuple[Thresholds, str] | None:
        """A profile's thresholds, labels it does not know as they are in force, and its goal in words."""
        profile = self._of(key)
        return None if profile is None else (self._thresholds(profile), profile.goal)

    def rename(self, key: str, name: str) -> None:
        """Call it otherwise."""
        self._keep(tuple(replace(one, name=name) if one.key == key else one for one in self._profiles))

    def delete(self, key: str) -> None:
        """Forget it, until the user thinks better of it."""
        for index, profile in enumerate(self._profiles):
            if profile.key == key:
                self._deleted[key] = index, profile
        self._reference = HALF if self._reference == key else self._reference
        self._keep(tuple(one for one in self._profiles if one.key != key))

    def undo_delete(self, key: str) -> None:
        """Bring it back where it was."""
        if key in self._deleted:
            index, profile = self._deleted.pop(key)
            self._keep((*self._profiles[:index], profile, *self._profiles[index:]))

    def set_reference(self, key: str) -> None:
        """What to compare the thresholds in force with."""
        self._reference = key
        self._tell()

    # -- telling -------------------------------------------------------------------------------------------------

    def _of(self, key: str) -> Profile | None:
        return next((one for one in self._profiles if one.key == key), None)

    def _thresholds(self, profile: Profile) -> Thresholds:
        dataset, values = self._session.dataset, self._session.decision.thresholds.values.copy()
        assert dataset is not None
        for index, label in enumerate(dataset.labels):
            values[index] = np.float32(profile.thresholds.get(label, values[index]))
        return Thresholds(values)

    def _keep(self, profiles: tuple[Profile, ...]) -> None:
        self._profiles = profiles
        self._kept.change(profiles=profiles)
        self._tell()

    def _tell(self) -> None:
        self._soon.stop()
        if not self._wanted or self._session.dataset is None:
            return
        self.profilesChanged.emit([self._row(profile) for profile in self._profiles])
        references = [(HALF, "0.5 for every label"), *((one.key, one.name) for one in self._profiles)]
        self.referencesChanged.emit(references, self._reference)
        evaluator = self._evaluation.evaluator
        self.saveBlocked.emit("" if evaluator is not None else "Score a validation folder with a model first.")
        if evaluator is None or evaluator.n_labels != len(self._session.decision.thresholds):
            self.flipsChanged.emit(None)
            return
        profile = self._of(self._reference)
        before = Thresholds.uniform(evaluator.n_labels) if profile is None else self._thresholds(profile)
        self.flipsChanged.emit(label_flips(evaluator, before, self._session.decision.thresholds))

    def _row(self, profile: Profile) -> ProfileRow:
        model = self._session.model
        same = self._thresholds(profile) == self._session.decision.thresholds
        stale = ""
        if model is not None and profile.model != model.fingerprint:
            stale = "The model has changed since."
        elif profile.data != self._session.digest:
            stale = "Images or annotations have changed since."
        return ProfileRow(
            key=profile.key,
            name=profile.name,
            goal=profile.goal,
            saved=datetime.fromisoformat(profile.saved),
            micro_f1=math.nan if profile.micro_f1 is None else profile.micro_f1,
            macro_f1=math.nan if profile.macro_f1 is None else profile.macro_f1,
            stale=stale,
            in_force=same or profile.key == self._applied,
            modified=not same and profile.key == self._applied,
        )


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
