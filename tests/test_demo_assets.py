"""The shipped demo is what its README says: small, honest about its scans, and worth looking at."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import load_file
from sklearn.datasets import load_digits
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve

from assets.demo import build, digits, sheets
from assets.demo.scans import FIRST_VALIDATION_SCAN, load_pools, scan_hash
from inference.models.compat import import_torchvision

import_torchvision()
from torchvision import models  # noqa: E402
from torchvision.transforms import v2  # noqa: E402

DEMO = Path(__file__).parents[1] / "assets" / "demo"
CARDS = ("sheets", "digits/crossentropy", "digits/bce")
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@cache
def card(folder: str) -> dict[str, Any]:
    return tomllib.loads((DEMO / folder / "model.toml").read_text(encoding="utf-8"))


@cache
def label_rows() -> dict[str, list[str]]:
    with (DEMO / "sheets/validation/labels.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert header == ["image", *WORDS]
    return {name: cells for name, *cells in rows}


@cache
def sources() -> dict[str, list[int]]:
    with (DEMO / "sources.csv").open(newline="", encoding="utf-8") as file:
        return {row["image"]: [int(scan) for scan in row["scans"].split()] for row in csv.DictReader(file)}


def sheet_paths() -> list[Path]:
    return sorted((DEMO / "sheets/validation").glob("*.jpg"))


def digit_paths() -> list[Path]:
    return sorted((DEMO / "digits/validation").glob("*/*.jpg"))


@cache
def network(folder: str) -> torch.nn.Module:
    said = card(folder)
    built = models.get_model(said["architecture"], weights=None, num_classes=len(said["labels"]))
    built.load_state_dict(load_file(DEMO / folder / said["weights"]))
    assert isinstance(built, torch.nn.Module)
    return built.eval()


@cache
def logits(folder: str) -> NDArray[np.float64]:
    """(n, 10) in the order of the paths, by torchvision's own transforms as the card tells them."""
    said = card(folder)["preprocessing"]
    assert said["crop"] == "none"
    assert (said["interpolation"], said["channels"]) == ("bilinear", "rgb")
    prepare = v2.Compose(
        [
            v2.Resize(said["resize"], antialias=True),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(said["mean"], said["std"]),
        ]
    )
    paths = sheet_paths() if folder == "sheets" else digit_paths()
    pictures = torch.stack([prepare(Image.open(path).convert("RGB")) for path in paths])
    with torch.inference_mode():
        return torch.cat([network(folder)(part) for part in torch.split(pictures, 100)]).double().numpy()


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-values))


def sheet_truth() -> NDArray[np.int64]:
    """(n, 10) in the order of the paths, -1 unknown."""
    meaning = {"1": 1, "0": 0, "": -1}
    rows = label_rows()
    return np.asarray([[meaning[cell] for cell in rows.get(path.name, [""] * 10)] for path in sheet_paths()])


def digit_truth() -> NDArray[np.int64]:
    return np.asarray([WORDS.index(path.parent.name) for path in digit_paths()])


def test_demo_is_under_12_megabytes() -> None:
    files = [path for path in DEMO.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert sum(path.stat().st_size for path in files) < 12_000_000


def test_sheets_are_400_pictures_of_several_shapes() -> None:
    shapes = set()
    for path in sheet_paths():
        with Image.open(path) as image:
            image.load()
            shapes.add(image.size)
    assert len(sheet_paths()) == 400
    assert len(shapes) >= 4
    assert all(240 <= side <= 320 for shape in shapes for side in shape)


def test_digits_are_500_pictures_50_of_each_class() -> None:
    assert np.bincount(digit_truth()).tolist() == [50] * 10


def test_prevalence_runs_from_40_percent_down_to_3() -> None:
    truth = sheet_truth()
    shares = np.sort([(column == 1).sum() / (column >= 0).sum() for column in truth.T])
    assert 0.02 <= shares[0] <= 0.04
    assert 0.37 <= shares[-1] <= 0.42
    assert len(np.unique(shares.round(2))) >= 9


def test_unannotated_unknown_and_empty_sheets_are_all_there() -> None:
    rows = label_rows()
    assert len([path for path in sheet_paths() if path.name not in rows]) == 4
    assert len([cells for cells in rows.values() if not any(cells)]) == 4
    assert len([cells for cells in rows.values() if any(cells) and "" in cells]) == 30
    assert len([cells for cells in rows.values() if set(cells) == {"0"}]) >= 30
    assert set(rows) <= {path.name for path in sheet_paths()}


def test_sheets_hold_no_to_five_digits_and_the_labels_say_which() -> None:
    written = load_digits().target
    rows = label_rows()
    numbers = set()
    for path in sheet_paths():
        scans = sources()[path.relative_to(DEMO).as_posix()]
        numbers.add(len(scans))
        held = {WORDS[written[scan]] for scan in scans}
        for word, cell in zip(WORDS, rows.get(path.name, [""] * 10), strict=True):
            assert cell in ("", "1" if word in held else "0"), (path.name, word)
    assert numbers == {0, 1, 2, 3, 4, 5}


def test_single_digits_are_in_the_folder_of_their_scan() -> None:
    written = load_digits().target
    for path in digit_paths():
        (scan,) = sources()[path.relative_to(DEMO).as_posix()]
        assert WORDS[written[scan]] == path.parent.name


def test_no_training_scan_is_in_validation() -> None:
    images = load_digits().images
    train, validation = load_pools()
    trained_on = {scan_hash(images[index]) for index in train.indices}
    shown = {scan_hash(images[scan]) for scans in sources().values() for scan in scans}
    assert len(shown) > 300
    assert not trained_on & shown
    assert not trained_on & {scan_hash(images[index]) for index in validation.indices}
    assert train.indices.max() < FIRST_VALIDATION_SCAN <= min(min(scans) for scans in sources().values() if scans)


def same_but_for_jpeg(path: Path, drawn: NDArray[np.uint8]) -> bool:
    with Image.open(path) as image:
        shown = np.asarray(image.convert("RGB")).astype(int)
    return shown.shape == drawn.shape and bool(np.abs(shown - drawn).mean() < 5)


def test_the_build_draws_the_shipped_pictures_again() -> None:
    _, pool = load_pools()
    rng = np.random.default_rng(build.SEED)
    wanted = sheets.wanted_labels(build.N_SHEETS, sheets.PREVALENCE, rng)
    for path, labels in zip(sheet_paths()[:8], wanted, strict=False):
        sheet = sheets.draw_sheet(labels, pool, rng)
        assert list(sheet.scans) == sources()[path.relative_to(DEMO).as_posix()]
        assert same_but_for_jpeg(path, sheet.rgb), path.name
    rng = np.random.default_rng(build.SEED + 1)
    for word in WORDS:
        picture, scan = digits.draw_digit(WORDS.index(word), pool, rng)
        path = DEMO / "digits/validation" / word / f"{word}_01.jpg"
        assert [scan] == sources()[path.relative_to(DEMO).as_posix()]
        assert same_but_for_jpeg(path, picture), path.name


@pytest.mark.parametrize("folder", CARDS)
def test_card_and_weights_belong_together(folder: str) -> None:
    said = card(folder)
    assert said["format"] == 1
    assert tuple(said["labels"]) == WORDS
    assert said["activation"] == ("softmax" if folder.endswith("crossentropy") else "sigmoid")
    assert logits(folder).shape[1] == len(WORDS)
    assert np.isfinite(logits(folder)).all()


def test_sheet_model_ranks_well_on_every_label() -> None:
    truth, scores = sheet_truth(), sigmoid(logits("sheets"))
    for label, word in enumerate(WORDS):
        known = truth[:, label] >= 0
        precision = average_precision_score(truth[known, label], scores[known, label])
        assert precision > (0.8 if truth[known, label].mean() > 0.09 else 0.4), word


def tuned_thresholds(truth: NDArray[np.int64], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each label the score that gives the best F1 on these sheets."""
    best = []
    for label in range(truth.shape[1]):
        known = truth[:, label] >= 0
        precision, recall, tried = precision_recall_curve(truth[known, label], scores[known, label])
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        best.append(tried[np.argmax(f1[:-1])])
    return np.asarray(best)


def test_sheet_model_is_good_when_tuned_and_visibly_worse_at_one_half() -> None:
    truth, scores = sheet_truth(), sigmoid(logits("sheets"))
    known = (truth >= 0).ravel()
    thresholds = tuned_thresholds(truth, scores)
    tuned = f1_score(truth.ravel()[known], (scores >= thresholds).ravel()[known])
    plain = f1_score(truth.ravel()[known], (scores >= 0.5).ravel()[known])
    assert 0.75 <= tuned <= 0.92
    assert plain < tuned - 0.02
    assert thresholds.max() - thresholds.min() > 0.2


@pytest.mark.parametrize("folder", ["digits/crossentropy", "digits/bce"])
def test_digit_models_are_right_nine_times_in_ten_and_not_always(folder: str) -> None:
    accuracy = (logits(folder).argmax(axis=1) == digit_truth()).mean()
    assert 0.88 <= accuracy <= 0.98


def test_independent_scores_leave_some_digits_with_none_and_some_with_several_labels() -> None:
    predicted = (sigmoid(logits("digits/bce")) >= 0.5).sum(axis=1)
    assert (predicted == 0).sum() >= 5
    assert (predicted >= 2).sum() >= 3
