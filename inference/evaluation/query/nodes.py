"""Putting nodes together so that the same query is always the same tree: nothing nested that need not be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from inference.types.querying import And, Node, Not, Or, Term, TermKind

_FAMILIES: Final = {
    TermKind.WRONG: TermKind.OUTCOME,
    TermKind.NEGATIVE: TermKind.ANNOTATED,
    TermKind.UNKNOWN: TermKind.ANNOTATED,
    TermKind.UNSAID: TermKind.ANNOTATED,
}


def all_of(nodes: Iterable[Node]) -> Node | None:
    """An And without Ands directly inside; the node itself where it is one, None where there is none."""
    flat: list[Node] = []
    for node in nodes:
        flat.extend(node.nodes if isinstance(node, And) else (node,))
    if len(flat) < 2:
        return flat[0] if flat else None
    return And(tuple(flat))


def one_of(nodes: Iterable[Node]) -> Node | None:
    """An Or without Ors directly inside; the node itself where it is one, None where there is none."""
    flat: list[Node] = []
    for node in nodes:
        flat.extend(node.nodes if isinstance(node, Or) else (node,))
    if len(flat) < 2:
        return flat[0] if flat else None
    return Or(tuple(flat))


def negated(node: Node) -> Node:
    """The opposite; twice the opposite is the node itself."""
    return node.node if isinstance(node, Not) else Not(node)


def family(node: Node) -> TermKind | None:
    """What a term, negated or not, is about, by kinds that go together; None for anything larger."""
    term = node.node if isinstance(node, Not) else node
    return _FAMILIES.get(term.kind, term.kind) if isinstance(term, Term) else None
