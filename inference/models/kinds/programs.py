"""What models that are programs have in common: which files would run, the consent to run them, and the child.

Nothing here runs anything of a file, or imports torch, before its hash is trusted. The child then gets the hashes
beside the paths and runs only bytes that have them: a file that changes in between is refused, not run.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from inference.errors import ModelError, WeightsError
from inference.models.card import CardTable, ModelCard, Option
from inference.models.child.faults import cancellable
from inference.models.parts import ModelParts
from inference.models.values import NeedsConsent, ProgramFile

if TYPE_CHECKING:
    from torch import nn

    from inference.models.child.network import ChildNetwork

_SIDE: Final = 224  # pixels of the image that is tried where nothing says the size
_RESIZE: Final = 256 / 224  # of the shorter side before the crop, as torchvision has it


@dataclass(frozen=True)
class Program:
    """Files that are run together, hashed."""

    kind: str  # as the card and the child have it
    words: str  # "a TorchScript model"
    files: tuple[ProgramFile, ...]  # the one that was named first
    function: str = ""  # of a factory
    options: Mapping[str, Option] = field(default_factory=dict)
    weights: Path | None = None  # of a factory: data, which need no consent

    @cached_property
    def digest(self) -> str:
        """What is trusted: the SHA-256 of a single file, or of all names, hashes and the function that is called."""
        if not self.function:
            return self.files[0].sha256
        root = os.path.dirname(self.files[0].path)
        lines = [f"{file.sha256}  {os.path.relpath(file.path, root)}" for file in self.files]
        return hashlib.sha256("\n".join([f"{self.kind} {self.function}", *lines]).encode()).hexdigest()

    def consent(self) -> NeedsConsent:
        """The question to the user."""
        return NeedsConsent(
            f"{self.files[0].path} is {self.words}, which is a program: open it in the window and agree to run it.",
            kind=self.words,
            files=self.files,
            sha256=self.digest,
        )


def program_file(path: Path) -> ProgramFile:
    """The file with its hash. Raises WeightsError."""
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror or error}.", detail=str(error)) from None
    return ProgramFile(os.path.abspath(path), size, digest)


def archive_entries(path: Path) -> frozenset[str]:
    """The names in a zip archive, without the folder that torch puts around them; none where it is no archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return frozenset()
    return frozenset(name.partition("/")[2] or name for name in names)


def read_program(
    program: Program, table: CardTable | None, trusted: Callable[[str], bool], cancelled: Callable[[], bool]
) -> ModelParts:
    """The parts of a model that is a program, tried in its child once.

    Raises NeedsConsent, other ModelErrors, and Cancelled.
    """
    if os.name != "posix":
        raise ModelError(f"{program.files[0].path} is {program.words}: Cutline runs those on Linux and macOS only.")
    if not trusted(program.digest):
        raise program.consent()
    network = _child(program)
    with cancellable(network, cancelled):
        ready = network.start()
        told, reasons = _sizes(ready.height, ready.width)
        side = ready.height or _SIDE, ready.width or _SIDE
        n_outputs = None if table is not None and table.labels else _count(network, side)

    def build(card: ModelCard) -> nn.Module:
        # The first one is the child that was tried; whoever builds again gets one of their own.
        return waiting.pop() if waiting else _child(program)

    waiting: list[nn.Module] = [network]
    return ModelParts(
        told=told,
        reasons=reasons,
        n_outputs=n_outputs,
        build=build,
        digest=_digest(program),
        differentiable=False,
    )


def _child(program: Program) -> ChildNetwork:
    from inference.models.child.network import ChildNetwork
    from inference.models.child.protocol import Load, Source
    from inference.models.pool import usable_cores

    return ChildNetwork(
        Load(
            program.kind,
            tuple(Source(file.path, file.sha256) for file in program.files),
            function=program.function,
            options=dict(program.options),
            weights="" if program.weights is None else os.path.abspath(program.weights),
            threads=max(1, usable_cores() - 1),
        )
    )


def _sizes(height: int, width: int) -> tuple[dict[str, Any], dict[str, str]]:
    """The preprocessing that fits a program which takes images of one size; nothing where it takes any."""
    if not height or not width:
        return {}, {}
    reason = f"The program takes images of {width} x {height} pixels and no others."
    if height == width:
        return {"resize": round(height * _RESIZE), "crop": height}, {"resize": reason, "crop": reason}
    return {"resize": (height, width), "crop": None}, {"resize": reason, "crop": reason}


def _count(network: ChildNetwork, side: tuple[int, int]) -> int | None:
    """How many outputs an empty image gets; None where it gets none, as whoever opens the model will say."""
    import torch

    try:
        output = network(torch.zeros(1, 3, *side))
    except ModelError:
        return None
    parts = output.values() if isinstance(output, dict) else output if isinstance(output, tuple) else (output,)
    return next((int(part.shape[1]) for part in parts if part.dim() == 2), None)


def _digest(program: Program) -> str:
    """Of all that shapes the logits."""
    weights = "" if program.weights is None else program_file(program.weights).sha256
    shaping = json.dumps([program.digest, weights, dict(program.options)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(shaping.encode()).hexdigest()
