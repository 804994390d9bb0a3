"""decode_image on every kind of broken, foreign, oversized or irregular file."""

from __future__ import annotations

import os
import socket
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.data import images
from inference.data.images import MAX_PIXELS, decode_image
from inference.errors import ImageError
from tests.inference.data.helpers import colours


def refusal(path: Path) -> str:
    with pytest.raises(ImageError) as caught:
        decode_image(path)
    message = str(caught.value)
    assert path.name in message
    assert message.endswith(".")
    assert caught.value.detail
    return message


@pytest.mark.parametrize("content", [b"", b"hello, world\n" * 20, bytes(400), b"\x01" * 50])
def test_not_an_image(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    assert ("not an image" if content else "zero bytes") in refusal(path)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".gif", ".bmp", ".tif", ".webp", ".ppm", ".jp2", ".avif"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_truncated_files_are_refused(tmp_path: Path, suffix: str, part: float) -> None:
    path = tmp_path / f"a{suffix}"
    try:
        Image.fromarray(colours(200, 200)).save(path)
    except OSError:
        pytest.skip("no encoder")
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * part)])
    refusal(path)


@pytest.mark.parametrize("where", ["data", "checksum", "header"])
def test_a_flipped_byte_in_a_png_is_found(tmp_path: Path, where: str) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(colours()).save(path)
    content = bytearray(path.read_bytes())
    idat = content.index(b"IDAT")
    (length,) = struct.unpack(">I", content[idat - 4 : idat])
    content[{"data": idat + 40, "checksum": idat + 4 + length, "header": 18}[where]] ^= 0x10
    path.write_bytes(bytes(content))
    assert "damaged" in refusal(path)


def test_a_damaged_later_frame_leaves_the_first(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    frames = [Image.fromarray(colours(seed=seed)) for seed in range(3)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 5])
    decoded = decode_image(path)
    assert np.array_equal(decoded.rgb, np.asarray(frames[0]))


def png_of_zeros(width: int, height: int) -> bytes:
    """A one-bit PNG whose pixels are all zero: tiny on disk."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    squeeze = zlib.compressobj(9)
    row = bytes((width + 7) // 8 + 1)
    data = b"".join(squeeze.compress(row) for _ in range(min(height, 2000))) + squeeze.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [30_000, 50_000])
@pytest.mark.parametrize("max_side", [None, 100])
def test_decompression_bombs_are_refused_by_their_header(tmp_path: Path, side: int, max_side: int | None) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_of_zeros(side, side))
    tracemalloc.start()
    try:
        with pytest.raises(ImageError, match=f"{side * side:,}"):
            decode_image(path, max_side=max_side)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_the_limit_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_PIXELS == 178_956_970
    Image.fromarray(colours()).save(tmp_path / "a.png")
    monkeypatch.setattr(images, "MAX_PIXELS", 24 * 40)
    assert decode_image(tmp_path / "a.png").rgb.shape == (24, 40, 3)
    monkeypatch.setattr(images, "MAX_PIXELS", 24 * 40 - 1)
    assert "960 pixels (40 x 24)" in refusal(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.heic", b"\0\0\0\x18ftypheic" + bytes(40), "HEIF"),
        ("a.jpg", b"%PDF-1.7\n" + bytes(40), "PDF"),
        ("a.jxl", b"\xff\x0a" + bytes(40), "JPEG XL"),
        ("a.cr2", b"II*\0" + bytes(40), "raw"),
        ("a.png", b"8BPS\0\x01" + bytes(40), "Photoshop"),
    ],
)
def test_formats_without_a_decoder_are_named(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    message = refusal(path)
    assert said in message
    assert "not supported" in message


def test_lab_pixels_are_refused_by_name(tmp_path: Path) -> None:
    Image.new("LAB", (8, 8)).save(tmp_path / "a.tif")
    assert "LAB" in refusal(tmp_path / "a.tif")


def test_a_file_that_vanished(tmp_path: Path) -> None:
    assert "no longer there" in refusal(tmp_path / "gone" / "a.jpg")


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(colours()).save(path)

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # changing the mode does not stop a superuser
    assert "permission" in refusal(path)


def test_a_failing_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(colours()).save(path)

    def refuse(*_: object) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "open", refuse)
    assert "Input/output error" in refusal(path)


@pytest.mark.parametrize("kind", ["folder", "pipe", "socket", "device"])
def test_what_is_no_regular_file_never_blocks(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket has to be short
    path = Path("x.jpg")
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(str(path))
        case _:
            path.symlink_to("/dev/zero")
    assert kind in refusal(path)


def test_one_bad_file_among_twenty_good_ones(tmp_path: Path) -> None:
    for index in range(20):
        Image.fromarray(colours(seed=index)).save(tmp_path / f"{index}.png")
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nrest")
    decoded = 0
    for path in sorted(tmp_path.iterdir()):
        try:
            decode_image(path)
            decoded += 1
        except ImageError:
            assert path.name == "bad.png"
    assert decoded == 20
