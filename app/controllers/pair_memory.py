"""What is chosen for a model and a dataset together, kept between starts and brought back with them."""

from __future__ import annotations

import logging
import os
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from app.controllers.pairing import plain, typed, usual_rule
from app.kept_json import decode
from app.kept_split import kept, split_of
from app.logit_numbers import band_numbers_of, band_of, map_of, numbers_of
from app.memory import Memory
from app.predicted import OpenModel
from app.project_files import Opened
from app.session import Decision, Session
from app.state import PairSettings, State, Tuned, add_recent, settings_of
from inference.data.datasets import DatasetChoices
from inference.types import Activation, Thresholds, ZeroDivision

log = logging.getLogger(__name__)

_MODEL = "model/"
_DELAY_MS = 300  # a frame has better things to do than to write down 1,000 thresholds


class PairMemory(QObject):
    """Watches the session and tells what the user chooses, to be kept with the project that is open."""

    changed = Signal(object)  # PairSettings: to be kept under the model that is open
    choicesChanged = Signal(object)  # DatasetChoices

    def __init__(self, session: Session, memory: Memory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._memory = session, memory
        self._restoring = False
        self._settings = PairSettings()  # of the pair that is open
        self._known: dict[str, PairSettings] = {}  # of this project, under other models, by `key_of`
        self.choices = DatasetChoices()  # how the open dataset was asked to be read
        self.mapping: dict[str, str] = {}  # which label of the model the user said a label of the dataset is
        self._soon = QTimer(self, singleShot=True, interval=_DELAY_MS)
        self._soon.timeout.connect(self.remember)
        kept = (session.thresholdsChanged, session.schemeChanged, session.zeroDivisionChanged)
        for changed in (*kept, session.splitChanged, session.bandChanged):
            changed.connect(self._remember_soon)
        session.imageChanged.connect(lambda image: self._remember_soon() if image >= 0 else None)

    def paths(self) -> tuple[str, str]:
        """Of the model's card and of what was opened as dataset; empty where there is none."""
        report = self._session.report
        return _path(self._session.model), report.dataset.source if report else ""

    def settings(self) -> PairSettings:
        """What is remembered of the pair that is open."""
        return self._settings

    @property
    def settled(self) -> bool:
        """Whether everything that was chosen has been told."""
        return not self._soon.isActive()

    def settings_for(self, model: OpenModel | None, source: str, opened: Opened | None) -> PairSettings:
        """What is remembered of a model on a dataset: in its project, else by a Cutline that had no projects.

        ``opened`` is the project that is being opened; None for the one that is open.
        """
        known = self._known if opened is None else _decoded(opened)
        kept = known.get(key_of(model))
        return settings_of(self._memory.state, _path(model), source) if kept is None else kept

    def begin(self, opened: Opened | None) -> None:
        """Another project is open now; None for one that is new."""
        self._known = {} if opened is None else _decoded(opened)

    def choices_for(self, folder: str) -> DatasetChoices:
        """How this folder was read by a Cutline that had no projects, under whichever model."""
        source = os.path.abspath(folder)
        for one in self._memory.state.pairs:
            if one.folder == source:
                return typed(one.settings.corrections)
        return DatasetChoices()

    def restore(self, settings: PairSettings, choices: DatasetChoices | None, mapping: dict[str, str]) -> int:
        """Bring back the decision of the pair now open, else what the card says; the image looked at last.

        ``choices``: how the dataset was read, None where it was open before.
        """
        session, self._settings = self._session, settings
        dataset, model = session.dataset, session.model
        assert dataset is not None
        self.choices = self.choices if choices is None else choices
        self.mapping = mapping
        activation = settings.activation or (Activation(model.card.activation) if model else Activation.SIGMOID)
        rule = settings.rule or usual_rule(activation, dataset.task)
        values = Thresholds.uniform(len(dataset.labels)).values.copy()
        for index, label in enumerate(dataset.labels):
            values[index] = np.float32(settings.thresholds.get(label, values[index]))
        zero_division = settings.zero_division
        self._restoring = True
        labels, thresholds = dataset.labels, Thresholds(values)
        calibration, biases = (map_of(numbers, labels) for numbers in (settings.calibration, settings.biases))
        session.set_decision(Decision(activation, rule, thresholds, settings.k, calibration, biases))
        session.set_split(split_of(settings.split, session))
        session.set_band(band_of(settings.band, labels, thresholds))
        session.set_zero_division(ZeroDivision.ZERO if zero_division is None else zero_division)
        self._restoring = False
        if settings.image in dataset.names:
            return dataset.names.index(settings.image)
        return 0 if len(dataset) else -1

    def _remember_soon(self) -> None:
        if not self._restoring:
            self._soon.start()

    def settle(self) -> None:
        """Keep what was chosen a moment ago, before another pair takes its place or the program ends."""
        if self._soon.isActive():
            self.remember()

    def remember(self) -> None:
        """Keep what is chosen for the pair."""
        self._soon.stop()
        session = self._session
        dataset, decision = session.dataset, session.decision
        if dataset is None or len(decision.thresholds) != len(dataset.labels):
            return
        self.change(
            activation=decision.activation,
            rule=decision.rule,
            thresholds=dict(zip(dataset.labels, map(float, decision.thresholds.values), strict=True)),
            k=decision.k,
            calibration=numbers_of(decision.calibration, dataset.labels),
            biases=numbers_of(decision.biases, dataset.labels),
            band=band_numbers_of(session.band, dataset.labels),
            split=kept(session.split, session),
            zero_division=session.zero_division,
            corrections=plain(self.choices),
            mapping=dict(self.mapping),
            image=dataset.names[session.image] if 0 <= session.image < len(dataset) else "",
        )

    def remember_tuned(self, tuned: Tuned | None) -> None:
        """That these thresholds were tuned on these images must not be forgotten with the window."""
        self.change(tuned=tuned)

    def change(self, **settings: object) -> None:
        """Keep these settings for the pair that is open."""
        if not self.paths()[1]:
            return
        before, self._settings = self._settings, replace(self._settings, **settings)  # type: ignore[arg-type]
        if self._settings != before:
            self._known[key_of(self._session.model)] = self._settings
            self.changed.emit(self._settings)

    def note_recent(self) -> None:
        """What is open is what the next start opens."""
        model, folder = self.paths()

        def change(state: State) -> State:
            return replace(add_recent(state, model=model, folder=folder), last_model=model, last_folder=folder)

        if model or folder:
            self._memory.update(change)


def key_of(model: OpenModel | None) -> str:
    """Under what a project keeps the settings that belong to a model."""
    return _MODEL + (model.fingerprint if model else "")


def _decoded(opened: Opened) -> dict[str, PairSettings]:
    found = {}
    for key, value in opened.contents.settings.items():
        if key.startswith(_MODEL):
            try:
                found[key] = decode(value, PairSettings)
            except ValueError:
                log.warning("the settings %s of %s cannot be read", key, opened.project.path)
    return found


def _path(model: OpenModel | None) -> str:
    return str(model.path) if model else ""
