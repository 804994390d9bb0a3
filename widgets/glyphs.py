"""One glyph an outcome, told apart by shape as well as colour.

What is predicted is filled, what is not is hollow: a disc with a tick (TP), a triangle (FP), a diamond (FN),
a small ring (TN), a question mark (unknown).
"""

from __future__ import annotations

import math
from typing import Final

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF, qGray

from inference.types import NEGATIVE, POSITIVE, UNKNOWN, Outcome
from widgets.theme import current_theme

OUTCOME_TEXT: Final[dict[Outcome, str]] = {
    Outcome.UNKNOWN: "unknown: nobody said whether the label is there",
    Outcome.TP: "TP: predicted, annotated positive",
    Outcome.FP: "FP: predicted, annotated negative",
    Outcome.FN: "FN: not predicted, annotated positive",
    Outcome.TN: "TN: not predicted, annotated negative",
}

# What the mark beside a score says of the annotation, by the value in a TruthArray.
TRUTH_TEXT: Final[dict[int, str]] = {
    POSITIVE: "+ means: annotated positive, the label is there",
    NEGATIVE: "\N{MINUS SIGN} means: annotated negative, the label is not there",
    UNKNOWN: "? means: unknown, nobody said whether the label is there",
}


def outcome_color(outcome: Outcome) -> QColor:
    """The outcome's colour in the theme in force."""
    return QColor(current_theme().outcome[Outcome(outcome)])


def paint_outcome(painter: QPainter, rect: QRectF, outcome: Outcome, color: QColor | None = None) -> None:
    """Draw the glyph into the largest square in the middle of ``rect``, in ``color`` or the outcome's own."""
    ink = color if color is not None else outcome_color(outcome)
    side = min(rect.width(), rect.height())
    box = QRectF(0.0, 0.0, side, side)
    box.moveCenter(rect.center())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(ink, max(1.2, side * 0.13))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    _PAINTERS[Outcome(outcome)](painter, box, pen)
    painter.restore()


def _fill(painter: QPainter, pen: QPen) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(pen.color())


def _hollow(painter: QPainter, pen: QPen) -> None:
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_tp(painter: QPainter, box: QRectF, pen: QPen) -> None:
    """A disc from which a tick is cut, so that it reads on any background."""
    side = box.width()
    tick = QPainterPath(box.topLeft() + QPointF(side * 0.30, side * 0.53))
    tick.lineTo(box.topLeft() + QPointF(side * 0.45, side * 0.67))
    tick.lineTo(box.topLeft() + QPointF(side * 0.71, side * 0.36))
    disc = QPainterPath()
    disc.addEllipse(box.adjusted(side * 0.04, side * 0.04, -side * 0.04, -side * 0.04))
    _fill(painter, pen)
    painter.drawPath(disc)
    dark_ink = qGray(pen.color().rgb()) < 110
    pen.setColor(QColor("#ffffff" if dark_ink else "#101214"))
    _hollow(painter, pen)
    painter.drawPath(tick)


def _paint_fp(painter: QPainter, box: QRectF, pen: QPen) -> None:
    side = box.width()
    corners = [QPointF(0.5, 0.06), QPointF(0.97, 0.90), QPointF(0.03, 0.90)]
    _fill(painter, pen)
    painter.drawPolygon(QPolygonF([box.topLeft() + point * side for point in corners]))


def _paint_fn(painter: QPainter, box: QRectF, pen: QPen) -> None:
    half = box.width() * 0.5 - pen.widthF() * 0.6
    centre = box.center()
    points = [QPointF(math.sin(a) * half, -math.cos(a) * half) for a in (k * math.pi / 2 for k in range(4))]
    _hollow(painter, pen)
    painter.drawPolygon(QPolygonF([centre + point for point in points]))


def _paint_tn(painter: QPainter, box: QRectF, pen: QPen) -> None:
    pen.setWidthF(max(1.0, box.width() * 0.09))
    radius = box.width() * 0.24
    _hollow(painter, pen)
    painter.drawEllipse(box.center(), radius, radius)


def _paint_unknown(painter: QPainter, box: QRectF, pen: QPen) -> None:
    """A question mark drawn as strokes: fonts differ too much at this size."""
    side = box.width()
    hook = QPainterPath()
    hook.arcMoveTo(QRectF(box.left() + side * 0.28, box.top() + side * 0.10, side * 0.44, side * 0.40), 170)
    hook.arcTo(QRectF(box.left() + side * 0.28, box.top() + side * 0.10, side * 0.44, side * 0.40), 170, -240)
    hook.lineTo(box.left() + side * 0.5, box.top() + side * 0.66)
    _hollow(painter, pen)
    painter.drawPath(hook)
    dot = box.topLeft() + QPointF(side * 0.5, side * 0.88)
    painter.drawLine(QLineF(dot, dot + QPointF(0.01, 0.0)))


_PAINTERS: Final = {
    Outcome.UNKNOWN: _paint_unknown,
    Outcome.TP: _paint_tp,
    Outcome.FP: _paint_fp,
    Outcome.FN: _paint_fn,
    Outcome.TN: _paint_tn,
}
