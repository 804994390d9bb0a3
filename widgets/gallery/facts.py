"""What a cell shows of its image, gathered for all cells of a frame at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage

from inference.types import ImageState, IntArray, Outcome
from widgets.gallery.marks import Mark
from widgets.theme import current_theme

if TYPE_CHECKING:
    from widgets.gallery.model import GalleryModel


@dataclass(frozen=True, slots=True)
class CellFacts:
    """One image, ready to be painted."""

    image: int
    name: str
    thumbnail: QImage | None
    broken: bool  # there is a reason why it has none, or no score
    pending: bool
    verdict: str  # the score, or the state in a word
    color: str  # of the verdict; "" for that of text
    outcome: Outcome | None
    says_unannotated: bool
    marks: tuple[Mark, ...]
    selected: bool
    current: bool
    ticked: bool  # selected with others


def cell_facts(model: GalleryModel, images: IntArray) -> list[CellFacts]:
    """The facts of some images, in their order."""
    scores = model.scores[images].tolist() if model.scores is not None else [math.nan] * len(images)
    outcomes = model.outcomes[images].tolist() if model.outcomes is not None else [None] * len(images)
    states = model.states[images].tolist() if model.states is not None else [None] * len(images)
    rows = zip(images.tolist(), scores, outcomes, states, strict=True)
    return [_facts(model, image, score, outcome, state) for image, score, outcome, state in rows]


def said_of(model: GalleryModel, images: IntArray) -> IntArray:
    """What thresholds and edits change in the cells of some images, a column each, to be compared; images first."""
    marks = model.marks
    flags = (marks.unsaved, marks.vanished, marks.changed, marks.edited, marks.noted)
    said = [images, np.full(len(images), model.none_annotated)]
    if model.scores is not None:
        said.append(model.scores[images].view(np.int32))  # so that NaN equals itself
    said += [values[images] for values in (model.outcomes, model.annotated) if values is not None]
    nowhere = np.zeros(len(model.names), dtype=bool)
    said += [(where if where is not None and len(where) == len(nowhere) else nowhere)[images] for where in flags]
    return np.array(said, dtype=np.int64)


def _facts(model: GalleryModel, image: int, score: float, outcome: int | None, state: int | None) -> CellFacts:
    theme = current_theme()
    selected = image in model.selection
    problem = bool(model.problem(image))
    pending = state == ImageState.PENDING
    unannotated = model.unannotated(image)
    scored = state is None or state == ImageState.SCORED
    verdict, color = (f"{score:.2f}" if scored and not math.isnan(score) else ""), ""
    if state == ImageState.UNUSABLE:
        verdict, color = "unusable", theme.warning
    elif problem:
        verdict, color = "broken", theme.error
    elif pending:
        verdict, color = "…", theme.muted
    judged = scored and not problem and outcome is not None and not unannotated
    return CellFacts(
        image=image,
        name=model.names[image],
        thumbnail=model.thumbnails.get(image),
        broken=problem,
        pending=pending,
        verdict=verdict,
        color=color,
        outcome=Outcome(outcome) if judged and outcome is not None else None,
        says_unannotated=unannotated and not model.none_annotated and not problem,
        marks=model.marks_of(image),
        selected=selected,
        current=image == model.selection.current,
        ticked=selected and model.selection.many,
    )
