"""Networks that are no torch networks of ours give no gradients, and are looked into by occlusion all the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from inference.models.card import ModelCard
from inference.models.heatmaps import heat_maps
from inference.models.kinds import onnx_models
from inference.models.opening import LoadedModel
from inference.models.score_edits import score_picture
from inference.types.looking import HeatMethod
from tests.inference.models.kinds import onnx_files
from tests.inference.models.looking.nets import PLAIN, loaded

LABELS = tuple(f"label {i}" for i in range(onnx_files.N_LABELS))


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
