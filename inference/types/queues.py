"""Images put in the order in which a person had better look at them."""

from __future__ import annotations

from dataclasses import dataclass

from inference.choices import QueueKind as QueueKind
from inference.types.base import IntArray


@dataclass(frozen=True, eq=False)
class Queue:
    """A worklist. It does not change while it is worked off: make another to see what is worth looking at by then."""

    kind: QueueKind
    images: IntArray  # (q,) of the dataset, the first to look at first, each once
    labels: IntArray  # (q,) the label that an image is in for; -1 where it is the whole image
    reasons: tuple[str, ...]  # (q,) a few words on why
    n_found: int = 0  # images that could have been in it, of which these are the first
    note: str = ""  # a sentence on how it was made, or why it is empty

    def __len__(self) -> int:
        return len(self.images)
