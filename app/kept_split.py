"""Splits in words, and as they are remembered between starts: a part's name, or one bit an image."""

from __future__ import annotations

import hashlib
import zlib
from functools import lru_cache
from typing import Final

import numpy as np

from app.session import Session
from app.state_values import KeptSplit
from inference.types import Split

HELD_OUT_WORDS: Final = "30 % held out"


def part_words(part: str) -> str:
    """How a part of the dataset's own split is called."""
    return f"split: {part}"


def part_split(session: Session, part: str) -> Split | None:
    """The named part of the dataset's own split; None where it has no such part, or nothing else."""
    dataset = session.dataset
    if dataset is None or not dataset.parts:
        return None
    measured = np.array([own == part for own in dataset.parts], dtype=bool)
    return Split(measured, part_words(part)) if measured.any() and not measured.all() else None


def kept(split: Split | None, session: Session) -> KeptSplit | None:
    """What is to be remembered of a split of the images that are open; None where all are measured."""
    dataset = session.dataset
    if split is None or dataset is None:
        return None
    if split.words != HELD_OUT_WORDS:
        return KeptSplit(part=next((part for part in set(dataset.parts) if part_words(part) == split.words), ""))
    return KeptSplit(held=zlib.compress(np.packbits(split.measured).tobytes()), names=_digest(dataset.names))


def split_of(kept: KeptSplit | None, session: Session) -> Split | None:
    """The split that was remembered; None where these are other images, or the part is no more."""
    dataset = session.dataset
    if kept is None or dataset is None:
        return None
    if kept.part:
        return part_split(session, kept.part)
    if kept.names != _digest(dataset.names):
        return None
    try:
        bits = np.frombuffer(zlib.decompress(kept.held), dtype=np.uint8)
    except zlib.error:
        return None
    if len(bits) != (len(dataset) + 7) // 8:
        return None
    return Split(np.unpackbits(bits, count=len(dataset)).astype(bool), HELD_OUT_WORDS)


@lru_cache(maxsize=1)
def _digest(names: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(names).encode(errors="surrogateescape")).hexdigest()
