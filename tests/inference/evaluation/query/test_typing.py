"""Completion and chips."""

from __future__ import annotations

import pytest

from inference.evaluation.query import QuerySyntaxError, complete, is_on, parse, toggle, which_on
from inference.types.querying import CompletionContext

LABELS = ("cat", "dog", "traffic light", "Traffic sign", "concat")
NAMES = CompletionContext(LABELS, ("train", "test"), ("test", "my holiday"), "dog")


def offered(text: str, cursor: int | None = None) -> list[str]:
    return [each.text for each in complete(text, len(text) if cursor is None else cursor, NAMES)]


def accepted(text: str, choice: str, cursor: int | None = None) -> str:
    found = complete(text, len(text) if cursor is None else cursor, NAMES)
    (picked,) = [each for each in found if each.text == choice]
    return text[: picked.start] + picked.text + text[picked.end :]


def test_words_are_offered_by_how_they_begin() -> None:
    assert offered("f") == ["fp:", "fn:", "folder:", "flipped"]
    assert offered("edited -ne") == ["negative:", "near:"]
    assert offered("scor") == ["score:", "scored"]
    assert offered("entr") == ["entropy>"]
    assert offered("annot") == ["annotated"]
    assert len(offered("")) > 20
    assert offered("nosuchword") == []


def test_labels_are_offered_first_by_how_they_begin() -> None:
    assert offered("fp:cat") == ["cat", "concat"]
    assert offered("fp:TRA") == ['"traffic light"', '"Traffic sign"']
    assert offered('fp:"traffic s') == ['"Traffic sign"']
    assert offered("fp:")[:3] == ["any", "this", "cat"]
    assert offered("score:cat>0.") == []


def test_other_values() -> None:
    assert offered("part:te") == ["test"]
    assert offered("folder:hol") == ['"my holiday"']
    assert offered("outcome:cat=f") == ["fp", "fn"]
    assert offered("edited:") == []
    assert offered("name:a") == []


def test_what_is_accepted_takes_the_place_of_what_was_typed() -> None:
    assert accepted("edited fp:tr note", '"traffic light"', 12) == 'edited fp:"traffic light" note'
    assert accepted('(fp:"traffic l', '"traffic light"') == '(fp:"traffic light"'
    assert accepted("-(ed", "edited") == "-(edited"
    assert accepted("tp:cat|f", "fp:") == "tp:cat|fp:"
    assert accepted("fp:dxx", "dog", 4) == "fp:dog"
    assert accepted("outcome:cat=u", "unknown") == "outcome:cat=unknown"


@pytest.mark.parametrize("cursor", [-5, 0, 3, 99])
def test_a_cursor_anywhere_does_no_harm(cursor: int) -> None:
    for each in complete('fp:"a \\" (', cursor, NAMES):
        assert 0 <= each.start <= each.end <= 10


def test_a_thousand_labels_are_not_all_offered() -> None:
    many = CompletionContext([f"label {index}" for index in range(1000)])
    assert len(complete("fp:", 3, many)) == 50


def test_everything_offered_can_be_read() -> None:
    for text in ("fp:", "part:", "folder:", "outcome:cat=", "predicted:", "annotated:"):
        for each in complete(text, len(text), NAMES):
            parse(text[: each.start] + each.text, LABELS, NAMES.parts)


@pytest.mark.parametrize(
    ("text", "term", "result"),
    [
        ("", "fp:cat", "fp:cat"),
        ("fp:cat", "fp:cat", ""),
        ("edited", "fp:cat", "edited fp:cat"),
        ("fp:cat edited", "tp:cat", "fp:cat|tp:cat edited"),
        ("fp:cat|tp:cat edited", "fp:cat", "tp:cat edited"),
        ("fp:cat or tp:cat", "fn:cat", "fp:cat or tp:cat or fn:cat"),
        ("fp:cat", "wrong:any", "fp:cat or wrong:any"),
        ("-fp:cat", "fp:cat", "fp:cat"),
        ("annotated", "-annotated", "-annotated"),
        ("-annotated note", "-annotated", "note"),
        ("edited", "note", "edited note"),
        ("part:test", "part:train", "part:test or part:train"),
        ("score:cat>0.5", "score:dog>0.5", "score:cat>0.5 score:dog>0.5"),
        ("-fp:dog", "tp:cat", "-fp:dog tp:cat"),
        ("(fp:cat note) or edited", "queue", "((fp:cat note) or edited) queue"),
        ("fp:cat", "", "fp:cat"),
    ],
)
def test_a_chip_adds_its_term_or_takes_it_away(text: str, term: str, result: str) -> None:
    assert toggle(text, term, LABELS, NAMES.parts) == result


def test_of_many_terms_those_are_on_that_are_on_alone() -> None:
    terms = ["tp:cat", "fp:cat", "edited", "note", "-annotated", "tp:nothing", "", "("]
    for text in ("edited fp:cat|tp:cat", "-annotated", "", "note (", "tp:cat"):
        assert which_on(text, terms, LABELS) == [is_on(text, term, LABELS) for term in terms]
    assert which_on("edited fp:cat|tp:cat", terms, LABELS) == [True, True, True, False, False, False, False, False]
    assert which_on("note (", terms, LABELS) == [False] * len(terms)


def test_a_chip_is_on_where_a_click_would_take_its_term_away() -> None:
    assert is_on("edited fp:cat|tp:cat", "tp:cat", LABELS)
    assert is_on("outcome:cat=tp", "tp:cat", LABELS)
    assert not is_on("edited -tp:cat", "tp:cat", LABELS)
    assert not is_on("edited (", "edited", LABELS)


def test_a_query_that_cannot_be_read_is_not_toggled() -> None:
    with pytest.raises(QuerySyntaxError):
        toggle("fp:", "edited", LABELS)
