"""Telling the content of image files apart: a digest of 16 bytes a file."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inference.data.files import open_regular, unreadable
from inference.errors import ImageError

__all__ = ["FINGERPRINT_BYTES", "NO_FINGERPRINT", "FingerprintArray", "fingerprint_file", "fingerprint_files"]

FingerprintArray = NDArray[np.uint8]

FINGERPRINT_BYTES: Final = 16
NO_FINGERPRINT: Final = bytes(FINGERPRINT_BYTES)  # of a file that nobody looked at

_CHUNK: Final = 1 << 20  # bytes; a few milliseconds of work between two questions whether to stop


class _StoppedError(Exception):
    """Somebody cancelled in the middle of a file."""


def fingerprint_file(path: str | Path) -> bytes:
    """The digest of a file's content: BLAKE2b (RFC 7693, 2015) with 16 bytes, so that no two files ever share one.

    Raises ImageError when it cannot be read.
    """
    return _fingerprint(path, lambda: False)


def fingerprint_files(
    root: str | Path,
    names: Sequence[str],
    *,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[int], None] = lambda _: None,
) -> FingerprintArray | None:
    """Digests uint8 (n, 16) of the files ``names`` below ``root``; all zero where one cannot be read.

    ``progress`` gets the number of files done. None when cancelled, which is asked at every MiB.
    """
    found = np.zeros((len(names), FINGERPRINT_BYTES), dtype=np.uint8)
    for row, name in enumerate(names):
        if cancelled():
            return None
        try:
            digest = _fingerprint(os.path.join(root, name), cancelled)
        except _StoppedError:
            return None
        except ImageError:
            digest = NO_FINGERPRINT
        found[row] = np.frombuffer(digest, dtype=np.uint8)
        progress(row + 1)
    return found


def _fingerprint(path: str | Path, cancelled: Callable[[], bool]) -> bytes:
    digest = hashlib.blake2b(digest_size=FINGERPRINT_BYTES)
    name = os.path.basename(os.fspath(path))
    try:
        with open_regular(path) as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                if cancelled():
                    raise _StoppedError
    except (OSError, ValueError) as error:
        raise _failure(error, name, path) from error
    return digest.digest()


def _failure(error: OSError | ValueError, name: str, path: str | Path) -> ImageError:
    text = unreadable(name, error) if isinstance(error, OSError) else f"{name!r} is no name of a file: rename it."
    return ImageError(text, detail=f"{path}: {type(error).__name__}: {error}")
