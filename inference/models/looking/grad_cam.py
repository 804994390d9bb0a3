"""Grad-CAM: Selvaraju et al., "Visual Explanations from Deep Networks via Gradient-based Localization" (2017).

The map is relu(sum over channels k of alpha_k * A_k), where A is a layer's output and alpha_k the mean over places of
the gradient of the label's logit by A_k. Convolutional layers go through captum; layers of tokens, and those that have
their channels last, are not laid out as captum expects, so that the same sum stands here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from inference.models.looking.layers import Form, Layer, NoLayerError, find_layer
from inference.models.looking.seen import run_network, to_input
from inference.types import RgbArray, ScoreArray

if TYPE_CHECKING:
    from torch import Tensor

    from inference.models.opening import LoadedModel


def grad_cam(model: LoadedModel, pixels: RgbArray, label: int) -> tuple[ScoreArray, str]:
    """The map (rows, columns) float32, not negative and not yet scaled, and the name of the layer that it is of.

    ``pixels``: (h, w, 3) uint8 as the network is given it. The network comes out of it as it went in. Raises
    NoLayerError where it cannot be taken, whatever the network raises on the way.
    """
    import torch

    def forward(batch: Tensor) -> Tensor:
        return run_network(model, batch)

    try:
        # inference_mode(False): whoever calls may be in it, and its tensors take no gradients
        with torch.inference_mode(False), torch.enable_grad():
            batch = to_input(model, pixels[np.newaxis]).requires_grad_()
            layer = find_layer(model.network, forward, batch, label)
            by_captum = layer.form is Form.CHANNELS_FIRST
            found = _by_captum(layer, forward, batch, label) if by_captum else _by_hand(layer, forward, batch, label)
            values: ScoreArray = found.detach().float().cpu().numpy()
    except NoLayerError:
        raise
    except Exception as error:
        lines = str(error).strip().splitlines()
        raise NoLayerError(lines[0].rstrip(".!") if lines else type(error).__name__) from None
    if not np.isfinite(values).all():
        raise NoLayerError("its gradients hold NaN or infinity")
    return values, layer.name


def _by_captum(layer: Layer, forward: Any, batch: Tensor, label: int) -> Tensor:
    from captum.attr import LayerGradCam

    found: Tensor = LayerGradCam(forward, layer.module).attribute(batch, target=label, relu_attributions=True)
    return found[0, 0]


def _by_hand(layer: Layer, forward: Any, batch: Tensor, label: int) -> Tensor:
    import torch

    outputs: list[Tensor] = []
    handle = layer.module.register_forward_hook(lambda _module, _inputs, output: outputs.append(output))
    try:
        logit = forward(batch)[0, label]
    finally:
        handle.remove()
    (gradient,) = torch.autograd.grad(logit, outputs)
    weights = layer.as_map(gradient).mean(dim=(1, 2), keepdim=True)
    return (weights * layer.as_map(outputs[0])).sum(dim=0).relu()
