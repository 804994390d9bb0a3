"""Files and folders that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inference.data.files import open_regular, sync_folder
from inference.errors import DataError

_MODE: Final = 0o644
_FOLDER_MODE: Final = 0o755


@dataclass(frozen=True)
class Copied:
    """A file of a folder that is a copy of another."""

    source: str


Content = bytes | Copied


def write_whole(path: str | Path, content: bytes) -> None:
    """Replace a file by ``content``, on the disk before it takes the name; the old one stays whole until then.

    Raises DataError; then nothing has changed.
    """
    path = os.fspath(path)
    _refuse_irregular(path)
    beside = ""
    try:
        handle, beside = tempfile.mkstemp(dir=os.path.dirname(path) or ".", prefix=f".{_short(path)}.")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, _wanted_mode(path))
        os.replace(beside, path)
        sync_folder(os.path.dirname(path) or ".")
    except (OSError, ValueError) as error:
        raise _failure(path, error) from error
    finally:
        if beside:
            with contextlib.suppress(OSError):
                os.unlink(beside)  # it is gone where all went well


def write_folder(path: str | Path, files: Iterable[tuple[str, Content]]) -> None:
    """Make a folder of files, by relative POSIX name; it appears when all of them are on the disk.

    A folder that is there already must be empty. Raises DataError; then nothing has changed.
    """
    path = os.path.abspath(path)
    if os.path.lexists(path) and not _is_empty_folder(path):
        raise DataError(f"{path} is there already and not empty: choose a new folder, so that nothing is overwritten.")
    beside = ""
    try:
        beside = tempfile.mkdtemp(dir=os.path.dirname(path), prefix=f".{_short(path)}.")
        for name, content in files:
            _put(beside, name, content)
        for folder, _, _ in os.walk(beside):
            sync_folder(folder)
        os.chmod(beside, _FOLDER_MODE)
        if os.path.isdir(path):
            os.rmdir(path)
        os.rename(beside, path)
        sync_folder(os.path.dirname(path))
    except (OSError, ValueError) as error:
        raise _failure(path, error) from error
    finally:
        if beside:
            shutil.rmtree(beside, ignore_errors=True)


def inside(name: str) -> bool:
    """Whether a relative POSIX name stays below its folder."""
    parts = name.split("/")
    return bool(name) and not any(part in ("", ".", "..") for part in parts) and "\0" not in name and "\\" not in name


def _put(folder: str, name: str, content: Content) -> None:
    if not inside(name):
        raise ValueError(f"{name!r} leads out of the folder")
    target = os.path.join(folder, *name.split("/"))
    os.makedirs(os.path.dirname(target), mode=_FOLDER_MODE, exist_ok=True)
    with open(target, "xb") as file:
        for block in _blocks(content):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())


def _blocks(content: Content) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with open_regular(content.source) as source:
        while block := source.read(1 << 20):
            yield block


def _refuse_irregular(path: str) -> None:
    if os.path.lexists(path) and (os.path.islink(path) or not os.path.isfile(path)):
        raise DataError(f"{path} is no plain file: choose another name.")


def _is_empty_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path) and not os.listdir(path)


def _wanted_mode(path: str) -> int:
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        return _MODE


def _short(path: str) -> str:
    return os.path.basename(path).encode(errors="replace")[:60].decode(errors="ignore")


def _failure(path: str, error: OSError | ValueError) -> DataError:
    strerror = None if isinstance(error, ValueError) else error.strerror
    reason = strerror or str(error) or type(error).__name__
    text = f"{path} could not be written ({reason}): choose another folder, or make room."
    return DataError(text, detail=repr(error))
