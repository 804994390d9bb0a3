"""One term of a query: a word with what follows it, or a part of a file name."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from inference.evaluation.query.nodes import negated
from inference.evaluation.query.resolving import NotFoundError, folded, resolve
from inference.evaluation.query.scanning import ENDS_LABEL, ENDS_TEXT, QUOTE, Scanner
from inference.evaluation.query.vocabulary import NUMBERS_OF, OUTCOMES, WORDS, Argument, Word
from inference.types.querying import (
    WORDS_OF_LABELS,
    Bounds,
    Node,
    QuerySyntaxError,
    Term,
    TermKind,
)

_STARTS_COMPARISON: Final = tuple("<>=≥≤")
_SHOWN: Final = 3  # candidates that a hint names


class TermReader:
    """Reads terms against the names that exist."""

    def __init__(self, labels: Sequence[str], parts: Sequence[str]) -> None:
        self._labels = labels
        self._parts = parts

    def read(self, scanner: Scanner) -> Node:
        """The term at hand; the scanner stands behind it afterwards.

        Raises:
            QuerySyntaxError: it is none.
        """
        start = scanner.at
        key = scanner.peek_key()
        after = scanner.text[start + len(key) : start + len(key) + 1]
        if key and (after == ":" or after in _STARTS_COMPARISON):
            word = WORDS.get(key.lower())
            if word is None:
                raise _no_such_word(key, start)
            scanner.at += len(key)
            return self._of_word(scanner, key.lower(), word, start)
        word = WORDS.get(key.lower()) if after == "" or after.isspace() or after in ENDS_TEXT else None
        if word is not None:
            scanner.at += len(key)
            return self._of_word(scanner, key.lower(), word, start)
        return self._name(scanner)

    def _name(self, scanner: Scanner) -> Term:
        start = scanner.at
        text, _ = scanner.value(ENDS_TEXT)
        if not text:
            raise QuerySyntaxError("A filter is missing here.", start, "Type a word, or part of a file name.")
        return Term(TermKind.NAME, text=text)

    def _of_word(self, scanner: Scanner, key: str, word: Word, start: int) -> Node:
        colon = scanner.take(":")
        if not colon and scanner.here not in _STARTS_COMPARISON and not word.bare:
            raise _incomplete(key, word, start)
        if colon and word.argument is Argument.NOTHING:
            raise QuerySyntaxError(f"“{key}” stands by itself.", scanner.at - 1, f"Write {_example(key, word)}.")
        if word.argument is Argument.TEXT:
            return self._text(scanner, key, word, start, colon)
        label, name = self._label(scanner, key, start) if colon else (word.default, "")
        if word.kind is TermKind.OUTCOME and word.outcome is None:
            return self._outcome(scanner, label, name, start)
        if key in NUMBERS_OF and not colon and scanner.here in _STARTS_COMPARISON and scanner.here:
            word = WORDS[NUMBERS_OF[key]]
            return Term(word.kind, bounds=self._bounds(scanner, key, word, start))
        bounds = self._bounds(scanner, key, word, start) if word.number else None
        term = Term(word.kind, label, name, word.outcome, bounds)
        return negated(term) if word.negated else term

    def _text(self, scanner: Scanner, key: str, word: Word, start: int, colon: bool) -> Term:
        if not colon:
            return Term(word.kind)
        at = scanner.at
        text, _ = scanner.value(ENDS_TEXT)
        if not text:
            raise _incomplete(key, word, start)
        if word.kind is TermKind.PART:
            text = self._part(text, at)
        elif word.kind is TermKind.FOLDER:
            text = text.strip("/") or "."
        return Term(word.kind, text=text)

    def _part(self, typed: str, at: int) -> str:
        if not self._parts:
            raise QuerySyntaxError("These images have no split.", at, "Remove this filter.", len(typed))
        try:
            return self._parts[resolve(typed, self._parts)]
        except NotFoundError:
            raise QuerySyntaxError(
                f"No part is called “{typed}”.", at, f"There are {', '.join(self._parts)}.", len(typed)
            ) from None

    def _label(self, scanner: Scanner, key: str, start: int) -> tuple[int, str]:
        at = scanner.at
        typed, in_quotes = scanner.value(ENDS_LABEL)
        if not in_quotes:
            if not typed:
                raise QuerySyntaxError(
                    f"“{key}:” needs a label.", start, f"As in {key}:any or {key}:this.", scanner.at - start
                )
            if typed.lower() in WORDS_OF_LABELS:
                return WORDS_OF_LABELS[typed.lower()], ""
        try:
            place = resolve(typed, self._labels)
        except NotFoundError as error:
            raise _no_such_label(typed, at, scanner.at - at, error.candidates, self._labels) from None
        return place, self._labels[place]

    def _outcome(self, scanner: Scanner, label: int, name: str, start: int) -> Term:
        at = scanner.at
        found = OUTCOMES.get(scanner.value(ENDS_TEXT)[0].lower()) if scanner.comparison() == "=" else None
        if found is None:
            raise QuerySyntaxError(
                "An outcome is missing here.", at, "Add =tp, =fp, =fn, =tn or =unknown.", max(scanner.at - at, 1)
            )
        return Term(TermKind.OUTCOME, label, name, found)

    def _bounds(self, scanner: Scanner, key: str, word: Word, start: int) -> Bounds:
        comparison = scanner.comparison()
        if not comparison:
            raise _incomplete(key, word, start, scanner.at - start)
        value = self._number(scanner)
        if comparison == "=":
            high = value
            if scanner.take(".."):
                high = self._number(scanner)
            if high < value:
                raise QuerySyntaxError("This range is empty.", start, "Write the smaller number first.", 1)
            return Bounds(value, high)
        if comparison in (">", ">="):
            return Bounds(low=value, with_low=comparison == ">=")
        return Bounds(high=value, with_high=comparison == "<=")

    def _number(self, scanner: Scanner) -> float:
        at = scanner.at
        value = scanner.number()
        if value is None or not math.isfinite(value) or scanner.here == ",":
            raise QuerySyntaxError("A number is missing here.", at, "Write it with a point, as in 0.8.")
        return value


def _example(key: str, word: Word) -> str:
    """How the word is used."""
    if word.argument is Argument.TEXT:
        return f"{key}:…"
    if word.number:
        return f"{key}:any>0.5" if word.argument is Argument.LABEL else f"{key}>0.5"
    return f"{key}:any=fn" if word.kind is TermKind.OUTCOME and word.outcome is None else key


def _incomplete(key: str, word: Word, start: int, length: int = 0) -> QuerySyntaxError:
    needs = "a text" if word.argument is Argument.TEXT else "a comparison"
    return QuerySyntaxError(f"“{key}” needs {needs}.", start, f"As in {_example(key, word)}.", length or len(key))


def _no_such_word(key: str, start: int) -> QuerySyntaxError:
    from difflib import get_close_matches

    near = get_close_matches(key.lower(), [word for word, meaning in WORDS.items() if not meaning.alias], n=1)
    hint = (
        f"Did you mean {near[0]}?" if near else f"To find it in a file name, put it in quotes: {QUOTE}{key}:…{QUOTE}."
    )
    return QuerySyntaxError(f"No filter is called “{key}”.", start, hint, len(key))


def _no_such_label(
    typed: str, at: int, length: int, candidates: tuple[str, ...], labels: Sequence[str]
) -> QuerySyntaxError:
    from difflib import get_close_matches

    if candidates:
        more = f" and {len(candidates) - _SHOWN:,} more" if len(candidates) > _SHOWN else ""
        named = ", ".join(candidates[:_SHOWN])
        begin = "are called" if len(folded(candidates[0])) == len(folded(typed)) else "begin with"
        return QuerySyntaxError(
            f"{len(candidates):,} labels {begin} “{typed}”.", at, f"Go on typing: {named}{more}.", length
        )
    near = get_close_matches(typed, labels, n=1)
    hint = f"Did you mean {near[0]}?" if near else "Names with spaces stand in quotes."
    return QuerySyntaxError(f"No label is called “{typed}”.", at, hint, max(length, 1))
