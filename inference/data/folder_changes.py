"""What happened to a folder of images since it was looked at last, told by names, sizes, times and fingerprints."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from inference.data.fingerprints import FINGERPRINT_BYTES, NO_FINGERPRINT, FingerprintArray, fingerprint_files
from inference.data.folder_signature import quick_signature
from inference.data.listing import list_images, natural_key
from inference.data.renames import Content, Known, find_renames
from inference.errors import DatasetError
from inference.types import BoolArray, IntArray

__all__ = ["FolderChanges", "FoundFiles", "compare", "quick_signature"]

_REPORT_EVERY: Final = 500  # images


@dataclass(frozen=True, eq=False)
class FoundFiles:
    """What was seen of some files."""

    sizes: IntArray  # (k,) bytes
    times: IntArray  # (k,) of the last change, ns since 1970
    fingerprints: FingerprintArray  # (k, 16); all zero where there was no need to read the file


@dataclass(frozen=True, eq=False)
class FolderChanges:
    """What differs from what was known, by image id; new files by name.

    An image stands in one of ``vanished``, ``changed``, ``touched``, ``returned`` and ``renamed`` at most. Where names
    were exchanged, rename first and add what is new afterwards.
    """

    new: tuple[str, ...]  # relative POSIX names in natural order
    new_files: FoundFiles  # of ``new``
    vanished: IntArray  # there before, found under no name now
    changed: IntArray  # other content under the same name
    touched: IntArray  # another time, the same content (or, where the content before is unknown, the same size)
    returned: IntArray  # not there before, and back with the content it had
    renamed: dict[int, str]  # not there any more, and its content found under this name
    seen: IntArray  # all that are there and of which ``files`` says more than was known
    files: FoundFiles  # of ``seen``
    warnings: tuple[str, ...]  # what the listing passed over

    @property
    def any(self) -> bool:
        """Whether a person would call it a change: new times alone are none."""
        return bool(self.new or self.renamed or len(self.vanished) or len(self.changed) or len(self.returned))


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
    """Look at the folder again. Only files that may be others are read.

    Args:
        names: of the images by id, relative POSIX paths.
        sizes, times: int64 (n,) as seen before; -1 unknown.
        fingerprints: uint8 (n, 16) as seen before; all zero unknown.
        present: bool (n,), whether it was there before.
        root: the folder.
        cancelled: asked at every file and every MiB of a file.
        progress: gets the number of images looked at, now and then.

    None when cancelled. Raises DatasetError when the folder cannot be read.
    """
    look = _Look(os.path.abspath(root), cancelled, progress)
    try:
        listing = list_images(look.root, look.listed)
        known = _Before(names, sizes, times, fingerprints, present)
        return _compared(known, listing.names, look, listing.warnings)
    except _StoppedError:
        return None


class _Before:
    """What was known of each image by id; as lists, which are quicker to look at one by one."""

    def __init__(
        self, names: Sequence[str], sizes: IntArray, times: IntArray, fingerprints: FingerprintArray, present: BoolArray
    ) -> None:
        self.names = names
        self.sizes: list[int] = sizes.tolist()
        self.times: list[int] = times.tolist()
        self.present: list[bool] = present.tolist()
        self._fingerprints = fingerprints.tobytes()

    def fingerprint(self, image: int) -> bytes:
        return self._fingerprints[image * FINGERPRINT_BYTES : (image + 1) * FINGERPRINT_BYTES]

    def file(self, image: int) -> Known:
        return Known(self.names[image], self.fingerprint(image))


class _StoppedError(Exception):
    """Somebody cancelled."""


class _Look:
    """Looking at files, until somebody cancels."""

    def __init__(self, root: str, cancelled: Callable[[], bool], progress: Callable[[int], None]) -> None:
        self.root = root
        self._cancelled = cancelled
        self._progress = progress
        self._done = 0

    def listed(self, _: int) -> None:
        """While the names are collected."""
        if self._cancelled():
            raise _StoppedError

    def content(self, name: str) -> Content | None:
        """Size and time of a file, its fingerprint unknown; None where it is no file any more."""
        if self._cancelled():
            raise _StoppedError
        self._done += 1
        if self._done % _REPORT_EVERY == 0:
            self._progress(self._done)
        try:
            status = os.stat(os.path.join(self.root, name))
        except (FileNotFoundError, NotADirectoryError, PermissionError, ValueError):
            return None
        except OSError as error:  # a drive that stopped: its images did not vanish
            raise DatasetError(
                f"{name} in {self.root} cannot be looked at ({error.strerror}): check the disk or its connection.",
                detail=f"{type(error).__name__}: {error}",
            ) from error
        if not stat.S_ISREG(status.st_mode):
            return None
        return Content(name, status.st_size, status.st_mtime_ns, NO_FINGERPRINT)

    def read(self, content: Content) -> Content:
        """The same with the fingerprint of the file, unknown where that cannot be read."""
        found = fingerprint_files(self.root, [content.name], cancelled=self._cancelled)
        if found is None:
            raise _StoppedError
        return Content(content.name, content.size, content.time, found[0].tobytes())

    def finish(self) -> None:
        """Report the last number."""
        self._progress(self._done)


def _compared(known: _Before, listed: Sequence[str], look: _Look, warnings: tuple[str, ...]) -> FolderChanges:
    sorted_out = _SortedOut()
    names = set(listed)
    for image, name in enumerate(known.names):
        content = look.content(name) if name in names or not _is_text(name) else None
        sorted_out.add(known, image, content, look)
    names.difference_update(known.names)
    new = [content for name in listed if name in names and (content := look.content(name)) is not None]
    new = _read_if_lost(new, known, (*sorted_out.gone, *sorted_out.changed), look)
    lost = {image: known.file(image) for image in sorted_out.gone}
    replaced = {image: (known.file(image), sorted_out.seen[image]) for image in sorted_out.changed}
    renamed = find_renames(lost, replaced, new)
    look.finish()
    return sorted_out.changes(known, new, renamed, warnings)


class _SortedOut:
    """The images by what happened to them, before renaming is considered."""

    def __init__(self) -> None:
        self.gone: list[int] = []
        self.changed: list[int] = []
        self.touched: list[int] = []
        self.returned: list[int] = []
        self.seen: dict[int, Content] = {}

    def add(self, known: _Before, image: int, content: Content | None, look: _Look) -> None:
        """Say what happened to one image, given what is under its name now."""
        if content is None:
            self.gone.append(image)
            return
        before = known.fingerprint(image)
        same, content = _same_content(content, known.sizes[image], known.times[image], before, look)
        as_it_was = content.size == known.sizes[image] and content.time == known.times[image]
        if known.present[image] and as_it_was:
            return
        self.seen[image] = content
        if not same:
            self.changed.append(image)
        elif not known.present[image]:
            self.returned.append(image)
        elif known.times[image] >= 0:
            self.touched.append(image)

    def changes(
        self, known: _Before, new: list[Content], renamed: dict[int, Content], warnings: tuple[str, ...]
    ) -> FolderChanges:
        """What is reported, once it is known which images have other names."""
        taken = {content.name for content in renamed.values()}
        left = [self.seen[image] for image in self.changed if image in renamed]  # what stands where they stood
        new = [content for content in (*new, *left) if content.name not in taken]
        new.sort(key=lambda content: natural_key(content.name))
        seen = dict(sorted({**self.seen, **renamed}.items()))
        return FolderChanges(
            new=tuple(content.name for content in new),
            new_files=_files(new),
            vanished=_ids(image for image in self.gone if known.present[image] and image not in renamed),
            changed=_ids(image for image in self.changed if image not in renamed),
            touched=_ids(self.touched),
            returned=_ids(self.returned),
            renamed={image: content.name for image, content in sorted(renamed.items())},
            seen=_ids(seen),
            files=_files(list(seen.values())),
            warnings=warnings,
        )


def _same_content(content: Content, size: int, time: int, before: bytes, look: _Look) -> tuple[bool, Content]:
    """Whether it is what it was, and what is known of it now; read only where size and time do not settle it."""
    known_before = Content(content.name, content.size, content.time, before)
    if time < 0 or (content.size, content.time) == (size, time):  # the first look, or untouched
        return True, known_before
    if before == NO_FINGERPRINT:
        return content.size == size, content
    if content.size == size:
        content = look.read(content)
        return content.fingerprint == before, content
    return False, look.read(content)


def _read_if_lost(new: list[Content], known: _Before, lost: Iterable[int], look: _Look) -> list[Content]:
    """Fingerprints of the new files that may be lost images, which their size tells."""
    sizes = {known.sizes[image] for image in lost if known.fingerprint(image) != NO_FINGERPRINT}
    return [look.read(content) if content.size in sizes else content for content in new]


def _ids(images: Iterable[int]) -> IntArray:
    return np.fromiter(images, dtype=np.int64)


def _files(contents: Sequence[Content]) -> FoundFiles:
    joined = b"".join(content.fingerprint for content in contents)
    return FoundFiles(
        sizes=np.array([content.size for content in contents], dtype=np.int64),
        times=np.array([content.time for content in contents], dtype=np.int64),
        fingerprints=np.frombuffer(joined, dtype=np.uint8).reshape(len(contents), FINGERPRINT_BYTES).copy(),
    )


def _is_text(name: str) -> bool:
    """Whether the listing would name it: names with bytes that are no text are passed over there."""
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)
