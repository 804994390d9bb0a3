"""Messages in the window instead of in front of it: one at a time, each until it is dismissed.

The gravest is first and, among equally grave ones, the newest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFontDatabase,
    QGuiApplication,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from inference.choices import Severity
from widgets.theme import current_theme

MAX_MESSAGES: Final = 100

_RANK: Final = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_WORD: Final = {Severity.ERROR: "Error", Severity.WARNING: "Warning", Severity.INFO: "Note"}


@dataclass
class _Message:
    text: str
    severity: Severity
    detail: str
    action: str
    key: str
    count: int = 1


class MessageBar(QFrame):
    """A bar that shows itself while there is something to say. Never takes the focus, never stops the user."""

    actionRequested = Signal()  # of the message shown; currentKey() says which
    dismissed = Signal()  # the user has put the message shown away

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._queue: list[_Message] = []
        self._glyph = _SeverityGlyph(self)
        self._text = QLabel(self)
        self._position = QLabel(self)
        self._next = QToolButton(self)
        self._details = QPushButton("Details", self)
        self._action = QPushButton(self)
        self._close = QToolButton(self)
        self._detail = QPlainTextEdit(self)
        self._copy = QPushButton("Copy", self)
        self._shown = 0
        self._build()
        self._refresh()

    def showMessage(self, text: str, severity: Severity, detail: str = "", action: str = "", key: str = "") -> None:
        """Queue a message; the same text twice is one message with a count.

        ``action`` is the words of a button; ``key`` names the message for `currentKey` and `clear`.
        """
        read = self._queue[self._shown] if self._queue else None
        message = self._taken(text, severity) or _Message(text, severity, detail, action, key)
        message.detail, message.action, message.key = detail or message.detail, action, key
        # In front of its equals: what was just done is answered at once, not behind what was said before.
        self._queue.insert(sum(_RANK[other.severity] < _RANK[severity] for other in self._queue), message)
        del self._queue[MAX_MESSAGES:]
        if read is message:
            self._shown = self._queue.index(message)
            self._refresh()
            self._announce()
        elif read is None or _RANK[severity] <= _RANK[read.severity]:
            self._show_index(self._queue.index(message))
            self._announce()
        else:
            self._shown = self._queue.index(read)
            self._refresh()

    def clear(self, key: str | None = None) -> None:
        """Forget all messages, or those with this key."""
        kept = [] if key is None else [message for message in self._queue if message.key != key]
        shown = self._queue[self._shown] if self._queue else None
        self._queue = kept
        self._show_index(next((i for i, message in enumerate(kept) if message is shown), 0))

    def currentText(self) -> str:
        """The message shown; empty where there is none."""
        return self._queue[self._shown].text if self._queue else ""

    def currentKey(self) -> str:
        """The key that the message shown was given; empty where there is none."""
        return self._queue[self._shown].key if self._queue else ""

    def dismissCurrent(self) -> None:
        """Put the message shown away, as its button and Esc do."""
        if not self._queue:
            return
        self._remove_shown()
        self.dismissed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc puts the message away."""
        if event.key() == Qt.Key.Key_Escape and self._queue:
            self.dismissCurrent()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Surface, a stripe in the colour of the severity, and a hairline below."""
        theme = current_theme()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.surface))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(theme.line))
        if self._queue:
            painter.fillRect(0, 0, 4, self.height(), severity_color(self._queue[self._shown].severity))

    def _build(self) -> None:
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)  # file names may hold anything
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._details.setCheckable(True)
        self._details.setFlat(True)
        self._next.setText("Next")
        self._next.setAccessibleName("Next message")
        self._next.setAutoRaise(True)
        self._close.setText("✕")
        self._close.setAutoRaise(True)
        self._close.setAccessibleName("Dismiss message")
        self._close.setToolTip("Dismiss (Esc)")
        self._copy.setAccessibleName("Copy details")
        self._detail.setReadOnly(True)
        self._detail.setTabChangesFocus(True)
        self._detail.setAccessibleName("Details")
        self._detail.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._detail.setFixedHeight(self.fontMetrics().height() * 7)

        line = QHBoxLayout()
        line.setSpacing(8)
        top = Qt.AlignmentFlag.AlignTop  # where buttons stay, however many lines the text takes
        height = self._details.sizeHint().height()
        self._position.setMinimumHeight(height)
        self._text.setAlignment(Qt.AlignmentFlag.AlignLeft | top)
        self._text.setContentsMargins(0, max(height - self.fontMetrics().height(), 0) // 2, 0, 0)
        self._glyph.center_in(height)
        line.addWidget(self._glyph, 0, top)
        line.addWidget(self._text, 1)
        # What a message may or may not have is left of the two that stay in their place.
        for widget in (self._position, self._details, self._action, self._next, self._close):
            line.addWidget(widget, 0, top)
        lower = QHBoxLayout()
        lower.addWidget(self._detail, 1)
        lower.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 6, 8, 7)
        layout.addLayout(line)
        layout.addLayout(lower)

        self._details.toggled.connect(self._expand)
        self._action.clicked.connect(self._act)
        self._close.clicked.connect(self.dismissCurrent)
        self._next.clicked.connect(self._advance)
        self._copy.clicked.connect(self._copy_detail)

    def _show_index(self, index: int) -> None:
        self._shown = index
        self._details.setChecked(False)
        self._refresh()

    def _taken(self, text: str, severity: Severity) -> _Message | None:
        """Take the message that says the same out of the queue, counted once more."""
        same = next((each for each in self._queue if (each.text, each.severity) == (text, severity)), None)
        if same is not None:
            self._queue.remove(same)
            same.count += 1
        return same

    def _refresh(self) -> None:
        self.setVisible(bool(self._queue))
        if not self._queue:
            self._keep_place_of_next(False)
            return
        message = self._queue[self._shown]
        times = f" ({message.count} times)" if message.count > 1 else ""
        self._text.setText(message.text + times)
        self._glyph.setSeverity(message.severity)
        self.setAccessibleName(f"{_WORD[message.severity]}: {message.text}{times}")
        self._position.setText(f"{self._shown + 1} of {len(self._queue)}")
        self._position.setVisible(len(self._queue) > 1)
        self._next.setVisible(len(self._queue) > 1)
        if len(self._queue) > 1:
            self._keep_place_of_next(True)
        self._action.setText(message.action)
        self._action.setVisible(bool(message.action))
        self._details.setVisible(bool(message.detail))
        if self._detail.toPlainText() != message.detail:
            self._detail.setPlainText(message.detail)
        self._expand(self._details.isChecked() and bool(message.detail))
        self.update()

    def _keep_place_of_next(self, keep: bool) -> None:
        """No other button may slide under a pointer that is about to press this one."""
        policy = self._next.sizePolicy()
        policy.setRetainSizeWhenHidden(keep)
        self._next.setSizePolicy(policy)

    def _expand(self, expanded: bool) -> None:
        self._detail.setVisible(expanded)
        self._copy.setVisible(expanded)

    def _announce(self) -> None:
        """Tell screen readers, which do not see a bar appear."""
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _act(self) -> None:
        message = self._queue[self._shown]
        self.actionRequested.emit()
        # The slot may have cleared the queue or changed what is shown.
        if message in self._queue:
            self._queue.remove(message)
            self._show_index(min(self._shown, max(len(self._queue) - 1, 0)))

    def _advance(self) -> None:
        self._show_index((self._shown + 1) % len(self._queue))
        self._announce()

    def _remove_shown(self) -> None:
        del self._queue[self._shown]
        self._show_index(min(self._shown, max(len(self._queue) - 1, 0)))
        if self._queue:
            self._announce()

    def _copy_detail(self) -> None:
        message = self._queue[self._shown]
        QGuiApplication.clipboard().setText(f"{message.text}\n{message.detail}")


def severity_color(severity: Severity) -> QColor:
    """The severity's colour in the theme in force."""
    theme = current_theme()
    colours = {Severity.INFO: theme.accent, Severity.WARNING: theme.warning, Severity.ERROR: theme.error}
    return QColor(colours[severity])


class _SeverityGlyph(QWidget):
    """A disc with i, a triangle with !, a square with a cross: told apart by shape as well as colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._severity = Severity.INFO
        self.setFixedSize(self.sizeHint())

    def setSeverity(self, severity: Severity) -> None:
        """Which glyph."""
        self._severity = severity
        self.setAccessibleName(_WORD[severity])
        self.update()

    def center_in(self, height: int) -> None:
        """Stand in the middle of a line so high, in pixels."""
        margin = max(height - self.sizeHint().height(), 0) // 2
        self.setContentsMargins(0, margin, 0, margin)
        self.setFixedHeight(self.sizeHint().height() + 2 * margin)

    def sizeHint(self) -> QSize:
        """A little larger than the letters."""
        side = self.fontMetrics().height() + 2
        return QSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The glyph in the severity's colour, its sign in the colour of the surface."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.contentsRect()).adjusted(1, 1, -1, -1)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(severity_color(self._severity))
        sign = QColor(current_theme().surface)
        if self._severity is Severity.INFO:
            painter.drawEllipse(box)
            self._stroke(painter, sign, box, dot=0.27, top=0.43, bottom=0.74)
        elif self._severity is Severity.WARNING:
            painter.drawPolygon(QPolygonF([QPointF(box.center().x(), box.top()), box.bottomRight(), box.bottomLeft()]))
            self._stroke(painter, sign, box, dot=0.84, top=0.36, bottom=0.66)
        else:
            painter.drawRoundedRect(box, 3, 3)
            painter.setPen(QPen(sign, box.width() * 0.13, c=Qt.PenCapStyle.RoundCap))
            inner = box.adjusted(box.width() * 0.3, box.height() * 0.3, -box.width() * 0.3, -box.height() * 0.3)
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.topRight(), inner.bottomLeft())

    @staticmethod
    def _stroke(painter: QPainter, color: QColor, box: QRectF, *, dot: float, top: float, bottom: float) -> None:
        x = box.center().x()
        painter.setPen(QPen(color, box.width() * 0.13, c=Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(x, box.top() + box.height() * top), QPointF(x, box.top() + box.height() * bottom))
        painter.drawPoint(QPointF(x, box.top() + box.height() * dot))
