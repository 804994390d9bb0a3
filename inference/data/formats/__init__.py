"""Annotation formats of other programs, each read and written by one module, and finding out which a file is."""

from __future__ import annotations

import importlib
import os
from typing import Final

from inference.data.formats.base import FileAnnotations as FileAnnotations
from inference.data.formats.base import Format as Format
from inference.data.formats.base import ReadOptions as ReadOptions
from inference.data.formats.base import Rest as Rest
from inference.data.formats.base import WriteOptions as WriteOptions
from inference.data.formats.base import WriteReport as WriteReport
from inference.data.formats.reading import read_head

_MODULES: Final = (
    *("own_jsonl", "csv_columns", "csv_list", "folder_per_class", "open_images", "celeba", "coco", "voc", "labelme"),
    *("sidecar_text", "hf_metadata", "fiftyone", "label_studio", "cvat", "vertex", "ground_truth"),
)


FORMATS: Final[tuple[Format, ...]] = tuple(
    importlib.import_module(f"{__name__}.{module}").FORMAT for module in _MODULES
)


def format_of(key: str) -> Format:
    """The format with this key. Raises KeyError."""
    return {known.key: known for known in FORMATS}[key]


def detect(path: str) -> list[tuple[Format, float]]:
    """The formats that ``path`` may be of and how sure each is (above 0, up to 1), the surest first."""
    is_folder = os.path.isdir(path)
    head = b"" if is_folder else read_head(path)
    if not is_folder and not head:
        return []
    found = [(known, known.recognises(path, head)) for known in FORMATS if known.is_folder == is_folder]
    return sorted((entry for entry in found if entry[1] > 0), key=lambda entry: -entry[1])
