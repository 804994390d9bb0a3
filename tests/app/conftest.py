"""The program as a user starts it, offscreen, with nothing left over afterwards."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.application import Cutline
from app.folders import Folders
from inference.models.card import ModelCard, Preprocessing, write_card
from inference.models.compat import import_torchvision
from tests.app.files import annotate, said

LABELS = ("red", "green", "blue")


@pytest.fixture
def start(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[], Cutline]]:
    """Starts the program (again and again on the same state folder) and ends it with the test."""
    running: list[Cutline] = []
    before = set(qapp.topLevelWidgets())

    def begin() -> Cutline:
        program = Cutline(Folders.inside(tmp_path / "state"))
        running.append(program)
        program.window.resize(1280, 800)
        with qtbot.waitSignal(program.ready, timeout=30_000):
            program.window.show()
        return program

    yield begin
    for program in running:
        if shiboken6.isValid(program):
            stop(program)
    # Qt keeps the one tool tip; pyqtgraph's plots have menus without a parent, which live as long as Python holds them
    left = [widget for widget in qapp.topLevelWidgets() if widget not in before]
    left = [widget for widget in left if widget.metaObject().className() not in ("QTipLabel", "QMenu")]
    assert not left, f"top-level widgets outlive the program: {left}"


def stop(program: Cutline) -> None:
    """End a program as closing its window does; every thread must end."""
    program.window.close()
    assert program.close()
    program.window.deleteLater()
    program.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def program(start: Callable[[], Cutline]) -> Cutline:
    return start()


@pytest.fixture(scope="session")
def colour_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A card and random weights for three labels."""
    torchvision = import_torchvision()
    import torch
    from safetensors.torch import save_file

    folder = tmp_path_factory.mktemp("model")
    torch.manual_seed(3)
    network = torchvision.models.squeezenet1_1(weights=None, num_classes=len(LABELS))
    save_file(network.state_dict(), folder / "weights.safetensors")
    card = ModelCard(
        architecture="squeezenet1_1",
        weights="weights.safetensors",
        labels=LABELS,
        activation="sigmoid",
        preprocessing=Preprocessing(
            resize=(32, 32),
            crop=None,
            interpolation="bilinear",
            mean=(0.5, 0.5, 0.5),
            std=(0.1, 0.1, 0.1),
            channels="rgb",
        ),
    )
    write_card(card, folder / "model.toml")
    return folder / "model.toml"


def write_images(folder: Path, n: int, seed: int = 0) -> list[str]:
    """Small noisy pictures, each with a colour of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    names = []
    for i in range(n):
        pixels = rng.integers(0, 80, (40, 48, 3)) + rng.integers(0, 170, 3)
        name = f"image_{i:03d}.png"
        Image.fromarray(pixels.astype(np.uint8)).save(folder / name)
        names.append(name)
    return names


def write_labels(folder: Path, names: list[str], seed: int = 0, labels: tuple[str, ...] = LABELS) -> Path:
    """A CSV with one column a label, some cells unknown."""
    rng = np.random.default_rng(seed)
    path = folder / "labels.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", *labels])
        for i, name in enumerate(names):
            cells = [str(v) for v in rng.integers(0, 2, len(labels))]
            if i % 7 == 3:
                cells[i % len(labels)] = ""
            writer.writerow([name, *cells])
    return path


@pytest.fixture
def colour_folder(tmp_path: Path) -> Path:
    """Thirty images with labels.csv beside them."""
    folder = tmp_path / "validation"
    write_labels(folder, write_images(folder, 30))
    return folder


@pytest.fixture
def annotated(
    start: Callable[[], Cutline], qtbot: QtBot, colour_model: Path, colour_folder: Path
) -> dict[str, list[int]]:
    """What was said of the images of `colour_folder` by a program that is closed."""
    from tests.app.test_window import open_and_score  # which imports this module

    program = start()
    open_and_score(program, qtbot, colour_model, colour_folder)
    annotate(program, "image_005.png")
    found = said(program)
    stop(program)
    return found
