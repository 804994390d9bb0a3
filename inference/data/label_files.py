"""The content of a file of annotations, or one sentence that says why it cannot be had."""

from __future__ import annotations

import os
from typing import Final

from inference.data.files import NotRegularError, open_regular
from inference.errors import LabelFileError

_LARGEST: Final = 1 << 30


def read_bytes(path: str, *, kind: str = "file", smaller: str = "split it") -> bytes:
    """A file's content, up to 1 GiB. Raises LabelFileError.

    ``kind`` is what a message calls the file wanted, ``smaller`` what it tells to do about one that is too large.
    """
    name = os.path.basename(path)
    try:
        with open_regular(path) as file:
            content = file.read(_LARGEST + 1)
    except NotRegularError as error:
        raise LabelFileError(f"{name} is {error.kind}, not a {kind}: choose another.", detail=path) from error
    except FileNotFoundError as error:
        raise LabelFileError(f"{path} is not there: choose the {kind} where it is now.", detail=str(error)) from error
    except PermissionError as error:
        text = f"{name} cannot be read for want of permission: allow reading it."
        raise LabelFileError(text, detail=str(error)) from error
    except (OSError, ValueError) as error:
        raise LabelFileError(f"{name} could not be read: check the disk it is on.", detail=str(error)) from error
    if len(content) > _LARGEST:
        raise LabelFileError(f"{name} is larger than {_LARGEST:,} bytes: {smaller}.")
    return content
