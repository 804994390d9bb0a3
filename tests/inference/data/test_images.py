"""decode_image against Pillow and against plain numpy, and every kind of broken file."""

from __future__ import annotations

import io
import os
import socket
import struct
import threading
import tracemalloc
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps, TiffImagePlugin

from inference.data import images
from inference.data.images import MAX_PIXELS, decode_image
from inference.errors import ImageError

EXIF_ORIENTATION = 0x0112
LOSSLESS: dict[str, Any] = {"lossless": True, "exact": True}


def colours(height: int = 24, width: int = 40, bands: int = 3, seed: int = 0) -> NDArray[np.uint8]:
    """Smooth ramps with some noise, so that lossy formats keep them recognisable."""
    y, x = np.mgrid[:height, :width]
    planes = [(x * 255 // width), (y * 255 // height), ((x + y) * 255 // (width + height)), (255 - x * 255 // width)]
    noise = np.random.default_rng(seed).integers(0, 8, (height, width, bands))
    return np.clip(np.stack(planes[:bands], axis=-1) + noise, 0, 255).astype(np.uint8)


def over_white(rgba: NDArray[np.uint8]) -> NDArray[np.float64]:
    alpha = rgba[..., 3:] / 255
    return rgba[..., :3] * alpha + 255 * (1 - alpha)


def refusal(path: Path) -> str:
    with pytest.raises(ImageError) as caught:
        decode_image(path)
    message = str(caught.value)
    assert path.name in message
    assert message.endswith(".")
    assert caught.value.detail
    return message


@pytest.mark.parametrize(
    ("suffix", "mode"),
    [
        (suffix, mode)
        for suffix, modes in {
            ".png": "1 L P RGB",
            ".jpg": "L RGB CMYK",
            ".tif": "1 L P RGB CMYK YCbCr",
            ".bmp": "1 L P RGB",
            ".gif": "1 L P RGB",
            ".webp": "L P RGB",
            ".jp2": "L RGB",
        }.items()
        for mode in modes.split()
    ],
)
def test_plain_pixels_equal_pillows_own_conversion(tmp_path: Path, suffix: str, mode: str) -> None:
    path = tmp_path / f"a{suffix}"
    Image.fromarray(colours()).convert(mode).save(path)
    with Image.open(path) as oracle:
        expected = np.asarray(oracle.convert("RGB"))
        mode_in_file = oracle.mode
    decoded = decode_image(path)
    assert np.array_equal(decoded.rgb, expected)
    assert decoded.rgb.dtype == np.uint8
    assert decoded.rgb.flags.c_contiguous
    assert decoded.rgb.flags.writeable
    assert decoded.mode == mode_in_file
    assert decoded.n_frames == 1
    assert decoded.notes == ()


def test_inverted_cmyk_of_adobe_has_natural_colours(tmp_path: Path) -> None:
    red = Image.new("RGB", (16, 16), (230, 20, 30)).convert("CMYK")
    red.save(tmp_path / "adobe.jpg", quality=95)  # Pillow writes what Adobe does: an APP14 marker and inverted inks
    assert b"Adobe" in (tmp_path / "adobe.jpg").read_bytes()
    pixel = decode_image(tmp_path / "adobe.jpg").rgb[8, 8].astype(int)
    assert np.abs(pixel - (230, 20, 30)).max() < 12


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_transparency_is_laid_over_white(tmp_path: Path, mode: str, suffix: str) -> None:
    image = Image.fromarray(colours(bands=4), "RGBA").convert(mode)
    path = tmp_path / f"a{suffix}"
    image.save(path, **(LOSSLESS if suffix == ".webp" else {}))
    decoded = decode_image(path)
    expected = over_white(np.asarray(image.convert("RGBA")))
    assert np.abs(decoded.rgb - expected).max() <= 1
    assert decoded.notes == ("transparency over white",)


def test_alpha_that_hides_nothing_changes_nothing(tmp_path: Path) -> None:
    rgb = colours()
    Image.fromarray(rgb).convert("RGBA").save(tmp_path / "a.png")
    decoded = decode_image(tmp_path / "a.png")
    assert np.array_equal(decoded.rgb, rgb)
    assert decoded.notes == ()


@pytest.mark.parametrize("transparency", [3, bytes(range(256))])
def test_palette_with_transparency(tmp_path: Path, transparency: int | bytes) -> None:
    image = Image.fromarray(colours()).quantize(256)
    image.save(tmp_path / "a.png", transparency=transparency)
    with Image.open(tmp_path / "a.png") as oracle:
        assert oracle.mode == "P"
        expected = over_white(np.asarray(oracle.convert("RGBA")))
    decoded = decode_image(tmp_path / "a.png")
    assert np.abs(decoded.rgb - expected).max() <= 1
    assert decoded.notes == ("transparency over white",)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path: Path, suffix: str) -> None:
    wide = np.linspace(0, 65535, 40 * 24).reshape(24, 40).astype(np.uint16)
    path = tmp_path / f"a{suffix}"
    Image.fromarray(wide).save(path)
    decoded = decode_image(path)
    assert np.array_equal(decoded.rgb, np.repeat((wide // 256)[..., None], 3, axis=2))
    assert decoded.notes == ("16-bit grey, scaled to 8 bits",)
    with Image.open(path) as clipped:  # the mistake that this guards against
        assert not np.array_equal(np.asarray(clipped.convert("RGB")), decoded.rgb)


def test_big_endian_sixteen_bit_tiff(tmp_path: Path) -> None:
    wide = np.linspace(0, 65535, 40 * 24).reshape(24, 40).astype(">u2")
    Image.frombytes("I;16B", (40, 24), wide.tobytes()).save(tmp_path / "a.tif")
    assert np.array_equal(decode_image(tmp_path / "a.tif").rgb[..., 0], wide // 256)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 100, 255]], np.int32), [0, 100, 255]),
        (np.array([[0, 256, 65535]], np.int32), [0, 1, 255]),
        (np.array([[-100, 0, 100]], np.int32), [0, 128, 255]),
        (np.array([[0.0, 0.5, 1.0]], np.float32), [0, 128, 255]),
        (np.array([[0.0, 99.6, 255.0]], np.float32), [0, 100, 255]),
        (np.array([[0.0, 512.0, 65535.0]], np.float32), [0, 2, 255]),
        (np.array([[-1.0, 0.0, 1.0]], np.float32), [0, 128, 255]),
        (np.array([[np.nan, np.inf, 1.0]], np.float32), [0, 0, 255]),
        (np.array([[-5.0, -5.0, -5.0]], np.float32), [0, 0, 0]),
    ],
)
def test_wide_pixels_are_scaled_by_the_range_they_use(
    tmp_path: Path, values: NDArray[np.int32], expected: list[int]
) -> None:
    Image.fromarray(values).save(tmp_path / "a.tif")
    decoded = decode_image(tmp_path / "a.tif")
    assert decoded.mode in ("I", "F")
    assert decoded.rgb[0, :, 0].tolist() == expected
    assert "scaled to 8 bits" in decoded.notes[0]


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_every_exif_orientation_comes_out_upright(tmp_path: Path, value: int, suffix: str) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = value
    path = tmp_path / f"a{suffix}"
    Image.fromarray(colours()).save(path, exif=exif, **(LOSSLESS if suffix == ".webp" else {}))
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
    decoded = decode_image(path)
    assert np.array_equal(decoded.rgb, expected)
    assert decoded.rgb.shape == ((40, 24, 3) if value >= 5 else (24, 40, 3))
    assert decoded.notes == (() if value == 1 else ("turned as its EXIF says",))


def test_damaged_exif_does_not_cost_the_image(tmp_path: Path) -> None:
    Image.fromarray(colours()).save(tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xee" * 30)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(tmp_path / "a.jpg") as oracle:
            expected = np.asarray(oracle.convert("RGB"))
    assert np.array_equal(decode_image(tmp_path / "a.jpg").rgb, expected)


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".tif"])
def test_animations_and_pages_show_their_first_frame(tmp_path: Path, suffix: str) -> None:
    frames = [Image.fromarray(colours(seed=seed)[:, :: (-1) ** seed]) for seed in range(3)]
    path = tmp_path / f"a{suffix}"
    frames[0].save(path, save_all=True, append_images=frames[1:], **(LOSSLESS if suffix == ".webp" else {}))
    with Image.open(path) as image:
        image.seek(0)
        expected = np.asarray(image.convert("RGB"))
    decoded = decode_image(path)
    assert np.array_equal(decoded.rgb, expected)
    assert decoded.n_frames == 3
    assert decoded.notes == ("first of 3 frames",)


@pytest.mark.parametrize("shape", [(1, 1), (1, 10_000), (10_000, 1)])
def test_extreme_shapes(tmp_path: Path, shape: tuple[int, int]) -> None:
    rgb = colours(*shape)
    Image.fromarray(rgb).save(tmp_path / "a.png")
    assert np.array_equal(decode_image(tmp_path / "a.png").rgb, rgb)
    assert max(decode_image(tmp_path / "a.png", max_side=64).rgb.shape) == min(64, max(shape[0], shape[1], 3))


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif"])
def test_thumbnails_are_small_upright_and_look_alike(tmp_path: Path, suffix: str) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = 6
    path = tmp_path / f"a{suffix}"
    Image.fromarray(colours(600, 1000)).save(path, exif=exif)
    whole = Image.fromarray(decode_image(path).rgb)
    small = decode_image(path, max_side=100).rgb
    assert small.shape == (100, 60, 3)
    assert np.abs(np.asarray(whole.resize((60, 100), Image.Resampling.BOX)).astype(int) - small).mean() < 4


def test_thumbnails_never_grow(tmp_path: Path) -> None:
    Image.fromarray(colours()).save(tmp_path / "a.jpg")
    assert decode_image(tmp_path / "a.jpg", max_side=500).rgb.shape == (24, 40, 3)


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


def test_pillows_warnings_do_not_leak(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[270] = "x" * 100
    Image.fromarray(colours()).save(path, tiffinfo=info)
    content = bytearray(path.read_bytes())
    count = content.index(struct.pack("<HH", 270, 2)) + 4
    content[count : count + 4] = struct.pack("<I", 1_000_000)  # more than the file holds
    path.write_bytes(bytes(content))
    with pytest.warns(UserWarning, match="tag 270"), Image.open(path) as oracle:
        oracle.load()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        decode_image(path)


def test_many_threads_decode_the_same(tmp_path: Path) -> None:
    paths = []
    for index, suffix in enumerate([".jpg", ".png", ".gif", ".tif", ".webp"] * 4):
        paths.append(tmp_path / f"{index}{suffix}")
        Image.fromarray(colours(seed=index)).save(paths[-1])
    (tmp_path / "bad.jpg").write_bytes(b"no image")
    expected = [decode_image(path).rgb for path in paths]
    wrong: list[str] = []

    def work() -> None:
        for path, rgb in zip(paths, expected, strict=True):
            if not np.array_equal(decode_image(path).rgb, rgb):
                wrong.append(path.name)
            try:
                decode_image(tmp_path / "bad.jpg")
                wrong.append("bad.jpg")
            except ImageError:
                pass

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_one_bad_file_among_twenty_good_ones(tmp_path: Path) -> None:
    for index in range(20):
        Image.fromarray(colours(seed=index)).save(tmp_path / f"{index}.png")
    (tmp_path / "bad.png").write_bytes(io.BytesIO(b"\x89PNG\r\n\x1a\nrest").getvalue())
    decoded = 0
    for path in sorted(tmp_path.iterdir()):
        try:
            decode_image(path)
            decoded += 1
        except ImageError:
            assert path.name == "bad.png"
    assert decoded == 20
