"""The chosen image, large, with its scores over it and a row of tools.

Keys, while the view has the focus: + and - zoom, F fit, Z fit and 100 %, Ctrl+0 100 %, O hides the scores.
The window may bind the same keys to the public slots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QSpinBox, QVBoxLayout, QWidget

from inference.types import ImageScores, RgbArray
from inference.types.looking import HeatMap, HeatState
from widgets.looking.heat_card import HeatCard
from widgets.looking.heat_layer import HeatLayer
from widgets.overlay import ScoreOverlay
from widgets.overlay_rows import MODES
from widgets.zoom_canvas import ZoomCanvas
from widgets.zoom_view import ZoomView, tool_button

_MODE_TEXT: Final = {"top": "Top", "predicted": "Predicted", "all": "All"}
_MOST_K: Final = 99  # while no labels are known
_EMPTY: Final = ("No image", "Choose one in the gallery, or open a validation folder.")


class ElidedLabel(QLabel):
    """A line of text that gives way in the middle instead of making its window wide."""

    def minimumSizeHint(self) -> QSize:  # noqa: D102
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: D102
        painter = QPainter(self)
        room = self.contentsRect()
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, room.width())
        self.style().drawItemText(
            painter, room, int(self.alignment()), self.palette(), self.isEnabled(), text, self.foregroundRole()
        )


class ImageView(ZoomView):
    """One image, or the reason why there is none."""

    labelChosen = Signal(int)
    overlayVisibleChanged = Signal(bool)
    overlayModeChanged = Signal(str, int)
    zoomChanged = Signal(float)
    heatMapWanted = Signal(bool)
    heatMethodChosen = Signal(object)  # HeatMethod

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = ZoomCanvas(self)
        self._overlay = ScoreOverlay(self._canvas)
        self._heat_card = HeatCard(self)
        self._heat_card.hide()
        self._heat: HeatLayer | None = None
        self._quiet = False
        self._told_scale = self._canvas.scale()
        self._caption = ElidedLabel(self)
        self._caption.setTextFormat(Qt.TextFormat.PlainText)
        self._caption.setAccessibleName("Image file")
        self._wished_k = 5
        self._build_tools()
        self._lay_out()
        self._canvas.viewChanged.connect(self._on_view_changed)
        self._overlay.labelChosen.connect(self.labelChosen)
        self._heat_button.toggled.connect(self.heatMapWanted)
        self._heat_card.methodChosen.connect(self.heatMethodChosen)
        self._heat_card.opacityChanged.connect(self._paint_heat)
        self._heat_card.closeRequested.connect(self.toggleHeatMap)
        self.setFocusProxy(self._canvas)
        self.setImage(None)

    # Setters

    def setImage(self, rgb: RgbArray | None) -> None:
        """Show ``rgb`` (h, w, 3) uint8, or the empty state."""
        with self._silently():
            self._canvas.setImage(rgb)
            if rgb is None or not rgb.size:
                self._canvas.setMessage(*_EMPTY)
        self._enable_zoom()

    def setMessage(self, title: str, detail: str = "") -> None:
        """Show words in place of the picture (broken, loading, ...) until the next ``setImage``."""
        with self._silently():
            self._canvas.setMessage(title, detail)
        self._enable_zoom()

    def setCaption(self, text: str) -> None:
        """The line under the picture: file name, size, notes."""
        self._caption.setText(text)
        self._caption.setToolTip(text)

    def setLabels(self, labels: Sequence[str]) -> None:
        """The names of the labels."""
        self._overlay.setLabels(labels)
        self._limit_k(max(1, len(labels) or _MOST_K))

    def setImageScores(self, image: ImageScores | None) -> None:
        """What the overlay says; None where the image has no scores."""
        self._overlay.setImageScores(image)

    def setCurrentLabel(self, label: int) -> None:
        """The label that is chosen elsewhere, marked in the overlay; -1 for none."""
        self._overlay.setCurrentLabel(label)

    def setOverlayVisible(self, visible: bool) -> None:
        """Show or hide the scores over the picture."""
        with QSignalBlocker(self._show):
            self._show.setChecked(visible)
        self._apply_overlay_visible(visible)

    def setOverlayMode(self, mode: str, k: int) -> None:
        """Mode "top" (the ``k`` highest scores), "predicted" or "all"."""
        self._wished_k = k
        with QSignalBlocker(self._mode):
            self._mode.setCurrentIndex(MODES.index(mode))
        self._limit_k(self._k.maximum())

    def setHeatMap(self, heat: HeatMap | None) -> None:
        """Lay a heat map of the picture over it, or take it away."""
        self._heat = None if heat is None else HeatLayer(heat)
        self._paint_heat()

    def setHeatState(self, state: HeatState) -> None:
        """What the card under the picture says; it is there while a heat map is wanted."""
        with QSignalBlocker(self._heat_button):
            self._heat_button.setChecked(state.wanted)
        self._heat_card.setState(state)
        self._heat_card.setVisible(state.wanted)

    # What is shown

    def zoomText(self) -> str:
        """The zoom as people read it, as "58 %"; empty without a picture."""
        if not self._canvas.hasImage():
            return ""
        percent = self._canvas.scale() * 100
        return f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %"

    def canvas(self) -> ZoomCanvas:
        """The part that shows the picture."""
        return self._canvas

    def overlay(self) -> ScoreOverlay:
        """The panel over the picture."""
        return self._overlay

    # The user's commands, as slots

    def toggleOverlay(self) -> None:
        """Hide or show the scores."""
        self._show.toggle()

    def toggleHeatMap(self) -> None:
        """Ask for a heat map of the chosen label, or for none."""
        self._heat_button.toggle()

    def changeEvent(self, event: QEvent) -> None:  # noqa: D102
        if event.type() == QEvent.Type.FontChange:
            self._size_zoom_text()
        super().changeEvent(event)

    # Inside

    def _leader(self) -> ZoomCanvas:
        return self._canvas

    def _further_keys(self) -> dict[Qt.Key, Callable[[], None]]:
        return {Qt.Key.Key_O: self.toggleOverlay}

    def _build_tools(self) -> None:
        self._show = tool_button("Scores", "Show the scores over the image (O)", self, checkable=True)
        self._show.setChecked(True)
        self._mode = QComboBox(self)
        self._mode.addItems([_MODE_TEXT[mode] for mode in MODES])
        self._mode.setAccessibleName("Which labels to show over the image")
        self._mode.setToolTip("Which labels to show; missed positives (FN) are always listed")
        self._k = QSpinBox(self)
        self._k.setRange(1, _MOST_K)
        self._k.setValue(self._wished_k)
        self._k.setAccessibleName("How many of the highest scores to show")
        self._k.setToolTip("How many of the highest scores to show")
        self._heat_button = tool_button(
            "Heat map", "Where the image raises the score of the chosen label (H)", self, checkable=True
        )
        self._fit = tool_button("Fit", "Show the whole image (F)", self)
        self._actual = tool_button(
            "100 %", "One image pixel for one screen pixel (Ctrl+0; Z changes between fit and 100 %)", self
        )
        self._zoom = QLabel(self)
        self._zoom.setAccessibleName("Zoom")
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._size_zoom_text()
        self._show.toggled.connect(self._on_show_toggled)
        self._mode.currentIndexChanged.connect(self._on_mode_changed)
        self._k.valueChanged.connect(self._on_k_changed)
        self._fit.clicked.connect(self.fit)
        self._actual.clicked.connect(self.actualSize)

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setContentsMargins(4, 3, 4, 3)
        tools.setSpacing(4)
        left: list[QWidget] = [self._show, self._mode, self._k, self._heat_button]
        right: list[QWidget] = [self._zoom, self._fit, self._actual]
        for widget in left:
            tools.addWidget(widget)
        tools.addStretch(1)
        for widget in right:
            tools.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(tools)
        column.addWidget(self._canvas, 1)
        column.addWidget(self._heat_card)
        self._caption.setContentsMargins(6, 3, 6, 3)
        self._caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        column.addWidget(self._caption)

    def _paint_heat(self) -> None:
        self._canvas.setLayer(self._heat, self._heat_card.opacity())

    def _size_zoom_text(self) -> None:
        self._zoom.setMinimumWidth(self.fontMetrics().horizontalAdvance("3200 %") + 4)

    def _enable_zoom(self) -> None:
        for button in (self._fit, self._actual):
            button.setEnabled(self._canvas.hasImage())
        self._zoom.setText(self.zoomText())

    def _on_view_changed(self) -> None:
        self._zoom.setText(self.zoomText())
        scale = self._canvas.scale()
        if scale != self._told_scale:
            self._told_scale = scale
            if not self._quiet:
                self.zoomChanged.emit(scale)

    def _on_show_toggled(self, visible: bool) -> None:
        self._apply_overlay_visible(visible)
        self.overlayVisibleChanged.emit(visible)

    def _on_k_changed(self, k: int) -> None:
        self._wished_k = k
        self._on_mode_changed()

    def _on_mode_changed(self) -> None:
        self._apply_overlay_mode()
        self.overlayModeChanged.emit(MODES[self._mode.currentIndex()], self._wished_k)

    def _limit_k(self, most: int) -> None:
        """Show as many scores as wished for, or as there are: the wish comes back with more labels."""
        with QSignalBlocker(self._k):
            self._k.setMaximum(most)
            self._k.setValue(self._wished_k)
        self._apply_overlay_mode()

    def _apply_overlay_visible(self, visible: bool) -> None:
        self._overlay.setWanted(visible)
        self._mode.setEnabled(visible)
        self._k.setEnabled(visible)

    def _apply_overlay_mode(self) -> None:
        mode = MODES[self._mode.currentIndex()]
        self._k.setVisible(mode == "top")
        self._overlay.setMode(mode, self._k.value())

    @contextmanager
    def _silently(self) -> Iterator[None]:
        """A setter never emits."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False
