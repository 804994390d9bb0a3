"""What a click on a chip does to the text: its term joins its like with an or, everything else with an and."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from inference.evaluation.query.nodes import all_of, family, negated, one_of
from inference.evaluation.query.parsing import parse
from inference.evaluation.query.writing import format
from inference.types.querying import And, Node, Not, Or, Query, TermKind

_CHOICES: Final = frozenset(
    {TermKind.OUTCOME, TermKind.ANNOTATED, TermKind.PREDICTED, TermKind.PART, TermKind.FOLDER}
)  # filters of which one or the other is wanted; others narrow each other down


def toggle(text: str, term: str, labels: Sequence[str], parts: Sequence[str] = ()) -> str:
    """The query with the term added, or taken away where it stood.

    ``tp:cat`` clicked into ``fp:cat edited`` gives ``fp:cat|tp:cat edited``; clicked again it is gone. A term takes the
    place of its own opposite.

    Raises:
        QuerySyntaxError: one of the two cannot be read.
    """
    query, node = parse(text, labels, parts), parse(term, labels, parts).node
    if node is None:
        return text
    if has_term(query, node):
        return format(Query(all_of(_without(_pieces(query), node))))
    pieces = _without(_pieces(query), negated(node))
    like = next((index for index, piece in enumerate(pieces) if _takes(piece, node)), None)
    if like is None:
        pieces.append(node)
    else:
        grown = one_of([pieces[like], node])
        assert grown is not None
        pieces[like] = grown
    return format(Query(all_of(pieces)))


def has_term(query: Query, node: Node) -> bool:
    """Whether the term stands in the query so that `toggle` would take it away."""
    return any(piece == node or (isinstance(piece, Or) and node in piece.nodes) for piece in _pieces(query))


def is_on(text: str, term: str, labels: Sequence[str], parts: Sequence[str] = ()) -> bool:
    """As `has_term`, for texts; False where one of them cannot be read."""
    return which_on(text, [term], labels, parts)[0]


def which_on(text: str, terms: Sequence[str], labels: Sequence[str], parts: Sequence[str] = ()) -> list[bool]:
    """`is_on` of many terms; the text is read once."""
    try:
        query = parse(text, labels, parts)
    except ValueError:
        return [False] * len(terms)
    return [_stands(query, term, labels, parts) for term in terms]


def _stands(query: Query, term: str, labels: Sequence[str], parts: Sequence[str]) -> bool:
    try:
        node = parse(term, labels, parts).node
    except ValueError:
        return False
    return node is not None and has_term(query, node)


def _pieces(query: Query) -> list[Node]:
    """What all must hold."""
    if query.node is None:
        return []
    return list(query.node.nodes) if isinstance(query.node, And) else [query.node]


def _without(pieces: list[Node], node: Node) -> list[Node]:
    left: list[Node] = []
    for piece in pieces:
        if piece == node:
            continue
        if isinstance(piece, Or) and node in piece.nodes:
            smaller = one_of(each for each in piece.nodes if each != node)
            if smaller is not None:
                left.append(smaller)
            continue
        left.append(piece)
    return left


def _takes(piece: Node, node: Node) -> bool:
    """Whether a new term is one more of a piece that is there: terms of its kind, none of them negated."""
    if family(node) not in _CHOICES or isinstance(node, Not):
        return False
    members = piece.nodes if isinstance(piece, Or) else (piece,)
    return all(not isinstance(each, Not) and family(each) == family(node) for each in members)
