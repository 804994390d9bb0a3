"""Steps of undo as a project keeps them: small JSON by label name, and back."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from app.history import Noted
from app.kept_json import encode
from app.kept_split import kept, split_of
from app.logit_numbers import band_numbers_of, band_of, map_of, numbers_of
from app.session import Decision, Session
from app.state_values import BandNumbers, KeptSplit, MapNumbers, Profile, exact_float32
from inference.types import Activation, DecisionRule, ReviewBand, Split, Thresholds


@dataclass(frozen=True)
class _Scheme:
    activation: Activation
    rule: DecisionRule
    k: int
    calibration: MapNumbers | None
    biases: MapNumbers | None


@dataclass(frozen=True)
class _Side:
    """One of two decisions, as far as it differs from the other."""

    thresholds: dict[str, float] = field(default_factory=dict)
    scheme: _Scheme | None = None


@dataclass(frozen=True)
class DecisionChange:
    """How one decision became another, whatever else they have in common."""

    before: _Side
    after: _Side
    label: str = ""


@dataclass(frozen=True)
class BandChange:
    """Two review bands."""

    before: BandNumbers | None
    after: BandNumbers | None


@dataclass(frozen=True)
class SplitChange:
    """Two splits."""

    before: KeptSplit | None
    after: KeptSplit | None


@dataclass(frozen=True)
class PlacedProfile:
    """A profile and where it stood."""

    place: int
    profile: Profile


@dataclass(frozen=True)
class Renamed:
    """Two names of a profile."""

    key: str
    before: str
    after: str


def decision_noted(before: Decision, after: Decision, labels: tuple[str, ...], label: int) -> Noted:
    """What differs between two decisions about ``labels``."""
    moved = np.flatnonzero(before.thresholds.values != after.thresholds.values).tolist()

    def side(one: Decision) -> _Side:
        values = {labels[index]: float(one.thresholds.values[index]) for index in moved}
        return _Side(exact_float32(values), None if before.scheme == after.scheme else _scheme_of(one, labels))

    change = DecisionChange(side(before), side(after), labels[label] if label >= 0 else "")
    return Noted("decision", encode(change), of_model=True)


def band_noted(before: ReviewBand | None, after: ReviewBand | None, labels: tuple[str, ...]) -> Noted:
    """Two review bands about ``labels``."""
    change = BandChange(band_numbers_of(before, labels), band_numbers_of(after, labels))
    return Noted("band", encode(change), of_model=True)


def split_noted(before: Split | None, after: Split | None, session: Session) -> Noted:
    """Two splits of the images that are open."""
    change = SplitChange(kept(before, session), kept(after, session))
    return Noted("split", encode(change), of_model=True)


def profile_noted(kind: str, place: int, profile: Profile) -> Noted:
    """A profile that was saved or deleted."""
    return Noted(kind, encode(PlacedProfile(place, profile)), of_model=True)


def rename_noted(key: str, before: str, after: str) -> Noted:
    """A profile that was renamed."""
    return Noted("rename_profile", encode(Renamed(key, before, after)), of_model=True)


def side_of(decision: Decision, side: _Side, labels: tuple[str, ...]) -> Decision:
    """``decision`` with what a side of a change says in place of its own; names that are gone say nothing."""
    values = decision.thresholds.values.copy()
    at = {label: index for index, label in enumerate(labels)}
    for label, value in side.thresholds.items():
        if label in at:
            values[at[label]] = np.float32(value)
    scheme = side.scheme
    if scheme is None:
        return Decision(
            decision.activation,
            decision.rule,
            Thresholds(values),
            decision.k,
            decision.calibration,
            decision.biases,
        )
    maps = (map_of(numbers, labels) for numbers in (scheme.calibration, scheme.biases))
    return Decision(scheme.activation, scheme.rule, Thresholds(values), scheme.k, *maps)


def bands_of(change: BandChange, labels: tuple[str, ...], thresholds: Thresholds) -> list[ReviewBand | None]:
    """Before and after, for the labels now open."""
    return [band_of(numbers, labels, thresholds) for numbers in (change.before, change.after)]


def splits_of(change: SplitChange, session: Session) -> list[Split | None]:
    """Before and after, for the images now open."""
    return [split_of(one, session) for one in (change.before, change.after)]


def _scheme_of(decision: Decision, labels: tuple[str, ...]) -> _Scheme:
    maps = (numbers_of(one, labels) for one in (decision.calibration, decision.biases))
    return _Scheme(decision.activation, decision.rule, decision.k, *maps)
