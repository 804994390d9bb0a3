"""Small image folders and label files for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from inference.data.datasets import DatasetReport


def touch(folder: Path, names: Iterable[str]) -> Path:
    """Empty files are enough: opening a dataset decodes nothing."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def truth(report: DatasetReport) -> dict[str, dict[str, int] | None]:
    """What the dataset says, as plain dictionaries; None for an image that is not annotated."""
    dataset = report.dataset
    return {
        name: dict(zip(dataset.labels, row, strict=True)) if annotated else None
        for name, row, annotated in zip(dataset.names, dataset.y_true.tolist(), dataset.annotated, strict=True)
    }


def said(report: DatasetReport, *words: str) -> bool:
    """Whether one warning holds all the words."""
    return any(all(word in warning for word in words) for warning in report.warnings)
