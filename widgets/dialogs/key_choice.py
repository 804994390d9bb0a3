"""The keys that somebody is choosing: who has which, what would be taken from whom, what differs from the defaults."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from widgets.dialogs.key_capture import canonical_all


@dataclass(frozen=True)
class KeyRow:
    """One action. Keys are portable texts, such as ``Ctrl+E``."""

    key: str  # what the action is called in the program
    section: str
    text: str
    shortcuts: tuple[str, ...]
    default: tuple[str, ...]


class KeyChoice:
    """No two actions have the same keys, as long as they had not at the start."""

    def __init__(self, rows: Sequence[KeyRow]) -> None:
        self.rows = tuple(rows)
        self._defaults = {row.key: canonical_all(row.default) for row in rows}
        self._chosen = {row.key: canonical_all(row.shortcuts) for row in rows}

    def keys(self, action: str) -> tuple[str, ...]:
        """The keys of an action."""
        return self._chosen[action]

    def default(self, action: str) -> tuple[str, ...]:
        """The keys that the program gave it."""
        return self._defaults[action]

    def is_changed(self, action: str) -> bool:
        """Whether the keys are other ones than the program gave it."""
        return self._chosen[action] != self._defaults[action]

    def owners(self, action: str, keys: Iterable[str]) -> tuple[tuple[str, KeyRow], ...]:
        """Which of the keys other actions have, and who."""
        found = []
        for text in keys:
            found += [(text, row) for row in self.rows if row.key != action and text in self._chosen[row.key]]
        return tuple(found)

    def give(self, action: str, keys: Iterable[str]) -> None:
        """Let an action have exactly these keys; whoever had one of them loses it."""
        mine = canonical_all(keys)
        for other in self._chosen:
            self._chosen[other] = tuple(text for text in self._chosen[other] if text not in mine)
        self._chosen[action] = mine

    def restore_all(self) -> None:
        """The program's own keys everywhere."""
        self._chosen = dict(self._defaults)

    def changes(self) -> dict[str, tuple[str, ...]]:
        """The keys of the actions that do not have the program's."""
        return {row.key: self._chosen[row.key] for row in self.rows if self.is_changed(row.key)}
