"""Pictures follow the rule and the part that is measured."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.controllers.plots import PlotController
from app.jobs import Jobs
from app.session import Decision, Session
from inference.evaluation.evaluator import Evaluator
from inference.types import (
    Activation,
    CountTable,
    Dataset,
    DecisionRule,
    RatesByThreshold,
    Reliability,
    RiskCoverage,
    RocCurve,
    Run,
    ScoreHistogram,
    TableKind,
    Task,
    Thresholds,
)
from tests.app.test_multiples import Evaluation

N = 120


class Desk:
    """A session with one class an image, and half of the images measured."""

    def __init__(self, jobs: Jobs, rule: DecisionRule) -> None:
        rng = np.random.default_rng(5)
        classes = rng.integers(0, 3, N)
        self.y_true = np.eye(3, dtype=np.int8)[classes]
        self.logits = (rng.normal(0, 1, (N, 3)) + 2 * self.y_true).astype(np.float32)
        self.measured = np.arange(N) % 2 == 0
        run = Run(self.logits, np.ones(N, dtype=np.uint8))
        half = Thresholds.uniform(3)
        self.session = Session(jobs)
        self.evaluation = Evaluation()
        self.controller = PlotController(self.session, jobs, self.evaluation, jobs)  # type: ignore[arg-type]
        self.shown: list[bool] = []
        self.controller.riskShownChanged.connect(self.shown.append)
        names = tuple(f"{at}.png" for at in range(N))
        annotated = np.ones(N, dtype=bool)
        self.session.decision = Decision(Activation.SOFTMAX, rule, half)
        self.session.dataset = Dataset("", "", names, ("a", "b", "c"), Task.MULTICLASS, self.y_true, annotated)
        self.session.run, self.session.label = run, 1
        self.session.datasetChanged.emit()
        self.evaluation.take(Evaluator(run, self.y_true, Activation.SOFTMAX, rule, half, measured=self.measured))


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    assert made.close()


def test_pictures_count_the_measured_part_alone(jobs: Jobs, qtbot: QtBot) -> None:
    desk = Desk(jobs, DecisionRule.THRESHOLDS)
    values: list[RocCurve | RatesByThreshold | ScoreHistogram | Reliability] = []
    made = desk.controller
    for signal in (made.rocChanged, made.ratesChanged, made.histogramChanged, made.reliabilityChanged):
        signal.connect(lambda value, _name: values.append(value))
    for picture in ("roc", "rates", "histogram", "reliability"):
        made.show(picture)
    positives = int(desk.y_true[desk.measured, 1].sum())
    for value in values:
        if isinstance(value, Reliability):
            assert (value.total, int(value.positives.sum())) == (N // 2, positives)
        else:
            assert (value.known, value.support) == (N // 2, positives)
    assert len(values) == 4
    chosen: list[np.ndarray] = []
    made.imagesChosen.connect(lambda images, _words: chosen.append(images))
    made.choose_scores(0.0, 1.0)
    np.testing.assert_array_equal(chosen[0], np.flatnonzero(desk.measured))
    tables: list[CountTable] = []
    made.tableChanged.connect(tables.append)
    made.show(TableKind.CONFUSION)
    qtbot.waitUntil(lambda: bool(tables))
    assert int(tables[0].totals.sum()) == N // 2


def test_the_risk_is_that_of_the_winners_measured(jobs: Jobs, qtbot: QtBot) -> None:
    desk = Desk(jobs, DecisionRule.ARGMAX_REJECT)
    curves: list[RiskCoverage] = []
    desk.controller.riskChanged.connect(curves.append)
    desk.controller.show("risk")
    qtbot.waitUntil(lambda: bool(curves))
    right = desk.logits.argmax(axis=1) == desk.y_true.argmax(axis=1)
    assert curves[0].known == N // 2
    assert curves[0].support == int(right[desk.measured].sum())
    qtbot.waitUntil(lambda: not jobs.busy)


def test_risk_is_offered_where_an_image_has_one_class(jobs: Jobs) -> None:
    desk = Desk(jobs, DecisionRule.ARGMAX)
    assert desk.shown[-1]
    desk.session.decision = Decision(Activation.SOFTMAX, DecisionRule.THRESHOLDS, Thresholds.uniform(3))
    desk.session.schemeChanged.emit()
    assert not desk.shown[-1]
