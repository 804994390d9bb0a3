"""Logits that were computed before: looked up before anything is scored, and kept as soon as they are computed.

All but making it happens in the device's lane, which is the only one that touches the tables.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from app.file_facts import SeenFiles
from inference.data.caches import LogitCache, LogitTable
from inference.data.fingerprints import FINGERPRINT_BYTES, fingerprint_file
from inference.data.store import ImageTable
from inference.errors import ImageError
from inference.models.engine import ScoredBatch
from inference.models.opening import LoadedModel
from inference.types import ImageState, IntArray, Run

T = TypeVar("T")

PIXELS: Final = "pixels 1"  # how files become pixels; to be raised when decoding or resizing give other values
_AT_ONCE: Final = 512  # files between two questions whether to stop
_PROBE: Final = 32  # files that are read to see whether anybody scored them
_WORTH: Final = 0.25  # of them must be known, or the rest is sooner scored than searched


@dataclass(frozen=True, eq=False)
class Recalled:
    """Images whose logits were kept, and files that were read to find that out, of which some may have none."""

    batch: ScoredBatch
    seen: SeenFiles | None = None


@dataclass(frozen=True, eq=False)
class Doubted:
    """Images whose files are not what they were: their logits are those of other pictures."""

    images: IntArray  # (k,)


class KnownLogits:
    """The kept logits of one model at a time."""

    def __init__(self, cache: LogitCache) -> None:
        self.cache = cache
        self._key: tuple[str, int] | None = None
        self._table: LogitTable | None = None

    @property
    def note(self) -> str:
        """What the disk refused, in a sentence; "" nothing."""
        return self.cache.note

    def table(self, model: LoadedModel) -> LogitTable:
        """The logits of a model; its fingerprint covers weights, architecture and preprocessing."""
        key = model.fingerprint, len(model.labels)
        if self._table is None or key != self._key:
            if self._table is not None:
                self._table.close()
            self._key, self._table = key, self.cache.table(model.fingerprint, PIXELS, len(model.labels))
        return self._table

    def fill(self, model: LoadedModel, run: Run, images: ImageTable) -> IntArray:
        """Write what was kept of ``images`` into a run that nothing is scored in yet; the images that were found."""
        if not len(self.table(model)):
            return np.zeros(0, dtype=np.int64)
        logits, found = self.table(model).get(images.fingerprints)
        if found.all():
            run.logits[...] = logits
        else:
            run.logits[found] = logits[found]
        run.state[found] = ImageState.SCORED
        return np.flatnonzero(found)

    def recall(
        self,
        model: LoadedModel,
        root: str,
        names: tuple[str, ...],
        known: SeenFiles,
        filled: IntArray,
        cancelled: Callable[[], bool],
    ) -> Iterator[Recalled | Doubted]:
        """What was scored of ``known`` before; of the images ``filled`` the logits are there already.

        Everything with a known fingerprint comes at once; then size and time of each file are looked at, and what is
        not as it was is taken back. Files in doubt, and those never seen, are read as long as that finds something.
        """
        table = self.table(model)
        if not len(table):
            return
        wanted = known.fingerprints.any(axis=1) & np.isin(known.images, filled, invert=True)
        batch = _found(table, known, np.flatnonzero(wanted))
        yield Recalled(batch)
        believed = np.union1d(batch.indices, filled)
        unlike = _unlike(known, root, names, cancelled)
        if cancelled():
            return
        lost = np.intersect1d(known.images[unlike], believed)
        if len(lost):
            yield Doubted(lost)
        unsure = np.union1d(known.images[unlike], np.setdiff1d(known.images, believed))
        yield from self._search(table, root, names, np.random.default_rng(0).permutation(unsure), cancelled)

    def _search(
        self, table: LogitTable, root: str, names: tuple[str, ...], images: IntArray, cancelled: Callable[[], bool]
    ) -> Iterator[Recalled]:
        """Read files of which nothing is known: under another name or in another project they may have been scored."""
        misses = 0
        for start in range(0, len(images), _PROBE):
            seen = read_files(root, names, images[start : start + _PROBE], cancelled)
            if cancelled():
                return
            batch = _found(table, seen, np.arange(len(seen)))
            yield Recalled(batch, seen)
            misses = 0 if len(batch.indices) > _WORTH * len(seen) else misses + 1
            if misses == 2:
                return

    def keep(self, model: LoadedModel, batch: ScoredBatch, seen: SeenFiles) -> None:
        """Logits that were just computed of files that were just read."""
        rows = np.flatnonzero(np.isin(batch.indices, seen.images))
        at = {int(image): place for place, image in enumerate(seen.images)}
        places = np.array([at[int(image)] for image in batch.indices[rows]], dtype=np.int64)
        if len(rows):
            self.table(model).put(seen.fingerprints[places], batch.logits[rows])


class FileReader:
    """Notes size, time and fingerprint of the files that are decoded; its methods may be called in several threads."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, int, bytes]] = {}

    def reading(self, path: str, decode: Callable[[str], T]) -> T:
        """Decode a file, and note what it is if it stayed the same meanwhile."""
        before = _size_and_time(path)
        decoded = decode(path)
        try:
            fingerprint = fingerprint_file(path)
        except ImageError:
            return decoded
        if before is not None and _size_and_time(path) == before:
            self._seen[path] = (*before, fingerprint)
        return decoded

    def seen(self, images: IntArray, paths: Sequence[str]) -> SeenFiles:
        """What was noted of some images (k,) at these paths, which is forgotten here."""
        noted = zip(images.tolist(), [self._seen.pop(path, None) for path in paths], strict=True)
        return _seen_files([(image, *one) for image, one in noted if one is not None])


def read_files(root: str, names: tuple[str, ...], images: IntArray, cancelled: Callable[[], bool]) -> SeenFiles:
    """Size, time and fingerprint of files, without those that cannot be read or are being written."""
    reader = FileReader()
    paths = [os.path.join(root, names[image]) for image in images]
    for path in paths:
        if cancelled():
            break
        reader.reading(path, lambda _: None)
    return reader.seen(images, paths)


def _unlike(known: SeenFiles, root: str, names: tuple[str, ...], cancelled: Callable[[], bool]) -> IntArray:
    """Rows of ``known`` with a fingerprint whose files have another size or time than they had, or are gone."""
    rows = np.flatnonzero(known.fingerprints.any(axis=1)).tolist()
    images, sizes, times = known.images.tolist(), known.sizes.tolist(), known.times.tolist()
    unlike = []
    for count, row in enumerate(rows):
        if count % _AT_ONCE == 0 and cancelled():
            break
        if _size_and_time(f"{root}{os.sep}{names[images[row]]}") != (sizes[row], times[row]):
            unlike.append(row)
    return np.array(unlike, dtype=np.int64)


def _size_and_time(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns


def _found(table: LogitTable, known: SeenFiles, rows: IntArray) -> ScoredBatch:
    """The kept logits of some rows."""
    logits, found = table.get(known.fingerprints[rows])
    return ScoredBatch(known.images[rows[found]], logits if found.all() else logits[found])


def _seen_files(found: Sequence[tuple[int, int, int, bytes]]) -> SeenFiles:
    """From image, size, time and fingerprint of each."""
    joined = b"".join(fingerprint for _, _, _, fingerprint in found)
    numbers = np.array([one[:3] for one in found], dtype=np.int64).reshape(-1, 3)
    return SeenFiles(
        numbers[:, 0].copy(),
        numbers[:, 1].copy(),
        numbers[:, 2].copy(),
        np.frombuffer(joined, dtype=np.uint8).reshape(len(found), FINGERPRINT_BYTES).copy(),
    )
