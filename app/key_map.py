"""Which keys do what: the actions' own keys, and those that the user chose instead. Functions without a state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple, Protocol

from widgets.dialogs.key_capture import canonical_all
from widgets.dialogs.key_choice import KeyRow

Keys = dict[str, tuple[str, ...]]

DIGITS: Final = "1234567890"  # of the first ten labels, as they lie on the keyboard


class Spec(Protocol):
    """What an action says of itself, as `app.actions.ActionSpec` does."""

    @property
    def key(self) -> str:
        """What the program calls it."""

    @property
    def menu(self) -> str:
        """Where it stands."""

    @property
    def text(self) -> str:
        """Its words, with a mnemonic."""

    @property
    def shortcuts(self) -> tuple[str, ...]:
        """Its keys, unless the user chose others."""

    @property
    def together(self) -> str:
        """Words for it and its neighbours with the same, on one line of the key sheet; "" for a line of its own."""


class Conflict(NamedTuple):
    """One key that several actions have."""

    keys: str
    actions: tuple[str, ...]


def merged(specs: Sequence[Spec], overrides: Mapping[str, Sequence[str]]) -> Keys:
    """The keys of every action, no key twice.

    What the user chose goes before what the program gave, whichever action that is (a later version may give a key
    that the user has given already); among equals the earlier action has it. What are no keys, and actions that are
    not there any more, are left out.
    """
    taken: set[str] = set()
    result: Keys = {}
    for chosen in (True, False):
        for spec in specs:
            if (spec.key in overrides) is not chosen:
                continue
            keys = canonical_all(overrides[spec.key] if chosen else spec.shortcuts)
            result[spec.key] = tuple(text for text in keys if text not in taken)
            taken.update(keys)
    return {spec.key: result[spec.key] for spec in specs}


def conflicts(shortcuts: Mapping[str, Sequence[str]]) -> tuple[Conflict, ...]:
    """Keys that more than one action has, however they are written."""
    holders: dict[str, list[str]] = {}
    for action, keys in shortcuts.items():
        for text in canonical_all(keys):
            holders.setdefault(text, []).append(action)
    return tuple(Conflict(text, tuple(actions)) for text, actions in holders.items() if len(actions) > 1)


def words_of(spec: Spec) -> str:
    """An action's words without mnemonic and dots."""
    return spec.text.replace("&&", "\0").replace("&", "").replace("\0", "&").rstrip("…")


def editor_rows(specs: Sequence[Spec], overrides: Mapping[str, Sequence[str]]) -> list[KeyRow]:
    """The rows of the key editor."""
    keys = merged(specs, overrides)
    return [
        KeyRow(spec.key, spec.menu, words_of(spec), keys[spec.key], canonical_all(spec.shortcuts)) for spec in specs
    ]


def sheet_rows(
    specs: Sequence[Spec],
    overrides: Mapping[str, Sequence[str]],
    fixed: Iterable[tuple[str, str, str]] = (),
    by_use: Sequence[str] = (),
) -> list[tuple[str, str, str]]:
    """Section, keys and words of everything that has keys, for the key sheet; ``fixed`` are the widgets' own.

    Sections in ``by_use`` come first, in that order. Actions that belong together are one line while nobody gave any
    of them another key.
    """
    keys = merged(specs, overrides)
    rows: list[tuple[str, str, str]] = []
    for together, group in groupby(specs, key=lambda spec: spec.together):
        members = list(group)
        if together and all(keys[spec.key] == canonical_all(spec.shortcuts) for spec in members):
            first, last = keys[members[0].key][0], keys[members[-1].key][0]
            rows.append((members[0].menu, f"{first} … {last.rpartition('+')[2]}", together))
        else:
            rows += [(spec.menu, _caps(keys[spec.key]), words_of(spec)) for spec in members if keys[spec.key]]
    order = {section: place for place, section in enumerate(by_use)}
    return sorted([*rows, *fixed], key=lambda row: order.get(row[0], len(order)))


def _caps(keys: Sequence[str]) -> str:
    """Alternatives as they are read: both keys that Enter stands on are one."""
    shown = [key for key in keys if key != "Return" or "Enter" not in keys]
    return " or ".join(shown)


def taken_keys(specs: Sequence[Spec], overrides: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Every key in use and the words of its action: what a label cannot have."""
    keys = merged(specs, overrides)
    return {text: words_of(spec) for spec in specs for text in keys[spec.key]}


def label_keys(ids: Sequence[int], letters: Mapping[int, str]) -> dict[int, tuple[str, ...]]:
    """The keys of each label: a digit for the first ten, and the letter that it was given. A letter counts once."""
    result: dict[int, tuple[str, ...]] = {}
    taken: set[str] = set()
    for place, label in enumerate(ids):
        digit = (DIGITS[place],) if place < len(DIGITS) else ()
        letter = letters.get(label, "").strip().upper()
        own = (letter,) if len(letter) == 1 and letter.isalpha() and letter not in taken else ()
        taken.update(own)
        result[label] = digit + own
    return result
