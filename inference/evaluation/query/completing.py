"""What may stand where somebody is typing a query."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from inference.evaluation.query.resolving import folded
from inference.evaluation.query.scanning import ENDS_LABEL, ENDS_TEXT, QUOTE, quoted
from inference.evaluation.query.vocabulary import OUTCOMES, WORDS, Argument, Word
from inference.evaluation.query.writing import label_word
from inference.types.querying import ANY, THIS, Completion, CompletionContext, TermKind

MOST: Final = 50  # completions that are offered
_WORD: Final = re.compile(r"([A-Za-z]*)(:?)")


def complete(text: str, cursor: int, context: CompletionContext) -> list[Completion]:
    """What may replace the piece of text at the cursor, the likeliest first.

    Args:
        text: the query so far; it need not be readable.
        cursor: place of the cursor, 0 to the length of the text.
        context: the names that exist.
    """
    start, end = _piece(text, min(max(cursor, 0), len(text)))
    while text[start:cursor].startswith("-"):
        start += 1
    typed = text[start:cursor]
    found = _WORD.match(typed)
    assert found is not None
    key, colon = found.groups()
    word = WORDS.get(key.lower())
    if not colon:
        return list(_words(typed, start, end))[:MOST] if found.end() == len(typed) else []
    if word is None or word.argument is Argument.NOTHING:
        return []
    begin = start + found.end()
    return list(_values(key, word, typed[found.end() :], begin, end, context))[:MOST]


def _piece(text: str, cursor: int) -> tuple[int, int]:
    """The piece that the cursor is in or behind: between white space, parentheses and bars outside of quotes."""
    start, at, in_quotes = 0, 0, False
    while at < cursor:
        character = text[at]
        if character == "\\" and in_quotes:
            at += 1
        elif character == QUOTE:
            in_quotes = not in_quotes
        elif not in_quotes and (character.isspace() or character in ENDS_TEXT):
            start = at + 1
        at += 1
    end = cursor
    while end < len(text):
        character = text[end]
        if character == QUOTE:
            in_quotes = not in_quotes
        elif not in_quotes and (character.isspace() or character in ENDS_TEXT):
            break
        end += 1
    return min(start, cursor), end


def _words(typed: str, start: int, end: int) -> Iterator[Completion]:
    for key, word in WORDS.items():
        if word.alias or not key.startswith(typed.lower()):
            continue
        needs_value = word.argument is not Argument.NOTHING and not (word.bare and word.kind in _OFTEN_BARE)
        more = ":" if needs_value else ">" if word.number else ""
        yield Completion(key + more, word.detail, start, end)


_OFTEN_BARE: Final = frozenset({TermKind.ANNOTATED, TermKind.NOTE})


def _values(key: str, word: Word, typed: str, start: int, end: int, context: CompletionContext) -> Iterator[Completion]:
    if word.kind is TermKind.PART:
        yield from _texts(context.parts, typed, start, end, "part of the split")
    elif word.kind is TermKind.FOLDER:
        yield from _texts(context.folders, typed, start, end, "folder")
    elif word.argument is Argument.LABEL:
        if word.kind is TermKind.OUTCOME and word.outcome is None and "=" in typed:
            label, _, begun = typed.rpartition("=")
            for outcome in OUTCOMES:
                if outcome.isalpha() and outcome.startswith(begun.lower()):
                    yield Completion(outcome, f"outcome {outcome.upper()}", start + len(label) + 1, end)
            return
        yield from _labels(word, typed, start, end, context)


def _labels(word: Word, typed: str, start: int, end: int, context: CompletionContext) -> Iterator[Completion]:
    if not typed.startswith(QUOTE) and any(character in ENDS_LABEL for character in typed):
        return  # the comparison has begun
    plain = folded(typed.strip(QUOTE))
    if "any".startswith(plain) or plain == "*":
        yield Completion(label_word(ANY), "any label", start, end)
    if "this".startswith(plain) and context.chosen:
        yield Completion(label_word(THIS), f"the chosen label, now {context.chosen}", start, end)
    for label in _fitting(context.labels, plain):
        yield Completion(label_word(0, label), word.detail, start, end)


def _texts(names: Sequence[str], typed: str, start: int, end: int, detail: str) -> Iterator[Completion]:
    for name in _fitting(names, folded(typed.strip(QUOTE))):
        yield Completion(quoted(name, ENDS_TEXT), detail, start, end)


def _fitting(names: Sequence[str], plain: str) -> Iterator[str]:
    """Names that begin with what was typed, then those that hold it."""
    later: list[str] = []
    n_found = 0
    for name in names:
        known = folded(name)
        if known.startswith(plain):
            yield name
            n_found += 1
        elif plain in known:
            later.append(name)
        if n_found > MOST:
            return
    yield from later
