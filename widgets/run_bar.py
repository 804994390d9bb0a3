"""The line at the bottom of the window: what is going on, how far it is, and on which device."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, Literal

from PySide6.QtCore import QEvent, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from inference.choices import Progress
from widgets.elided_label import ElidedLabel
from widgets.theme import current_theme, tabular

ScoreAction = Literal["score", "resume", "again", "nothing"]

_SCORE_TEXT: Final[dict[str, str]] = {
    "score": "Score",
    "resume": "Resume",
    "again": "Score again",
    "nothing": "Nothing to score",
}
_FIGURE_SPACE: Final = "\u2007"  # as wide as a digit, so that a growing number does not push its neighbours
_SEPARATOR: Final = "  ·  "


class RunBar(QWidget):
    """State, progress, Cancel, Score or Resume, and the device chooser, in one line that does not jump."""

    cancelRequested = Signal()
    scoreRequested = Signal()
    deviceChosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._total = -1
        self._status = ""
        self._busy = ""
        self._running = False
        self._blocked = ""

        self._state = ElidedLabel(parent=self)
        self._bar = _ThinBar(self)
        self._figures = QLabel(self)
        self._figures.setFont(tabular(self.font()))
        self._figures.setTextFormat(Qt.TextFormat.PlainText)
        self._cancel = QPushButton("Cancel", self)
        self._score = QPushButton(self)
        self._device_label = QLabel("De&vice", self)
        self._devices = QComboBox(self)
        self._build()
        self.setScoreAction("score")
        self.setProgress(None)

    def setProgress(self, progress: Progress | None) -> None:
        """A run that is going on, or None when none is: then the state has all the room."""
        self._running = progress is not None
        if progress is None:
            self._figures.setText("")
        else:
            self._show(progress)
        self._refresh()

    def setBusy(self, text: str) -> None:
        """Something is going on whose length is not known ("Reading the folder…"); an empty text ends it."""
        self._busy = text
        self._refresh()

    def setStatus(self, text: str) -> None:
        """What is to be said while nothing is going on ("400 of 400 scored in 5 s")."""
        self._status = text
        self._refresh()

    def setScoreAction(self, action: ScoreAction, reason: str = "") -> None:
        """What the button offers. With a ``reason`` it cannot be pressed now, and the reason is its tool tip."""
        self._score.setText(_SCORE_TEXT[action])
        self._blocked = reason
        self._refresh()

    def setDevices(self, devices: Sequence[tuple[str, str]], current: str, note: str = "") -> None:
        """The devices as (key, name), best first, the key of the one in use, and why there is no better one."""
        self._devices.setToolTip(f"Where the model runs ({note})" if note else "Where the model runs")
        with QSignalBlocker(self._devices):
            self._devices.clear()
            self._devices.setPlaceholderText("none" if note else "")  # shown where there is no device
            for key, name in devices:
                self._devices.addItem(name, key)
            self._devices.setCurrentIndex(self._devices.findData(current))
        self._devices.setEnabled(len(devices) > 0)

    def changeEvent(self, event: QEvent) -> None:
        """Measure again in a new font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._total = -1
            self._figures.setMinimumWidth(0)

    def _build(self) -> None:
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._bar.setAccessibleName("Scoring progress")
        self._cancel.setToolTip("Stop; what is scored and what is open stay")
        self._cancel.setAccessibleName("Cancel scoring")
        self._devices.setAccessibleName("Device to score on")
        self._devices.setToolTip("Where the model runs")
        self._devices.setEnabled(False)
        self._devices.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._devices.setMinimumContentsLength(8)
        self._device_label.setBuddy(self._devices)
        self._score.setMinimumWidth(self._widest_score_text())

        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 4)
        layout.setSpacing(10)
        layout.addWidget(self._state, 1)
        layout.addWidget(self._bar)
        layout.addWidget(self._figures)
        layout.addWidget(self._cancel)
        layout.addWidget(self._score)
        layout.addSpacing(6)
        layout.addWidget(self._device_label)
        layout.addWidget(self._devices)
        self._cancel.clicked.connect(self.cancelRequested)
        self._score.clicked.connect(self.scoreRequested)
        self._devices.activated.connect(self._choose_device)

    def _widest_score_text(self) -> int:
        current = self._score.text()
        widest = 0
        for text in _SCORE_TEXT.values():
            self._score.setText(text)
            widest = max(widest, self._score.sizeHint().width())
        self._score.setText(current)
        return widest

    def _show(self, progress: Progress) -> None:
        if progress.total != self._total:
            self._total = progress.total
            self._figures.setMinimumWidth(self._usual_width(progress.total))
        self._figures.setText(figures_text(progress))
        # Grows with the text and does not shrink within a run: nothing left of it moves twice a second.
        self._figures.setMinimumWidth(max(self._figures.minimumWidth(), self._figures.sizeHint().width()))
        self._bar.setRange(0, max(progress.total, 1))
        self._bar.setValue(progress.done)

    def _usual_width(self, total: int) -> int:
        """The width of the figures of a run of ``total`` images that is well under way."""
        usual = figures_text(Progress(total, total, 888.0, 59.0, 0))
        return self._figures.fontMetrics().horizontalAdvance(usual) + 2

    def _refresh(self) -> None:
        self._state.setText(self._busy or ("Scoring" if self._running else self._status))
        if not self._running:
            self._bar.setRange(0, 0 if self._busy else 1)
            self._bar.reset()
        self._keep_places(self._running or bool(self._busy))
        self._bar.setVisible(self._running or bool(self._busy))
        self._figures.setVisible(self._running)
        self._cancel.setVisible(self._running or bool(self._busy))
        self._score.setEnabled(not self._running and not self._blocked)
        self._score.setToolTip(self._blocked)
        self._score.setAccessibleDescription(self._blocked)

    def _keep_places(self, keep: bool) -> None:
        """What is hidden for a moment leaves its room while something goes on, and to the state when nothing does."""
        for widget in (self._bar, self._figures, self._cancel):
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(keep)
            widget.setSizePolicy(policy)

    def _choose_device(self, index: int) -> None:
        self.deviceChosen.emit(str(self._devices.itemData(index)))


class _ThinBar(QProgressBar):
    """A flat bar of six pixels; a row of dots where the length is not known, still, because torch may hold the loop."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextVisible(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """A fixed length."""
        return QSize(180, 6)

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track and filled part."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(self.rect())
        painter.setBrush(QColor(theme.track))
        painter.drawRoundedRect(track, 3, 3)
        painter.setBrush(QColor(theme.accent))
        span = self.maximum() - self.minimum()
        if span <= 0:
            for step in range(6, self.width() - 6, 12):
                painter.drawEllipse(QRectF(step, 1.5, 3, 3))
            return
        share = min(max((self.value() - self.minimum()) / span, 0.0), 1.0)
        if share > 0:
            painter.drawRoundedRect(QRectF(0, 0, max(6.0, track.width() * share), track.height()), 3, 3)


def figures_text(progress: Progress) -> str:
    """As "212 of 400 · 86 images/s · 2 s left · 3 failed"; what is not yet known is left out."""
    total = f"{progress.total:,}"
    parts = [f"{f'{progress.done:,}'.rjust(len(total), _FIGURE_SPACE)} of {total}"]
    if math.isfinite(progress.images_per_second) and progress.images_per_second > 0:
        parts.append(_rate_text(progress.images_per_second))
    if math.isfinite(progress.seconds_left):
        parts.append(f"{duration_text(progress.seconds_left)} left")
    if progress.failed:
        parts.append(f"{progress.failed:,} failed")
    return _SEPARATOR.join(parts)


def duration_text(seconds: float) -> str:
    """Seconds as people say them: "2 s", "3 min", "1 h 20 min"; rounded up, so that "0 s" means now."""
    whole = math.ceil(max(seconds, 0.0))
    if whole < 60:
        return f"{str(whole).rjust(2, _FIGURE_SPACE)} s"
    minutes = math.ceil(whole / 60)
    if minutes < 60:
        return f"{str(minutes).rjust(2, _FIGURE_SPACE)} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def _rate_text(images_per_second: float) -> str:
    if images_per_second >= 10:
        return f"{images_per_second:,.0f} images/s"
    if images_per_second >= 1:
        return f"{images_per_second:.1f} images/s"
    return f"{1 / images_per_second:.0f} s an image"
