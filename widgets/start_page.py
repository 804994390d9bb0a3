"""The first thing a user sees: what Cutline does, and the three ways in. Also where a half-opened pair waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFont,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from widgets.start_cards import ActionCard, CardMark, RecentRow, ScoreBars
from widgets.theme import current_theme

_PURPOSE: Final = (
    "See what an image classifier predicts on images you know, and choose the threshold of every label "
    "by what it does to precision and recall."
)
_MODEL_DETAIL: Final = "A model.toml, or weights: .safetensors, .pt, .pth"
_FOLDER_DETAIL: Final = "Images with their labels: folders or a CSV"
_DROP_HINT: Final = "or drop a model, a folder or a label file anywhere on this window"
_PAGE_WIDTH: Final = 1020


@dataclass(frozen=True)
class RecentItem:
    """Something opened before. ``missing``: it is no longer on disk."""

    key: str
    title: str
    detail: str
    missing: bool = False


@dataclass(frozen=True)
class DemoItem:
    """A model and a folder that come with Cutline."""

    key: str
    title: str
    detail: str


class StartPage(QWidget):
    """Three clear actions, the recent list, and a target for files dropped from the desktop."""

    openModelRequested = Signal()
    openFolderRequested = Signal()
    recentChosen = Signal(str)
    recentRemoveRequested = Signal(str)
    demoChosen = Signal(str)
    pathsDropped = Signal(list)  # of str: local paths

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self.setObjectName("start_page")
        self._dragging = False
        self._demos: list[ActionCard] = []
        self._recents: list[RecentRow] = []
        self._open_model = ActionCard(CardMark.MODEL, self)
        self._open_folder = ActionCard(CardMark.FOLDER, self)
        self._missing = QLabel(self)
        self._hint = QLabel(_DROP_HINT, self)
        self._demo_title = _section("Look at a demo", self)
        self._recent_title = _section("Recent", self)
        self._no_recents = QLabel("What you open is listed here.", self)
        self._demo_box = QVBoxLayout()
        self._recent_box = QVBoxLayout()
        self._veil = _DropVeil(self)
        self._build()
        self.setOpened("", "")
        self.setDemos(())
        self.setRecent(())

    def setOpened(self, model: str, folder: str) -> None:
        """The names of what is open already, empty where nothing is; the page says what is still missing."""
        a_model, a_folder = "another" if model else "a", "another" if folder else "a"
        self._open_model.setContent(f"Open {a_model} model…", _MODEL_DETAIL, model)
        self._open_folder.setContent(f"Open {a_folder} validation folder…", _FOLDER_DETAIL, folder)
        self._want(self._open_model, self._open_folder, bool(folder) and not model)
        self._want(self._open_folder, self._open_model, bool(model) and not folder)
        self.setFocusProxy(self._open_folder if model and not folder else self._open_model)
        if model and not folder:
            text = f"{model} is open. Next: open the validation folder to score with it."
        elif folder and not model:
            text = f"{folder} is open. Next: open the model to score it with."
        else:
            text = ""
        self._missing.setText(text)
        self._missing.setVisible(bool(text))

    def setBusy(self, words: str) -> None:
        """What is being opened, in full: the bar at the foot may have no room for it. "" when it is over."""
        self._hint.setText(words or _DROP_HINT)

    def setDemos(self, demos: Sequence[DemoItem]) -> None:
        """The demos on offer, as cards."""
        _discard(self._demo_box, self._demos)
        for demo in demos:
            card = ActionCard(CardMark.DEMO, self)
            card.setContent(demo.title, demo.detail, "")
            card.clicked.connect(lambda _checked=False, key=demo.key: self.demoChosen.emit(key))
            self._demos.append(card)
            self._demo_box.addWidget(card)
        self._demo_title.setVisible(bool(demos))

    def setRecent(self, recents: Sequence[RecentItem]) -> None:
        """What was opened before, newest first; missing ones cannot be opened but can be removed."""
        _discard(self._recent_box, self._recents)
        for item in recents:
            row = RecentRow(item.title, item.detail, item.missing, self)
            row.chosen.connect(lambda key=item.key: self.recentChosen.emit(key))
            row.removeRequested.connect(lambda key=item.key: self.recentRemoveRequested.emit(key))
            self._recents.append(row)
            self._recent_box.addWidget(row)
        self._no_recents.setVisible(not recents)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders; for anything else the cursor says no."""
        self._set_dragging(bool(local_paths(event.mimeData())))
        if self._dragging:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Stay with what was decided on entering."""
        if self._dragging:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Nothing was dropped."""
        self._set_dragging(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the paths on."""
        self._set_dragging(False)
        paths = local_paths(event.mimeData())
        if not paths:
            event.ignore()
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.pathsDropped.emit(paths)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The veil covers the page."""
        super().resizeEvent(event)
        self._veil.setGeometry(self.rect())

    @staticmethod
    def _want(card: ActionCard, other: ActionCard, wanted: bool) -> None:
        """Mark the card as the next thing to do, and let Enter do it where the other card would have been pressed."""
        card.setWanted(wanted)
        if wanted and other.hasFocus():
            card.setFocus(Qt.FocusReason.OtherFocusReason)

    def _set_dragging(self, dragging: bool) -> None:
        self._dragging = dragging
        self._veil.setVisible(dragging)
        if dragging:
            self._veil.raise_()

    def _build(self) -> None:
        self._open_model.clicked.connect(self.openModelRequested)
        self._open_folder.clicked.connect(self.openFolderRequested)
        for label in (self._missing, self._no_recents, self._hint):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        _set_role(self._no_recents, QPalette.ColorRole.PlaceholderText)
        self._missing.setFont(_scaled(self.font(), 1.05, bold=True))

        column = QVBoxLayout()
        column.setSpacing(0)
        column.addStretch(2)
        column.addLayout(self._header())
        column.addSpacing(26)
        column.addLayout(self._actions())
        column.addSpacing(26)
        column.addLayout(self._lists())
        column.addStretch(3)

        page = QWidget()
        page.setMaximumWidth(_PAGE_WIDTH)
        page.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        page.setLayout(column)
        column.setContentsMargins(36, 18, 36, 18)
        canvas = QWidget()
        middle = QHBoxLayout(canvas)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addStretch(1)
        middle.addWidget(page, 1000)  # takes the width up to its maximum; the stretches share the rest
        middle.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(canvas)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def _header(self) -> QHBoxLayout:
        title = QLabel("Cutline", self)
        title.setFont(_scaled(self.font(), 3.0, bold=True))
        purpose = QLabel(_PURPOSE, self)
        purpose.setWordWrap(True)
        purpose.setFont(_scaled(self.font(), 1.2))
        _set_role(purpose, QPalette.ColorRole.PlaceholderText)
        words = QVBoxLayout()
        words.setSpacing(6)
        words.addWidget(title)
        words.addWidget(purpose)
        header = QHBoxLayout()
        header.setSpacing(40)
        header.addLayout(words, 1)
        header.addWidget(ScoreBars(self), 0, Qt.AlignmentFlag.AlignVCenter)
        return header

    def _actions(self) -> QGridLayout:
        _set_role(self._hint, QPalette.ColorRole.PlaceholderText)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        grid.addWidget(self._missing, 0, 0, 1, 2)
        grid.addWidget(self._open_model, 1, 0)
        grid.addWidget(self._open_folder, 1, 1)
        grid.addWidget(self._hint, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _lists(self) -> QGridLayout:
        self._demo_box.setSpacing(8)
        self._recent_box.setSpacing(2)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(10)
        grid.addWidget(self._demo_title, 0, 0)
        grid.addWidget(self._recent_title, 0, 1)
        recent_side = QVBoxLayout()
        recent_side.addWidget(self._no_recents)
        recent_side.addLayout(self._recent_box)
        recent_side.addStretch(1)
        demo_side = QVBoxLayout()
        demo_side.addLayout(self._demo_box)
        demo_side.addStretch(1)
        grid.addLayout(demo_side, 1, 0)
        grid.addLayout(recent_side, 1, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        return grid


class _DropVeil(QWidget):
    """The highlight while files hover over the page."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A veil with a dashed frame and one line of words."""
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(theme.window)
        veil.setAlphaF(0.88)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(QColor(theme.accent), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(14, 14, -14, -14), 12, 12)
        painter.setPen(QColor(theme.text))
        painter.setFont(_scaled(self.font(), 1.5, bold=True))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Drop to open")


def local_paths(data: QMimeData) -> list[str]:
    """The paths of a drag that holds files and folders of this machine only; otherwise nothing.

    A picture dragged out of a browser comes with a web address, and text may look like a path: neither is opened.
    """
    urls = data.urls() if data.hasUrls() else []
    paths = [url.toLocalFile() for url in urls if url.isLocalFile()]
    return paths if paths and len(paths) == len(urls) and all(paths) else []


def _section(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setFont(_scaled(parent.font(), 1.1, bold=True))
    return label


def _scaled(font: QFont, factor: float, *, bold: bool = False) -> QFont:
    """``font`` larger by ``factor``, whether it is measured in points or in pixels."""
    scaled = QFont(font)
    if font.pointSizeF() > 0:
        scaled.setPointSizeF(font.pointSizeF() * factor)
    else:
        scaled.setPixelSize(round(font.pixelSize() * factor))
    scaled.setBold(bold)
    return scaled


def _set_role(label: QLabel, role: QPalette.ColorRole) -> None:
    """Paint the label's text in another role of the palette, so that it follows the theme."""
    label.setForegroundRole(role)


def _discard(box: QVBoxLayout, widgets: list[ActionCard] | list[RecentRow]) -> None:
    for widget in widgets:
        box.removeWidget(widget)
        widget.hide()
        widget.deleteLater()
    widgets.clear()
