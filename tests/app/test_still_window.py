"""What a window does not do: lay itself out anew at rest, or for a slider that moves no number's place."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.application import Cutline
from app.session import Decision
from inference.data.reports import DatasetChoices, make_report
from inference.evaluation.advice import AnnotationSizes
from inference.types import Activation, Dataset, DecisionRule, Run, Task, Thresholds
from tests.widgets.layouts import layouts_asked_for

N_IMAGES, N_LABELS = 120, 30


@pytest.fixture
def opened(program: Cutline, qtbot: QtBot) -> Cutline:
    """As if images had been scored: made-up logits, no model and no files."""
    rng = np.random.default_rng(1)
    truth = (rng.random((N_IMAGES, N_LABELS)) < 0.3).astype(np.int8)
    logits = (rng.normal(-1, 1, truth.shape) + 2 * truth).astype(np.float32)
    labels, names = (tuple(f"{word} {i}" for i in range(n)) for word, n in (("label", N_LABELS), ("image", N_IMAGES)))
    annotated = np.ones(N_IMAGES, dtype=bool)
    dataset = Dataset("/nowhere", "/nowhere", names, labels, Task.MULTILABEL, truth, annotated)
    assert program.made is not None
    assert program.presenter is not None
    session = program.made.session
    report = make_report(dataset, DatasetChoices(), layout="unlabelled", warnings=())
    session.set_dataset(report, dataset, AnnotationSizes.of(truth, annotated))
    session.set_decision(Decision(Activation.SIGMOID, DecisionRule.THRESHOLDS, Thresholds.uniform(N_LABELS)))
    program.presenter.show_pair()
    session.model = object()  # type: ignore[assignment]  # only whether there is one is asked
    session.set_run(Run(logits, np.ones(N_IMAGES, dtype=np.uint8)))
    session.model = None
    session.set_label(3)
    session.set_image(0)
    made = program.made
    qtbot.waitUntil(lambda: made.evaluation.evaluator is not None and made.evaluation.settled and not made.jobs.busy)
    return program


def test_a_window_at_rest_is_not_laid_out(opened: Cutline, qtbot: QtBot) -> None:
    for _ in range(30):
        qtbot.wait(10)
    assert layouts_asked_for(opened.window, lambda: None) == 0


def test_a_slider_moves_without_a_layout(opened: Cutline, qtbot: QtBot) -> None:
    made, bench = opened.made, opened.window.workbench
    assert made is not None
    assert bench is not None
    evaluator = made.evaluation.evaluator
    assert evaluator is not None
    low, high = evaluator.plateau(3)
    places = [float(np.float32(low + (high - low) * share)) for share in (0.2, 0.4, 0.6)]
    bench.labels.thresholdChanged.emit(3, places[0])  # a longer number than 0.5 may want more room, once

    def drag() -> None:
        for place in places[1:]:
            bench.labels.thresholdChanged.emit(3, place)
            qtbot.wait(1)

    for _ in range(30):
        qtbot.wait(10)
    assert layouts_asked_for(opened.window, drag) == 0
    assert np.float32(places[-1]) == made.session.decision.thresholds.values[3]
