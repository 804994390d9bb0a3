"""A query over images as a small value, what completes it, and the counts beside the filters.

``n`` images. A query is a tree of terms under and, or and not. Terms name labels by their place in the labels that the
query was read with, and by name, so that a query can be written down again without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from inference.choices import Outcome

ANY: Final = -1  # any label: ``*`` or ``any``
THIS: Final = -2  # the label that is chosen in the window: ``this``
NO_LABEL: Final = -3  # the term is about the whole image
WORDS_OF_LABELS: Final = {"*": ANY, "any": ANY, "this": THIS}


class TermKind(StrEnum):
    """What a term asks. The value is the word that it is written with."""

    OUTCOME = "outcome"
    WRONG = "wrong"
    PREDICTED = "predicted"
    ANNOTATED = "annotated"
    NEGATIVE = "negative"
    UNKNOWN = "unknown"
    UNSAID = "unsaid"
    SCORE = "score"
    NEAR = "near"
    LOSS = "loss"
    ENTROPY = "entropy"
    MARGIN = "margin"
    N_LABELS = "labels"
    N_PREDICTED = "predictions"
    NAME = "name"
    FOLDER = "folder"
    PART = "part"
    NOTE = "note"
    EDITED = "edited"
    UNSAVED = "unsaved"
    FLIPPED = "flipped"
    DIFFERS = "differs"
    QUEUE = "queue"
    BROKEN = "broken"
    SCORED = "scored"
    VANISHED = "vanished"
    CHANGED = "changed"


@dataclass(frozen=True)
class Bounds:
    """The numbers that a term lets through, low and high; each end may be left out. No number is in empty bounds."""

    low: float = float("-inf")
    high: float = float("inf")
    with_low: bool = True  # whether the low end itself is let through
    with_high: bool = True


@dataclass(frozen=True)
class Term:
    """One condition on an image."""

    kind: TermKind
    label: int = NO_LABEL  # place among the labels, ANY, THIS or NO_LABEL
    name: str = ""  # of the label
    outcome: Outcome | None = None  # with OUTCOME
    bounds: Bounds | None = None  # with what is a number
    text: str | None = None  # with NAME, FOLDER, PART and NOTE


@dataclass(frozen=True)
class Not:
    """What the inner node does not hold for."""

    node: Node


@dataclass(frozen=True)
class And:
    """All of two or more."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    """At least one of two or more."""

    nodes: tuple[Node, ...]


Node: TypeAlias = Term | Not | And | Or


@dataclass(frozen=True)
class Query:
    """What is shown; everything where there is no node."""

    node: Node | None = None

    def terms(self) -> tuple[Term, ...]:
        """All terms, from left to right."""
        return tuple(_terms(self.node)) if self.node is not None else ()

    @property
    def kinds(self) -> frozenset[TermKind]:
        """What it asks about: tells whether a change of thresholds, notes or annotations can change the answer."""
        return frozenset(term.kind for term in self.terms())


def _terms(node: Node) -> list[Term]:
    if isinstance(node, Term):
        return [node]
    if isinstance(node, Not):
        return _terms(node.node)
    return [term for inner in node.nodes for term in _terms(inner)]


class QuerySyntaxError(ValueError):
    """A query that cannot be read: a sentence, where it went wrong, and what to do about it."""

    def __init__(self, sentence: str, position: int, hint: str = "", length: int = 1) -> None:
        """Say what is wrong.

        Args:
            sentence: one sentence for the user.
            position: of the first character in question.
            hint: what would be understood.
            length: characters in question.
        """
        super().__init__(sentence)
        self.sentence = sentence
        self.position = position
        self.hint = hint
        self.length = length


@dataclass(frozen=True)
class Completion:
    """What may stand in ``text[start:end]`` of the field."""

    text: str
    detail: str
    start: int
    end: int


@dataclass(frozen=True)
class CompletionContext:
    """The names that exist."""

    labels: Sequence[str] = ()
    parts: Sequence[str] = ()  # distinct
    folders: Sequence[str] = ()  # distinct, without a slash at the end
    chosen: str = ""  # the label chosen in the window


@dataclass(frozen=True)
class FacetCount:
    """A filter on offer and how many images it would show."""

    key: str  # stable: "tp", "any_fp", "edited", "part:test" ...
    text: str  # the word on the chip or in the menu
    count: int
    term: str  # the query's term that it stands for


@dataclass(frozen=True)
class OutcomeCounts:
    """Images by outcome. Under one label they add up to all; under any label an image may be in several."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0
    unknown: int = 0


@dataclass(frozen=True)
class Facets:
    """The counts beside the filters. None where a filter has nothing to go by."""

    total: int
    label: OutcomeCounts | None  # under the chosen label; None without one
    any: OutcomeCounts
    wrong: int  # images with a wrong label
    annotated: int
    unannotated: int
    edited: int
    noted: int
    broken: int
    flipped: int | None = None
    differs: int | None = None
    queue: int | None = None
    vanished: int | None = None
    changed: int | None = None
    unsaved: int | None = None
    parts: tuple[tuple[str, int], ...] = ()
    label_name: str = field(default="", compare=False)
