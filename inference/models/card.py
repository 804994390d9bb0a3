"""The model card ``model.toml``: what a weights file does not say about itself.

It stands beside the weights and is meant to be read and written by hand::

    format = 1
    name = "Digits on sheets"
    architecture = "shufflenet_v2_x0_5"
    weights = "sheets.safetensors"
    activation = "sigmoid"
    labels = ["zero", "one", "two"]

    [preprocessing]
    resize = 256          # the shorter side; or [height, width]; or "none"
    crop = 224            # centre crop; or [height, width]; or "none"
    interpolation = "bilinear"
    mean = [0.485, 0.456, 0.406]
    std = [0.229, 0.224, 0.225]
    channels = "rgb"

    [options]             # keyword arguments of the torchvision builder
    dropout = 0.2

No torch here: the window may import this before torch is there.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from inference.errors import CardError

CARD_NAME: Final = "model.toml"
FORMAT: Final = 1
TORCHVISION: Final = "torchvision"  # the kind that is not written

IMAGENET_MEAN: Final = (0.485, 0.456, 0.406)
IMAGENET_STD: Final = (0.229, 0.224, 0.225)

ActivationName = Literal["sigmoid", "softmax"]
Interpolation = Literal["nearest", "nearest-exact", "bilinear", "bicubic", "box", "hamming", "lanczos"]
Channels = Literal["rgb", "bgr"]
Size = int | tuple[int, int] | None
Triple = tuple[float, float, float]
Option = bool | int | float | str

# msgspec 0.22 reads stray memory where a constrained int and a tuple share a union: the range is checked in _check.
_FileSize = int | tuple[int, int] | Literal["none"] | UnsetType
_LONGEST_SIDE: Final = 16384


class Preprocessing(Struct, frozen=True):
    """What is done to a picture before the model sees it: resize, centre crop, scale to 0..1, normalise.

    ``resize`` as one number is the shorter side's new length; ``(h, w)`` changes the proportions; None leaves it.
    Sizes in pixels; ``mean`` and ``std`` on the 0..1 scale, in the order of ``channels``.
    """

    resize: Size = 256
    crop: Size = 224
    interpolation: Interpolation = "bilinear"
    mean: Triple = IMAGENET_MEAN
    std: Triple = IMAGENET_STD
    channels: Channels = "rgb"


class ModelCard(Struct, frozen=True):
    """A complete card: every value is there, whoever said it."""

    architecture: str
    weights: str  # relative to the card
    labels: tuple[str, ...]
    activation: ActivationName = "sigmoid"
    preprocessing: Preprocessing = Preprocessing()
    options: dict[str, Option] = {}
    notes: str = ""
    name: str = ""
    format: int = FORMAT
    kind: str = TORCHVISION
    factory: str = ""  # "file.py:build", relative to the card: the function that returns the network


class PreprocessingTable(Struct, frozen=True, forbid_unknown_fields=True):
    """The table as it stands in the file; UNSET where the file is silent."""

    resize: _FileSize = UNSET
    crop: _FileSize = UNSET
    interpolation: Interpolation | UnsetType = UNSET
    mean: Triple | UnsetType = UNSET
    std: Triple | UnsetType = UNSET
    channels: Channels | UnsetType = UNSET


class CardTable(Struct, frozen=True, forbid_unknown_fields=True):
    """The card as it stands in the file; UNSET where the file is silent."""

    format: int = FORMAT
    name: str = ""
    architecture: str | UnsetType = UNSET
    weights: str | UnsetType = UNSET
    activation: ActivationName | UnsetType = UNSET
    labels: tuple[str, ...] | UnsetType = UNSET
    notes: str = ""
    kind: str = ""
    factory: str = ""
    preprocessing: PreprocessingTable = PreprocessingTable()
    options: dict[str, Option] = {}


def card_path(path: str | Path) -> Path:
    """The card's own path, given it or the folder that holds it."""
    path = Path(path)
    return path / CARD_NAME if path.is_dir() else path


def read_card(path: str | Path) -> ModelCard:
    """The card at ``path`` (``model.toml`` or its folder), silent values filled with the defaults.

    Raises CardError naming the key and the value.
    """
    path = card_path(path)
    table = read_table(path)
    said = msgspec.structs.asdict(table)
    said["kind"] = table.kind or ("factory" if table.factory else TORCHVISION)
    if said["kind"] != TORCHVISION and table.architecture is UNSET:
        said["architecture"] = said["kind"]
    for key in ("architecture", "weights", "labels"):
        if said[key] is UNSET:
            raise CardError(f"{path} does not say {key}: add a line that begins with {key} =")
    said["preprocessing"] = Preprocessing(**said_preprocessing(table.preprocessing))
    return ModelCard(**{key: value for key, value in said.items() if value is not UNSET})


def said_preprocessing(table: PreprocessingTable) -> dict[str, Any]:
    """The values that the file states, "none" turned into None."""
    stated = {key: value for key, value in msgspec.structs.asdict(table).items() if value is not UNSET}
    return {key: None if value == "none" else value for key, value in stated.items()}


def read_table(path: Path) -> CardTable:
    """What the file says and no more, checked. Raises CardError."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise CardError(f"There is no {path.name} in {path.parent}.") from None
    except OSError as error:
        raise CardError(f"{path} cannot be read: {error.strerror or error}.", detail=str(error)) from None
    try:
        document = msgspec.toml.decode(raw)
        _check_format(path, document.get("format", FORMAT))
        table = msgspec.convert(document, CardTable)
    except msgspec.ValidationError as error:
        raise CardError(_explain(path, document, str(error)), detail=str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CardError(f"{path} is not valid TOML: {error}.", detail=str(error)) from None
    _check(path, table)
    return table


def write_card(card: ModelCard, path: str | Path) -> None:
    """Write the card as TOML; the old file stays whole until the new one is on the disk. Raises CardError."""
    path = card_path(path)
    text = _to_toml(card)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            # mkstemp makes files for its owner alone; a card is for everybody who may read the folder.
            os.chmod(temporary, _wanted_mode(path))
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CardError(f"{path} cannot be written: {error.strerror or error}.", detail=str(error)) from None


def _wanted_mode(path: Path) -> int:
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        return 0o644


def _to_toml(card: ModelCard) -> str:
    preprocessing = msgspec.structs.asdict(card.preprocessing)
    for key in ("resize", "crop"):
        preprocessing[key] = "none" if preprocessing[key] is None else preprocessing[key]
    document: dict[str, Any] = {"format": card.format}
    if card.name:
        document["name"] = card.name
    if card.kind != TORCHVISION:
        document["kind"] = card.kind
    if card.factory:
        document["factory"] = card.factory
    document |= {
        "architecture": card.architecture,
        "weights": card.weights,
        "activation": card.activation,
        "labels": card.labels,
    }
    if card.notes:
        document["notes"] = card.notes
    document["preprocessing"] = preprocessing
    if card.options:
        document["options"] = card.options
    text = msgspec.toml.encode(document).decode("utf-8")
    return re.sub(r"\[\n((?: +[-+.\w]+,\n)+)\]", _on_one_line, text)


def _on_one_line(numbers: re.Match[str]) -> str:
    return "[" + ", ".join(line.strip(" ,") for line in numbers[1].splitlines()) + "]"


def _check_format(path: Path, version: object) -> None:
    if isinstance(version, int) and version > FORMAT:
        raise CardError(f"{path} says format = {version}, but this Cutline reads up to {FORMAT}: update Cutline.")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise CardError(f"{path}: format must be {FORMAT}, not {version!r}.")


def _check(path: Path, table: CardTable) -> None:
    if table.labels is not UNSET:
        check_labels(table.labels, f"{path}: ")
    if table.weights is not UNSET and not table.weights.strip():
        raise CardError(f"{path}: weights is empty; name the weights file, relative to the card.")
    check_preprocessing(said_preprocessing(table.preprocessing), f"{path}: preprocessing.")


def check_preprocessing(values: dict[str, Any], where: str = "") -> None:
    """Raise CardError where a size, mean or std among ``values`` (by name, those that are said) cannot be used."""
    for key in ("resize", "crop"):
        size = values.get(key)
        sides = size if isinstance(size, tuple) else (size,)
        if size is not None and not all(1 <= side <= _LONGEST_SIDE for side in sides):
            raise CardError(f"{where}{key} = {size} must be 1 to {_LONGEST_SIDE} pixels.")
    for key in ("mean", "std"):
        if values.get(key) is not None:
            check_triple(key, values[key], where)


def check_triple(key: str, values: Triple, where: str = "") -> None:
    """Raise CardError unless three finite numbers, none of them 0 in ``std``."""
    if not all(abs(value) < 1e30 for value in values):
        raise CardError(f"{where}{key} = {list(values)} must be three ordinary numbers.")
    if key == "std" and not all(value > 0 for value in values):
        raise CardError(f"{where}std = {list(values)} must be above 0: it is what the pixels are divided by.")


def check_labels(labels: tuple[str, ...], where: str = "") -> None:
    """Raise CardError where there is no label, an empty one or one that stands twice."""
    if not labels:
        raise CardError(f"{where}labels is empty; give one name an output of the model.")
    seen: set[str] = set()
    for number, label in enumerate(labels, start=1):
        if not label.strip():
            raise CardError(f"{where}label {number} has no name.")
        if label in seen:
            raise CardError(f"{where}labels holds {label!r} twice; each label needs a name of its own.")
        seen.add(label)


def _explain(path: Path, document: Any, message: str) -> str:
    """msgspec's complaint as a sentence with the key and the value that stands there."""
    unknown = re.match(r"Object contains unknown field `(.+?)`(?: - at `\$\.?(.*)`)?", message)
    if unknown:
        key = f"{unknown[2]}.{unknown[1]}" if unknown[2] else unknown[1]
        return f"{path}: there is no setting called {key}; check its spelling."
    complaint, _, place = message.partition(" - at `$.")
    place = place.rstrip("`")
    value = _value_at(document, place)
    shown = "" if value is UNSET else f" = {value!r}"
    return f"{path}: {place or 'the card'}{shown} will not do: {complaint[:1].lower()}{complaint[1:]}."


def _value_at(document: Any, place: str) -> Any:
    for step in re.findall(r"[^.\[\]]+", place):
        try:
            document = document[int(step)] if isinstance(document, list) else document[step]
        except (KeyError, IndexError, ValueError, TypeError):
            return UNSET
    return document
