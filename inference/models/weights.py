"""Reads weights files as data, never as programs.

Two formats are safe: safetensors, and a state dict in ``.pt``/``.pth`` read with ``weights_only=True``. A pickle that
asks for more than tensors is refused, not retried; TorchScript and exported programs are told apart before torch sees
them. torch is imported when the first file is read.
"""

from __future__ import annotations

import json
import pickle
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from inference.errors import WeightsError

if TYPE_CHECKING:
    from torch import Tensor

SUFFIXES: Final = frozenset({".safetensors", ".pt", ".pth"})

_PROGRAMS: Final = {
    ".pt2": "an exported torch program",
    ".ptc": "an exported torch program",
    ".onnx": "an ONNX model",
    ".mlmodel": "a Core ML model",
    ".tflite": "a TensorFlow Lite model",
    ".h5": "a Keras model",
    ".hdf5": "a Keras model",
    ".keras": "a Keras model",
    ".engine": "a TensorRT engine",
    ".pkl": "a pickle, which is a program",
    ".pickle": "a pickle, which is a program",
    ".joblib": "a pickle, which is a program",
}
_WRAPPERS: Final = ("state_dict", "model_state_dict", "model", "net", "network")
_LABEL_KEYS: Final = ("labels", "classes", "class_names", "label_names")
_ARCHITECTURE_KEYS: Final = ("architecture", "arch")
_MAX_HEADER: Final = 100_000_000  # bytes; safetensors' own limit

_CONVERT: Final = (
    "save the weights as data in the program that made them: "
    "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')"
)


@dataclass(frozen=True, eq=False)
class WeightsFile:
    """A weights file's tensors, and what it says about itself."""

    state: dict[str, Tensor]
    labels: tuple[str, ...] | None = None
    architecture: str | None = None
    notes: tuple[str, ...] = field(default=())  # sentences about what was left out


def load_state_dict(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a ``.safetensors``, ``.pt`` or ``.pth`` file by name, on the CPU. Raises WeightsError."""
    return read_weights(path).state


def read_weights(path: str | Path) -> WeightsFile:
    """The tensors, and labels and architecture where the file names them. Raises WeightsError."""
    path = Path(path)
    refuse(path)
    try:
        found = _read_safetensors(path) if _is_safetensors(path) else _read_torch(path)
    except MemoryError as error:
        raise WeightsError(f"{path} does not fit into memory.", detail=str(error)) from None
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror or error}.", detail=str(error)) from None
    if not found.state:
        raise WeightsError(f"{path} holds no weights: no tensor stands in it.")
    return found


def refuse(path: Path) -> None:
    """Raise WeightsError where the file is missing, empty or a program, judged without running any of it."""
    if not path.exists():
        raise WeightsError(f"The weights file {path} is not there.")
    if not path.is_file():
        raise WeightsError(f"{path} is not a file; choose a {_listing(SUFFIXES)} file.")
    kind = _PROGRAMS.get(path.suffix.lower()) or _archive_kind(path) or _pickle_kind(path)
    if kind:
        raise WeightsError(f"{path} is {kind}; Cutline does not open such files yet: {_CONVERT}.")
    if path.suffix.lower() not in SUFFIXES:
        raise WeightsError(f"{path} is no weights file that Cutline knows; choose a {_listing(SUFFIXES)} file.")
    if path.stat().st_size == 0:
        raise WeightsError(f"{path} is empty (0 bytes): copy it again.")


def _listing(suffixes: frozenset[str]) -> str:
    return " or ".join(sorted(suffixes, reverse=True))


def _archive_kind(path: Path) -> str | None:
    """What a zip archive holds, if that is a program; None where it may be a state dict or is no zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    inner = {entry.filename.partition("/")[2] or entry.filename for entry in entries}
    if "constants.pkl" in inner or any(name.startswith("code/") for name in inner):
        return "a TorchScript model, which is a program"
    if "archive_format" in inner or any(name.startswith(("models/", "data/sample_inputs/")) for name in inner):
        return "an exported torch program"
    if "model.weights.h5" in {entry.filename for entry in entries}:
        return "a Keras model"
    if sum(entry.file_size for entry in entries) > 2 * path.stat().st_size + 1_000_000:
        return "a compressed archive that would unpack to far more than its size"
    return None


def _pickle_kind(path: Path) -> str | None:
    """torch writes pickles of protocol 2; newer ones were made by pickle itself, to hold anything."""
    with path.open("rb") as file:
        start = file.read(2)
    newer = len(start) == 2 and start[0] == 0x80 and 3 <= start[1] <= pickle.HIGHEST_PROTOCOL
    return "a pickle, which is a program" if newer and not _is_safetensors(path) else None


def _is_safetensors(path: Path) -> bool:
    return path.suffix.lower() == ".safetensors"


def _read_safetensors(path: Path) -> WeightsFile:
    from safetensors import SafetensorError, safe_open

    _check_header(path)
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            metadata: Mapping[str, str] = file.metadata() or {}
            state = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118  (it is no dict)
    except (SafetensorError, RuntimeError, ValueError) as error:
        raise _damaged(path, error) from None
    said = {key: _json_or_text(value) for key, value in metadata.items()}
    return WeightsFile(state, _labels(said), _architecture(said))


def _check_header(path: Path) -> None:
    """Refuse a header longer than the file before anything is set aside for it."""
    with path.open("rb") as file:
        start = file.read(8)
    size = path.stat().st_size
    length = struct.unpack("<Q", start)[0] if len(start) == 8 else None
    if length is None or length > min(size - 8, _MAX_HEADER):
        claim = "" if length is None else f": its header claims {length:,} bytes"
        raise WeightsError(
            f"{path} is truncated or damaged{claim}, and the whole file has {size:,} bytes. Copy it again."
        )


def _damaged(path: Path, error: Exception) -> WeightsError:
    return WeightsError(f"{path} is truncated or damaged; copy or download it again.", detail=str(error))


def _read_torch(path: Path) -> WeightsFile:
    import torch

    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise _unpickling_refused(path, error) from None
    except Exception as error:  # a damaged file can raise almost anything from the reader
        raise _damaged(path, error) from None
    if not isinstance(loaded, Mapping):
        raise WeightsError(f"{path} holds a {type(loaded).__name__}, not a state dict: {_CONVERT}.")
    state, notes = _unwrap(loaded)
    return WeightsFile(state, _labels(loaded), _architecture(loaded), notes)


def _unpickling_refused(path: Path, error: pickle.UnpicklingError) -> WeightsError:
    text = str(error)
    if "GLOBAL" in text:
        return WeightsError(
            f"{path} asks to run code while it is read, which Cutline never does; {_CONVERT}.", detail=text
        )
    return WeightsError(
        f"{path} is damaged, or no state dict that can be read safely: copy it again, or {_CONVERT}.",
        detail=text,
    )


def _unwrap(loaded: Mapping[Any, Any]) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """The state dict inside a checkpoint, and a note where averaged weights were left aside."""
    for key in _WRAPPERS:
        inner = loaded.get(key)
        if isinstance(inner, Mapping) and any(True for _ in _tensors(inner)):
            averaged = [name for name in ("model_ema", "ema", "state_dict_ema") if name in loaded]
            notes = tuple(f"The file also holds averaged weights ({name}); {key} was opened." for name in averaged)
            return dict(_tensors(inner)), notes
    return dict(_tensors(loaded)), ()


def _tensors(mapping: Mapping[Any, Any]) -> Iterator[tuple[str, Tensor]]:
    import torch

    for key, value in mapping.items():
        if isinstance(value, torch.Tensor):
            yield str(key), value.detach()


def _json_or_text(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _labels(said: Mapping[Any, Any]) -> tuple[str, ...] | None:
    """Label names among a file's own statements: a list, or index by name, or name by index."""
    for key in _LABEL_KEYS:
        names = said.get(key)
        if isinstance(names, list | tuple) and names and all(isinstance(name, str) for name in names):
            return tuple(names)
    for key, by_index in (("id2label", True), ("class_to_idx", False)):
        table = said.get(key)
        if not isinstance(table, Mapping):
            continue
        pairs = table.items() if by_index else ((index, name) for name, index in table.items())
        try:
            ordered = {int(index): str(name) for index, name in pairs}
        except (TypeError, ValueError):
            continue
        if ordered and sorted(ordered) == list(range(len(ordered))):
            return tuple(ordered[index] for index in range(len(ordered)))
    return None


def _architecture(said: Mapping[Any, Any]) -> str | None:
    names = (said.get(key) for key in _ARCHITECTURE_KEYS)
    return next((name for name in names if isinstance(name, str) and name), None)
