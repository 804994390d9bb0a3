"""The dialogs for importing and exporting annotations, and what becomes of the answers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from app.assembly import Controllers
from app.controllers.transfer import TransferController
from app.controllers.transfer_questions import CHOSEN, LISTED, Offer
from app.controllers.transfer_views import export_view, has_value, import_view
from app.controllers.transfer_work import TABLES, completed, suffix_of
from app.presenter import Presenter
from app.workbench import Workbench
from inference.data.formats import format_of
from inference.errors import CutlineError
from inference.types import UNKNOWN, IntArray, Severity
from widgets.dialogs.export_dialog import ExportDialog
from widgets.dialogs.import_dialog import ImportDialog
from widgets.transfer.values import ExportAsked

if TYPE_CHECKING:
    from app.controllers.transfer_work import Exported, ImportLook

_SHOWN: Final = 2  # notes in a message; all of them were in the dialog
_STEMS: Final = {"hf_metadata": "metadata", "csv_columns": "_classes", "coco": "annotations", "cvat": "annotations"}


class TransferDialogs:
    """Opens them beside the window, never over a running event loop of their own."""

    def __init__(
        self, parent: QWidget, bench: Workbench, made: Controllers, presenter: Presenter, transfer: TransferController
    ) -> None:
        self._parent, self._bench, self._made = parent, bench, made
        self._presenter, self._transfer = presenter, transfer
        self._folder = ""  # where the user was last
        self._export_asked = ExportAsked("own_jsonl")

    # -- importing ---------------------------------------------------------------------------------------------------

    def import_annotations(self, path: str = "") -> None:
        """Ask for a file or folder, show what it would change, and import it when the user says so."""
        transfer = self._transfer
        if transfer.obstacle:
            self._presenter.say(transfer.obstacle, Severity.WARNING)
            return
        if self._parent.findChild(ImportDialog) is not None:
            return
        dialog = ImportDialog(self._parent)
        found: list[ImportLook] = []  # the last one

        def show(look: ImportLook) -> None:
            found[:] = [look]
            view = import_view(look)
            if look.problem:
                dialog.setFormats(view)
                dialog.setProblem(look.problem)
            else:
                dialog.setView(view)

        def fail(error: Exception) -> None:
            dialog.setProblem(_sentence(error))
            if not isinstance(error, CutlineError):
                self._presenter.show_error(error)

        def look_again() -> None:
            asked = dialog.asked()
            found.clear()
            if asked.path:
                dialog.setBusy(f"Reading {os.path.basename(os.path.normpath(asked.path))} …")
                transfer.look(asked, show, fail)
            else:
                transfer.drop()

        def pick(key: str, folder: bool) -> None:
            chosen = self._pick(dialog, folder)
            if chosen and key:
                dialog.setAnswer(key, chosen)
            elif chosen:
                dialog.setPath(chosen)
            if chosen:
                look_again()

        def accept() -> None:
            if found:
                transfer.apply(found[0], dialog.asked().conflicts)

        dialog.askedChanged.connect(look_again)
        dialog.pathRequested.connect(pick)
        dialog.accepted.connect(accept)
        dialog.finished.connect(transfer.forget)
        self._made.session.datasetChanged.connect(dialog.reject)  # it speaks of what is no longer open
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        if path:
            dialog.setPath(path)
            look_again()

    def _pick(self, dialog: QWidget, folder: bool) -> str:
        start = self._folder or self._root()
        if folder:
            chosen = QFileDialog.getExistingDirectory(dialog, "Folder of annotations", start)
        else:
            chosen, _ = QFileDialog.getOpenFileName(
                dialog,
                "File of annotations",
                start,
                "Annotations (*.csv *.tsv *.txt *.json *.jsonl *.ndjson *.xml *.manifest);;All files (*)",
            )
        if chosen:
            self._folder = os.path.dirname(chosen)
        return chosen

    # -- exporting ---------------------------------------------------------------------------------------------------

    def export_annotations(self) -> None:
        """Ask for the format, say what is lost, and write where the user says."""
        transfer, session = self._transfer, self._made.session
        if session.truth is None or session.dataset is None:
            self._presenter.say("Open a folder of images first: there is nothing to export yet.", Severity.WARNING)
            return
        if self._parent.findChild(ExportDialog) is not None:
            return
        asked = self._export_asked
        if asked.format in TABLES and not transfer.scored:
            asked = ExportAsked("own_jsonl")
        dialog = ExportDialog(asked, self._parent)
        offer = self._offer()

        def show(notes: tuple[str, ...] | None) -> None:
            asked = dialog.asked()
            images = self._images(asked)
            n_images = offer.n_all if images is None else len(images)
            n_labels = len(session.dataset.labels) if session.dataset and asked.format in TABLES else self._n_labels()
            dialog.setView(export_view(asked, offer, n_images=n_images, n_labels=n_labels, notes=notes))

        def fail(error: Exception) -> None:
            show((_sentence(error),))
            if not isinstance(error, CutlineError):
                self._presenter.show_error(error)

        def look_again() -> None:
            show(None)
            transfer.rehearse(dialog.asked(), self._images(dialog.asked()), show, fail)

        def pick(key: str, folder: bool) -> None:
            chosen = self._pick(dialog, folder)
            if chosen:
                dialog.setAnswer(key, chosen)
                look_again()

        def export() -> None:
            self._export(dialog)

        dialog.askedChanged.connect(look_again)
        dialog.pathRequested.connect(pick)
        dialog.exportRequested.connect(export)
        dialog.finished.connect(transfer.drop)
        session.datasetChanged.connect(dialog.reject)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        look_again()

    def _export(self, dialog: ExportDialog) -> None:
        asked = dialog.asked()
        typed = self._choose_target(dialog, asked)
        if not typed:
            return
        path = completed(typed, asked)
        if path != typed and os.path.lexists(path):
            dialog.setProblem(f"{path} is there already: choose it by its whole name to write over it.")
            return
        self._export_asked, self._folder = asked, os.path.dirname(path)

        closed: list[int] = []  # by the user, who does not wait for it

        def done(written: Exported) -> None:
            if not closed:
                dialog.accept()
            self._presenter.say(exported_words(written), Severity.INFO)

        def fail(error: Exception) -> None:
            if not closed:
                dialog.setProblem(_sentence(error))
            if closed or not isinstance(error, CutlineError):
                self._presenter.show_error(error)

        dialog.finished.connect(closed.append)

        dialog.setBusy(f"Writing {os.path.basename(path)} …")
        self._transfer.export(asked, self._images(asked), path, done, fail)

    def _choose_target(self, dialog: QWidget, asked: ExportAsked) -> str:
        suffix = suffix_of(asked)
        stem = "predictions" if asked.format in TABLES else _STEMS.get(asked.format, "labels")
        start = os.path.join(self._folder or os.path.dirname(self._root()), stem + suffix)
        title = "Export to" if suffix else "Export to a new folder"
        filters = f"{_name(asked)} (*{suffix})" if suffix else ""
        chosen, _ = QFileDialog.getSaveFileName(dialog, title, start, filters)
        return chosen

    def _images(self, asked: ExportAsked) -> IntArray | None:
        which = asked.answers.get("images", "")
        if which == LISTED:
            return np.asarray(self._bench.gallery.shown(), dtype=np.int64)
        return self._bench.gallery.selection() if which == CHOSEN else None

    def _offer(self) -> Offer:
        truth, gallery = self._made.session.truth, self._bench.gallery
        assert truth is not None
        return Offer(
            n_all=len(truth.statements),
            n_listed=len(gallery.shown()),
            n_chosen=len(gallery.selection()),
            scored=self._transfer.scored > 0,
            has_unknown=has_value(truth.statements, UNKNOWN),
        )

    def _n_labels(self) -> int:
        truth = self._made.session.truth
        return 0 if truth is None else sum(label.merged_into < 0 for label in truth.offered)

    def _root(self) -> str:
        dataset = self._made.session.dataset
        return dataset.root if dataset is not None else ""


def exported_words(written: Exported) -> str:
    """What was written, in a sentence or three."""
    n = written.n_images
    head = f"Exported {n:,} image{'s' * (n != 1)} to {written.path} ({written.name})."
    more = len(written.notes) - _SHOWN
    return " ".join([head, *written.notes[:_SHOWN], *([f"And {more} more notes."] if more > 0 else [])])


def _name(asked: ExportAsked) -> str:
    return TABLES[asked.format][0] if asked.format in TABLES else format_of(asked.format).name


def _sentence(error: Exception) -> str:
    if isinstance(error, CutlineError):
        return str(error)
    return f"Something went wrong that Cutline did not expect ({type(error).__name__}); nothing was changed."
