"""What every cache does to the disk: open its own files with care, lock, count and remove. Errors are OSError."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FLAGS: Final = (getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)) | getattr(
    os, "O_BINARY", 0
)


class LockedError(OSError):
    """Somebody else is writing at this moment."""


@dataclass(frozen=True)
class CacheFile:
    """A file of a cache, as the folder lists it."""

    path: Path
    size: int  # bytes
    used: int  # when it was used last, ns since 1970


def open_cache_file(path: Path, *, write: bool) -> int:
    """A descriptor of a regular file that is no link; made where it is missing and ``write``."""
    descriptor = os.open(path, _FLAGS | (os.O_RDWR | os.O_CREAT if write else os.O_RDONLY), 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path.name} is no regular file")
    return descriptor


def write_whole(descriptor: int, data: memoryview, offset: int) -> None:
    """Write all of it; what was written of it is cut off again when the disk refuses the rest."""
    done = 0
    try:
        while done < len(data):
            os.lseek(descriptor, offset + done, os.SEEK_SET)
            done += os.write(descriptor, data[done:])
    except OSError:
        os.ftruncate(descriptor, offset)
        raise


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Alone among all processes in the folder, which is made where it is missing. Raises LockedError, never waits."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = open_cache_file(folder / "lock", write=True)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)  # which lets the lock go


def files_in(folder: Path, suffix: str) -> list[CacheFile]:
    """The regular files with that suffix, those used least recently first; none where there is no folder."""
    found: list[CacheFile] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(suffix) and entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    found.append(CacheFile(folder / entry.name, status.st_size, status.st_mtime_ns))
    except FileNotFoundError:
        return []
    return sorted(found, key=lambda file: (file.used, file.path))


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise LockedError(str(error)) from error

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedError(str(error)) from error
