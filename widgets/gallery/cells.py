"""Where the cells of the list stand and what is painted into each: a caption strip in the grid, a line in the list.

One painter does all cells of a frame: Qt's way, a delegate called for each with an option of its own, takes three times
as long, and a frame of 60 cells has 16 ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QImage, QPainter, QPen, QPixmap

from inference.types import Outcome
from widgets.gallery.facts import CellFacts
from widgets.gallery.marks import marks_width, paint_marks, paint_tick, paint_word
from widgets.gallery.thumbnails import FittedThumbnails
from widgets.glyphs import paint_outcome
from widgets.theme import current_theme

_PAD: Final = 4
_PENDING_OPACITY: Final = 0.7
_NAME_FAIR: Final = 22  # characters beside the verdict in the list; where there is room for fewer it stands above
_MARK_SIDE: Final = 0.85  # of a letter's height above the line
_LEFT: Final = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine)
_RIGHT: Final = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight | Qt.TextFlag.TextSingleLine)


@dataclass(frozen=True)
class CellLayout:
    """The size of every cell, and how many stand side by side."""

    grid: bool
    columns: int
    cell: QSize
    stacked: bool  # in the list: the name of a line above its verdict

    @classmethod
    def fit(cls, metrics: QFontMetrics, width: int, *, grid: bool) -> CellLayout:
        """For a view ``width`` wide; cells grow with the font."""
        line = metrics.height()
        columns = max(1, width // (line * 7)) if grid else 1
        # Qt wraps a row that is exactly as wide as the view, hence the 2.
        across = max((width - 2) // columns, line * 4) if grid else max(width - 2, 1)
        beside = line * 2.5 + _verdict_width(metrics) + metrics.averageCharWidth() * _NAME_FAIR
        stacked = across < beside + 4 * _PAD
        row = line * 2 + (2 * _PAD + 3 if stacked else 2)
        down = round(across * 0.8) + line + 3 * _PAD if grid else row
        return cls(grid, columns, QSize(across, down), stacked)

    def rect(self, row: int) -> QRect:
        """Where a row's cell stands in the whole list."""
        width, height = self.cell.width(), self.cell.height()
        return QRect(row % self.columns * width, row // self.columns * height, width, height)

    def rows(self, top: int, bottom: int, count: int) -> range:
        """The rows, of ``count``, that have something between two heights of the whole list (``bottom`` included)."""
        height = self.cell.height()
        first, last = top // height * self.columns, (bottom // height + 1) * self.columns
        return range(min(max(first, 0), count), min(max(last, 0), count))


class CellPainter:
    """Paints cells of one frame with one painter."""

    def __init__(self, painter: QPainter, font: QFont, layout: CellLayout, fitted: FittedThumbnails) -> None:
        theme = current_theme()
        self._painter = painter
        self._layout = layout
        self._fitted = fitted
        self._metrics = QFontMetricsF(font)
        self._ascent, self._height = self._metrics.ascent(), self._metrics.height()
        self._ratio = painter.device().devicePixelRatioF()
        self._text, self._muted = QColor(theme.text), QColor(theme.muted)
        self._line = QPen(QColor(theme.line), 1)
        self._track, self._accent = QColor(theme.track), QColor(theme.accent)
        self._glyphs: dict[Outcome, QPixmap] = {}
        painter.setFont(font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def paint(self, cell: QRect, facts: CellFacts) -> None:
        """One image."""
        rect = QRectF(cell).adjusted(1, 1, -1, -1)
        if facts.selected:
            self._paint_ground(rect, current=facts.current)
        inner = rect.adjusted(_PAD, _PAD, -_PAD, -_PAD)
        if self._layout.grid:
            self._paint_cell(inner, facts)
        elif self._layout.stacked:
            self._paint_stacked(inner, facts)
        else:
            self._paint_line(inner, facts)

    # A cell of each kind

    def _paint_cell(self, rect: QRectF, facts: CellFacts) -> None:
        picture = rect.adjusted(0, 0, 0, -self._height - 2)
        self._paint_thumbnail(picture, facts)
        if facts.says_unannotated:
            paint_word(self._painter, picture, "not annotated")
        if facts.marks:
            side = self._ascent * _MARK_SIDE
            paint_marks(self._painter, picture.bottomLeft() + QPointF(2, -2), side, facts.marks)
        caption = QRectF(rect.left(), picture.bottom() + 2, rect.width(), self._height)
        used = self._paint_verdict(caption, facts) + 6
        self._paint_short_name(caption.adjusted(used, 0, 0, 0), facts.name)

    def _paint_stacked(self, rect: QRectF, facts: CellFacts) -> None:
        """The name above, the verdict and the remark below."""
        words = rect.adjusted(self._paint_small_picture(rect, rect.height(), facts) + _PAD + 2, 0, 0, 0)
        name, verdict = QRectF(words), QRectF(words)
        name.setHeight(words.height() / 2)
        verdict.setTop(name.bottom())
        self._paint_name(name, facts.name)
        used = self._paint_verdict(verdict, facts)
        self._paint_remark(verdict.adjusted(used + 8, 0, 0, 0), facts)

    def _paint_line(self, rect: QRectF, facts: CellFacts) -> None:
        """Verdict, name and remark in one line."""
        words = rect.adjusted(self._paint_small_picture(rect, rect.height() * 1.25, facts) + 2 * _PAD, 0, 0, 0)
        self._paint_verdict(words, facts)
        name = words.adjusted(_verdict_width(self._metrics) + 6, 0, 0, 0)
        used = self._paint_remark(name.adjusted(name.width() * 0.4, 0, 0, 0), facts)
        self._paint_name(name.adjusted(0, 0, -used, 0), facts.name)

    # Parts

    def _paint_ground(self, rect: QRectF, *, current: bool) -> None:
        """The current image has a strong frame, the others of the selection a thin one."""
        tint = QColor(self._accent)
        tint.setAlphaF(0.14)
        self._painter.setPen(QPen(self._accent, 2 if current else 1))
        self._painter.setBrush(tint)
        self._painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _paint_small_picture(self, rect: QRectF, width: float, facts: CellFacts) -> float:
        self._paint_thumbnail(QRectF(rect.left(), rect.top(), width, rect.height()), facts)
        return width

    def _paint_thumbnail(self, rect: QRectF, facts: CellFacts) -> None:
        painter = self._painter
        if facts.thumbnail is not None:
            target = _fitted(facts.thumbnail, rect, self._ratio)
            width, height = round(target.width() * self._ratio), round(target.height() * self._ratio)
            if facts.pending:
                painter.setOpacity(_PENDING_OPACITY)
            painter.drawImage(target, self._fitted.get(facts.image, facts.thumbnail, width, height))
            painter.setOpacity(1.0)
            painter.setPen(self._line)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(target.adjusted(-0.5, -0.5, 0.5, 0.5))
        elif facts.broken:
            self._paint_broken(rect)
        else:
            painter.fillRect(rect, self._track)
        if facts.ticked:
            side = min(self._ascent * 1.2, rect.height() * 0.6)
            paint_tick(painter, QRectF(rect.topLeft() + QPointF(2, 2), rect.topLeft() + QPointF(side, side)))

    def _paint_broken(self, rect: QRectF) -> None:
        theme, painter = current_theme(), self._painter
        painter.setPen(QPen(QColor(theme.error), 1, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(theme.window))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        arm = min(rect.width(), rect.height()) * 0.16
        painter.setPen(QPen(QColor(theme.error), 2.5))
        centre = rect.center()
        painter.drawLine(centre - QPointF(arm, arm), centre + QPointF(arm, arm))
        painter.drawLine(centre - QPointF(arm, -arm), centre + QPointF(arm, -arm))

    def _paint_verdict(self, rect: QRectF, facts: CellFacts) -> float:
        """The outcome's glyph and the score, or the state in a word; returns the width used."""
        painter = self._painter
        used = 0.0
        if facts.outcome is not None:
            top = rect.center().y() - self._ascent / 2
            place = QPointF(rect.left(), round(top * self._ratio) / self._ratio)
            painter.drawPixmap(place, self._glyph(facts.outcome))
            used = self._ascent + 4
        if facts.verdict:
            painter.setPen(QColor(facts.color) if facts.color else self._text)
            painter.drawText(rect.adjusted(used, 0, 0, 0), _LEFT, facts.verdict)
            used += self._metrics.horizontalAdvance(facts.verdict)
        return used

    def _glyph(self, outcome: Outcome) -> QPixmap:
        """The outcome's glyph, drawn once a frame."""
        known = self._glyphs.get(outcome)
        if known is None:
            side = max(1, round(self._ascent * self._ratio))
            known = QPixmap(side, side)
            known.setDevicePixelRatio(self._ratio)
            known.fill(Qt.GlobalColor.transparent)
            painter = QPainter(known)
            paint_outcome(painter, QRectF(0, 0, side / self._ratio, side / self._ratio), outcome)
            painter.end()
            self._glyphs[outcome] = known
        return known

    def _paint_short_name(self, rect: QRectF, name: str) -> None:
        """The end of the name without folders and extension, which is what tells neighbours apart."""
        if rect.width() <= 0:
            return
        text = name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        self._painter.setPen(self._muted)
        text = self._metrics.elidedText(text, Qt.TextElideMode.ElideLeft, rect.width())
        self._painter.drawText(rect, _RIGHT, text)

    def _paint_name(self, rect: QRectF, name: str) -> None:
        """The whole name; folders give way first, then the extension."""
        if rect.width() <= 0:
            return
        if self._metrics.horizontalAdvance(name) > rect.width():
            name = name.rsplit("/", 1)[-1]
            if self._metrics.horizontalAdvance(name) > rect.width():
                name = name.rsplit(".", 1)[0]
        self._painter.setPen(self._text)
        text = self._metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, rect.width())
        self._painter.drawText(rect, _LEFT, text)

    def _paint_remark(self, rect: QRectF, facts: CellFacts) -> float:
        """The marks at the right end, and that nobody annotated the image where there is room; the width used."""
        side = self._ascent * _MARK_SIDE
        used = marks_width(len(facts.marks), side)
        if facts.marks:
            corner = QPointF(rect.right() - used, rect.center().y() + side / 2 + 2)
            paint_marks(self._painter, corner, side, facts.marks)
            used += 8
        text = "not annotated"
        if not facts.says_unannotated or self._metrics.horizontalAdvance(text) > rect.width() - used:
            return used
        self._painter.setPen(self._muted)
        self._painter.drawText(rect.adjusted(0, 0, -used, 0), _RIGHT, text)
        return used + self._metrics.horizontalAdvance(text) + 8


def _verdict_width(metrics: QFontMetrics | QFontMetricsF) -> float:
    """A glyph and a score, or the longest word that may stand in their place."""
    return float(metrics.ascent() + 4 + metrics.horizontalAdvance("unusable"))


def _fitted(image: QImage, rect: QRectF, ratio: float) -> QRectF:
    """The largest rectangle of the image's shape in the middle of ``rect``, on whole physical pixels, at least one."""
    wide, tall = max(image.width(), 1), max(image.height(), 1)
    scale = min(rect.width() / wide, rect.height() / tall) * ratio
    width, height = max(1, round(wide * scale)), max(1, round(tall * scale))
    centre = rect.center()
    left = round(centre.x() * ratio - width / 2)
    top = round(centre.y() * ratio - height / 2)
    return QRectF(left / ratio, top / ratio, width / ratio, height / ratio)
