"""Programs of ``torch.export`` (``.pt2``): opened after consent, in a child process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from inference.errors import WeightsError
from inference.models.card import CardTable
from inference.models.child.faults import never
from inference.models.kinds.programs import Program, archive_entries, program_file, read_program
from inference.models.parts import ModelParts

NEEDS_CONSENT: Final = True
KIND: Final = "export"
SUFFIXES: Final = (".pt2", ".ptc")

_MARKS: Final = ("archive_format", "archive_version", "serialized_exported_program.json")
_COMPILED: Final = "data/aotinductor/"


def recognises(path: Path) -> bool:
    """Whether the file's name or its archive is that of an exported program."""
    if not path.is_file():
        return False
    return path.suffix.lower() in SUFFIXES or any(mark in archive_entries(path) for mark in _MARKS)


def read(
    path: Path, table: CardTable | None, trusted: Callable[[str], bool], cancelled: Callable[[], bool] = never
) -> ModelParts:
    """What the program tells of itself, and how to build it. Raises NeedsConsent, and other ModelErrors."""
    entries = archive_entries(path)
    if not entries:
        raise WeightsError(f"{path} is truncated or damaged, or no exported program: copy or export it again.")
    if not any(mark in entries for mark in _MARKS):
        raise WeightsError(f"{path} is an archive, but no exported program: save it with torch.export.save.")
    if any(name.startswith(_COMPILED) for name in entries):
        raise WeightsError(
            f"{path} holds machine code compiled for one kind of machine: save the program itself with "
            "torch.export.save."
        )
    return read_program(Program(KIND, "a program of torch.export", (program_file(path),)), table, trusted, cancelled)
