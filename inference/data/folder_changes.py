"""What happened to a folder of images since it was looked at last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.data.fingerprints import FingerprintArray
from inference.types import BoolArray, IntArray


@dataclass(frozen=True, eq=False)
class FolderChanges:
    """By image id, and by name for what is new."""

    new: tuple[str, ...]
    vanished: IntArray
    changed: IntArray
    touched: IntArray
    returned: IntArray
    renamed: dict[int, str]


def compare(
    names: Sequence[str],
    sizes: IntArray,
    times: IntArray,
    fingerprints: FingerprintArray,
    present: BoolArray,
    root: str | Path,
    *,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _: None,
) -> FolderChanges | None:
    """Look at the folder; None when cancelled."""
    raise NotImplementedError


def quick_signature(root: str | Path, label_files: Sequence[str | Path] = ()) -> str:
    """Equal signatures: nothing was added, removed or renamed."""
    raise NotImplementedError
