"""A folder for tests that open a project hundreds of times."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .helpers import MEMORY


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """A folder in memory, where there is such a place."""
    with tempfile.TemporaryDirectory(prefix="store-", dir=MEMORY) as folder:
        yield Path(folder)
