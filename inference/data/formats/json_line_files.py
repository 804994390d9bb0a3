"""JSON lines of other programs, written over so that lines about which nothing changed stay byte for byte."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from inference.data.formats.json_style import JsonStyle
from inference.data.formats.reading import json_lines, read_bytes

_BOM = b"\xef\xbb\xbf"


def bucket_name(uri: str, root: str | None) -> str:
    """What to look an image up by: without ``root`` in front, else without scheme and bucket of ``gs://`` and ``s3://``.

    What is left is looked for among the dataset's images and nowhere else.
    """
    if root and uri.startswith(root):
        return uri[len(root) :].lstrip("/")
    scheme, mark, rest = uri.partition("://")
    return rest.partition("/")[2] if mark and scheme.lower() in ("gs", "s3", "s3a") else uri


def written_over(
    base: str | None,
    image_of: Callable[[dict[str, Any]], int | None],
    changed: Callable[[dict[str, Any], int], dict[str, Any] | None],
    n_images: int,
    fresh: Callable[[int], dict[str, Any] | None],
) -> bytes:
    """The lines of ``base`` with what changed, and a line for each image that it lacks.

    Args:
        base: the file that was read; None to begin anew.
        image_of: the row of the image that a line is about, None where it is about none that is written.
        changed: the line as it is to be, given it and the row; None where it stays.
        n_images: rows.
        fresh: the line of a row; None where it is to have none.
    """
    content = b"" if base is None else read_bytes(base)
    name = "" if base is None else os.path.basename(base)
    lines = content.split(b"\n")
    style = JsonStyle.of(content.removeprefix(_BOM)) if content else JsonStyle()
    style = JsonStyle(None, style.item_separator, style.key_separator, style.only_ascii, "")
    there: set[int] = set()
    for number, entry in [] if base is None else json_lines(base):
        row = image_of(entry)
        if row is None:
            continue
        there.add(row)
        new = changed(entry, row)
        if new is not None:
            start = _BOM if number == 1 and lines[0].startswith(_BOM) else b""
            end = b"\r" if lines[number - 1].endswith(b"\r") else b""
            lines[number - 1] = start + style.dump(new, name) + end
    ending = b"\r\n" if b"\r\n" in content else b"\n"
    added = [style.dump(new, name) + ending for row in range(n_images) if row not in there and (new := fresh(row))]
    text = b"\n".join(lines)
    if added and text and not text.endswith(b"\n"):
        text += ending
    return text + b"".join(added)
