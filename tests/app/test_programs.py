"""A model that is a program, in the real window: asked about, scored, and survived."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from PySide6.QtWidgets import QCheckBox, QPushButton
from pytestqt.qtbot import QtBot

from app.application import Cutline
from inference.models.card import ModelCard, Preprocessing, write_card
from inference.types import ImageState, RgbArray
from tests.app.conftest import stop, write_labels
from tests.app.test_window import LONG, assert_table_is_scikit_learns, wait_until_scored
from tests.inference.models.child import moods
from widgets.dialogs.consent_dialog import ConsentDialog

LABELS = ("first", "second")
AS_PIXELS = Preprocessing(resize=None, crop=8, mean=(0.0, 0.0, 0.0), std=(1 / 255,) * 3)  # scaled by 1


def write_model(folder: Path, more: str = "") -> Path:
    """A card, weights and the factory of the network of moods."""
    folder.mkdir()
    shutil.copy(Path(moods.__file__), folder / "net.py")
    with (folder / "net.py").open("a") as file:
        file.write(more)
    torch.save({"weight": torch.tensor([-100.0, -130.0])}, folder / "weights.pt")
    card = ModelCard("net", "weights.pt", LABELS, preprocessing=AS_PIXELS, kind="factory", factory="net.py:build")
    write_card(card, folder)
    return folder / "model.toml"


def picture(number: int, mood: str = "scores") -> RgbArray:
    pixels = np.random.default_rng(number).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    pixels[0, 0, 0] = moods.MOODS.index(mood)
    return pixels


def write_folder(folder: Path, names: list[str], first: str = "scores") -> Path:
    folder.mkdir()
    for number, name in enumerate(names):
        Image.fromarray(picture(number, "scores" if number else first)).save(folder / name)
    write_labels(folder, names, labels=LABELS)
    return folder


def asked(program: Cutline, qtbot: QtBot) -> ConsentDialog:
    """The question that is on the screen."""

    def shown() -> list[ConsentDialog]:
        return [one for one in program.window.findChildren(ConsentDialog) if one.isVisible()]

    qtbot.waitUntil(lambda: bool(shown()), timeout=LONG)
    (dialog,) = shown()
    return dialog


def press(dialog: ConsentDialog, words: str) -> None:
    next(one for one in dialog.findChildren(QPushButton) if words in one.text().replace("&", "")).click()


def test_a_program_is_asked_about_scored_and_survived(
    start: Callable[[], Cutline], qtbot: QtBot, tmp_path: Path
) -> None:
    names = [f"{number}.png" for number in range(12)]
    model, folder = write_model(tmp_path / "model"), write_folder(tmp_path / "good", names)
    program = start()
    made = program.made
    assert made is not None

    # the user cancels, and nothing is open
    program.open_pair(str(model), str(folder))
    press(asked(program, qtbot), "Cancel")
    assert made.session.model is None
    assert not made.opening.busy

    # agreed to for good: scored
    program.open_pair(str(model), str(folder))
    dialog = asked(program, qtbot)
    dialog.findChildren(QCheckBox)[0].click()
    press(dialog, "Run and open")
    wait_until_scored(program, qtbot)
    run, dataset = made.session.run, made.session.dataset
    assert run is not None
    assert dataset is not None
    pixels = np.stack([picture(int(name.removesuffix(".png"))) for name in dataset.names])
    np.testing.assert_allclose(run.logits, pixels[..., :2].mean((1, 2)) - [100.0, 130.0], atol=1e-3)
    assert_table_is_scikit_learns(program)

    # another model crashes as it is opened: it was asked about, it is said, and the first one stays
    crashing = write_model(
        tmp_path / "crashing", "\n\ndef forward(self, x):\n    ctypes.string_at(0)\n\nMoods.forward = forward\n"
    )
    first = made.session.model
    made.opening.open(str(crashing))
    press(asked(program, qtbot), "Run and open")
    qtbot.waitUntil(lambda: not made.opening.busy, timeout=LONG)
    assert "net.py crashed (segmentation fault)" in program.window.message_bar.currentText()
    assert made.session.model is first
    assert made.session.run is run

    # the first one crashes in the middle of a run: it is said, and once the image is mended the run goes on
    bad = write_folder(tmp_path / "bad", names, first="crashes")
    made.opening.open(folder=str(bad))
    qtbot.waitUntil(lambda: made.session.dataset is not None and made.session.dataset.root == str(bad), timeout=LONG)
    qtbot.waitUntil(lambda: not made.scoring.running and bool(made.scoring.pending), timeout=LONG)
    assert "net.py crashed (segmentation fault)" in program.window.message_bar.currentText()
    Image.fromarray(picture(0)).save(bad / names[0])
    made.scoring.again()
    wait_until_scored(program, qtbot)
    assert made.session.run is not None
    assert (made.session.run.state == ImageState.SCORED).all()
    stop(program)

    # at the next start it is remembered, until the file changes
    program = start()
    program.open_pair(str(model), str(folder))
    wait_until_scored(program, qtbot)
    assert program.made is not None
    with (model.parent / "net.py").open("a") as file:
        file.write("\n# changed\n")
    program.made.opening.open(str(model))
    press(asked(program, qtbot), "Cancel")


def test_a_program_without_a_card_is_asked_about_and_then_described(
    program: Cutline, qtbot: QtBot, tmp_path: Path
) -> None:
    class Means(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.mean((2, 3))

    torch.export.save(torch.export.export(Means(), (torch.rand(1, 3, 8, 8),)), tmp_path / "means.pt2")
    made = program.made
    assert made is not None
    made.opening.open(str(tmp_path / "means.pt2"))
    with qtbot.waitSignal(made.opening.cardNeeded, timeout=LONG) as needed:
        press(asked(program, qtbot), "Run and open")
    draft = needed.args[1]
    assert (draft.architecture, draft.n_outputs, draft.crop) == ("export", 3, 8)
