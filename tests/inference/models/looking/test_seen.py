"""The region that the network saw, against pictures whose colours are their own coordinates."""

from __future__ import annotations

import numpy as np
import pytest

from inference.models.card import Preprocessing
from inference.models.looking.seen import seen_region
from inference.models.preprocess import build_resize
from inference.types.looking import HeatMap, HeatMethod, Region

RECIPES = [
    Preprocessing(resize=None, crop=None),
    Preprocessing(resize=(48, 64), crop=None),
    Preprocessing(resize=64, crop=None),
    Preprocessing(resize=64, crop=48),
    Preprocessing(resize=64, crop=(33, 57)),
    Preprocessing(resize=63, crop=48),
    Preprocessing(resize=None, crop=64),
    Preprocessing(resize=64, crop=80),  # padded on the short side, cut or padded on the long one
]


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("size", [(100, 100), (90, 201), (203, 77), (51, 40)])
def test_region_is_where_the_pixels_come_from(recipe: Preprocessing, size: tuple[int, int]) -> None:
    height, width = size
    rgb = np.zeros((height, width, 3), dtype=np.uint8)
    rgb[..., 0], rgb[..., 1] = np.arange(width), np.arange(height)[:, np.newaxis]
    rgb[..., 2] = 255  # black is padding
    seen = build_resize(recipe)(rgb)
    region = seen_region(recipe, height, width)

    across = region.left + (np.arange(seen.shape[1]) + 0.5) * region.width / seen.shape[1]
    down = region.top + (np.arange(seen.shape[0]) + 0.5) * region.height / seen.shape[0]
    inside = seen[..., 2] == 255
    assert ((across > 0) & (across < width) == inside.any(axis=0)).all()
    assert ((down > 0) & (down < height) == inside.any(axis=1)).all()
    margin = 2 * max(region.width / seen.shape[1], 1)  # where the resize meets the edge it averages fewer pixels
    rows = np.flatnonzero((down > margin) & (down < height - margin))
    columns = np.flatnonzero((across > margin) & (across < width - margin))
    assert len(rows) > 5
    assert len(columns) > 5
    middle = seen[np.ix_(rows, columns)].astype(float)
    assert np.abs(middle[..., 0] - (across[columns] - 0.5)).max() <= 1
    assert np.abs(middle[..., 1] - (down[rows] - 0.5)[:, np.newaxis]).max() <= 1


def heat(values: list[list[float]], region: Region, size: tuple[int, int]) -> HeatMap:
    return HeatMap(np.array(values, dtype=np.float32), region, size, HeatMethod.OCCLUSION, 0, "")


def test_values_over_the_picture() -> None:
    found = heat([[0.0, 0.25], [0.5, 1.0]], Region(1, 0, 4, 2), (2, 6)).over_picture()
    nan = np.nan
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[nan, 0, 0, 0.25, 0.25, nan], [nan, 0.5, 0.5, 1, 1, nan]])


def test_a_region_beyond_the_edges_gives_only_its_part_inside() -> None:
    found = heat([[1.0, 0.25, 0.5, 0.75]], Region(-2, 0, 8, 1), (1, 4)).over_picture()
    np.testing.assert_array_equal(found, [[0.25, 0.25, 0.5, 0.5]])
