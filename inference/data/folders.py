"""The label format with one folder a class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from inference.data.listing import natural_key
from inference.data.reports import Annotations
from inference.data.sentences import counted, some
from inference.data.splits import are_parts
from inference.types import NEGATIVE, POSITIVE, UNKNOWN

# A single folder of this name holds images of all kinds, and is no class.
_GENERIC: Final = frozenset({"images", "image", "imgs", "img", "data", "pictures", "pics", "photos", "jpegimages"})


def has_class_folders(names: Sequence[str]) -> bool:
    """Whether most of the images lie in folders that can be classes."""
    depth = _class_depth(names)
    classes = Counter(_class_of(name, depth) for name in names)
    beside = classes.pop("", 0)
    if not classes or beside > classes.total():
        return False
    return len(classes) > 1 or next(iter(classes)).lower() not in _GENERIC


def read_folders(names: Sequence[str]) -> Annotations:
    """One class a folder. Images that lie beside the class folders are unannotated, which is said."""
    depth = _class_depth(names)
    classes = [_class_of(name, depth) for name in names]
    labels = tuple(sorted({label for label in classes if label}, key=natural_key))
    position = {label: index for index, label in enumerate(labels)} | {"": -1}
    columns = np.fromiter(map(position.__getitem__, classes), np.int64, len(classes))
    annotated = columns >= 0
    y_true = np.full((len(names), len(labels)), NEGATIVE, dtype=np.int8)
    y_true[annotated, columns[annotated]] = POSITIVE
    y_true[~annotated] = UNKNOWN
    return Annotations(labels, y_true, annotated, _remarks(names, classes, labels))


def parts_of(names: Sequence[str]) -> tuple[str, ...]:
    """The part of a split each image belongs to where the outermost folders are such parts, (n,); else ()."""
    depth = _common_depth(names)
    found = tuple(_class_of(name, depth) for name in names)
    return found if are_parts(found) else ()


def _class_depth(names: Sequence[str]) -> int:
    """How many leading folders to pass over: the shared ones, and those that are parts of a split."""
    return _common_depth(names) + (1 if parts_of(names) else 0)


def _common_depth(names: Sequence[str]) -> int:
    """How many leading folders to pass over: those that all images share, where more folders follow below."""
    if not names:
        return 0
    # The first and the last in the order of text differ as early as any two.
    first, last = min(names).split("/")[:-1], max(names).split("/")[:-1]
    shared = 0
    while shared < min(len(first), len(last)) and first[shared] == last[shared]:
        shared += 1
    shortest = min(name.count("/") for name in names)
    return shared if shared < shortest else max(0, shared - 1)


def _class_of(name: str, depth: int) -> str:
    """The folder below the shared ones; "" for an image that lies in none."""
    parts = name.split("/", depth + 1)
    return parts[depth] if len(parts) > depth + 1 else ""


def _remarks(names: Sequence[str], classes: Sequence[str], labels: tuple[str, ...]) -> tuple[str, ...]:
    remarks = []
    beside = [name for name, label in zip(names, classes, strict=True) if not label]
    if beside:
        remarks.append(f"{counted(len(beside), 'image')} beside the class folders, not annotated: {some(beside)}.")
    if len(labels) == 1:
        remarks.append(
            f"There is one class folder only, {labels[0]!r}: if it is no class, read the folder as unlabelled."
        )
    repeated = [name for name, count in Counter(name.rsplit("/", 1)[-1] for name in names).items() if count > 1]
    if repeated:
        remarks.append(
            f"{counted(len(repeated), 'file name')} in more than one folder, each counted as an image of its own: "
            f"{some(repeated)}."
        )
    return tuple(remarks)
