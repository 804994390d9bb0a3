"""The large image: zoom, pan, its messages and its tools."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from inference.types import RgbArray
from tests.widgets.labels_table.table import image_of
from widgets.image_view import ImageView
from widgets.overlay import ScoreOverlay
from widgets.pyramid import TILE, Pyramid
from widgets.zoom_canvas import ZoomCanvas

RNG = np.random.default_rng(11)


def noise(height: int, width: int) -> RgbArray:
    return RNG.integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.fixture
def view(qtbot: QtBot) -> ImageView:
    widget = ImageView()
    qtbot.addWidget(widget)
    widget.resize(640, 520)
    widget.show()
    return widget


def wheel(canvas: ZoomCanvas, steps: float, at: QPointF) -> None:
    event = QWheelEvent(
        at,
        QPointF(canvas.mapToGlobal(at)),
        QPoint(),
        QPoint(0, round(steps * 120)),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def to_array(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    raw = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    return raw[:, : image.width() * 3].reshape(image.height(), -1, 3).copy()


def near(one: QPointF, other: QPointF) -> bool:
    return (one - other).manhattanLength() < 1e-6


def assert_pixels_stand_where_they_belong(canvas: ZoomCanvas, rgb: RgbArray) -> int:
    """Every picture pixel whose middle is in the view has its own colour there; how many were compared."""
    shown = canvas.grab().toImage()
    compared = 0
    for y in range(rgb.shape[0]):
        for x in range(rgb.shape[1]):
            at = canvas.fromImage(QPointF(x + 0.5, y + 0.5)).toPoint()
            if canvas.rect().adjusted(2, 2, -2, -2).contains(at):
                assert shown.pixelColor(at) == QColor(*map(int, rgb[y, x])), (x, y)
                compared += 1
    return compared


def test_small_picture_fills_the_view_pixel_by_pixel(view: ImageView) -> None:
    rgb = noise(13, 17)
    view.setImage(rgb)
    assert view.canvas().isAtFit()
    assert assert_pixels_stand_where_they_belong(view.canvas(), rgb) == 13 * 17


def test_picture_at_100_percent_is_exact(view: ImageView) -> None:
    rgb = noise(8, 9)
    view.setImage(rgb)
    view.actualSize()
    assert view.zoomText() == "100 %"
    shown = to_array(view.canvas().grab().toImage())
    places = np.lib.stride_tricks.sliding_window_view(shown, rgb.shape)[:, :, 0]
    assert (places == rgb).all(axis=(2, 3, 4)).sum() == 1


def test_wheel_keeps_the_point_under_the_cursor(view: ImageView) -> None:
    rgb = noise(300, 400)
    view.setImage(rgb)
    canvas = view.canvas()
    canvas.zoomTo(8.0)
    at = QPointF(123, 201)
    point = canvas.toImage(at)
    for steps in (1, 2, -1, 0.25):
        before = canvas.scale()
        wheel(canvas, steps, at)
        assert (canvas.scale() > before) == (steps > 0)
        assert near(canvas.toImage(at), point)
    assert assert_pixels_stand_where_they_belong(canvas, rgb) > 100


def test_zoom_ends_at_5_and_3200_percent(view: ImageView) -> None:
    view.setImage(noise(300, 400))
    canvas = view.canvas()
    for _ in range(60):
        view.zoomIn()
    assert view.zoomText() == "3200 %"
    for _ in range(90):
        view.zoomOut()
    assert canvas.scale() == pytest.approx(0.05)
    assert canvas.rect().contains(canvas.fromImage(QPointF(200, 150)).toPoint())


def test_dragging_moves_the_picture_and_never_loses_it(view: ImageView) -> None:
    view.setImage(noise(300, 400))
    canvas = view.canvas()
    canvas.zoomTo(8.0)
    for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
        start = QPoint(200, 200)
        point = canvas.toImage(QPointF(start))
        QTest.mousePress(canvas, button, pos=start)
        QTest.mouseMove(canvas, start + QPoint(37, -21))
        QTest.mouseRelease(canvas, button, pos=start + QPoint(37, -21))
        assert near(canvas.toImage(QPointF(start + QPoint(37, -21))), point)
    for _ in range(40):
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
        QTest.mouseMove(canvas, QPoint(600, 400))
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(600, 400))
    whole = QRect(canvas.fromImage(QPointF(0, 0)).toPoint(), canvas.fromImage(QPointF(400, 300)).toPoint())
    assert whole.intersects(canvas.rect())


def test_new_picture_keeps_fit_or_the_chosen_zoom(view: ImageView) -> None:
    view.setImage(noise(300, 400))
    view.setImage(noise(50, 20))
    canvas = view.canvas()
    assert canvas.isAtFit()
    assert canvas.scale() == canvas.fitScale()
    view.setImage(noise(300, 400))
    canvas.zoomTo(3.0, QPointF(100, 100))
    point = canvas.toImage(QPointF(100, 100))
    view.setMessage("Loading")
    view.setImage(noise(300, 400))
    assert canvas.scale() == 3.0
    assert near(canvas.toImage(QPointF(100, 100)), point)


def test_fit_follows_the_size_of_the_view(view: ImageView) -> None:
    view.setImage(noise(300, 400))
    small = view.canvas().scale()
    view.resize(1200, 1000)
    QApplication.sendPostedEvents()
    assert view.canvas().scale() > small * 1.5
    assert view.canvas().scale() == view.canvas().fitScale()


def test_keys(view: ImageView) -> None:
    view.setImage(noise(300, 400))
    view.setOverlayVisible(True)
    canvas = view.canvas()
    fit = canvas.scale()
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.scale() > fit
    QTest.keyClick(canvas, Qt.Key.Key_Minus)
    assert canvas.scale() == pytest.approx(fit)
    QTest.keyClick(canvas, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert canvas.scale() == 1.0
    QTest.keyClick(canvas, Qt.Key.Key_F)
    assert canvas.isAtFit()
    QTest.keyClick(canvas, Qt.Key.Key_Z)
    assert canvas.scale() == 1.0
    QTest.keyClick(canvas, Qt.Key.Key_Z)
    assert canvas.isAtFit()
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert canvas.scale() == 1.0
    told: list[bool] = []
    view.overlayVisibleChanged.connect(told.append)
    QTest.keyClick(canvas, Qt.Key.Key_O)
    QTest.keyClick(canvas, Qt.Key.Key_O)
    assert told == [False, True]


def test_a_thin_line_of_pixels_is_still_seen(view: ImageView) -> None:
    for shape in ((10_000, 1), (1, 10_000), (1, 1)):
        view.setImage(np.full((*shape, 3), (255, 0, 0), dtype=np.uint8))
        shown = view.canvas().grab().toImage()
        middle = view.canvas().rect().center()
        area = [shown.pixelColor(middle + QPoint(x, y)) for x in range(-2, 3) for y in range(-2, 3)]
        assert any(color.red() > 200 and color.green() < 60 for color in area), shape
        view.actualSize()
        view.fit()


def test_a_message_replaces_the_picture_and_a_picture_the_message(view: ImageView) -> None:
    red = np.full((100, 100, 3), (255, 0, 0), dtype=np.uint8)
    view.setImage(red)
    middle = view.canvas().rect().center()
    view.setMessage("cat.jpg is broken", "It ends after 512 bytes.")
    words = view.canvas().grab().toImage()
    assert not any(words.pixelColor(middle + QPoint(x, 40)) == QColor(255, 0, 0) for x in range(-50, 50))
    assert "512 bytes" in view.canvas().accessibleDescription()
    assert view.zoomText() == ""
    view.setImage(red)
    assert view.canvas().grab().toImage().pixelColor(middle) == QColor(255, 0, 0)
    assert view.zoomText() != ""
    view.setImage(None)
    assert "gallery" in view.canvas().accessibleDescription()


def test_setters_say_nothing(view: ImageView) -> None:
    told: list[str] = []
    view.labelChosen.connect(lambda _: told.append("label"))
    view.overlayVisibleChanged.connect(lambda _: told.append("visible"))
    view.overlayModeChanged.connect(lambda *_: told.append("mode"))
    view.zoomChanged.connect(lambda _: told.append("zoom"))
    view.setLabels(["a", "b", "c"])
    view.setImage(noise(30, 40))
    view.setImage(noise(400, 40))
    view.setMessage("Loading")
    view.setOverlayVisible(False)
    view.setOverlayMode("all", 3)
    view.setOverlayMode("top", 2)
    view.setCurrentLabel(1)
    view.setCaption("a.png")
    view.setImage(None)
    assert told == []


def test_the_user_chooses_what_the_overlay_lists(view: ImageView, qtbot: QtBot) -> None:
    view.setLabels([str(i) for i in range(20)])
    told: list[tuple[str, int]] = []
    view.overlayModeChanged.connect(lambda mode, k: told.append((mode, k)))
    box, number = view.findChild(QComboBox), view.findChild(QSpinBox)
    assert isinstance(box, QComboBox)
    assert isinstance(number, QSpinBox)
    number.setValue(8)
    assert number.isVisible()
    box.setCurrentIndex(1)
    assert not number.isVisible()
    box.setCurrentIndex(2)
    assert told == [("top", 8), ("predicted", 8), ("all", 8)]


def test_every_control_has_a_name_and_a_long_caption_does_not_widen(view: ImageView) -> None:
    view.setCaption("a" * 500)
    assert view.minimumSizeHint().width() < 640
    for child in view.findChildren(QWidget):
        if child.focusPolicy() != Qt.FocusPolicy.NoFocus and child.parent() is view:
            assert child.accessibleName(), child


def test_image_given_as_a_slice_is_shown_right(view: ImageView) -> None:
    rgb = noise(26, 34)[::2, ::2]
    view.setImage(rgb)
    assert_pixels_stand_where_they_belong(view.canvas(), rgb)


def test_twice_the_screen_pixels_show_100_percent_at_half_the_width() -> None:
    script = (
        "import numpy as np\n"
        "from PySide6.QtCore import QPointF\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from widgets.image_view import ImageView\n"
        "app = QApplication([])\n"
        "view = ImageView(); view.resize(640, 520); view.show()\n"
        "view.setImage(np.zeros((100, 200, 3), np.uint8)); view.actualSize()\n"
        "canvas = view.canvas()\n"
        "print(canvas.fromImage(QPointF(200, 0)).x() - canvas.fromImage(QPointF(0, 0)).x())\n"
    )
    environment = {"QT_SCALE_FACTOR": "2", "QT_QPA_PLATFORM": "offscreen", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert float(done.stdout) == pytest.approx(100.0)


# The pyramid under it


def brute_force(rgb: RgbArray, factor: int) -> np.ndarray:
    height, width = -(-rgb.shape[0] // factor) * factor, -(-rgb.shape[1] // factor) * factor
    padded = np.pad(rgb, ((0, height - rgb.shape[0]), (0, width - rgb.shape[1]), (0, 0)), mode="edge").astype(float)
    cells = padded.reshape(height // factor, factor, width // factor, factor, 3)
    mean: np.ndarray = cells.mean(axis=(1, 3))
    return mean


def level_pixels(pyramid: Pyramid, level: int) -> np.ndarray:
    image = pyramid.image(level, QRect(0, 0, 100_000, 100_000))
    raw = np.frombuffer(image.constBits(), dtype=np.uint8, count=image.bytesPerLine() * image.height())
    rows = raw.reshape(image.height(), image.bytesPerLine())[:, : image.width() * 3]
    return rows.reshape(image.height(), -1, 3).copy()  # the memory is the pyramid's


@pytest.mark.parametrize("shape", [(640, 530), (1, 700), (700, 1), (3, 5), (513, 1027)])
@pytest.mark.parametrize("level", [1, 2])
def test_levels_are_means_of_cells(shape: tuple[int, int], level: int) -> None:
    rgb = noise(*shape)
    difference = np.abs(level_pixels(Pyramid(rgb), level) - brute_force(rgb, 1 << level))
    assert difference.max() <= 0.5 + 1e-9


def test_coarse_levels_keep_the_look_of_the_picture() -> None:
    y, x = np.mgrid[:1000, :900]
    rgb = np.stack([x / 900 * 255, y / 1000 * 255, (x + y) / 1900 * 255], axis=-1).astype(np.uint8)
    for level in (3, 4, 5):
        assert np.abs(level_pixels(Pyramid(rgb), level) - brute_force(rgb, 1 << level)).max() <= 4


def test_level_has_at_least_a_pixel_for_each_of_the_screen() -> None:
    pyramid = Pyramid(np.zeros((4000, 4000, 3), dtype=np.uint8))
    for scale in (0.03, 0.06, 0.125, 0.2, 0.25, 0.3, 0.49, 0.5, 0.7, 1, 32):
        level = pyramid.level_for(scale)
        assert (1 << level) * scale <= 1 or level == 0
        assert (2 << level) * scale > 1


def test_only_what_is_looked_at_is_made() -> None:
    pyramid = Pyramid(np.zeros((4000, 4000, 3), dtype=np.uint8))
    pyramid.image(1, QRect(2 * TILE, 2 * TILE, 2 * TILE + 1, 2 * TILE))
    filled = pyramid._levels[1].filled
    assert filled.sum() == 2
    assert filled[1, 1]
    assert filled[1, 2]


def test_a_huge_picture_is_drawn_coarse_until_it_is_fine() -> None:
    pyramid = Pyramid(noise(1500, 2000))
    whole = QRect(0, 0, 2000, 1500)
    drawn: list[int] = []
    while not drawn or drawn[-1] != 1:
        drawn.append(pyramid.best_level(1, whole, budget=3))
        assert pyramid._levels[1].filled.sum() <= 3 * len(drawn)
    assert len(drawn) > 2
    assert all(level > 1 for level in drawn[:-1])
    assert np.abs(level_pixels(pyramid, 1) - brute_force(pyramid._rgb, 2)).max() <= 0.5


def test_a_huge_picture_becomes_fine_by_itself(view: ImageView, qtbot: QtBot) -> None:
    y, x = np.mgrid[:3000, :3000]
    checks = (((x // 40) + (y // 40)) % 2 * 255).astype(np.uint8)
    rgb = np.repeat(checks[:, :, np.newaxis], 3, axis=2)
    view.resize(900, 900)
    view.setImage(rgb)
    canvas = view.canvas()
    canvas.zoomTo(0.26)  # cells of 10 screen pixels; level 1, many tiles

    def is_fine() -> bool:
        shown = canvas.grab().toImage()
        middle = [canvas.fromImage(QPointF(cx * 40 + 20, cy * 40 + 20)).toPoint() for cx in (36, 37) for cy in (36, 37)]
        return [shown.pixelColor(at).red() for at in middle] == [0, 255, 255, 0]

    qtbot.waitUntil(is_fine)


def test_the_wished_number_of_scores_outlasts_a_model_with_fewer_labels(view: ImageView) -> None:
    box, overlay = view.findChild(QSpinBox), view.findChild(ScoreOverlay)
    assert isinstance(box, QSpinBox)
    assert isinstance(overlay, ScoreOverlay)
    for n_labels, listed in ((50, 5), (3, 3), (50, 5)):
        view.setLabels([str(i) for i in range(n_labels)])
        scores = np.linspace(0.1, 0.4, n_labels, dtype=np.float32)
        view.setImageScores(image_of(list(scores), [0] * n_labels, np.full(n_labels, 0.5, np.float32)))
        assert box.value() == len(overlay.rows().all) == listed
    box.setValue(7)
    view.setLabels(["a", "b"])
    told: list[int] = []
    view.overlayModeChanged.connect(lambda _mode, k: told.append(k))
    modes = view.findChild(QComboBox)
    assert isinstance(modes, QComboBox)
    modes.setCurrentIndex(1)
    assert told == [7]
