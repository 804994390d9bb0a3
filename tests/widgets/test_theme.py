from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QMenu, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from inference.types import Outcome
from widgets.glyphs import OUTCOME_TEXT, paint_outcome
from widgets.overlay_paint import PANEL_ALPHA
from widgets.theme import DARK, LIGHT, Theme, apply_theme, current_theme, palette

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


def linear(color: str) -> np.ndarray:
    channels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(color: str) -> float:
    return float(linear(color) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def over(color: str, ground: str, alpha: float) -> str:
    mixed = (round(int(color[i : i + 2], 16) * alpha + int(ground[i : i + 2], 16) * (1 - alpha)) for i in (1, 3, 5))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def test_contrast_formula_gives_the_known_extremes() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@THEMES
def test_text_reads_on_every_background(theme: Theme) -> None:
    for ground in (theme.window, theme.surface, theme.raised):
        for ink in (theme.text, theme.muted, theme.accent, theme.error, theme.warning):
            assert contrast(ink, ground) >= 4.5, (ink, ground)
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.text, theme.track) >= 4.5


@THEMES
def test_marks_stand_out_from_every_background(theme: Theme) -> None:
    marks = [theme.border, theme.accent, theme.positive, theme.negative, *theme.outcome.values()]
    for ground in (theme.window, theme.surface, theme.raised):
        for mark in marks:
            assert contrast(mark, ground) >= 3.0, (mark, ground)


@THEMES
@pytest.mark.parametrize("picture", ["#000000", "#ffffff"])
def test_overlay_panel_reads_on_black_and_white_pictures(theme: Theme, picture: str) -> None:
    panel = over(theme.surface, picture, PANEL_ALPHA)
    tinted = over(theme.accent, panel, 0.16)
    for ground in (panel, tinted):
        for ink in (theme.text, theme.muted):
            assert contrast(ink, ground) >= 4.5, (ink, ground)
        for mark in theme.outcome.values():
            assert contrast(mark, ground) >= 3.0, (mark, ground)


# Viénot, Brettel and Mollon 1999: dichromatic vision in linear RGB.
DEFICIENCIES = {
    "protan": [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
    "deutan": [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
}


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB, white D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(np.clip(to_xyz @ rgb / [0.9505, 1.0, 1.089], 0.0089, None))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@THEMES
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_right_wrong_and_missed_differ_for_colour_blind_eyes(theme: Theme, deficiency: str) -> None:
    matrix = np.array(DEFICIENCIES[deficiency])
    shown = [lab(matrix @ linear(theme.outcome[outcome])) for outcome in (Outcome.TP, Outcome.FP, Outcome.FN)]
    for one, other in itertools.combinations(shown, 2):
        assert np.linalg.norm(one - other) > 15


def glyph_mask(outcome: Outcome, size: int) -> np.ndarray:
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint_outcome(painter, QRectF(0, 0, size, size), outcome, QColor("#000000"))
    painter.end()
    bits = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(size, size, 4)
    # The tick in the disc is lighter than the disc: it counts as empty.
    return (bits[:, :, 3] > 127) & (bits[:, :, 0] < 128)


@pytest.mark.parametrize("size", [12, 16, 32])
def test_outcomes_differ_in_shape_alone(size: int, qapp: QApplication) -> None:
    masks = {outcome: glyph_mask(outcome, size) for outcome in Outcome}
    for one, other in itertools.combinations(Outcome, 2):
        union = (masks[one] | masks[other]).sum()
        assert (masks[one] ^ masks[other]).sum() > 0.35 * union, (one, other)


def test_glyph_stays_inside_its_rectangle(qapp: QApplication) -> None:
    for outcome in Outcome:
        image = QImage(40, 40, QImage.Format.Format_ARGB32)
        image.fill(QColor("#ffffff"))
        painter = QPainter(image)
        paint_outcome(painter, QRectF(10, 10, 20, 20), outcome)
        painter.end()
        pixels = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(40, 40, 4)[:, :, :3]
        ys, xs = np.nonzero((pixels != 255).any(axis=2))
        assert len(ys)
        assert ys.min() >= 10
        assert xs.min() >= 10
        assert ys.max() < 30
        assert xs.max() < 30


def test_every_outcome_has_words() -> None:
    assert set(OUTCOME_TEXT) == set(Outcome)


def test_apply_theme_reaches_widgets_that_exist(qapp: QApplication, qtbot: QtBot) -> None:
    label = QLabel("0.82")
    qtbot.addWidget(label)
    label.show()
    assert current_theme() is LIGHT
    apply_theme(qapp, DARK)
    assert current_theme() is DARK
    assert label.palette().color(QPalette.ColorRole.Window) == QColor(DARK.window)
    assert label.grab().toImage().pixelColor(0, 0) == QColor(DARK.window)


@THEMES
def test_disabled_text_still_reads(theme: Theme, qapp: QApplication) -> None:
    roles = palette(theme)
    ink = roles.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Text).name()
    ground = roles.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Base).name()
    assert contrast(ink, ground) >= 4.5


def left_edge(widget: QWidget, inset: int = 0, reach: int = 4) -> list[str]:
    """The colours that a walk from the left meets at half height."""
    picture = widget.grab().toImage()
    return [picture.pixelColor(inset + x, picture.height() // 2).name() for x in range(reach)]


@THEMES
@pytest.mark.parametrize("kind", [QCheckBox, QSpinBox, QComboBox])
def test_boxes_have_an_outline_that_can_be_seen(
    theme: Theme, kind: type[QWidget], qapp: QApplication, qtbot: QtBot
) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    box = kind(host)
    host.show()  # before the theme changes: it must reach what exists
    box.setGeometry(10, 10, 80, box.sizeHint().height())
    apply_theme(qapp, theme)
    outlines = [contrast(color, theme.window) for color in left_edge(box)]
    assert max(outlines) >= 2.9


@THEMES
def test_check_marks_of_a_menu_and_its_ground(theme: Theme, qapp: QApplication, qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    menu.addAction(" ").setCheckable(True)
    apply_theme(qapp, theme)
    shown = left_edge(menu, inset=3, reach=14)
    assert max(contrast(color, theme.surface) for color in shown) >= 2.9
    assert contrast(shown[0], theme.text) >= 4.5


@pytest.mark.qt_log_ignore("does not support")  # of popups, on the offscreen platform
@THEMES
def test_the_list_of_a_combo_box_reads(theme: Theme, qapp: QApplication, qtbot: QtBot) -> None:
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItems(["one", "two"])
    apply_theme(qapp, theme)
    box.show()
    box.showPopup()
    picture = box.view().viewport().grab().toImage()
    ground = picture.pixelColor(picture.width() - 2, picture.height() - 4).name()
    box.hidePopup()
    assert contrast(ground, theme.text) >= 4.5
