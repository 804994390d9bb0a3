"""Makes everything under ``assets/demo`` that is not a program: pictures, labels, weights, model cards.

    python -m assets.demo.build              all of it, minutes on two cores
    python -m assets.demo.build pictures     only the validation pictures and their labels

The same seeds give the same pictures everywhere, and the same weights on one kind of machine.
"""

from __future__ import annotations

import csv
import shutil
import sys
import time
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assets.demo import digits, sheets
from assets.demo.cards import CARDS, card_text
from assets.demo.scans import Pool, load_pools

HERE: Final = Path(__file__).parent
SEED: Final = 20260
N_SHEETS: Final = 400
N_DIGITS: Final = 500
N_TRAINING_SHEETS: Final = 2600
N_TRAINING_DIGITS: Final = 6000
# The mix of the training sheets is another than that of validation, as it goes with collected data.
TRAINING_SHARES: Final = (0.20, 0.24, 0.22, 0.16, 0.24, 0.10, 0.24, 0.30, 0.18, 0.08)
LEFT_OUT: Final = 4  # sheets without a row in labels.csv
LEFT_EMPTY: Final = 4  # sheets whose row is empty
UNKNOWN_CELLS: Final = 30
JPEG_QUALITY: Final = 84
# Sides of what the networks see, (height, width): the cards say the same.
SHEET_SIZE: Final = CARDS["sheets"].resize
DIGIT_SIZE: Final = CARDS["digits/bce"].resize

Sources = list[tuple[str, str]]


def main() -> None:
    """Build what the command line names: nothing for all, or ``pictures``."""
    started = time.monotonic()
    train, validation = load_pools()
    write_pictures(validation)
    _say(started, "validation pictures")
    if "pictures" not in sys.argv[1:]:
        build_models(train, started)


def write_pictures(pool: Pool) -> None:
    """Both validation folders, their labels, and ``sources.csv``: which scans each picture shows."""
    sources = write_sheets(pool) + write_digits(pool)
    with (HERE / "sources.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("image", "scans"))
        rows.writerows(sources)


def write_sheets(pool: Pool) -> Sources:
    """``sheets/validation``: the pictures and ``labels.csv``."""
    folder = _fresh(HERE / "sheets" / "validation")
    rng = np.random.default_rng(SEED)
    wanted = sheets.wanted_labels(N_SHEETS, sheets.PREVALENCE, rng)
    sources: Sources = []
    for number, labels in enumerate(wanted, start=1):
        sheet = sheets.draw_sheet(labels, pool, rng)
        name = f"sheet_{number:03d}.jpg"
        Image.fromarray(sheet.rgb).save(folder / name, quality=JPEG_QUALITY, optimize=True)
        sources.append((f"sheets/validation/{name}", " ".join(map(str, sheet.scans))))
    _write_labels(folder / "labels.csv", annotated(wanted, rng))
    return sources


def annotated(wanted: NDArray[np.bool_], rng: np.random.Generator) -> list[list[str]]:
    """Cells of the label table: "1", "0" or "" (unknown); an empty list where a sheet has no row."""
    cells = [["1" if positive else "0" for positive in row] for row in wanted]
    unseen = rng.choice(len(cells), LEFT_OUT + LEFT_EMPTY, replace=False)
    for index in unseen[:LEFT_EMPTY]:
        cells[index] = [""] * len(sheets.LABELS)
    for index in unseen[LEFT_EMPTY:]:
        cells[index] = []
    seen = np.setdiff1d(np.arange(len(cells)), unseen)
    for index in rng.choice(seen, UNKNOWN_CELLS, replace=False):
        cells[index][int(rng.integers(len(sheets.LABELS)))] = ""
    return cells


def _write_labels(path: Path, cells: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("image", *sheets.LABELS))
        rows.writerows((f"sheet_{number:03d}.jpg", *row) for number, row in enumerate(cells, start=1) if row)


def write_digits(pool: Pool) -> Sources:
    """``digits/validation``: a folder for each digit."""
    folder = _fresh(HERE / "digits" / "validation")
    rng = np.random.default_rng(SEED + 1)
    sources: Sources = []
    for number in range(N_DIGITS):
        digit = number % 10
        picture, scan = digits.draw_digit(digit, pool, rng)
        path = folder / sheets.LABELS[digit] / f"{sheets.LABELS[digit]}_{number // 10 + 1:02d}.jpg"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(picture).save(path, quality=JPEG_QUALITY, optimize=True)
        sources.append((path.relative_to(HERE).as_posix(), str(scan)))
    return sources


def build_models(pool: Pool, started: float) -> None:
    """Train the three networks on scans of ``pool`` and write weights and cards."""
    import torch

    from assets.demo import training

    training.be_reproducible(SEED)
    rng = np.random.default_rng(SEED + 2)
    single = torch.stack(
        [training.shrink(digits.draw_digit(i % 10, pool, rng)[0], DIGIT_SIZE) for i in range(N_TRAINING_DIGITS)]
    )
    which = torch.arange(N_TRAINING_DIGITS) % 10
    _say(started, "training digits")
    course = training.Course(epochs=12, rate=1.5e-2, turn=3.0)
    bce: torch.nn.Module | None = None
    for name, target, loss in (
        ("crossentropy", which, torch.nn.CrossEntropyLoss()),
        ("bce", torch.nn.functional.one_hot(which, 10).float(), torch.nn.BCEWithLogitsLoss()),
    ):
        torch.manual_seed(SEED)
        bce = training.train(training.new_network(10), single, target, loss, course, SEED)
        _finish(f"digits/{name}", bce)
        _say(started, f"digits/{name}")
    assert bce is not None

    wanted = sheets.wanted_labels(N_TRAINING_SHEETS, TRAINING_SHARES, rng)
    many = torch.stack([training.shrink(sheets.draw_sheet(row, pool, rng).rgb, SHEET_SIZE) for row in wanted])
    _say(started, "training sheets")
    # The network that knows single digits is where the one for sheets starts: from nothing it learns little in minutes.
    course = training.Course(epochs=9, rate=4e-3, keep=0.995, negative=0.3)
    network = training.train(
        bce, many, torch.from_numpy(wanted).float(), torch.nn.BCEWithLogitsLoss(), course, SEED + 3
    )
    _finish("sheets", network)
    _say(started, "sheets")


def _finish(folder: str, network: object) -> None:
    from torch import nn

    from assets.demo import training

    assert isinstance(network, nn.Module)
    (HERE / folder).mkdir(parents=True, exist_ok=True)
    training.save(network, HERE / folder / "weights.safetensors")
    (HERE / folder / "model.toml").write_text(card_text(CARDS[folder]), encoding="utf-8")


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _say(started: float, what: str) -> None:
    print(f"{time.monotonic() - started:6.1f} s  {what}", flush=True)


if __name__ == "__main__":
    main()
