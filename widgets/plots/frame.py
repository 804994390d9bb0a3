"""What stands round every picture: its title and caption, a message in its stead, and the menu that saves it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets.plots.legend import Legend
from widgets.plots.saving import png_bytes, svg_bytes
from widgets.pr_header import CurveHeader
from widgets.theme import current_theme

_LOOKS: Final = (QEvent.Type.PaletteChange, QEvent.Type.FontChange)
_MARGIN: Final = 8  # round the picture in a file
_WRAPPED: Final = int(Qt.TextFlag.TextWordWrap)


class PlotFrame(QWidget):
    """Base of all pictures. A subclass fills ``_stack``'s first page by ``_set_body`` and says its words.

    Setters emit nothing. Whoever hears ``saveRequested`` asks ``svg`` or ``png`` for the bytes and writes the file.
    """

    saveRequested = Signal(str)  # "svg" or "png"

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._label = ""
        self._message = ""
        self._active = True
        self._reason = ""
        self._legend: Legend | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self._lay_out()

    # What subclasses say

    def _drawable(self) -> bool:
        """Whether there is a picture to be seen."""
        raise NotImplementedError

    def _title_rest(self) -> str:
        """The title after the label's name."""
        return ""

    def _caption_text(self) -> str:
        """The line under the title."""
        return ""

    def _longest_caption(self) -> str:
        """The longest text that may come to stand there."""
        return self._caption_text()

    def _empty_text(self) -> str:
        """What is said when there is no picture."""
        return self._message

    def _restyle(self) -> None:
        """Take colours from the theme and the font from the application."""

    def _draw(self) -> None:
        """Bring the picture in line with its values."""

    def _paint_body(self, painter: QPainter) -> None:
        """The picture for a file, at ``_body_size`` from the painter's origin."""

    def _body_size(self) -> QSize:
        return self._stack.size()

    def data_text(self) -> str:
        """The numbers behind the picture: a line each, cells apart by tabs, names first; "" without a picture."""
        raise NotImplementedError

    # Setters

    def setMessage(self, text: str) -> None:
        """Show a sentence instead of the picture, until it is "" or a picture comes that can be drawn."""
        if text != self._message:
            self._message = text
            self._refresh()

    def setActive(self, active: bool, reason: str = "") -> None:
        """Whether thresholds matter now; if not, the picture is dimmed and the reason shown."""
        changed = active != self._active
        self._active, self._reason = active, reason
        if changed:
            self._restyle()
        self._refresh()

    # Reading

    def text(self) -> str:
        """All that the widget says in words: title, and message, reason or caption."""
        empty = self._stack.currentWidget() is self._empty
        return f"{self._header.text()}\n{self._empty.text()}".strip() if empty else self._header.text()

    def svg(self) -> bytes:
        """The picture with its words as an SVG document; b"" without a picture."""
        if not self._shown():
            return b""
        title = self._header.text().split("\n")[0]
        return svg_bytes(self._page_size(), title, current_theme().surface, self._paint_page)

    def png(self) -> bytes:
        """The picture with its words as a PNG; b"" without a picture."""
        return png_bytes(self._page_size(), current_theme().surface, self._paint_page) if self._shown() else b""

    def sizeHint(self) -> QSize:
        """Room for a picture that can be read."""
        return QSize(420, 340)

    # Building

    def _lay_out(self) -> None:
        self._header = CurveHeader()
        self._menu_button = QToolButton()
        self._menu_button.setText("Save")
        self._menu_button.setAutoRaise(True)
        self._menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._menu_button.setAccessibleName(f"Save or copy: {self._name}")
        self._menu_button.setToolTip("Save this picture, or copy its numbers")
        self._menu_button.setMenu(self._build_menu())
        self._empty = QLabel()
        self._empty.setTextFormat(Qt.TextFormat.PlainText)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setMargin(24)
        self._stack = QStackedWidget()
        self._stack.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self._stack.setMinimumSize(180, 120)
        self._stack.addWidget(self._empty)
        self._options = QHBoxLayout()
        self._options.setContentsMargins(6, 0, 6, 0)
        self._options.setSpacing(10)
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self._header, 1)
        top.addWidget(self._menu_button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(3, 3, 3, 3)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(self._options)
        column.addWidget(self._stack, 1)

    def _build_menu(self) -> QMenu:
        menu = QMenu(self._menu_button)
        menu.addAction("Save as &SVG…").triggered.connect(self._ask_for_svg)
        menu.addAction("Save as &PNG…").triggered.connect(self._ask_for_png)
        menu.addAction("&Copy data").triggered.connect(self._copy_data)
        return menu

    def _set_body(self, body: QWidget) -> None:
        self._stack.insertWidget(0, body)

    def _set_legend(self, legend: Legend) -> None:
        self._legend = legend
        self._options.addWidget(legend)

    # Showing

    def _shown(self) -> bool:
        return self._drawable() and not self._message

    def _picture_changed(self) -> None:
        """A new value was set: draw it, or say why it cannot be drawn."""
        if self._drawable():
            self._message = ""
        self._draw()
        self._refresh()

    def _refresh(self) -> None:
        """Bring title, caption and page in line with what was set."""
        shown = self._shown()
        self._header.setTitle(self._label, self._title_rest() if shown else "")
        if shown:
            texts = (self._caption_text(), self._longest_caption(), "" if self._active else self._reason)
            self._header.setCaption(texts[0], max(texts[1:], key=self.fontMetrics().horizontalAdvance))
        else:
            self._header.setCaption("")
        self._empty.setText(self._empty_text())
        self._stack.setCurrentIndex(0 if shown else self._stack.indexOf(self._empty))
        self._menu_button.setEnabled(shown)
        self.setAccessibleDescription(self.text())

    def _ask_for_svg(self) -> None:
        self.saveRequested.emit("svg")

    def _ask_for_png(self) -> None:
        self.saveRequested.emit("png")

    def _copy_data(self) -> None:
        QGuiApplication.clipboard().setText(self.data_text())

    # Files

    def _page_size(self) -> QSize:
        body = self._body_size()
        return QSize(body.width() + 2 * _MARGIN, body.height() + self._words_height() + 3 * _MARGIN)

    def _words_height(self) -> int:
        legend = self._legend.sizeHint().height() + 4 if self._legend is not None else 0
        return sum(height for _, _, height in self._words()) + legend

    def _words(self) -> list[tuple[QFont, str, int]]:
        """The lines above the picture, each with its font and its height when it wraps."""
        result = []
        lines = (self._header.text().split("\n")[0], self._caption_text())
        for at, text in enumerate(line for line in lines if line):
            font = QFont(self.font())
            font.setBold(at == 0)
            room = QRect(0, 0, self._body_size().width(), 10_000)
            result.append((font, text, QFontMetrics(font).boundingRect(room, _WRAPPED, text).height() + 2))
        return result

    def _paint_page(self, painter: QPainter) -> None:
        theme = current_theme()
        painter.save()
        painter.translate(_MARGIN, _MARGIN)
        for font, text, height in self._words():
            painter.setFont(font)
            painter.setPen(QColor(theme.text))
            painter.drawText(QRect(0, 0, self._body_size().width(), height), _WRAPPED, text)
            painter.translate(0, height)
        if self._legend is not None:
            self._legend.paint(painter, theme)
            painter.translate(0, self._legend.sizeHint().height() + 4)
        painter.translate(0, _MARGIN)
        self._paint_body(painter)
        painter.restore()

    # Qt's events

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the font."""
        super().changeEvent(event)
        if event.type() in _LOOKS and hasattr(self, "_stack") and self._stack.count() > 1:
            self._restyle()
            self._draw()
            self._refresh()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys go."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keys go elsewhere."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frame that says the plot has the focus."""
        super().paintEvent(event)
        painter = QPainter(self)
        color = current_theme().accent if self.hasFocus() else current_theme().line
        painter.setPen(QPen(QColor(color), 1.5 if self.hasFocus() else 1.0))
        painter.drawRect(QRectF(self._stack.geometry()).adjusted(-1, -1, 1, 1))
        painter.end()
