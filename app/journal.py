"""The log file, in the state folder, of bounded size. Logging itself is imported when there is something to log."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

_BYTES = 1_000_000
_early: list[str] = []  # what Qt said before there was a log


def start_log(folder: Path) -> None:
    """Write what happens to ``cutline.log``, Qt's early remarks first; where that cannot be, go on without."""
    import logging
    from logging.handlers import RotatingFileHandler

    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(folder / "cutline.log", maxBytes=_BYTES, backupCount=2, encoding="utf-8")
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for text in _early:
        logging.getLogger("qt").warning(text)
    _early.clear()


def hear_qt() -> None:
    """Qt's own remarks go to the log and not to the terminal."""
    qInstallMessageHandler(_note)


def note(text: str) -> None:
    """A line in the log."""
    import logging

    logging.getLogger("cutline").info(text)


def _note(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    import logging

    if not logging.getLogger().hasHandlers():
        _early.append(text)
        return
    grave = kind in (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
    logging.getLogger("qt").log(logging.ERROR if grave else logging.WARNING, text)
