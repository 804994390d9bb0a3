"""Paints one image of the gallery: a cell with a caption strip in the grid, a line in the list."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from inference.types import ImageState
from widgets.gallery.marks import marks_width, paint_marks, paint_tick, paint_word
from widgets.gallery.model import GalleryModel
from widgets.glyphs import paint_outcome
from widgets.theme import current_theme

_Index = QModelIndex | QPersistentModelIndex
_PAD: Final = 4
_PENDING_OPACITY: Final = 0.7
_NAME_FAIR: Final = 22  # characters beside the verdict in the list; where there is room for fewer it stands above
_MARK_SIDE: Final = 0.85  # of a letter's height above the line


class GalleryDelegate(QStyledItemDelegate):
    """Reads the model directly: a role for each value would cost a call each."""

    def __init__(self, model: GalleryModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.grid = True
        self.columns = 1
        self.stacked = False  # the name of a line above its verdict
        self.cell = QSize(1, 1)

    def fit_cells(self, metrics: QFontMetrics, width: int) -> QSize:
        """Choose the size of every cell for a view ``width`` wide; it grows with the font."""
        line = metrics.height()
        self.columns = max(1, width // (line * 7)) if self.grid else 1
        # Qt wraps a row that is exactly as wide as the view, hence the 2.
        across = max((width - 2) // self.columns, line * 4) if self.grid else max(width - 2, 1)
        beside = self._picture_width(line * 2) + _verdict_width(metrics) + metrics.averageCharWidth() * _NAME_FAIR
        self.stacked = across < beside + 4 * _PAD
        row = line * 2 + (2 * _PAD + 3 if self.stacked else 2)
        down = round(across * 0.8) + line + 3 * _PAD if self.grid else row
        self.cell = QSize(across, down)
        return self.cell

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: D102
        return self.cell

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:  # noqa: D102
        image = self._model.index_of_row(index.row())
        if image < 0:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(option.font)
        rect = QRectF(option.rect).adjusted(1, 1, -1, -1)
        self._paint_ground(painter, rect, image)
        inner = rect.adjusted(_PAD, _PAD, -_PAD, -_PAD)
        if self.grid:
            self._paint_cell(painter, inner, image)
        else:
            self._paint_line(painter, inner, image)
        painter.restore()

    # Parts

    def _paint_ground(self, painter: QPainter, rect: QRectF, image: int) -> None:
        """The current image has a strong frame, the others of the selection a thin one."""
        if image not in self._model.selection:
            return
        accent = QColor(current_theme().accent)
        tint = QColor(accent)
        tint.setAlphaF(0.14)
        painter.setPen(QPen(accent, 2 if image == self._model.selection.current else 1))
        painter.setBrush(tint)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _paint_cell(self, painter: QPainter, rect: QRectF, image: int) -> None:
        metrics = QFontMetricsF(painter.font())
        height = metrics.height()
        picture = rect.adjusted(0, 0, 0, -height - 2)
        self._paint_thumbnail(painter, picture, image)
        if self._model.marked_unannotated(image):
            paint_word(painter, picture, "not annotated")
        marks = self._model.marks_of(image)
        if marks:
            paint_marks(painter, picture.bottomLeft() + QPointF(2, -2), metrics.ascent() * _MARK_SIDE, marks)
        self._paint_tick(painter, picture, image)
        caption = QRectF(rect.left(), picture.bottom() + 2, rect.width(), height)
        used = self._paint_verdict(painter, caption, image)
        self._paint_name(painter, caption.adjusted(used + 6, 0, 0, 0), image, right=True)

    def _paint_line(self, painter: QPainter, rect: QRectF, image: int) -> None:
        width = self._picture_width(rect.height())
        picture = QRectF(rect.left(), rect.top(), width, rect.height())
        self._paint_thumbnail(painter, picture, image)
        self._paint_tick(painter, picture, image)
        words = rect.adjusted(width + (_PAD + 2 if self.stacked else 2 * _PAD), 0, 0, 0)
        if self.stacked:
            name, verdict = QRectF(words), QRectF(words)
            name.setHeight(words.height() / 2)
            verdict.setTop(name.bottom())
            self._paint_name(painter, name, image, right=False)
            used = self._paint_verdict(painter, verdict, image)
            self._paint_remark(painter, verdict.adjusted(used + 8, 0, 0, 0), image)
            return
        verdict = QRectF(words)
        verdict.setWidth(_verdict_width(QFontMetricsF(painter.font())))
        self._paint_verdict(painter, verdict, image)
        name = words.adjusted(verdict.width() + 6, 0, 0, 0)
        used = self._paint_remark(painter, name.adjusted(name.width() * 0.4, 0, 0, 0), image)
        self._paint_name(painter, name.adjusted(0, 0, -used, 0), image, right=False)

    def _picture_width(self, height: float) -> float:
        return height * (1.0 if self.stacked else 1.25)

    def _paint_remark(self, painter: QPainter, rect: QRectF, image: int) -> float:
        """The marks at the right end, and that nobody annotated the image where there is room; the width used."""
        metrics = QFontMetricsF(painter.font())
        marks, side = self._model.marks_of(image), metrics.ascent() * _MARK_SIDE
        used = marks_width(len(marks), side)
        if marks:
            corner = QPointF(rect.right() - used, rect.center().y() + side / 2 + 2)
            paint_marks(painter, corner, side, marks)
            used += 8
        text = "not annotated"
        room = metrics.horizontalAdvance(text)
        if not self._model.marked_unannotated(image) or room > rect.width() - used:
            return used
        painter.setPen(QColor(current_theme().muted))
        words = rect.adjusted(0, 0, -used, 0)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), text)
        return used + room + 8

    def _paint_tick(self, painter: QPainter, picture: QRectF, image: int) -> None:
        """Where many are selected, each says so by more than its colour."""
        if self._model.selection.many and image in self._model.selection:
            side = min(QFontMetricsF(painter.font()).ascent() * 1.2, picture.height() * 0.6)
            paint_tick(painter, QRectF(picture.topLeft() + QPointF(2, 2), picture.topLeft() + QPointF(side, side)))

    def _paint_thumbnail(self, painter: QPainter, rect: QRectF, image: int) -> None:
        theme = current_theme()
        thumbnail = self._model.thumbnails.get(image)
        if thumbnail is None:
            if self._model.problem(image):
                self._paint_broken(painter, rect)
                return
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.track))
            painter.drawRoundedRect(rect, 2, 2)
            return
        ratio = painter.device().devicePixelRatioF()
        target = _fitted(thumbnail, rect, ratio)
        fitted = self._model.fitted.get(image, thumbnail, round(target.width() * ratio), round(target.height() * ratio))
        if self._model.state(image) == ImageState.PENDING:
            painter.setOpacity(_PENDING_OPACITY)
        painter.drawImage(target, fitted)
        painter.setOpacity(1.0)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(target.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _paint_broken(self, painter: QPainter, rect: QRectF) -> None:
        theme = current_theme()
        painter.setPen(QPen(QColor(theme.error), 1, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(theme.window))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
        arm = min(rect.width(), rect.height()) * 0.16
        painter.setPen(QPen(QColor(theme.error), 2.5))
        centre = rect.center()
        painter.drawLine(centre - QPointF(arm, arm), centre + QPointF(arm, arm))
        painter.drawLine(centre - QPointF(arm, -arm), centre + QPointF(arm, -arm))

    def _paint_verdict(self, painter: QPainter, rect: QRectF, image: int) -> float:
        """The outcome's glyph and the score, or the state in a word; returns the width used."""
        theme = current_theme()
        metrics = QFontMetricsF(painter.font())
        word, color = self._state_word(image)
        outcome = self._model.outcome(image)
        used = 0.0
        if not word and outcome is not None and not self._model.unannotated(image):
            side = metrics.ascent()
            paint_outcome(painter, QRectF(rect.left(), rect.center().y() - side / 2, side, side), outcome)
            used = side + 4
        score = self._model.score(image)
        text = word or ("" if score is None else f"{score:.2f}")
        painter.setPen(QColor(color or theme.text))
        painter.drawText(rect.adjusted(used, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), text)
        return used + metrics.horizontalAdvance(text)

    def _state_word(self, image: int) -> tuple[str, str]:
        """A word and its colour for an image without a verdict; empty for one that has it."""
        theme = current_theme()
        state = self._model.state(image)
        if state == ImageState.UNUSABLE:
            return "unusable", theme.warning
        if self._model.problem(image):
            return "broken", theme.error
        return ("…", theme.muted) if state == ImageState.PENDING else ("", "")

    def _paint_name(self, painter: QPainter, rect: QRectF, image: int, *, right: bool) -> None:
        """The file's name; in the grid its end, which is what tells neighbours apart."""
        if rect.width() <= 0:
            return
        metrics = QFontMetricsF(painter.font())
        text = self._model.names[image]
        if right or metrics.horizontalAdvance(text) > rect.width():
            text = text.rsplit("/", 1)[-1]  # folders give way first, then the extension
        if right or metrics.horizontalAdvance(text) > rect.width():
            text = text.rsplit(".", 1)[0]
        elide = Qt.TextElideMode.ElideLeft if right else Qt.TextElideMode.ElideMiddle
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.setPen(QColor(current_theme().muted if right else current_theme().text))
        shown = metrics.elidedText(text, elide, rect.width())
        painter.drawText(rect, int(side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), shown)


def _verdict_width(metrics: QFontMetrics | QFontMetricsF) -> float:
    """A glyph and a score, or the longest word that may stand in their place."""
    return float(metrics.ascent() + 4 + metrics.horizontalAdvance("unusable"))


def _fitted(image: QImage, rect: QRectF, ratio: float) -> QRectF:
    """The largest rectangle of the image's shape in the middle of ``rect``, on whole physical pixels, at least one."""
    scale = min(rect.width() / max(image.width(), 1), rect.height() / max(image.height(), 1)) * ratio
    width, height = max(1, round(image.width() * scale)), max(1, round(image.height() * scale))
    left = round(rect.center().x() * ratio - width / 2)
    top = round(rect.center().y() * ratio - height / 2)
    return QRectF(left / ratio, top / ratio, width / ratio, height / ratio)
