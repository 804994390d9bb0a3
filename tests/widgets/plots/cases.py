"""One label with known counts, for every plot."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from inference.evaluation.pictures import rates_by_threshold
from inference.types import OperatingPoint, ScoreArray, TruthArray
from widgets.pr_geometry import operating_point

SCORES = np.array([0.9, 0.8, 0.7, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1], dtype=np.float32)
TRUTH = np.array([1, 1, 0, 1, 0, 1, 0, 0, 0, 0], dtype=np.int8)
REASON = "Argmax takes the highest score, whatever the thresholds."


def point_of(threshold: float, scores: ScoreArray = SCORES, truth: TruthArray = TRUTH) -> OperatingPoint:
    return operating_point(rates_by_threshold(scores, truth), threshold)


def many(n: int = 30_000) -> tuple[ScoreArray, TruthArray]:
    rng = np.random.default_rng(0)
    truth = (rng.random(n) < 0.2).astype(np.int8)
    return (rng.random(n) * 0.6 + truth * 0.3).astype(np.float32), truth


def show(qtbot: QtBot, widget: QWidget) -> None:
    qtbot.addWidget(widget)
    widget.resize(520, 420)
    widget.show()
    qtbot.waitExposed(widget)
