"""Imports and exports as their dialogs show them."""

from __future__ import annotations

from typing import Final

import numpy as np

from app.controllers.transfer_questions import Offer, export_questions, images_question, import_questions
from app.controllers.transfer_work import PREDICTIONS, TABLES, ImportLook
from inference.data.formats import FORMATS, FileAnnotations, Format, format_of
from inference.data.importing import ImportPlan
from inference.data.sentences import some
from inference.types import Task
from widgets.transfer.values import (
    LEFT_OUT,
    Asking,
    ConflictRow,
    ExportAsked,
    ExportView,
    FormatRow,
    ImportRow,
    ImportView,
    Question,
)

_PREDICTIONS_DETAIL: Final = "One row an image, one column a label: the model's scores or logits."
_STAYS: Final = "Notes, the history of edits and the thresholds are not in it: they stay in the project."
_KINDS: Final = (("probabilities", "scores from 0 to 1, as shown"), ("logits", "logits, as the model gives them"))


def import_view(look: ImportLook) -> ImportView:
    """What a file would change; formats and questions alone where it could not be read."""
    formats = tuple(_row(known, recognised=recognised) for known, recognised in look.formats)
    questions = (
        import_questions(look.format, look.file, look.asked.answers, look.target.unlisted) if look.format else ()
    )
    plan, file = look.plan, look.file
    if plan is None or file is None:
        return ImportView(formats, look.format, questions)
    offered = [label.name for label in look.target.labels if not label.retired]
    further = [name for name in look.target.columns if name not in offered]
    return ImportView(
        formats=formats,
        format=look.format,
        questions=questions,
        summary=f"{plan.summary()}.",
        labels=label_rows(file, plan),
        targets=(*offered, *further),
        notices=_notices(look, plan),
        conflicts=tuple(ConflictRow(one.image, one.label, one.ours, one.theirs) for one in plan.examples),
        n_new=plan.n_new,
        n_conflicts=plan.n_conflicts,
        n_new_labels=len(plan.new_labels),
        whole_images=plan.task is Task.MULTICLASS,
        unanswered="Say first what labels mean that the file does not list." if plan.asks_unlisted else "",
    )


def label_rows(file: FileAnnotations, plan: ImportPlan) -> tuple[ImportRow, ...]:
    """One row a label of the file; labels that are joined show the counts of what they become together."""
    targets = {source: one for one in plan.labels for source in one.sources}
    rows = []
    for name in file.labels:
        one = targets.get(name)
        if one is None:
            rows.append(ImportRow(name, LEFT_OUT))
        else:
            rows.append(
                ImportRow(name, one.name, one.is_new, one.n_new, one.n_same, one.n_conflicts, name in plan.guessed)
            )
    return tuple(rows)


def _notices(look: ImportLook, plan: ImportPlan) -> tuple[str, ...]:
    found = [f"The file speaks of {len(plan.images):,} of the project's {len(look.target.names):,} images."]
    if plan.guessed:
        pairs = [f"{theirs} is {ours}" for theirs, ours in plan.guessed.items()]
        found.append(f"Labels that are called a little differently: {some(pairs)}. Change it in the table if not so.")
    return (*found, *plan.warnings)


def export_formats(*, scored: bool) -> tuple[FormatRow, ...]:
    """All that can be written; predictions where there are any."""
    tables = [FormatRow(key, name, _PREDICTIONS_DETAIL) for key, (name, _) in TABLES.items()] if scored else []
    return (*(_row(known) for known in FORMATS if known.is_written), *tables)


def export_view(
    asked: ExportAsked, offer: Offer, *, n_images: int, n_labels: int, notes: tuple[str, ...] | None
) -> ExportView:
    """What would be written; ``notes`` is None while what is lost is being found out."""
    questions: tuple[Question, ...]
    if asked.format.startswith(PREDICTIONS):
        kind = Question("kind", "&Values", asked.answers.get("kind", _KINDS[0][0]), _KINDS, Asking.CHOICE)
        questions = (images_question(offer, asked.answers), kind)
    else:
        questions = export_questions(format_of(asked.format), offer, asked.answers)
    return ExportView(
        formats=export_formats(scored=offer.scored),
        format=asked.format,
        questions=questions,
        summary=f"{n_images:,} image{'s' * (n_images != 1)}, {n_labels:,} label{'s' * (n_labels != 1)}",
        notes=notes,
        stays="" if asked.format.startswith(PREDICTIONS) else _STAYS,
    )


def has_value(statements: np.ndarray[tuple[int, ...], np.dtype[np.int8]], value: int) -> bool:
    """Whether anybody said this."""
    return bool((statements == value).any())


def _row(known: Format, *, recognised: bool = False) -> FormatRow:
    detail = known.detail if known.detail.endswith(".") else f"{known.detail}."
    return FormatRow(known.key, known.name, detail, recognised)
