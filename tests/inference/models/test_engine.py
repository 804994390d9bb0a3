"""Scoring: the numbers of a plain forward pass, and what becomes of everything that can go wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torchvision.models import resnet18
from torchvision.transforms import v2

from inference.errors import DeviceError, ImageError, LabelCountError, OutputError
from inference.models.card import ModelCard, Preprocessing, read_card, write_card
from inference.models.engine import ScoredBatch, WorkOrder, score, warm_up
from inference.models.opening import LoadedModel, open_model
from inference.types import RgbArray, ScoreArray

Wrap = Callable[[nn.Module], LoadedModel]


def names(n: int) -> list[str]:
    return [str(number) for number in range(n)]


def plain(path: str) -> RgbArray:
    """A grey picture whose level is its number."""
    return np.full((40, 40, 3), int(path), dtype=np.uint8)


def collect(batches: Iterator[ScoredBatch], n: int, c: int = 3) -> tuple[ScoreArray, list[ScoredBatch]]:
    got = list(batches)
    logits = np.full((n, c), np.nan, dtype=np.float32)
    for batch in got:
        assert batch.logits.dtype == np.float32
        logits[batch.indices] = batch.logits
    return logits, got


def never() -> bool:
    return False


class Level(nn.Module):
    """Three logits: the grey level (after normalising) and its multiples."""

    def forward(self, batch: Tensor) -> Tensor:
        level = batch.mean((1, 2, 3))
        return torch.stack([level, level * 2, level * 3], dim=1)


class Raises(Level):
    """Raises what it was given where ``when`` holds for the batch size."""

    def __init__(self, error: Exception, when: Callable[[int], bool] = lambda size: True) -> None:
        super().__init__()
        self.error, self.when = error, when
        self.sizes: list[int] = []

    def forward(self, batch: Tensor) -> Tensor:
        self.sizes.append(len(batch))
        if self.when(len(batch)):
            raise self.error
        return super().forward(batch)


@pytest.mark.parametrize("name", ["shufflenet_v2_x0_5", "resnet18"])
def test_logits_equal_pillow_torchvision_and_a_plain_forward_pass(
    model_folder: Path, network: nn.Module, pictures: list[RgbArray], name: str
) -> None:
    if name == "resnet18":
        torch.manual_seed(0)
        network = resnet18(num_classes=3).eval()
        torch.save(network.state_dict(), model_folder / "model.pth")
        card = read_card(model_folder)
        write_card(ModelCard(name, card.weights, card.labels, preprocessing=card.preprocessing), model_folder)
    recipe = v2.Compose(
        [
            v2.Resize(40),
            v2.CenterCrop(32),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    with torch.inference_mode():
        wanted = torch.cat([network(recipe(Image.fromarray(rgb))[None]) for rgb in pictures]).numpy()
    model = open_model(model_folder, device="cpu")
    order = WorkOrder(range(len(pictures)))
    batches = score(model, names(20), order, decode=lambda path: pictures[int(path)], cancelled=never)
    logits, got = collect(batches, 20)
    np.testing.assert_allclose(logits, wanted, rtol=1e-4, atol=1e-4 * float(np.abs(wanted).max()))
    assert sorted(np.concatenate([batch.indices for batch in got]).tolist()) == list(range(20))
    assert order.remaining == 0


def test_bad_files_get_their_sentence_and_the_others_their_scores(fake_model: Wrap) -> None:
    raised: dict[str, Exception] = {
        "2": ImageError("2 is not an image."),
        "5": FileNotFoundError(2, "No such file or directory"),
        "7": MemoryError(),
        "8": ValueError("odd codec"),
    }

    def decode(path: str) -> RgbArray:
        if path in raised:
            raise raised[path]
        return plain(path)

    model = fake_model(Level())
    logits, got = collect(score(model, names(20), WorkOrder(range(20)), decode=decode, cancelled=never), 20)
    failures = {index: text for batch in got for index, text in batch.failures.items()}
    assert failures == {
        2: "2 is not an image.",
        5: "5 cannot be read: No such file or directory.",
        7: "7 does not fit into memory.",
        8: "8 cannot be prepared: ValueError: odd codec.",
    }
    assert np.flatnonzero(np.isnan(logits).any(axis=1)).tolist() == [2, 5, 7, 8]
    assert not any(batch.unusable for batch in got)


def test_images_whose_logits_are_not_numbers_are_named(fake_model: Wrap) -> None:
    class Sometimes(Level):
        def forward(self, batch: Tensor) -> Tensor:
            logits = super().forward(batch)
            return torch.where(logits[:, :1] > 0, logits, torch.tensor([1.0, float("nan"), float("-inf")]))

    model = fake_model(Sometimes())
    _, got = collect(score(model, names(200), WorkOrder([3, 199, 4]), decode=plain, cancelled=never), 200)
    assert sorted(index for batch in got for index in batch.unusable) == [3, 4]
    assert not any(batch.failures for batch in got)


def test_a_full_device_gets_smaller_batches_and_all_images_their_scores(fake_model: Wrap) -> None:
    module = Raises(torch.OutOfMemoryError("CUDA out of memory"), lambda size: size > 3)
    model = fake_model(module)
    logits, got = collect(
        score(model, names(30), WorkOrder(range(30)), decode=plain, cancelled=never, batch_size=16), 30
    )
    assert not np.isnan(logits).any()
    assert [batch.note for batch in got if batch.note] == ["The memory of cpu was full: batches of 2 from here on."]
    tried_after = module.sizes[module.sizes.index(4) + 1 :]
    assert max(tried_after) == 2  # never again the size that did not fit


def test_a_device_full_for_one_image_is_said(fake_model: Wrap) -> None:
    model = fake_model(Raises(torch.OutOfMemoryError("CUDA out of memory")))
    with pytest.raises(DeviceError, match="full even for one image"):
        list(score(model, names(9), WorkOrder(range(9)), decode=plain, cancelled=never))


def test_no_exception_is_under_way_while_memory_is_freed(fake_model: Wrap, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr("inference.models.engine._empty_cache", lambda device: seen.append(sys.exc_info()[0]))
    model = fake_model(Raises(torch.OutOfMemoryError("out of memory"), lambda size: size > 1))
    list(score(model, names(9), WorkOrder(range(9)), decode=plain, cancelled=never))
    assert seen == [None]


@pytest.mark.parametrize(
    "text", ["CUDA error: device-side assert triggered", "an illegal memory access was encountered"]
)
def test_a_lost_device_is_not_tried_again(fake_model: Wrap, text: str) -> None:
    module = Raises(RuntimeError(text), lambda size: size > 2)
    batches = score(fake_model(module), names(9), WorkOrder(range(9)), decode=plain, cancelled=never)
    assert next(batches).indices.tolist() == [0, 1]  # what was scored is kept
    with pytest.raises(DeviceError, match="was lost: restart Cutline"):
        next(batches)
    assert module.sizes == [2, 4]


def test_a_model_that_fails_is_said_with_the_image(fake_model: Wrap) -> None:
    model = fake_model(Raises(RuntimeError("mat1 and mat2 shapes cannot be multiplied\nand more")))
    with pytest.raises(OutputError, match="while it scored 0: RuntimeError: mat1 and mat2") as caught:
        list(score(model, names(3), WorkOrder(range(3)), decode=plain, cancelled=never))
    assert "and more" in caught.value.detail
    assert "and more" not in str(caught.value)


def test_where_sizes_vary_only_the_image_that_cannot_be_scored_fails(tmp_path: Path) -> None:
    card = ModelCard("x", "x", ("a", "b", "c"), preprocessing=Preprocessing(resize=None, crop=None))

    class AtLeast(Level):
        def forward(self, batch: Tensor) -> Tensor:
            if batch.shape[-1] < 10:
                raise RuntimeError("too small")
            return super().forward(batch)

    model = LoadedModel(card, tmp_path / "model.toml", AtLeast(), fingerprint="")
    sizes = [20, 30, 20, 5, 40]
    logits, got = collect(
        score(
            model,
            names(5),
            WorkOrder(range(5)),
            decode=lambda path: np.zeros((12, sizes[int(path)], 3), np.uint8),
            cancelled=never,
        ),
        5,
    )
    assert np.flatnonzero(np.isnan(logits).any(axis=1)).tolist() == [3]
    assert "too small" in next(batch.failures[3] for batch in got if 3 in batch.failures)


class Returns(Level):
    """Wraps the logits in whatever ``shape`` makes of them."""

    def __init__(self, shape: Callable[[Tensor], object]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, batch: Tensor) -> Tensor:
        return self.shape(super().forward(batch))  # type: ignore[return-value]


@pytest.mark.parametrize(
    "shape",
    [
        lambda logits: (logits, logits[:, :2]),
        lambda logits: [torch.zeros(len(logits), 7), logits],
        lambda logits: {"features": torch.zeros(len(logits), 512), "logits": logits},
        lambda logits: {"aux": None, "out": logits},
        lambda logits: logits.double(),
        lambda logits: logits.requires_grad_(),
    ],
)
def test_obvious_logits_are_found_in_tuples_and_dicts(fake_model: Wrap, shape: Callable[[Tensor], object]) -> None:
    model, reference = fake_model(Returns(shape)), fake_model(Level())
    found, _ = collect(score(model, names(5), WorkOrder(range(5)), decode=plain, cancelled=never), 5)
    wanted, _ = collect(score(reference, names(5), WorkOrder(range(5)), decode=plain, cancelled=never), 5)
    np.testing.assert_array_equal(found, wanted)


def test_an_output_without_logits_and_one_with_other_columns_are_said(fake_model: Wrap) -> None:
    def run(shape: Callable[[Tensor], object]) -> None:
        list(score(fake_model(Returns(shape)), names(2), WorkOrder([0, 1]), decode=plain, cancelled=never))

    with pytest.raises(OutputError, match=r"shape \(2, 3, 1, 1\)"):
        run(lambda logits: logits[:, :, None, None])
    with pytest.raises(OutputError, match="returned a NoneType"):
        run(lambda logits: None)
    with pytest.raises(LabelCountError, match="5 outputs an image and the card names 3 labels"):
        run(lambda logits: torch.zeros(len(logits), 5))


def test_the_image_being_looked_at_comes_next(fake_model: Wrap) -> None:
    order = WorkOrder(range(1000))
    batches = score(fake_model(Level()), ["7"] * 1000, order, decode=plain, cancelled=never, batch_size=4)
    next(batches)
    order.prioritise(900)
    seen = [index for _ in range(4) for index in next(batches).indices]
    assert 900 in seen
    assert len(seen) == len(set(seen))


def test_cancelling_ends_the_run_and_decodes_nothing_more(fake_model: Wrap) -> None:
    scored: list[int] = []
    decoded: list[str] = []

    def decode(path: str) -> RgbArray:
        decoded.append(path)
        return plain("1")

    order = WorkOrder(range(10_000))
    for batch in score(fake_model(Level()), names(10_000), order, decode=decode, cancelled=lambda: len(scored) >= 30):
        scored.extend(batch.indices)
    assert len(scored) < 100
    assert len(decoded) < 200
    assert order.remaining > 9_000


def test_cancelling_does_not_wait_for_a_file_that_hangs(fake_model: Wrap) -> None:
    from threading import Event

    hangs, release = Event(), Event()

    def decode(path: str) -> RgbArray:
        hangs.set()
        release.wait()
        return plain(path)

    try:
        run = score(fake_model(Level()), names(9), WorkOrder(range(9)), decode=decode, cancelled=hangs.is_set)
        assert list(run) == []
    finally:
        release.set()


def test_work_order() -> None:
    order = WorkOrder([5, 1, 9, 1])
    order.prioritise(9)
    order.prioritise(77)
    assert order.remaining == 3
    assert order.take(2) == [9, 5]
    order.prioritise(9)
    assert order.take(5) == [1]
    assert order.take(1) == []


def test_warm_up_says_versions_and_device() -> None:
    assert f"torch {torch.__version__}" in warm_up()
