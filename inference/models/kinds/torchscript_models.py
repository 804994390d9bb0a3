"""TorchScript files (``torch.jit.save``): opened after consent, in a child process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from inference.models.card import CardTable
from inference.models.child.faults import never
from inference.models.kinds.programs import Program, archive_entries, program_file, read_program
from inference.models.parts import ModelParts

NEEDS_CONSENT: Final = True
KIND: Final = "torchscript"
SUFFIXES: Final = (".pt", ".pth", ".ts", ".torchscript", ".jit")


def recognises(path: Path) -> bool:
    """Whether the file is an archive with TorchScript's code in it."""
    if path.suffix.lower() not in SUFFIXES or not path.is_file():
        return False
    entries = archive_entries(path)
    return "constants.pkl" in entries or any(name.startswith("code/") for name in entries)


def read(
    path: Path, table: CardTable | None, trusted: Callable[[str], bool], cancelled: Callable[[], bool] = never
) -> ModelParts:
    """What the program tells of itself, and how to build it. Raises NeedsConsent, and other ModelErrors."""
    return read_program(Program(KIND, "a TorchScript model", (program_file(path),)), table, trusted, cancelled)
