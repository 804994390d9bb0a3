"""Predictions made elsewhere in the real window: thresholds and review work without a model."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QMessageBox, QPushButton, QRadioButton
from pytestqt.qtbot import QtBot

from app.application import Cutline
from app.path_kinds import TableKind, table_kind
from app.predicted import PredictedModel, PredictionAnswers
from inference.data.formats.predictions import write_predictions
from inference.models.compat import import_torchvision
from inference.models.opening import LoadedModel
from inference.types import Activation, DecisionRule, ImageState, ScoreArray
from tests.app.conftest import LABELS, stop, write_images, write_labels
from tests.app.test_window import LONG, assert_table_is_scikit_learns, cell, open_and_score, wait_until_scored
from widgets.dialogs.dataset_dialog import DatasetDialog
from widgets.dialogs.predictions_dialog import PredictionsDialog
from widgets.elided_label import ElidedLabel

N = 24


@pytest.fixture(scope="module", autouse=True)
def _torch() -> None:
    """Imported before: a window that is closed while it imports torch cannot end its thread in time."""
    import_torchvision()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Images with labels.csv beside them."""
    place = tmp_path / "validation"
    write_labels(place, write_images(place, N))
    return place


def names(n: int = N) -> list[str]:
    return [f"image_{i:03d}.png" for i in range(n)]


def some_logits(n: int = N, seed: int = 5) -> ScoreArray:
    return np.random.default_rng(seed).normal(0, 3, (n, len(LABELS))).astype(np.float32)


def sigmoid(logits: ScoreArray) -> ScoreArray:
    scores: ScoreArray = (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)
    return scores


def write_csv(path: Path, images: Sequence[str], values: ScoreArray, labels: Sequence[str] = LABELS) -> Path:
    """As somebody else's script writes it: nothing says what the numbers are."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", *labels])
        writer.writerows([name, *map(repr, map(float, row))] for name, row in zip(images, values, strict=True))
    return path


def wait_for_question(program: Cutline, qtbot: QtBot) -> PredictionsDialog:
    qtbot.waitUntil(lambda: program.window.findChild(PredictionsDialog) is not None, timeout=LONG)
    dialog = program.window.findChild(PredictionsDialog)
    assert isinstance(dialog, PredictionsDialog)
    return dialog


def choose(dialog: PredictionsDialog, words: str) -> None:
    """Press the answer that reads so."""
    button = next(one for one in dialog.findChildren(QRadioButton) if one.text().replace("&", "") == words)
    button.click()


def no_question(program: Cutline) -> bool:
    return not [dialog for dialog in program.window.findChildren(PredictionsDialog) if dialog.isVisible()]


def model_of(program: Cutline) -> PredictedModel:
    assert program.made is not None
    model = program.made.session.model
    assert isinstance(model, PredictedModel)
    return model


def shown_words(program: Cutline) -> str:
    """Everything that the bar at the foot says."""
    return " | ".join(label.text() for label in program.window.run_bar.findChildren(ElidedLabel))


def logits_of(program: Cutline) -> ScoreArray:
    assert program.made is not None
    assert program.made.session.run is not None
    return program.made.session.run.logits


# -- what opens -----------------------------------------------------------


@pytest.mark.parametrize("suffix", [".parquet", ".npz"])
def test_a_file_that_says_what_it_holds_opens_without_a_question(
    program: Cutline, qtbot: QtBot, folder: Path, tmp_path: Path, suffix: str
) -> None:
    path, logits = tmp_path / f"elsewhere{suffix}", some_logits()
    write_predictions(str(path), names(), LABELS, logits, kind="logits", activation=Activation.SIGMOID)
    made = program.made
    assert made is not None
    made.opening.open_paths([str(path), str(folder)])
    wait_until_scored(program, qtbot)
    assert no_question(program)
    assert_table_is_scikit_learns(program)
    np.testing.assert_array_equal(logits_of(program), logits)
    made.decisions.set_threshold(1, 0.83)  # the slider's way in
    assert_table_is_scikit_learns(program)
    made.decisions.set_activation(Activation.SOFTMAX)
    assert_table_is_scikit_learns(program)


def test_a_csv_of_probabilities_is_asked_about_once(
    start: Callable[[], Cutline], qtbot: QtBot, folder: Path, tmp_path: Path
) -> None:
    scores = sigmoid(some_logits())
    path = write_csv(tmp_path / "scores.csv", names(), scores)
    program = start()
    assert program.made is not None
    program.made.opening.open_paths([str(path), str(folder)])
    dialog = wait_for_question(program, qtbot)
    assert program.made.session.model is None  # nothing is open before the answer
    assert (dialog.kind(), dialog.activation()) == ("probabilities", Activation.SIGMOID)
    dialog.accept()
    wait_until_scored(program, qtbot)
    assert_table_is_scikit_learns(program)
    np.testing.assert_allclose(sigmoid(logits_of(program)), scores, rtol=1e-5)
    program.made.decisions.set_threshold(0, float(scores[3, 0]))
    at_threshold = cell(program, "red", "TP"), cell(program, "red", "FP")
    stop(program)

    again = start()
    again.open_last()
    wait_until_scored(again, qtbot)
    assert no_question(again)
    assert model_of(again).path == path
    assert_table_is_scikit_learns(again)
    assert (cell(again, "red", "TP"), cell(again, "red", "FP")) == at_threshold


def test_logits_between_0_and_1_are_what_the_user_says(
    program: Cutline, qtbot: QtBot, folder: Path, tmp_path: Path
) -> None:
    logits = sigmoid(some_logits())  # as it happens, all between 0 and 1
    path = write_csv(tmp_path / "scores.csv", names(), logits)
    program.open_pair(str(path), str(folder))
    dialog = wait_for_question(program, qtbot)
    choose(dialog, "Logits")
    choose(dialog, "Softmax")
    dialog.accept()
    wait_until_scored(program, qtbot)
    np.testing.assert_array_equal(logits_of(program), logits)
    assert program.made is not None
    assert program.made.session.decision.activation is Activation.SOFTMAX
    assert_table_is_scikit_learns(program)


def test_another_answer_later_reads_the_file_anew_and_is_kept(
    start: Callable[[], Cutline], qtbot: QtBot, folder: Path, tmp_path: Path
) -> None:
    numbers = sigmoid(some_logits())
    path = write_csv(tmp_path / "scores.csv", names(), numbers)
    program = start()
    program.open_pair(str(path), str(folder))
    wait_for_question(program, qtbot).accept()
    wait_until_scored(program, qtbot)
    assert model_of(program).answers.kind == "probabilities"
    program.window.actions_by_key["predictions_meaning"].trigger()
    dialog = wait_for_question(program, qtbot)
    choose(dialog, "Logits")
    dialog.accept()
    qtbot.waitUntil(lambda: model_of(program).answers.kind == "logits", timeout=LONG)
    wait_until_scored(program, qtbot)
    np.testing.assert_array_equal(logits_of(program), numbers)
    assert_table_is_scikit_learns(program)
    stop(program)

    again = start()
    again.open_last()
    wait_until_scored(again, qtbot)
    assert no_question(again)
    assert model_of(again).answers == PredictionAnswers("logits", Activation.SIGMOID)
    np.testing.assert_array_equal(logits_of(again), numbers)


def test_without_an_answer_what_was_open_stays(
    program: Cutline, qtbot: QtBot, colour_model: Path, folder: Path, tmp_path: Path
) -> None:
    open_and_score(program, qtbot, colour_model, folder)
    made = program.made
    assert made is not None
    run = made.session.run
    made.opening.open(str(write_csv(tmp_path / "scores.csv", names(), sigmoid(some_logits()))))
    wait_for_question(program, qtbot).reject()
    assert not made.opening.busy
    assert isinstance(made.session.model, LoadedModel)
    qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)
    assert made.session.run is run


def test_predictions_first_and_the_folder_later(program: Cutline, qtbot: QtBot, folder: Path, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "scores.csv", names(), sigmoid(some_logits()))
    made = program.made
    assert made is not None
    made.opening.open(str(path))
    qtbot.waitUntil(lambda: made.session.model is not None, timeout=LONG)
    assert no_question(program)  # nothing hangs on the answer yet
    made.opening.open(folder=str(folder))
    wait_for_question(program, qtbot).accept()
    wait_until_scored(program, qtbot)
    assert_table_is_scikit_learns(program)


# -- images and rows that do not meet -----------------------------------------------------------


def test_images_without_a_prediction_are_left_out_counted_and_said(
    program: Cutline, qtbot: QtBot, folder: Path, tmp_path: Path
) -> None:
    logits = some_logits(N + 1)
    logits[7, 2] = np.nan
    rows = [*names()[:-3], "../stolen.png", "gone.png", "validation/image_000.png", names()[-1]]
    path = tmp_path / "elsewhere.parquet"
    write_predictions(str(path), rows, LABELS, logits[: len(rows)], kind="logits", activation=Activation.SIGMOID)
    program.open_pair(str(path), str(folder))
    wait_until_scored(program, qtbot)
    made, window = program.made, program.window
    assert made is not None
    assert made.session.run is not None
    state = made.session.run.state
    assert np.flatnonzero(state == ImageState.UNUSABLE).tolist() == [7, N - 3, N - 2]
    assert np.count_nonzero(state == ImageState.SCORED) == N - 3
    assert "no prediction in elsewhere.parquet" in made.session.failures[N - 2]
    assert "not a finite number" in made.session.failures[7]
    said = window.message_bar.currentText()
    for part in ("2 images without a prediction", "1 row refused", "../stolen.png", "gone.png"):
        assert part in said, said
    assert f"{N - 3} of {N} images have predictions from elsewhere.parquet" in shown_words(program)
    assert_table_is_scikit_learns(program)


def test_predictions_of_other_images_are_refused_and_what_was_open_stays(
    program: Cutline, qtbot: QtBot, colour_model: Path, folder: Path, tmp_path: Path
) -> None:
    open_and_score(program, qtbot, colour_model, folder)
    path = tmp_path / "elsewhere.parquet"
    other = [f"other_{i}.png" for i in range(N)]
    write_predictions(str(path), other, LABELS, some_logits(), kind="logits", activation=Activation.SIGMOID)
    made = program.made
    assert made is not None
    made.opening.open(str(path))
    qtbot.waitUntil(lambda: not made.opening.busy, timeout=LONG)
    assert isinstance(made.session.model, LoadedModel)
    text = program.window.message_bar.currentText()
    assert "elsewhere.parquet names none of the 24 images" in text
    assert "other_0.png" in text
    assert_table_is_scikit_learns(program)


def test_another_folder_opens_beside_predictions_that_are_not_about_it(
    program: Cutline, qtbot: QtBot, folder: Path, tmp_path: Path
) -> None:
    path, other = tmp_path / "elsewhere.parquet", tmp_path / "other"
    write_predictions(str(path), names(), LABELS, some_logits(), kind="logits", activation=Activation.SIGMOID)
    program.open_pair(str(path), str(folder))
    wait_until_scored(program, qtbot)
    images = write_images(other, 5)
    for name in images:
        (other / name).rename(other / f"new_{name}")
    write_labels(other, [f"new_{name}" for name in images])
    made = program.made
    assert made is not None
    made.opening.open(folder=str(other))
    wait_until_scored(program, qtbot)
    assert made.session.dataset is not None
    assert made.session.dataset.root == str(other)
    assert "5 images without a prediction" in program.window.message_bar.currentText()
    assert "0 of 5 images have predictions" in shown_words(program)


def test_classes_under_other_names_are_mapped_and_argmax_decides(
    program: Cutline, qtbot: QtBot, tmp_path: Path
) -> None:
    folder, rng = tmp_path / "classes", np.random.default_rng(2)
    written = [f"{label}/{name}" for label in ("Red", "green", "azure") for name in write_images(folder / label, 6)]
    scores = rng.dirichlet(np.ones(3), len(written)).astype(np.float32)
    path = tmp_path / "softmax.parquet"
    write_predictions(str(path), written, LABELS, scores, kind="probabilities", activation=Activation.SOFTMAX)
    program.open_pair(str(path), str(folder))
    wait_until_scored(program, qtbot)
    made = program.made
    assert made is not None
    assert made.session.decision.rule is DecisionRule.ARGMAX
    assert_table_is_scikit_learns(program)
    for dialog in program.window.findChildren(DatasetDialog):
        dialog.reject()
    assert made.session.report is not None
    run = made.session.run
    made.opening.correct_dataset(made.session.report, made.opening.kept.choices, {"azure": "blue"})
    wait_until_scored(program, qtbot)
    assert run is not None
    np.testing.assert_array_equal(logits_of(program), run.logits)
    assert cell(program, "blue", "Supp.") == "6"
    assert_table_is_scikit_learns(program)
    made.annotating.select(np.array([0]))
    made.annotating.as_predicted()
    assert_table_is_scikit_learns(program)


def test_everything_else_of_a_session_comes_back_with_predictions(
    start: Callable[[], Cutline], qtbot: QtBot, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "elsewhere.npz"
    write_predictions(str(path), names(), LABELS, some_logits(), kind="logits", activation=Activation.SIGMOID)
    first = start()
    first.open_pair(str(path), str(folder))
    wait_until_scored(first, qtbot)
    assert first.made is not None
    first.made.decisions.set_threshold(2, 0.125)
    first.made.profiles.save("of elsewhere")
    first.made.decisions.set_threshold(2, 0.75)
    stop(first)

    second = start()
    made = second.made
    assert made is not None
    recent = second.memory.state.recents[0]
    assert (recent.model, recent.folder) == (str(path), str(folder))
    second.window.start_page.recentChosen.emit(recent.key)
    wait_until_scored(second, qtbot)
    assert made.session.decision.thresholds.values[2] == np.float32(0.75)
    assert [profile.name for profile in made.opening.kept.settings().profiles] == ["of elsewhere"]
    made.stack.undo()
    assert made.session.decision.thresholds.values[2] == np.float32(0.125)
    assert_table_is_scikit_learns(second)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bad.parquet", b"PAR1 and then nothing", "bad.parquet is no whole Parquet file"),
        ("bad.npz", b"PK\x03\x04", "bad.npz is no whole NPZ file"),
        ("bad.csv", b"file,red\na.png,0.5\nb.png,high\nc.png,0.25\nd.png,0.1\n", "'high'"),
        ("empty.csv", b"", "empty.csv is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(
    program: Cutline, qtbot: QtBot, folder: Path, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    program.open_pair(str(path), str(folder))
    made = program.made
    assert made is not None
    qtbot.waitUntil(lambda: not made.opening.busy, timeout=LONG)
    assert said in program.window.message_bar.currentText()
    assert made.session.model is None
    assert made.session.dataset is None


def test_what_is_no_probability_is_named_when_the_answer_cannot_be(
    program: Cutline, qtbot: QtBot, folder: Path, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "scores.csv", names(), some_logits())
    program.open_pair(str(path), str(folder))
    dialog = wait_for_question(program, qtbot)  # which activation the logits are for
    assert dialog.kind() == "logits"
    choose(dialog, "Probabilities")
    dialog.accept()
    made = program.made
    assert made is not None
    qtbot.waitUntil(lambda: not made.opening.busy, timeout=LONG)
    assert "which is no probability from 0 to 1" in program.window.message_bar.currentText()
    assert made.session.model is None


# -- what needs a model -----------------------------------------------------------


def test_what_needs_a_model_says_so(program: Cutline, qtbot: QtBot, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.parquet"
    write_predictions(str(path), names(), LABELS, some_logits(), kind="logits", activation=Activation.SIGMOID)
    program.open_pair(str(path), str(folder))
    wait_until_scored(program, qtbot)
    made, window = program.made, program.window
    assert made is not None
    sentence = "The scores come from elsewhere.parquet. To score images, open a model (Ctrl+M)."
    buttons = [button for button in window.run_bar.findChildren(QPushButton) if button.toolTip() == sentence]
    assert len(buttons) == 1
    assert buttons[0].text() == "Nothing to score"
    assert not buttons[0].isEnabled()
    assert not window.actions_by_key["score"].isEnabled()
    made.scoring.again()
    assert not made.scoring.running
    made.fresh.open(str(folder))
    assert "To score new images, open a model" in window.message_bar.currentText()
    assert not made.fresh.is_open
    made.devices.set_device("cpu")  # remembered for the next model, and nothing moves now
    assert isinstance(made.session.model, PredictedModel)
    assert_table_is_scikit_learns(program)


def test_a_model_after_predictions_scores_and_predictions_after_a_model_do_not(
    program: Cutline, qtbot: QtBot, colour_model: Path, folder: Path, tmp_path: Path
) -> None:
    path, logits = tmp_path / "elsewhere.parquet", some_logits()
    write_predictions(str(path), names(), LABELS, logits, kind="logits", activation=Activation.SIGMOID)
    program.open_pair(str(path), str(folder))
    wait_until_scored(program, qtbot)
    made = program.made
    assert made is not None
    made.decisions.set_threshold(0, 0.25)
    made.opening.open(str(colour_model))
    qtbot.waitUntil(lambda: isinstance(made.session.model, LoadedModel), timeout=LONG)
    wait_until_scored(program, qtbot)
    assert not np.array_equal(logits_of(program), logits)
    assert made.session.decision.thresholds.values[0] == np.float32(0.5)
    assert_table_is_scikit_learns(program)
    made.opening.open(str(path))
    qtbot.waitUntil(lambda: isinstance(made.session.model, PredictedModel), timeout=LONG)
    wait_until_scored(program, qtbot)
    np.testing.assert_array_equal(logits_of(program), logits)
    assert made.session.decision.thresholds.values[0] == np.float32(0.25)
    assert_table_is_scikit_learns(program)


# -- tables of either kind -----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("image,cat,dog\na.png,1,0\nb.png,0,\n", TableKind.ANNOTATIONS),  # one column a label
        ("Path,Age,AP/PA,Edema\na.png,61,AP,1.0\nb.png,34,PA,-1.0\n", TableKind.ANNOTATIONS),  # CheXpert
        ("Image Index,Finding Labels,Age,Spacing\na.png,Mass|Edema,61,0.143\n", TableKind.ANNOTATIONS),  # NIH
        ("ImageID,Source,LabelName,Confidence\na,machine,/m/01,0.7\n", TableKind.ANNOTATIONS),  # Open Images
        ("image,width,cat\na.png,640,1\nb.png,320,0\n", TableKind.ANNOTATIONS),
        ("image_id,labels\na.png,cat dog\n", TableKind.ANNOTATIONS),
        ("", TableKind.ANNOTATIONS),
        ("file,cat,dog\na.png,0.91,0.03\nb.png,0.2,0.4\n", TableKind.PREDICTIONS),
        ("file;cat;dog\na.png;0,91;0,03\n", TableKind.PREDICTIONS),  # decimal commas
        ("file,a;b;c;d,dog\nx.png,0.91,0.03\n", TableKind.PREDICTIONS),  # names full of semicolons
        ("sep=;\nfile;cat;dog\na.png;0,91;0,03\n", TableKind.PREDICTIONS),
        ("file,cat,dog\na.png,-4.25,3e-2\nb.png,nan,1\n", TableKind.PREDICTIONS),
        ("file,cat,dog\na.png,0.91,0\nb.png,0.2,1\n", TableKind.PREDICTIONS),  # certain of one label
        ("image,score of cat,cat predicted\na.png,1,yes\n", TableKind.PREDICTIONS),  # Cutline's own
        ("file,cat,dog,owl\na.png,0.91,0,1\nb.png,0.2,1,1\n", TableKind.DOUBT),  # soft labels, perhaps
        ("file,model,cat,dog\na.png,m,0.91,0.3\n", TableKind.DOUBT),
        ("file,cat,dog\na.png,3,-5.5\nb.png,-2,7\n", TableKind.DOUBT),  # logits without fractions
    ],
)
def test_how_tables_of_annotations_and_of_predictions_are_told_apart(
    tmp_path: Path, text: str, kind: TableKind
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert table_kind(str(path)) is kind
    path.write_bytes(text.encode("utf-16"))
    assert table_kind(str(path)) is kind


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    assert table_kind(str(pipe)) is TableKind.ANNOTATIONS  # and refused by whoever opens it


def test_a_long_table_is_told_by_its_head(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    rows = "".join(f"a{i}.png,0.5,0.25\n" for i in range(20_000))
    path.write_text(f"file,cat,dog\n{rows}last.png,what,ever\n")
    assert table_kind(str(path)) is TableKind.PREDICTIONS


def test_a_dropped_label_file_is_not_mistaken_for_predictions(
    program: Cutline, qtbot: QtBot, colour_model: Path, folder: Path
) -> None:
    made = program.made
    assert made is not None
    made.opening.open_paths([str(folder / "labels.csv"), str(colour_model)])
    wait_until_scored(program, qtbot)
    assert isinstance(made.session.model, LoadedModel)
    assert_table_is_scikit_learns(program)


@pytest.mark.parametrize("answer", ["Predictions", "Annotations", "Cancel"])
def test_a_table_in_doubt_is_asked_about(
    program: Cutline, qtbot: QtBot, folder: Path, tmp_path: Path, answer: str
) -> None:
    scores = sigmoid(some_logits())
    scores[:, 1:] = scores[:, 1:] > 0.5
    path = write_csv(tmp_path / "doubtful.csv", names(), scores)
    made = program.made
    assert made is not None
    made.opening.open_paths([str(path), str(folder)])
    qtbot.waitUntil(lambda: program.window.findChild(QMessageBox, "table_kind") is not None, timeout=LONG)
    box = program.window.findChild(QMessageBox, "table_kind")
    assert isinstance(box, QMessageBox)
    assert "doubtful.csv may hold annotations or predictions" in box.text()
    assert not made.opening.busy
    next(one for one in box.buttons() if one.text().replace("&", "") == answer).click()
    if answer == "Predictions":
        wait_for_question(program, qtbot).accept()
        wait_until_scored(program, qtbot)
        assert model_of(program).path == path
        assert_table_is_scikit_learns(program)
    elif answer == "Annotations":
        qtbot.waitUntil(lambda: not made.opening.busy and bool(program.window.message_bar.currentText()), timeout=LONG)
        assert made.session.model is None
    else:
        assert not made.opening.busy
        assert made.session.dataset is None
