"""What the annotating panel shows beside the statements themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from inference.types.annotating import UNSAID
from inference.types.base import NEGATIVE, POSITIVE, UNKNOWN

MIXED: Final = 2  # in an array of statements about several images: they do not say the same

SaveKind = Literal["saved", "saving", "unsaved", "read_only", "idle"]


@dataclass(frozen=True)
class AnnotateLabel:
    """One row of the panel."""

    id: int  # the project's, for ever
    name: str
    key: str = ""  # on the row's badge: "1" to "9", "0", a letter; "" for none
    has_output: bool = True  # whether the model has an output for it


@dataclass(frozen=True)
class SaveState:
    """What has become of the last edits, in a few words."""

    text: str
    kind: SaveKind


@dataclass(frozen=True)
class HistoryLine:
    """One thing that was done to the image in hand."""

    when: float  # seconds since 1970
    who: str
    text: str


def after_positive_key(value: int) -> int:
    """What a label's own key makes of a statement: positive, and pressed again nothing said."""
    return UNSAID if value == POSITIVE else POSITIVE


def after_negative_key(value: int) -> int:
    """What a label's key with Shift makes of a statement: negative, and pressed again unknown."""
    return UNKNOWN if value == NEGATIVE else NEGATIVE
