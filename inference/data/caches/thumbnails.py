"""Thumbnails of images that were shown before, in one file with a limit on its size."""

from __future__ import annotations

from pathlib import Path

from inference.types import RgbArray


class ThumbnailCache:
    """Thumbnails by path, size, time of the image file and side."""

    def __init__(self, folder: Path, max_bytes: int = 512 << 20) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self.note = ""

    def get(self, path: str, size: int, mtime_ns: int, side: int) -> RgbArray | None:
        """The thumbnail of that very file, or None."""
        return None

    def put(self, path: str, size: int, mtime_ns: int, side: int, rgb: RgbArray) -> None:
        """Keep a thumbnail."""

    def close(self) -> None:
        """Let the file go."""
