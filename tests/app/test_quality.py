"""Numbers measured in the background, against scikit-learn, and only while somebody looks at them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from sklearn import metrics as sk

from app.controllers.evaluation import EvaluationController
from app.controllers.quality import QualityController
from app.jobs import Jobs
from app.session import Decision, Session
from inference.types import (
    Activation,
    Dataset,
    DecisionRule,
    Intervals,
    LabelQuality,
    LabelRates,
    MulticlassMetrics,
    RankingMetrics,
    Run,
    Task,
    Thresholds,
)

N = 90


class Desk:
    """A session with one class an image, wholly scored, and everything that the controller told, in order."""

    def __init__(self, jobs: Jobs, rule: DecisionRule = DecisionRule.THRESHOLDS) -> None:
        rng = np.random.default_rng(11)
        self.classes = rng.integers(0, 4, N)
        self.y_true = np.eye(4, dtype=np.int8)[self.classes]
        self.logits = (rng.normal(0, 1, (N, 4)) + 1.5 * self.y_true).astype(np.float32)
        odds = np.exp(self.logits.astype(np.float64))
        self.scores = odds / odds.sum(axis=1, keepdims=True)
        self.session, self.jobs = Session(jobs), jobs
        self.evaluation = EvaluationController(self.session, jobs, jobs)
        self.made = QualityController(self.session, jobs, self.evaluation, jobs)
        self.quality: list[LabelQuality | None] = []
        self.ranking: list[RankingMetrics | None] = []
        self.multiclass: list[MulticlassMetrics | None] = []
        self.rates: list[LabelRates | None] = []
        self.intervals: list[Intervals | None] = []
        self.plateaus: list[tuple[int, float, float]] = []
        self.made.qualityChanged.connect(self.quality.append)
        self.made.rankingChanged.connect(self.ranking.append)
        self.made.multiclassChanged.connect(self.multiclass.append)
        self.made.ratesChanged.connect(self.rates.append)
        self.made.intervalsChanged.connect(self.intervals.append)
        self.made.plateauChanged.connect(lambda *told: self.plateaus.append(told))
        names = tuple(f"{at}.png" for at in range(N))
        self.session.decision = Decision(Activation.SOFTMAX, rule, Thresholds.uniform(4, 0.25))
        self.session.dataset = Dataset(
            "", "", names, ("a", "b", "c", "d"), Task.MULTICLASS, self.y_true, np.ones(N, dtype=bool)
        )
        self.session.model = object()  # type: ignore[assignment]  # that there is one is all that is asked
        self.session.label = 1
        self.open(N)

    def open(self, n_scored: int) -> None:
        """Another run, of which so many images are scored."""
        state = np.zeros(N, dtype=np.uint8)
        state[:n_scored] = 1
        self.session.set_run(Run(self.logits, state))

    def move(self, threshold: float) -> None:
        decision = self.session.decision
        thresholds = decision.thresholds.replace(1, threshold)
        self.session.set_decision(Decision(decision.activation, decision.rule, thresholds))


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    assert made.close()


def test_nothing_takes_a_pass_while_nobody_looks(jobs: Jobs, qtbot: QtBot) -> None:
    desk = Desk(jobs)
    qtbot.wait(400)  # longer than what is wanted waits for rest
    assert not jobs.busy
    assert {*desk.quality, *desk.ranking, *desk.multiclass} <= {None}
    assert desk.rates == []


def test_the_further_averages_are_those_of_scikit_learn(jobs: Jobs, qtbot: QtBot) -> None:
    desk = Desk(jobs, DecisionRule.ARGMAX)
    desk.made.set_more_wanted(True)
    qtbot.waitUntil(lambda: bool(desk.ranking) and desk.ranking[-1] is not None)
    ranking, multiclass, quality = desk.ranking[-1], desk.multiclass[-1], desk.quality[-1]
    assert ranking is not None
    assert multiclass is not None
    assert quality is not None
    assert ranking.lrap == pytest.approx(sk.label_ranking_average_precision_score(desk.y_true, desk.logits))
    assert ranking.coverage_error == pytest.approx(sk.coverage_error(desk.y_true, desk.logits))
    assert multiclass.accuracy == pytest.approx(float((desk.logits.argmax(axis=1) == desk.classes).mean()))
    assert multiclass.log_loss == pytest.approx(sk.log_loss(desk.classes, desk.scores), abs=1e-6)
    expected = [sk.roc_auc_score(desk.y_true[:, c], desk.scores[:, c]) for c in range(4)]
    assert quality.roc_auc == pytest.approx(expected)


def test_what_no_threshold_changes_is_measured_once(jobs: Jobs, qtbot: QtBot) -> None:
    desk = Desk(jobs)
    desk.made.set_quality_wanted(True)
    qtbot.waitUntil(lambda: bool(desk.quality) and desk.quality[-1] is not None)
    told = len(desk.quality)
    desk.move(0.7)
    desk.made.set_quality_wanted(False)
    desk.made.set_quality_wanted(True)
    qtbot.wait(400)
    assert len(desk.quality) == told
    assert not jobs.busy


def test_rejected_images_follow_the_thresholds_when_they_rest(jobs: Jobs, qtbot: QtBot) -> None:
    desk = Desk(jobs, DecisionRule.ARGMAX_REJECT)
    desk.made.set_more_wanted(True)
    qtbot.waitUntil(lambda: bool(desk.multiclass) and desk.multiclass[-1] is not None)
    winner = desk.logits.argmax(axis=1)
    ranked = len([one for one in desk.ranking if one is not None])

    def accuracy() -> float:
        cuts = desk.session.decision.thresholds.values[winner]
        kept = desk.scores.max(axis=1).astype(np.float32) >= cuts
        return float((kept & (winner == desk.classes)).mean())

    def followed() -> bool:
        last = desk.multiclass[-1]
        return last is not None and last.accuracy == pytest.approx(accuracy())

    before = accuracy()
    for threshold in (0.3, 0.5, 0.99):
        desk.move(threshold)
    assert accuracy() < before
    qtbot.waitUntil(followed)
    assert len([one for one in desk.ranking if one is not None]) == ranked + 1  # once for the three
    desk.made.set_more_wanted(False)
    desk.move(0.26)
    desk.made.set_more_wanted(True)
    qtbot.waitUntil(followed)


def test_other_data_take_the_numbers_away_more_images_do_not(jobs: Jobs, qtbot: QtBot) -> None:
    desk = Desk(jobs)
    desk.open(30)
    desk.made.set_more_wanted(True)
    qtbot.waitUntil(lambda: bool(desk.ranking) and desk.ranking[-1] is not None)
    run = desk.session.run
    assert run is not None
    told = len(desk.ranking)
    run.state[:] = 1
    desk.session.runGrew.emit(np.arange(30, N))
    desk.evaluation.flush()
    assert len(desk.ranking) == told
    qtbot.waitUntil(lambda: desk.ranking[-1] is not None and desk.ranking[-1].n_images == N)
    assert None not in desk.ranking[told:]
    desk.session.set_run(None)
    assert (desk.ranking[-1], desk.quality[-1], desk.intervals[-1]) == (None, None, None)
    assert desk.plateaus[-1][0] == -1


def test_rates_intervals_and_the_plateau_come_in_the_frame(jobs: Jobs, qtbot: QtBot) -> None:
    desk = Desk(jobs)
    desk.made.set_beta(2.0)
    desk.made.set_rates_wanted(True)
    desk.move(0.6)
    predicted = desk.scores[:, 1].astype(np.float32) >= np.float32(0.6)
    rates, intervals = desk.rates[-1], desk.intervals[-1]
    assert rates is not None
    assert intervals is not None
    assert rates.f_beta[1] == pytest.approx(sk.fbeta_score(desk.y_true[:, 1], predicted, beta=2.0))
    assert rates.mcc[1] == pytest.approx(sk.matthews_corrcoef(desk.y_true[:, 1], predicted))
    precision = float(desk.y_true[predicted, 1].mean())
    assert intervals.precision_low[1] <= precision <= intervals.precision_high[1]
    label, low, high = desk.plateaus[-1]
    assert label == 1
    assert low < np.float32(0.6) <= high
    scores = desk.scores[:, 1]
    assert not ((scores > low + 1e-6) & (scores < high - 1e-6)).any()


def test_a_change_of_rule_takes_away_what_it_makes_untrue(jobs: Jobs, qtbot: QtBot) -> None:
    desk = Desk(jobs, DecisionRule.ARGMAX)
    desk.made.set_more_wanted(True)
    qtbot.waitUntil(lambda: bool(desk.multiclass) and desk.multiclass[-1] is not None)
    desk.session.set_decision(Decision(Activation.SIGMOID, DecisionRule.THRESHOLDS, Thresholds.uniform(4)))
    assert desk.multiclass[-1] is None
    qtbot.waitUntil(lambda: desk.quality[-1] is not None)
    assert desk.multiclass[-1] is None
