"""Opens models and datasets, puts them together, and brings back what was chosen for the pair before."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.controllers.dropping import PathController
from app.controllers.meeting import meet_anew
from app.controllers.pair_memory import PairMemory
from app.controllers.pairing import (
    Paired,
    Scored,
    open_with,
    pair,
    read_dataset,
)
from app.controllers.profile_shelf import ProfileShelf
from app.controllers.programs import ProgramController
from app.controllers.projects import ProjectController
from app.controllers.scoring import ScoringController
from app.controllers.wishes import Wish, short_name, truth_of
from app.history import History
from app.jobs import Job, Jobs, Lane
from app.memory import Memory
from app.path_kinds import TableKind
from app.predicted import (
    OpenModel,
    PredictedModel,
    PredictionAnswers,
    is_predictions,
    kept_answers,
    open_predictions,
)
from app.project_files import Opened, ReadDataset, read
from app.session import Session
from app.steps_again import commands_of
from inference.data.datasets import DatasetChoices, DatasetReport, LabelMatch, match_labels
from inference.errors import ImagesMissingError, ProjectBusyError, ProjectDamagedError
from inference.models.values import CardAnswers, NeedsCard, NeedsConsent
from inference.types import Severity


class OpeningController(QObject):
    """A wish that fails changes nothing: what was open stays open. A later wish takes the place of an earlier one."""

    began = Signal()  # to open something, when nothing was being opened
    busyChanged = Signal(str)  # what is being opened; empty when nothing is
    cardNeeded = Signal(str, object)  # weights path, CardDraft: ask the user
    consentNeeded = Signal(object)  # NeedsConsent: ask the user before anything of the model runs
    meaningNeeded = Signal(object)  # PredictedModel: ask the user what its numbers are
    reviewWanted = Signal()  # the labels of folder and model do not meet: ask the user
    imagesMissing = Signal(str, object, str)  # label file, its DatasetChoices, sentence: ask where the images are
    said = Signal(str, object)  # sentence, Severity
    reportReady = Signal(object)  # Paired: what a dataset turned out to be
    failed = Signal(Exception)
    refused = Signal(str, str, Exception)  # model, dataset: its project is open elsewhere or damaged
    paired = Signal()

    def __init__(
        self,
        session: Session,
        jobs: Jobs,
        memory: Memory,
        scoring: ScoringController,
        history: History,
        folder: Path,
        parent: QObject | None = None,
    ) -> None:
        """``folder``: where projects stand that the user gave no place."""
        super().__init__(parent)
        self._session, self._jobs, self._memory, self._scoring, self._history = session, jobs, memory, scoring, history
        self._wish: Wish | None = None
        self._unanswered: tuple[Wish, NeedsCard | NeedsConsent] | None = None  # waits for the user
        self._preview: Job | None = None
        self.programs = ProgramController(session, jobs, memory, self)
        self.dropped = PathController(jobs, self)
        self.dropped.sorted.connect(self.open)
        self.dropped.said.connect(self.said)
        self.dropped.failed.connect(self.failed)
        self.dropped.busyChanged.connect(lambda words: None if self._wish else self.busyChanged.emit(words))
        self.kept = PairMemory(session, memory, self)
        self.projects = ProjectController(session, history, self.kept, jobs, folder, self)
        self.shelf = ProfileShelf(self.kept, self)
        session.labelsChanged.connect(self._meet_anew)

    # -- what the user asks for ----------------------------------------------------------------------------------

    def open_paths(self, paths: Sequence[str], said: Mapping[str, TableKind] | None = None) -> None:
        """Whatever was dropped or named on the command line; ``said``: what the user answered of some."""
        self.dropped.sort(paths, said or {})

    def open(
        self,
        model: str = "",
        folder: str = "",
        *,
        answers: CardAnswers | None = None,
        predicted: PredictionAnswers | None = None,
        choices: DatasetChoices | None = None,
        mapping: dict[str, str] | None = None,
        quiet: bool = False,
    ) -> None:
        """Open a model (card, its folder, or weights) or predictions, a validation folder or label file, or both.

        ``choices`` and ``mapping`` are the user's corrections; None means those that were made before. What is still
        being opened of the other kind is waited for, and of the same kind is given up. ``quiet`` says nothing of
        what the dataset turned out to be: it is what was open before.
        """
        wish = self._wish or Wish()
        wish.drop("pair")
        wish.together = bool(model and folder)
        wish.quiet = quiet
        if model:
            self._wish_model(wish, model, answers, predicted)
        if folder:
            self._wish_folder(wish, folder, choices, mapping)
        self._announce(wish)

    def _wish_model(
        self, wish: Wish, path: str, answers: CardAnswers | None = None, predicted: PredictionAnswers | None = None
    ) -> None:
        wish.drop("model")
        if not wish.model_path:
            self._scoring.hold()
        wish.model_path, wish.answers, wish.predicted, wish.model = path, answers, predicted, None
        wanted, trusted = self._memory.state.device, self.programs.trusted()

        def work(job: Job) -> tuple[OpenModel, tuple[str, ...]]:
            if is_predictions(path):
                return open_predictions(path, predicted), ()
            return open_with(path, answers, wanted, trusted, job.cancelled)

        wish.jobs["model"] = self._jobs.run(
            Lane.FILES if is_predictions(path) else Lane.DEVICE,
            work,
            lambda result: self._on_model(wish, result),
            lambda error: self._refuse(wish, "model", error),
        )

    def _wish_folder(
        self, wish: Wish, path: str, choices: DatasetChoices | None, mapping: dict[str, str] | None
    ) -> None:
        wish.drop("folder")
        wish.folder, wish.choices, wish.mapping, wish.report, wish.read = path, choices, mapping, None, None
        wish.asked, wish.version = choices, self._history.version
        wish.jobs["folder"] = self.projects.look_for(
            os.path.abspath(path),
            lambda opened: self._on_looked(wish, opened),
            lambda error: self._refuse(wish, "folder", error),
        )

    def _on_looked(self, wish: Wish, opened: Opened | None) -> None:
        if wish.choices is None and opened is None:
            wish.choices = self.kept.choices_for(wish.folder)
        path, asked = wish.folder, wish.choices
        wish.jobs["folder"] = self._jobs.run(
            Lane.FILES,
            lambda job: read(os.path.abspath(path), asked, opened, job),
            lambda found: self._on_read(wish, found),
            lambda error: self._refuse(wish, "folder", error),
        )

    def answer_card(self, answers: CardAnswers) -> None:
        """The user said what the weights did not: open them so, and write the card once they do."""
        if self._unanswered is not None:
            self._open_again(self._unanswered[0], answers)

    def answer_consent(self, needed: NeedsConsent, remember: bool) -> None:
        """The user wants this program to run: open what waited for it."""
        if self._unanswered is not None and self._unanswered[1] is needed:
            self.programs.agree(needed.sha256, remember)
            self._open_again(self._unanswered[0], self._unanswered[0].answers)

    def _open_again(self, wish: Wish, answers: CardAnswers | None) -> None:
        self.open(wish.model_path, wish.folder, answers=answers, choices=wish.choices, mapping=wish.mapping)

    def answer_meaning(self, model: PredictedModel, answers: PredictionAnswers) -> None:
        """The user said what the numbers of a file of predictions are: of one that is being opened, or is open."""
        if self._wish is None:
            self.open(str(model.path), predicted=answers)
        else:
            self._read_as(self._wish, model, answers)

    def correct_dataset(self, report: DatasetReport, choices: DatasetChoices, mapping: dict[str, str]) -> None:
        """The user saw this report and knows better."""
        if self._session.report is not report:
            self.said.emit("Another dataset was opened meanwhile, so the corrections were not made.", Severity.WARNING)
        elif choices != self.kept.choices:
            self.open("", report.dataset.source, choices=choices, mapping=mapping)
        else:
            wish = self._wish or Wish()
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
        self.dropped.cancel()
        if self._wish is not None:
            self._end()

    # -- what is being opened ------------------------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether something is being opened."""
        return self._wish is not None or self.dropped.busy

    def _announce(self, wish: Wish) -> None:
        if self._wish is None:
            self.began.emit()
        self._wish = wish
        self._unanswered = None
        names = " and ".join(short_name(path) for path in (wish.model_path, wish.folder) if path)
        self.busyChanged.emit(f"Opening {names} …")

    def _end(self) -> None:
        """The wish is fulfilled, refused or put aside."""
        wish, self._wish = self._wish, None
        if wish is None:
            return
        for what in tuple(wish.jobs):
            wish.drop(what)
        self.projects.give_up()
        self.busyChanged.emit("")
        if wish.model_path:
            self._scoring.release()

    def _on_model(self, wish: Wish, result: tuple[OpenModel, tuple[str, ...]]) -> None:
        wish.model, wish.notes = result
        del wish.jobs["model"]
        self._arrived(wish)

    def _on_read(self, wish: Wish, found: ReadDataset) -> None:
        wish.read, wish.report = found, found.report
        if wish.choices is None:
            wish.choices = (found.opened and found.opened.choices) or DatasetChoices()
        del wish.jobs["folder"]
        self._arrived(wish)

    def _arrived(self, wish: Wish) -> None:
        if not wish.jobs:
            self._pair(wish)

    def _refuse(self, wish: Wish, what: str, error: Exception) -> None:
        model, folder = wish.model_path, wish.folder
        other = bool(wish.model_path) if what == "folder" else wish.report is not None or "folder" in wish.jobs
        if other and not wish.together and what != "pair" and not isinstance(error, NeedsCard | NeedsConsent):
            wish.jobs.pop(what)
            if what == "model":
                wish.model_path = ""
                self._scoring.release()
            else:
                wish.folder = ""
            self._arrived(wish)
        else:
            self._end()
        if isinstance(error, NeedsCard | NeedsConsent):
            self._unanswered = wish, error
            if isinstance(error, NeedsCard):
                self.cardNeeded.emit(wish.model_path, error.draft)
            else:
                self.consentNeeded.emit(error)
        elif isinstance(error, ImagesMissingError):
            self.imagesMissing.emit(folder, wish.choices or DatasetChoices(), str(error))
        elif isinstance(error, ProjectBusyError | ProjectDamagedError):
            self.refused.emit(model, folder, error)
        else:
            self.failed.emit(error)

    # -- model and dataset together ------------------------------------------------------------------------------

    def match_of(self, report: DatasetReport) -> LabelMatch | None:
        """How a dataset's label names meet the model's; None while no model is open."""
        model, truth = self._session.model, self._session.truth
        names = report.dataset.labels
        if report is self._session.report and truth is not None:
            names = tuple(label.name for label in truth.offered)
        return None if model is None else match_labels(model.labels, names, self.kept.mapping)

    def _pair(self, wish: Wish) -> None:
        if (wish.report or self._session.report) is None:
            self._end()
            self._take_model(wish)
            self.kept.note_recent()
        elif wish.read is not None:
            self._pair_with(wish, wish.read.opened)
        else:  # the dataset that is open: what was done under another model comes back from its project
            wish.version = self._history.version
            wish.jobs["pair"] = self.projects.look_again(
                lambda opened: self._pair_with(wish, opened), lambda error: self._refuse(wish, "pair", error)
            )

    def _pair_with(self, wish: Wish, opened: Opened | None) -> None:
        session, found = self._session, wish.read
        model, report, known = wish.model or session.model, wish.report or session.report, session.truth
        assert report is not None
        if isinstance(model, PredictedModel) and not model.settled:
            kept = None if opened is None else kept_answers(model, opened.contents.settings)
            if kept is None:
                self.meaningNeeded.emit(model)  # the wish waits for the answer
                return
            if kept != model.answers:
                self._read_as(wish, model, kept)
                return
            wish.model = model = model.settle()
        wish.steps = () if opened is None else opened.steps
        wish.last_step = 0 if opened is None else opened.contents.last_step
        wish.settings = self.kept.settings_for(model, report.dataset.source, None if found is None else opened)
        mapping = dict(wish.settings.mapping) if wish.mapping is None else wish.mapping
        wish.mapping, scored, strict = mapping, self._scored(), bool(wish.model_path)

        def work(_: Job) -> Paired:
            made = pair(model, report, truth_of(found, known), mapping, scored, strict=strict)
            return made if found is None else self._scoring.fill(made, found.images())

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

    def _take_model(self, wish: Wish) -> None:
        if wish.model is not None:
            self._session.set_model(wish.model)
            for note in (*wish.model.notes, *wish.notes):
                self.said.emit(note, Severity.WARNING)

    def _commit(self, wish: Wish, made: Paired) -> None:
        session = self._session
        session.imageLeaving.emit()
        self.kept.settle()
        self._history.settle()
        if self._overtaken(wish):
            return
        if wish.read is not None:
            self.kept.begin(wish.read.opened)
            self.projects.take(wish.read, wish.choices or DatasetChoices())
            session.set_truth(made.truth, wish.read.edited(), wish.read.notes())
        else:
            session.set_truth(made.truth, session.edited, session.notes)
        session.set_run(None)
        self._take_model(wish)
        session.set_image(-1)
        session.set_label(-1)
        session.set_dataset(made.report, made.dataset, made.sizes, made.digest)
        image = self.kept.restore(wish.settings, wish.choices if wish.report is not None else None, wish.mapping or {})
        session.set_run(made.run, made.failures)
        session.set_label(0 if made.dataset.labels else -1)
        session.set_image(image)
        self.shelf.restore()
        fingerprint = session.model.fingerprint if session.model else ""
        self._history.begin(commands_of(wish.steps, session, self.shelf), wish.last_step + 1, fingerprint)
        self._keep_meaning(wish.predicted)
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

    def _read_as(self, wish: Wish, model: PredictedModel, answers: PredictionAnswers) -> None:
        wish.drop("pair")
        self._wish_model(wish, str(model.path), predicted=answers)

    def _keep_meaning(self, answers: PredictionAnswers | None) -> None:
        """The project answers for the user the next time."""
        model = self._session.model
        if answers is not None and isinstance(model, PredictedModel):
            key = model.setting
            self.projects.write(lambda project: project.set_setting(key, answers.encoded()), key=key, counts=False)

    def _overtaken(self, wish: Wish) -> bool:
        """Whether somebody went on working on what is being opened: then its project is looked at again."""
        same = wish.read is None or self.projects.writes_to(wish.read.opened)
        if not same or wish.version == self._history.version:
            return False
        wish.jobs.clear()
        if wish.read is None:
            self._pair(wish)
        else:
            self._wish_folder(wish, wish.folder, wish.asked, wish.mapping)
        return True

    def _meet_anew(self) -> None:
        """The project's labels changed: the dataset's follow."""
        if meet_anew(self._session, self.kept):
            self.paired.emit()
