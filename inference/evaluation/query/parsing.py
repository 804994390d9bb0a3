"""Text to query.

    list    = operand { [ "and" | "or" | "|" ] operand }        a space is an "and"
    operand = { "-" | "not" } ( "(" list ")" | term )
    term    = word [ ":" value ] [ ( < <= = >= > ) number [ ".." number ] ]   or a part of a file name

``|`` binds more tightly than a space, and so does "or" between terms of one kind (``tp:cat or fp:cat edited``). Where
an "or" between others stands beside more terms, one reader would join this and another that: parentheses are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from inference.evaluation.query.nodes import all_of, family, negated, one_of
from inference.evaluation.query.scanning import Scanner
from inference.evaluation.query.terms import TermReader
from inference.types.querying import Node, Query, QuerySyntaxError

MAX_DEPTH: Final = 40  # parentheses in parentheses
MAX_LENGTH: Final = 20_000  # characters


def parse(text: str, labels: Sequence[str], parts: Sequence[str] = ()) -> Query:
    """Read a query.

    Args:
        text: as typed.
        labels: names of all labels; a term's label is a place among them.
        parts: names of the split's parts, each once.

    Raises:
        QuerySyntaxError: with the place, a sentence and a hint.
    """
    if len(text) > MAX_LENGTH:
        raise QuerySyntaxError(
            f"This query has {len(text):,} characters; {MAX_LENGTH:,} are read at most.", MAX_LENGTH, "Shorten it."
        )
    return _Parser(text, TermReader(labels, parts)).query()


@dataclass(frozen=True)
class _Operand:
    node: Node
    before: str  # what joins it to the operand before: "", " ", "and", "or" or "|"
    at: int  # where that stands


class _Parser:
    def __init__(self, text: str, terms: TermReader) -> None:
        self._scanner = Scanner(text)
        self._terms = terms

    def query(self) -> Query:
        node = self._list(0)
        if self._scanner.here:
            raise QuerySyntaxError("This parenthesis was never opened.", self._scanner.at, "Remove it.")
        return Query(node)

    def _list(self, depth: int) -> Node | None:
        """Operands up to the end or a closing parenthesis."""
        operands: list[_Operand] = []
        while True:
            before, at = self._joint(bool(operands))
            if self._scanner.here in ("", ")"):
                if before in ("or", "|", "and"):
                    raise QuerySyntaxError(f"Something is missing after “{before}”.", at, "Add a filter.", len(before))
                return _joined(operands)
            operands.append(_Operand(self._operand(depth), before, at))

    def _joint(self, inside: bool) -> tuple[str, int]:
        """What joins the next operand to the last, and where it stands."""
        scanner = self._scanner
        scanner.skip_space()
        at = scanner.at
        found = " " if inside else ""
        for word in ("|", "or", "and"):
            if scanner.take(word) if word == "|" else scanner.take_word(word):
                found = word
                break
        if found in ("", " "):
            return found, at
        if not inside:
            raise QuerySyntaxError(f"Something is missing before “{found}”.", at, "Add a filter.", len(found))
        scanner.skip_space()
        if scanner.here == "|" or scanner.at_word("or") or scanner.at_word("and"):
            raise QuerySyntaxError("Two joining words follow each other.", at, "Remove one of them.", len(found))
        return found, at

    def _operand(self, depth: int) -> Node:
        scanner = self._scanner
        negative = False
        at = scanner.at
        while scanner.take("-") or scanner.take_word("not"):
            negative = not negative
            scanner.skip_space()
        if scanner.here in ("", ")", "|"):
            raise QuerySyntaxError("Something is missing after “not”.", at, "Add a filter, or remove it.")
        node = self._parenthesised(depth) if scanner.here == "(" else self._terms.read(scanner)
        if scanner.here and not scanner.here.isspace() and scanner.here not in "()|":
            raise QuerySyntaxError(
                "A space is missing here.", scanner.at, 'Names with such characters stand in quotes: "…".'
            )
        return negated(node) if negative else node

    def _parenthesised(self, depth: int) -> Node:
        scanner = self._scanner
        at = scanner.at
        if depth >= MAX_DEPTH:
            raise QuerySyntaxError(f"More than {MAX_DEPTH} parentheses in one another.", at, "Use fewer of them.")
        scanner.take("(")
        node = self._list(depth + 1)
        if not scanner.take(")"):
            raise QuerySyntaxError("This parenthesis is never closed.", at, "Add “)”.")
        if node is None:
            raise QuerySyntaxError("Nothing stands between these parentheses.", at, "Remove them.", 2)
        return node


def _joined(operands: list[_Operand]) -> Node | None:
    """One node of all operands: ``|`` first, then "or", then what is left is an And."""
    bars: list[list[_Operand]] = []
    for operand in operands:
        if operand.before == "|":
            bars[-1].append(operand)
        else:
            bars.append([operand])
    ors: list[list[_Operand]] = []
    for chain in bars:
        first = chain[0]
        whole = _Operand(_one(chain), first.before, first.at)
        if first.before == "or":
            ors[-1].append(whole)
        else:
            ors.append([whole])
    for chain in ors:
        if len(chain) > 1 and len(ors) > 1 and not _plain(chain, ors):
            raise QuerySyntaxError(
                "It is not clear what this “or” joins.", chain[1].at, "Put parentheses around what belongs together.", 2
            )
    return all_of(_one(chain) for chain in ors)


def _one(chain: list[_Operand]) -> Node:
    node = one_of(operand.node for operand in chain)
    assert node is not None
    return node


def _plain(chain: list[_Operand], chains: list[list[_Operand]]) -> bool:
    """Whether everybody would join the chain before what stands beside it: one kind of terms, no "and" in sight."""
    kinds = {family(operand.node) for operand in chain}
    written = any(each[0].before == "and" for each in chains)
    return len(kinds) == 1 and None not in kinds and not written
