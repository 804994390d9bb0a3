"""Every filter against what is true cell by cell, under every rule, while thresholds and truth move."""

from __future__ import annotations

import fnmatch
import math
import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from inference.choices import Outcome
from inference.evaluation.query import ReviewData, evaluate, facet_counts, facets, parse
from inference.evaluation.query.matching import Names
from inference.types import UNSAID, Activation, BoolArray, DecisionRule, FloatArray, Thresholds, TruthArray, TruthEdit
from tests.inference.evaluation.query.cases import LABELS, PARTS, Case, cases


def shown(data: ReviewData, text: str) -> list[bool]:
    found: list[bool] = evaluate(parse(text, data.labels, PARTS), data).tolist()
    return found


def column(labels: tuple[str, ...], label: int) -> str:
    return f'"{labels[label]}"'


def check_outcomes(case: Case, data: ReviewData, thresholds: Thresholds | None = None) -> None:
    """All that a threshold or an edit changes."""
    cells, predicted = case.outcomes(thresholds), case.predicted(thresholds)
    tallies = data.tallies
    assert tallies is not None
    for outcome in Outcome:
        assert tallies.of(outcome).tolist() == (cells == outcome).sum(axis=1).tolist()
    assert tallies.predicted.tolist() == predicted.sum(axis=1).tolist()
    for word, outcome in (("tp", Outcome.TP), ("fp", Outcome.FP), ("fn", Outcome.FN), ("tn", Outcome.TN)):
        assert shown(data, f"{word}:any") == (cells == outcome).any(axis=1).tolist()
        assert shown(data, f"{word}:{column(case.labels, 0)}") == (cells[:, 0] == outcome).tolist()
    assert shown(data, "outcome:any=unknown") == (cells == Outcome.UNKNOWN).any(axis=1).tolist()
    wrong = (cells == Outcome.FP) | (cells == Outcome.FN)
    assert shown(data, "wrong") == wrong.any(axis=1).tolist()
    assert shown(data, "wrong:cat") == wrong[:, 0].tolist()
    assert shown(data, "predicted") == predicted.any(axis=1).tolist()
    assert shown(data, "predicted:cat") == predicted[:, 0].tolist()
    for count in range(3):
        expected = (predicted.sum(axis=1) == count) & case.scored
        assert shown(data, f"predictions={count}") == expected.tolist()
    positive = (case.truth == 1).sum(axis=1)
    assert shown(data, "labels>0") == ((positive > 0) & case.annotated).tolist()
    assert shown(data, "labels<2") == ((positive < 2) & case.annotated).tolist()


@given(cases())
@settings(max_examples=60, deadline=None)
def test_outcomes_predictions_and_counts(case: Case) -> None:
    check_outcomes(case, case.data())


def all_labels(case: Case, steps: list[float]) -> Thresholds:
    values = np.resize(np.array(steps, dtype=np.float32), len(case.thresholds))
    return Thresholds(values)


@given(cases(), st.data())
@settings(max_examples=60, deadline=None)
def test_moves_and_edits_are_followed(case: Case, draw: st.DataObject) -> None:
    """The numbers after any moves and edits are those of a review made anew."""
    evaluator = case.evaluator()
    data = case.data(evaluator)
    data.prepare()
    thresholds = case.thresholds
    places = st.tuples(st.integers(0, len(case.truth) - 1), st.integers(0, case.truth.shape[1] - 1))
    for _ in range(draw.draw(st.integers(1, 6))):
        move = draw.draw(st.sampled_from(["one", "all", "edit"]))
        value = draw.draw(st.sampled_from([0.0, 0.2, 0.3, 0.5, 0.9, 1.0]))
        if move == "one":
            thresholds = thresholds.replace(draw.draw(places)[1], value)
            evaluator.set_thresholds(thresholds)
        elif move == "all":
            thresholds = all_labels(case, [value, 0.4])
            evaluator.set_thresholds(thresholds)
        else:
            cells = draw.draw(st.lists(places, min_size=1, max_size=5, unique=True))
            images, labels = (np.array(part, dtype=np.int64) for part in zip(*cells, strict=True))
            before = case.truth[images, labels].copy()
            after = draw.draw(st.lists(st.sampled_from([-1, 0, 1]), min_size=len(cells), max_size=len(cells)))
            case.truth[images, labels] = after
            case.annotated[images] = True
            edit = TruthEdit(images, labels, before, np.array(after, dtype=np.int8))
            evaluator.edit(edit)
            data.edit(edit)
        if draw.draw(st.booleans()):
            facets(data, 0)
    check_outcomes(case, data, thresholds)
    case.thresholds = thresholds
    anew = case.data()
    assert facets(data, 0) == facets(anew, 0)
    for mine, theirs in (
        (data.measures.loss(), anew.measures.loss()),  # type: ignore[union-attr]
        (data.measures.uncertainty(), anew.measures.uncertainty()),  # type: ignore[union-attr]
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_an_edit_right_after_a_move_that_nobody_asked_about(after: int) -> None:
    """The counts are still those of the old threshold when the truth changes on an image that the move has flipped."""
    case = example()
    evaluator = case.evaluator()
    data = case.data(evaluator)
    data.prepare()
    thresholds = case.thresholds.replace(1, 0.0)
    evaluator.set_thresholds(thresholds)
    images = np.arange(len(case.truth))
    labels = np.ones_like(images)
    before = case.truth[:, 1].copy()
    case.truth[:, 1] = after
    edit = TruthEdit(images, labels, before, case.truth[:, 1].copy())
    evaluator.edit(edit)
    data.edit(edit)
    check_outcomes(case, data, thresholds)


@given(cases())
@settings(max_examples=40, deadline=None)
def test_what_people_said(case: Case) -> None:
    data = case.data()
    for word, statement in (("annotated", 1), ("negative", 0)):
        said = case.truth == statement
        assert shown(data, f"{word}:any") == said.any(axis=1).tolist()
        assert shown(data, f"{word}:cat") == said[:, 0].tolist()
    known = (case.truth == -1) & case.annotated[:, None]
    unsaid = (case.truth == -1) & ~case.annotated[:, None]
    assert shown(data, "unknown:cat") == known[:, 0].tolist()
    assert shown(data, "unknown") == known.any(axis=1).tolist()
    assert shown(data, "unsaid:cat") == unsaid[:, 0].tolist()
    assert shown(data, "unsaid") == unsaid.any(axis=1).tolist()
    assert shown(data, "annotated") == case.annotated.tolist()
    assert shown(data, "-annotated") == shown(data, "unannotated") == (~case.annotated).tolist()


OPERATORS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq}


@given(cases(), st.sampled_from(list(OPERATORS)), st.sampled_from([0.0, 0.3, 0.5, 0.8, 1.0, -1.0, 1e300]))
@settings(max_examples=60, deadline=None)
def test_scores_are_compared_in_float32(case: Case, sign: str, number: float) -> None:
    data, scores = case.data(), case.scores()
    value = np.float32(min(number, 2.0))
    with np.errstate(invalid="ignore"):
        fits = OPERATORS[sign](scores, value)
    assert shown(data, f"score:cat{sign}{number}") == fits[:, 0].tolist()
    assert shown(data, f"score:any{sign}{number}") == fits.any(axis=1).tolist()
    between = (scores >= np.float32(0.3)) & (scores <= np.float32(0.8))
    assert shown(data, "score=0.3..0.8") == between.any(axis=1).tolist()


@given(cases(), st.sampled_from(list(OPERATORS)), st.sampled_from([0.0, 0.1, 0.25, 0.5, -1.0, 1e300]))
@settings(max_examples=60, deadline=None)
def test_distance_to_the_threshold(case: Case, sign: str, number: float) -> None:
    data = case.data()
    distance = np.abs(case.scores().astype(np.float64) - case.thresholds.values.astype(np.float64))
    fits = OPERATORS[sign](distance, number) & case.scored[:, None]
    if not case.rule.uses_thresholds:
        fits[:] = False
    close = np.abs(distance - number) < 1e-12  # where float64 itself cannot tell
    found = np.array(shown(data, f"near:cat{sign}{number}"))
    assert ((found == fits[:, 0]) | close[:, 0]).all()
    anywhere = np.array(shown(data, f"near{sign}{number}"))
    assert ((anywhere == fits.any(axis=1)) | close.any(axis=1)).all()


def test_a_score_on_the_threshold_is_no_distance_away() -> None:
    case = example()
    assert any(shown(case.data(), "near:cat=0"))
    assert shown(case.data(), "near:cat>0") == (~np.array(shown(case.data(), "near:cat=0")) & case.scored).tolist()


def cross_entropy(truth: TruthArray, scores: FloatArray) -> float:
    """A score of 1 stands for one up to half of what lies between it and the next float32 below."""
    return float(log_loss(truth, np.minimum(scores, 1 - 2.0**-25), labels=[0, 1]))


@given(cases())
@settings(max_examples=20, deadline=None)
def test_losses_are_those_of_scikit_learn(case: Case) -> None:
    measures = case.data().measures
    assert measures is not None
    loss, scores = measures.loss(), case.scores().astype(np.float64)
    label_loss = measures.label_loss(0)
    for image in range(len(case.truth)):
        truth = case.truth[image]
        known = truth >= 0
        if not case.scored[image]:
            assert math.isnan(loss[image])
            assert math.isnan(label_loss[image])
            continue
        if known[0]:
            assert label_loss[image] == pytest.approx(cross_entropy(truth[:1], scores[image, :1]), rel=1e-3, abs=1e-6)
        else:
            assert math.isnan(label_loss[image])
        if case.activation is Activation.SOFTMAX:
            positives = np.flatnonzero(truth == 1)
            wanted = -np.log(scores[image, positives]).mean() if len(positives) else math.nan
        else:
            losses = [
                log_loss([t], [s], labels=[0, 1]) for t, s in zip(truth[known], scores[image, known], strict=True)
            ]
            wanted = np.mean(losses) if losses else math.nan
        assert loss[image] == pytest.approx(wanted, rel=1e-3, abs=1e-6, nan_ok=True)


def example() -> Case:
    """Fixed: four labels, twelve images."""
    rng = np.random.default_rng(3)
    n, c = 12, 4
    truth = (rng.random((n, c)) < 0.4).astype(np.int8)
    logits = rng.normal(0, 2, (n, c)).astype(np.float32)
    scored = np.ones(n, dtype=bool)
    scored[5] = False
    logits[5] = np.nan
    truth[7] = -1
    annotated = np.ones(n, dtype=bool)
    annotated[7] = False
    folders = ("", "test/", "test/deep/", "Other/")
    case = Case(
        logits,
        truth,
        annotated,
        scored,
        Activation.SIGMOID,
        DecisionRule.THRESHOLDS,
        Thresholds.uniform(c, 0.5),
        [f"{folders[index % 4]}IMG {index:02}.jpg" for index in range(n)],
        [("train", "test", "")[index % 3] for index in range(n)],
        {0: "blurred", 2: "Dark and Blurred", 4: "", 6: "two\nlines"},
        np.arange(n) % 5 == 0,
    )
    case.thresholds = case.thresholds.replace(0, float(case.scores()[3, 0]))
    return case


def only(data: ReviewData, text: str) -> list[int]:
    return np.flatnonzero(shown(data, text)).tolist()


def test_names_folders_parts_and_notes() -> None:
    data = example().data()
    assert only(data, "img") == list(range(12))
    assert only(data, "name:TEST/") == [1, 2, 5, 6, 9, 10]
    assert only(data, 'name:"img 0*"') == list(range(10))
    assert only(data, 'name:"*1.jpg"') == [1, 11]
    assert only(data, "name:*1?.jpg") == [10, 11]
    assert only(data, 'name:"test/*"') == [1, 2, 5, 6, 9, 10]
    assert only(data, "folder:test/") == [1, 2, 5, 6, 9, 10]
    assert only(data, "folder:test/deep") == [2, 6, 10]
    assert only(data, "folder:tes") == []
    assert only(data, "folder:OTH*") == [3, 7, 11]
    assert only(data, "folder:.") == [0, 4, 8]
    assert only(data, "part:test") == [1, 4, 7, 10]
    assert only(data, "-part:test -part:train") == [2, 5, 8, 11]
    assert only(data, "note") == [0, 2, 6]
    assert only(data, "note:blur") == [0, 2]
    assert only(data, 'note:"dark*"') == [2]
    assert only(data, "note:*lines") == [6]


def test_flags() -> None:
    case = example()
    data = case.data()
    assert only(data, "edited") == [0, 5, 10]
    assert only(data, "flipped") == only(data, "differs") == only(data, "queue") == only(data, "vanished") == []
    for name in ("flipped", "differs", "queue", "vanished", "changed", "unsaved"):
        setattr(data, name, np.arange(12) == 4)
        assert only(data, name) == [4]
    assert only(data, "unscored") == [5]
    data.states = np.array([1, 2, 3, 0] * 3, dtype=np.uint8)
    data.failures = {0: "gone"}
    assert only(data, "broken") == [0, 1, 2, 5, 6, 9, 10]
    assert only(data, "scored") == [0, 4, 8]


def test_and_or_not() -> None:
    data = example().data()
    assert only(data, "edited part:test") == [10]
    assert only(data, "edited or part:test") == [0, 1, 4, 5, 7, 10]
    assert only(data, "-(edited or part:test) folder:.") == [8]
    assert only(data, "") == list(range(12))


def test_this_is_the_chosen_label() -> None:
    data = example().data()
    assert shown(data, "fn:this") == shown(data, "fn:any")  # nothing is chosen
    data.chosen = 2
    assert shown(data, "fn:this") == shown(data, 'fn:"traffic light"') != shown(data, "fn:any")


def test_the_answer_is_the_callers_to_keep() -> None:
    data = example().data()
    for text in ("annotated", "name:img", "edited", ""):
        evaluate(parse(text, data.labels, PARTS), data)[:] = False
    assert only(data, "name:img") == list(range(12))
    assert data.annotated.any()


def test_a_label_without_an_output() -> None:
    case = example()
    statements = np.full((12, 6), UNSAID, dtype=np.int8)
    statements[:, [1, 2, 3, 5]] = case.truth  # the columns of the project
    statements[2, 0], statements[3, 0], statements[4, 0] = 1, 0, -1
    data = ReviewData(
        case.names,
        ("cat", "dog", "traffic light", "Traffic sign", "bird"),
        statements,
        case.annotated,
        evaluator=case.evaluator(),
        columns=(1, 2, 3, 5, 0),
        outputs=(0, 1, 2, 3, -1),
    )
    assert only(data, "annotated:bird") == [2]
    assert only(data, "negative:bird") == [3]
    assert only(data, "unknown:bird") == [4]
    assert len(only(data, "unsaid:bird")) == 9
    for text in ("tp:bird", "wrong:bird", "predicted:bird", "score:bird>=0", "near:bird<1", "loss:bird>=0"):
        assert only(data, text) == []
    assert only(data, "outcome:bird=unknown") == list(range(12))
    assert shown(data, "fp:cat") == shown(case.data(), "fp:cat")
    assert shown(data, "fp:any") == shown(case.data(), "fp:any")
    positive = (case.truth == 1).sum(axis=1) + (np.arange(12) == 2)
    assert shown(data, "labels=2") == ((positive == 2) & case.annotated).tolist()
    counts = facets(data, 4)
    assert counts.label is not None
    assert (counts.label.unknown, counts.label.tp) == (12, 0)
    statements[5, 0] = 1
    data.edit_rows(np.array([5]))
    positive[5] += 1
    assert shown(data, "labels=2") == ((positive == 2) & case.annotated).tolist()


def test_before_anything_is_scored() -> None:
    case = example()
    data = ReviewData(case.names, case.labels, case.truth, case.annotated, parts=case.parts)
    data.prepare()
    for text in (
        "tp",
        "wrong:cat",
        "predicted",
        "score>=0",
        "near<1",
        "loss>=0",
        "predictions=0",
        "scored",
        "entropy<9",
    ):
        assert only(data, text) == []
    assert only(data, "outcome:cat=unknown") == only(data, "outcome=unknown") == list(range(12))
    assert only(data, "annotated:cat") == np.flatnonzero(case.truth[:, 0] == 1).tolist()
    assert facets(data, 0).any.unknown == 12
    scored = data.with_evaluator(case.evaluator())
    assert shown(scored, "fp") == shown(case.data(), "fp")
    assert only(scored, "part:test") == [1, 4, 7, 10]


def test_no_images() -> None:
    data = ReviewData([], LABELS, np.zeros((0, 5), dtype=np.int8), np.zeros(0, dtype=bool))
    data.prepare()
    for text in ("", "name:a*", "folder:x", "labels>0", "note", "part:test", "tp"):
        assert shown(data, text) == []
    assert facets(data).total == 0


# Counts beside the filters


@given(cases(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_count_is_that_of_its_filter(case: Case, narrowed: bool) -> None:
    """Whatever the chip says beside a filter is what the filter shows."""
    data = case.data()
    data.flipped = case.edited[::-1].copy()
    within = np.array(shown(data, "part:test"), dtype=bool) if narrowed else None
    counts = facet_counts(facets(data, 0, within))
    assert {"tp", "any_fn", "wrong", "edited", "note", "flipped", "unannotated"} <= {each.key for each in counts}
    assert "differs" not in {each.key for each in counts}
    for each in counts:
        found: BoolArray = np.array(shown(data, each.term), dtype=bool)
        assert each.count == np.count_nonzero(found if within is None else found & within), each


def test_counts_can_follow_the_chosen_label() -> None:
    data = example().data()
    data.chosen = 1
    named, following = facet_counts(facets(data, 1)), facet_counts(facets(data, 1), this=True)
    assert [each.term for each in named[:2]] == ["tp:dog", "fp:dog"]
    assert [each.term for each in following[:2]] == ["tp:this", "fp:this"]
    assert [each.count for each in named] == [each.count for each in following]
    assert {each.key: each.count for each in named if each.key.startswith("part:")} == {"part:train": 4, "part:test": 4}


# File names

NAME = st.text("ab/.1é", max_size=6)
PATTERN = st.text("ab1é*?", min_size=1, max_size=6)


@given(st.lists(NAME, max_size=6), PATTERN)
@settings(deadline=None)
def test_patterns_are_those_of_the_shell(names: list[str], pattern: str) -> None:
    files = [name.rpartition("/")[2] for name in names]
    whole = pattern if "*" in pattern or "?" in pattern else f"*{pattern}*"
    texts = files if whole == pattern else names
    assert Names(names).named(pattern).tolist() == [fnmatch.fnmatchcase(text, whole) for text in texts]


def test_many_stars_take_no_longer() -> None:
    """Going back over every place of every star would take years."""
    assert not Names(["a" * 200]).named("*a" * 30 + "*b").any()


def test_names_that_are_no_text_and_accents_put_together_otherwise() -> None:
    names = Names(["bad\udcff.jpg", "Gro\u0308sse.jpg", "line\nbreak.jpg"])
    assert names.named("BAD*").tolist() == [True, False, False]
    assert names.named("gr\u00f6s").tolist() == [False, True, False]
    assert names.named("line*.jpg").tolist() == [False, False, True]
