"""A painting as the bytes of an SVG or a PNG file. Writing files is not for widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

Paint = Callable[[QPainter], None]

PNG_SCALE: Final = 3.0  # a picture of 420 pixels fills a column of print at 300 dots an inch
LONGEST_SIDE: Final = 12_000  # pixels of a PNG


def svg_bytes(size: QSize, title: str, background: str, paint: Paint) -> bytes:
    """Scalable lines and text, an SVG 1.1 document of ``size`` pixels. UTF-8."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setResolution(96)
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setTitle(title)
    painter = QPainter(generator)
    painter.fillRect(QRectF(0, 0, size.width(), size.height()), QColor(background))
    paint(painter)
    painter.end()
    return _bytes_of(buffer)


def png_bytes(size: QSize, background: str, paint: Paint, scale: float = PNG_SCALE) -> bytes:
    """Pixels, ``scale`` times as many a side as ``size`` says, unless that would be too many."""
    scale = min(scale, LONGEST_SIDE / max(size.width(), size.height(), 1))
    image = QImage(size * scale, QImage.Format.Format_RGB32)
    image.fill(QColor(background))
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.scale(scale, scale)
    paint(painter)
    painter.end()
    # not before: fonts sized in points would follow the resolution as well as the scale
    image.setDotsPerMeterX(round(96 * scale / 0.0254))
    image.setDotsPerMeterY(round(96 * scale / 0.0254))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    return _bytes_of(buffer)


def cells(values: NDArray[np.generic]) -> list[str]:
    """The shortest text of each number that reads back the same."""
    return [str(value) for value in values]


def name_cell(name: str) -> str:
    """A label's name that stays in its cell, and that no spreadsheet takes for a formula."""
    text = " ".join(name.split())
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def table_text(columns: Iterable[tuple[str, list[str]]]) -> str:
    """Columns as lines of cells with a tab between them, their names first, for a spreadsheet."""
    names, values = zip(*columns, strict=True)
    return "\n".join("\t".join(row) for row in (names, *zip(*values, strict=True))) + "\n"


def _bytes_of(buffer: QBuffer) -> bytes:
    data: QByteArray = buffer.data()
    buffer.close()
    return bytes(data.data())
