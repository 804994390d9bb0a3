"""Edits against numpy and Pillow alone, and their scores against the run's."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from inference.data.images import decode_image
from inference.models.card import Preprocessing
from inference.models.engine import WorkOrder, score
from inference.models.score_edits import apply_edits, score_picture
from inference.types import RgbArray
from inference.types.looking import NO_EDITS, Box, Edits
from tests.inference.models.looking.nets import CornerNet, loaded, pooled_net


@pytest.fixture
def rgb() -> RgbArray:
    return np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)


def test_no_edits_give_a_copy(rgb: RgbArray) -> None:
    edited = apply_edits(rgb, NO_EDITS)
    np.testing.assert_array_equal(edited, rgb)
    assert not np.shares_memory(edited, rgb)
    assert NO_EDITS.none
    assert not Edits(grey=True).none


def test_flips(rgb: RgbArray) -> None:
    np.testing.assert_array_equal(apply_edits(rgb, Edits(mirrored=True)), rgb[:, ::-1])
    np.testing.assert_array_equal(apply_edits(rgb, Edits(upside_down=True)), rgb[::-1])


def test_turning_is_clockwise_keeps_the_size_and_fills_with_grey() -> None:
    rgb = np.zeros((41, 41, 3), dtype=np.uint8)
    rgb[:5, 18:23] = 255  # at the top
    edited = apply_edits(rgb, Edits(turn=90))
    assert edited[20, 38].min() == 255
    assert edited[20, 2].max() == 0
    tilted = apply_edits(rgb, Edits(turn=45))
    assert tilted.shape == rgb.shape
    assert (tilted[0, 0] == 128).all()


@pytest.mark.parametrize("zoom", [1.25, 2, 3])
def test_zoom_keeps_the_middle(rgb: RgbArray, zoom: float) -> None:
    edited = apply_edits(rgb, Edits(zoom=zoom))
    height, width = round(40 / zoom), round(60 / zoom)
    top, left = (40 - height) // 2, (60 - width) // 2
    np.testing.assert_array_equal(edited, rgb[top : top + height, left : left + width])


def test_brightness_and_contrast(rgb: RgbArray) -> None:
    dark = apply_edits(rgb, Edits(brightness=0.5))
    assert np.abs(dark.astype(int) - rgb // 2).max() <= 1
    flat = apply_edits(rgb, Edits(contrast=0))
    assert flat.min() == flat.max()
    light = rgb @ np.array([0.299, 0.587, 0.114])
    assert abs(int(flat[0, 0, 0]) - light.mean()) <= 1


def test_grey_is_the_usual_luma(rgb: RgbArray) -> None:
    edited = apply_edits(rgb, Edits(grey=True))
    assert np.abs(edited - (rgb @ np.array([0.299, 0.587, 0.114]))[..., None]).max() <= 1


def test_blur_is_in_percent_of_the_shorter_side(rgb: RgbArray) -> None:
    expected = np.asarray(Image.fromarray(rgb).filter(ImageFilter.GaussianBlur(2)))
    np.testing.assert_array_equal(apply_edits(rgb, Edits(blur=5)), expected)


def test_boxes_are_shares_of_the_edited_picture(rgb: RgbArray) -> None:
    box = Box(0.5, 0.25, 1.0, 0.75)
    edited = apply_edits(rgb, Edits(boxes=(box,), mirrored=True))
    expected = rgb[:, ::-1].copy()
    expected[10:30, 30:] = 128
    np.testing.assert_array_equal(edited, expected)
    zoomed = apply_edits(rgb, Edits(boxes=(box,), zoom=2))
    assert (zoomed[5:15, 15:] == 128).all()
    assert not (zoomed[:5] == 128).all()


def test_a_box_without_extent_covers_nothing(rgb: RgbArray) -> None:
    np.testing.assert_array_equal(apply_edits(rgb, Edits(boxes=(Box(0.5, 0, 0.5, 1),))), rgb)


def test_jpeg_comes_last(rgb: RgbArray) -> None:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb[::-1])).save(file, "JPEG", quality=20)
    expected = np.asarray(Image.open(file).convert("RGB"))
    np.testing.assert_array_equal(apply_edits(rgb, Edits(upside_down=True, quality=20)), expected)


def test_the_picture_given_is_never_written_to(rgb: RgbArray) -> None:
    before = rgb.copy()
    rgb.flags.writeable = False
    every = Edits(True, True, 10, 1.5, 0.8, 1.2, True, 3, (Box(0, 0, 0.5, 0.5),), 50)
    apply_edits(rgb, every)
    np.testing.assert_array_equal(rgb, before)


def test_without_edits_the_logits_are_those_of_a_run(tmp_path: Path, rgb: RgbArray) -> None:
    model = loaded(pooled_net(), Preprocessing(resize=32, crop=28))
    path = tmp_path / "a.png"
    Image.fromarray(rgb).save(path)
    order = WorkOrder([0])
    (batch,) = score(model, [str(path)], order, decode=lambda file: decode_image(file).rgb, cancelled=lambda: False)
    found = score_picture(model, apply_edits(rgb, NO_EDITS))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, batch.logits[0], rtol=1e-5)


def test_covering_the_corner_that_counts_changes_its_label_alone() -> None:
    rgb = np.full((40, 40, 3), 250, dtype=np.uint8)
    model = loaded(CornerNet())
    before = score_picture(model, rgb)
    after = score_picture(model, apply_edits(rgb, Edits(boxes=(Box(0, 0, 0.3, 0.3),))))
    assert after[0] < 1 < before[0]
    np.testing.assert_array_equal(after[1:], before[1:])
