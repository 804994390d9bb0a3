"""Puts the session into the widgets' words: where a fact needs a sentence, a title or a dialog before it is shown."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from app.assembly import Controllers
from app.controllers.decisions import scheme_words
from app.controllers.pairing import Paired
from app.dialogs import Dialogs
from app.exporting import KINDS, decisions_of, profile_decisions, write_decisions, write_whole
from app.main_window import MainWindow
from app.predicted import PredictedModel
from app.prediction_telling import run_words
from app.state import OverlayMode
from app.workbench import Workbench
from inference.data.reports import DatasetChoices
from inference.errors import CutlineError
from inference.export.thresholds import Decisions
from inference.models.values import CardDraft
from inference.types import Advice, DecisionRule, ImageState, IntArray, PRCurve, Severity, Task

log = logging.getLogger(__name__)

UNUSED_REASONS = {
    DecisionRule.ARGMAX: "Argmax takes the highest score: thresholds are not used",
    DecisionRule.PER_IMAGE: "Each image gets its own best set of labels: thresholds are not used",
}
REVIEW, IMAGES, FILTER = "review", "images", "filter"  # keys of messages with a button


class Presenter(QObject):
    """Reads the session, writes the widgets. Decides nothing."""

    def __init__(self, window: MainWindow, bench: Workbench, made: Controllers) -> None:
        super().__init__(window)
        self._window = window
        self._bench = bench
        self._made = made
        self._session = made.session
        self._dialogs = Dialogs(window, made)
        self._devices: Sequence[tuple[str, str]] = ()
        self._device_note = ""
        self._watched: frozenset[str] = frozenset()  # of the docks that list profiles or changes, those in sight
        self.show_run()
        self._homeless: tuple[str, DatasetChoices] | None = None  # a label file without its images

    # -- thresholds and scheme -------------------------------------------------------------------------------------

    def set_chosen_threshold(self, value: float) -> None:
        """The plot moved the threshold of the label it shows."""
        self._made.decisions.set_threshold(self._session.label, value)

    def show_thresholds(self) -> None:
        """Every slider where its threshold is."""
        thresholds = self._session.decision.thresholds
        for pane in (self._bench.labels, self._bench.plots, self._bench.review):
            pane.setThresholds(thresholds)
        self._bench.tuning.setCurrent(thresholds)

    def show_scheme(self) -> None:
        """Activation and rule, and whether thresholds matter under them."""
        decision = self._session.decision
        self._bench.rule_bar.setActivation(decision.activation)
        self._bench.rule_bar.setRule(decision.rule, decision.k)
        self._bench.rule_bar.setCalibration(scheme_words(decision))
        active = decision.rule.uses_thresholds
        reason = "" if active else UNUSED_REASONS[decision.rule]
        self._bench.labels.setThresholdsActive(active, reason)
        self._bench.plots.setActive(active, reason)

    def show_zero_division(self) -> None:
        """How undefined values are averaged."""
        self._bench.averages.setZeroDivision(self._session.zero_division)

    def show_advice(self, advice: Advice | None) -> None:
        """The contradiction, unless the user has put it away for this pair."""
        put_away = advice is not None and self._advice_key() in self._made.memory.state.dismissed_advices
        self._bench.rule_bar.setAdvice(None if put_away else advice)

    def dismiss_advice(self) -> None:
        """Do not say it again for this model, dataset and scheme."""
        key = self._advice_key()
        self._made.memory.update(lambda state: replace(state, dismissed_advices=(*state.dismissed_advices[-200:], key)))
        self._bench.rule_bar.setAdvice(None)

    def recall_advice(self) -> None:
        """Say again what was put away."""
        self._made.memory.update(lambda state: replace(state, dismissed_advices=()))
        self._made.evaluation.tell_advice()

    def _advice_key(self) -> str:
        decision = self._session.decision
        return "|".join([*self._made.opening.kept.paths(), decision.activation, decision.rule])

    # -- plots -----------------------------------------------------------------------------------------------------

    def show_curve(self, curve: PRCurve | None, label: str) -> None:
        """The label's curve, or why it has none."""
        plot = self._bench.plots
        plot.setCurve(curve, label)
        if curve is None:
            plot.setMessage("Open a model and a validation folder to see precision and recall.")
        elif math.isnan(curve.prevalence):
            plot.setMessage(
                f"Nothing scored is annotated for {label}. If the folder calls it otherwise, map its name (Ctrl+R)."
            )
        elif not curve.support:
            plot.setMessage(
                f"No scored image is annotated positive for {label}: precision and recall cannot be measured."
            )
        else:
            plot.setMessage("")

    # -- what is open ----------------------------------------------------------------------------------------------

    def show_model(self) -> None:
        """Titles and device for the model now open."""
        self._show_titles()
        self._show_device()

    def show_dataset(self) -> None:
        """Images and labels of the dataset now open."""
        dataset = self._session.dataset
        bench = self._bench
        labels = dataset.labels if dataset else ()
        panes = (bench.labels, bench.tuning, bench.flips, bench.compare, bench.plots, bench.calibration)
        for pane in (*panes, bench.review, bench.fresh):
            pane.setLabels(labels)
        task = dataset.task if dataset else Task.MULTILABEL
        bench.rule_bar.setTask(task)
        bench.averages.setTask(task)
        bench.labels.setMetrics(None)
        bench.averages.setAverages(None)
        bench.image_view.setLabels(labels)
        bench.rule_bar.setLabels(labels)
        bench.gallery.setImages(dataset.names if dataset else ())
        if dataset is not None:
            bench.gallery.setAnnotated(dataset.annotated)
        self._show_titles()

    def show_pair(self) -> None:
        """Everything in force for what was just opened, with the panes in sight."""
        self.show_thresholds()
        self.show_scheme()
        self.show_zero_division()
        settings = self._made.opening.kept.settings()
        self._made.tuning.restore(settings.tuned)
        self._made.profiles.restore()
        if settings.overlay_mode is not None and settings.overlay_k is not None:
            self._bench.image_view.setOverlayMode(settings.overlay_mode, settings.overlay_k)
        self.show_states()
        self._window.show_workbench()
        self._bench.show_model(self._session.model is not None)
        if not self._session.dataset or not len(self._session.dataset):
            self._bench.image_view.setMessage("No images here", "Open a folder that holds images.")

    def _show_titles(self) -> None:
        model, report = self._session.model, self._session.report
        model_name = (model.card.name or model.path.parent.name) if model else ""
        folder_name = os.path.basename(report.dataset.source.rstrip(os.sep)) if report else ""
        shown = " · ".join(name for name in (model_name, folder_name) if name)
        self._window.setWindowTitle(f"{shown} · Cutline" if shown else "Cutline")
        self._window.start_page.setOpened(model_name, folder_name)

    def set_devices(self, devices: Sequence[tuple[str, str]], note: str) -> None:
        """The devices that can score, best first, and why there is no better one."""
        self._devices, self._device_note = devices, note
        self._show_device()

    def _show_device(self) -> None:
        model = self._session.model
        if isinstance(model, PredictedModel):
            self._window.run_bar.setDevices((), "", f"nowhere: {model.path.name} holds the scores")
            return
        current = model.device if model else self._made.memory.state.device
        known = [key for key, _ in self._devices]
        shown = current if current in known else known[0] if known else ""
        self._window.run_bar.setDevices(self._devices, shown, self._device_note)

    # -- scoring ---------------------------------------------------------------------------------------------------

    def show_states(self) -> None:
        """Which images are scored, broken or waiting."""
        run = self._session.run
        self._bench.gallery.setStates(run.state if run is not None else None)
        self._bench.gallery.setFailures(self._session.failures)

    def show_run(self) -> None:
        """What the bar at the foot offers and says while no image is being scored."""
        bar, run, scoring = self._window.run_bar, self._session.run, self._made.scoring
        self._window.actions_by_key["score"].setEnabled(run is not None and not scoring.running)
        self._window.actions_by_key["cancel"].setEnabled(scoring.running)
        if run is None:
            missing = "model" if self._session.model is None else "validation folder"
            bar.setScoreAction("score", f"Open a {missing} first")
            bar.setStatus("" if self._session.report is None else "No model is open: images and annotations only")
            return
        counts = [int((run.state == state).sum()) for state in ImageState]
        model = self._session.model
        if isinstance(model, PredictedModel):
            self._window.actions_by_key["score"].setEnabled(False)
            bar.setStatus(run_words(model, counts))
            bar.setScoreAction("nothing", model.why_not("score images"))
            return
        text = f"{counts[ImageState.SCORED]:,} of {len(run.state):,} images scored"
        if counts[ImageState.BROKEN]:
            text += f" · {counts[ImageState.BROKEN]:,} cannot be read"
        if counts[ImageState.UNUSABLE]:
            text += f" · {counts[ImageState.UNUSABLE]:,} with NaN or infinity left out"
        bar.setStatus(text)
        if counts[ImageState.PENDING]:
            bar.setScoreAction("resume" if counts[ImageState.PENDING] < len(run.state) else "score")
        elif counts[ImageState.BROKEN]:
            bar.setScoreAction("again")
        else:
            bar.setScoreAction("again", "Every image has its scores")

    def remember_overlay(self, mode: OverlayMode, k: int) -> None:
        """How much the overlay shows, for this pair."""
        self._made.opening.kept.change(overlay_mode=mode, overlay_k=k)

    def cancel(self) -> None:
        """Stop scoring and opening."""
        self._made.scoring.cancel()
        self._made.opening.cancel()

    def remember_tuned(self) -> None:
        """That these thresholds were tuned on these images must not be forgotten with the window."""
        self._made.opening.kept.remember_tuned(self._made.tuning.tuned)

    def show_tuning_dock(self) -> None:
        """Where the estimate comes from."""
        self._bench.bring_forward(self._bench.tuning_dock)

    # -- messages --------------------------------------------------------------------------------------------------

    def say(self, text: str, severity: Severity) -> None:
        """One sentence in the message bar."""
        self._window.message_bar.showMessage(text, severity)

    def say_report(self, made: Paired) -> None:
        """What a dataset turned out to be, with the way to correct it."""
        remarks = [*_mismatch(made), *made.report.warnings]
        text = " ".join([f"{_short(made.report.dataset.source)}: {made.report.summary()}.", *remarks[:1]])
        if len(remarks) > 1:
            text += f" And {len(remarks) - 1} more."
        severity = Severity.WARNING if remarks else Severity.INFO
        self._window.message_bar.showMessage(text, severity, action="Review…", key=REVIEW)

    def show_error(self, error: BaseException) -> None:
        """What went wrong: one sentence, the details folded, everything in the log."""
        log.error("shown to the user: %s", error, exc_info=error)
        if isinstance(error, CutlineError):
            self._window.message_bar.showMessage(str(error), Severity.ERROR, detail=error.detail)
            return
        text = f"Something went wrong that Cutline did not expect ({type(error).__name__}); what was open is kept."
        self._window.message_bar.showMessage(text, Severity.ERROR, detail=f"{type(error).__name__}: {error}")

    def offer_images_folder(self, path: str, choices: DatasetChoices, text: str) -> None:
        """A label file whose images are elsewhere: say so, and let the user point at them."""
        self._homeless = (path, choices)
        self._window.message_bar.showMessage(text, Severity.ERROR, action="Choose the images…", key=IMAGES)

    def show_only(self, indices: IntArray, words: str) -> None:
        """Some of the images, until the user wants all again."""
        bar = self._window.message_bar
        bar.clear(FILTER)
        self._made.review.show_only(indices)
        bar.showMessage(f"{len(indices):,} images: {words}.", Severity.INFO, action="Show all images", key=FILTER)
        if len(indices):
            self._session.set_image(int(indices[0]))

    def watch_profiles(self, in_sight: bool) -> None:
        """The list of profiles is kept current while it is in sight."""
        self._watch("profiles", in_sight)

    def ask_to_close(self, unsaved: int, close: Callable[[], object]) -> None:
        """Edits are not on the disk: wait, or close without them."""
        self._dialogs.ask_to_close(unsaved, self._made.opening.projects.retry, close)

    def watch_query(self, wanted: bool) -> None:
        """What flipped is kept current while the gallery's query asks for it."""
        self._watch("query", wanted)

    def watch_changes(self, in_sight: bool) -> None:
        """The list of changes is kept current while it is in sight."""
        self._watch("changes", in_sight)

    def _watch(self, what: str, in_sight: bool) -> None:
        if self._window.closed:  # docks vanish with the window, when nobody wants their lists any more
            return
        self._watched = self._watched | {what} if in_sight else self._watched - {what}
        self._made.profiles.set_wanted(bool(self._watched))

    def export_profile(self, key: str) -> None:
        """A profile as a file; what is in force stays."""
        self._export(profile_decisions(self._made, key))

    def save_picture(self, kind: str) -> None:
        """The plot in sight, as a file."""
        content = self._bench.plots.svg() if kind == "svg" else self._bench.plots.png()
        if not content:
            self.say("There is nothing to save in this picture yet.", Severity.INFO)
            return
        path = self._dialogs.choose_picture_file(kind)
        if not path:
            return
        try:
            write_whole(Path(path), content)
        except CutlineError as error:
            self.show_error(error)

    def on_message_action(self) -> None:
        """The button on a message."""
        key = self._window.message_bar.currentKey()
        if key == FILTER:
            self._bench.gallery.setOrder(None)
            self._bench.plots.clearChoice()
        elif key == REVIEW:
            self.review_dataset()
        elif key == IMAGES and self._homeless is not None:
            path, choices = self._homeless
            folder = self._dialogs.choose_images_folder(path)
            if folder:
                self._window.message_bar.clear(IMAGES)
                self._made.opening.open(folder=path, choices=replace(choices, images_root=folder))

    def export_thresholds(self) -> None:
        """The thresholds in force, for production."""
        self._export(decisions_of(self._made))

    def _export(self, decisions: Decisions | None) -> None:
        if decisions is None:
            self.say("Score a validation folder first: then its thresholds can be exported.", Severity.INFO)
            return
        path = self._dialogs.choose_export(KINDS)
        if not path:
            return
        try:
            written = write_decisions(decisions, path)
        except CutlineError as error:
            self.show_error(error)
        else:
            self.say(f"The thresholds of {len(decisions.labels):,} labels are in {written}.", Severity.INFO)

    # -- dialogs ---------------------------------------------------------------------------------------------------

    def ask_for_card(self, path: str, draft: CardDraft) -> None:
        """Weights without a card: ask for what is missing."""
        self._dialogs.ask_for_card(path, draft)

    def review_dataset(self) -> None:
        """What was read, and how it may be read otherwise."""
        if self._session.report is None:
            self.say("Open a validation folder first: then this says how it was read.", Severity.INFO)
        self._dialogs.review_dataset()

    def show_undo_text(self, text: str) -> None:
        """Undo names its step."""
        self._window.actions_by_key["undo"].setText(f"&Undo {_plain(text)}" if text else "&Undo")

    def show_redo_text(self, text: str) -> None:
        """Redo names its step."""
        self._window.actions_by_key["redo"].setText(f"&Redo {_plain(text)}" if text else "&Redo")

    def show_about(self) -> None:
        """Version and licences."""
        self._dialogs.show_about(QApplication.applicationVersion())


def _mismatch(made: Paired) -> list[str]:
    """Labels of the folder that are none of the model's, and what that leaves out."""
    report, match = made.report, made.match
    if match is None or not match.unmatched_dataset:
        return []
    lost = int(report.dataset.annotated.sum()) - int(made.dataset.annotated.sum())
    left_out = f", so {lost:,} images are left out of the metrics" if lost else ""
    names = ", ".join(match.unmatched_dataset[:3]) + (" …" if len(match.unmatched_dataset) > 3 else "")
    count, of = len(match.unmatched_dataset), len(report.dataset.labels)
    return [f"{count:,} of its {of:,} labels are none of the model's ({names}){left_out}: map them under Review."]


def _plain(text: str) -> str:
    """With an ampersand that a menu shows."""
    return text.replace("&", "&&")


def _short(path: str) -> str:
    return os.path.join(*path.rstrip(os.sep).split(os.sep)[-2:])
