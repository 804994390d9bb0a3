"""A state dict with a Python function that builds its network: ``factory = "file.py:build"`` in the card.

The function gets the card's ``[options]`` and returns a ``torch.nn.Module``; the weights are read as data, never as a
program, and must fit it. It runs after consent, in a child process, and so does every file beside it that it imports.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from inference.errors import CardError
from inference.models.card import CardTable
from inference.models.child.faults import never
from inference.models.child.local_modules import imported_files
from inference.models.kinds.programs import Program, program_file, read_program
from inference.models.parts import ModelParts
from inference.models.weights import refuse

NEEDS_CONSENT: Final = True
KIND: Final = "factory"


def recognises(path: Path) -> bool:
    """Never by itself: the card names the function."""
    return False


def read(
    path: Path, table: CardTable | None, trusted: Callable[[str], bool], cancelled: Callable[[], bool] = never
) -> ModelParts:
    """The network that the card's function builds, for the weights at ``path``.

    Raises NeedsConsent, CardError where the card or the file does not name a function, and other ModelErrors.
    """
    text = "" if table is None else table.factory
    file, function = parted(text)
    factory = _found(path, file, text)
    refuse(path)
    files = tuple(map(program_file, imported_files(factory)))
    words = f"a Python file with a function that builds the network ({function})"
    options = {} if table is None else table.options
    return read_program(Program(KIND, words, files, function, options, path), table, trusted, cancelled)


def parted(factory: str) -> tuple[str, str]:
    """File and function of ``file.py:build``. Raises CardError."""
    file, _, function = factory.rpartition(":")
    if not file.endswith(".py") or not function.isidentifier():
        raise CardError(
            f'factory = "{factory}" does not name a function: write the Python file, a colon and the function that '
            'returns the network, such as factory = "model.py:build".'
        )
    return file, function


def _found(path: Path, file: str, text: str) -> Path:
    """The Python file, relative to the card: beside the weights, or above them where those lie further down."""
    if Path(file).is_absolute():
        raise CardError(f'factory = "{text}" must be relative to the card, so that both can move.')
    folder = path.parent.absolute()
    for above in (folder, *folder.parents):
        if (above / file).is_file():
            return above / file
        if (above / "model.toml").is_file():
            break
    raise CardError(f'factory = "{text}" names a file that is not there ({folder / file}): put it beside the card.')
