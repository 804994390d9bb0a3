"""Decoding one image file: upright 8-bit RGB, or an ImageError that says in one sentence why not.

Safe to call from several threads. Nothing is ever guessed into a damaged file: truncated images are refused.
"""

from __future__ import annotations

import os
import re
import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from inference.data import pixels
from inference.data.files import RAW_SUFFIXES, SUFFIXES, NotRegularError, has_image_suffix, open_regular, unreadable
from inference.errors import ImageError
from inference.types import RgbArray

__all__ = ["FORMATS", "MAX_PIXELS", "SUFFIXES", "DecodedImage", "decode_image", "has_image_suffix"]

# All registered at import: Pillow's own lazy registration is not made for threads.
_PLUGINS: Final = (
    AvifImagePlugin.AvifImageFile,
    BmpImagePlugin.BmpImageFile,
    GifImagePlugin.GifImageFile,
    Jpeg2KImagePlugin.Jpeg2KImageFile,
    JpegImagePlugin.JpegImageFile,
    MpoImagePlugin.MpoImageFile,
    PngImagePlugin.PngImageFile,
    PpmImagePlugin.PpmImageFile,
    TiffImagePlugin.TiffImageFile,
    WebPImagePlugin.WebPImageFile,
)

FORMATS: Final[tuple[str, ...]] = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "JPEG2000", "AVIF")
_DRAFT_FACTOR: Final = 1.5  # twice takes up to twice the time, and at the size of a thumbnail nobody sees it
MAX_PIXELS: Final = 178_956_970

# Pillow's own limit warns through a process-wide setting, which threads share; the size is checked below instead.
Image.MAX_IMAGE_PIXELS = None

_PILLOW: Final = re.compile(r"PIL\.")
_PILLOW_IS_SILENT: Final = ("ignore", None, Warning, _PILLOW, 0)  # as the warnings module keeps it
_SIGNATURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")
_FOREIGN: Final = (
    (b"%PDF", "PDF"),
    (b"8BPS", "Photoshop"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"SIMPLE  =", "FITS"),
    (b"<svg", "SVG"),
)


@dataclass(frozen=True, eq=False)
class DecodedImage:
    """An image as it is shown and scored."""

    rgb: RgbArray  # (h, w, 3) uint8, C-contiguous, writable
    mode: str  # Pillow's name of the pixels in the file
    n_frames: int
    notes: tuple[str, ...]  # what was done to it that the user should know


def decode_image(path: str | Path, *, max_side: int | None = None) -> DecodedImage:
    """Decode the first frame of an image file to upright RGB.

    ``max_side`` is for thumbnails: the longer side comes out at most that long, decoded roughly and fast. Never score
    such an image. Raises ImageError.
    """
    name = os.path.basename(os.fspath(path))
    _silence_pillow()
    try:
        with open_regular(path) as file:
            return _decode(file, name, max_side)
    except ImageError as error:
        error.detail = error.detail or str(path)
        raise
    except Exception as error:
        # Decoders meet hostile files with every kind of exception; whichever it is, this one image is broken.
        raise _explained(error, name, str(path)) from error


def _decode(file: BinaryIO, name: str, max_side: int | None) -> DecodedImage:
    if os.path.splitext(name)[1].lower() in RAW_SUFFIXES:
        raise _unsupported(name, "a camera's raw file")
    head = file.read(16)
    if not head:
        raise ImageError(f"{name} is an empty file of zero bytes: copy it again or remove it.")
    try:
        image: Image.Image = Image.open(file, formats=FORMATS)
    except UnidentifiedImageError as error:
        raise _unidentified(name, head, error) from error
    with image:
        _check_size(image, name)
        if image.format == "PNG":
            _check_png(file, name)
        return _finish(image, max_side)


def _finish(image: Image.Image, max_side: int | None) -> DecodedImage:
    mode = image.mode
    if max_side is not None:
        _draft(image, max_side)
    turned = pixels.orientation(image) != 1
    image.load()
    turn = pixels.orientation(image)  # read again: loading a TIFF turns it
    rgb, notes = pixels.to_rgb(image)
    if max_side is not None:
        rgb.thumbnail((max_side, max_side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    rgb = pixels.upright(rgb, turn)
    if turned:
        notes += ("turned as its EXIF says",)
    n_frames, frame_notes = _count_frames(image)
    return DecodedImage(np.array(rgb), mode, n_frames, notes + frame_notes)


def _draft(image: Image.Image, max_side: int) -> None:
    """Let JPEG decode at a half, a quarter or an eighth, still larger than asked for so that it is resampled well."""
    factor = _DRAFT_FACTOR * max_side / max(image.size)
    if factor < 1:
        image.draft(None, (max(1, round(image.width * factor)), max(1, round(image.height * factor))))


def _count_frames(image: Image.Image) -> tuple[int, tuple[str, ...]]:
    try:
        count = int(getattr(image, "n_frames", 1))
    except Exception:  # the first frame is whole, and only that is used
        return 1, ("the frames after the first are damaged",)
    return count, (f"first of {count:,} frames",) if count > 1 else ()


def _check_size(image: Image.Image, name: str) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"{name} has {width * height:,} pixels ({width:,} x {height:,}), more than the {MAX_PIXELS:,} that are "
            "read: make it smaller."
        )


def _check_png(file: BinaryIO, name: str) -> None:
    """Compare the checksums of the chunks that hold pixels, which Pillow leaves out. Keeps the file's position."""
    position = file.tell()
    file.seek(8)
    while len(header := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", header)
        checksum = zlib.crc32(kind)
        while length > 0 and (piece := file.read(min(length, 1 << 20))):
            checksum = zlib.crc32(piece, checksum)
            length -= len(piece)
        if kind[:1].isupper() and file.read(4) != struct.pack(">I", checksum):
            raise _damaged(name, f"chunk {kind!r} ends early or has a wrong checksum")
        if kind[:1].islower():
            file.seek(4, os.SEEK_CUR)
        if kind == b"IEND":
            break
    file.seek(position)


def _silence_pillow() -> None:
    """Keep Pillow's remarks on odd metadata out of the user's terminal.

    ``warnings.catch_warnings`` swaps process-wide state and so is not for threads; one lasting filter is.
    """
    if _PILLOW_IS_SILENT not in warnings.filters:
        warnings.filterwarnings("ignore", module=_PILLOW.pattern)


def _unidentified(name: str, head: bytes, error: Exception) -> ImageError:
    if head[4:8] == b"ftyp":
        return _unsupported(name, "an AVIF" if head[8:12] in (b"avif", b"avis") else "an HEIF picture or a film")
    for signature, kind in _FOREIGN:
        if head.startswith(signature):
            return _unsupported(name, f"a file of kind {kind}")
    if head.startswith(_SIGNATURES):
        return _damaged(name, str(error))
    return ImageError(f"{name} is not an image: remove it or put the real one in its place.", detail=str(error))


def _unsupported(name: str, what: str) -> ImageError:
    return ImageError(f"{name} is {what}, a format that is not supported: save it as JPEG or PNG.")


def _damaged(name: str, detail: str) -> ImageError:
    return ImageError(f"{name} is cut off or damaged: copy it again from where it came.", detail=detail)


def _explained(error: Exception, name: str, path: str) -> ImageError:
    detail = f"{path}: {type(error).__name__}: {error}"
    match error:
        case MemoryError():
            text = f"{name} needs more memory than is free: close other programs or make it smaller."
        case pixels.UnsupportedModeError():
            text = f"{name} has pixels of the kind {error}, which is not supported: save it as JPEG or PNG."
        case NotRegularError() | OSError(errno=int()):
            text = unreadable(name, error)
        case _:
            return _damaged(name, detail)
    return ImageError(text, detail=detail)
