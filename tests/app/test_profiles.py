"""Saved thresholds and what differs from them, in the real window."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.application import Cutline
from inference.types import LabelFlips, ProfileRow, Thresholds
from tests.app.conftest import stop
from tests.app.test_window import LONG, open_and_score, wait_until_scored


def watch(program: Cutline) -> tuple[list[list[ProfileRow]], list[list[LabelFlips] | None]]:
    assert program.made is not None
    rows: list[list[ProfileRow]] = []
    flips: list[list[LabelFlips] | None] = []
    program.made.profiles.profilesChanged.connect(rows.append)
    program.made.profiles.flipsChanged.connect(flips.append)
    program.made.profiles.set_wanted(True)
    return rows, flips


def test_a_profile_is_saved_applied_and_survives_the_next_start(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    first = start()
    open_and_score(first, qtbot, colour_model, colour_folder)
    made = first.made
    assert made is not None
    rows, _ = watch(first)
    chosen = Thresholds(np.array([0.123456789, 0.4, 0.9]))
    made.decisions.set_thresholds(chosen, "by a test")
    made.profiles.save("strict")
    assert [(row.name, row.in_force, row.modified, row.stale) for row in rows[-1]] == [("strict", True, False, "")]
    made.decisions.set_all_thresholds(0.5)
    qtbot.waitUntil(lambda: rows[-1][0].modified, timeout=LONG)
    stop(first)

    second = start()
    second.open_last()
    wait_until_scored(second, qtbot)
    assert second.made is not None
    rows, _ = watch(second)
    key = rows[-1][0].key
    second.made.profiles.apply(key)
    assert second.made.session.decision.thresholds == chosen
    second.made.stack.undo()
    assert second.made.session.decision.thresholds == Thresholds.uniform(3)
    second.made.profiles.rename(key, "very strict")
    assert rows[-1][0].name == "very strict"
    second.made.profiles.delete(key)
    assert rows[-1] == []


def test_a_profile_is_stale_once_the_annotations_differ(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    made.profiles.save("before")
    labels = colour_folder / "labels.csv"
    text = labels.read_text().splitlines()
    name = text[1].split(",")[0]
    flipped = "1" if text[1].split(",")[1] == "0" else "0"
    labels.write_text("\n".join([text[0], ",".join([name, flipped, *text[1].split(",")[2:]]), *text[2:]]))
    program.open_pair("", str(colour_folder))
    wait_until_scored(program, qtbot)
    rows, _ = watch(program)
    assert "annotations" in rows[-1][0].stale


def test_changes_since_a_half_lead_to_their_images(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    assert made.session.run is not None
    assert made.session.dataset is not None
    _, flips = watch(program)
    assert flips[-1] == []
    scores = (1 / (1 + np.exp(-made.session.run.logits.astype(np.float64)))).astype(np.float32)
    label = max(range(3), key=lambda at: len(np.unique(scores[:, at])))  # some outputs of the network are all zero
    value = np.unique(scores[:, label])[len(np.unique(scores[:, label])) // 2]
    made.decisions.set_threshold(label, float(value))
    qtbot.waitUntil(lambda: bool(flips[-1]), timeout=LONG)
    changed = (scores[:, label] >= np.float32(0.5)) != (scores[:, label] >= value)
    truth = made.session.dataset.y_true[:, label]
    found = flips[-1]
    assert found is not None
    assert [one.label for one in found] == [label]
    assert sorted([*found[0].tp_gained, *found[0].tp_lost]) == np.flatnonzero(changed & (truth == 1)).tolist()
    assert sorted([*found[0].fp_gained, *found[0].fp_lost]) == np.flatnonzero(changed & (truth == 0)).tolist()


def test_exporting_a_profile_puts_nothing_in_force(
    program: Cutline,
    qtbot: QtBot,
    colour_model: Path,
    colour_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made, presenter = program.made, program.presenter
    assert made is not None
    assert presenter is not None
    rows, _ = watch(program)
    made.decisions.set_thresholds(Thresholds(np.array([0.1, 0.2, 0.3])), "by a test")
    made.profiles.save("kept")
    made.decisions.set_all_thresholds(0.5)
    target = tmp_path / "kept.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    presenter.export_profile(rows[-1][0].key)
    written = [row["threshold"] for row in json.loads(target.read_text())["labels"]]
    assert np.array(written, dtype=np.float32).tolist() == np.array([0.1, 0.2, 0.3], dtype=np.float32).tolist()
    assert made.session.decision.thresholds == Thresholds.uniform(3)


def test_without_scores_the_save_button_says_why(program: Cutline, qtbot: QtBot, colour_folder: Path) -> None:
    made = program.made
    assert made is not None
    said: list[str] = []
    made.profiles.saveBlocked.connect(said.append)
    program.open_pair("", str(colour_folder))
    qtbot.waitUntil(lambda: made.session.report is not None and not made.opening.busy, timeout=LONG)
    made.profiles.set_wanted(True)
    assert "Score" in said[-1]
