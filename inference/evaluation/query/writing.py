"""Query to text, in one spelling: `parse` reads back the same query."""

from __future__ import annotations

from inference.choices import Outcome
from inference.evaluation.query.nodes import family
from inference.evaluation.query.scanning import ENDS_LABEL, ENDS_TEXT, QUOTE, quoted
from inference.types.querying import (
    ANY,
    NO_LABEL,
    THIS,
    WORDS_OF_LABELS,
    And,
    Bounds,
    Node,
    Not,
    Or,
    Query,
    Term,
    TermKind,
)

_WORD_OF_OUTCOME = {Outcome.TP: "tp", Outcome.FP: "fp", Outcome.FN: "fn", Outcome.TN: "tn"}
_TEXTS = frozenset({TermKind.NAME, TermKind.FOLDER, TermKind.PART, TermKind.NOTE})


def format(query: Query) -> str:
    """The query as a person would type it; "" for one that lets everything through."""
    return "" if query.node is None else _write(query.node, inside=False)


def label_word(label: int, name: str = "") -> str:
    """A label behind a colon, in quotes where it must be."""
    if label in (ANY, THIS):
        return "any" if label == ANY else "this"
    if name.lower() in WORDS_OF_LABELS:
        return QUOTE + name + QUOTE
    return quoted(name, ENDS_LABEL)


def _write(node: Node, *, inside: bool) -> str:
    if isinstance(node, Term):
        return format_term(node)
    if isinstance(node, Not):
        return "-" + _write(node.node, inside=True)
    if isinstance(node, And):
        text = " ".join(_write_in_and(each) for each in node.nodes)
    else:
        text = " or ".join(_write(each, inside=True) for each in node.nodes)
    return f"({text})" if inside else text


def _write_in_and(node: Node) -> str:
    kinds = {family(each) for each in node.nodes} if isinstance(node, Or) else set()
    if isinstance(node, Or) and len(kinds) == 1 and None not in kinds:
        return "|".join(_write(each, inside=True) for each in node.nodes)
    return _write(node, inside=True)


def format_term(term: Term) -> str:
    """One term."""
    word, label = str(term.kind), term.label
    if term.kind is TermKind.OUTCOME and term.outcome in _WORD_OF_OUTCOME:
        word = _WORD_OF_OUTCOME[term.outcome]
    text = word if label == NO_LABEL else f"{word}:{label_word(label, term.name)}"
    if term.kind is TermKind.OUTCOME and term.outcome is Outcome.UNKNOWN:
        return f"{text}=unknown"
    if term.kind in _TEXTS and term.text is not None:
        return f"{word}:{quoted(term.text, ENDS_TEXT)}"
    return text if term.bounds is None else text + format_bounds(term.bounds)


def format_bounds(bounds: Bounds) -> str:
    """A comparison.

    Raises:
        ValueError: the language has none for it.
    """
    low, high = bounds.low != float("-inf"), bounds.high != float("inf")
    if low and high and bounds.with_low and bounds.with_high:
        same = bounds.low == bounds.high
        return f"={_number(bounds.low)}" if same else f"={_number(bounds.low)}..{_number(bounds.high)}"
    if low and not high:
        return f">{'=' if bounds.with_low else ''}{_number(bounds.low)}"
    if high and not low:
        return f"<{'=' if bounds.with_high else ''}{_number(bounds.high)}"
    raise ValueError(f"{bounds} cannot be written as one comparison")


def _number(value: float) -> str:
    """The shortest text that reads back as the same number."""
    return repr(value).removesuffix(".0")
