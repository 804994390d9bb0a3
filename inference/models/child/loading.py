"""In the child: makes a network of files whose bytes have the hashes that the user agreed to, and of no others."""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import re
import sys
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from inference.errors import CardError, CutlineError, WeightsError
from inference.models.child.local_modules import LocalModules
from inference.models.child.protocol import Load, Source
from inference.models.child.telling import first_line, traceback_of

_SHOWN: Final = 3
_PREFIXES: Final = ("module.", "model.", "_orig_mod.")


@dataclass
class Program:
    """A network that can be called, and the only sizes that it takes (0: any)."""

    network: Callable[[torch.Tensor], Any]
    move: Callable[[str], None]
    batch: int = 0
    height: int = 0
    width: int = 0


def load(request: Load) -> Program:
    """The program, on the CPU. Raises CardError or WeightsError with a sentence; torch's own errors only for memory."""
    path = request.files[0].path
    contents = {Path(source.path): _verified(source) for source in request.files}
    first = contents[Path(path)]
    if request.kind == "factory":
        return _of_module(_from_factory(request, contents))
    try:
        return _exported(path, first) if request.kind == "export" else _of_module(_scripted(first))
    except (MemoryError, CutlineError):
        raise
    except Exception as error:
        made_by = _torch_of(first)
        if _newer(made_by):
            raise WeightsError(
                f"{path} was exported by torch {made_by}, and torch {torch.__version__} is here: update torch, or "
                "export the model again with this one.",
                detail=traceback_of(error),
            ) from None
        raise WeightsError(
            f"{path} cannot be loaded by torch {torch.__version__} ({first_line(error)}): copy it again if it may be "
            "damaged, or update torch if a newer one wrote it.",
            detail=traceback_of(error),
        ) from None


def _verified(source: Source) -> bytes:
    """The bytes of the file, which are those that were agreed to; what is run is made of them and not read again."""
    try:
        content = Path(source.path).read_bytes()
    except OSError as error:
        raise WeightsError(f"{source.path} cannot be read: {error.strerror or error}.", detail=str(error)) from None
    if hashlib.sha256(content).hexdigest() != source.sha256:
        raise WeightsError(f"{source.path} was changed since you agreed to open it: open it again.")
    return content


def _of_module(network: nn.Module) -> Program:
    return Program(network, lambda device: (network.to(device), None)[1])


# -- TorchScript and exported programs -------------------------------------------------------------------------------


def _scripted(content: bytes) -> nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of TorchScript itself, whose files are there
        network: nn.Module = torch.jit.load(io.BytesIO(content), map_location="cpu")  # type: ignore[no-untyped-call]
    return network.float().eval()


def _exported(path: str, content: bytes) -> Program:
    program = torch.export.load(io.BytesIO(content))
    inputs = [node for node in program.graph.nodes if node.op == "placeholder"]
    inputs = [node for node in inputs if node.name in program.graph_signature.user_inputs]
    if len(inputs) != 1:
        raise WeightsError(
            f"{path} takes {len(inputs)} inputs, and Cutline gives one batch of images: export one that takes it alone."
        )
    shape = tuple(inputs[0].meta["val"].shape)
    if len(shape) != 4:
        raise WeightsError(
            f"{path} takes an input of {len(shape)} dimensions, not (images, 3, height, width): export "
            "it with a batch of images."
        )
    batch, channels, height, width = (side if isinstance(side, int) else 0 for side in shape)
    if channels not in (0, 3):
        raise WeightsError(f"{path} takes images of {channels} channels, and Cutline gives 3: export a model for RGB.")
    networks = {"cpu": program.module()}

    def move(device: str) -> None:
        if device not in networks:
            from torch.export.passes import move_to_device_pass

            networks[device] = move_to_device_pass(program, device).module()
        made.network = networks[device]

    made = Program(networks["cpu"], move, batch, height, width)
    return made


def _torch_of(content: bytes) -> str:
    """The torch that exported a program, where its archive says so."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            name = next(name for name in archive.namelist() if name.endswith("/models/model.json"))
            return str(json.loads(archive.read(name))["torch_version"])
    except Exception:  # whatever is wrong with it, it says nothing
        return ""


def _newer(version: str) -> bool:
    """Whether a torch of this version is newer than the one here."""
    theirs, ours = (tuple(map(int, re.findall(r"\d+", text)[:2])) for text in (version, torch.__version__))
    return theirs > ours


# -- a factory and a state dict --------------------------------------------------------------------------------------


def _from_factory(request: Load, contents: Mapping[Path, bytes]) -> nn.Module:
    path = request.files[0].path
    function = _function(path, request.function, contents)
    call = f"{path}: {request.function}()"
    try:
        network = function(**request.options)
    except MemoryError:
        raise
    except BaseException as error:
        raise CardError(f"{call} failed: {first_line(error)}.", detail=traceback_of(error)) from None
    if not isinstance(network, nn.Module):
        raise CardError(
            f"{call} returned a {type(network).__name__}, not a torch.nn.Module: let it return the network."
        )
    from inference.models.weights import read_weights

    forms = _forms(read_weights(request.weights).state)
    fitting = next((form for form in forms if not _differences(network, form)), None)
    if fitting is None:
        differences = _differences(network, forms[-1])
        raise WeightsError(f"{request.weights} does not fit the network of {call}: {differences}.")
    try:
        network.load_state_dict(fitting)
    except RuntimeError as error:
        raise WeightsError(f"{request.weights} cannot be loaded: {first_line(error)}.", detail=str(error)) from None
    return network.float().eval().requires_grad_(False)


def _function(path: str, name: str, contents: Mapping[Path, bytes]) -> Callable[..., object]:
    """Run the file that was named and give the function in it."""
    modules = LocalModules(Path(path).parent, contents)
    sys.meta_path.insert(0, modules)
    try:
        module = importlib.import_module(modules.name_of(Path(path)))
    except MemoryError:
        raise
    except BaseException as error:
        raise CardError(f"{path} cannot be run: {first_line(error)}.", detail=traceback_of(error)) from None
    function = getattr(module, name, None)
    if not callable(function):
        there = [key for key, value in vars(module).items() if callable(value) and not key.startswith("_")]
        own = [key for key in there if getattr(module, key).__module__ == module.__name__]
        offer = f"it has {_listed(own)}" if own else "it has none"
        raise CardError(f"{path} has no function called {name} ({offer}): change factory in the card.")
    return function  # type: ignore[no-any-return]


def _forms(state: dict[str, torch.Tensor]) -> list[dict[str, torch.Tensor]]:
    """The state dict, and what it is without the prefixes that wrappers leave."""
    forms = [state]
    for prefix in _PREFIXES:
        if state and all(key.startswith(prefix) for key in state):
            forms += _forms({key.removeprefix(prefix): tensor for key, tensor in state.items()})
    return forms


def _differences(network: nn.Module, state: Mapping[str, torch.Tensor]) -> str:
    """Which keys are missing, unexpected or of another shape; "" where all fit."""
    wanted = network.state_dict()
    shaped = [
        f"{key} is {_times(state[key])}, not {_times(tensor)}"
        for key, tensor in wanted.items()
        if key in state and state[key].shape != tensor.shape
    ]
    parts = (
        _some("missing", [key for key in wanted if key not in state]),
        _some("unexpected", [key for key in state if key not in wanted]),
        _some("wrong shape", shaped),
    )
    return "; ".join(part for part in parts if part)


def _some(title: str, entries: list[str]) -> str:
    return f"{title}: {_listed(entries)}" if entries else ""


def _listed(entries: list[str]) -> str:
    more = f" and {len(entries) - _SHOWN} more" if len(entries) > _SHOWN else ""
    return f"{', '.join(entries[:_SHOWN])}{more}"


def _times(tensor: torch.Tensor) -> str:
    return " x ".join(map(str, tensor.shape)) or "a single number"
