"""What is asked of the user in a window of its own, and what becomes of the answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QWidget

from app.assembly import Controllers
from inference.data.reports import DatasetChoices, DatasetReport
from inference.models.values import CardAnswers, CardDraft
from inference.types import Task
from widgets.dialogs.dataset_dialog import DatasetCorrections, DatasetDialog, DatasetView, LabelRow
from widgets.dialogs.model_form import ModelForm, ModelFormValues, labels_text

if TYPE_CHECKING:
    from inference.data.matching import LabelMatch


_UNSAVED = "unsaved edits"


class Dialogs:
    """Opens them beside the window, never over a running event loop of their own."""

    def __init__(self, parent: QWidget, made: Controllers) -> None:
        self._parent = parent
        self._made = made

    # -- weights without a card --------------------------------------------------------------------------------------

    def ask_for_card(self, path: str, draft: CardDraft) -> None:
        """The form, filled with what is known and guessed; its answers are written as a card."""
        from inference.models.opening import architectures  # torchvision is there by now: the draft needed it

        values = with_folder_labels(form_values(path, draft), self._made.session.report)
        names = architectures()
        if draft.architecture and draft.architecture not in names:
            names = (draft.architecture,)  # the file is of another kind, and that is settled
        form = ModelForm(values, names, self._parent)
        form.labelsFileRequested.connect(lambda: self._read_labels(form))
        form.accepted.connect(lambda: self._made.opening.answer_card(card_answers(form.values())))
        _show(form)

    def _read_labels(self, form: ModelForm) -> None:
        path, _ = QFileDialog.getOpenFileName(
            form, "Labels, one a line", "", "Text files (*.txt *.names);;All files (*)"
        )
        if not path:
            return
        try:
            lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            _tell(form, "Labels", f"{path} cannot be read as text ({error}): choose a UTF-8 file with a label a line.")
            return
        form.setLabels([line.strip() for line in lines if line.strip()])

    # -- how a dataset was read --------------------------------------------------------------------------------------

    def review_dataset(self) -> None:
        """The report, with the means to correct it."""
        report, opening = self._made.session.report, self._made.opening
        if report is None or self._parent.findChild(DatasetDialog) is not None:
            return
        asked = corrections_of(opening.kept.choices, opening.kept.mapping)
        dialog = DatasetDialog(self._view(report), asked, self._parent)

        def read_again() -> None:
            opening.preview(
                choices_of(dialog.corrections(), opening.kept.choices),
                lambda found: dialog.setView(self._view(found)),
                lambda error: dialog.setProblem(str(error)),
            )

        def pick_folder() -> None:
            folder = QFileDialog.getExistingDirectory(dialog, "Where the images are", report.dataset.root)
            if folder:
                dialog.setImagesFolder(folder)
                read_again()

        def accept() -> None:
            corrections = dialog.corrections()
            opening.correct_dataset(report, choices_of(corrections, opening.kept.choices), dict(corrections.mapping))

        dialog.finished.connect(opening.drop_preview)
        self._made.session.datasetChanged.connect(dialog.reject)  # it speaks of what is no longer open
        dialog.correctionsChanged.connect(read_again)
        dialog.imagesFolderRequested.connect(pick_folder)
        dialog.accepted.connect(accept)
        _show(dialog)

    def choose_images_folder(self, label_file: str) -> str:
        """Where the images of a label file are; empty when the user thinks better of it."""
        return QFileDialog.getExistingDirectory(self._parent, "Where the images are", str(Path(label_file).parent))

    def choose_export(self, kinds: str) -> str:
        """Where to write; empty when the user thinks better of it."""
        path, kind = QFileDialog.getSaveFileName(self._parent, "Export the thresholds", "thresholds.json", kinds)
        if path.endswith(".json") and "(*.py)" in kind:
            return f"{path.removesuffix('.json')}.py"
        return path

    def choose_picture_file(self, kind: str) -> str:
        """Where to save a picture of this kind ("svg" or "png"); empty when the user thinks better of it."""
        filters = f"{kind.upper()} (*.{kind})"
        path, _ = QFileDialog.getSaveFileName(self._parent, "Save the picture", f"plot.{kind}", filters)
        return path

    def _view(self, report: DatasetReport) -> DatasetView:
        model = self._made.session.model
        return dataset_view(report, self._made.opening.match_of(report), model.labels if model else ())

    # -- leaving -----------------------------------------------------------------------------------------------------

    def ask_to_close(self, unsaved: int, retry: Callable[[], object], close: Callable[[], object]) -> None:
        """What becomes of edits that could not be written."""
        if self._parent.findChild(QMessageBox, _UNSAVED) is not None:
            return
        many = "1 edit is" if unsaved == 1 else f"{unsaved:,} edits are"
        box = QMessageBox(
            QMessageBox.Icon.Warning,
            "Not saved",
            f"{many} not saved, because the project cannot be written. They are lost if Cutline closes now.",
            parent=self._parent,
        )
        box.setObjectName(_UNSAVED)
        again = box.addButton("&Try again", QMessageBox.ButtonRole.AcceptRole)
        without = box.addButton("&Close without them", QMessageBox.ButtonRole.DestructiveRole)
        stay = box.addButton("&Stay", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(again)
        box.setEscapeButton(stay)
        again.clicked.connect(lambda: retry())
        without.clicked.connect(lambda: close())
        _show(box)

    # -- help --------------------------------------------------------------------------------------------------------

    def show_about(self, version: str) -> None:
        """Version, licence, and whose handwriting the demos show."""
        _tell(
            self._parent,
            "About Cutline",
            f"<b>Cutline {version}</b>"
            "<p>See what an image classifier predicts, and choose the threshold of every label.</p>"
            "<p>MIT licence. The demos are made from handwriting collected by E. Alpaydin and C. Kaynak "
            "(UCI Machine Learning Repository, CC BY 4.0).</p>",
        )


def _tell(parent: QWidget, title: str, text: str) -> None:
    _show(QMessageBox(QMessageBox.Icon.NoIcon, title, text, QMessageBox.StandardButton.Ok, parent))


def _show(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def form_values(path: str, draft: CardDraft) -> ModelFormValues:
    """A draft as the form shows it; what is not known keeps the form's own default."""
    known = {name: getattr(draft, name) for name in ("activation", "mean", "std", "interpolation")}
    return ModelFormValues(
        file_name=Path(path).name,
        architecture=draft.architecture or "",
        labels=labels_text(draft.labels or ()),
        n_outputs=draft.n_outputs,
        resize=draft.resize,
        crop=draft.crop,
        sources=draft.sources,
        reasons=draft.reasons,
        candidates=draft.candidates,
        **{name: value for name, value in known.items() if value is not None},
    )


def with_folder_labels(values: ModelFormValues, report: DatasetReport | None) -> ModelFormValues:
    """The names of the folder that is open, where the weights tell none and there are as many outputs."""
    if report is None or values.sources.get("labels") == "file" or len(report.dataset.labels) != values.n_outputs:
        return values
    reason = "These are the labels of the open folder, in its order: check that the model was trained in the same."
    return replace(values, labels=labels_text(report.dataset.labels), reasons={**values.reasons, "labels": reason})


def card_answers(values: ModelFormValues) -> CardAnswers:
    """What the form holds, as the user's word: everything in it was in sight when OK was pressed."""
    names = ("architecture", "labels", "activation", "resize", "crop", "mean", "std", "interpolation")
    return CardAnswers(
        architecture=values.architecture.strip(),
        labels=values.label_names,
        activation=values.activation,
        resize=values.resize,
        crop=values.crop,
        mean=values.mean,
        std=values.std,
        interpolation=values.interpolation,
        n_outputs=values.n_outputs,
        sources=dict.fromkeys(names, "you"),
    )


def dataset_view(report: DatasetReport, match: LabelMatch | None, model_labels: tuple[str, ...]) -> DatasetView:
    """A report as the dialog shows it."""
    mapping = match.mapping if match else {}
    counts = zip(report.dataset.labels, report.positives, report.negatives, report.unknown, strict=True)
    choices = report.choices
    return DatasetView(
        source=report.dataset.source,
        summary=report.summary(),
        layout=report.layout,
        warnings=report.warnings,
        labels=tuple(LabelRow(name, int(p), int(n), int(u), mapping.get(name, "")) for name, p, n, u in counts),
        model_labels=model_labels,
        columns=report.columns,
        delimiter=choices.delimiter,
        separator=choices.separator,
        image_column=choices.image_column,
        label_column=choices.label_column,
        minus_one_means=choices.minus_one_means,
        unlisted_means=choices.unlisted_means,
        images_root=choices.images_root,
        task=report.dataset.task,
        split_column=choices.split_column,
    )


_SHARED = (
    "layout",
    "delimiter",
    "separator",
    "image_column",
    "label_column",
    "minus_one_means",
    "unlisted_means",
    "images_root",
    "split_column",
)


def corrections_of(choices: DatasetChoices, mapping: dict[str, str]) -> DatasetCorrections:
    """What was asked for before, as the dialog holds it."""
    shared = {name: getattr(choices, name) for name in _SHARED}
    return DatasetCorrections(**shared, task=choices.task, mapping=mapping)


def choices_of(corrections: DatasetCorrections, before: DatasetChoices) -> DatasetChoices:
    """What the dialog holds, as the reader takes it."""
    shared = {name: getattr(corrections, name) for name in _SHARED}
    return replace(before, **shared, task=Task(corrections.task) if corrections.task else None)
