"""Opens models and datasets, puts them together, and brings back what was chosen for the pair before."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from app.controllers.pair_memory import PairMemory
from app.controllers.pairing import (
    Paired,
    Scored,
    match_of,
    open_with,
    pair,
    read_dataset,
)
from app.controllers.scoring import ScoringController
from app.jobs import Job, Jobs, Lane
from app.memory import Memory
from app.session import Session
from inference.data.datasets import DatasetChoices, DatasetReport, LabelMatch
from inference.errors import ImagesMissingError
from inference.models.opening import CardAnswers, LoadedModel, NeedsCard
from inference.types import Severity

WEIGHTS_SUFFIXES = (".safetensors", ".pt", ".pth", ".pt2", ".bin", ".ckpt", ".onnx", ".pkl")


@dataclass
class _Wish:
    """What is being opened: a model, a dataset, or both, taken over in one go."""

    model_path: str = ""
    folder: str = ""
    together: bool = False  # asked for as a pair: both or neither
    quiet: bool = False
    answers: CardAnswers | None = None
    choices: DatasetChoices | None = None
    mapping: dict[str, str] | None = None  # None: as remembered
    model: LoadedModel | None = None
    report: DatasetReport | None = None
    notes: tuple[str, ...] = ()
    jobs: dict[str, Job] = field(default_factory=dict)  # what is under way: "model", "folder", then "pair"

    def drop(self, what: str) -> None:
        """Cancel one part of it."""
        job = self.jobs.pop(what, None)
        if job is not None:
            job.cancel()


class OpeningController(QObject):
    """A wish that fails changes nothing: what was open stays open. A later wish takes the place of an earlier one."""

    busyChanged = Signal(str)  # what is being opened; empty when nothing is
    cardNeeded = Signal(str, object)  # weights path, CardDraft: ask the user
    reviewWanted = Signal()  # the labels of folder and model do not meet: ask the user
    imagesMissing = Signal(str, object, str)  # label file, its DatasetChoices, sentence: ask where the images are
    said = Signal(str, object)  # sentence, Severity
    reportReady = Signal(object)  # Paired: what a dataset turned out to be
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
        self._wish: _Wish | None = None
        self._unanswered: tuple[_Wish, NeedsCard] | None = None  # waits for the card form
        self._preview: Job | None = None
        self.kept = PairMemory(session, memory, self)

    # -- what the user asks for ----------------------------------------------------------------------------------

    def open_paths(self, paths: Sequence[str]) -> None:
        """Whatever was dropped or named on the command line: a model, a dataset, or both."""
        model = folder = ""
        for path in paths:
            if not os.path.exists(path):
                self.said.emit(
                    f"{path} is not there: check the name and whether its drive is connected.", Severity.ERROR
                )
            elif _is_model(path):
                model = path
            elif os.path.isdir(path) or path.lower().endswith((".csv", ".tsv")):
                folder = path
            else:
                self.said.emit(
                    f"{os.path.basename(path)} is neither a model (model.toml, .safetensors, .pt, .pth) nor a "
                    "validation folder or CSV file: open the folder that holds the images.",
                    Severity.ERROR,
                )
        if model or folder:
            self.open(model, folder)

    def open(
        self,
        model: str = "",
        folder: str = "",
        *,
        answers: CardAnswers | None = None,
        choices: DatasetChoices | None = None,
        mapping: dict[str, str] | None = None,
        quiet: bool = False,
    ) -> None:
        """Open a model (card, its folder, or weights), a validation folder or label file, or both.

        ``choices`` and ``mapping`` are the user's corrections; None means those that were made before. What is still
        being opened of the other kind is waited for, and of the same kind is given up. ``quiet`` says nothing of
        what the dataset turned out to be: it is what was open before.
        """
        wish = self._wish or _Wish()
        wish.drop("pair")
        wish.together = bool(model and folder)
        wish.quiet = quiet
        if model:
            self._wish_model(wish, model, answers)
        if folder:
            self._wish_folder(wish, folder, choices, mapping)
        self._announce(wish)

    def _wish_model(self, wish: _Wish, path: str, answers: CardAnswers | None) -> None:
        wish.drop("model")
        if not wish.model_path:
            self._scoring.hold()
        wish.model_path, wish.answers, wish.model = path, answers, None
        wanted = self._memory.state.device
        wish.jobs["model"] = self._jobs.run(
            Lane.DEVICE,
            lambda _: open_with(path, answers, wanted),
            lambda result: self._on_model(wish, result),
            lambda error: self._refuse(wish, "model", error),
        )

    def _wish_folder(
        self, wish: _Wish, path: str, choices: DatasetChoices | None, mapping: dict[str, str] | None
    ) -> None:
        wish.drop("folder")
        chosen = self.kept.choices_for(path) if choices is None else choices
        wish.folder, wish.choices, wish.mapping, wish.report = path, chosen, mapping, None
        wish.jobs["folder"] = self._jobs.run(
            Lane.FILES,
            lambda job: read_dataset(path, chosen, job),
            lambda report: self._on_report(wish, report),
            lambda error: self._refuse(wish, "folder", error),
        )

    def answer_card(self, answers: CardAnswers) -> None:
        """The user said what the weights did not: open them so, and write the card once they do."""
        if self._unanswered is not None:
            wish = self._unanswered[0]
            self.open(wish.model_path, wish.folder, answers=answers, choices=wish.choices, mapping=wish.mapping)

    def correct_dataset(self, report: DatasetReport, choices: DatasetChoices, mapping: dict[str, str]) -> None:
        """The user saw this report and knows better."""
        if self._session.report is not report:
            self.said.emit("Another dataset was opened meanwhile, so the corrections were not made.", Severity.WARNING)
        elif choices != self.kept.choices:
            self.open("", report.dataset.source, choices=choices, mapping=mapping)
        else:
            wish = self._wish or _Wish()
            wish.drop("pair")
            wish.mapping, wish.report, wish.choices = mapping, report, choices
            self._announce(wish)
            self._arrived(wish)

    def preview(
        self,
        choices: DatasetChoices,
        done: Callable[[DatasetReport], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Read the open dataset otherwise, without taking the result over; only the last such wish is answered."""
        self.drop_preview()
        report = self._session.report
        if report is not None:
            source = report.dataset.source
            self._preview = self._jobs.run(Lane.FILES, lambda job: read_dataset(source, choices, job), done, failed)

    def drop_preview(self) -> None:
        """Nobody waits for it any more."""
        if self._preview is not None:
            self._preview.cancel()
            self._preview = None

    def cancel(self) -> None:
        """Stop opening; what was open stays."""
        if self._wish is not None:
            self._end()

    # -- what is being opened ------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether something is being opened."""
        return self._wish is not None

    def _announce(self, wish: _Wish) -> None:
        self._wish = wish
        self._unanswered = None
        names = " and ".join(_short(path) for path in (wish.model_path, wish.folder) if path)
        self.busyChanged.emit(f"Opening {names} …")

    def _end(self) -> None:
        """The wish is fulfilled, refused or put aside."""
        wish, self._wish = self._wish, None
        if wish is None:
            return
        for what in tuple(wish.jobs):
            wish.drop(what)
        self.busyChanged.emit("")
        if wish.model_path:
            self._scoring.release()

    def _on_model(self, wish: _Wish, result: tuple[LoadedModel, tuple[str, ...]]) -> None:
        wish.model, wish.notes = result
        del wish.jobs["model"]
        self._arrived(wish)

    def _on_report(self, wish: _Wish, report: DatasetReport) -> None:
        wish.report = report
        del wish.jobs["folder"]
        self._arrived(wish)

    def _arrived(self, wish: _Wish) -> None:
        if not wish.jobs:
            self._pair(wish)

    def _refuse(self, wish: _Wish, what: str, error: Exception) -> None:
        folder = wish.folder
        other = bool(wish.model_path) if what == "folder" else wish.report is not None or "folder" in wish.jobs
        if other and not wish.together and what != "pair" and not isinstance(error, NeedsCard):
            wish.jobs.pop(what)
            if what == "model":
                wish.model_path = ""
                self._scoring.release()
            else:
                wish.folder = ""
            self._arrived(wish)
        else:
            self._end()
        if isinstance(error, NeedsCard):
            self._unanswered = wish, error
            self.cardNeeded.emit(wish.model_path, error.draft)
        elif isinstance(error, ImagesMissingError):
            self.imagesMissing.emit(folder, wish.choices, str(error))
        else:
            self.failed.emit(error)

    # -- model and dataset together ------------------------------------------------------------------------------

    def match_of(self, report: DatasetReport) -> LabelMatch | None:
        """How a dataset's label names meet the model's; None while no model is open."""
        return match_of(self._session.model, report, self.kept.mapping)

    def _pair(self, wish: _Wish) -> None:
        model, report = wish.model or self._session.model, wish.report or self._session.report
        if report is None:
            self._end()
            self._take_model(wish)
            self.kept.note_recent()
            return
        if wish.mapping is None:
            wish.mapping = self.kept.mapping_for(model, report)
        mapping, scored = wish.mapping, self._scored()

        def work(_: Job) -> Paired:
            return pair(model, report, mapping, scored)

        wish.jobs["pair"] = self._jobs.run(
            Lane.NUMBERS,
            work,
            lambda made: self._commit(wish, made),
            lambda error: self._refuse(wish, "pair", error),
        )

    def _scored(self) -> Scored | None:
        session = self._session
        if session.model is None or session.dataset is None or session.run is None:
            return None
        dataset = session.dataset
        return Scored(session.model.fingerprint, dataset.root, dataset.names, session.run, session.failures)

    def _take_model(self, wish: _Wish) -> None:
        if wish.model is not None:
            self._session.set_model(wish.model)
            for note in (*wish.model.notes, *wish.notes):
                self.said.emit(note, Severity.WARNING)

    def _commit(self, wish: _Wish, made: Paired) -> None:
        session = self._session
        self.kept.settle()
        self._stack.clear()
        session.set_run(None)
        self._take_model(wish)
        session.set_image(-1)
        session.set_label(-1)
        session.set_dataset(made.report, made.dataset, made.sizes, made.digest)
        image = self.kept.restore(wish.choices if wish.report is not None else None, wish.mapping or {})
        session.set_run(made.run, made.failures)
        session.set_label(0 if made.dataset.labels else -1)
        session.set_image(image)
        self.kept.remember()
        self.kept.note_recent()
        self._end()
        self.paired.emit()
        if not wish.quiet:
            self.reportReady.emit(made)
        self._scoring.start()
        match = made.match
        if match is not None and match.unmatched_dataset and match.unmatched_model and not wish.mapping:
            self.reviewWanted.emit()


def _is_model(path: str) -> bool:
    if os.path.isdir(path):
        return os.path.isfile(os.path.join(path, "model.toml"))
    return path.lower().endswith((".toml", *WEIGHTS_SUFFIXES))


def _short(path: str) -> str:
    parts = Path(path).parts
    return os.path.join(*parts[-2:]) if len(parts) > 1 else path
