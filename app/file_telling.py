"""Puts into words what became of folders and project files, and asks the user what to do about it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QFileDialog

from app.assembly import Controllers
from app.main_window import MainWindow
from app.presenter import Presenter
from app.project_files import SUFFIX
from inference.data.folder_changes import FolderChanges
from inference.data.store import Project
from inference.errors import ProjectBusyError, ProjectDamagedError
from inference.types import Severity
from widgets.dialogs.choice_dialog import ChoiceDialog

TAKE_IN: Final = "take in"  # keys of messages
LOCATE: Final = "locate"
RESCUE: Final = "rescue"
_FILTER: Final = f"Cutline projects (*{SUFFIX});;All files (*)"
_OFFERED: Final = 3  # backups
_KEPT: Final = "Whatever you choose, the damaged file is kept."


class FilePresenter(QObject):
    """Speaks of folders and project files."""

    def __init__(self, window: MainWindow, made: Controllers, presenter: Presenter) -> None:
        super().__init__(window)
        self._window, self._made, self._presenter = window, made, presenter
        self._refused: tuple[str, str, ProjectDamagedError] | None = None  # model, dataset
        self._busy: tuple[ProjectBusyError, str] | None = None  # and the name of what was to be opened

    # -- the folder --------------------------------------------------------------------------------------------------

    def say_changes(self, changes: FolderChanges) -> None:
        """What is different in the folder, with the way to take it in."""
        text = f"The folder changed since this project was open last: {change_words(changes)}."
        self._window.message_bar.clear(TAKE_IN)
        if self._made.watch.to_take_in:
            self._window.message_bar.showMessage(text, Severity.INFO, action="Take them in", key=TAKE_IN)
        else:
            self._window.message_bar.showMessage(f"{text[:-1]}; they are marked in the gallery.", Severity.INFO)

    def say_missing(self, root: str) -> None:
        """The folder is not there: offer to point at it again."""
        text = f"The folder {root} is not there; what was said of its images is kept."
        self._window.message_bar.clear(LOCATE)
        self._window.message_bar.showMessage(text, Severity.WARNING, action="Choose the folder…", key=LOCATE)

    def locate_images(self) -> None:
        """The images are elsewhere now."""
        dataset = self._made.session.dataset
        if dataset is None:
            self._presenter.say("Open a validation folder or a project first.", Severity.INFO)
            return
        folder = QFileDialog.getExistingDirectory(self._window, "Where the images are now", _nearest(dataset.root))
        if folder:
            self._made.watch.locate(folder)

    # -- project files -----------------------------------------------------------------------------------------------

    def open_project(self) -> None:
        """Ask for a project file."""
        path, _ = QFileDialog.getOpenFileName(self._window, "Open a project", self._folder(), _FILTER)
        if path:
            self._made.opening.open(folder=path)

    def save_project_as(self) -> None:
        """Ask for a name, and go on in the copy."""
        dataset = self._made.session.dataset
        if dataset is None:
            self._presenter.say("Open a validation folder first: then its project can be saved.", Severity.INFO)
            return
        name = os.path.splitext(os.path.basename(dataset.source))[0] + SUFFIX
        path, _ = QFileDialog.getSaveFileName(
            self._window, "Save the project as", os.path.join(self._folder(), name), _FILTER
        )
        if path:
            self.save_as(path if path.lower().endswith(SUFFIX) else path + SUFFIX)

    def save_as(self, path: str) -> None:
        """The user has agreed to this name, and to what stands there being replaced."""

        def done(_: object) -> None:
            self._made.opening.open(folder=path, quiet=True)
            self._presenter.say(f"The project is saved as {path}, and what you do now goes there.", Severity.INFO)

        self._made.opening.projects.save_as(Path(path), done, self._presenter.show_error)

    def _folder(self) -> str:
        dataset = self._made.session.dataset
        return "" if dataset is None else os.path.dirname(dataset.source)

    # -- refused projects --------------------------------------------------------------------------------------------

    def on_refused(self, model: str, dataset: str, error: Exception) -> None:
        """A project that is open elsewhere, or is damaged."""
        if isinstance(error, ProjectBusyError):
            self._busy = (error, os.path.basename(dataset.rstrip(os.sep)))
            self._made.elsewhere.call(self._made.opening.projects.path_of(dataset))
        elif isinstance(error, ProjectDamagedError):
            self._refused = (model, dataset, error)
            self._window.message_bar.clear(RESCUE)
            self._window.message_bar.showMessage(
                str(error), Severity.ERROR, detail=error.detail, action="What to do…", key=RESCUE
            )
        else:
            self._presenter.show_error(error)

    def on_answered(self, there: bool) -> None:
        """The window that has the project is on its way, or it is not known which it is."""
        busy, self._busy = self._busy, None
        if busy is None:
            return
        error, name = busy
        if there:
            whose = f" (of {error.owner})" if error.owner else ""
            self._presenter.say(
                f"{name} is open in another Cutline window{whose}, which was asked to come forward.", Severity.INFO
            )
        else:
            self._presenter.show_error(error)

    def come_forward(self) -> None:
        """Somebody opened in another Cutline what is open here."""
        window = self._window
        window.setWindowState((window.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive)
        window.show()
        window.raise_()
        window.activateWindow()
        QApplication.alert(window)

    def ask_about_damaged(self) -> None:
        """What to do about a damaged project; nothing is deleted whatever is chosen."""
        if self._refused is None:
            return
        _, dataset, error = self._refused
        path = self._made.opening.projects.path_of(dataset)
        answers: list[tuple[str, Callable[[], None]]] = []
        for backup in [one for one in Project.backups(path) if one.path in error.backups][:_OFFERED]:
            when = time.strftime("%d %b %Y, %H:%M", time.localtime(backup.when))
            answers.append((f"Bring back the backup of {when} ({backup.reason})", partial(self._restore, backup.path)))
        answers.append(("Read what is left, and change nothing", self._read_only))
        if dataset != str(path):
            answers.append(("Start a new project beside it", self._start_anew))
        words = [text for text, _ in answers]
        dialog = ChoiceDialog("Damaged project", str(error), _KEPT, words, self._window)
        dialog.setObjectName("damaged project")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(lambda place: answers[place][1]())
        dialog.open()

    def _restore(self, backup: str) -> None:
        path = self._path()
        self._made.opening.projects.put_right(lambda: Project.restore(backup, path), self._again, self._on_failed)

    def _read_only(self) -> None:
        path, projects = self._path(), self._made.opening.projects
        projects.put_right(lambda: projects.read_only_from_now(path), self._again, self._on_failed)

    def _start_anew(self) -> None:
        path = self._path()
        self._made.opening.projects.put_right(lambda: move_aside(path), self._again, self._on_failed)

    def _path(self) -> Path:
        assert self._refused is not None
        return self._made.opening.projects.path_of(self._refused[1])

    def _again(self) -> None:
        assert self._refused is not None
        model, dataset, _ = self._refused
        self._window.message_bar.clear(RESCUE)
        self._made.opening.open(model, dataset)

    def _on_failed(self, error: Exception) -> None:
        self._presenter.show_error(error)

    # -- messages ----------------------------------------------------------------------------------------------------

    def on_message_action(self) -> None:
        """The button on one of these messages."""
        key = self._window.message_bar.currentKey()
        if key == TAKE_IN:
            self._made.watch.take_in()
        elif key == LOCATE:
            self.locate_images()
        elif key == RESCUE:
            self.ask_about_damaged()


def change_words(changes: FolderChanges) -> str:
    """``12 new images, 3 vanished, 2 changed, 5 renamed``."""
    counts = (
        (len(changes.new), "new"),
        (len(changes.vanished), "vanished"),
        (len(changes.changed), "changed"),
        (len(changes.renamed), "renamed"),
        (len(changes.returned), "back again"),
    )
    said = [(count, word) for count, word in counts if count]
    first, *rest = said
    images = "image" if first[0] == 1 else "images"
    begin = f"{first[0]:,} new {images}" if first[1] == "new" else f"{first[0]:,} {images} {first[1]}"
    return ", ".join([begin, *(f"{count:,} {word}" for count, word in rest)])


def move_aside(path: Path) -> Path:
    """Give a damaged project, with what stands beside it, another name; which is returned. Raises ProjectWriteError."""
    from inference.errors import ProjectWriteError

    number = 1
    while os.path.lexists(aside := path.with_name(f"{path.name}.damaged-{number}")):
        number += 1
    try:
        for tail in ("-wal", "-shm", "-journal", ""):
            if os.path.lexists(f"{path}{tail}"):
                os.rename(f"{path}{tail}", f"{aside}{tail}")
    except OSError as error:
        raise ProjectWriteError(
            f"{path} cannot be moved aside ({error.strerror}): give write permission to its folder."
        ) from error
    return aside


def _nearest(folder: str) -> str:
    """The folder, or the nearest one above that is there."""
    while folder and not os.path.isdir(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return folder
