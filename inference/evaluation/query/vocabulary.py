"""The words of the query language: what may follow each, and what each says, for completion and help."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from inference.choices import Outcome
from inference.types.querying import ANY, NO_LABEL, TermKind


class Argument(Enum):
    """What follows a word's colon."""

    NOTHING = 0
    LABEL = 1
    TEXT = 2


@dataclass(frozen=True)
class Word:
    """One word that a term begins with."""

    kind: TermKind
    detail: str  # what it finds
    argument: Argument = Argument.NOTHING
    bare: bool = True  # whether it may stand without a colon
    default: int = NO_LABEL  # the label it means without a colon
    number: bool = False  # whether a comparison follows
    outcome: Outcome | None = None
    negated: bool = False
    alias: bool = False  # understood, not offered


def _label(kind: TermKind, detail: str, *, default: int = ANY, alias: bool = False) -> Word:
    return Word(kind, detail, Argument.LABEL, default=default, alias=alias)


def _outcome(outcome: Outcome, detail: str) -> Word:
    return Word(TermKind.OUTCOME, detail, Argument.LABEL, default=ANY, outcome=outcome)


def _number(kind: TermKind, detail: str, default: int = NO_LABEL, *, of_label: bool = False) -> Word:
    argument = Argument.LABEL if of_label else Argument.NOTHING
    return Word(kind, detail, argument, bare=False, default=default, number=True)


def _text(kind: TermKind, detail: str, *, bare: bool = False, alias: bool = False) -> Word:
    return Word(kind, detail, Argument.TEXT, bare=bare, alias=alias)


WORDS: Final[dict[str, Word]] = {
    "tp": _outcome(Outcome.TP, "true positives under a label"),
    "fp": _outcome(Outcome.FP, "false positives under a label"),
    "fn": _outcome(Outcome.FN, "false negatives under a label"),
    "tn": _outcome(Outcome.TN, "true negatives under a label"),
    "wrong": _label(TermKind.WRONG, "false positives and false negatives"),
    "outcome": Word(TermKind.OUTCOME, "an outcome, as in outcome:cat=unknown", Argument.LABEL, bare=False, default=ANY),
    "predicted": _label(TermKind.PREDICTED, "a label is predicted"),
    "annotated": _label(TermKind.ANNOTATED, "somebody annotated the image; annotated:cat as cat", default=NO_LABEL),
    "negative": _label(TermKind.NEGATIVE, "annotated as not having the label"),
    "unknown": _label(TermKind.UNKNOWN, "annotated as unknown under a label"),
    "unsaid": _label(TermKind.UNSAID, "nobody said anything under a label"),
    "score": _number(TermKind.SCORE, "score:cat>0.8, score:any=0.4..0.6", ANY, of_label=True),
    "near": _number(TermKind.NEAR, "distance to the threshold, near:cat<0.05", ANY, of_label=True),
    "loss": _number(TermKind.LOSS, "cross-entropy, of a label or of the image, loss>2", of_label=True),
    "entropy": _number(TermKind.ENTROPY, "entropy of the scores, entropy>0.5"),
    "margin": _number(TermKind.MARGIN, "highest score less the second, margin<0.1"),
    "labels": _number(TermKind.N_LABELS, "number of annotated labels, labels>2"),
    "predictions": _number(TermKind.N_PREDICTED, "number of predicted labels, predictions=0"),
    "name": _text(TermKind.NAME, 'part of the file name, or name:"img 0*"'),
    "folder": _text(TermKind.FOLDER, "images in a folder and below"),
    "part": _text(TermKind.PART, "a part of the split"),
    "note": _text(TermKind.NOTE, "a note, note:blur one that says blur", bare=True),
    "edited": Word(TermKind.EDITED, "you changed the annotation"),
    "unsaved": Word(TermKind.UNSAVED, "changes that are not saved yet"),
    "flipped": Word(TermKind.FLIPPED, "predicted labels changed since the reference"),
    "differs": Word(TermKind.DIFFERS, "the other profile or run decides otherwise"),
    "queue": Word(TermKind.QUEUE, "images of the queue"),
    "broken": Word(TermKind.BROKEN, "the file could not be read or scored"),
    "scored": Word(TermKind.SCORED, "the model has scored the image"),
    "vanished": Word(TermKind.VANISHED, "the file is no longer there"),
    "changed": Word(TermKind.CHANGED, "the file changed on disk"),
    # understood as well
    "unannotated": Word(TermKind.ANNOTATED, "nobody annotated the image", negated=True),
    "positive": _label(TermKind.ANNOTATED, "annotated as having the label", alias=True),
    "label": _label(TermKind.ANNOTATED, "annotated as having the label", alias=True),
    "noted": Word(TermKind.NOTE, "a note", alias=True),
    "split": _text(TermKind.PART, "a part of the split", alias=True),
    "unscored": Word(TermKind.SCORED, "the model has not scored the image", negated=True, alias=True),
}
NUMBERS_OF: Final = {"predicted": "predictions", "annotated": "labels", "label": "labels"}  # predicted>2
OUTCOMES: Final = {
    "tp": Outcome.TP,
    "fp": Outcome.FP,
    "fn": Outcome.FN,
    "tn": Outcome.TN,
    "unknown": Outcome.UNKNOWN,
    "?": Outcome.UNKNOWN,
}
