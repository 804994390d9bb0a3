"""Opens models of the kinds beside torchvision's: what their module reads, the card and the user become one model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import numpy as np

from inference.models import opening
from inference.models.card import CardTable, ModelCard
from inference.models.child.faults import cancellable
from inference.models.kinds import read_parts
from inference.models.opening import LoadedModel
from inference.models.parts import ModelParts
from inference.models.values import CARD, DEFAULT, FILE, YOU, CardAnswers, CardDraft, NeedsCard

_ACTIVATION = (
    "The file does not tell sigmoid from softmax. Sigmoid is the default because it shows each label's own score; "
    "choose softmax if the model was trained with cross entropy, one label an image."
)


def open_other(
    module: ModuleType,
    card_path: Path,
    path: Path,
    table: CardTable | None,
    answers: CardAnswers | None,
    device: str | None,
    trusted: Callable[[str], bool],
    cancelled: Callable[[], bool],
) -> LoadedModel:
    """The model at ``path``, of the kind of ``module``.

    Raises NeedsConsent, NeedsCard and other ModelErrors, and Cancelled where a program is waited for.
    """
    parts = read_parts(module, path, table, trusted, cancelled)
    said: opening.Values = {YOU: {}, CARD: opening._from_card(table), FILE: {}, DEFAULT: {}}
    for source, values in opening._from_answers(answers).items():
        said[source] |= values
    said[FILE] |= {"architecture": module.KIND} | dict(parts.told)
    if not any("labels" in values for values in said.values()) or (table is None and answers is None):
        raise NeedsCard(f"{path.name} does not say everything: say what it is.", _draft(parts, said))
    values, sources = opening._resolve(opening._with_defaults(said, has_card=True))
    card = opening._make_card(card_path, path, table, values)
    factory = "" if table is None else table.factory
    card = msgspec.structs.replace(card, kind=module.KIND, factory=factory)
    return _load(parts, card, card_path, sources, device, cancelled)


def _draft(parts: ModelParts, said: opening.Values) -> CardDraft:
    """What is known and guessed, for the form."""
    if parts.n_outputs is not None:
        said[DEFAULT].setdefault("labels", tuple(f"label {number}" for number in range(1, parts.n_outputs + 1)))
    values, sources = opening._resolve(opening._with_defaults(said, has_card=True))
    values.pop("channels", None)
    sources.pop("channels", None)
    reasons = {"activation": _ACTIVATION} | dict(parts.reasons)
    return CardDraft(**values, n_outputs=parts.n_outputs, sources=sources, reasons=reasons)


def _load(
    parts: ModelParts,
    card: ModelCard,
    path: Path,
    sources: dict[str, Any],
    device: str | None,
    cancelled: Callable[[], bool],
) -> LoadedModel:
    from inference.models import network as room
    from inference.models.devices import choose_device
    from inference.models.preprocess import build_transform

    device = choose_device(device)
    network = parts.build(card)
    black = np.zeros((*opening._test_size(card.preprocessing), 3), dtype=np.uint8)
    sample = build_transform(card.preprocessing)(black)
    name = card.factory or Path(card.weights).name
    fingerprint = _fingerprint(parts, card)
    model = LoadedModel(card, path, network, fingerprint=fingerprint, sources=sources, notes=parts.notes)
    model.differentiable = parts.differentiable
    try:
        with cancellable(network, cancelled):
            room.try_out(path, name, network, sample[None], len(card.labels))
            return model.to(device)
    except BaseException:
        model.close()
        raise


def _fingerprint(parts: ModelParts, card: ModelCard) -> str:
    """SHA-256 of the files and of all that shapes the logits; labels and activation do not."""
    shaping = [parts.digest, card.options, msgspec.to_builtins(card.preprocessing)]
    return hashlib.sha256(json.dumps(shaping, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
