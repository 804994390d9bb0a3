"""Folders of the libraries open as any model does: what they say is handed to the form, and scores are theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from inference.models.compat import import_torchvision
from inference.models.opening import LoadedModel, open_model
from inference.models.values import CardAnswers, CardDraft, NeedsCard

import_torchvision()
timm: Any = pytest.importorskip("timm")
transformers: Any = pytest.importorskip("transformers")

LABELS = ("ant", "bee", "cat")


def agreed(path: Path) -> LoadedModel:
    """Open it with all that the form is filled in with."""
    with pytest.raises(NeedsCard) as asked:
        open_model(path, device="cpu")
    draft = asked.value.draft
    return open_model(path, device="cpu", answers=_answers(draft))


def _answers(draft: CardDraft) -> CardAnswers:
    return CardAnswers(**{name: getattr(draft, name) for name in CardAnswers.__dataclass_fields__})


def test_a_timm_folder_opens_as_itself(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = timm.create_model("test_resnet", num_classes=3).eval()
    timm.models.save_for_hf(network, tmp_path, {"label_names": list(LABELS)}, safe_serialization=True)
    (tmp_path / "pytorch_model.bin").unlink(missing_ok=True)
    model = agreed(tmp_path)
    assert (model.card.kind, model.card.architecture, model.labels) == ("timm", "test_resnet", LABELS)
    assert (model.sources["labels"], model.sources["mean"]) == ("file", "file")
    batch = torch.randn(2, 3, 96, 96)
    with torch.inference_mode():
        torch.testing.assert_close(model.network(batch), network(batch), rtol=1e-4, atol=1e-5)


def test_a_transformers_folder_opens_as_itself(tmp_path: Path) -> None:
    torch.manual_seed(0)
    transformers.utils.logging.disable_progress_bar()
    config = transformers.ResNetConfig(
        embedding_size=8,
        hidden_sizes=[8, 16],
        depths=[1, 1],
        layer_type="basic",
        id2label=dict(enumerate(LABELS)),
        label2id={name: index for index, name in enumerate(LABELS)},
    )
    network = transformers.ResNetForImageClassification(config).eval()
    network.save_pretrained(tmp_path)
    transformers.ViTImageProcessor(size={"height": 32, "width": 32}).save_pretrained(tmp_path)
    model = agreed(tmp_path)
    assert (model.card.kind, model.card.activation, model.labels) == ("transformers", "softmax", LABELS)
    assert model.sources["activation"] == "file"
    batch = torch.randn(2, 3, 32, 32)
    with torch.inference_mode():
        torch.testing.assert_close(model.network(batch), network(batch).logits, rtol=1e-4, atol=1e-5)
