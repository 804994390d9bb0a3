"""The demo where there is no display: the same window, its table printed and its picture taken."""

from __future__ import annotations

import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.application import Cutline
from app.assembly import Controllers
from app.report import per_label_table

_SETTLE_MS = 150  # thumbnails come in


def show_and_leave(program: Cutline, demo: str, shot: str) -> None:
    """Open the demo; when every image is scored, print the table, save the picture and end."""
    program.unattended = True
    program.open_demo(demo)
    program.when_ready(lambda made: made.scoring.ended.connect(lambda: _wait(program, made, shot)))
    program.when_ready(_watch)


def _watch(made: Controllers) -> None:
    for controller in (made.opening, made.scoring, made.evaluation):
        controller.failed.connect(_give_up)


def _wait(program: Cutline, made: Controllers, shot: str) -> None:
    """Until the numbers stand for all images and the pictures in sight are there."""
    if not made.evaluation.settled or made.jobs.busy:
        QTimer.singleShot(_SETTLE_MS, lambda: _wait(program, made, shot))
        return
    evaluator, dataset = made.evaluation.evaluator, made.session.dataset
    assert evaluator is not None
    assert dataset is not None
    print(
        per_label_table(
            dataset.labels, made.session.decision.thresholds, evaluator.label_metrics(), evaluator.averages()
        )
    )
    if program.window.grab().save(shot):
        print(f"The window's picture is in {shot}.")
        QApplication.exit(0)
    else:
        print(f"The picture could not be written to {shot}: choose another place with --shot.", file=sys.stderr)
        QApplication.exit(1)


def _give_up(error: Exception) -> None:
    print(str(error), file=sys.stderr)
    QApplication.exit(1)
