"""What the language says, what it refuses, and that writing a query down loses nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.choices import Outcome
from inference.evaluation.query import QuerySyntaxError, format, parse
from inference.evaluation.query.nodes import all_of, negated, one_of
from inference.evaluation.query.parsing import MAX_DEPTH, MAX_LENGTH
from inference.evaluation.query.vocabulary import WORDS
from inference.types.querying import ANY, NO_LABEL, THIS, And, Bounds, Node, Not, Or, Query, Term, TermKind

LABELS = ("cat", "dog", "traffic light", "Traffic sign", "any", "a>b", 'say "x"', "-minus", "", "this", "Größe", "CAT")
PARTS = ("train", "test")


def read(text: str) -> Node | None:
    return parse(text, LABELS, PARTS).node


def fp(label: int) -> Term:
    return Term(TermKind.OUTCOME, label, LABELS[label] if label >= 0 else "", Outcome.FP)


CAT, DOG, LIGHT = fp(0), fp(1), fp(2)
EDITED = Term(TermKind.EDITED)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("", None),
        ("  ", None),
        ("fp:cat", CAT),
        ("FP:cat", CAT),
        ("fp", fp(ANY)),
        ("fp:*", fp(ANY)),
        ("fp:any", fp(ANY)),
        ('fp:"any"', fp(4)),
        ("fp:this", fp(THIS)),
        ('fp:"this"', fp(9)),
        ('fp:""', fp(8)),
        ('fp:"traffic light"', LIGHT),
        ('fp:"TRAFFIC L"', LIGHT),
        ("fp:do", DOG),
        ("fp:GRÖSSE", fp(10)),
        ('fp:"a>b"', fp(5)),
        ('fp:"say \\"x\\""', fp(6)),
        ("fp:-minus", fp(7)),
        ("outcome:cat=fp", CAT),
        ("outcome:any=fn", Term(TermKind.OUTCOME, ANY, "", Outcome.FN)),
        ("outcome:cat=?", Term(TermKind.OUTCOME, 0, "cat", Outcome.UNKNOWN)),
        ("score:cat>0.8", Term(TermKind.SCORE, 0, "cat", bounds=Bounds(low=0.8, with_low=False))),
        ("score:cat>=80%", Term(TermKind.SCORE, 0, "cat", bounds=Bounds(low=0.8))),
        ("score:cat≤.5", Term(TermKind.SCORE, 0, "cat", bounds=Bounds(high=0.5))),
        ("score<1e-3", Term(TermKind.SCORE, ANY, bounds=Bounds(high=0.001, with_high=False))),
        ("score:cat=0.4..0.6", Term(TermKind.SCORE, 0, "cat", bounds=Bounds(0.4, 0.6))),
        ("near:cat<0.05", Term(TermKind.NEAR, 0, "cat", bounds=Bounds(high=0.05, with_high=False))),
        ("labels>2", Term(TermKind.N_LABELS, bounds=Bounds(low=2, with_low=False))),
        ("annotated>2", Term(TermKind.N_LABELS, bounds=Bounds(low=2, with_low=False))),
        ("predicted=0", Term(TermKind.N_PREDICTED, bounds=Bounds(0, 0))),
        ("loss>1", Term(TermKind.LOSS, NO_LABEL, bounds=Bounds(low=1, with_low=False))),
        ("annotated", Term(TermKind.ANNOTATED)),
        ("unannotated", Not(Term(TermKind.ANNOTATED))),
        ("-annotated:dog", Not(Term(TermKind.ANNOTATED, 1, "dog"))),
        ("predicted:cat", Term(TermKind.PREDICTED, 0, "cat")),
        ("folder:test/", Term(TermKind.FOLDER, text="test")),
        ("folder:/", Term(TermKind.FOLDER, text=".")),
        ('name:"img 0*"', Term(TermKind.NAME, text="img 0*")),
        ("img_0", Term(TermKind.NAME, text="img_0")),
        ('"fp:cat"', Term(TermKind.NAME, text="fp:cat")),
        ("fp2", Term(TermKind.NAME, text="fp2")),
        ("note", Term(TermKind.NOTE)),
        ("note:blur", Term(TermKind.NOTE, text="blur")),
        ("part:TE", Term(TermKind.PART, text="test")),
        ("split:train", Term(TermKind.PART, text="train")),
        ("not edited", Not(EDITED)),
        ("- -edited", EDITED),
        ("fp:cat edited", And((CAT, EDITED))),
        ("fp:cat and edited", And((CAT, EDITED))),
        ("fp:cat or fp:dog", Or((CAT, DOG))),
        ("fp:cat|fp:dog|edited", Or((CAT, DOG, EDITED))),
        ("edited fp:cat|fp:dog", And((EDITED, Or((CAT, DOG))))),
        ("edited fp:cat OR fp:dog", And((EDITED, Or((CAT, DOG))))),
        ("edited or (fp:cat fp:dog)", Or((EDITED, And((CAT, DOG))))),
        ("(edited or fp:cat) fp:dog", And((Or((EDITED, CAT)), DOG))),
        ("((edited) (fp:cat))", And((EDITED, CAT))),
        ("-(edited|fp:cat)", Not(Or((EDITED, CAT)))),
    ],
)
def test_what_is_meant(text: str, node: Node | None) -> None:
    assert read(text) == node


@pytest.mark.parametrize(
    ("text", "position", "length", "said", "hint"),
    [
        ("fpp:cat", 0, 3, "No filter is called “fpp”.", "Did you mean fp?"),
        ("edited fp:horse", 10, 5, "No label is called “horse”.", ""),
        ("fp:dgo", 3, 3, "No label is called “dgo”.", "Did you mean dog?"),
        ("fp:traffic", 3, 7, "2 labels begin with “traffic”.", "Go on typing: traffic light, Traffic sign."),
        ("fp:Cat", 3, 3, "2 labels are called “Cat”.", "cat, CAT"),
        ("fp:", 0, 3, "“fp:” needs a label.", "any"),
        ("score:cat", 0, 9, "“score” needs a comparison.", "score:any>0.5"),
        ("score:cat>0,8", 10, 1, "A number is missing here.", "0.8"),
        ("score:cat>1e999", 10, 1, "A number is missing here.", ""),
        ("score:cat=0.6..0.4", 0, 1, "This range is empty.", "smaller"),
        ("outcome:cat=maybe", 11, 6, "An outcome is missing here.", "=fn"),
        ("name:", 0, 4, "“name” needs a text.", "name:"),
        ("edited:yes", 6, 1, "“edited” stands by itself.", "edited"),
        ("part:best", 5, 4, "No part is called “best”.", "train, test"),
        ("(edited", 0, 1, "This parenthesis is never closed.", ")"),
        ("edited)", 6, 1, "This parenthesis was never opened.", "Remove"),
        ("edited ()", 7, 2, "Nothing stands between these parentheses.", ""),
        ("edited or", 7, 2, "Something is missing after “or”.", ""),
        ("or edited", 0, 2, "Something is missing before “or”.", ""),
        ("edited or and note", 7, 2, "Two joining words follow each other.", ""),
        ("edited -", 7, 1, "Something is missing after “not”.", ""),
        ('fp:"cat', 3, 4, "A quote is opened and not closed.", '"'),
        ('fp:"cat"dog', 8, 1, "A space is missing here.", "quotes"),
        ("edited or fp:cat fp:dog", 7, 2, "It is not clear what this “or” joins.", "parentheses"),
        ("fp:cat or fp:dog and edited", 7, 2, "It is not clear what this “or” joins.", "parentheses"),
        ("(" * (MAX_DEPTH + 1) + "edited", MAX_DEPTH, 1, "More than 40 parentheses in one another.", ""),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(
    text: str, position: int, length: int, said: str, hint: str
) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        read(text)
    error = caught.value
    assert (error.sentence, error.position, error.length) == (said, position, length)
    assert hint in error.hint


def test_a_split_is_asked_for_where_there_is_none() -> None:
    with pytest.raises(QuerySyntaxError, match="These images have no split"):
        parse("part:test", LABELS)


def test_a_pasted_book_is_refused() -> None:
    with pytest.raises(QuerySyntaxError, match="characters"):
        read("a" * (MAX_LENGTH + 1))


def test_the_kinds_of_a_query_tell_what_it_depends_on() -> None:
    assert parse("-(fp:cat|name:a) edited", LABELS).kinds == {TermKind.OUTCOME, TermKind.NAME, TermKind.EDITED}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("outcome:any=fn  edited", "fn:any edited"),
        ("tp:cat or fp:cat edited", "tp:cat|fp:cat edited"),
        ("labels>2.0", "labels>2"),
        ('fp:"traffic l"', 'fp:"traffic light"'),
        ("edited|(fp:cat note)", "edited or (fp:cat note)"),
        ("blur", "name:blur"),
    ],
)
def test_one_spelling(text: str, written: str) -> None:
    assert format(parse(text, LABELS, PARTS)) == written


TEXTS = st.text(st.characters(exclude_categories=[]), min_size=1, max_size=8)
NUMBERS = st.floats(-1e6, 1e6)


@st.composite
def a_label(draw: st.DrawFn) -> tuple[int, str]:
    label = draw(st.sampled_from([ANY, THIS, *range(len(LABELS))]))
    return label, LABELS[label] if label >= 0 else ""


@st.composite
def some_bounds(draw: st.DrawFn) -> Bounds:
    value, closed = draw(NUMBERS), draw(st.booleans())
    shape = draw(st.sampled_from(["low", "high", "both", "same"]))
    if shape == "low":
        return Bounds(low=value, with_low=closed)
    if shape == "high":
        return Bounds(high=value, with_high=closed)
    return Bounds(value, value if shape == "same" else draw(st.floats(value, 2e6)))


@st.composite
def some_terms(draw: st.DrawFn) -> Term:
    kind = draw(st.sampled_from(list(TermKind)))
    if kind is TermKind.OUTCOME:
        return Term(kind, *draw(a_label()), draw(st.sampled_from(list(Outcome))))
    if kind in (TermKind.SCORE, TermKind.NEAR):
        return Term(kind, *draw(a_label()), bounds=draw(some_bounds()))
    if kind is TermKind.LOSS:
        return Term(kind, *draw(st.one_of(st.just((NO_LABEL, "")), a_label())), bounds=draw(some_bounds()))
    if kind in (TermKind.ENTROPY, TermKind.MARGIN, TermKind.N_LABELS, TermKind.N_PREDICTED):
        return Term(kind, bounds=draw(some_bounds()))
    if kind in (TermKind.NAME, TermKind.NOTE):
        return Term(kind, text=draw(TEXTS))
    if kind is TermKind.FOLDER:
        return Term(kind, text=draw(TEXTS.map(lambda text: text.strip("/") or ".")))
    if kind is TermKind.PART:
        return Term(kind, text=draw(st.sampled_from(PARTS)))
    of_labels = (TermKind.WRONG, TermKind.PREDICTED, TermKind.NEGATIVE, TermKind.UNKNOWN, TermKind.UNSAID)
    if kind in of_labels or (kind is TermKind.ANNOTATED and draw(st.booleans())):
        return Term(kind, *draw(a_label()))
    return Term(kind)


def joined(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(nodes, min_size=2, max_size=4)
    return st.one_of(
        nodes.map(negated),
        several.map(lambda found: all_of(found) or found[0]),
        several.map(lambda found: one_of(found) or found[0]),
    )


NODES: st.SearchStrategy[Node] = st.recursive(some_terms(), joined, max_leaves=8)


@given(NODES)
@settings(deadline=None)
def test_what_is_written_reads_back_the_same(node: Node) -> None:
    text = format(Query(node))
    assert parse(text, LABELS, PARTS) == Query(node)


PIECES = st.sampled_from([*WORDS, *LABELS, *'():|-"<>=*. ', "or", "and", "not", "0.4", "..", "%", "\\", "\0", "é"])


def attempt(text: str) -> Query | QuerySyntaxError:
    try:
        return parse(text, LABELS, PARTS)
    except QuerySyntaxError as error:
        return error


@given(st.one_of(st.lists(PIECES, max_size=12).map("".join), st.text(max_size=20)))
@settings(deadline=None)
def test_anything_typed_is_read_or_refused_inside_the_text(text: str) -> None:
    found = attempt(text)
    if isinstance(found, QuerySyntaxError):
        assert 0 <= found.position <= len(text)
        assert found.length >= 1
        assert found.sentence.endswith(".")
    else:
        assert parse(format(found), LABELS, PARTS) == found
