"""decode_image against Pillow and against plain numpy."""

from __future__ import annotations

import struct
import threading
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps, TiffImagePlugin

from inference.data.images import decode_image
from inference.errors import ImageError
from tests.inference.data.helpers import colours

EXIF_ORIENTATION = 0x0112
LOSSLESS: dict[str, Any] = {"lossless": True, "exact": True}


def over_white(rgba: NDArray[np.uint8]) -> NDArray[np.float64]:
    alpha = rgba[..., 3:] / 255
    return rgba[..., :3] * alpha + 255 * (1 - alpha)


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
