"""Which keys do what: the actions' own keys, and those that the user chose instead. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from widgets.dialogs.key_editor import KeyRow

Keys = dict[str, tuple[str, ...]]


class Spec(Protocol):
    """What an action must say of itself, as `app.actions.ActionSpec` does."""

    @property
    def key(self) -> str: ...
    @property
    def menu(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def shortcuts(self) -> tuple[str, ...]: ...


class Conflict(NamedTuple):
    """One key that several actions have."""

    keys: str
    actions: tuple[str, ...]


def merged(specs: Sequence[Spec], overrides: Mapping[str, Sequence[str]]) -> Keys:
    """The keys of every action."""
    raise NotImplementedError


def conflicts(shortcuts: Mapping[str, Sequence[str]]) -> tuple[Conflict, ...]:
    """Keys that more than one action has."""
    raise NotImplementedError


def editor_rows(specs: Sequence[Spec], overrides: Mapping[str, Sequence[str]]) -> list[KeyRow]:
    """The rows of the key editor."""
    raise NotImplementedError


def sheet_rows(
    specs: Sequence[Spec], overrides: Mapping[str, Sequence[str]], fixed: Iterable[tuple[str, str, str]] = ()
) -> list[tuple[str, str, str]]:
    """The rows of the key sheet."""
    raise NotImplementedError


def taken_keys(specs: Sequence[Spec], overrides: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Every key in use and what it does."""
    raise NotImplementedError


def label_keys(ids: Sequence[int], letters: Mapping[int, str]) -> dict[int, tuple[str, ...]]:
    """The keys of each label: the first ten have a digit, others what they were given."""
    raise NotImplementedError
