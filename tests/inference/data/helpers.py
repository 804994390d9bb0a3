"""Small image folders and label files for the tests of this room."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.data.datasets import DatasetChoices, DatasetReport, open_dataset
from inference.errors import DatasetError, LabelFileError


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


def refusal(path: Path, choices: DatasetChoices | None = None) -> str:
    with pytest.raises((LabelFileError, DatasetError)) as caught:
        open_dataset(path, choices or DatasetChoices())
    assert path.name in str(caught.value)
    assert str(caught.value).endswith(".")
    return str(caught.value)


def colours(height: int = 24, width: int = 40, bands: int = 3, seed: int = 0) -> NDArray[np.uint8]:
    """Smooth ramps with some noise, so that lossy formats keep them recognisable."""
    y, x = np.mgrid[:height, :width]
    planes = [(x * 255 // width), (y * 255 // height), ((x + y) * 255 // (width + height)), (255 - x * 255 // width)]
    noise = np.random.default_rng(seed).integers(0, 8, (height, width, bands))
    return np.clip(np.stack(planes[:bands], axis=-1) + noise, 0, 255).astype(np.uint8)
