"""What is chosen for a model and a dataset together, kept between starts and brought back with them."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, QTimer

from app.controllers.pairing import plain, typed, usual_rule
from app.kept_split import kept_split, split_of
from app.logit_numbers import band_numbers_of, band_of, map_of, numbers_of
from app.memory import Memory
from app.session import Decision, Session
from app.state import PairSettings, State, Tuned, add_recent, remember, settings_of
from inference.data.datasets import DatasetChoices, DatasetReport
from inference.models.opening import LoadedModel
from inference.types import Activation, Thresholds, ZeroDivision

_DELAY_MS = 300  # a frame has better things to do than to write down 1,000 thresholds


class PairMemory(QObject):
    """Watches the session and writes down what the user chooses, under the pair that is open."""

    def __init__(self, session: Session, memory: Memory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._memory = session, memory
        self._restoring = False
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
        return settings_of(self._memory.state, *self.paths())

    def mapping_for(self, model: LoadedModel | None, report: DatasetReport) -> dict[str, str]:
        """The user's mapping of this pair's labels."""
        return dict(settings_of(self._memory.state, _path(model), report.dataset.source).mapping)

    def choices_for(self, folder: str) -> DatasetChoices:
        """How this folder was read before, under whichever model: it may be opened before the model is."""
        source = os.path.abspath(folder)
        for one in self._memory.state.pairs:
            if one.folder == source:
                return typed(one.settings.corrections)
        return DatasetChoices()

    def restore(self, choices: DatasetChoices | None, mapping: dict[str, str]) -> int:
        """Bring back the decision of the pair now open, else what the card says; the image looked at last.

        ``choices``: how the dataset was read, None where it was open before.
        """
        session, settings = self._session, self.settings()
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
            split=kept_split(session),
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
        model, folder = self.paths()
        if not folder:
            return

        def changed(state: State) -> State:
            known = replace(settings_of(state, model, folder), **settings)  # type: ignore[arg-type]
            return remember(state, model, folder, known)

        self._memory.update(changed)

    def note_recent(self) -> None:
        """What is open is what the next start opens."""
        model, folder = self.paths()

        def change(state: State) -> State:
            return replace(add_recent(state, model=model, folder=folder), last_model=model, last_folder=folder)

        if model or folder:
            self._memory.update(change)


def _path(model: LoadedModel | None) -> str:
    return str(model.path) if model else ""
