"""The window: start page first, panes around the image once something is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QMenuBar, QStackedWidget, QVBoxLayout, QWidget

from app.actions import ACTIONS, make_actions
from widgets.message_bar import MessageBar
from widgets.run_bar import RunBar
from widgets.start_page import StartPage

if TYPE_CHECKING:
    from app.workbench import Workbench
    from widgets.zoom_view import ZoomView

LAYOUT_VERSION = 2
_WORK = (
    *(spec.key for spec in ACTIONS if spec.menu == "Label"),
    "filter_images",
    "grid",
    "side_by_side",
    "layout_tune",
    "layout_review",
    "layout_label",
    "next_image",
    "previous_image",
    "first_image",
    "last_image",
    "overlay",
    "heat_map",
    "edits",
    "fit",
    "toggle_fit",
    "actual_size",
    "zoom_in",
    "zoom_out",
    "find_label",
    "tune",
    "calibrate",
    "review_band",
    "new_images",
    "reset_layout",
)


class MainWindow(QMainWindow):
    """Holds the panes and menus; knows nothing of models or data."""

    firstPainted = Signal()
    pathsDropped = Signal(list)
    closing = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("Cutline")
        self.setAcceptDrops(True)
        room = self.screen().availableSize() * 0.92
        self.resize(room.boundedTo(QSize(1600, 1000)))
        self.setDockNestingEnabled(True)
        self.actions_by_key = make_actions(self)
        self.menus: dict[str, QMenu] = {}
        self.start_page = StartPage()
        self.message_bar = MessageBar()
        self.run_bar = RunBar()
        self.workbench: Workbench | None = None
        self._layout_state = QByteArray()
        self._painted = False
        self.closed = False
        self.may_close: Callable[[], bool] = lambda: True  # asked before the window closes
        self._top = QVBoxLayout()
        self._stack = QStackedWidget()
        self._build()
        self.run_bar.setScoreAction("score", "Open a model and a validation folder first")
        self._enable_work(False)

    def _build(self) -> None:
        self._top.setContentsMargins(0, 0, 0, 0)
        self._top.setSpacing(0)
        self._top.addWidget(self._menu_bar())
        self._top.addWidget(self.message_bar)
        top = QWidget()
        top.setLayout(self._top)
        self.setMenuWidget(top)  # the one place that spans the window above the docks
        self._stack.addWidget(self.start_page)
        self.setCentralWidget(self._stack)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(self.run_bar, 1)
        self.start_page.setFocus()

    def _menu_bar(self) -> QMenuBar:
        bar = QMenuBar()
        for spec in ACTIONS:
            if spec.menu not in self.menus:
                self.menus[spec.menu] = bar.addMenu(f"&{spec.menu}")
            menu = self.menus[spec.menu]
            if spec.separator:
                menu.addSeparator()
            action = self.actions_by_key[spec.key]
            if spec.listed:
                menu.addAction(action)
            if not spec.where:
                self.addAction(action)  # keys work in full screen and without a menu bar too
        return bar

    def actions_of(self, where: str) -> list[QAction]:
        """The actions whose keys are those of some panes."""
        return [self.actions_by_key[spec.key] for spec in ACTIONS if spec.where == where]

    # -- start page and workbench ----------------------------------------------------------------------------------

    def attach(self, workbench: Workbench) -> None:
        """Take in the panes, hidden until something is open."""
        self.workbench = workbench
        self._top.insertWidget(1, workbench.rule_strip)
        self._stack.addWidget(workbench.image_view)
        self._stack.addWidget(workbench.side_by_side)
        view = self.menus["View"]
        view.addSeparator()
        for dock in workbench.docks:
            view.addAction(dock.toggleViewAction())
        self.show_start_page()

    @property
    def at_start_page(self) -> bool:
        """Whether the start page is shown."""
        return self._stack.currentWidget() is self.start_page

    def show_start_page(self) -> None:
        """The start page alone."""
        if self.workbench is not None:
            if not self.at_start_page:
                self._layout_state = self.saveState(LAYOUT_VERSION)
            self.workbench.hide_docks()
            self.workbench.rule_strip.hide()
        self._stack.setCurrentWidget(self.start_page)
        self._enable_work(False)

    def _enable_work(self, enabled: bool) -> None:
        """Keys that act on the panes do nothing unseen while the start page covers them."""
        for key in _WORK:
            self.actions_by_key[key].setEnabled(enabled)

    def show_workbench(self) -> None:
        """The panes, as the user left them."""
        if self.workbench is None or not self.at_start_page:
            return
        self._stack.setCurrentWidget(self.workbench.image_view)
        self._enable_work(True)
        self.workbench.rule_strip.show()
        if self._layout_state.isEmpty() or not self.restoreState(self._layout_state, LAYOUT_VERSION):
            self.workbench.reset_layout()
        self.workbench.image_view.setFocus()

    def show_side_by_side(self, two: bool) -> None:
        """Two pictures in the middle, or one."""
        if self.workbench is None or self.at_start_page:
            return
        middle = self.workbench.side_by_side if two else self.workbench.image_view
        self._stack.setCurrentWidget(middle)
        middle.setFocus()

    def picture(self) -> ZoomView:
        """The view in the middle: of one picture, or of two."""
        assert self.workbench is not None
        two = self.workbench.side_by_side
        return two if self._stack.currentWidget() is two else self.workbench.image_view

    def layout_state(self) -> bytes:
        """Where the docks are, to be remembered."""
        at_work = self.workbench is not None and not self.at_start_page
        return bytes((self.saveState(LAYOUT_VERSION) if at_work else self._layout_state).data())

    def restore(self, geometry: bytes, layout: bytes) -> None:
        """Size and place as they were; Qt keeps the window on a screen that is there."""
        if geometry:
            self.restoreGeometry(QByteArray(geometry))
        self._layout_state = QByteArray(layout)

    # -- Qt's events -----------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Notice the first time that the window is painted."""
        handled = super().event(event)
        if event.type() == QEvent.Type.Paint and not self._painted:
            self._painted = True
            self.firstPainted.emit()
        return handled

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the full screen."""
        if event.key() == Qt.Key.Key_Escape and self.isFullScreen():
            self.actions_by_key["full_screen"].setChecked(False)
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and folders are welcome; anything else is refused by the cursor."""
        if _local_paths(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        paths = _local_paths(event)
        if paths:
            event.acceptProposedAction()
            self.pathsDropped.emit(paths)

    def close_now(self) -> None:
        """Close whatever is unfinished: the system asks for it."""
        self.may_close = lambda: True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell whoever has to finish something, then go."""
        if not self.may_close():
            event.ignore()
            return
        self.closing.emit()
        self.closed = True
        super().closeEvent(event)


def _local_paths(event: QDropEvent) -> list[str]:
    data = event.mimeData()
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []
