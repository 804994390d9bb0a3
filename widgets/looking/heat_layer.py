"""A heat map as colours over a picture. Bright is high, in any theme and for any eye; outside it: what was not seen."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen

from inference.types import FloatArray, ScoreArray
from inference.types.looking import HeatMap
from widgets.theme import current_theme

# Matplotlib's viridis (S. van der Walt and N. Smith, 2015, CC0), every fifth of its 256 colours: evenly spaced to the
# eye, also without red or green, and in grey.
_VIRIDIS: Final = (
    "440154 46085c 471063 481769 481d6f 482475 472a7a 46307e 453781 433d84 414287 3f4889 3d4e8a "
    "3a538b 38598c 355e8d 33638d 31688e 2e6d8e 2c718e 2a768e 297b8e 27808e 25848e 23898e 218e8d "
    "20928c 1f978b 1e9c89 1fa188 21a585 24aa83 28ae80 2eb37c 35b779 3dbc74 46c06f 50c46a 5ac864 "
    "65cb5e 70cf57 7cd250 89d548 95d840 a2da37 b0dd2f bddf26 cae11f d8e219 e5e419 f1e51d fde725"
)
_SMOOTH: Final = 224  # pixels of the longer side: cells run into each other instead of ending in steps
_VEIL: Final = 0.55  # over what was not seen


def colors(shares: ScoreArray | FloatArray) -> NDArray[np.uint8]:
    """Shares 0..1 of any shape (...) as (..., 3) uint8 RGB."""
    known = np.array([[int(text[i : i + 2], 16) for i in (0, 2, 4)] for text in _VIRIDIS.split()], dtype=np.float64)
    at = np.linspace(0, 1, len(known))
    channels = [np.interp(np.clip(shares, 0, 1), at, known[:, channel]) for channel in range(3)]
    found: NDArray[np.uint8] = np.stack(channels, axis=-1).round().astype(np.uint8)
    return found


def smoothed(values: ScoreArray) -> FloatArray:
    """Interpolated between the middles of the cells, the longer side at least `_SMOOTH` long."""
    factor = max(1, round(_SMOOTH / max(values.shape)))
    rows, columns = (_between(cells, factor) for cells in values.shape)
    return np.asarray(rows @ values.astype(np.float64) @ columns.T)


def _between(cells: int, factor: int) -> FloatArray:
    """The share of each cell in each of ``factor`` times as many points, (points, cells)."""
    at = np.clip((np.arange(cells * factor) + 0.5) / factor - 0.5, 0, cells - 1)
    return np.maximum(0.0, 1.0 - np.abs(at[:, np.newaxis] - np.arange(cells)))


class HeatLayer:
    """Paints one heat map over wherever its picture is drawn."""

    def __init__(self, heat: HeatMap) -> None:
        self.heat = heat
        self._pixels = np.ascontiguousarray(colors(smoothed(heat.values)))
        height, width = self._pixels.shape[:2]
        self._image = QImage(self._pixels.data, width, height, width * 3, QImage.Format.Format_RGB888)

    def paint(self, painter: QPainter, picture: QRectF, opacity: float) -> None:
        """``picture``: where the whole picture is drawn; ``opacity``: 0..1."""
        seen = self.seenRect(picture)
        painter.save()
        painter.setClipRect(picture, Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(opacity)
        painter.drawImage(seen, self._image)
        painter.setOpacity(1.0)
        if not seen.adjusted(-0.5, -0.5, 0.5, 0.5).contains(picture):
            self._paint_unseen(painter, picture, seen)
        painter.restore()

    def seenRect(self, picture: QRectF) -> QRectF:
        """What the network saw, where the whole picture is at ``picture``."""
        height, width = self.heat.size
        across, down = picture.width() / width, picture.height() / height
        region = self.heat.region
        return QRectF(
            picture.left() + region.left * across,
            picture.top() + region.top * down,
            region.width * across,
            region.height * down,
        )

    def _paint_unseen(self, painter: QPainter, picture: QRectF, seen: QRectF) -> None:
        """Veiled and hatched, with a line where the network's view ends."""
        theme = current_theme()
        outside = QPainterPath()
        outside.addRect(picture)
        inside = QPainterPath()
        inside.addRect(seen)
        outside = outside.subtracted(inside)
        veil = QColor(theme.surface)
        veil.setAlphaF(_VEIL)
        painter.fillPath(outside, veil)
        painter.fillPath(outside, QBrush(QColor(theme.border), Qt.BrushStyle.BDiagPattern))
        painter.setPen(QPen(QColor(theme.text), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(seen)
