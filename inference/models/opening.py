"""Opens a model: card, weights and what the user says become one LoadedModel.

One precedence for each value: what the user says, then the card, then what the file itself tells, then the default;
``sources`` says which it was. torch is imported when a model is opened, not with this module.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import UNSET

from inference.errors import CardError, DeviceError, WeightsError
from inference.models.card import (
    CARD_NAME,
    CardTable,
    ModelCard,
    Preprocessing,
    check_labels,
    check_preprocessing,
    read_table,
    said_preprocessing,
    write_card,
)
from inference.models.child.faults import never
from inference.models.kinds import kind_of
from inference.models.values import (
    CARD,
    DEFAULT,
    FILE,
    PREPROCESSING_FIELDS,
    YOU,
    CardAnswers,
    CardDraft,
    NeedsCard,
)
from inference.models.weights import SUFFIXES, WeightsFile, read_weights, refuse

if TYPE_CHECKING:
    from torch import nn

__all__ = [
    "CardAnswers",
    "CardDraft",
    "LoadedModel",
    "NeedsCard",
    "architectures",
    "open_model",
    "save_answers",
]


def _nothing(sha256: str) -> bool:
    """Nothing is trusted."""
    return False


_RANK: Final = (YOU, CARD, FILE, DEFAULT)
_TEST_SIDE: Final = 224  # pixels; of the made-up image where the card fixes no size

Values = dict[str, dict[str, Any]]  # by source, then by field name


class LoadedModel:
    """A network ready to score, with its card and where each value of the card came from."""

    differentiable = True  # gradients can be taken: Grad-CAM

    def __init__(
        self,
        card: ModelCard,
        path: Path,
        network: nn.Module,
        *,
        fingerprint: str,
        sources: Mapping[str, str] | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.card = card
        self.path = path  # of the card
        self.network = network  # eval mode, float32; stays inside inference.models
        self.fingerprint = fingerprint
        self.sources: Mapping[str, str] = MappingProxyType(dict(sources or {}))
        self.notes = notes  # sentences the user should read
        self.device = "cpu"

    @property
    def labels(self) -> tuple[str, ...]:
        """The label of each column of the logits."""
        return self.card.labels

    def close(self) -> None:
        """End the process of its own, if the model has one; it cannot score any more then."""
        close = getattr(self.network, "close", None)
        if close is not None:
            close()

    def to(self, device: str) -> LoadedModel:
        """The same model, now on ``device`` ("cpu", "cuda:0", ...). Raises DeviceError; then it is on the CPU."""
        import torch

        from inference.models.devices import CPU, choose_device

        device = choose_device(device)
        try:
            self.network.to(device)
        except RuntimeError as error:
            self.network.to(CPU)
            self.device = CPU
            raise DeviceError(
                f"The model does not fit on {device}: it stays on the CPU. Close what else uses that device.",
                detail=str(error),
            ) from None
        if device == CPU:
            # Convolutions on the CPU are up to 1.6 times faster so.
            self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.device = device
        return self


def architectures() -> tuple[str, ...]:
    """The names of torchvision's classification builders. Imports torchvision."""
    from inference.models import architectures as room

    return room.architectures()


def open_model(
    path: str | Path,
    *,
    answers: CardAnswers | None = None,
    device: str | None = None,
    trusted: Callable[[str], bool] = _nothing,
    cancelled: Callable[[], bool] = never,
) -> LoadedModel:
    """The model at ``path``: a card, a folder that holds ``model.toml``, or a weights file.

    ``device`` None takes the best there is. Raises NeedsCard where there is no card and something must be asked, and
    the other ModelErrors, each naming the file and the remedy.

    ``trusted`` says of the SHA-256 of a program whether the user agreed to run it; others raise NeedsConsent.
    ``cancelled`` ends the wait for a program that does not answer: it raises Cancelled.
    """
    card_path, weights_path, table = _locate(Path(path))
    if (kind := kind_of(weights_path, table)) is not None:
        from inference.models.other_kinds import open_other

        return open_other(kind, card_path, weights_path, table, answers, device, trusted, cancelled)
    refuse(weights_path)
    file = read_weights(weights_path)
    said: Values = {YOU: {}, CARD: _from_card(table), FILE: {}, DEFAULT: {}}
    for source, values in _from_answers(answers).items():
        said[source] |= values
    said[FILE] |= _from_file(file, said)
    if table is None and (answers is None or not _complete(said)):
        raise NeedsCard(f"{weights_path.name} has no {CARD_NAME}: say what it is.", _draft(file, said))
    values, sources = _resolve(_with_defaults(said, table is not None))
    card = _make_card(card_path, weights_path, table, values)
    return _load(card, card_path, weights_path, file, sources, device)


def save_answers(weights_path: str | Path, answers: CardAnswers) -> Path:
    """Write the answers as a card beside the weights and return its path: ``model.toml``, or the weights' own name
    with ``.toml`` where a ``model.toml`` speaks of other weights. Notes and options already there are kept.

    Raises CardError where the architecture or the labels are missing.
    """
    weights_path = Path(weights_path)
    path = weights_path.parent / CARD_NAME
    table = _table_of(path, weights_path)
    if table is None and path.exists():
        path = weights_path.with_suffix(".toml")
        table = _table_of(path, weights_path)
    said: Values = {source: {} for source in _RANK}
    # A card is written to be read later: by then all that was agreed to is the card's own.
    said[YOU] = {key: value for values in reversed(_from_answers(answers).values()) for key, value in values.items()}
    said[CARD] = _from_card(table)
    values, _ = _resolve(_with_defaults(said, table is not None))
    card = _make_card(path, weights_path, table, values)
    write_card(card, path)
    return path


def _locate(path: Path) -> tuple[Path, Path, CardTable | None]:
    """Where the card is or would be, where the weights are, and the card's text if there is one."""
    if path.is_dir() and not (path / CARD_NAME).exists():
        found = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
        if len(found) != 1:
            what = "no weights file either" if not found else f"{len(found)} weights files: choose one of them"
            raise CardError(f"There is no {CARD_NAME} in {path}, and {what}.")
        path = found[0]
    if path.is_dir():
        path = path / CARD_NAME
    if path.suffix.lower() == ".toml":
        table = read_table(path)
        return path, _weights_of(path, table), table
    for card in (path.parent / CARD_NAME, path.with_suffix(".toml")):
        table_or_none = _table_of(card, path)
        if table_or_none is not None:
            return card, path, table_or_none
    return path.parent / CARD_NAME, path, None


def _table_of(card: Path, weights: Path) -> CardTable | None:
    """The card's text where it exists and names these weights."""
    if not card.is_file():
        return None
    table = read_table(card)
    if table.weights is UNSET:
        return None
    return table if (card.parent / table.weights).resolve() == weights.resolve() else None


def _weights_of(card: Path, table: CardTable) -> Path:
    if table.weights is UNSET:
        raise CardError(f'{card} does not name its weights: add a line like weights = "model.safetensors".')
    if Path(table.weights).is_absolute():
        raise CardError(f"{card}: weights = {table.weights!r} must be relative to the card, so that both can move.")
    weights = card.parent / table.weights
    if not weights.exists():
        raise WeightsError(f"{card} names the weights {table.weights!r}, and {weights} is not there.")
    return weights


def _from_card(table: CardTable | None) -> dict[str, Any]:
    if table is None:
        return {}
    stated = {key: getattr(table, key) for key in ("architecture", "labels", "activation")}
    return {key: value for key, value in stated.items() if value is not UNSET} | said_preprocessing(table.preprocessing)


def _from_answers(answers: CardAnswers | None) -> Values:
    """The answers by source: those handed back as guessed keep the rank of a guess."""
    by_source: Values = {source: {} for source in _RANK}
    if answers is None:
        return by_source
    for key in ("architecture", "labels", "activation", *PREPROCESSING_FIELDS):
        value = getattr(answers, key)
        source = answers.sources.get(key, YOU)
        none_is_meant = key in ("resize", "crop") and key in answers.sources
        if value is not None or none_is_meant:
            by_source[source if source in by_source else YOU][key] = value
    return by_source


def _from_file(file: WeightsFile, said: Values) -> dict[str, Any]:
    """What the weights file tells: labels and architecture that it names, else the one that fits its tensors."""
    from inference.models.network import guess

    told: dict[str, Any] = {}
    if file.labels:
        told["labels"] = file.labels
    if "architecture" in said[YOU] or "architecture" in said[CARD] or "architecture" in said[FILE]:
        return told
    fitting = guess(file.state).architectures
    named = file.architecture
    if fitting:
        told["architecture"] = named if named in fitting else fitting[0]
    elif named in architectures():
        told["architecture"] = named
    return told


def _complete(said: Values) -> bool:
    return all(any(key in said[source] for source in _RANK) for key in ("architecture", "labels"))


def _with_defaults(said: Values, has_card: bool) -> Values:
    """Defaults for all that may be silent. A card's silence means what card.py documents; without one, the sizes
    that torchvision recommends for the architecture are the better guess."""
    defaults = msgspec.structs.asdict(Preprocessing()) | {"activation": "sigmoid"}
    architecture = next((said[source]["architecture"] for source in _RANK if "architecture" in said[source]), None)
    if architecture is not None and not has_card and any(key not in said[YOU] for key in PREPROCESSING_FIELDS):
        from inference.models.architectures import recommended

        defaults |= recommended(architecture)
    return said | {DEFAULT: defaults | said[DEFAULT]}


def _resolve(said: Values) -> tuple[dict[str, Any], dict[str, str]]:
    """Each value from the first source that has it, and which source that was."""
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for source in _RANK:
        for key, value in said[source].items():
            if key not in values:
                values[key] = value
                sources[key] = source
    return values, sources


def _draft(file: WeightsFile, said: Values) -> CardDraft:
    from inference.models.network import count_outputs, guess

    candidates = guess(file.state).architectures
    n_outputs = count_outputs(file.state)
    if n_outputs is not None:
        said[DEFAULT].setdefault("labels", tuple(f"label {number}" for number in range(1, n_outputs + 1)))
    values, sources = _resolve(_with_defaults(said, has_card=False))
    values.pop("channels", None)
    sources.pop("channels", None)
    reasons = {
        "activation": "Weights do not tell sigmoid from softmax. Sigmoid is the default because it shows each label's "
        "own score; choose softmax if the model was trained with cross entropy, one label an image.",
    }
    architecture = values.get("architecture")
    if architecture in candidates:
        reasons["architecture"] = f"All {len(file.state)} tensors have the names and shapes of {architecture}."
    if sources.get("resize") == DEFAULT and architecture:
        reasons["resize"] = f"What torchvision recommends for {architecture}; use what the model was trained with."
    if file.labels:
        reasons["labels"] = "The weights file names them."
    return CardDraft(**values, n_outputs=n_outputs, sources=sources, candidates=candidates, reasons=reasons)


def _make_card(path: Path, weights: Path, table: CardTable | None, values: dict[str, Any]) -> ModelCard:
    """The complete card. Raises CardError naming what is missing or cannot be."""
    for key in ("architecture", "labels"):
        if key not in values:
            raise CardError(f"{path} does not say {key}: add a line that begins with {key} =")
    preprocessing = {key: values.pop(key) for key in Preprocessing.__struct_fields__}
    labels = tuple(values["labels"])
    try:
        check_labels(labels)
        check_preprocessing(preprocessing)
        card = ModelCard(
            architecture=values["architecture"],
            weights=table.weights if table is not None and isinstance(table.weights, str) else weights.name,
            labels=labels,
            activation=values["activation"],
            preprocessing=Preprocessing(**preprocessing),
            options=dict(table.options) if table is not None else {},
            notes=table.notes if table is not None else "",
            name=table.name if table is not None else "",
        )
        return msgspec.convert(msgspec.to_builtins(card), ModelCard)  # checks the types of what was answered
    except msgspec.ValidationError as error:
        raise CardError(f"{path}: {error}.", detail=str(error)) from None
    except CardError as error:
        raise CardError(f"{path}: {error}", detail=error.detail) from None


def _load(
    card: ModelCard, path: Path, weights: Path, file: WeightsFile, sources: Mapping[str, str], device: str | None
) -> LoadedModel:
    import numpy as np

    from inference.models import network as room
    from inference.models.devices import choose_device
    from inference.models.preprocess import build_transform

    device = choose_device(device)
    network = room.load(weights, card.architecture, card.options, file.state, card.labels)
    sample = build_transform(card.preprocessing)(np.zeros((*_test_size(card.preprocessing), 3), dtype=np.uint8))
    room.try_out(path, card.architecture, network, sample[None], len(card.labels))
    bad = room.not_finite(file.state)
    nan = (
        f"{weights.name} holds NaN or infinity in {bad[0]}"
        f"{f' and {len(bad) - 1} more tensors' if len(bad) > 1 else ''}: the scores may be unusable."
        if bad
        else ""
    )
    notes = (*file.notes, *([nan] if nan else []))
    fingerprint = _fingerprint(weights, card)
    return LoadedModel(card, path, network, fingerprint=fingerprint, sources=sources, notes=notes).to(device)


def _test_size(preprocessing: Preprocessing) -> tuple[int, int]:
    for size in (preprocessing.crop, preprocessing.resize):
        if size is not None:
            return (size, size) if isinstance(size, int) else size
    return (_TEST_SIDE, _TEST_SIDE)


def _fingerprint(weights: Path, card: ModelCard) -> str:
    """SHA-256 of the weights file and of all that shapes the logits; labels and activation do not."""
    with weights.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    shaping = {
        "architecture": card.architecture,
        "options": card.options,
        "preprocessing": msgspec.to_builtins(card.preprocessing),
    }
    digest.update(json.dumps(shaping, sort_keys=True, separators=(",", ":")).encode())
    return digest.hexdigest()
