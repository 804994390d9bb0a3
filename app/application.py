"""The composition root: puts the window on the screen, then brings in everything that takes time to import."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QFileDialog

from app.folders import Folders
from app.jobs import Jobs, Lane
from app.journal import hear_qt, note
from app.main_window import MainWindow
from app.memory import Memory
from app.state import State, is_missing, remove_recent
from inference.choices import Severity
from widgets.start_page import DemoItem, RecentItem
from widgets.theme import DARK, LIGHT, apply_theme, current_theme, system_prefers_dark

if TYPE_CHECKING:
    from app.assembly import Controllers
    from app.presenter import Presenter

APP_ID = "io.github.cutline.Cutline"
_ICON = Path(__file__).resolve().parent.parent / "assets" / "icons" / "cutline.png"


def make_qapplication(argv: Sequence[str]) -> QApplication:
    """The QApplication with the program's name, icon and colours."""
    QApplication.setApplicationName("cutline")
    QApplication.setApplicationDisplayName("")  # the window says its own title
    QApplication.setDesktopFileName(APP_ID)
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    hear_qt()
    app = QApplication(["cutline", *argv])
    app.setWindowIcon(QIcon(str(_ICON)))
    return app


class Cutline(QObject):
    """The running program. ``ready`` says that everything is in its place."""

    ready = Signal()

    def __init__(self, folders: Folders, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folders = folders
        self.jobs = Jobs(self)
        self.memory = Memory(folders.state, self.jobs, self)
        self.made: Controllers | None = None
        self.presenter: Presenter | None = None
        self.unattended = False  # nobody looks: what goes wrong ends the program
        self._wishes: list[Callable[[Controllers], object]] = []
        self._apply_theme()
        self.window = MainWindow()
        self.window.restore(self.memory.state.geometry, self.memory.state.window_state)
        self.window.firstPainted.connect(self._assemble, Qt.ConnectionType.QueuedConnection)
        self.window.closing.connect(self._on_closing)
        self.window.may_close = self._may_close
        self._wire_start_page()

    # -- first the start page ----------------------------------------------------------------------------------------

    def _wire_start_page(self) -> None:
        page, actions = self.window.start_page, self.window.actions_by_key
        page.openModelRequested.connect(self.choose_model)
        page.openFolderRequested.connect(self.choose_folder)
        page.recentChosen.connect(self._open_recent)
        page.recentRemoveRequested.connect(lambda key: self.memory.update(lambda state: remove_recent(state, key)))
        page.demoChosen.connect(self.open_demo)
        actions["open_model"].triggered.connect(self.choose_model)
        actions["open_predictions"].triggered.connect(self.choose_predictions)
        actions["open_folder"].triggered.connect(self.choose_folder)
        actions["open_labels"].triggered.connect(self.choose_labels)
        actions["start_page"].triggered.connect(self.window.show_start_page)
        actions["quit"].triggered.connect(self.window.close)
        actions["full_screen"].toggled.connect(self._set_full_screen)
        self.memory.recentsChanged.connect(self._show_recents)
        self._show_recents()
        self._show_demos()

    def _show_demos(self) -> None:
        from app.demos import DEMOS

        self.window.start_page.setDemos([DemoItem(one.key, one.title, one.detail) for one in DEMOS])

    def _show_recents(self) -> None:
        self.window.start_page.setRecent([_recent_words(item) for item in self.memory.state.recents])

    def when_ready(self, wish: Callable[[Controllers], object]) -> None:
        """Do it now, or as soon as everything is in its place."""
        if self.made is not None:
            wish(self.made)
        else:
            self._wishes.append(wish)

    # -- then the rest -------------------------------------------------------------------------------------------------

    def _assemble(self) -> None:
        """In two turns of the event loop, so that a click is not kept waiting for all of it."""
        import app.workbench  # noqa: F401 - pyqtgraph comes with it

        QTimer.singleShot(0, self._finish)

    def _finish(self) -> None:
        from app.assembly import make_controllers
        from app.lab import LabPresenter
        from app.presenter import Presenter
        from app.wiring import wire
        from app.wiring_labeling import wire_labeling
        from app.workbench import Workbench

        made = self.made = make_controllers(self.jobs, self.memory, self._folders)
        bench = Workbench(self.window)
        self.presenter = Presenter(self.window, bench, made)
        wire(self.window, bench, made, self.presenter, LabPresenter(self.window, bench, made))
        wire_labeling(self.window, bench, made, self.presenter)
        self.window.attach(bench)
        self.window.actions_by_key["about"].triggered.connect(self.presenter.show_about)
        self._add_theme_menu()
        self.memory.failed.connect(self.presenter.show_error)
        if self.memory.note:
            self.presenter.say(self.memory.note, Severity.WARNING)
        self._warm_up()  # first in the device's lane: it imports torch without holding up the window
        wishes, self._wishes = self._wishes, []
        for wish in wishes:
            wish(made)
        self.ready.emit()

    def _warm_up(self) -> None:
        """Import torch in the device's lane, and say which devices there are."""
        from inference.models.devices import Device, available_devices

        def work(_: object) -> tuple[Device, ...]:
            from inference.models.engine import warm_up

            note(warm_up())
            return available_devices()

        def show(devices: tuple[Device, ...]) -> None:
            assert self.presenter is not None
            self.presenter.set_devices([(device.key, device.name) for device in devices], devices[-1].note)

        assert self.presenter is not None
        self.jobs.run(Lane.DEVICE, work, show, self.presenter.show_error)

    # -- wishes --------------------------------------------------------------------------------------------------------

    def choose_model(self) -> None:
        """Ask for a model card or weights."""
        path, _ = QFileDialog.getOpenFileName(
            self.window, "Open a model", self._folder_of("model"),
            "Models (*.toml *.safetensors *.pt *.pth *.pt2 *.ts);;All files (*)",
        )  # fmt: skip
        if path:
            self.when_ready(lambda made: made.opening.open(path))

    def choose_predictions(self) -> None:
        """Ask for a table of predictions."""
        path, _ = QFileDialog.getOpenFileName(
            self.window, "Open predictions made elsewhere", self._folder_of("model"),
            "Predictions (*.csv *.tsv *.parquet *.pq *.npz *.txt)",
        )  # fmt: skip
        if path:
            self.when_ready(lambda made: made.opening.open(path))

    def choose_folder(self) -> None:
        """Ask for a validation folder."""
        path = QFileDialog.getExistingDirectory(self.window, "Open a validation folder", self._folder_of("folder"))
        if path:
            self.when_ready(lambda made: made.opening.open(folder=path))

    def choose_labels(self) -> None:
        """Ask for a label file."""
        path, _ = QFileDialog.getOpenFileName(
            self.window, "Open a label file", self._folder_of("folder"), "Label files (*.csv *.tsv);;All files (*)"
        )
        if path:
            self.when_ready(lambda made: made.opening.open(folder=path))

    def _folder_of(self, what: str) -> str:
        last = self.memory.state.last_model if what == "model" else self.memory.state.last_folder
        return os.path.dirname(last)

    def open_demo(self, key: str) -> None:
        """One of the shipped demos."""
        from app.demos import demo

        chosen = demo(key)
        self.open_pair(str(chosen.model), str(chosen.folder))

    def open_pair(self, model: str, folder: str, *, quiet: bool = False) -> None:
        """A model, a folder, or both; ``quiet`` where they were open before."""

        self.when_ready(lambda made: made.opening.open(model, folder, quiet=quiet))

    def open_last(self) -> None:
        """What was open last, if it is still there; else the start page stays."""
        state = self.memory.state
        paths = [path for path in (state.last_model, state.last_folder) if path]
        if state.last_folder and all(map(os.path.exists, paths)):
            self.open_pair(state.last_model, state.last_folder, quiet=True)

    def _open_recent(self, key: str) -> None:
        for item in self.memory.state.recents:
            if item.key == key:
                self.open_pair(item.model, item.folder)

    # -- the window ----------------------------------------------------------------------------------------------------

    def _set_full_screen(self, on: bool) -> None:
        self.window.showFullScreen() if on else self.window.showNormal()

    def _add_theme_menu(self) -> None:
        from PySide6.QtGui import QActionGroup

        menu = self.window.menus["View"].addMenu("&Theme")
        group = QActionGroup(menu)
        for choice, text in (("system", "As the &system"), ("light", "&Light"), ("dark", "&Dark")):
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(self.memory.state.theme == choice)
            group.addAction(action)
            action.triggered.connect(lambda _checked=False, theme=choice: self.set_theme(theme))
        QApplication.styleHints().colorSchemeChanged.connect(self._apply_theme)

    def set_theme(self, choice: str) -> None:
        """Light, dark, or as the desktop has it."""
        self.memory.update(lambda state: _with_theme(state, choice))
        self._apply_theme()

    def _apply_theme(self) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        choice = self.memory.state.theme
        theme = DARK if choice == "dark" or (choice == "system" and system_prefers_dark(app)) else LIGHT
        if theme is not current_theme() or not app.styleSheet():
            apply_theme(app, theme)

    def _may_close(self) -> bool:
        """Not before the user has said what becomes of edits that could not be saved."""
        if self.made is None or self.presenter is None or self.unattended or not self.made.opening.projects.stuck:
            return True
        self.presenter.ask_to_close(self.made.opening.projects.unsaved, self.window.close_now)
        return False

    def _on_closing(self) -> None:
        if self.made is not None:
            self.made.opening.kept.settle()
        geometry, layout = bytes(self.window.saveGeometry().data()), self.window.layout_state()
        self.memory.update(lambda state: replace(state, geometry=geometry, window_state=layout))

    def close(self) -> bool:
        """Stop all work, write what is remembered; True when every thread ended in time."""
        if not self.window.closed:
            self.window.close_now()
        if self.made is not None:
            self.made.scoring.cancel()
            self.made.opening.projects.finish()
        ended = self.jobs.close()
        if self.made is not None:
            self.made.opening.programs.close()
        self.memory.flush()
        return ended

    def on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """sys.excepthook: nothing that goes wrong in a slot is lost, and the program goes on."""
        if issubclass(kind, KeyboardInterrupt) or self.presenter is None or self.unattended:
            sys.__excepthook__(kind, error, trace)
            QApplication.exit(1)  # half a program is no program, and nobody reads an invisible message
            return
        self.presenter.show_error(error)


def _with_theme(state: State, choice: str) -> State:
    return replace(state, theme="dark" if choice == "dark" else "light" if choice == "light" else "system")


def _recent_words(item: object) -> RecentItem:
    from app.state import RecentItem as Remembered

    assert isinstance(item, Remembered)
    names = [_name(path) for path in (item.model, item.folder) if path]
    detail = "  ".join(path for path in (item.model, item.folder) if path)
    return RecentItem(item.key, " · ".join(names), detail, is_missing(item))


def _name(path: str) -> str:
    parts = Path(path).parts
    return parts[-2] if parts[-1] == "model.toml" and len(parts) > 1 else os.path.join(*parts[-2:])
