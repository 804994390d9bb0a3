"""Scoring with a program in a child: what goes wrong in it is told as of any model, and a run can be cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from inference.errors import OutputError
from inference.models.card import ModelCard, Preprocessing
from inference.models.child.network import ChildNetwork
from inference.models.engine import ScoredBatch, WorkOrder, score
from inference.models.opening import LoadedModel
from inference.types import RgbArray
from tests.inference.models.child.files import network
from tests.inference.models.child.moods import MOODS

SIDE = 8
AS_PIXELS = Preprocessing(resize=None, crop=SIDE, mean=(0.0, 0.0, 0.0), std=(1 / 255,) * 3)  # scaled by 1


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChildNetwork]:
    made = network(tmp_path_factory.mktemp("moods"))
    yield made
    made.close()


def model(network: ChildNetwork, preprocessing: Preprocessing = AS_PIXELS) -> LoadedModel:
    card = ModelCard("moods", "weights.pt", ("first", "second"), preprocessing=preprocessing)
    return LoadedModel(card, Path("model.toml"), network, fingerprint="0")


def picture(path: str) -> RgbArray:
    """Noise that puts the network into the mood of this name."""
    pixels = np.random.default_rng(len(path)).integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
    pixels[0, 0, 0] = MOODS.index(path)
    return pixels


def run(made: LoadedModel, paths: list[str]) -> list[ScoredBatch]:
    order = WorkOrder(range(len(paths)))
    return list(score(made, paths, order, decode=picture, cancelled=lambda: False))


def test_the_logits_are_those_of_the_pixels(shared: ChildNetwork) -> None:
    (batch,) = run(model(shared), ["scores", "prints"])
    expected = [picture(path)[:, :, :2].mean((0, 1)) + np.array([2.25, 1.5]) for path in ("scores", "prints")]
    np.testing.assert_allclose(batch.logits, expected, rtol=1e-5)


def test_what_is_raised_names_the_image_and_tells_where(shared: ChildNetwork) -> None:
    with pytest.raises(OutputError, match=r"while it scored raises: ValueError: no such mood\.$") as caught:
        run(model(shared), ["raises"])
    assert "in raises" in caught.value.detail


def test_where_sizes_vary_only_the_image_fails(shared: ChildNetwork) -> None:
    free = Preprocessing(resize=None, crop=None, mean=AS_PIXELS.mean, std=AS_PIXELS.std)
    (batch,) = run(model(shared, free), ["raises"])
    assert "ValueError: no such mood" in batch.failures[0]


def test_nan_makes_an_image_unusable(shared: ChildNetwork) -> None:
    (batch,) = run(model(shared), ["nan"])
    assert batch.unusable == (0,)


def test_a_run_over_a_hanging_model_can_be_cancelled(shared: ChildNetwork) -> None:
    shared.start()
    looked: list[int] = []

    def cancelled() -> bool:
        """From the first look on that only a wait for the child can take."""
        looked.append(1)
        return shared.cancelled is cancelled

    assert list(score(model(shared), ["hangs"], WorkOrder([0]), decode=picture, cancelled=cancelled)) == []
    assert looked
    assert not shared.cancelled()  # for whoever runs it next
