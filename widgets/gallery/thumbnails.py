"""Thumbnails at hand: as they arrived, and made to measure for the cells they are drawn in; both bounded."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from inference.types import RgbArray

MAX_THUMBNAILS: Final = 3_000
MAX_BYTES: Final = 192 * 1024 * 1024
MAX_FITTED_BYTES: Final = 64 * 1024 * 1024
MAX_SIDE: Final = 256  # physical pixels; larger thumbnails are made smaller on arrival


class ThumbnailCache:
    """The thumbnails looked at last, at most ``max_items`` and ``max_bytes``."""

    def __init__(self, max_items: int = MAX_THUMBNAILS, max_bytes: int = MAX_BYTES) -> None:
        self._images: OrderedDict[int, QImage] = OrderedDict()
        self._max_items, self._max_bytes = max_items, max_bytes
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._images)

    def __contains__(self, index: object) -> bool:
        return index in self._images

    def get(self, index: int) -> QImage | None:
        """The image's thumbnail, which by this counts as looked at."""
        image = self._images.get(index)
        if image is not None:
            self._images.move_to_end(index)
        return image

    def put(self, index: int, image: QImage) -> None:
        """Keep a thumbnail and let the least recently seen ones go."""
        self._drop(index)
        self._images[index] = image
        self._bytes += image.sizeInBytes()
        while len(self._images) > 1 and (len(self._images) > self._max_items or self._bytes > self._max_bytes):
            self._drop(next(iter(self._images)))

    def clear(self) -> None:
        """Forget all."""
        self._images.clear()
        self._bytes = 0

    def _drop(self, index: int) -> None:
        old = self._images.pop(index, None)
        if old is not None:
            self._bytes -= old.sizeInBytes()


class FittedThumbnails:
    """Thumbnails in exactly the size that they are drawn in: made once, then copied to the screen as they are."""

    def __init__(self, max_bytes: int = MAX_FITTED_BYTES) -> None:
        self._images: OrderedDict[int, tuple[int, QImage]] = OrderedDict()
        self._max_bytes = max_bytes
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._images)

    def get(self, index: int, source: QImage, width: int, height: int) -> QImage:
        """``source`` in ``width`` x ``height`` physical pixels, from memory where it is the same as last time."""
        known = self._images.get(index)
        if known is not None:
            key, image = known
            if key == source.cacheKey() and image.width() == width and image.height() == height:
                self._images.move_to_end(index)
                return image
            self._drop(index)
        image = source.scaled(
            width, height, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        self._images[index] = (source.cacheKey(), image)
        self._bytes += image.sizeInBytes()
        while len(self._images) > 1 and self._bytes > self._max_bytes:
            self._drop(next(iter(self._images)))
        return image

    def clear(self) -> None:
        """Forget all."""
        self._images.clear()
        self._bytes = 0

    def _drop(self, index: int) -> None:
        self._bytes -= self._images.pop(index)[1].sizeInBytes()


def thumbnail_image(rgb: RgbArray) -> QImage:
    """A QImage of its own memory from ``rgb`` (h, w, 3) uint8, at most MAX_SIDE long."""
    pixels = np.ascontiguousarray(rgb)
    height, width = pixels.shape[:2]
    image = QImage(pixels.data, width, height, width * 3, QImage.Format.Format_RGB888)
    if max(height, width) > MAX_SIDE:
        scaled = image.scaled(
            MAX_SIDE, MAX_SIDE, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        if not scaled.isNull():
            return scaled.convertToFormat(QImage.Format.Format_RGB32)
        image = image.scaled(max(1, min(width, MAX_SIDE)), max(1, min(height, MAX_SIDE)))
    return image.convertToFormat(QImage.Format.Format_RGB32)
