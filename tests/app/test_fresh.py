"""A folder without annotations, scored by a real tiny model beside the validation folder."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import SignalInstance
from pytestqt.qtbot import QtBot

from app.application import Cutline
from app.controllers import fresh as fresh_module
from app.controllers.fresh import FreshController
from inference.data.images import decode_image
from inference.errors import CutlineError
from inference.types import Activation, DecisionRule, FreshCounts, FreshState, ImageState, RgbArray, Thresholds
from tests.app.conftest import write_images
from tests.app.test_window import LONG, open_and_score


class Seen:
    """The values of each signal."""

    def __init__(self, control: FreshController) -> None:
        self.values: dict[str, list[Any]] = {}
        for name in ("stateChanged", "progressChanged", "countsChanged", "driftChanged", "said", "failed"):
            signal: SignalInstance = getattr(control, name)
            signal.connect(lambda *value, key=name: self.values.setdefault(key, []).append(value))

    def last(self, name: str) -> Any:
        return self.values[name][-1][0]

    def state(self) -> FreshState:
        found = self.last("stateChanged")
        assert isinstance(found, FreshState)
        return found


@pytest.fixture
def scored(program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path) -> Cutline:
    open_and_score(program, qtbot, colour_model, colour_folder)
    return program


@pytest.fixture
def control(scored: Cutline) -> FreshController:
    made = scored.made
    assert made is not None
    return FreshController(made.session, made.jobs, made.evaluation, made.scoring, scored)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forty new images, one of them broken, beside a file of labels that is not to be read."""
    place = tmp_path / "new"
    write_images(place, 40, seed=5)
    (place / "image_007.png").write_bytes(b"no picture")
    (place / "labels.csv").write_text("image,red\nimage_000.png,1\n")
    return place


def settle(program: Cutline, control: FreshController, seen: Seen, qtbot: QtBot) -> None:
    made = program.made
    assert made is not None
    qtbot.waitUntil(lambda: not control.running and not made.jobs.busy, timeout=LONG)


def oracle(control: FreshController) -> tuple[np.ndarray, np.ndarray]:
    """Logits and scores of the scored images, from nothing but the run."""
    assert control._folder is not None
    run = control._folder.run
    logits = run.logits[run.state == ImageState.SCORED].astype(np.float64)
    return logits, (1 / (1 + np.exp(-logits))).astype(np.float32)


def test_a_folder_is_scored_and_its_counts_follow_the_sliders(
    scored: Cutline, control: FreshController, folder: Path, qtbot: QtBot
) -> None:
    made, seen = scored.made, Seen(control)
    assert made is not None
    assert made.session.run is not None
    before = made.session.run.logits.copy()
    control.open(str(folder))
    qtbot.waitUntil(lambda: "countsChanged" in seen.values and seen.last("countsChanged") is not None, timeout=LONG)
    settle(scored, control, seen, qtbot)
    assert (seen.state().n_images, seen.state().scored, seen.state().broken) == (40, 39, 1)
    assert seen.state().running is False
    assert seen.last("progressChanged") is None
    _, scores = oracle(control)
    for value in (0.5, 0.3, float(scores[3, 1])):
        made.decisions.set_threshold(1, value)
        counts = seen.last("countsChanged")
        assert isinstance(counts, FreshCounts)
        assert counts.predicted[1] == (scores[:, 1] >= np.float32(value)).sum()
        assert made.evaluation.evaluator is not None
        known = made.evaluation.evaluator.label_metrics()
        share = known.predicted[1] / (known.predicted + known.fn + known.tn)[1]
        assert counts.validation_share[1] == pytest.approx(share)
    np.testing.assert_array_equal(made.session.run.logits, before)  # the validation run is not touched


def test_scheme_changes_are_counted_anew_without_scoring(
    scored: Cutline, control: FreshController, folder: Path, qtbot: QtBot
) -> None:
    made, seen = scored.made, Seen(control)
    assert made is not None
    control.open(str(folder))
    qtbot.waitUntil(lambda: "driftChanged" in seen.values and seen.last("driftChanged") is not None, timeout=LONG)
    n_progress = len(seen.values["progressChanged"])
    made.decisions.set_activation(Activation.SOFTMAX)
    made.decisions.set_rule(DecisionRule.ARGMAX)
    settle(scored, control, seen, qtbot)
    logits, _ = oracle(control)
    wanted = np.bincount(logits.argmax(axis=1), minlength=3)
    assert seen.last("countsChanged").predicted.tolist() == wanted.tolist()
    assert len(seen.values["progressChanged"]) == n_progress


def test_images_of_another_kind_are_warned_of_and_the_same_are_not(
    scored: Cutline, control: FreshController, tmp_path: Path, qtbot: QtBot
) -> None:
    made, seen = scored.made, Seen(control)
    assert made is not None
    assert made.session.dataset is not None
    control.open(made.session.dataset.root)  # the validation folder itself
    qtbot.waitUntil(lambda: "driftChanged" in seen.values and seen.last("driftChanged") is not None, timeout=LONG)
    report, words, warning = seen.values["driftChanged"][-1]
    assert warning == ""
    assert report.gap.max() <= 1 / 30 + 1e-9  # in other batches a logit's last digit may differ
    assert set(words) == {"no difference seen"}
    other = tmp_path / "other"
    other.mkdir()
    for i in range(40):
        Image.fromarray(np.full((40, 48, 3), 255 - i, dtype=np.uint8)).save(other / f"{i}.png")
    control.open(str(other))
    qtbot.waitUntil(lambda: seen.last("driftChanged") is not report and bool(seen.last("driftChanged")), timeout=LONG)
    report, words, warning = seen.values["driftChanged"][-1]
    assert report.differs.any()
    assert f"{report.differs.sum()} of 3 labels" in warning


def test_cancelled_it_keeps_what_is_scored_and_goes_on(
    scored: Cutline, control: FreshController, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = Seen(control)
    began: list[str] = []

    def decode(path: str) -> RgbArray:
        began.append(path)
        if len(began) == 12:
            qtbot_cancel.emit()
        return decode_image(path).rgb

    qtbot_cancel = scored.made.session.zeroDivisionChanged  # type: ignore[union-attr]
    qtbot_cancel.connect(control.cancel)
    monkeypatch.setattr(fresh_module, "_decode", decode)
    control.open(str(folder))
    qtbot.waitUntil(lambda: bool(began) and not control.running, timeout=LONG)
    settle(scored, control, seen, qtbot)
    state = seen.state()
    assert state.scored < 39
    assert "Cancelled" in state.note
    assert state.note.startswith(f"Cancelled: the numbers are of {state.scored} of 40 images")
    control.again()
    qtbot.waitUntil(lambda: seen.state().scored == 39 and not seen.state().running, timeout=LONG)
    settle(scored, control, seen, qtbot)
    assert seen.last("countsChanged").n_images == 39


def test_the_validation_run_goes_first(scored: Cutline, control: FreshController, folder: Path, qtbot: QtBot) -> None:
    made, seen = scored.made, Seen(control)
    assert made is not None
    assert made.session.run is not None
    control.open(str(folder))
    qtbot.waitUntil(lambda: control.running, timeout=LONG)
    made.session.run.state[:] = ImageState.PENDING
    made.scoring.start()
    assert "Waits until the validation folder is scored." in seen.state().note
    order: list[str] = []
    made.scoring.ended.connect(lambda: order.append("validation"))
    control.countsChanged.connect(lambda counts: order.append("new") if counts is not None else None)
    qtbot.waitUntil(lambda: "new" in order, timeout=LONG)
    assert order[0] == "validation"
    assert seen.state().scored == 39
    settle(scored, control, seen, qtbot)


def test_it_gives_way_and_goes_on(scored: Cutline, control: FreshController, folder: Path, qtbot: QtBot) -> None:
    seen = Seen(control)
    control.open(str(folder))
    qtbot.waitUntil(lambda: control.running, timeout=LONG)
    control.give_way("Opening a model …")
    assert control._job is None
    assert "Waits until the device is free." in seen.state().note
    control.give_way("")
    qtbot.waitUntil(lambda: seen.state().scored == 39 and not control.running, timeout=LONG)
    settle(scored, control, seen, qtbot)


def test_bad_folders_are_refused_in_words_and_change_nothing(
    scored: Cutline, control: FreshController, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    seen = Seen(control)
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "nowhere"):
        with qtbot.waitSignal(control.failed, timeout=LONG):
            control.open(str(path))
        assert isinstance(seen.last("failed"), CutlineError)
        assert path.name in str(seen.last("failed"))
    assert "stateChanged" not in seen.values


def test_without_a_model_it_says_what_to_do(program: Cutline, folder: Path) -> None:
    made = program.made
    assert made is not None
    control = FreshController(made.session, made.jobs, made.evaluation, made.scoring, program)
    seen = Seen(control)
    control.open(str(folder))
    assert "Open a model" in seen.last("said")
    control.close()
    assert seen.state().blocked


def test_predictions_are_saved_as_they_are_decided(
    scored: Cutline, control: FreshController, folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    made, seen = scored.made, Seen(control)
    assert made is not None
    control.open(str(folder))
    qtbot.waitUntil(lambda: "countsChanged" in seen.values and seen.last("countsChanged") is not None, timeout=LONG)
    made.decisions.set_thresholds(Thresholds(np.array([0.2, 0.5, 0.8])), "by a test")
    target = tmp_path / "predictions.csv"
    with qtbot.waitSignal(control.said, timeout=LONG):
        control.save(str(target))
    assert "39 images to predictions.csv" in seen.last("said")
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"))))
    _, scores = oracle(control)
    kept = [row for row in rows if not row["left out because"]]
    assert len(rows) == 40
    found = np.array([[int(row[label]) for label in ("red", "green", "blue")] for row in kept])
    np.testing.assert_array_equal(found, scores >= np.array([0.2, 0.5, 0.8], dtype=np.float32))
    assert [row["image"] for row in rows if row["left out because"]] == ["image_007.png"]
    settle(scored, control, seen, qtbot)
    with qtbot.waitSignal(control.failed, timeout=LONG):
        control.save(str(tmp_path / "nowhere" / "x.csv"))
    control.close()
    assert seen.last("countsChanged") is None
    assert seen.state().folder == ""
