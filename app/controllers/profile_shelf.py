"""The profiles of the pair that is open, kept with it. Only commands and what is found out later change them."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.controllers.pair_memory import PairMemory
from app.state import Profile


class ProfileShelf(QObject):
    """Puts, takes, renames and completes; every change is kept at once and told."""

    changed = Signal()

    def __init__(self, kept: PairMemory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept = kept
        self._profiles: tuple[Profile, ...] = ()

    @property
    def profiles(self) -> tuple[Profile, ...]:
        """All of them, in the order to show."""
        return self._profiles

    def of(self, key: str) -> Profile | None:
        """The profile of a key; None where there is none."""
        return next((one for one in self._profiles if one.key == key), None)

    def restore(self) -> None:
        """The profiles of the pair that was just opened."""
        self._profiles = self._kept.settings().profiles

    def put(self, place: int, profile: Profile) -> None:
        """Let a profile stand at this place."""
        self._keep((*self._profiles[:place], profile, *self._profiles[place:]))

    def take(self, key: str) -> tuple[int, Profile]:
        """Take a profile away; where it stood, and all that is known of it by now."""
        place = next(place for place, one in enumerate(self._profiles) if one.key == key)
        profile = self._profiles[place]
        self._keep((*self._profiles[:place], *self._profiles[place + 1 :]))
        return place, profile

    def call(self, key: str, name: str) -> None:
        """Give a profile another name."""
        self.complete(key, name=name)

    def complete(self, key: str, **known: object) -> None:
        """Note what was found out about a profile after it was saved; nothing where it is gone."""
        if self.of(key) is not None:
            changed = (replace(one, **known) if one.key == key else one for one in self._profiles)  # type: ignore[arg-type]
            self._keep(tuple(changed))

    def _keep(self, profiles: tuple[Profile, ...]) -> None:
        self._profiles = profiles
        self._kept.change(profiles=profiles)
        self.changed.emit()
