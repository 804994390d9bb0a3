"""One start, timed from outside: says "painted" and how many torch modules are imported at that moment."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.application import Cutline

_SIZE = (1280, 800)


def _report() -> None:
    modules = sum(name.partition(".")[0] in ("torch", "torchvision") for name in sys.modules)
    print("painted", modules, flush=True)
    os._exit(0)


def _bare() -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtWidgets import QApplication, QMainWindow

    class Window(QMainWindow):
        def event(self, event: QEvent) -> bool:
            handled = super().event(event)
            if event.type() == QEvent.Type.Paint:
                _report()
            return handled

    app = QApplication([])
    window = Window()
    window.resize(*_SIZE)
    window.show()
    app.exec()


def _cutline() -> None:
    import app.__main__  # noqa: F401 - what the console script imports
    from app.folders import Folders
    from app.launch import Options, run_window

    def watch(program: Cutline) -> None:
        program.window.resize(*_SIZE)
        program.window.firstPainted.connect(_report)

    run_window(Options(), Folders.inside(sys.argv[2]), watch)


if __name__ == "__main__":
    {"bare": _bare, "cutline": _cutline}[sys.argv[1]]()
