"""Saved thresholds and what differs from them, in the real window."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.application import Cutline
from app.controllers import alternatives
from app.controllers.comparison import NOW, ComparisonController
from app.controllers.profiles import HALF
from app.exporting import profile_decisions
from app.session import Decision
from app.state import F1Then, Profile, Tuned
from inference.evaluation.activations import scores_from_logits
from inference.evaluation.decisions import decide
from inference.evaluation.logit_maps import mapped
from inference.export.thresholds import to_json
from inference.types import (
    Activation,
    BoolArray,
    CalibrationMethod,
    Comparison,
    DecisionRule,
    LabelFlips,
    LogitMap,
    ProfileRow,
    Thresholds,
)
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


def whole_decision() -> Decision:
    """Everything that a profile has to keep, with numbers that only float64 and float32 hold exactly."""
    calibration = LogitMap(CalibrationMethod.PLATT, np.array([1 / 3, 2.0, 0.1]), np.array([0.1, -0.2, 1e-17]))
    biases = LogitMap.identity(3).then_add(np.array([0.5, 1 / 7, -3.0]))
    thresholds = Thresholds(np.array([0.123456789, 0.4, 0.9], dtype=np.float32))
    return Decision(Activation.SOFTMAX, DecisionRule.TOP_K, thresholds, 2, calibration, biases)


def test_a_profile_brings_back_all_that_decided_as_one_step(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    first = start()
    open_and_score(first, qtbot, colour_model, colour_folder)
    made = first.made
    assert made is not None
    usual = made.session.decision
    made.decisions.apply(whole_decision(), "by a test")
    made.profiles.save("whole")
    made.decisions.apply(usual, "as usual")
    key = made.profiles.profiles[0].key
    stop(first)

    second = start()
    second.open_last()
    wait_until_scored(second, qtbot)
    made = second.made
    assert made is not None
    rows, _ = watch(second)
    assert rows[-1][0].key == key
    for words in ("softmax", "the 2 highest labels", "calibrated: Platt", "class biases"):
        assert words in rows[-1][0].decides
    before = made.session.decision
    made.profiles.apply(key)
    assert made.session.decision == whole_decision()
    assert made.stack.undoText() == "profile whole"
    assert [(row.in_force, row.modified) for row in rows[-1]] == [(True, False)]
    made.stack.undo()
    assert made.session.decision == before
    qtbot.waitUntil(lambda: not rows[-1][0].in_force, timeout=LONG)  # and not "modified": it was never touched


def test_saving_renaming_and_deleting_are_steps_of_undo_by_name(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    profiles, stack = made.profiles, made.stack

    def names() -> list[str]:
        return [one.name for one in profiles.profiles]

    for name in ("first", "cautious", "last"):
        profiles.save(name)
    assert stack.undoText() == "save profile last"
    key = profiles.profiles[1].key
    profiles.rename(key, "very cautious")
    assert stack.undoText() == "rename profile cautious to very cautious"
    profiles.delete(key)
    assert names() == ["first", "last"]
    undo = program.window.actions_by_key["undo"]
    assert undo.text() == "&Undo delete profile very cautious"
    undo.trigger()
    assert names() == ["first", "very cautious", "last"]
    undo.trigger()
    assert names() == ["first", "cautious", "last"]
    stack.redo()
    stack.redo()
    assert names() == ["first", "last"]
    stack.setIndex(0)
    assert names() == []
    kept = made.opening.kept.settings().profiles
    assert kept == ()


def test_what_is_found_out_after_saving_survives_undo_and_redo(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    made.profiles.save("by hand")
    qtbot.waitUntil(lambda: made.profiles.profiles[0].interval == "redrawn", timeout=LONG)
    known = made.profiles.profiles[0]
    assert known.micro.low is not None
    assert known.micro.high is not None
    assert known.micro_f1 is not None
    assert known.micro.low <= known.micro_f1 <= known.micro.high
    assert (known.goal, known.n_images, known.split) == ("set by hand", 30, "")
    made.stack.undo()
    made.stack.redo()
    assert list(made.profiles.profiles) == [known]

    labels = made.session.dataset.labels if made.session.dataset else ()
    made.decisions.set_thresholds(Thresholds.uniform(3, 0.25), "tuned")
    made.tuning.restore(Tuned("a goal", dict.fromkeys(labels, 0.25), method="smoothed"))
    made.profiles.save("tuned")
    made.tuning.restore(Tuned("a goal", dict.fromkeys(labels, 0.25), expected=0.5, low=0.4, high=0.6, macro=0.45))
    made.tuning.tunedChanged.emit()
    told = made.profiles.profiles[1]
    assert (told.goal, told.method, told.interval) == ("a goal", "smoothed", "out_of_fold")
    assert (told.micro, told.macro) == (F1Then(0.5, 0.4, 0.6), F1Then(0.45))
    qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)
    assert made.profiles.profiles[1] == told  # the images redrawn meanwhile say less and come too late


def test_an_older_profile_changes_thresholds_alone(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    made.profiles.save("new")
    one = made.profiles.profiles[0]
    old = Profile(
        one.key,
        "old",
        one.goal,
        one.saved,
        {"red": 0.25, "gone": 0.75},
        one.micro_f1,
        one.macro_f1,
        one.model,
        one.data,
    )
    made.opening.kept.change(profiles=(old,))
    made.profiles.restore()
    made.decisions.apply(whole_decision(), "by a test")
    made.profiles.apply(one.key)
    thresholds = whole_decision().thresholds.replace(0, 0.25)
    assert made.session.decision == replace(whole_decision(), thresholds=thresholds)
    rows, _ = watch(program)
    assert rows[-1][0].decides == ""
    assert "labels have changed" in rows[-1][0].stale


@pytest.mark.parametrize("at_once", [True, False])
def test_flips_and_comparisons_know_rules_and_calibrations(
    program: Cutline,
    qtbot: QtBot,
    colour_model: Path,
    colour_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    at_once: bool,
) -> None:
    monkeypatch.setattr(alternatives, "AT_ONCE", 150_000 if at_once else 0)
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    session = made.session
    assert session.run is not None
    assert session.dataset is not None
    usual = session.decision
    made.decisions.apply(whole_decision(), "by a test")
    made.profiles.save("whole")
    key = made.profiles.profiles[0].key
    made.decisions.apply(usual, "as usual")

    def decided(decision: Decision) -> BoolArray:
        assert session.run is not None
        z = mapped(session.run.logits, decision.logit_map)
        scores = scores_from_logits(z, decision.activation)
        return decide(z, scores, decision.thresholds.values, decision.rule, decision.k)

    changed = decided(whole_decision()) != decided(usual)
    assert changed.any()
    _, flips = watch(program)
    made.profiles.set_reference(key)

    def told() -> int:
        return sum(
            len(getattr(flip, name))
            for flip in (flips[-1] or [])
            for name in ("tp_gained", "tp_lost", "fp_gained", "fp_lost", "unknown")
        )

    qtbot.waitUntil(lambda: told() == changed.sum(), timeout=LONG)

    comparing = ComparisonController(session, made.jobs, made.evaluation, made.profiles, made.jobs)
    found: list[Comparison | None] = []
    choices: list[tuple[list[tuple[str, str]], tuple[str, ...]]] = []
    comparing.comparisonChanged.connect(found.append)
    comparing.choicesChanged.connect(lambda words, keys: choices.append((words, keys)))
    comparing.choose((NOW, key))
    assert found == []  # nobody looks
    comparing.set_wanted(True)
    assert choices[-1] == ([(NOW, "In force"), (HALF, "0.5"), (key, "whole")], (NOW, key))
    qtbot.waitUntil(lambda: bool(found) and found[-1] is not None, timeout=LONG)
    compared = found[-1]
    assert compared is not None
    np.testing.assert_array_equal(compared.changed(1), changed.sum(axis=0))
    np.testing.assert_array_equal(compared.changed_images(1), np.flatnonzero(changed.any(axis=1)))
    truth = session.dataset.y_true
    tp = (decided(whole_decision()) & (truth == 1)).sum(axis=0)
    np.testing.assert_array_equal(compared.alternatives[1].metrics.tp, tp)
    assert "Platt" in compared.alternatives[1].words

    before = len(found)
    made.decisions.set_all_thresholds(0.25)
    qtbot.waitUntil(lambda: len(found) > before and found[-1] is not None, timeout=LONG)
    again = found[-1]
    assert again is not None
    assert again.alternatives[0].thresholds == Thresholds.uniform(3, 0.25)
    assert again.alternatives[1].metrics is compared.alternatives[1].metrics  # not measured again
    made.profiles.delete(key)
    assert list(choices[-1][1]) == [NOW]
    qtbot.waitUntil(lambda: found[-1] is None, timeout=LONG)
    comparing.set_wanted(False)


def test_what_a_profile_exports_counts_what_it_would_decide(
    program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> None:
    open_and_score(program, qtbot, colour_model, colour_folder)
    made = program.made
    assert made is not None
    usual = made.session.decision
    made.decisions.apply(whole_decision(), "by a test")
    evaluator = made.evaluation.evaluator
    assert evaluator is not None
    wanted = evaluator.label_metrics()
    made.profiles.save("whole")
    made.decisions.apply(usual, "as usual")
    decisions = profile_decisions(made, made.profiles.profiles[0].key)
    assert decisions is not None
    np.testing.assert_array_equal(decisions.metrics.tp, wanted.tp)
    np.testing.assert_array_equal(decisions.metrics.fp, wanted.fp)
    read = json.loads(to_json(decisions))
    assert (read["rule"], read["k"], read["calibration"], read["class_biases"]) == ("top_k", 2, "platt", True)
    assert read["labels"][0]["scale"] == 1 / 3
    assert (read["profile"], read["measured_on"]) == ("whole", "all images")
    assert made.session.decision == usual
