"""Networks that are no torch networks of ours give no gradients, and are looked into by occlusion all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from torch import Tensor, nn

from inference.models.card import ModelCard
from inference.models.child.faults import Cancelled
from inference.models.heatmaps import heat_maps
from inference.models.kinds import onnx_models
from inference.models.opening import LoadedModel
from inference.models.score_edits import score_picture
from inference.types.looking import HeatMethod
from tests.inference.models.kinds import onnx_files
from tests.inference.models.looking.nets import PLAIN, loaded

LABELS = tuple(f"label {i}" for i in range(onnx_files.N_LABELS))


class Waiting(nn.Module):
    """A network in another process, which is waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.cancelled: Callable[[], bool] = lambda: False
        self.runs = 0

    def forward(self, batch: Tensor) -> Tensor:
        self.runs += 1
        if self.cancelled():
            raise Cancelled
        return batch.mean(dim=(2, 3))


def test_a_wait_for_another_process_can_be_cancelled() -> None:
    network = Waiting()
    rgb = np.zeros((28, 28, 3), dtype=np.uint8)
    assert list(heat_maps(loaded(network), rgb, 0, HeatMethod.OCCLUSION, lambda: network.runs == 1)) == []
    network.runs = 0
    seen = list(heat_maps(loaded(network), rgb, 0, HeatMethod.OCCLUSION, lambda: network.runs == 3))
    assert len(seen) == 1
    with pytest.raises(Cancelled):
        score_picture(loaded(network), rgb, lambda: True)
    assert not network.cancelled()  # as it was


@pytest.mark.parametrize("batch", ["batch", 1])  # any number of pictures at once, or one
def test_onnx(tmp_path: Path, batch: int | str) -> None:
    path = onnx_files.write(tmp_path / "model.onnx", shape=(batch, 3, 28, 28))
    card = ModelCard("onnx", path.name, LABELS, "sigmoid", PLAIN)
    parts = onnx_models.read(path, None)
    model = LoadedModel(card, path, parts.build(card), fingerprint="onnx")
    model.differentiable = parts.differentiable
    twin = loaded(onnx_files.twin(), PLAIN, LABELS)
    rgb = np.random.default_rng(0).integers(0, 256, (28, 28, 3), dtype=np.uint8)

    *_, found = heat_maps(model, rgb, 2, HeatMethod.GRAD_CAM, lambda: False)
    *_, expected = heat_maps(twin, rgb, 2, HeatMethod.OCCLUSION, lambda: False)
    assert found.method is HeatMethod.OCCLUSION
    assert "it gives no gradients" in found.note
    np.testing.assert_allclose(found.values, expected.values, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(score_picture(model, rgb), score_picture(twin, rgb), rtol=1e-4, atol=1e-5)
