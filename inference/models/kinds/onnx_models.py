"""ONNX models, run by onnxruntime (extra ``onnx``).

The graph fixes the size of its input, the number of its outputs and often what was done to them; labels stand in its
metadata where the exporter wrote them. Libraries of custom operators are programs and are never loaded.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from inference.errors import CardError, ModelError, WeightsError
from inference.models.card import CardTable, ModelCard
from inference.models.kinds.folders import digest_of, first_line, library, names_in_order
from inference.models.kinds.onnx_graph import OnnxFile, read_graph
from inference.models.parts import ModelParts

if TYPE_CHECKING:
    from torch import nn

KIND: Final = "onnx"

_LABEL_KEYS: Final = ("names", "labels", "classes", "class_names", "id2label")
_USUAL_CROP: Final = 0.875  # of the shorter side; torchvision's 224 of 256

# What the last operator does to the logits: the activation it is, and whether logits come back as its outcome.
_LAST: Final = {
    "Softmax": ("softmax", "probabilities"),
    "LogSoftmax": ("softmax", "logits"),
    "Sigmoid": ("sigmoid", "probabilities"),
}


def recognises(path: Path) -> bool:
    """Whether ``path`` is named as an ONNX file."""
    return path.suffix.lower() == ".onnx"


def read(path: Path, table: CardTable | None) -> ModelParts:
    """What the graph tells, and how to run it. Raises ModelErrors."""
    graph = read_graph(path)
    files = (path, *_further_files(path, graph))
    library("onnxruntime", "onnx", f"{path.name} is an ONNX model and")
    session = _session(path)
    batch, sides = _input_of(path, session)
    n_outputs, output = _output_of(path, session)
    told, reasons = _size(sides)
    metadata = dict(session.get_modelmeta().custom_metadata_map or {})
    for values, whys in (_activation(graph, output), _labels(metadata), _ultralytics(path, metadata)):
        told |= values
        reasons |= whys
    notes = list(_without_cuda(path))
    if n_outputs is not None and len(told.get("labels", ())) not in (0, n_outputs):
        n_labels = len(told.pop("labels"))
        notes.append(f"The metadata of {path} names {n_labels} labels for {n_outputs} outputs: they were left aside.")
        del reasons["labels"]

    def build(card: ModelCard) -> nn.Module:
        from inference.models.kinds.onnx_network import OnnxNetwork

        return OnnxNetwork(path, batch, session).eval()

    return ModelParts(told, reasons, n_outputs, build, digest_of(files), tuple(notes), differentiable=False)


def _without_cuda(path: Path) -> Iterator[str]:
    """A sentence where there is a CUDA device that onnxruntime cannot use."""
    import torch

    from inference.models.kinds.onnx_network import CUDA, available

    if torch.cuda.is_available() and CUDA not in available():
        yield (
            f"{path.name} runs on the CPU: this onnxruntime is built without CUDA. To use the GPU: pip uninstall "
            "onnxruntime, then pip install onnxruntime-gpu."
        )


def _further_files(path: Path, graph: OnnxFile) -> tuple[Path, ...]:
    """Files beside the model in which weights stand. Raises WeightsError where one is missing or elsewhere."""
    folder = path.parent.resolve()
    files = []
    for location in graph.locations:
        file = folder / location
        if not location or not file.resolve().is_relative_to(folder):
            raise WeightsError(
                f"{path} names weights outside its own folder ({location!r}), which is refused: export the model with "
                "its weights beside it or inside it."
            )
        if not file.is_file():
            raise WeightsError(f"{path} has its weights in {location}, and {file} is not there: copy it beside it.")
        files.append(file)
    return tuple(files)


def _session(path: Path) -> Any:
    from inference.models.kinds.onnx_network import make_session

    try:
        return make_session(path)
    except Exception as error:  # onnxruntime's own classes all stand right below Exception
        raise _explained(path, error) from None


def _explained(path: Path, error: Exception) -> ModelError:
    text = str(error)
    unknown = re.search(r"Fatal error: (\S+?)\(-?\d+\) is not a registered|No Op registered for (\S+)", text)
    newest = re.search(r"max supported (IR version): (\d+)|support for domain \S+ is till (opset) (\d+)", text)
    if unknown:
        name = unknown[1] or unknown[2]
        own = ", which a library of custom operators would bring; those are programs and are never loaded"
        return WeightsError(
            f"{path} uses the operator {name}, unknown to onnxruntime {_version()}{own if ':' in name else ''}: export "
            "it without, or update onnxruntime.",
            detail=text,
        )
    if newest or "opset" in text or "IR version" in text:
        limit = f" (it reads up to {' '.join(filter(None, newest.groups()))})" if newest else ""
        return WeightsError(
            f"{path} was made for a newer onnxruntime than the {_version()} here{limit}: update onnxruntime, or export "
            "the model with a lower opset_version.",
            detail=text,
        )
    if "Protobuf" in text or "protobuf" in text or "No graph" in text:
        return WeightsError(f"{path} is no ONNX model, or a damaged one: copy or export it again.", detail=text)
    if "xternal" in text:
        return WeightsError(
            f"{path} does not get its weights from the files beside it, one may be cut short: copy them again.",
            detail=text,
        )
    return WeightsError(f"onnxruntime cannot load {path}: {first_line(error)}.", detail=text)


def _version() -> str:
    import onnxruntime

    return str(onnxruntime.__version__)


def _input_of(path: Path, session: Any) -> tuple[int | None, tuple[int, int] | None]:
    """The fixed batch and the fixed (height, width), None where free. Raises CardError for another kind of input."""
    from inference.models.kinds.onnx_network import FLOATS

    inputs = session.get_inputs()
    if len(inputs) != 1:
        names = ", ".join(given.name for given in inputs)
        raise CardError(f"{path} takes {len(inputs)} inputs ({names}): export it with the image as its only one.")
    given = inputs[0]
    shape = [side if isinstance(side, int) and side > 0 else None for side in given.shape]
    written = " x ".join("?" if side is None else str(side) for side in given.shape)
    if given.type not in FLOATS:
        kind = given.type.removeprefix("tensor(").removesuffix(")")
        raise CardError(
            f"{path} takes {kind} numbers: export it to take float32 ones, with the scaling by mean and std left out."
        )
    if len(shape) != 4:
        raise CardError(f"{path} takes an input of {written or 'one number'}: images are batch x 3 x height x width.")
    batch, channels, height, width = shape
    if channels != 3 and width in (1, 3, 4) and (channels is None or channels > 4):
        raise CardError(f"{path} takes {written}, channels last: export it to take batch x 3 x height x width.")
    if channels not in (3, None):
        raise CardError(f"{path} takes images of {channels} channels ({written}); only models for 3, RGB, can be run.")
    return batch, (height, width) if height and width else None


def _output_of(path: Path, session: Any) -> tuple[int | None, str]:
    """How many logits an image has, None where the graph leaves it open, and the name of the output they stand in."""
    from inference.models.kinds.onnx_network import FLOATS

    outputs = [output for output in session.get_outputs() if output.type in FLOATS]
    if not outputs:
        kinds = ", ".join(f"{output.name}: {output.type}" for output in session.get_outputs())
        raise CardError(f"{path} gives no floating point numbers ({kinds}): export the logits themselves.")
    # The order in which a network's outputs are tried for the logits.
    ranked = sorted(outputs, key=lambda output: (output.name != "logits", len(output.shape or ()) != 2))
    best = ranked[0]
    last = best.shape[-1] if len(best.shape or ()) == 2 else 1 if len(best.shape or ()) == 1 else None
    return last if isinstance(last, int) else None, best.name


def _size(sides: tuple[int, int] | None) -> tuple[dict[str, Any], dict[str, str]]:
    if sides is None:
        return {}, {}
    height, width = sides
    takes = f"The graph takes {width} x {height} pixels only"
    if height != width:
        why = f"{takes}; how images come to that shape it does not say: they are stretched."
        return {"resize": sides, "crop": None}, {"resize": why, "crop": why}
    resize = int(height / _USUAL_CROP)
    why = f"{takes}; how images come to that size it does not say: {resize} before the crop is what is usual."
    return {"resize": resize, "crop": height}, {"resize": why, "crop": f"{takes}."}


def _activation(graph: OnnxFile, output: str) -> tuple[dict[str, Any], dict[str, str]]:
    node = graph.last(output)
    if node is None or node.operator not in _LAST:
        return {}, {}
    activation, outputs = _LAST[node.operator]
    name = f" ({node.name})" if node.name else ""
    why = f"The graph's last node{name} is {node.operator}, so its outputs are {activation} "
    why += "probabilities already." if outputs == "probabilities" else "probabilities' logarithms."
    return {"activation": activation, "outputs": outputs}, {"activation": why, "outputs": why}


def _labels(metadata: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    for key in _LABEL_KEYS:
        names = names_in_order(_literal(metadata.get(key, "")))
        if names:
            return {"labels": names}, {"labels": f"The file's metadata names them in {key}."}
    return {}, {}


def _literal(text: str) -> object:
    """JSON or Python's own way of writing a list or dict; else lines or a list with commas."""
    text = text.strip()
    if text[:1] in ("[", "{", "("):
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return None
    names = [name.strip() for name in re.split(r"[\n]" if "\n" in text else ",", text)]
    return names if len(names) > 1 else None


def _ultralytics(path: Path, metadata: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The recipe that ultralytics' classification models were validated with. Raises CardError for other tasks."""
    if metadata.get("author", "").lower() != "ultralytics":
        return {}, {}
    task = metadata.get("task", "classify")
    if task != "classify":
        raise CardError(f"{path} is an Ultralytics model for the task {task!r}; only classification can be opened.")
    told: dict[str, Any] = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0), "interpolation": "bilinear"}
    size = _literal(metadata.get("imgsz", ""))
    if isinstance(size, list | tuple) and len(size) == 2 and size[0] == size[1] and isinstance(size[0], int):
        told |= {"resize": size[0], "crop": size[0]}
    return told, dict.fromkeys(told, "The file was exported by Ultralytics, whose classifiers are validated so.")
