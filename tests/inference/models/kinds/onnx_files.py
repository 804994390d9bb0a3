"""Small ONNX files: a convolution, a mean over the image and a linear layer, and the same network in torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

N_LABELS = 5


def twin() -> nn.Module:
    """The torch network whose weights the files hold."""
    torch.manual_seed(3)
    layers = [nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, N_LABELS)]
    return nn.Sequential(*layers).eval().requires_grad_(False)


def write(
    path: Path,
    *,
    shape: Sequence[int | str] = ("batch", 3, 8, 8),
    kind: int = TensorProto.FLOAT,
    last: Sequence[str] = (),
    domain: str = "",
    opset: int = 17,
    ir: int = 8,
    inputs: int = 1,
    outputs: Sequence[str] = (),
    metadata: dict[str, str] | None = None,
    weights_in: str = "",
) -> Path:
    """Write a graph: ``last`` operators follow the logits one after the other; ``outputs`` are given out beside the
    last; ``weights_in`` names the other file that the last layer's weights are said to stand in (not written)."""
    network = twin()
    parameters = {f"w{key}": value.numpy() for key, value in network.state_dict().items()}
    nodes = [
        *_to_images(shape),
        helper.make_node("Cast", ["planes"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Conv", ["floats", "w0.weight", "w0.bias"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("GlobalAveragePool", ["r"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Gemm", ["f", "w4.weight", "w4.bias"], ["logits0"], transB=1),
    ]
    name = "logits0"
    for number, operator in enumerate(last, start=1):
        nodes.append(helper.make_node(operator, [name], [f"after{number}"], name=f"/head/{operator}", domain=domain))
        name = f"after{number}"
    free = helper.make_tensor_value_info
    given = [free("images" if not number else f"more{number}", kind, shape) for number in range(inputs)]
    out = [free(output, TensorProto.FLOAT, None) for output in outputs]
    out.append(free(name, TensorProto.FLOAT, (shape[0], N_LABELS)))
    tensors = [numpy_helper.from_array(value, key) for key, value in parameters.items()]
    tensors.append(numpy_helper.from_array(np.array([-1, 3, 8, 8]), "four"))
    if weights_in:
        _move_out(tensors[2], weights_in)
    opsets = [helper.make_opsetid("", opset)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    graph = helper.make_graph(nodes, "small", given, out, tensors)
    model: Any = helper.make_model(graph, opset_imports=opsets, ir_version=ir)
    for key, value in (metadata or {}).items():
        model.metadata_props.append(onnx.StringStringEntryProto(key=key, value=value))
    path.write_bytes(model.SerializeToString())
    return path


def last_weights() -> bytes:
    """The bytes of the last layer's weights, for a file of their own."""
    return bytes(twin().state_dict()["4.weight"].numpy().tobytes())


def _to_images(shape: Sequence[int | str]) -> list[Any]:
    """What makes (b, 3, h, w) of another input: so that onnxruntime can load graphs that Cutline must turn down."""
    if len(shape) == 2:
        return [helper.make_node("Reshape", ["images", "four"], ["planes"])]
    if shape[-1] == 3:
        return [helper.make_node("Transpose", ["images"], ["planes"], perm=[0, 3, 1, 2])]
    if shape[1] == 1:
        return [helper.make_node("Concat", ["images"] * 3, ["planes"], axis=1)]
    return [helper.make_node("Identity", ["images"], ["planes"])]


def _move_out(tensor: Any, location: str) -> None:
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", location
