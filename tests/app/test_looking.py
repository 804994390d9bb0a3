"""Heat maps in the running program: they follow what is looked at, and leave the run alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

import app.controllers.looking as looking_module
import app.controllers.scoring as scoring_module
import inference.models.engine as engine_module
from app.application import Cutline
from app.controllers.looking import LookingController
from app.controllers.scoring import ScoringController
from inference.data.formats.predictions import write_predictions
from inference.data.images import decode_image
from inference.models.engine import ScoredBatch
from inference.models.heatmaps import heat_maps
from inference.models.score_edits import score_picture
from inference.types import Activation, ImageState, RgbArray
from inference.types.looking import HeatMap, HeatMethod, HeatState
from tests.app.conftest import write_images
from tests.app.test_window import LONG, open_and_score, wait_until_scored
from widgets.image_view import ImageView
from widgets.looking.heat_card import HeatCard

WAIT_S = 30


class Seen:
    """What the controller told."""

    def __init__(self, control: LookingController) -> None:
        self.maps: list[HeatMap | None] = []
        self.states: list[HeatState] = []
        control.heatChanged.connect(self.maps.append)
        control.stateChanged.connect(self.states.append)

    @property
    def state(self) -> HeatState:
        return self.states[-1]

    @property
    def whole(self) -> bool:
        return bool(self.maps) and self.maps[-1] is not None and self.maps[-1].whole

    @property
    def map(self) -> HeatMap:
        found = self.maps[-1]
        assert found is not None
        return found


def control_of(program: Cutline) -> LookingController:
    assert program.made is not None
    return program.made.looking


def view_of(program: Cutline) -> ImageView:
    assert program.window.workbench is not None
    return program.window.workbench.image_view


def card_of(program: Cutline) -> HeatCard:
    (card,) = view_of(program).findChildren(HeatCard)
    return card


def scoring_of(program: Cutline) -> ScoringController:
    assert program.made is not None
    return program.made.scoring


@pytest.fixture
def scored(program: Cutline, qtbot: QtBot, colour_model: Path, colour_folder: Path) -> Cutline:
    open_and_score(program, qtbot, colour_model, colour_folder)
    assert program.made is not None
    program.made.session.set_image(0)
    program.made.session.set_label(0)
    qtbot.waitUntil(lambda: view_of(program).canvas().hasImage(), timeout=LONG)
    return program


def picture_of(program: Cutline, image: int) -> RgbArray:
    assert program.made is not None
    dataset = program.made.session.dataset
    assert dataset is not None
    return decode_image(Path(dataset.root) / dataset.names[image]).rgb


def expected(program: Cutline, image: int, label: int, method: HeatMethod) -> HeatMap:
    assert program.made is not None
    model: Any = program.made.session.model
    *_, last = heat_maps(model, picture_of(program, image), label, method, lambda: False)
    return last


def test_the_key_lays_it_over_the_image_and_takes_it_away(scored: Cutline, qtbot: QtBot) -> None:
    seen = Seen(control_of(scored))
    action = scored.window.actions_by_key["heat_map"]
    QTest.keyClick(scored.window, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: seen.whole, timeout=LONG)
    assert action.isChecked()
    assert card_of(scored).isVisible()
    assert "Bright places raise the score of red" in card_of(scored).text() or not seen.map.values.any()
    np.testing.assert_allclose(seen.map.values, expected(scored, 0, 0, HeatMethod.GRAD_CAM).values, atol=1e-4)
    QTest.keyClick(scored.window, Qt.Key.Key_H)
    assert seen.maps[-1] is None
    assert not action.isChecked()
    assert not card_of(scored).isVisible()


def test_it_follows_image_label_and_method(scored: Cutline, qtbot: QtBot) -> None:
    made = scored.made
    assert made is not None
    seen = Seen(made.looking)
    made.looking.set_wanted(True)
    qtbot.waitUntil(lambda: seen.whole, timeout=LONG)
    made.session.set_label(2)
    assert seen.maps[-1] is None  # at once: the old one is of another label
    assert seen.state.label == "blue"
    qtbot.waitUntil(lambda: seen.whole, timeout=LONG)
    assert seen.map.label == 2
    made.session.set_image(4)
    assert seen.maps[-1] is None
    qtbot.waitUntil(lambda: seen.whole, timeout=LONG)
    np.testing.assert_allclose(seen.map.values, expected(scored, 4, 2, HeatMethod.GRAD_CAM).values, atol=1e-4)
    made.looking.set_method(HeatMethod.OCCLUSION)
    qtbot.waitUntil(lambda: seen.whole, timeout=LONG)
    assert seen.map.method is HeatMethod.OCCLUSION
    np.testing.assert_allclose(
        seen.map.values, expected(scored, 4, 2, HeatMethod.OCCLUSION).values, rtol=1e-3, atol=1e-4
    )
    assert any(0 < state.done < state.total for state in seen.states)  # coarse first


class Gate:
    """Maps that come when they are let go, a step at a time."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.free = threading.Semaphore(0)
        self.made = 0
        self.closed = 0

    def __call__(
        self, model: Any, rgb: RgbArray, label: int, method: HeatMethod, cancelled: Callable[[], bool]
    ) -> Iterator[HeatMap]:
        try:
            for _ in range(100):
                self.entered.release()
                assert self.free.acquire(timeout=WAIT_S)
                if cancelled():
                    return
                self.made += 1
                yield next(heat_maps(model, rgb, label, HeatMethod.OCCLUSION, cancelled))
        finally:
            self.closed += 1


def test_a_late_map_of_another_image_is_dropped(scored: Cutline, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    made = scored.made
    assert made is not None
    gate = Gate()
    monkeypatch.setattr(looking_module, "heat_maps", gate)
    seen = Seen(made.looking)
    made.looking.set_wanted(True)
    assert gate.entered.acquire(timeout=WAIT_S)
    made.session.set_image(3)
    gate.free.release()  # the first one comes only now
    qtbot.waitUntil(lambda: gate.closed == 1, timeout=LONG)
    assert seen.maps == [None] * len(seen.maps)
    made.looking.set_wanted(False)
    for _ in range(3):
        gate.free.release()
    qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)
    assert seen.maps == [None] * len(seen.maps)


def test_a_run_goes_on_beside_it_with_the_same_numbers(
    program: Cutline, qtbot: QtBot, colour_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Maps come while images are being scored, and the run neither stops nor changes."""
    folder = tmp_path / "many"
    write_images(folder, 300, seed=9)
    made = program.made
    assert made is not None
    asked = threading.Event()
    real = engine_module.score

    def waiting(*given: Any, **more: Any) -> Iterator[ScoredBatch]:
        """The run waits after its first batch until a map was asked for."""
        for place, batch in enumerate(real(*given, **more)):
            yield batch
            assert place or asked.wait(WAIT_S)

    monkeypatch.setattr(scoring_module, "score", waiting)
    program.open_pair(str(colour_model), str(folder))
    qtbot.waitUntil(lambda: made.scoring.running and made.scoring.pending < 300, timeout=LONG)
    made.session.set_image(0)
    made.session.set_label(1)
    qtbot.waitUntil(lambda: view_of(program).canvas().hasImage(), timeout=LONG)
    seen = Seen(made.looking)
    left: list[int] = []
    ends: list[int] = []
    made.looking.heatChanged.connect(lambda heat: left.append(made.scoring.pending) if heat is not None else None)
    made.scoring.ended.connect(lambda: ends.append(made.scoring.pending))
    made.looking.set_method(HeatMethod.OCCLUSION)
    made.looking.set_wanted(True)
    asked.set()
    wait_until_scored(program, qtbot)
    qtbot.waitUntil(lambda: seen.whole, timeout=LONG)
    assert left[0] > 200  # the first one came while most was still to be scored
    assert ends == [0]
    run = made.session.run
    assert run is not None
    assert (run.state == ImageState.SCORED).all()
    kept = run.logits.copy()
    made.looking.set_wanted(False)
    model: Any = made.session.model
    assert_logits_are_the_networks(model, kept, [picture_of(program, image) for image in range(0, 300, 37)])


def assert_logits_are_the_networks(model: Any, kept: np.ndarray, pictures: list[RgbArray]) -> None:
    """The run's logits are the network's own."""
    for place, rgb in enumerate(pictures):
        np.testing.assert_allclose(kept[place * 37], score_picture(model, rgb), rtol=1e-3, atol=1e-4)


def test_a_broken_image_says_so(program: Cutline, qtbot: QtBot, colour_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    names = write_images(folder, 6)
    (folder / names[2]).write_bytes(b"no picture")
    open_and_score(program, qtbot, colour_model, folder)
    made = program.made
    assert made is not None
    seen = Seen(made.looking)
    made.session.set_label(0)
    made.looking.set_wanted(True)
    made.session.set_image(2)
    qtbot.waitUntil(lambda: "nothing to look into" in seen.state.message, timeout=LONG)
    assert names[2] in card_of(program).text()
    assert seen.maps[-1] is None
    made.session.set_image(3)
    qtbot.waitUntil(lambda: seen.whole, timeout=LONG)
    assert not seen.state.message


def test_predictions_have_no_network_to_ask(program: Cutline, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    names = write_images(folder, 5)
    table = tmp_path / "scores.npz"
    logits = np.random.default_rng(0).normal(size=(5, 2)).astype(np.float32)
    write_predictions(str(table), names, ("red", "green"), logits, kind="logits", activation=Activation.SIGMOID)
    program.window.pathsDropped.emit([str(table), str(folder)])
    made = program.made
    assert made is not None
    qtbot.waitUntil(lambda: not made.opening.busy and made.session.run is not None, timeout=LONG)
    seen = Seen(made.looking)
    made.session.set_image(0)
    made.session.set_label(0)
    made.looking.set_wanted(True)
    qtbot.waitUntil(lambda: view_of(program).canvas().hasImage(), timeout=LONG)
    assert seen.state.message.startswith("The scores come from scores.npz. To show where it looked, open a model")
    assert seen.maps[-1] is None


def test_no_label_says_what_to_do(scored: Cutline) -> None:
    made = scored.made
    assert made is not None
    seen = Seen(made.looking)
    made.session.set_label(-1)
    made.looking.set_wanted(True)
    assert seen.state.message == "Choose a label in the table: the heat map is of one label."


def test_what_goes_wrong_is_said_in_the_card_and_the_next_image_is_tried(
    scored: Cutline, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = scored.made
    assert made is not None
    seen = Seen(made.looking)

    def fail(*_: Any) -> Iterator[HeatMap]:
        raise RuntimeError("no such kernel")
        yield

    with monkeypatch.context() as patch:
        patch.setattr(looking_module, "heat_maps", fail)
        made.looking.set_wanted(True)
        qtbot.waitUntil(lambda: bool(seen.state.message), timeout=LONG)
    assert seen.state.message == "There is no heat map: no such kernel"
    made.session.set_image(1)
    qtbot.waitUntil(lambda: seen.whole, timeout=LONG)


def test_nothing_is_computed_while_none_is_wanted(
    scored: Cutline, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = scored.made
    assert made is not None
    gate = Gate()
    monkeypatch.setattr(looking_module, "heat_maps", gate)
    made.session.set_image(3)
    made.session.set_label(1)
    qtbot.waitUntil(lambda: not made.jobs.busy, timeout=LONG)
    assert gate.made == 0
