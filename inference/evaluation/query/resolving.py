"""From what somebody typed to one of the names that exist: exact, then in any case, then by how it begins."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


class NotFoundError(LookupError):
    """No name fits, or several do."""

    def __init__(self, candidates: tuple[str, ...]) -> None:
        super().__init__(candidates)
        self.candidates = candidates  # those that fit; none where nothing fits


def folded(text: str) -> str:
    """The text as it is compared: without regard to case, and to how accents are put together."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def resolve(typed: str, names: Sequence[str], *, prefixes: bool = True) -> int:
    """The place of the name that is meant.

    Args:
        typed: what stands in the query.
        names: those that exist.
        prefixes: whether the beginning of one name alone will do.

    Raises:
        NotFoundError: none fits, or several do equally well.
    """
    exact = [index for index, name in enumerate(names) if name == typed]
    if exact:
        return exact[0]
    wanted = folded(typed)
    known = [folded(name) for name in names]
    found = [index for index, name in enumerate(known) if name == wanted]
    if not found and prefixes and wanted:
        found = [index for index, name in enumerate(known) if name.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    raise NotFoundError(tuple(names[index] for index in found))
