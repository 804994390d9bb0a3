"""The log file, in the state folder, of bounded size."""

from __future__ import annotations

import logging
from pathlib import Path

_BYTES = 1_000_000


def start_log(folder: Path) -> None:
    """Write what happens to ``cutline.log``; where that cannot be, go on without."""
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
