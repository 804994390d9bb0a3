"""The files around a project: what may be opened, taking a name in one step, and keeping aside what is in the way.

While a project is open in this process nobody here opens its file a second time: closing such a second descriptor
would release SQLite's lock on POSIX systems ("How To Corrupt An SQLite Database File", section 2.2).
"""

from __future__ import annotations

import os
import shutil
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from inference.data.files import NotRegularError, open_regular, sync_folder
from inference.data.store.schema import APPLICATION_ID, VERSION
from inference.errors import ProjectDamagedError, ProjectError, ProjectNewerError, ProjectWriteError

_MAGIC: Final = b"SQLite format 3\0"
_HEADER: Final = 100
_USER_VERSION: Final = slice(60, 64)
_APPLICATION_ID: Final = slice(68, 72)
_COMPANIONS: Final = ("-wal", "-journal", "-shm")
_TEMPORARY: Final = ".cutline-"
_STALE_SECONDS: Final = 3600.0


def reason(error: OSError) -> str:
    """What the system said, to stand inside a sentence."""
    return (error.strerror or type(error).__name__).lower()


def require_project_file(path: Path, *, for_reading: bool = False) -> None:
    """Raise ProjectError for what is no project of this version, without changing a byte of it.

    A file with a second name is refused for writing: SQLite finds its journal by name, so that the two would differ.
    """
    try:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode):
            raise ProjectError(f"{path} is a link: open the project file that it leads to, {os.path.realpath(path)}.")
        with open_regular(path) as file:
            header = file.read(_HEADER)
    except NotRegularError as error:
        raise ProjectError(f"{path} is {error.kind} and no project file: choose a .cutline file.") from error
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise ProjectError(f"{path} cannot be read ({why}): see that it is there and that you may read it.") from error
    _require_header(path, header)
    if found.st_nlink > 1 and not for_reading:
        _require_one_name(path)


def _require_header(path: Path, header: bytes) -> None:
    if not header:
        raise ProjectError(f"{path} is empty and no project file: choose another, or remove it and start anew.")
    if not header.startswith(_MAGIC):
        raise ProjectDamagedError(f"{path} is no project file, or its beginning is damaged: try one of its backups.")
    if len(header) < _HEADER:
        raise ProjectDamagedError(f"{path} ends after {len(header)} bytes: try one of its backups.")
    if int.from_bytes(header[_APPLICATION_ID], "big") != APPLICATION_ID:
        raise ProjectError(f"{path} is a database of another program: choose a .cutline file.")
    require_version(path, int.from_bytes(header[_USER_VERSION], "big"))


def require_version(path: Path, version: int) -> None:
    """Raise ProjectNewerError for a file of a later layout."""
    if version > VERSION:
        raise ProjectNewerError(
            f"{path} was written by a newer Cutline (version {version}, this one knows {VERSION}): update Cutline."
        )


def _require_one_name(path: Path) -> None:
    for left in path.parent.glob(f"{_TEMPORARY}*.tmp"):
        with suppress(OSError):
            if os.path.samefile(left, path):  # the last act of `settle` that was not done
                left.unlink()
    if path.lstat().st_nlink > 1:
        raise ProjectError(
            f"{path} has a second name (a hard link), which would damage it when written: copy it and open the copy."
        )


@contextmanager
def temporary_beside(path: Path) -> Iterator[Path]:
    """A name in the same folder for a file in the making; removed with its companions, whatever happens."""
    temporary = path.parent / f"{_TEMPORARY}{uuid.uuid4().hex[:12]}.tmp"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path.parent)
        yield temporary
    finally:
        for left in (temporary, *companions(temporary)):
            left.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what a process that ended in between left; a young file may be in use."""
    try:
        for left in folder.glob(f"{_TEMPORARY}*.tmp*"):
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                left.unlink()
    except OSError:
        return  # what cannot be removed does no harm


def companions(path: Path) -> list[Path]:
    """Where SQLite keeps what is not yet in the file itself."""
    return [path.with_name(path.name + suffix) for suffix in _COMPANIONS]


def has_journal(path: Path) -> bool:
    """Whether the file was left with something beside it, as after a crash."""
    return any(_size(each) for each in companions(path)[:2])


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def settle(temporary: Path, path: Path) -> None:
    """Bring a finished file to the disk and give it its name, which nobody may have yet.

    Raises ProjectError where the name is taken, ProjectWriteError where it cannot be done.
    """
    try:
        sync_file(temporary)
        set_journals_aside(path)
        _take_name(temporary, path)
        sync_folder(path.parent)
    except FileExistsError as error:
        raise ProjectError(f"{path} exists already: open it, or choose another name.") from error
    except OSError as error:
        raise ProjectWriteError(f"{path} cannot be made ({reason(error)}): choose another folder.") from error


def _take_name(temporary: Path, path: Path) -> None:
    """A link refuses an existing name, where renaming would replace a project that another Cutline just made."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        os.rename(temporary, path)
    else:
        temporary.unlink()


def set_journals_aside(path: Path, to: Path | None = None) -> None:
    """Rename what stands beside a file that goes: SQLite would play it into the next file of that name."""
    aside = to or path.with_name(f"{path.name}.left-{uuid.uuid4().hex[:8]}")
    for left, kept in zip(companions(path), companions(aside), strict=True):
        if os.path.lexists(left):
            os.replace(left, kept)


def replace_keeping(temporary: Path, path: Path, aside: Path) -> None:
    """Put a finished file in the place of another, which is kept as ``aside``; the name is never without a file.

    Raises ProjectWriteError where it cannot be done.
    """
    try:
        sync_file(temporary)
        if os.path.lexists(path):
            aside.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, aside)  # no link: if the rest fails, the file must not have a second name
            sync_file(aside)
        set_journals_aside(path, aside)
        try:
            os.replace(temporary, path)
        except OSError:
            set_journals_aside(aside, path)
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise ProjectWriteError(f"{path} cannot be replaced ({reason(error)}): choose another folder.") from error


def sync_file(path: Path) -> None:
    """Bring a file's content to the disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def copy_with_journals(path: Path, copy: Path) -> None:
    """Copy a project that nobody has open, with what stands beside it. Raises OSError."""
    shutil.copyfile(path, copy)
    for source, target in zip(companions(path)[:2], companions(copy)[:2], strict=True):
        if os.path.lexists(source):
            shutil.copyfile(source, target)
