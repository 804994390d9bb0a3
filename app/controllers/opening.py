"""Opens models and datasets, pairs them up, and brings back what was chosen for the pair before."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from app.controllers.scoring import ScoringController
from app.jobs import Job, Jobs, Lane
from app.memory import Memory
from app.session import Decision, Session
from app.state import PairSettings, State, add_recent, remember, settings_of
from inference.data.datasets import DatasetChoices, DatasetReport, align, match_labels, open_dataset
from inference.errors import ImagesMissingError
from inference.models.opening import CardAnswers, LoadedModel, NeedsCard, open_model, save_answers
from inference.types import Activation, Dataset, DecisionRule, Run, Severity, Task, Thresholds

if TYPE_CHECKING:
    from inference.data.datasets import LabelMatch

WEIGHTS_SUFFIXES = (".safetensors", ".pt", ".pth", ".pt2", ".bin", ".ckpt", ".onnx", ".pkl")


class OpeningController(QObject):
    """A file that cannot be opened changes nothing: what was open stays open."""

    busyChanged = Signal(str)  # what is being opened; empty when nothing is
    cardNeeded = Signal(str, object)  # weights path, CardDraft: ask the user
    reviewWanted = Signal()  # the labels of folder and model do not meet: ask the user
    imagesMissing = Signal(str, object, str)  # label file, its DatasetChoices, sentence: ask where the images are
    said = Signal(str, object)  # sentence, Severity
    reportSaid = Signal(str, object)  # what a dataset turned out to be, Severity
    failed = Signal(Exception)
    paired = Signal()

    def __init__(
        self,
        session: Session,
        jobs: Jobs,
        memory: Memory,
        scoring: ScoringController,
        stack: QUndoStack,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._jobs, self._memory, self._scoring, self._stack = session, jobs, memory, scoring, stack
        self._jobs_under_way: dict[str, Job] = {}
        self._pair = ("", "")  # the paths of the model and dataset that were last put together
        self._mapping: dict[str, str] = {}
        self._choices = DatasetChoices()
        session.thresholdsChanged.connect(self._remember_pair)
        session.schemeChanged.connect(self._remember_pair)
        session.zeroDivisionChanged.connect(self._remember_pair)

    # -- what the user asks for ----------------------------------------------------------------------------------

    def open_paths(self, paths: Sequence[str]) -> None:
        """Whatever was dropped or named on the command line: each is a model or a dataset."""
        for path in paths:
            if not os.path.exists(path):
                self.said.emit(
                    f"{path} is not there: check the name, or whether its drive is connected.", Severity.ERROR
                )
            elif _is_model(path):
                self.open_model(path)
            elif os.path.isdir(path) or path.lower().endswith((".csv", ".tsv")):
                self.open_folder(path)
            else:
                self.said.emit(
                    f"{os.path.basename(path)} is neither a model (model.toml, .safetensors, .pt, .pth) nor a "
                    "validation folder or CSV file: open the folder that holds the images.",
                    Severity.ERROR,
                )

    def open_model(self, path: str, answers: CardAnswers | None = None) -> None:
        """A model card, the folder it is in, or weights."""
        device = self._memory.state.device or None
        resume = self._pause()

        def opened(model: LoadedModel) -> None:
            self._end("model")
            for note in model.notes:
                self.said.emit(note, Severity.WARNING)
            self._session.set_model(model)
            self._pair_up()

        def refused(error: Exception) -> None:
            self._end("model")
            if isinstance(error, NeedsCard):
                self.cardNeeded.emit(path, error.draft)
            else:
                self.failed.emit(error)
            resume()

        self._begin(
            "model", f"Opening {_short(path)} …", Lane.DEVICE,
            lambda _: open_model(path, answers=answers, device=device), opened, refused,
        )  # fmt: skip

    def answer_card(self, path: str, answers: CardAnswers) -> None:
        """The user said what the weights did not: write the card, then open it."""
        try:
            card = save_answers(path, answers)
        except OSError as error:
            self.said.emit(
                f"The card could not be written beside {path} ({error.strerror}): the model is opened without one.",
                Severity.WARNING,
            )
            self.open_model(path, answers)
        except Exception as error:  # whatever is wrong with the answers is told like any other refusal
            self.failed.emit(error)
        else:
            self.open_model(str(card))

    def open_folder(self, path: str, choices: DatasetChoices | None = None) -> None:
        """A validation folder or a label file, read as ``choices`` say or as was chosen before."""
        if choices is None:
            choices = self._remembered(path)
        chosen = choices

        def opened(report: DatasetReport) -> None:
            self._end("folder")
            self._session.set_dataset(report, report.dataset)
            self._choices = chosen
            self._say_report(report)
            self._pair_up()

        def refused(error: Exception) -> None:
            self._end("folder")
            if isinstance(error, ImagesMissingError):
                self.imagesMissing.emit(path, chosen, str(error))
            else:
                self.failed.emit(error)

        self._begin(
            "folder", f"Reading {_short(path)} …", Lane.FILES,
            lambda _: open_dataset(path, chosen), opened, refused,
        )  # fmt: skip

    def correct_dataset(self, choices: DatasetChoices, mapping: dict[str, str]) -> None:
        """The user read the report and knows better."""
        report = self._session.report
        if report is None:
            return
        self._mapping = mapping
        if choices != self._choices:
            self.open_folder(report.dataset.source, choices)
        else:
            self._pair_up()

    def preview(
        self,
        choices: DatasetChoices,
        done: Callable[[DatasetReport], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Read the open dataset otherwise, without taking the result over."""
        report = self._session.report
        if report is not None:
            source = report.dataset.source
            self._jobs.run(Lane.FILES, lambda _: open_dataset(source, choices), done, failed)

    def set_device(self, key: str) -> None:
        """Score on another device from now on."""
        self._memory.update(lambda state: replace(state, device=key))
        model = self._session.model
        if model is None or model.device == key:
            return
        resume = self._pause()

        def moved(model: LoadedModel) -> None:
            self._end("model")
            self._session.set_model(model)
            resume()

        def refused(error: Exception) -> None:
            self._end("model")
            self.failed.emit(error)
            self._session.set_model(model)  # so that the choice shown is the device in use
            resume()

        self._begin("model", f"Moving the model to {key} …", Lane.DEVICE, lambda _: model.to(key), moved, refused)

    # -- what is being opened ------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether something is being opened."""
        return bool(self._jobs_under_way)

    def _begin(
        self,
        what: str,
        text: str,
        lane: Lane,
        work: Callable[[Job], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        if what in self._jobs_under_way:
            self._jobs_under_way[what].cancel()  # the later wish stands
        self._jobs_under_way[what] = self._jobs.run(lane, work, done, failed)
        self.busyChanged.emit(text)

    def _end(self, what: str) -> None:
        self._jobs_under_way.pop(what, None)
        if not self._jobs_under_way:
            self.busyChanged.emit("")

    def _pause(self) -> Callable[[], None]:
        """Free the device's lane; the answer takes scoring up again if it was under way."""
        was_running = self._scoring.running
        self._scoring.cancel()
        return self._scoring.start if was_running else lambda: None

    # -- model and dataset together ------------------------------------------------------------------------------

    def match_of(self, report: DatasetReport) -> LabelMatch | None:
        """How a dataset's label names meet the model's; None while no model is open."""
        model = self._session.model
        return None if model is None else match_labels(model.labels, report.dataset.labels, self._mapping)

    @property
    def mapping(self) -> dict[str, str]:
        """Which label of the model the user said a label of the dataset is."""
        return self._mapping

    @property
    def choices(self) -> DatasetChoices:
        """How the dataset was asked to be read."""
        return self._choices

    def _pair_up(self) -> None:
        session = self._session
        model, report = session.model, session.report
        self._note_recent()
        if report is None:
            return
        if self._paths() != self._pair:
            self._pair = self._paths()
            self._mapping = dict(self._settings().mapping)
        match = self.match_of(report)
        self._stack.clear()
        dataset = report.dataset
        if model is not None and match is not None:
            dataset = align(dataset, model.labels, match.mapping)
        session.set_run(None)
        session.set_dataset(report, dataset)
        session.set_image(-1)
        session.set_label(-1)
        self._restore(dataset)
        session.set_run(Run.empty(len(dataset), len(dataset.labels)) if model is not None else None)
        session.set_label(0 if dataset.labels else -1)
        session.set_image(0 if len(dataset) else -1)
        self._remember_pair()
        self.paired.emit()
        self._scoring.start()
        if match is not None and report.dataset.labels and not match.mapping:
            self.reviewWanted.emit()

    def _restore(self, dataset: Dataset) -> None:
        """The decision chosen for this pair before; else what the card says."""
        session, settings = self._session, self._settings()
        activation = settings.activation or _card_activation(session.model)
        rule = settings.rule or _usual_rule(activation, dataset.task)
        values = Thresholds.uniform(len(dataset.labels)).values.copy()
        for index, label in enumerate(dataset.labels):
            values[index] = np.float32(settings.thresholds.get(label, values[index]))
        session.set_decision(Decision(activation, rule, Thresholds(values)))
        if settings.zero_division is not None:
            session.set_zero_division(settings.zero_division)

    # -- memory --------------------------------------------------------------------------------------------------

    def _paths(self) -> tuple[str, str]:
        model, report = self._session.model, self._session.report
        return str(model.path) if model else "", report.dataset.source if report else ""

    def _settings(self) -> PairSettings:
        return settings_of(self._memory.state, *self._paths())

    def _remembered(self, folder: str) -> DatasetChoices:
        """How this folder was read before, under whichever model: it may be opened before the model is."""
        source = os.path.abspath(folder)
        for pair in self._memory.state.pairs:
            if pair.folder == source:
                return DatasetChoices(**_typed(pair.settings.corrections))
        return DatasetChoices()

    def _note_recent(self) -> None:
        model, folder = self._paths()

        def change(state: State) -> State:
            return replace(add_recent(state, model=model, folder=folder), last_model=model, last_folder=folder)

        if model or folder:
            self._memory.update(change)

    def _remember_pair(self) -> None:
        session = self._session
        model, folder = self._paths()
        dataset, decision = session.dataset, session.decision
        if not folder or dataset is None or len(decision.thresholds) != len(dataset.labels):
            return

        def change(state: State) -> State:
            settings = replace(
                settings_of(state, model, folder),
                activation=decision.activation,
                rule=decision.rule,
                thresholds=dict(zip(dataset.labels, map(float, decision.thresholds.values), strict=True)),
                zero_division=session.zero_division,
                corrections=_plain(self._choices),
                mapping=dict(self._mapping),
            )
            return remember(state, model, folder, settings)

        self._memory.update(change)

    def _say_report(self, report: DatasetReport) -> None:
        text = f"{_short(report.dataset.source)}: {report.summary()}."
        if report.warnings:
            text += f" {report.warnings[0]}"
            if len(report.warnings) > 1:
                text += f" And {len(report.warnings) - 1} more."
        self.reportSaid.emit(text, Severity.WARNING if report.warnings else Severity.INFO)


def _is_model(path: str) -> bool:
    if os.path.isdir(path):
        return os.path.isfile(os.path.join(path, "model.toml"))
    return path.lower().endswith((".toml", *WEIGHTS_SUFFIXES))


def _short(path: str) -> str:
    parts = Path(path).parts
    return os.path.join(*parts[-2:]) if len(parts) > 1 else path


def _card_activation(model: LoadedModel | None) -> Activation:
    return Activation(model.card.activation) if model is not None else Activation.SIGMOID


def _usual_rule(activation: Activation, task: Task) -> DecisionRule:
    if activation is Activation.SOFTMAX and task is Task.MULTICLASS:
        return DecisionRule.ARGMAX
    return DecisionRule.THRESHOLDS


def _plain(choices: DatasetChoices) -> dict[str, Any]:
    """The choices that were made, as JSON holds them."""
    values = {name: getattr(choices, name) for name in choices.__dataclass_fields__}
    words = values.pop("empty_words")
    if words is not None:
        values["empty_words"] = "\n".join(words)
    return {name: str(value) for name, value in values.items() if value is not None}


def _typed(corrections: dict[str, Any]) -> dict[str, Any]:
    known = {name: value for name, value in corrections.items() if name in DatasetChoices.__dataclass_fields__}
    if "task" in known:
        known["task"] = Task(known["task"])
    if "empty_words" in known:
        known["empty_words"] = tuple(known["empty_words"].splitlines())
    return known
