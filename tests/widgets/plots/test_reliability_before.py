"""The reliability diagram with the scores before calibration behind it."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from inference.evaluation.pictures import reliability
from inference.types import Reliability
from tests.inference.evaluation.calibration.cases import distorted, sigmoid
from widgets.plots.reliability_plot import ReliabilityPlot


def diagrams() -> tuple[Reliability, Reliability]:
    """Before and after a calibration that was needed."""
    logits, truth = distorted(600, [0.4], [1.0])
    after = sigmoid(0.4 * logits[:, 0].astype(np.float64) + 1.0)
    return reliability(sigmoid(logits[:, 0]).astype(np.float32), truth[:, 0]), reliability(
        after.astype(np.float32), truth[:, 0]
    )


@pytest.fixture
def diagram(qtbot: QtBot) -> ReliabilityPlot:
    widget = ReliabilityPlot()
    qtbot.addWidget(widget)
    widget.resize(420, 400)
    widget.setReliability(diagrams()[1], "dog")
    widget.show()
    return widget


def test_both_errors_are_said_and_both_lines_named(diagram: ReliabilityPlot) -> None:
    before, after = diagrams()
    plain = diagram.text()
    assert "uncalibrated" not in plain
    assert not diagram._lines.isVisible()
    diagram.setBefore(before)
    assert f"ECE {after.ece:.3f} (uncalibrated {before.ece:.3f})" in diagram.text()
    assert diagram._lines.isVisible()
    np.testing.assert_allclose(diagram._before_line.getData()[1], before.observed)
    diagram.setBefore(None)
    assert diagram.text() == plain
    assert not diagram._lines.isVisible()


def test_it_is_painted_and_copied_too(diagram: ReliabilityPlot) -> None:
    before, after = diagrams()
    without, lines = diagram.svg(), diagram.data_text().split("\n")
    diagram.setBefore(before)
    assert b"uncalibrated" in diagram.svg()
    assert b"uncalibrated" not in without
    both = diagram.data_text().split("\n")
    assert both[0].startswith(lines[0] + "\tuncalibrated lowest")
    assert len(both) == max(len(before.count), len(after.count)) + 2
    assert len({line.count("\t") for line in both[:-1]}) == 1


def test_another_label_forgets_it(diagram: ReliabilityPlot) -> None:
    before, after = diagrams()
    diagram.setBefore(before)
    diagram.setReliability(after, "cat")
    assert "uncalibrated" not in diagram.text()


def test_a_logit_axis_has_room_for_both(diagram: ReliabilityPlot) -> None:
    before, after = diagrams()
    diagram.setBefore(before)
    diagram.setLogitScale(True)
    x = diagram._before_line.getData()[0]
    assert (np.diff(x) > 0).all()  # none of them lie on the end of the axis
    assert before.span.low < after.span.low


def test_nothing_behind_nothing(qtbot: QtBot) -> None:
    widget = ReliabilityPlot()
    qtbot.addWidget(widget)
    widget.setBefore(diagrams()[0])
    widget.setReliability(None, "dog")
    widget.setBefore(diagrams()[0])
    assert "ECE" not in widget.text()
    assert widget.data_text() == ""
