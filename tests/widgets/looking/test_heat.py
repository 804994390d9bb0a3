"""The heat map over the picture, its colours, and its card."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QProgressBar, QSlider, QToolButton
from pytestqt.qtbot import QtBot

from inference.types.looking import HeatMap, HeatMethod, HeatState, Region
from widgets.image_view import ImageView
from widgets.looking.heat_card import HeatCard, words_of
from widgets.looking.heat_layer import HeatLayer, colors, smoothed
from widgets.theme import DARK, apply_theme


def heat(values: list[list[float]], region: Region, size: tuple[int, int]) -> HeatMap:
    return HeatMap(np.array(values, dtype=np.float32), region, size, HeatMethod.OCCLUSION, 0, "Bright raises it.")


def to_array(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    raw = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    return raw[:, : image.width() * 3].reshape(image.height(), -1, 3).copy()


# -- colours -----------------------------------------------------------------------------------------------------------


def test_the_colours_are_matplotlibs_viridis() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    shares = np.linspace(0, 1, 256)
    theirs = matplotlib.colormaps["viridis"](shares)[:, :3] * 255
    assert np.abs(colors(shares) - theirs).max() <= 1.5


def test_lightness_rises_evenly() -> None:
    """So that brighter always reads as higher, also in grey."""
    light = colors(np.linspace(0, 1, 64)) @ np.array([0.299, 0.587, 0.114])
    assert (np.diff(light) > 0).all()


def test_between_the_middles_of_cells_it_is_linear() -> None:
    values = np.array([[0.0, 1.0, 0.5, 0.25]], dtype=np.float32)
    found = smoothed(values)
    points = found.shape[1]
    assert points >= 200
    at = (np.arange(points) + 0.5) / points * 4 - 0.5
    np.testing.assert_allclose(found, np.tile(np.interp(at, range(4), values[0]), (found.shape[0], 1)), atol=1e-9)


def test_one_cell_is_one_colour() -> None:
    assert (smoothed(np.array([[0.5]], dtype=np.float32)) == 0.5).all()


# -- over the picture --------------------------------------------------------------------------------------------------


@pytest.fixture
def view(qtbot: QtBot) -> ImageView:
    widget = ImageView()
    qtbot.addWidget(widget)
    widget.resize(500, 420)
    widget.setImage(np.full((100, 200, 3), 255, dtype=np.uint8))
    widget.show()
    return widget


def painted(view: ImageView) -> np.ndarray:
    return to_array(view.canvas().grab().toImage())


def pixel(view: ImageView, x: float, y: float) -> np.ndarray:
    """The colour at a point of the picture."""
    place = view.canvas().pictureRect()
    shown = painted(view)
    found: np.ndarray = shown[
        round(place.top() + (y + 0.5) * place.height() / 100), round(place.left() + (x + 0.5) * place.width() / 200)
    ]
    return found.astype(int)


def blended(share: float, opacity: float) -> np.ndarray:
    return np.asarray(colors(np.array(share)) * opacity + 255 * (1 - opacity))


@pytest.mark.parametrize("zoomed", [False, True])
def test_heat_lies_where_the_network_looked(view: ImageView, zoomed: bool) -> None:
    view.setHeatMap(heat([[0.0, 1.0]], Region(50, 0, 100, 100), (100, 200)))
    if zoomed:
        view.canvas().zoomTo(1.5)
    opacity = view.findChildren(HeatCard)[0].opacity()
    assert np.abs(pixel(view, 60, 50) - blended(0, opacity)).max() <= 3
    assert np.abs(pixel(view, 140, 50) - blended(1, opacity)).max() <= 3
    assert np.abs(pixel(view, 100, 50) - blended(0.5, opacity)).max() <= 6


def test_what_was_not_seen_is_hatched_and_has_no_colour_of_heat(view: ImageView) -> None:
    place = view.canvas().pictureRect()
    view.setHeatMap(heat([[1.0]], Region(50, 0, 100, 100), (100, 200)))
    shown = painted(view)
    left = shown[round(place.top()) + 3 : round(place.bottom()) - 3, round(place.left()) + 3 : round(place.left()) + 60]
    assert len(np.unique(left.reshape(-1, 3), axis=0)) > 1
    spread = left.astype(int).max(axis=2) - left.astype(int).min(axis=2)
    assert spread.max() < 20  # greys only
    outside = shown[:, : round(place.left()) - 1] if place.left() > 2 else shown[: round(place.top()) - 1]
    assert len(np.unique(outside[3:-3, 3:-3].reshape(-1, 3), axis=0)) <= 1  # nothing beside the picture


def test_padding_beyond_the_picture_is_not_painted(view: ImageView) -> None:
    before = painted(view)
    place = view.canvas().pictureRect()
    view.setHeatMap(heat([[1.0]], Region(0, -50, 200, 200), (100, 200)))
    after = painted(view)
    above = slice(3, round(place.top()) - 1)
    np.testing.assert_array_equal(after[above], before[above])
    assert np.abs(pixel(view, 100, 50) - blended(1, 0.55)).max() <= 3


def test_the_slider_changes_the_opacity(view: ImageView) -> None:
    view.setHeatMap(heat([[1.0]], Region(0, 0, 200, 100), (100, 200)))
    view.setHeatState(HeatState(wanted=True))
    (slider,) = view.findChildren(HeatCard)[0].findChildren(QSlider)
    slider.setValue(100)
    assert np.abs(pixel(view, 100, 50) - blended(1, 1)).max() <= 1
    slider.setValue(0)
    assert np.abs(pixel(view, 100, 50) - 255).max() <= 1


def test_taken_away_the_picture_is_as_before(view: ImageView) -> None:
    before = painted(view)
    view.setHeatMap(heat([[1.0]], Region(0, 0, 100, 100), (100, 200)))
    assert (painted(view) != before).any()
    view.setHeatMap(None)
    np.testing.assert_array_equal(painted(view), before)


def test_a_message_has_no_heat_over_it(view: ImageView) -> None:
    view.setMessage("This image cannot be shown")
    before = painted(view)
    view.setHeatMap(heat([[1.0]], Region(0, 0, 200, 100), (100, 200)))
    np.testing.assert_array_equal(painted(view), before)


def test_where_it_is_follows_the_picture() -> None:
    layer = HeatLayer(heat([[1.0]], Region(20, 10, 100, 80), (100, 200)))
    assert layer.seenRect(QRectF(5, 7, 400, 200)) == QRectF(45, 27, 200, 160)


def test_it_paints_in_the_dark_too(view: ImageView, qapp: QApplication) -> None:
    apply_theme(qapp, DARK)
    view.setHeatMap(heat([[1.0]], Region(50, 0, 100, 100), (100, 200)))
    assert np.abs(pixel(view, 100, 50) - blended(1, 0.55)).max() <= 3


# -- the card ----------------------------------------------------------------------------------------------------------


def test_the_card_is_there_while_a_map_is_wanted(view: ImageView) -> None:
    (card,) = view.findChildren(HeatCard)
    assert not card.isVisible()
    told: list[bool] = []
    view.heatMapWanted.connect(told.append)
    view.setHeatState(HeatState(wanted=True, label="cat", total=1))
    assert card.isVisible()
    assert told == []  # a setter never emits
    view.setHeatState(HeatState())
    assert not card.isVisible()
    assert told == []


def test_the_button_and_the_cross_ask(view: ImageView) -> None:
    told: list[bool] = []
    view.heatMapWanted.connect(told.append)
    button = next(one for one in view.findChildren(QToolButton) if one.text() == "Heat map")
    button.click()
    view.setHeatState(HeatState(wanted=True))
    (cross,) = view.findChildren(HeatCard)[0].findChildren(QToolButton)
    assert cross.accessibleName() == "Close the heat map"
    cross.click()
    assert told == [True, False]


def test_the_method_is_chosen_by_the_user_alone(qtbot: QtBot) -> None:
    card = HeatCard()
    qtbot.addWidget(card)
    card.show()
    told: list[object] = []
    card.methodChosen.connect(told.append)
    card.opacityChanged.connect(told.append)
    card.setState(HeatState(wanted=True, method=HeatMethod.OCCLUSION))
    card.setOpacity(0.3)
    assert told == []
    QTest.mouseClick(card._method.button(HeatMethod.GRAD_CAM), Qt.MouseButton.LeftButton)
    assert told == [HeatMethod.GRAD_CAM]


def test_progress_leaves_without_moving_anything(qtbot: QtBot) -> None:
    card = HeatCard()
    qtbot.addWidget(card)
    card.show()
    card.setState(HeatState(wanted=True, label="cat", sentence="Bright.", done=3, total=196))
    (bar,) = card.findChildren(QProgressBar)
    assert bar.isVisible()
    assert (bar.value(), bar.maximum()) == (3, 196)
    height = card.sizeHint().height()
    card.setState(HeatState(wanted=True, label="cat", sentence="Bright.", done=196, total=196))
    assert not bar.isVisible()
    assert card.sizeHint().height() == height


def test_words() -> None:
    assert words_of(HeatState(wanted=True, label="cat", total=1)) == "Looking for what raises the score of cat …"
    assert words_of(HeatState(wanted=True, message="Open a model first.")) == "Open a model first."
    both = words_of(HeatState(wanted=True, note="No gradients.", sentence="Bright raises it."))
    assert both.startswith("No gradients. Bright raises it. ")
    assert "no proof of a cause" in both
