"""A folder for tests that open a project hundreds of times."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from inference.data.store import Project

from .helpers import MEMORY, make


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """A folder in memory, where there is such a place."""
    with tempfile.TemporaryDirectory(prefix="store-", dir=MEMORY) as folder:
        yield Path(folder)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A small project that is closed."""
    project = make(tmp_path / "p.cutline")
    project.close()
    return project.path


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A small project that is open."""
    made = make(tmp_path / "a.cutline")
    yield made
    made.close()
