"""One row of the overlay, painted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from inference.types import NEGATIVE, POSITIVE, ImageScores, Outcome
from widgets.glyphs import outcome_color, paint_outcome
from widgets.overlay_rows import score_text, shows_threshold
from widgets.theme import current_theme

PANEL_ALPHA: Final = 0.93  # text keeps 4.5:1 over pure white and pure black
_TINT: Final = 0.16
_GAP: Final = 6.0


def panel_color() -> QColor:
    """The panel's backing."""
    color = QColor(current_theme().surface)
    color.setAlphaF(PANEL_ALPHA)
    return color


def paint_header(painter: QPainter, rect: QRectF, text: str, *, folded: bool) -> None:
    """The panel's first line, with an arrow at its end that points to where a click would go."""
    theme = current_theme()
    metrics = QFontMetricsF(painter.font())
    side = metrics.height() * 0.32
    centre = QPointF(rect.right() - side, rect.center().y())
    down = 1.0 if folded else -1.0
    arrow = [QPointF(-side, -side / 2 * down), QPointF(side, -side / 2 * down), QPointF(0, side / 2 * down)]
    room = rect.adjusted(0, 0, -side * 3, 0)
    painter.setPen(QColor(theme.muted))
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.muted))
    painter.drawPolygon(QPolygonF([centre + point for point in arrow]))


def paint_notes(painter: QPainter, first: QRectF, texts: Sequence[str]) -> None:
    """Lines under the rows, the first of them in ``first``."""
    metrics = QFontMetricsF(painter.font())
    upright, italic = painter.font(), QFont(painter.font())
    italic.setItalic(True)
    painter.setFont(italic)
    painter.setPen(QColor(current_theme().text))
    for number, text in enumerate(texts):
        room = first.translated(0, number * first.height())
        elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), elided)
    painter.setFont(upright)


class RowPainter:
    """Paints rows of one image with one painter, from left to right: glyph, name, bar, score, truth."""

    def __init__(
        self, painter: QPainter, font: QFont, image: ImageScores, labels: Sequence[str], score_width: float
    ) -> None:
        self._painter = painter
        self._image = image
        self._outcomes = image.outcomes
        self._labels = labels
        self._font = font
        self._bold = QFont(font)
        self._bold.setBold(True)
        self._metrics = QFontMetricsF(font)
        self._bold_metrics = QFontMetricsF(self._bold)
        self._score_width = score_width

    def paint(self, rect: QRectF, label: int, *, current: bool) -> None:
        """One label's row inside ``rect``."""
        image = self._image
        predicted = bool(image.predicted[label])
        outcome = Outcome(int(self._outcomes[label])) if image.annotated else Outcome.UNKNOWN
        self._paint_ground(rect, predicted, current)
        side = self._metrics.ascent()
        glyph = QRectF(rect.left(), rect.center().y() - side / 2, side, side)
        truth = QRectF(rect.right() - side, glyph.top(), side, side)
        score = QRectF(truth.left() - _GAP - self._score_width, rect.top(), self._score_width, rect.height())
        middle = QRectF(glyph.right() + _GAP, rect.top(), score.left() - glyph.right() - 2 * _GAP, rect.height())
        name = QRectF(middle.left(), rect.top(), middle.width() * 0.52, rect.height())
        bar = QRectF(name.right() + _GAP, rect.top(), middle.right() - name.right() - _GAP, rect.height())
        if image.annotated:
            paint_outcome(self._painter, glyph, outcome)
        self._paint_name(name, label, predicted)
        self._paint_bar(bar, label, predicted, outcome)
        self._paint_score(score, label)
        self._paint_truth(truth, label)

    def _paint_ground(self, rect: QRectF, predicted: bool, current: bool) -> None:
        if not predicted and not current:
            return
        accent = QColor(current_theme().accent)
        ground = rect.adjusted(-4, 1, 4, -1)
        self._painter.setPen(QPen(accent, 1) if current else Qt.PenStyle.NoPen)
        tint = QColor(accent)
        tint.setAlphaF(_TINT if predicted else 0.0)
        self._painter.setBrush(tint)
        self._painter.drawRoundedRect(ground, 3, 3)

    def _paint_name(self, rect: QRectF, label: int, predicted: bool) -> None:
        theme = current_theme()
        metrics = self._bold_metrics if predicted else self._metrics
        self._painter.setFont(self._bold if predicted else self._font)
        self._painter.setPen(QColor(theme.text))
        name = self._labels[label].replace("\n", " ")
        text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, rect.width())
        self._painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), text)
        self._painter.setFont(self._font)

    def _paint_bar(self, rect: QRectF, label: int, predicted: bool, outcome: Outcome) -> None:
        theme = current_theme()
        score = float(self._image.scores[label])
        score = 0.0 if math.isnan(score) else score
        height = max(6.0, self._metrics.ascent() * 0.6)
        track = QRectF(rect.left(), rect.center().y() - height / 2, rect.width(), height)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(QColor(theme.track))
        self._painter.drawRoundedRect(track, 2, 2)
        color = outcome_color(outcome)
        if outcome == Outcome.UNKNOWN and predicted:
            color = QColor(theme.positive)
        filled = QRectF(track.left(), track.top(), track.width() * min(max(score, 0.0), 1.0), height)
        if predicted:
            self._painter.setBrush(color)
            self._painter.drawRoundedRect(filled, 2, 2)
        elif filled.width() > 0:
            self._paint_hollow(filled, color)
        if shows_threshold(self._image, label):
            self._paint_tick(track, float(self._image.thresholds[label]))

    def _paint_hollow(self, rect: QRectF, color: QColor) -> None:
        """Not predicted: an outline with a weak filling."""
        weak = QColor(color)
        weak.setAlphaF(0.3)
        self._painter.setPen(QPen(color, 1))
        self._painter.setBrush(weak)
        inner = rect.adjusted(0.5, 0.5, -0.5, -0.5)
        self._painter.drawRoundedRect(inner if inner.width() > 0 else rect, 2, 2)

    def _paint_tick(self, track: QRectF, threshold: float) -> None:
        theme = current_theme()
        x = track.left() + track.width() * min(max(threshold, 0.0), 1.0)
        line = QLineF(QPointF(x, track.top() - 2.5), QPointF(x, track.bottom() + 2.5))
        for color, width in ((theme.surface, 4.0), (theme.text, 1.8)):
            pen = QPen(QColor(color), width)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            self._painter.setPen(pen)
            self._painter.drawLine(line)

    def _paint_score(self, rect: QRectF, label: int) -> None:
        threshold = float(self._image.thresholds[label]) if shows_threshold(self._image, label) else None
        self._painter.setPen(QColor(current_theme().text))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        self._painter.drawText(rect, int(flags), score_text(float(self._image.scores[label]), threshold))

    def _paint_truth(self, rect: QRectF, label: int) -> None:
        """Plus for annotated positive, minus for negative, a question mark for unknown; nothing where nobody looked."""
        if not self._image.annotated:
            return
        truth = int(self._image.truth[label])
        if truth not in (POSITIVE, NEGATIVE):
            paint_outcome(self._painter, rect, Outcome.UNKNOWN)
            return
        theme = current_theme()
        half = rect.width() * 0.3
        self._painter.setPen(QPen(QColor(theme.text if truth == POSITIVE else theme.muted), 2))
        centre = rect.center()
        self._painter.drawLine(QLineF(centre - QPointF(half, 0), centre + QPointF(half, 0)))
        if truth == POSITIVE:
            self._painter.drawLine(QLineF(centre - QPointF(0, half), centre + QPointF(0, half)))
