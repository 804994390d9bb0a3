"""From the command line to a window, or to a sentence that says why there is none. Qt is imported last."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.preflight import (
    display_available,
    missing_libraries,
    platform_for,
    sentence,
    unknown_platform,
    x_server_answers,
)

if TYPE_CHECKING:
    from app.application import Cutline
    from app.folders import Folders

VERSION: Final = "0.1.0"
NO_DISPLAY: Final = 2  # exit codes
NO_LIBRARY: Final = 3
BAD_ARGUMENT: Final = 4


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line."""

    paths: tuple[str, ...] = ()
    demo: str = ""
    shot: str = "demo.png"


def launch(options: Options) -> int:
    """Open the window and stay until it closes; the exit code."""
    if options.demo and (unknown := _unknown_demo(options.demo)):
        return _refuse(unknown, BAD_ARGUMENT)
    if unknown := unknown_platform(os.environ):
        return _refuse(f"Qt has no platform called {unknown}: leave QT_QPA_PLATFORM unset, or try xcb.", BAD_ARGUMENT)
    hidden = not display_available(os.environ) or os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal")
    if not hidden and platform_for(os.environ) == "xcb" and not x_server_answers():
        print(f"The display {os.environ.get('DISPLAY', '')} does not answer.", file=sys.stderr)
        hidden = True
    if hidden and not options.demo:
        return _refuse("Cutline needs a display for its window: set DISPLAY, or try 'make demo'.", NO_DISPLAY)
    if hidden:
        print("No display: the demo runs offscreen.", file=sys.stderr)
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    missing = missing_libraries("offscreen" if hidden else platform_for(os.environ))
    if missing:
        return _refuse(sentence(missing), NO_LIBRARY)
    if hidden:
        return _run_offscreen(options)
    from app.folders import usual_folders

    return run_window(options, usual_folders())


def _unknown_demo(key: str) -> str:
    from app.demos import demo

    try:
        demo(key)
    except KeyError as error:
        return f"{error.args[0]}."
    return ""


def _refuse(text: str, code: int) -> int:
    print(text, file=sys.stderr)
    return code


def run_window(options: Options, folders: Folders, watch: Callable[[Cutline], object] = lambda program: None) -> int:
    """The window on these folders; ``watch`` is given the program before the window is shown."""

    def begin(program: Cutline) -> None:
        watch(program)
        if options.demo:
            program.open_demo(options.demo)
        elif options.paths:
            program.when_ready(lambda made: made.opening.open_paths(options.paths))
        else:
            program.open_last()

    return _run(folders, begin)


def _run_offscreen(options: Options) -> int:
    """The demo through the same window, in folders of its own: it must not depend on what was open last."""
    from tempfile import TemporaryDirectory

    from app.folders import Folders
    from app.offscreen import show_and_leave

    with TemporaryDirectory(prefix="cutline-") as folder:
        return _run(Folders.inside(folder), lambda program: show_and_leave(program, options.demo, options.shot))


def _attend(program: Cutline, folder: Path) -> None:
    """What can wait until the window is painted."""
    from app.journal import start_log
    from app.signals import close_on_signals

    start_log(folder)
    close_on_signals(program, program.window.close_now)


def _run(folders: Folders, begin: Callable[[Cutline], None]) -> int:
    from app.application import Cutline, make_qapplication

    app = make_qapplication(())
    app.setApplicationVersion(VERSION)
    program = Cutline(folders)
    sys.excepthook = program.on_exception
    begin(program)
    program.window.firstPainted.connect(lambda: _attend(program, folders.state))
    program.window.show()
    code = app.exec()
    ended = program.close()
    sys.stdout.flush()
    sys.stderr.flush()
    if not ended or program.jobs.threads_left():
        os._exit(code)  # what cannot be interrupted, such as an import, must not keep a closed program alive
    return code
