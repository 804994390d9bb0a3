"""Puts predictions made elsewhere into words: what is asked about them, and what is said when they are open."""

from __future__ import annotations

import os
from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMessageBox

from app.assembly import Controllers
from app.controllers.pairing import Paired
from app.main_window import MainWindow
from app.path_kinds import TableKind
from app.predicted import PredictedModel, PredictionAnswers
from inference.types import Severity
from widgets.dialogs.predictions_dialog import PredictionsDialog, PredictionsView

MEANING = "meaning"  # key of a message with a button


class PredictionsPresenter(QObject):
    """Opens its dialogs beside the window, never over a running event loop of their own."""

    def __init__(self, window: MainWindow, made: Controllers) -> None:
        super().__init__(window)
        self._window, self._made = window, made

    # -- what is asked -----------------------------------------------------------------------------------------------

    def ask_meaning(self, model: PredictedModel) -> None:
        """What the numbers of predictions are that are being opened; without an answer they are not."""
        dialog = self._dialog(model)
        dialog.rejected.connect(self._made.opening.cancel)
        dialog.open()

    def change_meaning(self) -> None:
        """The numbers of the predictions that are open are something else."""
        model = self._made.session.model
        if not isinstance(model, PredictedModel):
            self._say("Open predictions first: then this says how their numbers are read.", Severity.INFO)
            return
        dialog = self._dialog(model)
        self._made.session.modelChanged.connect(dialog.reject)  # it speaks of what is no longer open
        dialog.open()

    def _dialog(self, model: PredictedModel) -> PredictionsDialog:
        for old in self._window.findChildren(PredictionsDialog):
            old.blockSignals(True)  # another wish has come meanwhile
            old.close()
        predictions, answers = model.predictions, model.answers
        view = PredictionsView(
            name=model.path.name,
            n_images=len(predictions),
            n_labels=len(predictions.labels),
            kind=answers.kind,
            kind_reason=predictions.kind_reason,
            activation=answers.activation,
            activation_reason=predictions.activation_reason,
        )
        dialog = PredictionsDialog(view, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def answer() -> None:
            self._made.opening.answer_meaning(model, PredictionAnswers(dialog.kind(), dialog.activation()))

        dialog.accepted.connect(answer)
        return dialog

    def ask_kind(self, paths: Sequence[str], path: str) -> None:
        """Whether a table holds annotations or predictions; without an answer nothing is opened."""
        box = QMessageBox(self._window)
        box.setObjectName("table_kind")
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("What is this table?")
        box.setText(f"{os.path.basename(path)} may hold annotations or predictions.")
        box.setInformativeText(
            "Annotations are what people said of the images: 1, 0 and the like, or names of labels. "
            "Predictions are the scores that a model gave them."
        )
        annotations = box.addButton("&Annotations", QMessageBox.ButtonRole.AcceptRole)
        predictions = box.addButton("&Predictions", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        kinds = ((annotations, TableKind.ANNOTATIONS), (predictions, TableKind.PREDICTIONS))
        for button, kind in kinds:
            button.clicked.connect(lambda _checked=False, kind=kind: self._made.opening.open_paths(paths, {path: kind}))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    # -- what is said ------------------------------------------------------------------------------------------------

    def say_placed(self, made: Paired) -> None:
        """How predictions are read and which images have one, with the way to correct it."""
        model = made.model
        if not isinstance(model, PredictedModel):
            return
        remarks = [*made.remarks, *model.notes]
        text = f"{model.path.name}: read as {reading(model)}."
        if remarks:
            text += " " + " ".join(remark.removeprefix(f"{model.path.name}: ") for remark in remarks[:3])
        if len(remarks) > 3:
            text += f" And {len(remarks) - 3} more."
        severity = Severity.WARNING if remarks else Severity.INFO
        detail = "\n".join(remarks) if len(remarks) > 1 else ""
        self._window.message_bar.showMessage(text, severity, detail=detail, action="Change…", key=MEANING)

    def on_message_action(self) -> None:
        """The button on the message about predictions."""
        if self._window.message_bar.currentKey() == MEANING:
            self.change_meaning()

    def _say(self, text: str, severity: Severity) -> None:
        self._window.message_bar.showMessage(text, severity)


def reading(model: PredictedModel) -> str:
    """How the numbers are read, in words."""
    answers = model.answers
    made = "of" if answers.kind == "probabilities" else "for"
    return f"{answers.kind} {made} {answers.activation}"


def run_words(model: PredictedModel, counts: Sequence[int]) -> str:
    """For the bar at the foot; ``counts``: of images by ImageState."""
    _, scored, _, unusable = counts
    text = f"{scored:,} of {sum(counts):,} images have predictions from {model.path.name}"
    return f"{text} · {unusable:,} without are left out" if unusable else text
