"""Occlusion against brute force, and on a network that looks at one corner only."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from inference.errors import OutputError
from inference.models.card import Preprocessing
from inference.models.heatmaps import heat_maps
from inference.models.looking.occlusion import GREY, PLACES, occlude, order_of
from inference.models.looking.seen import to_input
from inference.types import RgbArray
from inference.types.looking import HeatMethod
from tests.inference.models.looking.nets import CornerNet, loaded, pooled_net


def never() -> bool:
    return False


def brute_force(network: nn.Module, pixels: RgbArray, label: int) -> np.ndarray:
    """One picture at a time, in plain loops."""
    height, width = pixels.shape[:2]
    rows, columns = (round(PLACES * side / max(height, width)) for side in (height, width))
    model = loaded(network)
    with torch.inference_mode():
        whole = float(network(to_input(model, pixels[None]))[0, label])
        found = np.zeros((rows, columns))
        for row, column in product(range(rows), range(columns)):
            covered = pixels.copy()
            top, left = (row - 0.5) * height / rows, (column - 0.5) * width / columns
            bottom, right = top + 2 * height / rows, left + 2 * width / columns
            covered[max(0, round(top)) : round(bottom), max(0, round(left)) : round(right)] = GREY
            found[row, column] = whole - float(network(to_input(model, covered[None]))[0, label])
    return found


@pytest.mark.parametrize("shape", [(32, 48, 3), (42, 42, 3), (37, 15, 3)])
def test_brute_force(shape: tuple[int, int, int]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    network = pooled_net()
    expected = brute_force(network, pixels, 1)
    *_, last = occlude(loaded(network), pixels, 1, never)
    assert last.done == last.total == expected.size
    np.testing.assert_allclose(last.falls, expected, rtol=1e-3, atol=1e-5)
    (*_, shown) = heat_maps(loaded(network), pixels, 1, HeatMethod.OCCLUSION, never)
    np.testing.assert_allclose(shown.values, np.maximum(expected, 0) / expected.max(), rtol=1e-3, atol=1e-3)
    assert f"by up to {expected.max():.2g}." in shown.sentence


@pytest.mark.parametrize("method", list(HeatMethod))
@pytest.mark.parametrize("size", [(120, 200), (210, 90)])
def test_only_the_corner_that_the_network_looks_at(method: HeatMethod, size: tuple[int, int]) -> None:
    """Of what it sees: a centre crop, in the shown picture's coordinates."""
    rgb = np.full((*size, 3), 250, dtype=np.uint8)
    model = loaded(CornerNet(), Preprocessing(resize=64, crop=56, mean=(0.5,) * 3, std=(0.5,) * 3))
    *_, found = heat_maps(model, rgb, 0, method, never)
    shown = found.over_picture()
    assert shown.shape == size
    scale = min(size) / 64
    top, left = (size[0] - 56 * scale) / 2, (size[1] - 56 * scale) / 2
    corner = 56 * scale / 4
    seen = np.zeros(size, dtype=bool)
    seen[round(top) : round(top + 56 * scale), round(left) : round(left + 56 * scale)] = True
    assert np.count_nonzero(np.isnan(shown) == seen) <= 2 * sum(size)  # but for half pixels at the edges
    inner = shown[round(top + 2) : round(top + corner / 2), round(left + 2) : round(left + corner / 2)]
    assert inner.min() > 0.4
    patch = 2 * 56 * scale / PLACES if method is HeatMethod.OCCLUSION else 0
    beyond = shown.copy()
    beyond[: round(top + corner + patch) + 1, : round(left + corner + patch) + 1] = 0
    assert np.nanmax(beyond) == 0


def test_a_label_that_nothing_changes_has_an_empty_map() -> None:
    rgb = np.full((40, 40, 3), 250, dtype=np.uint8)
    *_, found = heat_maps(loaded(CornerNet()), rgb, 2, HeatMethod.OCCLUSION, never)
    assert not found.values.any()
    assert found.sentence == "Covering no place lowers the score of cat."


def test_coarse_first_and_nothing_twice() -> None:
    order = order_of(14, 9)
    assert len({tuple(place) for place in order.tolist()}) == len(order) == 14 * 9
    first = order[:6]
    assert first[:, 0].max() - first[:, 0].min() >= 8  # all over the picture
    rgb = np.random.default_rng(0).integers(0, 256, (56, 56, 3), dtype=np.uint8)
    maps = list(heat_maps(loaded(pooled_net()), rgb, 0, HeatMethod.OCCLUSION, never))
    assert len(maps) > 3
    assert all(before.done < after.done for before, after in pairwise(maps))
    assert all(np.isfinite(one.values).all() for one in maps)
    assert [one.whole for one in maps] == [False] * (len(maps) - 1) + [True]


def test_cancelled_between_batches() -> None:
    rgb = np.zeros((56, 56, 3), dtype=np.uint8)
    asked = iter([False, False, True])
    seen = list(heat_maps(loaded(pooled_net()), rgb, 0, HeatMethod.OCCLUSION, lambda: next(asked)))
    assert len(seen) == 2
    assert not seen[-1].whole


class Slow(nn.Module):
    """As slow as a large network: what counts is how many pictures go at once, not how long it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = pooled_net()
        self.batches: list[int] = []

    def forward(self, batch: Tensor) -> Tensor:
        self.batches.append(len(batch))
        found: Tensor = self.inner(batch)
        return found


def test_batches_stay_small_where_the_network_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(10_000))
    monkeypatch.setattr("inference.models.looking.occlusion.time.perf_counter", lambda: float(next(clock)))
    network = Slow()
    list(occlude(loaded(network), np.zeros((28, 28, 3), dtype=np.uint8), 0, never))
    assert set(network.batches) == {1}


class Broken(nn.Module):
    def forward(self, batch: Tensor) -> Tensor:
        raise ValueError("expected 5 channels")


def test_a_network_that_fails_says_so() -> None:
    rgb = np.zeros((28, 28, 3), dtype=np.uint8)
    with pytest.raises(OutputError, match=r"failed on this picture, given as 28 x 28 pixels \(expected 5 channels\)"):
        list(heat_maps(loaded(Broken()), rgb, 0, HeatMethod.OCCLUSION, never))


class Nan(nn.Module):
    def forward(self, batch: Tensor) -> Tensor:
        return torch.full((len(batch), 3), torch.nan)


def test_nan_says_so() -> None:
    rgb = np.zeros((28, 28, 3), dtype=np.uint8)
    with pytest.raises(OutputError, match="NaN or infinity for ant"):
        list(heat_maps(loaded(Nan()), rgb, 0, HeatMethod.OCCLUSION, never))


def test_tuples_and_dictionaries_are_understood() -> None:
    class Tupled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = pooled_net()

        def forward(self, batch: Tensor) -> dict[str, Tensor]:
            return {"logits": self.inner(batch)}

    rgb = np.random.default_rng(0).integers(0, 256, (28, 28, 3), dtype=np.uint8)
    for method in HeatMethod:
        *_, found = heat_maps(loaded(Tupled()), rgb, 0, method, never)
        *_, expected = heat_maps(loaded(pooled_net()), rgb, 0, method, never)
        np.testing.assert_allclose(found.values, expected.values, atol=1e-5)
        assert found.method is method
